"""A run's claims as one page to read in a browser: claims, verdicts, figures, provenance.

The page holds all it needs: figures, style and program lie in it, formulas are MathML, and its
own policy forbids to load anything. A figure stands once, in the first theme that names it;
figures that no claim names stand at the end. The same inputs give the same bytes.
"""

import re

from pipeline import cli, files

HERE = "scripts/ledger"


@cli.program
@cli.option("--document", "content", type=cli.InputFile(), required=True, help="Its report.json.")
@cli.option("--figure", "figures", type=cli.InputFile(), multiple=True, help="A figure, .svg.")
@cli.option("--caption", "captions", type=cli.InputFile(), multiple=True, help="A caption, .md.")
@cli.option("--verdicts", type=cli.InputFile(), help="The chart of all verdicts, .svg.")
@cli.option("--template", type=cli.InputFile(), default=f"{HERE}/report.html.j2", help="The page.")
@cli.option("--css", type=cli.InputFile(), default=f"{HERE}/report.css", help="How it looks.")
@cli.option("--js", type=cli.InputFile(), default=f"{HERE}/report.js", help="Search and filters.")
@cli.option("--report", type=cli.OutputFile(), required=True, help="The page, .html.")
def main(
    content: str, figures: tuple[str, ...], captions: tuple[str, ...],
    verdicts: str | None, template: str, css: str, js: str, report: str,
) -> None:  # fmt: skip
    from pathlib import Path

    from jinja2 import Environment, StrictUndefined

    from scripts.ledger import html_text, report_document
    from scripts.ledger.report_figures import picture, pictures

    ledger = report_document.load(content)
    drawn = pictures(ledger.claims, figures, captions)
    style, program = (Path(path).read_text("utf-8") for path in (css, js))
    page = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True,
    )  # fmt: skip
    page.filters |= {"html_text": html_text.html, "duration": duration}
    files.save_text(
        report,
        page.from_string(Path(template).read_text("utf-8")).render(
            ledger=ledger,
            chart=picture(0, verdicts, None) if verdicts else None,
            verdicts=_counted(report_document.VERDICTS, ledger.claims),
            themes=_themes(ledger, report_document.VERDICTS, drawn),
            others=[picture for picture in drawn.values() if not picture.claims],
            style=style,
            program=program,
            policy=_policy(style, program),
        ),
    )


def duration(seconds: float) -> str:
    """Seconds in the unit that suits them."""
    if seconds < 1:
        return "under 1 s"
    for limit, size, unit in ((90, 1, "s"), (5400, 60, "min")):
        if seconds < limit:
            return f"{seconds / size:.2g} {unit}"
    return f"{seconds / 3600:.3g} h"


def _counted(verdicts, claims):
    """Each verdict and how many claims came to it."""
    reached = [claim.verdict for claim in claims]
    return [(verdict, reached.count(verdict.name)) for verdict in verdicts.values()]


def _themes(ledger, verdicts, drawn):
    """Claims by theorem or theme, in their order, each with its verdict and its figure's home."""
    themes, homes = {}, {}
    for claim in ledger.claims:
        theme = themes.setdefault((claim.source, claim.group), {"rows": [], "pictures": []})
        picture = next((picture for picture in drawn.values() if claim.id in picture.claims), None)
        theme["rows"].append((claim, verdicts[claim.verdict], picture))
        if picture is not None and homes.setdefault(picture.path, theme) is theme:
            theme["pictures"] += [picture] if picture not in theme["pictures"] else []
    return [
        theme | {
            "title": group,
            "source": ledger.source[source],
            "anchor": f"theme-{number}",
            "verdicts": _counted(verdicts, [claim for claim, *_ in theme["rows"]]),
            "folds": list(_folds(theme["rows"])),
        }
        for number, ((source, group), theme) in enumerate(themes.items(), start=1)
    ]  # fmt: skip


def _folds(rows):
    """Rows to show, and those to fold away below them under a title.

    Of A1, A1b, A1c … the first is shown, and whatever is a headline or missed; what this run does
    not decide comes last.
    """
    decided = {}
    for row in rows:
        if row[0].verdict != "not run":
            decided.setdefault(re.match(r"[A-Z]*\d*", row[0].id)[0], []).append(row)
    for name, (first, *more) in decided.items():
        told = [row for row in more if row[0].headline or row[0].verdict == "missed"]
        rest = [row for row in more if row not in told]
        yield [first, *told], rest, f"more about {name}"
    yield [], [row for row in rows if row[0].verdict == "not run"], "not run here"


def _policy(style: str, program: str) -> str:
    """What the page may do: show pictures that lie in it, use this style, run this program."""
    import base64
    import hashlib

    def only(text: str) -> str:
        digest = hashlib.sha256(text.encode()).digest()
        return f"'sha256-{base64.b64encode(digest).decode()}'"

    return (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
        f"style-src {only(style)}; script-src {only(program)}"
    )


if __name__ == "__main__":
    main()
