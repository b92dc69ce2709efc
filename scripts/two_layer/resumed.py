"""What a training job has come to: all that its outputs are made of, and where it goes on."""

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from overparam.device import stored
from overparam.dynamics import Step
from pipeline.checkpoints import Checkpoint

NAMES = ("at", "weights", "phi", "rows", "projections")


@dataclass
class State:
    """The measurements of a job's networks so far, and the step that comes next.

    A checkpoint holds it as it is before that step's measurements, which are then taken once.
    """

    phi: np.ndarray  # (networks, steps + 1), NaN where training has not come to
    rows: list[dict[str, Any]] = field(default_factory=list)
    projections: list[np.ndarray] = field(default_factory=list)
    repetition: int = 0
    k: int = 0
    weights: np.ndarray | None = None  # (d, m) at step k; None: as the network starts

    @classmethod
    def new(cls, first: int, last: int, steps: int) -> "State":
        """Where the job of the networks `first` to `last` starts."""
        return cls(np.full((last - first + 1, steps + 1), np.nan), repetition=first)

    @classmethod
    def read(cls, checkpoint: Checkpoint) -> "State | None":
        """What a checkpoint holds, if there is one to go on from."""
        arrays = checkpoint.load(*NAMES)
        if arrays is None:
            return None
        at, weights, phi, rows, projections = arrays
        repetition, k = (int(count) for count in at)
        return cls(phi, json.loads(str(rows)), list(projections), repetition, k, weights)

    def save(self, checkpoint: Checkpoint, repetition: int, step: Step) -> None:
        """Put it into a checkpoint, to go on with this network at this step."""
        held = {
            "at": np.array([repetition, step.k]),
            "weights": stored(step.weights),
            "phi": self.phi,
            "rows": np.array(json.dumps(self.rows)),
            "projections": np.array(self.projections),
        }
        checkpoint.save({name: held[name] for name in NAMES})
