"""A slice of two experiments that runs in seconds, for tests of the pipeline."""

import ast
import shutil
from pathlib import Path

HERE = Path(__file__).parent
NAME = "toy"


def drop_in(project: Path, *, alone: bool = False) -> None:
    """Put the slice into a copy of the project: two folders and a name. alone: in place of all."""
    shutil.copytree(HERE / "scripts", project / "scripts" / NAME)
    shutil.copytree(HERE / "src", project / "src" / "overparam" / NAME)
    listed = project / "workflow" / "slices.py"
    text = listed.read_text()
    head, names = text.split("SLICES = ")
    names = () if alone else ast.literal_eval(names)
    # As `ruff format` has it: a comma at the end if the name is the only one.
    listed.write_text(f"{head}SLICES = {(*names, NAME)}\n".replace("'", '"'))


def slow(project: Path, pause: float) -> None:
    """Each step of a walk takes that many seconds more, in which its computer can do other work.

    They are waited out by `select`: faketime gets the clock wrong that `time.sleep` goes by.
    """
    walks = project / "src" / "overparam" / NAME / "walks.py"
    text = walks.read_text()
    for before, after in (
        ("import numpy as np\n", "import select\n\nimport numpy as np\n"),
        ("        yield k + 1", f"        select.select([], [], [], {pause})\n        yield k + 1"),
    ):
        assert text.count(before) == 1
        text = text.replace(before, after)
    walks.write_text(text)


def take_out(project: Path) -> None:
    """Remove it again."""
    shutil.rmtree(project / "scripts" / NAME)
    shutil.rmtree(project / "src" / "overparam" / NAME)
    listed = project / "workflow" / "slices.py"
    listed.write_text(listed.read_text().replace(f', "{NAME}")', ")"))


# The jobs of its `test` run, by rule: each one's name, its program, and the rules that read what
# it writes.
JOBS = {
    "digits": ("digits", "data/digits", {"prepare"}),
    "prepare": ("prepare tiny-0", "data/prepare", {"gram", "toy_walk"}),
    "gram": ("gram tiny-0", "data/gram", {"spectrum"}),
    "spectrum": ("spectrum tiny-0", "data/spectrum", {"toy_spread"}),
    "toy_walk": ("toy_walk tiny", "toy/walk", {"toy_spread", "collect"}),
    "toy_spread": ("toy_spread tiny", "toy/spread", {"plot_toy_spread", "collect"}),
    "plot_toy_spread": ("plot_toy_spread tiny", "toy/plot_spread", {"assemble", "report"}),
    "collect": ("collect", "ledger/collect", {"verdicts", "assemble"}),
    "verdicts": ("verdicts", "ledger/plot_verdicts", {"assemble"}),
    "assemble": ("assemble", "ledger/assemble", {"report"}),
    "report": ("report", "ledger/report", set()),
}
LEDGER = {"collect", "verdicts", "assemble", "report"}


def downstream(*rules: str) -> set[str]:
    """The jobs of some rules, and of all rules that need what those write."""
    found, todo = set(), [*rules]
    while todo:
        name, _, readers = JOBS[todo.pop()]
        if name not in found:
            found.add(name)
            todo += readers
    return found


def appended(text: str) -> str:
    """An edit that changes what a module means."""
    return f"{text}\nEDITED = 1\n"
