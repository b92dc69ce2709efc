"""Cancel what this folder has on a cluster: the run that submits, and its jobs in the queue."""

from typing import TYPE_CHECKING

from pipeline import cli

if TYPE_CHECKING:
    import psutil

# Seconds for a run to cancel its own jobs, for SLURM to take the others from the queue, and for a
# run that was told twice to end.
PATIENCE = 60


@cli.program
def main() -> None:
    from overparam.errors import Refusal
    from pipeline.running import slurm

    queued = {job.id for job in slurm.queued()}
    runs = _runs()
    _end(runs)
    _clear()
    left = _at_work(runs, PATIENCE)
    for run in (run for run in runs if run not in left):
        print(f"Ended the run of process {run.pid}.")
    print(f"Cancelled: {', '.join(sorted(queued))}." if queued else "No job of this folder queued.")
    if left:
        pids = ", ".join(str(process.pid) for process in left)
        raise Refusal(
            f"processes {pids}: still at work a minute after SIGTERM: end them by kill -9"
        )


def _runs() -> "list[psutil.Process]":
    """The processes of this computer that submit from this folder, or wait before they do."""
    from pathlib import Path

    from pipeline.running import owner

    found = []
    for process in owner.processes():
        words = process.info["cmdline"]
        submits = any(word.rstrip("/").endswith("profiles/slurm") for word in words)
        # `make slurm` waits for an earlier run's jobs before it becomes Snakemake.
        named = any(Path(word).name in ("snakemake", "scripts.runs.start") for word in words)
        if submits and named:
            found.append(process)
    return found


def _end(runs: "list[psutil.Process]") -> None:
    """Tell runs to end, upon which they cancel their jobs."""
    import signal
    from contextlib import suppress

    import psutil

    # One that was started in the background of a script does not hear Ctrl-C: it is told to end
    # when its jobs have, and those are cancelled next.
    for sent, patience in ((signal.SIGINT, PATIENCE), (signal.SIGTERM, 0)):
        for process in runs:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(sent)
        _at_work(runs, patience)


def _at_work(runs: "list[psutil.Process]", patience: float) -> "list[psutil.Process]":
    """Those that have not ended after some seconds, if all have not before."""
    import time

    import psutil

    def works(process: psutil.Process) -> bool:
        try:
            # One that nobody has asked for its status has ended too.
            return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    deadline = time.monotonic() + patience
    while (left := [run for run in runs if works(run)]) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def _clear() -> None:
    """Cancel what is queued until nothing is; Refusal if it stays."""
    import time

    from overparam.errors import Refusal
    from pipeline.running import slurm

    deadline = time.monotonic() + PATIENCE
    while left := slurm.queued():
        if time.monotonic() > deadline:
            ids = ", ".join(job.id for job in left)
            raise Refusal(f"jobs {ids}: still queued a minute after scancel: try again later")
        slurm.cancel([job for job in left if job.state != "COMPLETING"] or left)
        time.sleep(1)


if __name__ == "__main__":
    main()
