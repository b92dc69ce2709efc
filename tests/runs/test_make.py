"""The front door: `make` and its targets, and that what a person types is never run as code."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import zipfile

import pytest
import yaml

from tests.workflow.repository import ROOT, Repository, alone, environment, fresh

HOSTILE = [
    "x; touch hacked", "$(touch hacked)", "`touch hacked`", "$(shell touch hacked)", "x'y", 'x"y',
    "x y", "../x", "/x", "-n", "x|touch hacked", "x&touch hacked", "x\ntouch hacked", "test",
    "digits", "shared", "config", "datasets", "runs", "x" * 41, "",
]  # fmt: skip
SET = "toy.walk.steps='300' toy.spread.least='11'"


@pytest.fixture(scope="module")
def tree(made, tmp_path_factory):
    """A copy of what `make quick` made, in a folder with a blank in its name."""
    return made.copied(tmp_path_factory.mktemp("make") / "a copy")


@pytest.fixture(scope="module")
def mine(tree):
    """The tree with a run of one's own in it, made by `make run`, and what that said."""
    return tree, tree.make("run", "NAME=mine", "RUN=test", f"SET={SET}")


def runs(tree):
    return {path.name for path in (tree / "config/runs").glob("*")}


def test_quick_says_what_it_found_and_where(made):
    said = (made / "said.txt").read_text()
    assert re.search(r"^T1  holds$", said, re.M)
    assert "  figure: figures/test/toy/spread_tiny.png\n" in said
    assert "\nreport: results/test/report.html\n" in said
    assert said.splitlines()[-1] == "claims: 2 holds"


@pytest.mark.skipif(not alone(), reason="skipped: needs network namespaces")
def test_it_was_made_without_network(made):
    assert (made / "routes.txt").read_text().splitlines()[1:] == []  # at most the table's head


@pytest.mark.skipif(not alone(), reason="skipped: needs network namespaces")
def test_the_environment_is_made_of_a_folder_of_wheels_without_network(tmp_path):
    """As docs/running.md says, with one small package in place of all; wherever a person's pip is
    told to put packages."""
    tree = fresh(tmp_path / "clone")
    (tree / "requirements/requirements.txt").write_text("staged==1.0\n")
    (tree / "wheels").mkdir()
    with zipfile.ZipFile(tree / "wheels/staged-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("staged.py", "")
        wheel.writestr("staged-1.0.dist-info/METADATA", "Name: staged\nVersion: 1.0\n")
        head = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        wheel.writestr("staged-1.0.dist-info/WHEEL", head)
        wheel.writestr("staged-1.0.dist-info/RECORD", "")
    options = "PIP_ARGS=--no-index --find-links wheels"
    elsewhere = "".join(f"{key} = {tree / key}\n" for key in ("target", "prefix", "root"))
    (tree / "pip.conf").write_text(f"[install]\nuser = true\n{elsewhere}")
    done = tree.run(
        *alone(), "make", ".venv", options, f"PYTHON={sys.executable}", PIP_CONFIG_FILE="pip.conf"
    )
    assert done.returncode == 0, done.stderr
    assert tree.run(".venv/bin/python", "-c", "import staged").returncode == 0
    assert not any((tree / key).exists() for key in ("target", "prefix", "root"))


def test_again_there_is_nothing_to_do(tree):
    done = tree.make("quick")
    assert done.returncode == 0, done.stderr
    assert "Nothing to be done" in done.stdout + done.stderr
    assert "Headline results (run test)" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("claims: ")


def test_help_names_every_target_and_variable():
    tree = Repository(ROOT)
    said = tree.run("make", "help")
    assert said.returncode == 0, said.stderr
    listed = set(re.findall(r"^  (\S+) +\S", said.stdout, re.MULTILINE))
    makefile = (ROOT / "Makefile").read_text()
    declared = set(" ".join(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)).split())
    assert listed >= declared - {"$(VENV)"} | {".venv"}
    assert listed >= {
        "RUN", "NAME", "SET", "A", "B", "CORES", "MEM", "DATA_DIR", "VENV", "PYTHON", "PIP_ARGS",
    }  # fmt: skip
    assert listed >= {"all", "quick", "plan", "run", "compare", "watch", "clean", "test"}


def test_plan_says_nothing_to_do_or_what_it_would_take(tree):
    assert "Nothing to do" in tree.make("plan", "RUN=test").stdout
    said = tree.make("plan", "RUN=digits")
    assert said.returncode == 0, said.stderr
    # Only the digits themselves are there already.
    assert re.search(r"^10 jobs, about \d+ minutes on 2 cores", said.stdout, re.MULTILINE)


@pytest.mark.parametrize("option", ["-n", "-Fpn"])
def test_a_dry_run_of_another_run_runs_nothing(tree, option):
    before = tree.files("results", "figures")
    said = tree.make("RUN=digits", f"SNAKEMAKE_ARGS={option} --quiet all")
    assert said.returncode == 0, said.stderr
    assert "Run digits" not in said.stdout
    assert tree.files("results", "figures") == before


def test_a_run_of_ones_own(mine):
    tree, done = mine
    assert done.returncode == 0, done.stderr
    assert "Headline results (run mine)" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("claims: ")
    written = (tree / "config/runs/mine.yaml").read_text()
    assert written.startswith("# Run mine: as test, with toy.walk.steps='300' ")
    values = yaml.safe_load(written)
    test = yaml.safe_load((tree / "config/test.yaml").read_text())
    assert values == test | {
        "run": "mine",
        "toy": {"walk": {"steps": 300}, "spread": {"least": 11}},
    }
    made = tree.files("figures/mine")
    assert "figures/mine/toy/spread_tiny.svg" in made
    # What depends on the data alone is there already; once made, there is nothing to do.
    assert "rule prepare" not in done.stdout + done.stderr
    again = tree.make("RUN=mine")
    assert "Nothing to be done" in again.stdout + again.stderr


def test_compare_shows_what_was_set_and_what_came_of_it(mine):
    tree, _ = mine
    said = tree.make("compare", "A=test", "B=mine")
    assert said.returncode == 0, said.stderr
    assert said.stderr == ""
    settings, figures = said.stdout.split("\nfigure ")
    assert re.search(r"^  toy\.walk\.steps +400  →  300$", settings, re.MULTILINE)
    assert "prepare" not in settings
    rows = {line.split()[0]: line.split()[1:] for line in figures.splitlines()[1:] if line}
    first, second, difference = map(float, rows["toy/walk/tiny/turns"][:3])
    assert difference == pytest.approx(second - first, abs=2e-4)
    assert "toy/spread/tiny/exponent" in rows


def test_compare_of_a_run_that_is_not_there(tree):
    said = tree.make("compare", "A=test", "B=nothing")
    assert said.returncode == 2
    assert "error: results/nothing/summary.csv: not there" in said.stderr


def test_reference_records_a_run_and_shows_it(tree):
    page = "scripts/toy/README.md"
    with tree.edited(page, lambda text: text.replace("T1 T2", "T1 T2+")):
        done = tree.make("reference", "RUN=test")
        assert done.returncode == 0, done.stderr
        said, told, tabled = (
            (tree / name).read_text() for name in ("README.md", "ARTIFACT.md", page)
        )
    folder = "reference/runs/test"
    wanted = {"spread_tiny.png", "spread_tiny.md", "README.md", "claims.csv", "claims.json"}
    wanted |= {"report.json", "summary.csv", "timings.csv", "provenance.json"}
    wanted |= {"verdicts.png", "verdicts.md"}
    assert {path.name for path in (tree / folder).iterdir()} == wanted
    facts = json.loads((tree / f"{folder}/provenance.json").read_text())
    assert facts["jobs"] == 10  # all but the download, which is no run's own
    assert facts["gflops_per_core"] > 0
    page = (tree / folder / "README.md").read_text()
    assert "](spread_tiny.png)" in page
    assert f"]({folder}/README.md) | {facts['jobs']} | " in said
    assert "  toy --> collect\n" in said
    rows = json.loads((tree / "results/test/claims.json").read_text())["claims"]
    assert "| `make claim ID=T1 RUN=test` | " in told
    for row in rows:
        assert f"\n| {row['id']} | {row['place']} | " in page
    first, second = tabled.split("<!-- rows T1 T2+ -->")[1].splitlines()[4:6]
    assert re.match(r"\| T1 \| .*\| 0\.7 to 1\.3 \| .*holds: [\d.]+ \|", first)
    assert re.match(r"\| T2 \| .*holds: [\d.]+ ", second)
    assert rows[1]["where"] in second
    assert rows[0]["where"] not in first
    # A run agrees with itself.
    same = tree.make("compare", "RUN=test")
    assert same.returncode == 0, same.stderr
    assert same.stdout.rstrip().endswith("0 verdicts changed")


def test_clean_removes_that_run_alone(mine, tmp_path):
    tree = mine[0].copied(tmp_path / "to clean")
    kept = {path for path in tree.files(".") if "/mine/" not in path}
    done = tree.make("clean", "RUN=mine")
    assert done.returncode == 0, done.stderr
    assert "Removed run mine: " in done.stdout
    assert tree.files(".") == kept
    assert tree.make("clean").returncode == 2
    for run in ("../src", "..", ".", "src", "config", "test/toy"):
        tree.make("clean", f"RUN={run}")
    assert tree.files(".") == kept
    assert tree.make("clean", "RUN=shared").returncode == 0
    assert tree.files(".") == {path for path in kept if not path.startswith("results/shared/")}


@pytest.mark.parametrize("base", ["test", "digits"])
def test_a_run_laid_over_another(tree, base):
    name = f"over_{base}"
    words = ["SET=toy.walk.steps=200 toy.spread.least=20 seed=7", "SNAKEMAKE_ARGS=-n --quiet all"]
    done = tree.make("run", f"NAME={name}", f"RUN={base}", *words)
    assert done.returncode == 0, done.stderr
    values = yaml.safe_load((tree / f"config/runs/{name}.yaml").read_text())
    own = {} if base == "digits" else yaml.safe_load((ROOT / f"config/{base}.yaml").read_text())
    changed = {"walk": {"steps": 200}, "spread": {"least": 20}}
    assert values == own | {"run": name, "seed": 7, "toy": changed}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("toy.walk.stpes=64", "toy.walk.stpes: unknown key, did you mean 'steps'?"),
        ("toy.walk.steps=far", "toy.walk.steps: found 'far', expected a valid integer"),
        ("toy.walk.steps", "SET: found 'toy.walk.steps', expected key=value"),
        ("toy.walk.steps='64", "SET: found "),
        ("seed=1 seed.more=2", "SET: found 'seed.more', but 'seed' holds 1"),
        ("seed=[1", "SET: found '[1' for seed, expected a YAML value"),
    ],
)
def test_settings_that_cannot_be_are_refused_before_anything_is_written(tree, settings, said):
    before = runs(tree)
    done = tree.make("run", "NAME=wrong", "RUN=test", f"SET={settings}")
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert runs(tree) == before


@pytest.mark.parametrize("words", [[], ["quick"], ["compare", "A=test", "B=test"]])
@pytest.mark.parametrize("given", ["SET=seed=3", "NAME=mine"])
def test_settings_that_nothing_would_use_are_refused(tree, words, given):
    done = tree.make(*words, given)
    assert done.returncode == 2
    assert "NAME and SET are for make run and make plan" in done.stderr


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            ["mine", "FILE=a.csv", "SET=seed=3"],
            "edit config/runs/mine.yaml after it, or type make ",
        ),
        (["mine", "FILE=a.csv", "NAME=two", "RUN=test"], "make run NAME=other RUN=two SET="),
        (["run", "NAME=wide", "FILE=a.csv", "LABEL=kind"], "FILE LABEL: found, expected for make"),
        (["CLASSES=a,b"], "CLASSES: found, expected for make mine alone, such as: make mine FILE="),
    ],
)
def test_what_make_mine_would_not_use_is_refused_and_what_it_alone_uses(tree, words, expected):
    done = tree.make(*words)
    assert done.returncode == 2
    assert expected in done.stderr
    assert not (tree / "config/runs/two.yaml").exists()


def test_a_plan_of_a_run_of_ones_own(tree):
    before = runs(tree)
    done = tree.make("plan", "SET=seed=3")
    assert done.returncode == 2
    assert "give NAME, such as: make plan NAME=wide" in done.stderr
    done = tree.make("plan", "NAME=planned", "SET=toy.walk.stpes=1")
    assert done.returncode == 2
    assert "did you mean 'steps'?" in done.stderr
    assert runs(tree) == before
    done = tree.make("plan", "NAME=planned", "SET=toy.walk.steps=2048")
    assert done.returncode == 0, done.stderr
    path = tree / "config/runs/planned.yaml"
    steps = {"toy": {"walk": {"steps": 2048}}}
    assert yaml.safe_load(path.read_text()) == {"run": "planned"} | steps
    # What was asked for last counts, over whichever run.
    done = tree.make("plan", "NAME=planned", "RUN=test", "SET=seed=5")
    assert done.returncode == 0, done.stderr
    written = yaml.safe_load(path.read_text())
    assert (written["seed"], written["checks"]) == (5, "test")
    # An edit by hand is kept, and the run still there by its name.
    edited = path.read_text() + "# mine\n"
    path.write_text(edited)
    done = tree.make("plan", "NAME=planned", "SET=seed=6")
    assert done.returncode == 2
    assert "written or edited by hand" in done.stderr
    assert path.read_text() == edited
    assert tree.make("plan", "NAME=planned").returncode == 0
    path.unlink()


def test_hostile_names_are_refused_and_never_run(tree):
    before = tree.files(".")
    for name in HOSTILE:
        for words in (["run", f"NAME={name}", "SET=seed=1"], ["plan", f"RUN={name or ' '}"]):
            if words[0] == "plan" and name in {"test", "digits"}:
                continue
            done = tree.make(*words)
            assert done.returncode == 2, (name, done.stdout, done.stderr)
            assert "Traceback" not in done.stderr
    for words in (
        ["compare", "A=$(touch hacked)", "B=test"],
        ["clean", "RUN=`touch hacked`"],
        ["new-claim", "ID=$(shell touch hacked)"],
        ["new-claim", "ID=T98", "SLICE=$(shell touch hacked)"],
        ["new-claim", "ID=T98", "THEME=$(shell touch hacked)"],
    ):
        assert tree.make(*words).returncode == 2
    assert {path for path in tree.files(".") if ".snakemake" not in path} == {
        path for path in before if ".snakemake" not in path
    }


def test_hostile_settings_are_data(tree):
    """Quotes, blanks and $(…) in a value reach the configuration letter by letter."""
    text = 'it\'s;\n $(touch hacked) $(shell touch hacked) `touch hacked` "x" | & # {y} $$ \\'
    # As a person would type it: quoted for YAML inside quotes for the shell's rules.
    value = f"data.tiny.label_column={shlex.quote(json.dumps(text))}"
    words = ["NAME=hostile", "RUN=test", f"SET={value}", f"DATA_DIR={text}"]
    done = tree.make("run", *words, "SNAKEMAKE_ARGS=-n --quiet all")
    assert done.returncode == 0, done.stderr
    values = yaml.safe_load((tree / "config/runs/hostile.yaml").read_text())
    assert values["data"]["tiny"]["label_column"] == text
    assert not list(tree.folder.rglob("hacked"))
    assert tree.planned(config="config/runs/hostile.yaml")


def test_distclean_removes_an_environment_that_make_made_and_no_other(copy):
    (copy / "mine").mkdir()
    (copy / "mine/pyvenv.cfg").touch()
    for folder, left in (("mine", True), (".venv", False)):
        copy.set_up()
        assert copy.run("make", "distclean", f"VENV={folder}").returncode == 0
        assert (copy / folder).exists() == left
        assert {path.name for path in (copy / "results").iterdir()} == {"README.md"}


def test_distclean_removes_nothing_under_a_run_that_is_at_work(copy):
    (copy / "results/mine.txt").touch()
    code = "from pipeline.running import owner; owner.take(); print(flush=True); input()"
    words = [sys.executable, "-c", code]
    with subprocess.Popen(
        words, cwd=copy.folder, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as run:
        run.stdout.readline()
        done = copy.make("distclean")
        assert done.returncode != 0
        assert f"another run is at work in this folder (process {run.pid} on " in done.stderr
        # Whoever has no environment to look with sees the locks.
        (copy / ".snakemake/locks").mkdir(exist_ok=True)
        (copy / ".snakemake/locks/0.input.lock").touch()
        done = copy.run("make", "distclean", "VENV=none")
        assert done.returncode != 0
        assert "a run is at work here, or was cut off" in done.stderr
        run.stdin.close()
    assert (copy / "results/mine.txt").is_file()
    assert (copy / ".venv/bin/python").is_file()


def test_an_environment_whose_path_has_a_blank_is_refused(copy):
    assert "VENV: found 'a b', expected a folder" in copy.run("make", "VENV=a b", "help").stderr


def long_walk(tree, folder):
    """Options of walks that take long."""
    (problem,) = tree.folder.glob("results/shared/tiny-0-*/problem.npz")
    written = {f"--{name}": folder / f"{name}.csv" for name in ("positions", "turns", "metrics")}
    return written | {"--problem": problem, "--name": "tiny", "--steps": 1_000_000}


def test_watch_says_what_a_running_job_said_last(tree, tmp_path):
    said = tree.python("scripts.runs.watch", "--once")
    assert said.stdout == "No job is running here.\n"
    words = long_walk(tree, tmp_path) | {"--sidecar": tmp_path / "walk.json"}
    listed = [str(word) for pair in words.items() for word in pair]
    (tmp_path / "walk.log").write_text("first\nlast words\n")
    walking = subprocess.Popen(
        [sys.executable, "-m", "scripts.toy.walk", *listed],
        cwd=tree.folder, env=environment(), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        said = tree.python("scripts.runs.watch", "--once")
    finally:
        walking.kill()
        walking.wait()
    assert re.fullmatch(rf"{tmp_path}/walk  \d+ s  last words\n", said.stdout)


def test_make_watch_ends_at_an_interrupt(tree):
    watching = subprocess.Popen(
        ["make", "watch"], cwd=tree.folder, env=environment(), stdout=subprocess.PIPE, text=True,
        start_new_session=True,
        # What runs in the background of a script ignores interrupts, and so do its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    with watching:
        assert "No job is running here." in watching.stdout.readline()
        os.killpg(watching.pid, signal.SIGINT)  # as a terminal does
        deadline = time.monotonic() + 20
        while watching.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert watching.poll() is not None


def test_an_unknown_run_is_told_with_those_there_are(tree):
    done = tree.make("RUN=tset")
    assert done.returncode == 2
    (listed,) = re.findall(r"^error: run: found 'tset', expected one of (.*?): ", done.stderr, re.M)
    assert {"digits", "paper", "test", "workstation"} <= set(listed.split(", "))
    assert not {"config", "datasets"} & set(listed.split(", "))
