"""How far the run in this folder is, and the last line of each job, every two seconds; Ctrl-C ends
it.

Into a file or a pipe it looks once.
"""

from pipeline import cli


@cli.program
@cli.option("--once", is_flag=True, help="Look once, and end.")
@cli.option("--every", default=2.0, help="Seconds between looks.")
def main(once: bool, every: float) -> None:
    import sys
    import time

    from pipeline.running import status

    once = once or not sys.stdout.isatty()  # into a file or a pipe: no screen to clear, an end
    while True:
        lines = status.noted() or _running()
        if not once:
            print("\033[2J\033[H", end="")  # clear the screen, to its top
        print("\n".join(lines) or "No job is running here.", flush=True)
        if once:
            return
        try:
            time.sleep(every)
        except KeyboardInterrupt:
            return


def _running() -> list[str]:
    """A line for each running program of this folder: how long it runs, what it said last."""
    import time
    from pathlib import Path

    from pipeline.running import owner

    lines = []
    for process in owner.processes():
        words = process.info["cmdline"]
        program = any(word.startswith("scripts.") for word in words) and "-c" not in words
        if not program or "--sidecar" not in words:
            continue
        sidecar = Path(words[words.index("--sidecar") + 1])
        log = sidecar.with_suffix(".log")
        said = log.read_text(errors="replace").splitlines()[-1:] if log.is_file() else []
        since = time.time() - process.info["create_time"]
        lines.append(f"{sidecar.with_suffix('')}  {since:.0f} s  {''.join(said)}")
    return sorted(lines)


if __name__ == "__main__":
    main()
