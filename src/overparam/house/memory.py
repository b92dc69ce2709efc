"""How much memory a job may take, and what is said when it is not enough.

The system refuses memory beyond the limit, so the job ends with a message of its own instead of
being killed, or the computer with it. Counted is what the job asked for, which is a little more
than what it uses. Apart from `cli`, and not counted in fingerprints: no number depends on it.
"""

import errno
import resource

MB = 10**6


def limit(mem_mb: int) -> None:
    """Let the system refuse this process more than `mem_mb` megabytes of data."""
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    wanted = mem_mb * MB if hard == resource.RLIM_INFINITY else min(mem_mb * MB, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))


def short(problem: BaseException) -> bool:
    """Whether this error says that memory was refused: Python's and NumPy's, torch's, the system's."""
    if isinstance(problem, OSError):
        return problem.errno == errno.ENOMEM
    torchs = isinstance(problem, RuntimeError) and "memory" in str(problem)
    return isinstance(problem, MemoryError) or torchs
