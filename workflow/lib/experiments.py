"""The two-layer slice's experiments beside its figures: what each reads, writes and is told.

Each is one program `scripts/two_layer/<name>.py`, run on each of its problems (or once, on inputs
made to order: `synthetic`), and, where it has a figure, one `plot_<name>.py`.
"""

from typing import TYPE_CHECKING, Any

from pipeline.files import short_digest
from workflow.lib import costs
from workflow.lib.flags import flags
from workflow.lib.programs import Experiment, Programs
from workflow.settings.data import SYNTHETIC

if TYPE_CHECKING:
    from workflow.lib.two_layer import TwoLayer

PUBLISHED = "config/published/arora2019.yaml"
SHARED = {
    "problem": "problem.npz",
    "gram": "gram.npy",
    "spectrum": "spectrum.npz",
    "eigenvectors": "eigenvectors.npy",
}


EXPERIMENTS = {
    one.name: one
    for one in (
        Experiment(
            "formula", (), ("pairs", "least"), ("pairs=formula.pairs", "least=formula.least")
        ),
        Experiment("targets", (), drawn=("table=targets.table",)),
        Experiment("samples", (), drawn=("table=samples.table",)),
        Experiment("concentration", ("problem",), drawn=("table=concentration.table",)),
        Experiment("draws", ("problem", "gram"), drawn=("table=draws.table",)),
        Experiment("start", ("problem",)),
        Experiment("constants", ("gram", "spectrum"), ()),
        Experiment("noise", ("problem",)),
        Experiment("published", ("spectrum",), drawn=("table=published.table",)),
        Experiment(
            "widths",
            ("problem", "spectrum", "eigenvectors"),
            drawn=("widths=widths.table", "frozen=frozen.table"),
            stage="tables",
        ),
        Experiment("distances", ("problem", "spectrum", "eigenvectors")),
        Experiment("frozen", ("problem", "gram", "spectrum"), stage="tables"),
        Experiment(
            "scale",
            ("problem", "spectrum", "eigenvectors"),
            drawn=("table=scale.table",),
        ),
        Experiment(
            "stability",
            ("problem", "gram", "spectrum"),
            ("rates", "sweep", "harder"),
            ("rates=stability.rates", "sweep=stability.sweep"),
        ),
        Experiment(
            "decay",
            ("problem", "spectrum"),
            ("table", "curves"),
            ("table=decay.table", "curves=decay.curves"),
        ),
        Experiment(
            "capacity", ("problem", "gram"), drawn=("table=capacity.table",), stage="tables"
        ),
        Experiment(
            "fit",
            ("problem",),
            ("table", "curves"),
            ("table=fit.table", "curves=fit.curves"),
        ),
    )
}


def start_words(start: Any) -> str:
    """How networks start, for captions: anything with a κ and whether it is antisymmetric."""
    return f"κ = {start.kappa:g}, {'antisymmetric' if start.antisymmetric else 'plain'}"


def widest(settings: Any) -> int:
    """Width of the largest network that an experiment makes itself; 0 if it makes none."""
    width = getattr(settings, "width", 0)
    listed = width if isinstance(width, list) else [width]
    return max([*listed, *getattr(settings, "harder_width", [])])


class Experiments(Programs):
    """The experiments of a run."""

    folder = "two_layer"
    listed = EXPERIMENTS

    def __init__(self, slice: "TwoLayer") -> None:
        self.slice, self.data = slice, slice.data

    def problems(self, name: str) -> list[str]:
        """The problems that an experiment runs on."""
        return getattr(self.settings(name), "problems", self.slice.synthetic)

    def settings(self, name: str) -> Any:
        """An experiment's settings; `frozen` looks at the networks of `widths`."""
        return getattr(self.slice.settings, "widths" if name == "frozen" else name)

    def metrics(self) -> list[str]:
        """Every experiment's figures."""
        return [
            f"{self.slice.results}/{name}/{problem}/metrics.json"
            for name in EXPERIMENTS
            for problem in self.problems(name)
        ]

    def figures(self) -> list[str]:
        """Every experiment's figure, without its ending."""
        return [
            f"{self.slice.figures}/{name}_{problem}"
            for name, one in EXPERIMENTS.items()
            for problem in self.problems(name)
            if one.drawn and not (name == "published" and not self.dataset(problem))
        ]

    def listed_tables(self) -> list[str]:
        """Every experiment's tables."""
        return [
            table
            for name in EXPERIMENTS
            for problem in self.problems(name)
            for table in self.tables(name, problem)
        ]

    def dataset(self, problem: str) -> str | None:
        """The paper's own data set that a problem is, or None."""
        return self.slice.dataset(problem)

    # --- a measuring job ---------------------------------------------------------------------

    def inputs(self, name: str) -> Any:
        """The rule's input function."""
        one = EXPERIMENTS[name]

        def listed(wildcards: Any) -> dict[str, Any]:
            problem = wildcards.problem
            shared = {key: self.data.path(problem, SHARED[key]) for key in one.reads}
            return shared | self._others(name, problem)

        return listed

    def _others(self, name: str, problem: str) -> dict[str, Any]:
        results = self.slice.results
        coefficients = f"{results}/projections/{problem}/coefficients.npz"
        complexity = f"{results}/complexity/{problem}"
        if name == "formula":
            # What an opposite does to λ_min is a matter of real inputs: of some figure's, if any.
            settings = self.slice.settings
            used = [*self.slice.figure1(), *settings.equation8.problems, *self.slice.figure2()]
            real = used[:1]
            return {"problem": [self.data.path(one, "problem.npz") for one in real]}
        if name == "noise":
            return {"sampled": f"{complexity}/sampled.csv"}
        if name == "published":
            tables = {one: f"{complexity}/{one}.csv" for one in ("expected", "sampled")}
            published = {"published": PUBLISHED} if self.dataset(problem) else {}
            return {"coefficients": coefficients} | tables | published
        if name in ("widths", "frozen"):
            found = {"arrays": self.slice.trained("equation8", problem, "arrays.npz")}
            if name == "widths":
                found["networks"] = self.slice.trained("equation8", problem, "metrics.csv")
            return found
        if name == "capacity":
            return {"networks": self.slice.trained("capacity", problem, "metrics.csv")}
        return {}

    def digests(self, name: str) -> Any:
        """The parameter, of a rule and of its figure's, that notices an edit of the published
        numbers whatever its time stamp."""

        def listed(wildcards: Any) -> list[str]:
            read = name == "published" and self.dataset(wildcards.problem)
            return [short_digest(PUBLISHED)] if read else []

        return listed

    def args(self, name: str) -> Any:
        """The rule's parameter that holds its settings."""

        def told(wildcards: Any) -> str:
            settings = self.settings(name).model_dump(exclude={"problems"})
            named = {"name": wildcards.problem, "seed": self.slice.seed}
            if name in ("constants", "published"):
                del named["seed"]
            return flags(settings | self._told(name, wildcards.problem) | named)

        return told

    def _told(self, name: str, problem: str) -> dict[str, Any]:
        """What an experiment takes from the settings of others."""
        if name == "constants":
            # The networks of figure 1's first arm, at the paper's κ.
            arm = next(iter(self.slice.settings.figure1.arms))
            recipe = self.slice.recipe("figure1", problem, arm)
            return {key: recipe[key] for key in ("eta", "eta_unit", "width", "kappa")}
        if name == "published":
            return {"dataset": self.dataset(problem)}
        if name in ("widths", "frozen"):
            nets = self.slice.nets("equation8", problem)
            recipe = self.slice.recipe("equation8", problem, nets[0].arm)
            listed = {
                "width": [int(net.arm.removeprefix("m")) for net in nets],
                "labels": [net.labels for net in nets],
                "eta": recipe["eta"],
                "eta_unit": recipe["eta_unit"],
            }
            if name == "frozen":
                listed |= {
                    "first": [net.repetitions()[0] for net in nets],
                    "kappa": recipe["kappa"],
                    "antisymmetric": recipe["antisymmetric"],
                }
            return listed
        if name == "capacity":
            nets = self.slice.nets("capacity", problem)
            # Settings of the training, which its own jobs are told.
            used = ("widths", "portion", "repetitions", "arms", "steps", "seeds_per_job")
            return dict.fromkeys(used) | {
                "arm": [net.arm.rpartition("_m")[0] for net in nets],
                "width": [int(net.arm.rpartition("_m")[2]) for net in nets],
                "labels": nets[0].labels,
            }
        return {}

    # --- its figure --------------------------------------------------------------------------

    def drawn_beside(self, name: str) -> Any:
        """The rule's input function for what else a figure shows."""

        def listed(wildcards: Any) -> dict[str, str]:
            if name != "published":
                return {}
            spectrum = self.data.path(wildcards.problem, "spectrum.npz")
            return {"published": PUBLISHED, "spectrum": spectrum}

        return listed

    def caption_args(self, name: str) -> Any:
        """The rule's parameter with the words of a caption."""

        def told(wildcards: Any) -> str:
            return flags(self._words(name, wildcards.problem))

        return told

    def _words(self, name: str, problem: str) -> dict[str, Any]:
        if problem == SYNTHETIC:
            return {"name": problem, "about": "inputs made to order"}
        words = self.slice.describe(problem)
        if name == "published":
            words["dataset"] = self.dataset(problem)
        settings = self.settings(name)
        rate = self.slice.rate()
        said = {
            "widths": lambda: self.slice.equation8_words(problem),
            "scale": lambda: f"η = {rate}, {settings.steps} steps",
            "stability": lambda: (
                f"m = {settings.width}, κ = 1, antisymmetric, {settings.steps} "
                f"steps (sweep: {settings.sweep_steps})"
            ),
            "decay": lambda: f"m = {settings.width}, κ = 1, antisymmetric, η = 0.5/λ_max",
            "capacity": lambda: f"η = {rate}, p = {settings.portion:g}, {settings.steps} steps",
            "fit": lambda: (
                f"the first {settings.points} points, m = {settings.width}, κ = 1, "
                f"antisymmetric, η = 1/λ_max, at most {settings.steps} steps"
            ),
        }
        if name == "capacity":
            words["arm"] = [f"{arm}={start_words(one)}" for arm, one in settings.arms.items()]
        return words | ({"training": said[name]()} if name in said else {})

    # --- costs -------------------------------------------------------------------------------

    def seconds(self, name: str) -> Any:
        """The rule's model of a job's seconds, on the slow side."""
        return lambda wildcards: costs.START_TORCH + self._seconds(name, wildcards.problem)

    def _seconds(self, name: str, problem: str) -> float:
        settings = self.settings(name)
        n, d = (0, 0) if problem == SYNTHETIC else self._size(problem)
        flop = {
            "formula": lambda: settings.seeds * settings.samples * 51 * 60,
            "targets": lambda: 100 * settings.seeds * sum(n**3 for n in settings.n),
            "samples": lambda: 60 * settings.seeds * sum(n**3 for n in settings.n),
            "concentration": lambda: (
                settings.repetitions
                * sum(settings.width)
                * 4
                * min(n, settings.points) ** 2
            ),
            # All points are the same ones in every draw.
            "draws": lambda: 20 * sum(
                (settings.draws if size < n else 1) * size**3 for size in settings.n
            ),
            "start": lambda: (
                2 * settings.repetitions * len(settings.kappa) * settings.width * n * d
            ),
            "distances": lambda: (
                20 * settings.repetitions * settings.steps * n * d * settings.width
            ),
            "frozen": lambda: 20 * self._nets("equation8", problem) * n**3,
            "scale": lambda: (
                5 * len(settings.kappa) * len(settings.labels) * settings.repetitions
                * settings.steps * sum(settings.width) * n * d
            ),
            "stability": lambda: (
                10 * settings.repetitions * n * d
                * (settings.width * (4 * settings.steps + settings.factors * settings.sweep_steps)
                   + 2 * sum(settings.harder_width) * settings.steps)
            ),
            "decay": lambda: 2000 * settings.repetitions * n * d * settings.width,
            "fit": lambda: (
                10 * settings.repetitions * settings.steps * settings.points * d * settings.width
            ),
            "capacity": lambda: 3 * n**3,
            "widths": lambda: 1000 * n**2,
        }  # fmt: skip
        return flop[name]() / costs.FLOPS if name in flop else 0

    def _nets(self, experiment: str, problem: str) -> int:
        nets = self.slice.nets(experiment, problem)
        return sum(last - first + 1 for first, last in (net.repetitions() for net in nets))

    def _size(self, problem: str) -> tuple[int, int]:
        settings = self.data.problem(problem)
        return settings.train.n, min(self.data.dimension(settings), settings.train.n)

    def mb(self, name: str) -> Any:
        """The rule's model of a job's memory."""

        def needed(wildcards: Any) -> float:
            if wildcards.problem == SYNTHETIC:
                sizes = self.settings(name).n
                n = max(sizes) if isinstance(sizes, list) else sizes
                return costs.BASE_TORCH + 200 + 6 * costs.matrix_mb(n, n)
            n, span = self._size(wildcards.problem)
            matrices = 4 * costs.matrix_mb(n, n) + 4 * costs.matrix_mb(n, span)
            d = self.data.dimension(self.data.problem(wildcards.problem))
            network = costs.network_mb(widest(self.settings(name)), d, span)
            return costs.BASE_TORCH + 200 + matrices + network

        return needed
