"""The programs about runs: overlay, plan, verify, compare, watch, clean, schema."""

import math
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from overparam.errors import Refusal
from pipeline import files, provenance
from pipeline.metrics import measured
from pipeline.running import cluster, owner
from pipeline.running.dag import Job
from scripts.ledger import timings, verify
from scripts.runs import (
    cancel,
    clean,
    compare,
    configfile,
    configs,
    estimates,
    failures,
    locked,
    overlay,
    plan,
    schema,
    watch,
)
from tests.scripts.programs import call
from workflow.lib import run
from workflow.settings.run import SLICES, Settings, complete, merged

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty folder with the project's configurations, to run programs in."""
    of_slices = (ROOT / "scripts").glob("*/*.[ym]*")
    for path in [*(ROOT / "config").glob("*.*"), ROOT / "docs/configuration.md", *of_slices]:
        (tmp_path / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path.relative_to(ROOT)).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    for name in ("RUN", "NAME", "SET", "A", "B"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def finished(run, steps, values):
    """What a finished run leaves: its ledger, measured figures, a figure, a sidecar."""
    folder = Path("results", run)
    claim = {
        "id": "A1", "verdict": "holds", "expected": "at most 1", "measured": "0.5", "spread": "",
        "n_seeds": 0, "why": "", "slice": "toy", "figure": "", "statement": "$x$ falls.",
        "headline": True,
    }  # fmt: skip
    files.save_json(folder / "claims.json", {"claims": [claim]})
    rows = [
        {"key": key, "value": figure["value"], "least": min(figure["per_seed"] or [math.nan]),
         "largest": max(figure["per_seed"] or [math.nan])}
        for key, figure in values.items()
    ]  # fmt: skip
    files.save_table(folder / "summary.csv", pd.DataFrame(rows))
    notes = dict.fromkeys(provenance.KEYS, "") | {
        "program": "scripts/toy/walk.py", "settings": {"steps": steps, "start": 1.0},
        "outputs": {},
    }  # fmt: skip
    files.save_json(folder / "toy/walk.json", notes)
    files.save_text(Path("figures", run, "curve.md"), f"**A curve** of {run}.\n\nMore.\n")
    files.save_text(Path("figures", run, "curve.png"), "picture")


def test_overlay_takes_names_from_options_or_the_environment(place, monkeypatch):
    assert call(overlay, "--name", "wide", "--set", "data.digits.train.n=150 seed=2") == 0
    written = Path("config/runs/wide.yaml").read_text()
    assert written.splitlines()[0] == ("# Run wide: as digits, with data.digits.train.n=150 seed=2")
    assert yaml.safe_load(written) == {
        "run": "wide", "seed": 2, "data": {"digits": {"train": {"n": 150}}},
    }  # fmt: skip
    for name, value in {"NAME": "wider", "RUN": "wide", "SET": "seed=3\nrun=no"}.items():
        monkeypatch.setenv(name, value)
    assert call(overlay) == 0
    written = Path("config/runs/wider.yaml").read_text()
    assert yaml.safe_load(written) == yaml.safe_load(
        "{run: wider, seed: 3, data: {digits: {train: {n: 150}}}}"
    )


@pytest.mark.parametrize("base", ["workstation", "test"])
def test_a_run_of_ones_own_has_the_sizes_of_the_run_that_it_starts_from(place, base):
    """Some of which its own file does not hold: a slice's runs.yaml does, or its declarations."""
    words = ("--name", "wide", "--base", base, "--set", "seed=7")
    assert call(overlay, *words) == 0
    theirs, own = (
        complete(merged(configs.read(configs.DEFAULT), configs.own(name)))
        for name in (base, "wide")
    )
    assert (own.pop("run"), theirs.pop("run")) == ("wide", base)
    assert (own.pop("seed"), theirs.pop("seed")) == (7, 0)
    assert own == theirs


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        ("../wide", "seed=1", "run: found '../wide', expected a letter"),
        ("digits", "seed=1", "run: found 'digits', a run of the project"),
        ("test", "seed=1", "run: found 'test', a run of the project"),
        ("shared", "seed=1", "and none of config, datasets, runs, shared"),
        ("wide", "sede=1", "sede: unknown key, did you mean 'seed'?"),
        (
            "wide",
            "data.digits.train.n=many",
            "data.digits.train.n: found 'many', expected a valid integer",
        ),
    ],
)
def test_overlay_refuses(place, capsys, name, changes, said):
    assert call(overlay, "--name", name, "--set", changes) == 1
    assert said in capsys.readouterr().err
    assert not Path("config/runs").exists()


def test_overlay_refuses_an_unknown_base(place, capsys):
    assert call(overlay, "--name", "wide", "--base", "nothing") == 1
    assert "found 'nothing', expected one of digits, paper, test" in capsys.readouterr().err


def test_a_run_ends_with_headlines_and_where_to_look(place, capsys):
    finished("mine", 64, {"a": measured(2.0)})
    assert call(verify, "--run", "mine") == 0
    said = capsys.readouterr().out
    assert "A1  holds\n  x falls.\n  measured: 0.5; expected at most 1\n" in said
    assert "report: results/mine/report.html\nclaims: 1 holds\n" in said
    assert call(verify, "--run", "mine", "--whole") == 0
    assert re.search(r"^A1 +holds +at most 1 +0\.5$", capsys.readouterr().out, re.MULTILINE)
    assert call(verify, "--run", "none") == 1
    assert "expected a finished run: make RUN=none" in capsys.readouterr().err


def test_compare_shows_settings_and_figures_that_differ(place, capsys):
    finished("one", 64, {"a": measured(2.0, per_seed=[1.0, 2.0]), "only": measured(1.0)})
    finished("two", 128, {"a": measured(2.5, per_seed=[2.25, 2.75])})
    assert call(compare, "--a", "one", "--b", "two") == 0
    said = capsys.readouterr().out
    assert re.search(r"^  toy\.walk\.steps +64  →  128$", said, re.MULTILINE)
    assert "walk.start" not in said
    assert re.search(r"^a +2 +2\.5 +0\.5 +1$", said, re.MULTILINE)
    assert re.search(r"^only +1 +- +- *$", said, re.MULTILINE)
    assert call(compare, "--a", "one", "--b", "one") == 0
    assert "\n  none\n" in capsys.readouterr().out
    assert call(compare, "--a", "one", "--b", "..") == 1


def test_clean_removes_one_run(place, capsys):
    finished("one", 64, {"a": measured(1.0)})
    finished("two", 64, {"a": measured(1.0)})
    files.save_text(Path("results/shared/set/problem.npz"), "points")
    assert call(clean, "--run", "one") == 0
    assert "Removed run one: " in capsys.readouterr().out
    left = {path.parts[1] for path in (*Path("results").rglob("*"), *Path("figures").rglob("*"))}
    assert left == {"two", "shared"}
    assert call(clean, "--run", "one") == 0
    assert "Nothing of run one here." in capsys.readouterr().out
    for name in ("", ".", "..", "two/toy", "runs"):
        assert call(clean, "--run", name) == 1
    assert call(clean) == 2
    assert Path("results/two/summary.csv").is_file()
    assert call(clean, "--run", "shared") == 0
    assert not Path("results/shared").exists()


def test_clean_follows_no_link(place, capsys):
    finished("elsewhere", 64, {"a": measured(1.0)})
    Path("results/one").symlink_to("elsewhere")
    assert call(clean, "--run", "one") == 1
    assert "error: results/one: found a link to " in capsys.readouterr().err
    assert Path("results/elsewhere/summary.csv").is_file()


@pytest.mark.parametrize("words", [[clean, "--run", "one"], [locked]], ids=["clean", "locked"])
def test_nothing_is_removed_under_a_run_that_is_at_work(words, place, capsys):
    finished("one", 64, {"a": measured(1.0)})
    with owner.alone():
        assert call(*words) == 1
    assert "another run is at work in this folder (process " in capsys.readouterr().err
    assert Path("results/one/summary.csv").is_file()
    assert call(*words) == 0


def test_watch_once_sees_the_programs_of_this_folder_alone(place, capsys):
    code = "import time; time.sleep(60)"
    # Not `-c`: that is how a shell's command line looks that names a program.
    script = place / "sleep.py"
    script.write_text(code)
    words = [sys.executable, str(script), "scripts.toy.walk", "--sidecar"]
    Path("a.log").write_text("first\nlast words\n")
    jobs = [
        subprocess.Popen([*words, "a.json"], cwd=place),
        subprocess.Popen([*words, "b.json"], cwd=ROOT),
    ]
    try:
        assert call(watch, "--once") == 0
    finally:
        for job in jobs:
            job.kill()
            job.wait()
    assert re.fullmatch(r"a  \d+ s  last words\n", capsys.readouterr().out)
    assert call(watch) == 0  # no terminal: it looks once as well, and clears nothing
    assert capsys.readouterr().out == "No job is running here.\n"


def test_schema_check_writes_nothing_and_schema_mends(place, capsys):
    assert call(schema, "--check") == 0
    path = Path("config/config.yaml")
    before = path.read_text()
    path.write_text(before.replace("seed: 0", "seed: 1"))
    os.utime(path, (1e9, 1e9))
    assert call(schema, "--check") == 1
    assert "error: config/config.yaml: found other text" in capsys.readouterr().err
    assert path.stat().st_mtime == 1e9
    assert call(schema) == 0
    assert path.read_text() == before
    assert call(schema, "--check") == 0


def test_plan_refuses_a_file_that_is_not_there(place, capsys):
    assert call(plan, "--configfile", "config/nothing.yaml") == 2
    assert "does not exist" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["seed: 1 # é".encode("latin-1"), b"seed: 2020-13-45\n"])
def test_a_file_whose_text_is_none_or_no_value_is_refused(place, capsys, content):
    Path("config/runs").mkdir()
    Path("config/runs/odd.yaml").write_bytes(content)
    assert call(configfile, "--run", "odd") == 1
    assert "error: config/runs/odd.yaml: found " in capsys.readouterr().err


@pytest.mark.parametrize("value", ["2020-13-45", "0b_", "[1"])
def test_a_setting_that_is_no_value_is_refused(place, capsys, value):
    assert call(overlay, "--name", "odd", "--set", f"seed={value}") == 1
    assert f"error: SET: found '{value}' for seed, expected a YAML value" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ("toy.walk.steps=0123", "toy.walk.steps: found 0123, which YAML reads as 83"),
        ("data.d.groups=[[1],[12:30]]", "data.d.groups.1.0: found 12:30, which YAML reads as 750"),
        ("seed=1 seed=2", "found seed a second time, expected each key once"),
        ("seed='{a: 1, a: 2}'", "seed.a: found in line 1 and in line 1, expected each key once"),
    ],
)
def test_a_setting_that_would_be_read_as_another_is_refused(place, capsys, changes, said):
    assert call(overlay, "--name", "odd", "--set", changes) == 1
    assert f"error: SET: {said}" in capsys.readouterr().err


def test_a_file_that_names_another_run_is_refused(place, capsys):
    Path("config/runs").mkdir()
    for name, text in (("forgot", "seed: 1\n"), ("other", "run: digits\n")):
        Path(f"config/runs/{name}.yaml").write_text(text)
        assert call(configfile, "--run", name) == 1
        said = capsys.readouterr().err
        assert f"config/runs/{name}.yaml: run: found" in said
        assert f"expected '{name}', the file's own name" in said
    assert call(configfile, "--run", "workstation") == 0
    assert capsys.readouterr().out == "config/workstation.yaml\n"


def test_a_plan_with_too_few_cores_is_refused_in_one_message(place, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    assert call(plan, "--configfile", "config/workstation.yaml", "--cores", "1") == 1
    said = capsys.readouterr().err
    assert "threads: found 2, expected at most the 1 cores given with --cores" in said
    assert "Traceback" not in said
    assert call(plan, "--configfile", "config/test.yaml", "--cores", "0") == 2


def test_memory_is_given_as_people_write_it():
    given = {"16000": 16_000, "16000M": 16_000, "16G": 16_000, "16gb": 16_000, " 5MB": 5}
    assert {text: run.megabytes(text) for text in given} == given
    for text in ("", "0", "-1", "1.5G", "16 G", "16T", "G", "1e3", "16G;x"):
        with pytest.raises(Refusal, match=f"MEM: found '{re.escape(text)}', expected whole MB"):
            run.megabytes(text)


@pytest.fixture
def no_slurm(monkeypatch):
    """Outside of SLURM, whatever these tests are run in."""
    for name in ("SLURM_MEM_PER_NODE", "SLURM_MEM_PER_CPU", "SLURM_CPUS_ON_NODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OVERPARAM_MEM_MB", "")
    monkeypatch.delenv("OVERPARAM_MEM_MB")


@pytest.mark.parametrize(
    ("group", "file"),
    [
        ("0::/", "memory.max"),  # a container's own
        ("0::/system.slice/job_1/step_0", "system.slice/job_1/memory.max"),
        ("9:name=systemd:/\n4:memory:/slurm/job_1", "memory/slurm/job_1/memory.limit_in_bytes"),
        ("4:memory:/docker/12ab", "memory/memory.limit_in_bytes"),  # seen from inside
    ],
)
def test_what_a_control_group_may_have_counts_for_the_computers(
    place, monkeypatch, no_slurm, group, file
):
    monkeypatch.setattr(run, "GROUP", place / "cgroup")
    monkeypatch.setattr(run, "GROUPS", place / "groups")
    files.save_text("cgroup", f"{group}\n")
    whole = run.memory_mb()
    for text in ("max\n", f"{10**18}\n"):
        files.save_text(place / "groups" / file, text)
        assert run.memory_mb() == whole > 104
    files.save_text(place / "groups" / file, "104857600\n")
    assert run.memory_mb() == 104


@pytest.mark.parametrize(
    ("given", "mb"),
    [
        ({"SLURM_MEM_PER_NODE": "700"}, 700),
        ({"SLURM_MEM_PER_CPU": "350", "SLURM_CPUS_ON_NODE": "2"}, 700),
        ({"OVERPARAM_MEM_MB": "700", "SLURM_MEM_PER_CPU": "350", "SLURM_CPUS_ON_NODE": "1"}, 700),
        ({"SLURM_MEM_PER_NODE": "0"}, None),  # all of it
        ({"SLURM_MEM_PER_CPU": "350"}, None),
    ],
)
def test_plan_and_run_go_by_what_slurm_gave(monkeypatch, no_slurm, given, mb):
    whole = run.memory_mb()
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    shared = {}
    run.limit(shared, {}, submits=False)
    assert shared["mem_mb"] == run.memory_mb() == (mb or whole)
    # And what a submission starts there with srun.
    run.limit({}, {}, submits=True)
    assert os.environ.get("OVERPARAM_MEM_MB") == (str(mb) if mb else None)


@pytest.mark.parametrize(
    ("given", "gpus"), [({}, 1), ({"SLURM_GPUS_ON_NODE": "2"}, 2), ({"SLURM_GPUS_ON_NODE": "x"}, 1)]
)
@pytest.mark.parametrize("submits", [False, True])
def test_the_gpus_that_jobs_share(monkeypatch, given, gpus, submits):
    """One, or those that SLURM gave a submission; what a person asked for counts more."""
    monkeypatch.delenv("SLURM_GPUS_ON_NODE", raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    free, asked, scopes = {}, {"gpu": 3}, {}
    run.limit(free, scopes, submits)
    run.limit(asked, scopes, submits)
    assert (free["gpu"], asked["gpu"], scopes) == (gpus, 3, {"gpu": "local"})


def test_the_time_of_a_run_leaves_out_the_pauses_between_its_jobs():
    minute = pd.Timestamp(2020, 1, 1), pd.Timedelta(minutes=1)
    start, end = zip(*[(0, 2), (1, 3), (1.5, 1.75), (60, 61)], strict=True)
    jobs = pd.DataFrame({"start": start, "end": end}).map(lambda at: minute[0] + at * minute[1])
    assert timings.busy(jobs) == pytest.approx(4 * 60)


def planned_job(program, seconds, **more):
    """A job of a plan."""
    named = {"rule": program.rpartition(".")[2], "program": program, "benchmark": None}
    return Job(wildcards={}, outputs=[], threads=1, seconds=seconds, mem_mb=400, gpu=0,
               **named | more)  # fmt: skip


def test_a_plan_takes_times_measured_here_then_recorded_then_counted(place):
    def job(program, seconds, benchmark=None):
        return planned_job(program, seconds, benchmark=benchmark)

    files.save_text("here.tsv", "s\tmax_rss\n7.5\t100\n")
    record = "program,jobs,seconds,longest,largest_mb\ntoy/walk,4,120.0,60.0,300\n"
    files.save_text("reference/runs/mine/timings.csv", record + "data/own,1,2.0,2.0,100\n")
    walk = "toy.walk"
    jobs = [job(walk, 10), job(walk, 30), job("data.own", 4), job("data.gram", 5)]
    # The mean of the recorded ones, in the ratio of what the models count.
    told = [(15, "recorded"), (45, "recorded"), (2, "recorded"), (5, "counted")]
    assert estimates.times(jobs, "mine") == told
    assert estimates.times([job(walk, 10, "here.tsv")], "mine") == [(7.5, "measured")]
    assert estimates.times(jobs[:1], "another") == [(10, "counted")]
    # Slices may name programs alike.
    files.save_text("reference/runs/both/timings.csv", (
        "program,jobs,seconds,longest,largest_mb\ntoy/fit,1,5.0,5.0,1\n"
        "other/fit,1,9.0,9.0,1\n"
    ))  # fmt: skip
    named = [job(program, 1) for program in ("toy.fit", "other.fit")]
    assert [seconds for seconds, _ in estimates.times(named, "both")] == [5, 9]
    # A run of one's own by another's record: in the ratio to that run's jobs.
    assert estimates.times([job(walk, 60)], "mine", jobs) == [(90, "recorded")]


def test_a_plan_names_the_program_of_every_job():
    code = (
        "from pipeline.running.dag import planned\n"
        "for job in planned('config/config.yaml', 2): print(job.program)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": "src:."}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    programs = {name.replace(".", "/") for name in answer.stdout.splitlines()}
    assert all((ROOT / f"scripts/{name}.py").is_file() for name in programs)
    recorded = {*pd.read_csv(ROOT / "reference/runs/digits/timings.csv").program}
    # Records keep what slices took that are no longer here.
    folders = {"data", "ledger", *SLICES}
    assert {program for program in recorded if program.split("/")[0] in folders} <= programs


def test_a_run_that_is_half_done_plans_its_longest_jobs_as_long_as_before(
    place, monkeypatch, capsys
):
    short, long = (planned_job("toy.walk", seconds, due=seconds == 90) for seconds in (10, 90))
    monkeypatch.setattr("pipeline.running.dag.planned", lambda *_: [short, long])
    record = "program,jobs,seconds,longest,largest_mb\ntoy/walk,2,600.0,540.0,300\n"
    files.save_text("reference/runs/mine/timings.csv", record)
    files.save_text("mine.yaml", "run: mine\n")
    assert call(plan, "--configfile", "mine.yaml") == 0
    assert "1 job, about 9 minutes" in capsys.readouterr().out


def test_a_plan_counts_the_gpu_apart_and_downloads_by_the_registry(place):
    jobs = pd.DataFrame({"seconds": [100, 100, 10], "threads": [1, 1, 2], "gpu": [1, 1, 0]})
    assert estimates.wall_seconds(jobs, 16) == 200
    assert estimates.wall_seconds(jobs.assign(gpu=0), 2) == 110
    assert estimates.wall_seconds(jobs.assign(gpu=0), 16) == 100
    job = planned_job("data.fetch", 1, rule="mnist")
    # Four archives of 11.6 MB, 55 MB once unpacked.
    assert estimates.disk_mb(job) == pytest.approx(66.5, abs=0.1)


# --- On a cluster ----------------------------------------------------------------------------


def standing_in(place, monkeypatch, **commands):
    """Programs of SLURM's, each by the text of a shell script."""
    monkeypatch.setenv("PATH", str(place / "bin"), prepend=os.pathsep)
    (place / "bin").mkdir(exist_ok=True)
    for name, text in commands.items():
        (place / "bin" / name).write_text(f"#!/bin/sh\n{text}\n")
        (place / "bin" / name).chmod(0o755)


@pytest.fixture
def waiting(place):
    """Starts a `make slurm` that waits for an earlier run's jobs, and hears some signals not."""
    begun = []

    def start(deaf=(), profile="profiles/slurm"):
        (place / "scripts/runs").mkdir(parents=True)
        (place / "scripts/runs/start.py").write_text(
            "import signal, time\n"
            "for name in ('SIGINT', 'SIGTERM'):\n"
            f"    signal.signal(getattr(signal, name), 0 if name not in {deaf} else 1)\n"
            "print(1, flush=True)\n"
            "time.sleep(99)\n"
        )
        words = ["-m", "scripts.runs.start", "--", "--workflow-profile", profile]
        run = subprocess.Popen([sys.executable, *words], cwd=place, stdout=subprocess.PIPE)
        begun.append(run)
        run.stdout.readline()
        return run

    yield start
    for started in begun:
        started.kill()
        started.wait()
        started.stdout.close()


@pytest.mark.parametrize("deaf", [(), ("SIGINT",)], ids=["at a terminal", "in the background"])
@pytest.mark.parametrize("profile", ["profiles/slurm", "/elsewhere/profiles/slurm/"])
def test_cancel_ends_a_run_that_waits_before_it_empties_the_queue(
    place, monkeypatch, capsys, waiting, deaf, profile
):
    monkeypatch.setattr(cancel, "PATIENCE", 1)
    run = waiting(deaf, profile)
    job = f"17|RUNNING|overparam-x|{place}"
    standing_in(
        place, monkeypatch,
        squeue=f"[ -e cancelled ] || echo '{job}'; echo '18|RUNNING|overparam-x|/elsewhere'",
        scancel=f"grep -q 'State:.[^Z]' /proc/{run.pid}/status && touch alive; echo $@ >cancelled",
    )  # fmt: skip
    assert call(cancel) == 0
    said = capsys.readouterr().out
    assert said == f"Ended the run of process {run.pid}.\nCancelled: 17.\n"
    assert Path("cancelled").read_text() == "17\n"
    assert deaf or not Path("alive").exists()
    assert call(cancel) == 0
    assert capsys.readouterr().out == "No job of this folder queued.\n"


def test_cancel_names_a_run_that_does_not_end(place, monkeypatch, capsys, waiting):
    monkeypatch.setattr(cancel, "PATIENCE", 0.2)
    run = waiting(("SIGINT", "SIGTERM"))
    standing_in(place, monkeypatch, squeue="", scancel="exit 1")
    assert call(cancel) == 1
    said = capsys.readouterr()
    assert "Ended" not in said.out
    assert f"error: processes {run.pid}: still at work" in said.err


def test_a_run_that_ends_cancels_what_it_could_not_know_of(place, monkeypatch):
    monkeypatch.setenv(cluster.PLANNED, "{}")
    standing_in(
        place, monkeypatch,
        squeue=f"echo '17|PENDING|overparam-x|{place}'; echo '18|PENDING|overparam-x|/elsewhere'",
        scancel="echo $@ >>cancelled",
    )  # fmt: skip
    for submits, main in ((False, True), (True, False), (True, True)):
        assert not Path("cancelled").exists()
        cluster.Cluster(submits, main, "digits", Settings()).cancel_left()
    assert Path("cancelled").read_text() == "17\n"


FAILED = """\
Error in rule {rule}:
    message: None
    jobid: 3
    output: {folder}/metrics.csv, {folder}/train.json
    log: {log} (check log file(s) for error details)

"""


def failed(rule, folder, said=None):
    """What a failed job leaves: its own log, and on a cluster (`said`) that of its submission."""
    folder = Path("results", folder)
    files.save_text(folder / "train.log", "first\nerror: last words\n")
    logs = [str(folder / "train.log")]
    block = FAILED.format(rule=rule, folder=folder, log=logs[0])
    if said is not None:
        submission = Path(".snakemake/slurm_logs", f"rule_{rule}", "17.log").absolute()
        files.save_text(submission, f"{block}{said}\n")
        block = FAILED.format(rule=rule, folder=folder, log=f"{logs[0]}, {submission}")
    files.save_text(Path(".snakemake/log/1.snakemake.log"), block)


def test_failures_on_this_computer(place, capsys):
    assert call(failures) == 0
    assert capsys.readouterr().out == "Nothing ran in this folder yet.\n"
    failed("train", "a")
    assert call(failures, "--lines", "1") == 0
    assert capsys.readouterr().out == (
        "on this computer\n  train: results/a/train.log\n    error: last words\n"
    )
    for name in ("metrics.csv", "train.json"):
        files.save_text(Path("results/a", name), "made")
    assert call(failures) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "  train, done by a later attempt: results/a/train.log"
    ]
    files.save_text(Path(".snakemake/log/2.snakemake.log"), "Finished.\n")
    assert call(failures) == 0
    assert capsys.readouterr().out.startswith("No job failed in the last run (.snakemake/log/2.")


def test_failures_show_why_a_node_refused_a_job(place, monkeypatch, capsys):
    """Its log names no rule, and what the job's own log says is of an earlier try."""
    failed("train", "a", "")
    (log,) = Path(".snakemake/slurm_logs").rglob("17.log")
    refused = "workflow/: changed since this run was planned: start the run again"
    log.write_text(f"WorkflowError in file Snakefile:\n{refused}\n")
    standing_in(place, monkeypatch, sacct="echo 'FAILED|400M|00:05:00|n1'")
    assert call(failures, "--lines", "1") == 0
    assert capsys.readouterr().out == f"SLURM job 17 on n1: FAILED\n    {refused}\n"


@pytest.mark.parametrize(
    ("state", "said", "why"),
    [
        ("OUT_OF_MEMORY", "", "memory of 400M: raise mem_mb of train: "),
        ("FAILED", "slurmstepd: error: Detected 1 oom_kill event in StepId=17.batch.", "memory"),
        ("FAILED", "slurmstepd: error: Exceeded job memory limit", "memory"),
        ("FAILED", "kernel: oom-kill:constraint=CONSTRAINT_MEMCG", "memory"),
        ("TIMEOUT", "", "time of 00:05:00: raise runtime of train: "),
        ("FAILED", "*** JOB 17 ON n1 CANCELLED AT now DUE TO TIME LIMIT ***", "time"),
        ("FAILED", "", None),
        ("", "slurmstepd: error: Detected 1 oom_kill event in StepId=17.batch.", "memory"),
        ("", "", None),
    ],
)
def test_failures_tell_what_to_raise_by_what_slurm_says(
    place, monkeypatch, capsys, state, said, why
):
    """Not by the names in paths, whatever a run is called."""
    failed("train", "classroom_1/oom_kill/TIMEOUT/OUT_OF_MEMORY", said)
    standing_in(place, monkeypatch, sacct=f"echo '{state}|400M|00:05:00|n1'" if state else "exit 1")
    assert call(failures) == 0
    first, job, *_ = capsys.readouterr().out.splitlines()
    where = f"SLURM job 17 on n1: {state}" if state else "SLURM job 17"
    assert first.startswith(f"{where}, over its {why}" if why else where)
    assert (", over its" in first) == (why is not None)
    assert job == "  train: results/classroom_1/oom_kill/TIMEOUT/OUT_OF_MEMORY/train.log"
