"""Get MNIST, CIFAR-10, Cora or Citeseer: found in a folder of yours, or downloaded; checked;
unpacked.

Source, licence, mirrors, sizes (bytes) and SHA-256 hashes: config/datasets.yaml. Writes below
--data the files that torchvision reads, and those of the Planetoid data set:

\b
  mnist     MNIST/raw/*-ubyte         28 x 28 pixels 0..255, 60 000 for training, 10 000 for test
  cifar10   cifar-10-batches-py/*     32 x 32 x 3 pixels 0..255, 50 000 and 10 000
  cora      planetoid/ind.cora.*      2 708 papers and who cites whom, 140 for training
  citeseer  planetoid/ind.citeseer.*  3 327 papers, 120 for training

Files that are there and right are kept. With --data-dir nothing is downloaded.
"""

from pipeline import cli


@cli.program
@cli.option("--source", required=True, help="Name of the data set in the registry.")
@cli.option(
    "--registry",
    type=cli.InputFile(),
    default="config/datasets.yaml",
    help="Sizes, hashes and mirrors.",
)
@cli.option("--registered", help="Digest of its entry in the registry, for the sidecar alone.")
@cli.option(
    "--data-dir",
    type=cli.SearchedFolder(),
    help="Folder with archives or their members; read, never written.",
)
@cli.option("--archives", default="data/archives", help="Folder for downloaded archives.")
@cli.option("--data", default="data", help="Folder that the files are unpacked to.")
@cli.option(
    "--member",
    "members",
    type=cli.OutputFile(),
    multiple=True,
    help="A file that must exist afterwards; once for each.",
)
def main(
    source: str,
    registry: str,
    registered: str | None,
    data_dir: str | None,
    archives: str,
    data: str,
    members: tuple[str, ...],
) -> None:
    """Check the names of the expected files, then get them."""
    from pathlib import Path

    from overparam.errors import Refusal
    from pipeline.archives import load_registry, obtain

    entry = load_registry(registry).source(source)
    known = {Path(data, member.path) for archive in entry.archives for member in archive.members}
    if strangers := [member for member in members if Path(member) not in known]:
        listed = ", ".join(sorted(map(str, known)))
        raise Refusal(
            f"--member: found {', '.join(strangers)}, expected files of {source} ({listed}): "
            "correct the path or the registry"
        )
    obtain(entry, Path(data), Path(archives), Path(data_dir) if data_dir else None)


if __name__ == "__main__":
    main()
