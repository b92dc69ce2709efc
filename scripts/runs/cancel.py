"""Cancel what this folder has on a cluster: the run that submits, and its jobs in the queue."""

from overparam.house import cli

# Seconds for a run to cancel its own jobs, and for SLURM to take the others from the queue.
PATIENCE = 60


@cli.program
def main() -> None:
    from scripts.runs import slurm

    queued = {one.id for one in slurm.queued()}
    ended = _end_runs()
    _clear()
    for pid in ended:
        print(f"Ended the run of process {pid}.")
    print(f"Cancelled: {', '.join(sorted(queued))}." if queued else "No job of this folder queued.")


def _end_runs() -> list[int]:
    """End the processes of this computer that submit from this folder; they cancel their jobs."""
    import signal
    from pathlib import Path

    import psutil

    running = []
    for process in psutil.process_iter(["cmdline", "cwd"]):
        words = process.info["cmdline"] or []
        ours = process.info["cwd"] == str(Path.cwd()) and "profiles/slurm" in words
        if ours and any(Path(word).name == "snakemake" for word in words):
            running.append(process)
    # One that was started in the background of a script does not hear Ctrl-C: it is told to end
    # when its jobs have, and those are cancelled next.
    for sent, patience in ((signal.SIGINT, PATIENCE), (signal.SIGTERM, 0)):
        for process in running:
            if process.is_running():
                process.send_signal(sent)
        psutil.wait_procs(running, timeout=patience)
    return [process.pid for process in running]


def _clear() -> None:
    """Cancel what is queued until nothing is; Refusal if it stays."""
    import time

    from overparam.errors import Refusal
    from scripts.runs import slurm

    deadline = time.monotonic() + PATIENCE
    while left := slurm.queued():
        if time.monotonic() > deadline:
            ids = ", ".join(one.id for one in left)
            raise Refusal(f"jobs {ids}: still queued a minute after scancel: try again later")
        slurm.cancel([one for one in left if one.state != "COMPLETING"] or left)
        time.sleep(1)


if __name__ == "__main__":
    main()
