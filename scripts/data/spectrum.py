"""Spectrum of the Gram matrix H∞: eigenvalues, and eigenvectors as rows, largest first.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), section 4: H∞ = Σ_i λ_i v_i v_iᵀ.

Two files, because most readers need the small one alone: `spectrum` holds `eigenvalues` (n,),
the `leading` eigenvectors (100 or n, n) and the last one, `least` (n,); `eigenvectors` all (n, n).
"""

from pipeline import cli


@cli.program
@cli.option("--gram", type=cli.InputFile(), required=True, help="H∞, (n, n) float64, .npy.")
@cli.option("--spectrum", type=cli.OutputFile(), required=True, help="The small file, .npz.")
@cli.option("--eigenvectors", type=cli.OutputFile(), required=True, help="Rows v_i, (n, n), .npy.")
@cli.option("--leading", default=100, help="How many leading eigenvectors the small file holds.")
def main(gram: str, spectrum: str, eigenvectors: str, leading: int) -> None:
    from overparam import matrices
    from pipeline import files

    values, vectors = matrices.decompose(files.load_array(gram))
    small = {"eigenvalues": values, "leading": vectors[:leading], "least": vectors[-1]}
    files.save_arrays(spectrum, small)
    files.save_array(eigenvectors, vectors)


if __name__ == "__main__":
    main()
