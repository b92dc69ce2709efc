"""What the rules of the ledger need to know: the claims of each slice, and the jobs behind them."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from snakemake.exceptions import WorkflowError

from overparam.errors import Refusal
from pipeline import claims
from pipeline.claims import Claims
from pipeline.flags import flags
from pipeline.wildcards import Wildcards
from workflow.settings.run import Common


def folder(slice: str) -> Path:
    """Where a slice says what it claims."""
    return Path("scripts", slice, "claims")


class Ledger:
    """The claims that slices have stated, and where this run measures them."""

    def __init__(self, settings: Common, slices: Mapping[str, Any]) -> None:
        self.run, self.checks = settings.run, settings.checks
        self.slices = slices
        self._measured = {name: set(slice.metrics()) for name, slice in slices.items()}
        claiming = [name for name in slices if folder(name).is_dir()]
        try:
            self._files = {name: [*map(str, claims.files(folder(name)))] for name in claiming}
            self.claims: dict[str, Claims] = {name: claims.read(folder(name)) for name in claiming}
        except Refusal as problem:
            raise WorkflowError(str(problem)) from None
        self._check_run()

    def _check_run(self) -> None:
        known = {run for stated in self.claims.values() for claim in stated.claims.values()
                 for run in claim.checks}  # fmt: skip
        if known and self.checks not in known:
            raise WorkflowError(
                f"checks: found {self.checks!r}, expected one of {', '.join(sorted(known))}: the "
                "run whose expectations decide this one's claims"
            )

    def ids(self) -> list[str]:
        """Every claim's id."""
        return [id for stated in self.claims.values() for id in stated.claims]

    def refuse(self, wildcards: Wildcards) -> list[str]:
        """What a claim needs that nobody has stated: WorkflowError says which there are."""
        try:
            claims.check_stated(wildcards.id, [folder(name) for name in self.claims])
        except Refusal as problem:
            raise WorkflowError(str(problem)) from None
        return []

    def files(self) -> list[str]:
        """Every file that claims stand in."""
        return [path for paths in self._files.values() for path in paths]

    def metrics(self) -> list[str]:
        """Every measuring job's figures."""
        return [path for slice in self.slices.values() for path in slice.metrics()]

    def figures(self) -> list[str]:
        """Every figure of the run, as .svg."""
        return [f"{path}.svg" for slice in self.slices.values() for path in slice.drawn()]

    def targets(self) -> list[str]:
        """What `all` asks for: tables, the page, and the chart of verdicts."""
        named = ("report.html", "claims.csv", "summary.csv", "timings.csv")
        drawn = [f"figures/{self.run}/verdicts.{kind}" for kind in ("svg", "png", "md")]
        return [f"results/{self.run}/{name}" for name in named] + drawn

    def captions(self) -> list[str]:
        """Their captions."""
        return [path.removesuffix(".svg") + ".md" for path in self.figures()]

    def behind(self, id: str) -> list[str]:
        """The figures that a claim and its corrected form are decided by, and those that say
        whether it applies; none if it is not run."""
        name = self._slice(id)
        listed = self.claims[name].claims
        asked = [listed[asked_id] for asked_id in (id, listed[id].corrected) if asked_id]
        found = [
            f"results/{self.run}/{name}/{claim.checks[self.checks].job}/metrics.json"
            for claim in asked
            if self.checks in claim.checks
        ]
        if self.run != self.checks:  # a run of one's own decides general claims on every problem
            for claim in asked:
                for figure in filter(None, [claim.general, *claim.needs, claim.vacuous_from]):
                    jobs = f"results/{self.run}/{name}/{figure.partition('/')[0]}/"
                    found += [path for path in self._measured[name] if path.startswith(jobs)]
        return [path for path in dict.fromkeys(found) if path in self._measured[name]]

    def reading(self, slice: str, figure: str) -> dict[str, str]:
        """How a figure is read, as an option of its plot: the words of the claims that caption it,
        each once."""
        said = [
            " ".join(claim.how_to_read.split())
            for claim in (self.claims[slice].claims.values() if slice in self.claims else ())
            if claim.captions and claim.figure == figure
        ]
        return {"how_to_read": " ".join(dict.fromkeys(said))}

    def tell_after(self, workflow: Any) -> None:
        """Have Snakemake end with what became of the claims, if the run's page was asked for, and
        a new miss decide its status."""
        # Loads Snakemake's interface, and pandas with it: programs that read claims do without.
        from pipeline.running import dag

        dag.after(workflow, f"results/{self.run}/report.html", self._tell)

    def _tell(self) -> None:
        sys.stdout.flush()
        words = [sys.executable, "-m", "scripts.ledger.verify", "--run", self.run]
        told = subprocess.run(words, env=os.environ | {"PYTHONPATH": "src"}, check=False)
        if told.returncode:
            raise SystemExit(told.returncode)

    def _slice(self, id: str) -> str:
        return next(name for name, stated in self.claims.items() if id in stated.claims)

    def args(self) -> dict[str, Any]:
        """Options of the program that reads every claim."""
        kernels = [
            f"{name}/{job}={words}"
            for name, slice in self.slices.items()
            for job, words in slice.kernels().items()
        ]
        return {"checks": self.checks, "root": f"results/{self.run}", "kernel": kernels}

    def claim_args(self, id: str) -> str:
        """Options of the program that prints one claim."""
        told = {"id": id, "claims": self._files[self._slice(id)], "metrics": self.behind(id)}
        return flags(told | self.args())
