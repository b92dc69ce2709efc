"""Rows of a run's claims: each with what was measured for it and the verdict."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from overparam.errors import Refusal
from pipeline import claims as claimed
from pipeline import provenance
from pipeline.claims import Claims, Figure, Verdict

Figures = dict[str, dict[str, Figure]]  # by job (slice/experiment/problem), then by key


def figures(root: str, paths: Iterable[str]) -> Figures:
    """The measured figures of jobs; root: the folder results/<run> that their files lie in."""
    return {
        Path(path).parent.relative_to(root).as_posix(): json.loads(Path(path).read_text("utf-8"))
        for path in paths
    }


def rows(
    slices: Mapping[str, Claims], checks: str, root: str, found: Figures,
    kernels: Iterable[str] = (),
) -> list[dict[str, Any]]:  # fmt: skip
    """A row for each claim of some slices, in their order.

    checks: the run whose checks decide; root: the folder results/<run> of `found`; kernels: jobs
    with another kernel than that of two-layer ReLU networks, as job=kernel. A run of one's own has
    the claims whose jobs it ran, and general ones once more for each other problem.
    Raises Refusal for a figure that a claim asks of a job of that very run and the job did not
    write (a run with other settings may leave some out), and for one that no claim asks for and
    that says nothing of where it belongs.
    """
    itself = Path(root).name == checks
    listed, used = [], set()
    deep = dict(each.split("=", 1) for each in kernels)
    for part, claims in slices.items():
        measured = {}
        own = {job.removeprefix(f"{part}/"): kernel for job, kernel in deep.items()}
        for id, claim in claims.claims.items():
            if checks in claim.checks:
                measured[id] = _figure(id, claim.checks[checks], part, found, itself)
            for check in claim.checks.values():
                used.add((f"{part}/{check.job}", check.key))
        verdicts = claimed.verdicts(claims, checks, measured, own)
        for id, claim in claims.claims.items():
            if itself or _ran(claim, checks, part, found):
                listed.append(_row(claims, id, part, checks, measured.get(id), verdicts[id]))
            if not itself and claim.general:
                listed += _on_other_data(claims, id, part, checks, found, deep)
    for job, keys in found.items():
        for key, figure in keys.items():
            if (job, key) not in used and not figure["where"]:
                raise Refusal(
                    f"{job}: found {key!r}, which no claim asks for and which does not say where "
                    "it belongs: add a claim, or say where"
                )
    return listed


def _ran(claim: claimed.Claim, checks: str, part: str, found: Figures) -> bool:
    """Whether a run of one's own ran the job that a claim is measured by."""
    return checks in claim.checks and f"{part}/{claim.checks[checks].job}" in found


def _on_other_data(
    claims: Claims, id: str, part: str, checks: str, found: Figures, deep: Mapping[str, str]
) -> list[dict[str, Any]]:
    """A general claim's rows: one for each problem beside its own on which it was measured, and
    that has what its method needs."""
    claim = claims.claims[id]
    experiment, _, key = str(claim.general).partition("/")
    listed = []
    for job, figures in found.items():
        problem = job.removeprefix(f"{part}/{experiment}/")
        own = checks in claim.checks and job == f"{part}/{claim.checks[checks].job}"
        if "/" in problem or own or key not in figures:
            continue

        def beside(name: str, problem: str = problem) -> Figure | None:
            other, _, figure = name.partition("/")
            return found.get(f"{part}/{other}/{problem}", {}).get(figure)

        there = {name: beside(name) for name in claim.needs}
        if any(figure and figure["value"] < claim.needs[name] for name, figure in there.items()):
            continue
        bound = beside(claim.vacuous_from) if claim.vacuous_from else None
        if job in deep and not claim.any_kernel:
            verdict = claimed.of_another_kernel(deep[job])
        else:
            verdict = claimed.on_other_data(claim, figures[key], bound)
        listed.append(_row(claims, id, part, None, figures[key], verdict) | {
            "id": f"{id}.{problem}",
            "problem": problem,
            "metric": f"{experiment}/{problem}/{key}",
            "figure": f"{claim.figure}_{problem}" if claim.figure else "",
        })  # fmt: skip
    return listed


def _figure(
    id: str, check: claimed.Check, part: str, found: Figures, itself: bool
) -> Figure | None:
    """The figure that a claim asks for, or None if the run does not compute it."""
    job = found.get(f"{part}/{check.job}", {})
    if itself and job and check.key not in job:
        raise Refusal(
            f"{id}: found no {check.key!r} among the figures of {part}/{check.job}, expected it: "
            "correct the claim's metric, or give a run with other settings a name of its own (make "
            f"run NAME=…); there are {', '.join(job)}"
        )
    return job.get(check.key)


def _row(
    claims: Claims, id: str, part: str, run: str | None, figure: Figure | None, verdict: Verdict
) -> dict[str, Any]:
    """run: whose check decided; None for a general claim on other data."""
    claim = claims.claims[id]
    checked = claim.checks.get(run) if run else None
    known = claim.known(run) if run else None
    seeds = (figure or {}).get("per_seed") or []
    return {
        "id": id,
        "problem": "",
        "slice": part,
        "source": claims.source.id,
        "group": claim.group,
        "place": claim.place,
        "statement": " ".join(claim.statement.split()),
        "metric": checked.metric if checked else "",
        "expected": ((checked and checked.expected) or claim.expected).words(),
        "first_expected": claim.first_expected.words() if claim.first_expected else "",
        "changed_because": claim.changed_because or "",
        "after": claim.after or "",
        "because": (checked and checked.because) or claim.because,
        "value": figure["value"] if figure else None,
        "measured": said(figure) if figure else "",
        "spread": spread(figure) if figure and claim.spread else "",
        "n_seeds": len(seeds),
        "unit": figure["unit"] if figure else "",
        "where": figure["where"] if figure else "",
        "verdict": verdict.word,
        "why": verdict.why,
        "printed": claim.printed or "",
        "corrected": claim.corrected or "",
        "known_miss": known.docs if known else "",
        "known_since": known.since if known and verdict.word == "missed" else "",
        "figure": (run and checked and claim.drawn(run)) or "",
        "how_to_read": " ".join(claim.how_to_read.split()),
        "headline": claim.headline,
        "checked_in": " ".join(claim.checks),
    }


def said(figure: Figure) -> str:
    """What was measured, to four digits."""
    return _listed(figure["value"])


def spread(figure: Figure) -> str:
    """A fitted figure's confidence interval, or the least and the largest over seeds; of a series
    at each of its points."""
    if figure.get("interval"):
        low, high = figure["interval"]
        return f"95 %: {_number(low)} to {_number(high)}"
    seeds = figure["per_seed"] or []
    if any(isinstance(value, list) for value in seeds):
        points = zip(*seeds, strict=True)
        return ", ".join(map(_extremes, points)) if len(seeds) > 1 else ""
    return _extremes(seeds)


def _extremes(seeds: Sequence[float | None]) -> str:
    if any(value is None for value in seeds):
        return "not finite for some seed"
    return f"{_number(min(seeds))} to {_number(max(seeds))}" if len(seeds) > 1 else ""


def _listed(value: float | Sequence[float] | None) -> str:
    return ", ".join(map(_number, value)) if isinstance(value, list) else _number(value)


def _number(value: float | None) -> str:
    return "not finite" if value is None else f"{value:.4g}"


def recorded(folder: Path) -> list[dict[str, Any]]:
    """The rows that `collect` wrote in a folder; Refusal if there are none."""
    return _collected(folder)["claims"]


def notes(folder: Path) -> list[str]:
    """What it wrote of the data; runs recorded before it did have nothing."""
    return _collected(folder).get("notes", [])


def _collected(folder: Path) -> dict[str, Any]:
    path = folder / "claims.json"
    if not path.is_file():
        raise Refusal(f"{path}: not there yet, expected a finished run: make RUN={folder.name}")
    provenance.check_files(path)
    return json.loads(path.read_text("utf-8"))
