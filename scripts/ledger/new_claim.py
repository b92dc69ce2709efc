"""Start a claim: an entry in its slice's claims file with every key that it needs, to be filled in.

Until its metric is one that a job writes, it reads `not run`.
"""

from pipeline import cli

STUB = """
  {id}:
    group: the theorem or theme under which the report lists it
    place: where in the source
    statement: >-
      What the source says, in your own words; $x^2$ is LaTeX.
    checks:
      digits: {{metric: experiment/problem/key}}
    # interval {{low, high}}, slope_in {{low, high}}, at_most {{value}}, at_least {{value}},
    # equal {{value, within}}, ordered {{direction}}, reported; `over: every` holds each seed.
    expected: {{kind: at_most, value: 0}}
    because: where the expectation and its tolerance come from, before anything is measured.
    met: holds
    # figure: experiment (the figure to look at, if there is one)
    how_to_read: What to look at, and what counts as agreement.
"""


@cli.program
@cli.option(
    "--id", "claim", envvar="ID", required=True, help="Its id: a letter, a number, a letter."
)
@cli.option("--slice", "part", default="two_layer", help="The slice that it belongs to.")
def main(claim: str, part: str) -> None:
    import re
    from pathlib import Path

    from overparam.errors import Refusal
    from pipeline import claims, files

    path = Path("config/claims") / f"{part}.yaml"
    if not re.fullmatch(r"\w+", part) or not path.is_file():
        raise Refusal(f"{path}: not there, expected the claims of a slice")
    if claim in claims.read(path).claims:
        raise Refusal(f"{path}: found {claim} there already, expected an id of your own")
    before = path.read_text("utf-8")
    files.save_text(path, before + STUB.format(id=claim))
    try:
        claims.read(path)
    except Refusal:
        files.save_text(path, before)
        raise
    line = before.count("\n") + 2
    print(f"{path}:{line}: fill in {claim}, then: make claim ID={claim}")


if __name__ == "__main__":
    main()
