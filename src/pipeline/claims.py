"""Claims: what a source says, what is measured for it, what was expected, and the verdict.

A claim is an entry of `scripts/<family>/claims/<theme>.yaml`, written before anything runs, or,
where it looks into what a run found, after it (`after`). An expectation is one of a closed set of
kinds, each a pure function of a measured figure. `source.yaml` in the same folder names the paper
and lists the themes in their order.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, get_args

from pydantic import Field, model_validator

from overparam.errors import Refusal
from pipeline import plain_yaml
from pipeline.expectations import AnyExpectation, Expectation, Figure, Reported
from pipeline.settings import Axis, Model, Name, Strict, validate

# Ids: a number for each row of the first list of claims, and a letter where one needs several.
Id = Annotated[str, Field(pattern=r"^[A-Z][0-9]+[a-z]?$")]
Met = Literal["reproduced", "holds", "vacuous", "refuted", "reported"]
MET = get_args(Met)
VERDICTS = (*MET, "missed", "not run")


class Check(Strict):
    """Where a run measures a claim, and what differs there from the claim's own words."""

    metric: Annotated[str, Field(pattern=r"^\w+/\w+/[\w.]+$")]
    """experiment/problem/key: the key in results/<run>/<family>/experiment/problem/metrics.json."""
    expected: AnyExpectation | None = None
    because: str | None = None
    met: Met | None = None
    """The verdict if the expectation is met here: a bound may be empty for one data set alone."""
    planned: str | None = None
    figure: str | None = None
    """The figure's file, without its ending, if it is not that of the claim and this problem."""

    @property
    def job(self) -> str:
        """experiment/problem."""
        return self.metric.rpartition("/")[0]

    @property
    def key(self) -> str:
        """The figure's key in its job's metrics.json."""
        return self.metric.rpartition("/")[2]


class KnownMiss(Strict):
    """Why a claim is known to be missed in some runs; it stays visibly missed."""

    runs: Annotated[list[str], Field(min_length=1)]
    """The runs, of its checks: the reason was found in these, and a miss elsewhere is a new one."""
    since: str
    why: str
    docs: str


class Claim(Strict):
    """One statement of a source and its test."""

    group: str
    """Theorem or theme: the heading under which the report lists it."""
    place: str
    """Where in the source."""
    statement: str
    """In our own words; $…$ is LaTeX."""
    checks: Annotated[dict[str, Check], Field(min_length=1)]
    """By run."""
    general: Annotated[str, Field(pattern=r"^\w+/[\w.]+$")] | None = None
    """experiment/key, if it may hold for any data: a run of one's own decides it on each of its
    problems."""
    needs: Annotated[dict[str, float], Field(default_factory=dict)]
    """Where general: other figures, experiment/key, and the least with which the method can tell,
    such as a number of test points; on data with less the claim has no row."""
    any_kernel: bool = False
    """Whether it speaks of any kernel. Others speak of that of two-layer ReLU networks, and have no
    verdict on a problem with another."""
    vacuous_from: str | None = None
    """Where general: a figure, experiment/key; if it is 1 or more the bound says nothing there."""
    expected: AnyExpectation
    because: str
    """Where the expectation and its tolerance come from."""
    met: Met
    """The verdict if the expectation is met."""
    figure: str | None = None
    """Name of the figure, without that of the problem."""
    how_to_read: str
    """What to look at, and what counts as agreement."""
    headline: bool = False
    """Whether a reader knows the source for it: it stands first in the report and in `make`."""
    captions: bool = False
    """Whether `how_to_read` stands under the figure as well: nobody else says how to read it."""
    printed: str | None = None
    """What the source prints, where that is wrong."""
    corrected: Id | None = None
    """The claim that holds the corrected form."""
    planned: str | None = None
    """The key of the first pass value, in the family's tests/expectations_as_planned.yaml: none may
    be wider without a reason."""
    first_expected: AnyExpectation | None = None
    """The expectation before the first measurement, if it was changed since."""
    changed_because: str | None = None
    after: str | None = None
    """What had been measured when this row was written, if it was not written before all."""
    spread: bool = True
    """Whether the figures of the seeds scatter about the claim's own; they do not where each is
    another quantity, such as a seed's own distance beside that of the mean."""
    known_miss: KnownMiss | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "Claim":
        met = {self.met} | {check.met for check in self.checks.values()}
        if ("refuted" in met) != (self.corrected is not None):
            raise ValueError("'corrected' is given with 'met: refuted', and only then")
        if (self.first_expected is None) != (self.changed_because is None):
            raise ValueError("'first_expected' and 'changed_because' are given together or not")
        for run in self.known_miss.runs if self.known_miss else ():
            if run not in self.checks:
                raise ValueError(
                    f"known_miss.runs: found {run}, expected one of {', '.join(self.checks)}"
                )
        if self.general and self.met not in ("holds", "reported"):
            raise ValueError(
                "'general' is given with 'met: holds' or 'met: reported', and only then"
            )
        words: list[tuple[str, Expectation]] = [(self.met, self.expected)]
        words += [(self.word(run), self.expectation(run)) for run in self.checks]
        if any(
            (word == "reported") != isinstance(expectation, Reported) for word, expectation in words
        ):
            raise ValueError("'met: reported' goes with 'kind: reported', and only with it")
        return self

    def word(self, run: str) -> str:
        """The verdict if a run's figure is as expected."""
        return self.checks[run].met or self.met

    def expectation(self, run: str) -> Expectation:
        """What a run's figure is held to."""
        return self.checks[run].expected or self.expected

    def known(self, run: str) -> KnownMiss | None:
        """Why it is known to be missed in a run, if it is."""
        return self.known_miss if self.known_miss and run in self.known_miss.runs else None

    def drawn(self, run: str) -> str | None:
        """The file of the figure that shows it in a run, without its ending."""
        check = self.checks[run]
        named = f"{self.figure}_{check.job.rpartition('/')[2]}" if self.figure else None
        return check.figure or named


class Source(Strict):
    """The paper."""

    id: str
    title: str
    authors: str
    year: int
    link: str
    also: str | None = None
    """A talk or another text that some places are in, as a reader would cite it."""
    cited: Annotated[dict[str, str], Field(default_factory=dict)]
    """How places in other texts begin, and how these are cited; all others are in the paper."""


class Outline(Strict):
    """A source.yaml: the paper, and which files hold what it claims."""

    source: Source
    themes: Axis[Name]
    """The theme files, without their ending, in their order; `own` comes by itself."""


class Theme(Strict):
    """A theme's claims file."""

    claims: Annotated[dict[Id, Claim], Field(min_length=1)]


class Claims(NamedTuple):
    """All that is claimed in a family of experiments."""

    source: Source
    claims: dict[str, Claim]
    """By id, in their order."""


OUTLINE = "source.yaml"
# The theme of a person's own claims: it stands in no list, so that none has to be edited for it.
OWN = "own"


def outline(folder: str | Path) -> Outline:
    """The source.yaml of a family of experiments; Refusal names the file and each mistake in it."""
    return _file(Path(folder, OUTLINE), Outline)


def files(folder: str | Path) -> list[Path]:
    """The files of a family's claims: source.yaml, then its themes in the order of the ledger.

    folder: `scripts/<family>/claims`. Raises Refusal for a theme without its file and for a file
    that is none.
    """
    folder = Path(folder)
    own = [OWN] if (folder / f"{OWN}.yaml").is_file() else []
    themes = dict.fromkeys([*outline(folder).themes, *own])
    listed = [folder / f"{theme}.yaml" for theme in themes]
    known = {folder / OUTLINE, *listed}
    for path in listed:
        if not path.is_file():
            raise Refusal(
                f"{path}: not there, expected a theme that {OUTLINE} lists: correct its name"
            )
    for path in sorted(folder.glob("*.yaml")):
        if path not in known:
            raise Refusal(f"{path}: no theme that {OUTLINE} lists: add it there, under 'themes'")
    return [folder / OUTLINE, *listed]


def read(folder: str | Path) -> Claims:
    """What is claimed in a family of experiments; Refusal names the file and each mistake in it."""
    found: dict[str, Claim] = {}
    homes: dict[str, Path] = {}
    for path in files(folder)[1:]:
        theme = _file(path, Theme).claims
        for id in theme:
            if id in homes:
                raise Refusal(f"{path}: found {id}, which {homes[id]} has, expected each id once")
            homes[id] = path
        found |= theme
    for id, claim in found.items():
        if claim.corrected and claim.corrected not in found:
            raise Refusal(
                f"{homes[id]}: {id}.corrected: found {claim.corrected}, expected the id of a claim "
                "of this family"
            )
    return Claims(outline(folder).source, found)


def of_slices(paths: Iterable[str | Path]) -> dict[str, Claims]:
    """By family, in the order given, what is claimed in those whose files these are.

    Raises Refusal if a file of a family is not given: what was read would not be what was planned.
    """
    given = [*map(Path, paths)]
    found = {}
    for folder in dict.fromkeys(path.parent for path in given):
        for path in files(folder):
            if path not in given:
                raise Refusal(f"{path}: not given, expected all files of {folder}")
        found[folder.parent.name] = read(folder)
    return found


def check_stated(id: str, folders: Sequence[Path]) -> None:
    """Refuse an id that none of these folders' claims has; the message says which there are."""
    ids = [stated for folder in folders for stated in read(folder).claims]
    if id in ids:
        return
    row = "".join(re.findall(r"^[A-Z]\d+", id))
    near = [other for other in ids if re.fullmatch(rf"{row}[a-z]", other)]
    rows = [other for other in ids if other[-1].isdigit()]
    expected = ", ".join([row, *near] if row in rows else rows)
    raise Refusal(
        f"claim: found {id!r}, expected one of {expected}: correct the id (the claims are in "
        f"{', '.join(map(str, folders))})"
    )


def _file(path: Path, model: type[Model]) -> Model:
    if not path.is_file():
        raise Refusal(f"{path}: not there, expected the claims of a family of experiments")
    values = plain_yaml.read(path)
    try:
        return validate(model, values)
    except Refusal as problem:
        raise Refusal(f"{path}: {problem}") from None


class Verdict(NamedTuple):
    """A word of VERDICTS, and why where it needs a reason."""

    word: str
    why: str = ""


def verdict(claim: Claim, run: str, figure: Figure | None) -> Verdict:
    """What a run says of a claim, its corrected form left aside.

    figure: the measured figure, or None if the run does not compute it.
    """
    if run not in claim.checks:
        return Verdict("not run", f"checked in {', '.join(claim.checks)}")
    if figure is None:
        return Verdict("not run", f"this run does not compute {claim.checks[run].metric}")
    if _nothing(figure):
        return Verdict("not run", f"nothing to measure it on: {figure['where']}")
    if claim.expectation(run).met(figure):
        return Verdict(claim.word(run))
    known = claim.known(run)
    return Verdict("missed", known.why if known else "")


def of_another_kernel(kernel: str) -> Verdict:
    """What a problem with another kernel says of a claim on that of two-layer ReLU networks."""
    return Verdict("not run", f"about two-layer ReLU networks' kernel; here it is that of {kernel}")


def _nothing(figure: Figure) -> bool:
    """Whether there was nothing to measure a figure on."""
    return figure["value"] is None and figure["per_seed"] == []


def on_other_data(claim: Claim, figure: Figure, bound: Figure | None = None) -> Verdict:
    """What data of somebody's own say of a general claim: there a miss is what was found.

    bound: the figure that its bound is, if that may be vacuous.
    """
    if _nothing(figure):
        return Verdict("not run", f"nothing to measure it on: {figure['where']}")
    if figure["value"] is None:
        why = (
            "it ran and came to no finite value, as where networks do not learn these data in time"
        )
        return Verdict("not run", f"{why}: {figure['where']}")
    if claim.expected.met(figure):
        return Verdict("vacuous" if bound and bound["value"] >= 1 else claim.met)
    known = f"; so it does in {', '.join(claim.known_miss.runs)}" if claim.known_miss else ""
    return Verdict("missed", f"the measured value lies outside what was expected{known}")


def verdicts(
    claims: Claims, run: str, figures: Mapping[str, Figure | None], kernels: Mapping[str, str] = {}
) -> dict[str, Verdict]:
    """Every claim's verdict; what is printed is refuted only where its corrected form holds.

    figures: by id, the measured figure, or None if the run does not compute it. kernels: by
    experiment/problem, another kernel than that of two-layer ReLU networks.
    Raises Refusal, which names the claim, for a figure of another shape than it expects.
    """
    found = {}
    for id, claim in claims.claims.items():
        kernel = kernels.get(claim.checks[run].job) if run in claim.checks else None
        if kernel and not claim.any_kernel:
            found[id] = of_another_kernel(kernel)
            continue
        try:
            found[id] = verdict(claim, run, figures.get(id))
        except Refusal as problem:
            raise Refusal(f"{id}: {claim.checks[run].metric}: {problem}") from None
    for id, claim in claims.claims.items():
        other = found[claim.corrected].word if claim.corrected else "holds"
        if found[id].word == "refuted" and other not in ("holds", "reproduced"):
            word = "not run" if other == "not run" else "missed"
            found[id] = Verdict(word, f"its corrected form {claim.corrected} reads {other}")
    return found
