"""How much memory a job may take, and how it is known that it was not enough.

The system refuses what is beyond the limit, so that the job ends with a message instead of being
killed, with others or the computer.
"""

import errno
import resource
from collections.abc import Set
from typing import NamedTuple

from overparam.errors import Refusal
from pipeline.threads import fill_buffers

MB = 10**6
# What a thread's stack and buffers set aside, and hardly use.
THREAD_MB = 100
# What the libraries themselves may take: below it they hang or crash, where their user would not.
LIBRARIES_MB = 400


class Limit(NamedTuple):
    """The memory that a rule's jobs may take, as Snakemake's --set-resources names it."""

    rule: str
    mem_mb: int

    @classmethod
    def read(cls, text: str) -> "Limit":
        """From text such as `gram:mem_mb=400`."""
        rule, _, mem_mb = text.partition(":mem_mb=")
        if not (rule and mem_mb.isdecimal()):
            raise Refusal(f"limit: found {text!r}, expected a rule and MB: gram:mem_mb=400")
        return cls(rule, int(mem_mb))

    def set(self, threads: int, libraries: Set[str]) -> None:
        """Let the system refuse this process more data than that, or than its libraries take.

        libraries: what it will import; with NumPy, SciPy is loaded if that, or scikit-learn, which
            loads it, is among them.
        """
        fill_buffers({"scipy"} if {"scipy", "sklearn"} & libraries else ())
        wanted = (max(self.mem_mb, LIBRARIES_MB) + THREAD_MB * (threads - 1)) * MB
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        wanted = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))

    def mend(self) -> str:
        """What to do when it is not enough."""
        return (
            f"rule {self.rule} may take mem_mb={self.mem_mb}: give it more (make SNAKEMAKE_ARGS="
            f"'--set-resources {self.rule}:mem_mb={2 * self.mem_mb}'), as far as all jobs together "
            "may have it, or lower n or m"
        )


# What torch says on the CPU and on a GPU; an error may speak of memory for other reasons.
REFUSED = ("not enough memory", "out of memory", "allocate memory")


def short(problem: BaseException) -> bool:
    """Whether an error says that memory was refused: Python's, NumPy's, torch's or the system's."""
    if isinstance(problem, OSError):
        return problem.errno == errno.ENOMEM
    torchs = isinstance(problem, RuntimeError) and any(phrase in str(problem) for phrase in REFUSED)
    return isinstance(problem, MemoryError) or torchs
