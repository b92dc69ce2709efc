"""What the rules of the linear-networks slice need to know: source 004's experiments in a run."""

from typing import Any

from workflow.lib import costs
from workflow.lib.flags import flags
from workflow.lib.programs import Experiment, Programs
from workflow.settings.run import Common

# All data are drawn: one problem, whose name the figures carry.
PROBLEM = "linear"
EXPERIMENTS = {
    one.name: one
    for one in (
        Experiment("identities", tables=()),
        Experiment("phase", drawn=("table=phase.table",)),
        Experiment("drift", drawn=("table=drift.table",)),
        Experiment("rates", tables=()),
        Experiment("figure1", drawn=("table=figure1.table",)),
        Experiment("figure2", drawn=("table=figure2.table",)),
        Experiment("table"),
    )
}


class LinearNets(Programs):
    """Source 004's experiments in a run."""

    folder = "linear_nets"
    listed = EXPERIMENTS

    def __init__(self, settings: Common) -> None:
        self.run, self.seed = settings.run, settings.seed
        self.settings = settings.linear_nets

    def targets(self) -> list[str]:
        """Every figure of the slice, and every table."""
        asked = self.settings.experiments
        figures = f"figures/{self.run}/{self.folder}"
        drawn = [
            f"{figures}/{name}_{PROBLEM}.{kind}"
            for name in self.drawing
            if name in asked
            for kind in ("svg", "png")
        ]
        return [*drawn, *(table for name in asked for table in self.tables(name, PROBLEM))]

    def metrics(self) -> list[str]:
        """Every job's measured figures."""
        results = f"results/{self.run}/{self.folder}"
        return [f"{results}/{name}/{PROBLEM}/metrics.json" for name in self.settings.experiments]

    def args(self, name: str) -> str:
        """An experiment's settings, as options of its program."""
        settings = getattr(self.settings, name).model_dump() | {"name": PROBLEM}
        if name != "phase":  # draws nothing
            settings |= {"h": self.settings.h, "seed": self.seed}
        return flags(settings)

    def caption_args(self, name: str) -> str:
        """What an experiment was run with, in words for the caption of its figure."""
        one = getattr(self.settings, name)
        told = {
            "phase": lambda: "y = 1",
            "drift": lambda: f"n = {one.n}, m = {one.m}, h = {self.settings.h}, {one.seeds} seeds",
            "figure1": lambda: (
                f"n = {one.n}, m = {one.m}, h = {self.settings.h}, noise {one.noise:g}, "
                f"c₁ = {one.c1:g}, c₂ = {one.c2:g}, {one.seeds} seeds"
            ),
            "figure2": lambda: (
                f"n = {one.n}, m = {one.m}, h = {self.settings.h}, c₁ = {one.c1:g}, "
                f"c₂ = {one.c2:g}, {one.seeds} seeds"
            ),
        }
        return flags({"name": PROBLEM, "about": told[name]()})

    # --- costs ------------------------------------------------------------------------------

    def layers(self, name: str) -> tuple[int, int, int]:
        """Layers drawn at once as (how many, h or N, n + m), the most of each."""
        one = getattr(self.settings, name)
        count = max(one.seeds, getattr(one, "pairs", 0))
        rows = max(self.settings.h, *getattr(one, "widths", ()), getattr(one, "N", 0))
        return count, rows, max(one.n) + max(one.m) if isinstance(one.n, list) else one.n + one.m

    def seconds(self, name: str) -> Any:
        """The rule's model of a job's seconds: steps of some 50 µs and 20 µs a seed, and drawing
        layers and narrowing them, .15 µs a number, which alone grows with h."""
        one = getattr(self.settings, name)

        def step(count: float, seeds: int) -> float:
            return count * (1e-4 + 5e-5 * seeds)

        def drawing(times: int) -> float:
            count, rows, columns = self.layers(name)
            return times * count * rows * columns * 1.5e-7

        flows = {
            "identities": lambda: (
                step(20_000, one.seeds)
                + len(one.n) * one.pairs * 1e-3
                + drawing(4 * len(one.n))
            ),
            "phase": lambda: step(6 * one.until / 0.002, 1),
            "drift": lambda: step(300 * 2**one.halvings / 8, one.seeds) + drawing(1),
            # Four kinds of starts; ρ and ρ̂ without a cap on the rate as well, some for longer.
            "rates": lambda: (
                step(4 * len(one.n) * (len(one.rules) + 4) * one.steps, one.seeds)
                + drawing(len(one.n))
            ),
            "figure1": lambda: step(20 * one.steps, one.seeds),
            # A start for each of three rules and, for α₀/β₀, of two readings.
            "figure2": lambda: (
                step(3 * len(one.sigma) * one.steps, 3 * one.seeds) + drawing(5 * len(one.sigma))
            ),
            "table": lambda: (
                step(
                    1.1 * len(one.initialisations) * (1 + len(one.widths))
                    * len(one.rules) * one.most,
                    one.seeds,
                )
                + drawing(2 * len(one.initialisations) * (1 + len(one.widths)))
            ),
        }  # fmt: skip
        return lambda wildcards: costs.START + flows[name]()

    def mb(self, name: str) -> Any:
        """The rule's model of a job's memory: the layers as drawn, a few times."""
        if name == "phase":
            return lambda wildcards: costs.BASE
        count, rows, columns = self.layers(name)
        return lambda wildcards: costs.BASE + 6 * count * costs.matrix_mb(rows, columns)
