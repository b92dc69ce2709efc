"""Remove what a run computed and drew; what data sets share with other runs stays.

`--run shared` removes just that: prepared problems, Gram matrices and spectra of all runs.
"""

from pipeline import cli


@cli.program
@cli.option("--run", envvar="RUN", required=True, help="Name of the run, or shared.")
def main(run: str) -> None:
    import shutil
    from pathlib import Path

    from overparam.errors import Refusal
    from pipeline import checkpoints
    from pipeline.running import owner
    from scripts.runs import configs

    if run != "shared":
        configs.check_name(run)
    results = Path("results", run)
    folders = {results, Path("figures", run), checkpoints.scratch(results)}
    for link in (folder for folder in folders if folder.is_symlink()):
        raise Refusal(
            f"{link}: found a link to {link.resolve()}, expected a folder of its own: remove what "
            "it leads to yourself, then the link"
        )
    freed = 0
    with owner.alone():
        for folder in (folder for folder in folders if folder.is_dir()):
            freed += sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            shutil.rmtree(folder)
    print(f"Removed run {run}: {freed / 1e6:.1f} MB." if freed else f"Nothing of run {run} here.")
    if run != "shared" and Path("results/shared").is_dir():
        print("Prepared data sets and spectra stay for other runs; make clean RUN=shared removes.")


if __name__ == "__main__":
    main()
