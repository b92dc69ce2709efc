"""Whose run is at work in a folder, and what is done about one that was killed."""

import json
import os
import platform
import shutil
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from pathlib import Path

import psutil
import pytest

from overparam.errors import Refusal
from pipeline.running import owner, slurm
from scripts.runs import start
from tests.scripts.programs import call
from tests.workflow.repository import ROOT
from workflow.lib import run

LOCK = Path(".snakemake/locks/0.output.lock")
SLEEP = "import time; print(1, flush=True); time.sleep(99)"
TAKE = f"from pipeline.running import owner; owner.take(); {SLEEP}"
ENVIRONMENT = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty folder to own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def begin():
    """Start processes here that end with the test."""
    begun = []

    def start(*words, **more):
        process = subprocess.Popen(
            [sys.executable, *words],
            stdout=subprocess.PIPE,
            text=True,
            **{"env": ENVIRONMENT} | more,
        )
        begun.append(process)
        process.stdout.readline()
        return process

    yield start
    for process in begun:
        process.kill()
        process.wait()
        process.stdout.close()


def locked():
    LOCK.parent.mkdir(parents=True)
    LOCK.write_text("results/a.json\n")


def unfinished(path, **notes):
    """Snakemake's note that a file is being made."""
    note = Path(".snakemake/incomplete", urlsafe_b64encode(path.encode()).decode())
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(json.dumps(notes))


def noted():
    return json.loads(owner.NOTE.read_text())


def test_who_takes_a_folder_is_noted(place):
    owner.take()
    assert noted()["pid"] == os.getpid()
    assert noted()["host"] == platform.node()


def test_a_living_owner_is_named_and_nothing_touched(place, begin, capsys):
    other = begin("-c", TAKE)
    locked()
    Path("results").mkdir()
    Path("results/.a.json.x.part").touch()
    assert call(start, "--", "--cores", "1") == 1
    said = capsys.readouterr().err
    assert f"error: another run is at work in this folder (process {other.pid} on " in said
    assert noted()["since"] in said
    assert noted()["pid"] == other.pid
    assert LOCK.exists()
    assert Path("results/.a.json.x.part").exists()


def told(caplog):
    """What someone who calls Snakemake directly reads."""
    caplog.clear()
    owner.notice(main=True)
    return caplog.text


def test_a_dead_owner_is_told_and_the_folder_unlocked(place, begin, caplog):
    other = begin("-c", TAKE)
    locked()
    other.kill()
    other.wait()
    assert f"process {other.pid} on" in told(caplog)
    owner.notice(main=False)
    owner.take()
    assert f"An earlier run (process {other.pid} on " in caplog.text
    assert not LOCK.exists()
    assert noted()["pid"] == os.getpid()
    assert told(caplog) == ""


def test_a_note_whose_number_another_process_has_by_now_is_no_living_owner(place):
    owner.NOTES.mkdir()
    living = owner.Owner(os.getppid(), platform.node(), "2020-01-01 00:00:00+00:00")
    owner.NOTE.write_text(json.dumps(living._asdict()))
    owner.take()
    assert noted()["pid"] == os.getpid()


@pytest.mark.parametrize(
    ("words", "runs"),
    [
        ("python -m snakemake --cores 2", True),
        ("/env/bin/python3.11 -u -m snakemake", True),
        ("/usr/bin/python /env/bin/snakemake -j 2", True),
        ("snakemake", True),
        ("screen -S snakemake", False),
        ("git grep snakemake", False),
        ("python -m pytest snakemake", False),
        ("python", False),
    ],
)
def test_what_only_names_snakemake_is_no_run(words, runs):
    assert (owner.snakemake_options(words.split()) is not None) == runs


def test_snakemake_that_is_still_planning_is_seen(place, begin):
    (place / "snakemake.py").write_text(SLEEP)
    other = begin("-m", "snakemake", cwd=place)
    with pytest.raises(Refusal, match=rf"\(process {other.pid} on .*nothing was touched"):
        owner.take()
    assert not owner.NOTE.read_text()


def test_a_lock_that_comes_while_another_run_is_cleared_up_is_let_be(place, begin, monkeypatch):
    (place / "snakemake.py").write_text(SLEEP)

    def meanwhile():
        locked()
        begin("-m", "snakemake", cwd=place)
        return 0

    monkeypatch.setattr(owner, "_end_orphans", meanwhile)
    with pytest.raises(Refusal, match="another run has started in this folder") as refusal:
        owner.take()
    assert LOCK.exists()
    assert f"process {noted()['pid']} on " in str(refusal.value)


def test_snakemake_that_was_started_without_make_is_seen(place, begin, caplog):
    (place / "snakemake.py").write_text(SLEEP)
    locked()
    other = begin("-m", "snakemake", cwd=place)
    with pytest.raises(Refusal, match=rf"\(process {other.pid} on .*nothing was touched"):
        owner.take()
    assert LOCK.exists()
    assert told(caplog) == ""
    other.kill()
    other.wait()
    assert "started without make" in told(caplog)
    owner.take()
    assert not LOCK.exists()


def test_snakemake_that_was_started_without_make_says_who_it_is(place, begin, capsys):
    """To those on another computer too, who cannot see its process: the note there was older."""
    owner.NOTES.mkdir()
    owner.NOTE.write_text(json.dumps({"pid": 1, "host": platform.node(), "since": "yesterday"}))
    other = begin("-c", TAKE.replace("take", "sign"))
    locked()
    assert noted()["pid"] == other.pid
    assert call(start, "--", "--cores", "1") == 1
    assert f"process {other.pid} on " in capsys.readouterr().err
    assert LOCK.exists()


def test_snakemake_that_make_started_is_its_owner_already(place):
    owner.take()
    before = owner.NOTE.read_text()
    owner.sign()
    assert owner.NOTE.read_text() == before


@pytest.mark.parametrize("folder", ["/data: x", "/d #1", "2024", 'it\'s "é" \\n {y} $(touch a)\n'])
def test_a_data_folder_reaches_the_configuration_letter_by_letter(place, monkeypatch, folder):
    monkeypatch.setenv(run.DATA_DIR, "")
    called = []
    monkeypatch.setattr(os, "execv", lambda program, words: called.extend(words))
    assert call(start, "--data-dir", folder, "--", "-n", "--cores", "1") == 0
    assert not any(folder in word for word in called)
    assert run.read({"data_dir": "other"}).data_dir == folder


def test_an_owner_on_another_computer_is_named_and_never_broken(place):
    owner.NOTES.mkdir()
    owner.NOTE.write_text(json.dumps({"pid": 1, "host": "elsewhere", "since": "yesterday"}))
    locked()
    with pytest.raises(Refusal, match=r"process 1 on elsewhere, since yesterday.*delete"):
        owner.take()
    assert LOCK.exists()
    assert noted()["host"] == "elsewhere"
    LOCK.unlink()  # it has ended
    owner.take()
    assert noted()["host"] == platform.node()


def test_jobs_of_a_killed_run_are_ended_and_no_others(place, begin, caplog):
    (place / "scripts").mkdir()
    (place / "scripts/job.py").write_text(SLEEP)
    (place / "scripts/__init__.py").touch()
    unfinished("results/a.json")
    words = ("-m", "scripts.job", "--sidecar")
    orphan = begin(*words, "results/a.json", cwd=place)
    others = [begin(*words, "results/b.json", cwd=place), begin("scripts/job.py", cwd=place)]
    owner.take()
    assert not psutil.pid_exists(orphan.pid)
    assert "1 of its jobs ended" in caplog.text
    assert [process.poll() for process in others] == [None, None]


def test_a_job_that_ends_before_it_is_told_to_is_no_error(place, begin, monkeypatch):
    (place / "scripts").mkdir()
    (place / "scripts/job.py").write_text(SLEEP)
    (place / "scripts/__init__.py").touch()
    unfinished("results/a.json")
    job = begin("-m", "scripts.job", "--sidecar", "results/a.json", cwd=place)

    def late(process):
        job.kill()
        job.wait()
        raise psutil.NoSuchProcess(process.pid)

    monkeypatch.setattr(psutil.Process, "terminate", late)
    owner.take()
    assert noted()["pid"] == os.getpid()


def answering(place, monkeypatch, text):
    """A squeue that counts, in `asked`, how often it was asked: 17 is this folder's, 18 is not."""
    monkeypatch.setenv("PATH", str(place), prepend=os.pathsep)
    squeue = place / "squeue"
    squeue.write_text(
        f"#!/bin/sh\necho x >>asked\none='17|RUNNING|overparam-x|{place}'\n"
        f"other='18|RUNNING|overparam-x|/elsewhere'\n{text}\n"
    )
    squeue.chmod(0o755)


SENT = Path(".snakemake/slurm_logs")


@pytest.mark.parametrize("left", ["a job that waits", "a job that has begun", "none that is noted"])
def test_jobs_that_slurm_holds_are_waited_for(place, monkeypatch, caplog, left):
    unfinished("results/b.json", external_jobid=None)
    if left == "a job that waits":
        unfinished("results/a.json", external_jobid="17")
    else:
        SENT.mkdir(parents=True)
    if left == "none that is noted":
        shutil.rmtree(".snakemake/incomplete")
        locked()
    monkeypatch.setattr(owner, "LOOK", 0)
    answering(place, monkeypatch, '[ $(wc -l <asked) -gt 2 ] || echo "$one"; echo "$other"')
    owner.take()
    assert (place / "asked").read_text() == "x\n" * 3
    assert caplog.text.count("scancel 17 would end them") == 1


@pytest.mark.parametrize("sent", [True, False], ids=["nothing was cut off", "nothing was sent"])
def test_slurm_is_asked_only_about_a_run_that_was_cut_off_and_had_sent_jobs(
    place, monkeypatch, sent
):
    if sent:
        SENT.mkdir(parents=True)
    else:
        locked()
        unfinished("results/a.json")
    answering(place, monkeypatch, 'echo "$one"')
    owner.take()
    assert not (place / "asked").exists()


def test_a_controller_that_goes_away_meanwhile_is_asked_again(place, monkeypatch):
    unfinished("results/a.json", external_jobid="17")
    monkeypatch.setattr(owner, "LOOK", 0)
    text = 'case $(wc -l <asked) in 1 | 4) echo "$one";; 2 | 3) exit 1;; esac'
    answering(place, monkeypatch, text)
    owner.take()
    assert (place / "asked").read_text() == "x\n" * 5


def test_who_waits_for_slurm_owns_the_folder_meanwhile(place, begin, monkeypatch):
    killed = owner.Owner(os.getppid(), platform.node(), "2020-01-01 00:00:00+00:00")
    owner.NOTES.mkdir()
    owner.NOTE.write_text(json.dumps(killed._asdict()))
    unfinished("results/a.json", external_jobid="17")
    answering(place, monkeypatch, 'echo "$one"')
    path = {"env": ENVIRONMENT | {"PATH": os.environ["PATH"]}}
    told = "import logging, sys; logging.basicConfig(stream=sys.stdout); "
    waiting = begin("-c", told + TAKE, **path)
    with pytest.raises(Refusal, match=rf"\(process {waiting.pid} on "):
        owner.take()
    assert waiting.poll() is None


def test_jobs_that_slurm_cannot_be_asked_about_stop_the_run(place, monkeypatch):
    unfinished("results/a.json", external_jobid="17")
    monkeypatch.setenv("PATH", str(place))
    with pytest.raises(Refusal, match=r"has jobs in SLURM\. squeue: not found on PATH"):
        owner.take()
    monkeypatch.setenv("PATH", "/bin")
    answering(place, monkeypatch, "echo no controller >&2; exit 1")
    with pytest.raises(Refusal, match="no controller"):
        owner.take()
    monkeypatch.setattr(slurm, "ANSWER", 0.1)
    answering(place, monkeypatch, "exec sleep 99")
    with pytest.raises(Refusal, match=r"no answer in 0\.1 s"):
        owner.take()


def test_half_written_files_go_and_times_ahead_come_back(place, caplog):
    left = Path("data/archives/tmpx1y2z3_4")  # pooch's, of a download that was killed
    for path in ("results/a/.b.csv.xyz.part", "results/a/b.csv", "figures/c.svg", "data/.keep",
                 left, "data/archives/tiny.tar.gz"):  # fmt: skip
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).touch()
    now = time.time()
    os.utime("results/a/b.csv", (now + 86400, now + 86400))
    os.utime("figures/c.svg", (now - 50, now - 50))
    owner.take()
    assert not Path("results/a/.b.csv.xyz.part").exists()
    assert not left.exists()
    assert Path("data/archives/tiny.tar.gz").exists()
    assert Path("data/.keep").exists()
    assert Path("results/a/b.csv").stat().st_mtime <= time.time()
    assert Path("figures/c.svg").stat().st_mtime == pytest.approx(now - 50)
    assert "1 files carried times that are yet to come" in caplog.text


def test_files_that_go_meanwhile_and_those_of_others_are_left_alone(place, monkeypatch, caplog):
    now = time.time()
    for name in ("gone", "foreign", "mine"):
        Path("results").mkdir(exist_ok=True)
        Path("results", name).touch()
        os.utime(Path("results", name), (now + 86400, now + 86400))
    Path(".snakemake").mkdir()
    Path(".snakemake/.texts.0.part").touch()
    set_time = os.utime

    def utime(path, *words, **more):
        if path.name == "foreign":
            raise PermissionError(1, "Operation not permitted", str(path))
        set_time(path, *words, **more)

    walk = os.walk
    monkeypatch.setattr(os, "utime", utime)
    monkeypatch.setattr(
        os, "walk", lambda folder: ((*found[:2], [*found[2], "gone"]) for found in walk(folder))
    )
    Path("results/gone").unlink()
    owner.take()
    assert Path("results/mine").stat().st_mtime <= time.time()
    assert "1 files carried times that are yet to come" in caplog.text
    assert not Path(".snakemake/.texts.0.part").exists()


@pytest.mark.parametrize(
    "options",
    [
        "-n", "-nq", "-Fpn", "-q all -n", "--dry-run", "--summary", "--report a.zip", "--rulegraph",
        "--lint", "--unlock", "--help", "--version", "-nr", "-j1n", "--no-such-option",
    ],
)  # fmt: skip
def test_what_starts_no_job_needs_no_folder_of_its_own(place, begin, monkeypatch, capsys, options):
    """That includes mistakes, of which Snakemake tells itself."""
    begin("-c", TAKE)
    called = []
    monkeypatch.setattr(os, "execv", lambda program, words: called.append(words))
    assert call(start, "--", *options.split(), "--cores", "1") == 0
    assert called == [[sys.executable, "-m", "snakemake", *options.split(), "--cores", "1"]]
    assert psutil.Process(noted()["pid"]).is_running()
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("options", ["", "-s plan", "-k", "-snew", "a-n", "-j 1 new", "--until n"])
def test_what_starts_jobs(options):
    assert owner.starts_jobs(owner.asked(options.split()))


def test_make_touches_no_results(place, capsys):
    for option in ("--touch", "-kt"):
        assert call(start, "--", option, "--cores", "1") == 1
        assert "type make adopt" in capsys.readouterr().err
    assert not owner.NOTES.exists()


def test_a_run_by_make_is_known_to_who_runs_snakemake_without_its_logger():
    """Snakemake looks for loggers before the Snakefile says where ours lies."""
    code = (
        "import sys, snakemake.cli\n"
        "snakemake.cli.get_argument_parser()\n"
        "sys.path[:0] = ['src']\n"
        "from pipeline.running import owner\n"
        "print(owner.starts_jobs(owner.asked([*owner.LOGGER, '--cores', '2'])))\n"
    )
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    words = [sys.executable, "-P", "-c", code]
    said = subprocess.run(words, cwd=ROOT, env=plain, capture_output=True, text=True, check=True)
    assert said.stdout == "True\n"
