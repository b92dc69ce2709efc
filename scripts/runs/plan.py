"""What a run would take: jobs, minutes, memory and disk, before anything runs.

Minutes come from the benchmark files of earlier runs on this computer where there are any for the
same job, else from the run's record in reference/runs, on the computer that it names, or for a run
of one's own from that of the run whose claims it checks, scaled by counts; else from counts of
operations and bytes, on the slow side. Refuses (status 1) when the memory or the disk
cannot suffice.
"""

from pipeline import cli

MANY = 64  # cores, more than any job asks for


@cli.program
@cli.option("--configfile", type=cli.InputFile(), required=True, help="The run's configuration.")
@cli.option("--cores", type=cli.count(), help="Cores; all of this computer's if not given.")
@cli.option(
    "--mem", envvar="MEM", help="Memory that jobs share, in MB or such as 16G; all if not given."
)
def main(configfile: str, cores: int | None, mem: str | None) -> None:
    import shutil
    from collections import Counter
    from pathlib import Path

    import pandas as pd
    from snakemake.utils import available_cpu_count

    from overparam.errors import Refusal
    from pipeline.running.dag import planned
    from pipeline.style import counted
    from scripts.runs import configs, estimates
    from workflow.lib.run import megabytes, memory_mb

    cores = cores or available_cpu_count()
    memory = megabytes(mem) if mem else memory_mb()
    whole = planned(configfile, cores)
    if not any(job.due for job in whole):
        print("Nothing to do: every result is there and agrees with code and settings.")
        return
    # A file that is laid over the default one and names no run is the default run.
    settings = configs.read(Path(configfile))
    run = settings.get("run", "digits")
    base = run if estimates.has_record(run) else settings.get("checks", "digits")
    # A program's recorded mean is one over all of its jobs, those done before too.
    theirs = whole
    if base != run and estimates.has_record(base):
        theirs = planned(str(configs.file(base)), MANY)  # counted, not run
    timed = zip(whole, estimates.times(whole, base, theirs), strict=True)
    table = pd.DataFrame(
        {
            "rule": job.rule,
            "seconds": took,
            "source": source,
            "mem_mb": job.mem_mb,
            "disk_mb": estimates.disk_mb(job),
            "checkpoint_mb": job.checkpoint_mb,
            "threads": job.threads,
            "gpu": job.gpu,
        }
        for job, (took, source) in timed
        if job.due
    )
    rules = table.groupby("rule", sort=False).agg(
        jobs=("rule", "size"),
        minutes=("seconds", lambda values: values.sum() / 60),
        longest_minutes=("seconds", lambda values: values.max() / 60),
        largest_gb=("mem_mb", lambda values: values.max() / 1000),
        disk_gb=("disk_mb", lambda values: values.sum() / 1000),
    )
    with pd.option_context("display.float_format", "{:.2f}".format, "display.width", 100):
        print(rules.sort_values("minutes", ascending=False).to_string())
    wall = estimates.wall_seconds(table, cores) / 60
    # Checkpoints are gone when their job has ended.
    disk = table.disk_mb.sum() + table.checkpoint_mb.nlargest(cores).sum()
    free = shutil.disk_usage(".").free / 1e6
    known = Counter(table.source)
    recorded = f"{known['recorded']} as recorded in {estimates.RECORDS / base}, "
    print(
        f"\n{counted(len(table), 'job')}, about {counted(round(wall), 'minute')} on "
        f"{counted(cores, 'core')} (times: {known['measured']} measured here, "
        f"{recorded if known['recorded'] else ''}"
        f"{known['counted']} counted on the slow side), at most "
        f"{table.mem_mb.max() / 1000:.1f} GB of memory for one job, {disk / 1000:.1f} GB of disk."
    )
    if table.mem_mb.max() > memory:
        raise Refusal(
            f"memory: {memory} MB, expected at least {table.mem_mb.max():.0f} MB for the largest "
            "job: lower n or m, run where there is more, or, for a cluster, say MEM= of a node"
        )
    if disk > free:
        raise Refusal(
            f"disk: {free:.0f} MB free, expected at least {disk:.0f} MB: free some (make clean "
            "RUN=…), or run where there is more"
        )


if __name__ == "__main__":
    main()
