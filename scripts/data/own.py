"""Check a data set of your own and write it as the other sources are written.

\b
--file is one of
  .npz  arrays x (n, ...) and y (n,); if you like x_test (n_test, ...) and y_test (n_test,)
  .csv  a header, one point a row, the class in --label-column, numbers elsewhere; separated by
        commas, semicolons or tabs

Inputs are finite numbers in any unit; classes are integers or text, such as the code 001 of a .csv.

\b
The .npz holds
  inputs   (n, d)  numbers as given, each point flattened
  classes  (n,)    int64 or text
  called   (n,)    what messages call each point: its line, or its place in x
  columns  (d,)    what they call each input
  notes            what was found worth saying of the file
  and test_inputs, test_classes … if there are test points
"""

from pipeline import cli


@cli.program
@cli.option("--file", "file", type=cli.InputFile(), required=True, help="Your .npz or .csv.")
@cli.option("--label-column", required=True, help="Of a .csv: the column with the class.")
@cli.option("--ignore-column", multiple=True, help="Of a .csv: a column to leave out; repeatable.")
@cli.option("--output", type=cli.OutputFile(), required=True, help="The .npz to write.")
def main(file: str, label_column: str, ignore_column: tuple[str, ...], output: str) -> None:
    """Read, check and save."""
    from pipeline.datasets import save
    from pipeline.own_data import read_own

    save(output, *read_own(file, label_column, ignore_column))


if __name__ == "__main__":
    main()
