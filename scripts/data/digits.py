"""Write scikit-learn's bundled handwritten digits, in the order of their file.

Source: E. Alpaydin, C. Kaynak. Optical recognition of handwritten digits, UCI machine learning
repository, 1998 (the test part), as scikit-learn carries it; nothing is downloaded.

\b
The .npz holds
  inputs   (1797, 64)  8 x 8 pixels 0..16, uint8
  classes  (1797,)     the digit 0..9, int64
"""

from pipeline import cli


@cli.program
@cli.option("--output", type=cli.OutputFile(), required=True, help="The .npz to write.")
def main(output: str) -> None:
    """Read the bundled table and save it."""
    import numpy as np
    from sklearn.datasets import load_digits

    from pipeline.datasets import Points, save

    bundle = load_digits()
    save(output, Points(bundle.data.astype(np.uint8), bundle.target.astype(np.int64)))


if __name__ == "__main__":
    main()
