"""Start a claim: an entry with every key that it needs, to be filled in.

It goes into own.yaml, the theme of your own claims, unless another theme is named.
Until its metric is one that a job writes, it reads `not run`.
"""

from pipeline import cli

HEAD = """\
# yaml-language-server: $schema=../../../config/claims.schema.json
# Claims of your own: tables have them after those of the other themes.
claims:"""
STUB = """
  {id}:
    group: the theorem or theme under which the report lists it
    place: where in the source
    statement: >-
      What the source says, in your own words; $x^2$ is LaTeX.
    # The runs that decide it: test, digits, workstation, paper.
    checks:
      digits: {{metric: experiment/problem/key}}
    # interval {{low, high}}, slope_in {{low, high}}, at_most {{value}}, at_least {{value}},
    # equal {{value, within}}, ordered {{direction}}, reported; `over: every` holds each seed.
    expected: {{kind: at_most, value: 0}}
    because: where the expectation and its tolerance come from, before anything is measured.
    met: holds
    # figure: experiment (the figure to look at, if there is one)
    # captions: true (its caption says how to read it, with the words below)
    how_to_read: What to look at, and what counts as agreement.
"""


@cli.program
@cli.option(
    "--id", "claim", envvar="ID", required=True, help="Its id: a letter, a number, a letter."
)
@cli.option(
    "--slice",
    "part",
    envvar="SLICE",
    help="Its family, a folder in scripts; that of the claims with the same letter.",
)
@cli.option("--theme", envvar="THEME", help="A theme there; your own claims' if not given.")
def main(claim: str, part: str | None, theme: str | None) -> None:
    from pathlib import Path

    from overparam.errors import Refusal
    from pipeline import claims, files

    folders = {path.parent.name: path for path in sorted(Path("scripts").glob("*/claims"))}
    known = {name: claims.read(folder) for name, folder in folders.items()}
    part = part or next(
        (name for name, stated in known.items() if _alike(claim, stated.claims)), None
    )
    if part not in known:
        raise Refusal(f"family: found {part or 'none'}, expected one of {', '.join(known)}: SLICE=")
    if claim in known[part].claims:
        raise Refusal(f"{folders[part]}: found {claim} there already, expected an id of your own")
    themes = dict.fromkeys([*claims.outline(folders[part]).themes, claims.OWN])
    theme = theme or claims.OWN
    if theme not in themes:
        raise Refusal(f"theme: found {theme}, expected one of {', '.join(themes)}")
    path = folders[part] / f"{theme}.yaml"
    before = path.read_text("utf-8") if path.is_file() else ""
    begun = before or HEAD
    files.save_text(path, begun + STUB.format(id=claim))
    try:
        claims.read(folders[part])
    except Refusal:
        if before:
            files.save_text(path, before)
        else:
            path.unlink()
        raise
    line = begun.count("\n") + 2
    print(f"{path}:{line}: fill in {claim}, then: make claim ID={claim}")


def _alike(id, claims):
    """Whether some claims are numbered with an id's letter, which stands for a source."""
    return any(claim[0] == id[:1] for claim in claims)


if __name__ == "__main__":
    main()
