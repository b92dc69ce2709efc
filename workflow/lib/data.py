"""What the rules of the data slice need to know: problems by name, their folders and settings."""

import hashlib
import json
import re
from collections.abc import Callable
from math import isqrt
from pathlib import Path
from typing import Any

from snakemake.exceptions import WorkflowError

from overparam.errors import Refusal
from pipeline import archives, costs
from pipeline.settings import Kernel
from pipeline.wildcards import Wildcards
from workflow.settings.data import Problem
from workflow.settings.run import Common

REGISTRY = "config/datasets.yaml"
# Input dimension d of each source, for the cost models; that of one's own data is read from its
# file, and is MNIST's where it cannot be.
DIMENSION = {"digits": 64, "mnist": 784, "cifar10": 3072, "file": 784}
# Points of each source, all classes, as bytes of raw pixels in memory.
POINTS = {"digits": 1_797, "mnist": 70_000, "cifar10": 60_000, "file": 70_000}


PREPARED = "problem.npz"


class Data:
    """The problems of a run and the prepared sets that stand for them."""

    def __init__(self, settings: Common) -> None:
        self.settings = settings
        self._names: dict[tuple[str, int, bool], str] = {}
        self._sets: dict[str, tuple[str, int]] = {}
        self._widths: dict[str, int | None] = {}
        # Checked before a path of it becomes an output: Snakemake removes outputs that are old.
        try:
            self._registry = archives.load_registry(REGISTRY)
        except Refusal as problem:
            raise WorkflowError(str(problem)) from None

    def problem(self, name: str) -> Problem:
        return self.settings.data[name]

    def name(self, problem: str, split: int = 0, kernel: bool = False) -> str:
        """Folder name of a prepared set, or of what its kernel makes of it: equal for runs that
        agree on everything behind it."""
        # Every training job asks for it.
        if (problem, split, kernel) not in self._names:
            name = self._named(problem, split, {"splits"} if kernel else {"splits", "kernel"})
            self._names[problem, split, kernel] = name
            self._sets[name] = (problem, split)
        return self._names[problem, split, kernel]

    def _named(self, problem: str, split: int, unused: set[str]) -> str:
        settings = self.problem(problem).model_dump(mode="json", exclude=unused)
        seed = self.settings.seed
        # What does not enter must not part runs that agree on all that does.
        if settings["selection"] == "first":
            seed = 0
        if settings["source"] != "file":
            settings["label_column"] = Problem.model_fields["label_column"].default
        unset = Problem.model_construct().model_dump(mode="json")
        # Folders keep the names from before there were these.
        for key in ("standardize", "ignore_columns", "kernel"):
            if settings.get(key) == unset[key]:
                del settings[key]
        known = json.dumps([problem, settings, split, seed], sort_keys=True)
        return f"{problem}-{split}-{hashlib.sha256(known.encode()).hexdigest()[:8]}"

    def path(self, problem: str, file: str, split: int = 0) -> str:
        """A file of a prepared set, such as `problem.npz` or `gram.npy`."""
        return f"results/shared/{self.name(problem, split, file != PREPARED)}/{file}"

    def splits(self, problem: str, file: str) -> list[str]:
        """That file for each split of a problem."""
        return [self.path(problem, file, split) for split in range(self.problem(problem).splits)]

    def prepared(self, wildcards: Wildcards) -> str:
        """The prepared problem behind the wildcard `set`."""
        return self.path(self._known(wildcards.set)[0], PREPARED, self._known(wildcards.set)[1])

    def kernel_args(self, wildcards: Wildcards) -> dict[str, Any]:
        """The kernel of the problem behind the wildcard `set`."""
        return self.of(wildcards).kernel.model_dump()

    def of(self, wildcards: Wildcards) -> Problem:
        """The problem behind the wildcard `set`."""
        return self.problem(self._known(wildcards.set)[0])

    def _known(self, name: str) -> tuple[str, int]:
        """Problem and split of a prepared set; a name that this run does not have is a KeyError."""
        if name not in self._sets:
            for problem, settings in self.settings.data.items():
                for split in range(settings.splits):
                    for kernel in (False, True):
                        self.name(problem, split, kernel)
        return self._sets[name]

    def members(self, source: str) -> list[str]:
        """Files of a downloaded source, below `data/`."""
        packed = self._registry.source(source).archives
        return [f"data/{member.path}" for archive in packed for member in archive.members]

    def registered(self, source: str) -> dict[str, str]:
        """A source, and the digest of the files that its entry asks for: a new hash is noticed.

        Mirrors and terms are left out, since they cannot change a byte.
        """
        asked = {"name", "size", "sha256", "members"}
        files = [
            archive.model_dump(include=asked) for archive in self._registry.source(source).archives
        ]
        entry = json.dumps(files, sort_keys=True)
        digest = hashlib.sha256(entry.encode()).hexdigest()[:12]
        return {"source": source, "registered": digest}

    def raw(self, wildcards: Wildcards) -> list[str]:
        """The source's files that a prepared set is made from."""
        problem, source = self._known(wildcards.set)[0], self.of(wildcards).source
        if source == "digits":
            return ["data/digits/digits.npz"]
        if source == "file":
            return [f"data/own/{self._own(problem)}.npz"]
        return self.members(source)

    def _own(self, problem: str) -> str:
        """Name of a person's own file once it is read: runs may name different files alike."""
        settings = self.problem(problem)
        known = json.dumps([settings.file, settings.label_column, *settings.ignore_columns])
        return f"{problem}-{hashlib.sha256(known.encode()).hexdigest()[:8]}"

    def own_file(self, wildcards: Wildcards) -> str:
        """A person's own file; the rule is asked of no other problem."""
        return str(self.problem(wildcards.problem).file)

    def own_mb(self, wildcards: Wildcards) -> float:
        """A table as text, its columns one by one and together."""
        return 2000 + 6 * _file_mb(self.problem(wildcards.problem))

    def own_args(self, wildcards: Wildcards) -> dict[str, Any]:
        """How a person's own file is read."""
        problem = self.problem(wildcards.problem)
        return {"label_column": problem.label_column, "ignore_column": problem.ignore_columns}

    def prepare_args(self, wildcards: Wildcards) -> dict[str, Any]:
        """Which points a prepared set has."""
        name, split = self._known(wildcards.set)
        problem = self.problem(name)
        return {
            "name": name,
            "source": problem.source,
            "positive": problem.groups[0],
            "negative": problem.groups[1],
            "standardize": problem.standardize,
            "selection": problem.selection,
            "train_n": problem.train.n,
            "train_balanced": problem.train.balanced,
            "test_n": problem.test.n,
            "test_balanced": problem.test.balanced,
            "degenerate": problem.degenerate,
            "split": split,
            # The first points of a file are the same for every seed.
            "seed": 0 if problem.selection == "first" else self.settings.seed,
        }

    def about(self, name: str) -> str:
        """A problem in a few words, for captions."""
        problem = self.problem(name)
        groups = [", ".join(str(label) for label in group) for group in problem.groups]
        how = {"first": "first in file order", "random": "drawn", "stratified": "drawn by class"}
        sizes = [
            f"{subset.n} {side} points{', half of each group' if subset.balanced else ''}"
            for side, subset in (("training", problem.train), ("test", problem.test))
        ]
        # In a caption these signs would set what stands between them otherwise.
        source = re.sub(r"[$`*]", "_", problem.file or problem.source)
        scaled = f"; {problem.standardize} standardised" if problem.standardize != "none" else ""
        return (
            f"{source}, classes {groups[0]} against {groups[1]}, n = {sizes[0]}; "
            f"{sizes[1]}; {how[problem.selection]}{scaled}"
        )

    def about_all(self, name: str) -> str:
        """The same for the page, with its kernel if that is not two-layer ReLU networks'."""
        kernel = self.problem(name).kernel.words()
        said = f"; H^∞: kernel of {kernel}, without networks that need another" if kernel else ""
        return self.about(name) + said

    def file(self, name: str) -> Callable[[Wildcards], str]:
        """The rule's input function for a file of the problem's prepared set."""
        return lambda wildcards: self.path(wildcards.problem, name)

    def each_split(self, name: str) -> Callable[[Wildcards], list[str]]:
        """The same for each split."""
        return lambda wildcards: self.splits(wildcards.problem, name)

    def threads(self, wildcards: Wildcards) -> int:
        return self.of(wildcards).threads

    def dimension(self, problem: Problem) -> int:
        """Input dimension d of a problem, for the cost models."""
        if problem.file is None:
            return DIMENSION[problem.source]
        if problem.file not in self._widths:
            from pipeline import own_header  # brings numpy, which other plans do without

            named = problem.label_column, problem.ignore_columns
            self._widths[problem.file] = own_header.width(problem.file, *named)
        return self._widths[problem.file] or DIMENSION["file"]

    def prepare_mb(self, wildcards: Wildcards) -> float:
        problem = self.of(wildcards)
        d, n = self.dimension(problem), problem.train.n + problem.test.n
        pixels = max(costs.matrix_mb(POINTS[problem.source], d, 1), _file_mb(problem))
        candidates = POINTS[problem.source] if problem.degenerate == "drop" else n
        return costs.BASE_TORCH + 3 * pixels + 3 * costs.matrix_mb(candidates, d)

    def prepare_seconds(self, wildcards: Wildcards) -> float:
        problem = self.of(wildcards)
        d = self.dimension(problem)
        checked = POINTS[problem.source] if problem.degenerate == "drop" else problem.train.n
        return costs.START_TORCH + checked**2 * d / costs.FLOPS

    def gram_seconds(self, wildcards: Wildcards) -> float:
        """n²d flop of products (half the tiles), then the kernel's entries."""
        problem = self.of(wildcards)
        n, d = problem.train.n, self.dimension(problem)
        products = n * n * d / problem.threads / costs.FLOPS
        return costs.START + products + self.kernel_seconds(problem, n * n)

    def kernel_seconds(self, problem: Problem, entries: float) -> float:
        """Seconds for entries of a symmetric matrix, products left out: flop for each of them and
        each hidden layer, and for pairs of pixels if the network is convolutional."""
        kernel = problem.kernel
        series = kernel.activation in ("tanh", "softplus", "sigmoid")
        flop = (4000 if series else 1000) * (kernel.depth - 1)
        if kernel == Kernel():
            flop = 100
        if kernel.architecture == "convolutional":
            d = self.dimension(problem)
            flop *= 4 * (d // 3 if isqrt(d) ** 2 != d else d) ** 2
        return entries * flop / costs.FLOPS

    def new_points_seconds(self, name: str) -> float:
        """The same for the kernel between a problem's test points and its training points."""
        problem = self.problem(name)
        return self.kernel_seconds(problem, 2 * problem.test.n * problem.train.n)

    def gram_mb(self, wildcards: Wildcards) -> float:
        """The matrix, the inputs twice, and tiles, of which a deep kernel takes more."""
        problem = self.of(wildcards)
        n, d = problem.train.n, self.dimension(problem)
        tiles = 0 if problem.kernel == Kernel() else 200
        return costs.BASE + 1.1 * costs.matrix_mb(n, n) + 2 * costs.matrix_mb(n, d) + tiles

    def spectrum_seconds(self, wildcards: Wildcards) -> float:
        """Some 9 n³ flop, of which a third runs at the speed of a matrix product."""
        problem = self.of(wildcards)
        return costs.START + 20 * problem.train.n**3 / costs.FLOPS / problem.threads

    def spectrum_mb(self, wildcards: Wildcards) -> float:
        """The matrix, the eigenvectors and LAPACK's workspace of two matrices."""
        n = self.of(wildcards).train.n
        return costs.BASE + 4.2 * costs.matrix_mb(n, n)


def _file_mb(problem: Problem) -> float:
    """Megabytes of a person's own file; 0 for the other sources."""
    return Path(problem.file).stat().st_size / 1e6 if problem.file else 0
