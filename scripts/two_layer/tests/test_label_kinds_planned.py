"""Labels of every kind through the graph: which jobs read eigenvectors, and own data's figure 1."""

from scripts.two_layer.tests.plots import groups
from scripts.two_layer.tests.test_label_kinds import ALL
from scripts.two_layer.tests.test_plan import told, tree  # noqa: F401 (a fixture)
from tests.runs.own_data import save_csv
from workflow.slices import SLICES


def test_jobs_with_labels_along_an_eigenvector_alone_read_the_eigenvectors(tree):  # noqa: F811
    run = ["figure1", "equation8", "widths", "kernel_change"]
    few = {f"{slice}.experiments": [] for slice in SLICES} | {"two_layer.experiments": run}
    kinds = {f"two_layer.{name}.labels": ALL for name in run if name != "widths"}
    jobs = told(tree, tree.overlay("kinds", few | kinds))
    read = {job for job, command in jobs.items() if "--eigenvectors " in command}
    nets = {job for job in jobs if job.endswith("/train.json")}
    assert nets & read == {job for job in nets if "/eigenvector3/" in job}
    assert len(nets & read) == 2
    first = told(tree, tree.overlay("few", few))
    for name in ("frozen", "kernel_change"):
        job = f"results/test/two_layer/{name}/tiny/{name}.json"
        assert job in read
        assert "--eigenvectors " not in first[job]


def test_figure1_of_ones_own_data_with_other_labels(tree):  # noqa: F811
    """From the file to the picture, by the rules."""
    changes = {
        "run": "own", "only": ["tiny"], "data.tiny": save_csv(tree / "own.csv"),
        "two_layer.figure1": {
            "problems": ["tiny"], "labels": ["true", "shuffled", "eigenvector3"],
            "repetitions": 1, "random_labellings": 1,
            "arms": {"small": {"steps": 20, "seeds_per_job": 1}, "kernel": None},
        },
    }  # fmt: skip
    done = tree.snakemake("all_figure1", config=tree.overlay("own", changes))
    assert done.returncode == 0, done.stdout + done.stderr
    svg = tree / "figures/own/two_layer/figure1_tiny.svg"
    assert {"projection-shuffled", "projection-eigenvector3"} <= groups(svg)
