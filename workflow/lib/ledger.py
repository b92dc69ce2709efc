"""What the rules of the ledger need to know: the claims of each slice, and the jobs behind them."""

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import psutil
from snakemake.exceptions import WorkflowError

from overparam.errors import Refusal
from pipeline import claims
from pipeline.claims import Claims
from pipeline.files import short_digest
from workflow.lib.flags import flags
from workflow.settings.run import Common

FOLDER = Path("config/claims")


class Ledger:
    """The claims that slices have stated, and where this run measures them."""

    # What the report is made of beside its program.
    PAGE = tuple(f"scripts/ledger/report.{end}" for end in ("html.j2", "css", "js"))

    def __init__(self, settings: Common, slices: Mapping[str, Any]) -> None:
        self.run, self.checks = settings.run, settings.checks
        self.slices = slices
        self._measured = {name: set(one.metrics()) for name, one in slices.items()}
        paths = {name: FOLDER / f"{name}.yaml" for name in slices}
        self.paths = {name: str(path) for name, path in paths.items() if path.is_file()}
        try:
            self.claims: dict[str, Claims] = {
                name: claims.read(path) for name, path in self.paths.items()
            }
        except Refusal as problem:
            raise WorkflowError(str(problem)) from None
        self._check_run()

    def _check_run(self) -> None:
        known = {run for one in self.claims.values() for claim in one.claims.values()
                 for run in claim.checks}  # fmt: skip
        if known and self.checks not in known:
            raise WorkflowError(
                f"checks: found {self.checks!r}, expected one of {', '.join(sorted(known))}: the "
                "run whose expectations decide this one's claims"
            )

    def ids(self) -> list[str]:
        """Every claim's id."""
        return [id for one in self.claims.values() for id in one.claims]

    def refuse(self, wildcards: Any) -> list[str]:
        """What a claim needs that nobody has stated: WorkflowError says which there are."""
        row = re.match(r"[A-Z]\d+|", wildcards.id)[0]
        near = [id for id in self.ids() if re.fullmatch(rf"{row}[a-z]", id)]
        rows = [id for id in self.ids() if id[-1].isdigit()]
        expected = f"{row}, {', '.join(near)}" if row in rows else ", ".join(rows)
        raise WorkflowError(
            f"claim: found {wildcards.id!r}, expected one of {expected}: mend the id (the claims "
            f"are in {', '.join(self.paths.values())})"
        )

    def metrics(self) -> list[str]:
        """Every measuring job's figures."""
        return [path for one in self.slices.values() for path in one.metrics()]

    def figures(self) -> list[str]:
        """Every figure of the run, as .svg."""
        drawn = [path for one in self.slices.values() for path in one.targets()]
        return [path for path in drawn if path.endswith(".svg")]

    def captions(self) -> list[str]:
        """Their captions."""
        return [path.removesuffix(".svg") + ".md" for path in self.figures()]

    def behind(self, id: str) -> list[str]:
        """The figures that a claim and its corrected form are decided by; none if it is not run."""
        name = self._slice(id)
        listed = self.claims[name].claims
        asked = [listed[one] for one in (id, listed[id].corrected) if one]
        found = [
            f"results/{self.run}/{name}/{claim.checks[self.checks].job}/metrics.json"
            for claim in asked
            if self.checks in claim.checks
        ]
        return [path for path in dict.fromkeys(found) if path in self._measured[name]]

    def how_to_read(self, slice: str, figure: str) -> Callable[..., str]:
        """The option of a plot that says how it is read: the words of the claims that caption it,
        each once. As a function, in whose text Snakemake takes no brace for a wildcard."""
        said = [
            " ".join(claim.how_to_read.split())
            for claim in (self.claims[slice].claims.values() if slice in self.claims else ())
            if claim.captions and claim.figure == figure
        ]
        words = " ".join(dict.fromkeys(said))
        return lambda wildcards: flags({"how_to_read": words})

    def say_why(self, targets: Iterable[str]) -> None:
        """Tell who asked to verify a run's claims that it failed before it came to them."""
        told, begun = Path(f"results/{self.run}/verify.log"), psutil.Process().create_time()
        came = told.is_file() and told.stat().st_mtime >= begun
        if "verify" in targets and not came:
            print("pipeline failed: see above, where the logs are named too", file=sys.stderr)

    def _slice(self, id: str) -> str:
        return next(name for name, one in self.claims.items() if id in one.claims)

    def args(self) -> str:
        """Options of the programs that read every claims file."""
        return flags(
            {
                "claims": list(self.paths.values()),
                "checks": self.checks,
                "root": f"results/{self.run}",
            }
        )

    def pinned(self, *paths: str) -> str:
        """The option that holds these files to what they are now: an edit is noticed whatever its
        time stamp, and one that is made while the run is at work is refused."""
        return flags({"planned": [f"{path}={short_digest(path)}" for path in paths]})

    def row_args(self, id: str) -> str:
        """Options of the program that prints one claim."""
        root = f"results/{self.run}"
        claims_file = self.paths[self._slice(id)]
        return flags({"id": id, "claims": claims_file, "checks": self.checks, "root": root})
