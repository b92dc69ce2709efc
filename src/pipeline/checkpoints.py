"""The state of a long job on disk: after a kill or a time limit it goes on from there.

One file a job, beside its outputs or in the folder that OVERPARAM_SCRATCH names: replaced as a
whole every OVERPARAM_CHECKPOINT_SECONDS (60) of wall time, so that short jobs write none, and
removed at the end. It says what it belongs to and is used for nothing else.
"""

import json
import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overparam.errors import Refusal
from pipeline import files

if TYPE_CHECKING:
    import numpy as np

log = logging.getLogger("overparam")


class Checkpoint:
    """The one checkpoint of a job.

    output: a file that the job writes, whose path is the checkpoint's name. identity: what decides
    every number of the job, as JSON values; a checkpoint of another identity is not used.
    """

    def __init__(self, output: str | Path, identity: Mapping[str, Any]) -> None:
        self.path = place(output)
        self.identity = json.loads(json.dumps(identity))
        self._seconds, self._saved = _interval(), time.monotonic()

    def load(self, *names: str) -> "list[np.ndarray] | None":
        """The arrays that were saved by these names, or None; the log says why not, in a line."""
        for half in self.path.parent.glob(f".{self.path.name}.*.part"):
            half.unlink(missing_ok=True)  # of a job that was killed while it saved
        if not self.path.exists():
            return None
        try:
            identity, *arrays = files.load_arrays(self.path, "identity", *names)
            differing = _differing(self.identity, json.loads(str(identity)))
        except (Refusal, ValueError, AttributeError, MemoryError):
            log.warning("%s: a damaged checkpoint, not used: starts anew", self.path)
            return None
        if differing:
            keys = ", ".join(differing)
            log.warning("%s: a checkpoint of another %s, not used: starts anew", self.path, keys)
            return None
        return arrays

    def due(self) -> bool:
        """Whether it is time to save."""
        return time.monotonic() - self._saved >= self._seconds

    def save(self, arrays: "Mapping[str, np.ndarray]") -> None:
        """Put these arrays in place of those that were saved before.

        Without room or permission the job goes on, and the log says so: it can do without.
        """
        import numpy as np

        identity = np.array(json.dumps(self.identity))
        try:
            files.save_arrays(self.path, {"identity": identity, **arrays})
        except OSError as problem:
            log.warning("%s: no checkpoint saved: %s", self.path, problem.strerror)
        self._saved = time.monotonic()

    def remove(self) -> None:
        """Delete it: the job has written its outputs."""
        self.path.unlink(missing_ok=True)


def place(output: str | Path) -> Path:
    """Where the checkpoint of the job that writes `output` lies."""
    return scratch(Path(output).parent) / f"{Path(output).stem}.checkpoint.npz"


def scratch(folder: str | Path) -> Path:
    """The folder of checkpoints for outputs in `folder`: itself, or as OVERPARAM_SCRATCH says.

    There it has its whole path, so that copies of the project keep apart.
    """
    root = os.environ.get("OVERPARAM_SCRATCH")
    return Path(root, *Path(folder).resolve().parts[1:]) if root else Path(folder)


def _interval() -> float:
    text = os.environ.get("OVERPARAM_CHECKPOINT_SECONDS", "60")
    try:
        return float(text)
    except ValueError:
        raise Refusal(
            f"OVERPARAM_CHECKPOINT_SECONDS: found {text!r}, expected seconds between checkpoints"
        ) from None


def _differing(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    """The keys in which two identities differ, inner ones with their outer one's name."""
    found = []
    for key in sorted({*ours, *theirs}):
        own, other = ours.get(key), theirs.get(key)
        if own != other:
            inner = []
            if isinstance(own, dict) and isinstance(other, dict):
                inner = _differing(own, other)
            found += [f"{key}.{name}" for name in inner] or [key]
    return found
