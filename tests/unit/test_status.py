"""How far a run is, by a clock that the test turns; and how jobs ended, by their logs."""

import io
import json
import os
from types import SimpleNamespace

import psutil
import pytest

from pipeline.running import dag, status
from pipeline.running.endings import last_words, wants_memory

TRACEBACK = """\
Traceback (most recent call last):
  File "walk.py", line 3, in main
    1 / 0
ZeroDivisionError: division by zero
"""


class Clock:
    """A clock that stands still until it is turned."""

    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder to work in, whose files are written at the time of the clock."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(clock):
    """A run of ten jobs on two cores, five of each of two rules."""
    made = status.Run(clock)
    made.total, made.cores = 10, 2
    made.expected = {job: ("walk" if job < 5 else "plot", 20.0, 1) for job in range(10)}
    return made


def log(path, text, clock):
    path.write_text(text)
    os.utime(path, (clock.now, clock.now))
    return str(path)


# --- time left -----------------------------------------------------------------------------------


def test_before_any_job_is_done_the_models_count(run):
    assert run.left() == 10 * 20 / 2


def test_what_finished_jobs_took_corrects_what_is_left(run, clock):
    run.started(0, "walk", {}, "")
    clock.now += 5
    run.finished(0)
    assert run.left() == 9 * 5 / 2  # all are taken to be as quick
    run.started(5, "plot", {}, "")
    clock.now += 40
    run.finished(5)
    assert run.left() == (4 * 5 + 4 * 40) / 2  # each rule by its own


def test_jobs_of_two_threads_take_two_cores_each(run, clock):
    run.expected = dict.fromkeys(range(3), ("walk", 100.0, 2))
    run.started(0, "walk", {}, "")
    clock.now += 100
    run.finished(0)
    assert run.left() == 2 * 100  # one after the other


def test_what_a_running_job_has_behind_it_does_not_count(run, clock):
    for job in range(9):
        run.expected.pop(job)
    run.started(9, "plot", {}, "")
    clock.now += 15
    assert run.left() == 5  # one job cannot be shared between cores
    clock.now += 100
    assert run.left() == 0


def test_on_a_cluster_there_is_no_telling_what_is_left(run):
    run.cores = None
    assert run.left() is None
    assert run.head() == "0 of 10 jobs done"


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "0 s"), (59.6, "1 min"), (90, "1 min 30 s"), (4500, "1 h 15 min")]
)
def test_durations(seconds, said):
    assert status.spell(seconds) == said


# --- where it is shown ---------------------------------------------------------------------------


def test_a_pipe_gets_a_line_every_thirty_seconds(run, clock, place):
    run.started(0, "walk", {"problem": "tiny"}, log(place / "a.log", "10:00:00 3 of 4\n", clock))
    stream = io.StringIO()
    lines = status.screen(stream)
    for _ in range(100):
        lines.show(run)
        clock.now += 1
    said = stream.getvalue().splitlines()
    assert [line.partition(":")[0] for line in said] == ["30 s", "1 min", "1 min 30 s"]
    assert said[0] == "30 s: 0 of 10 jobs done, about 1 min 30 s left; walk tiny 30 s: 3 of 4"
    assert "\r" not in stream.getvalue()
    assert "\033" not in stream.getvalue()


@pytest.mark.parametrize("terminal", ["dumb", ""])
def test_a_terminal_that_can_take_nothing_back_gets_lines(monkeypatch, terminal):
    monkeypatch.setenv("TERM", terminal)
    stream = io.StringIO()
    stream.isatty = lambda: True
    assert isinstance(status.screen(stream), status.Lines) == (terminal == "dumb")


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_the_line_of_a_terminal_is_no_wider_than_it(run, clock, place, columns):
    said = "10:00:00 tiny: 30 of 400, loss 0.3, 12 s left, and much more to say " * 3
    for job in range(3):
        run.started(job, "walk", {"problem": "tiny"}, log(place / f"{job}.log", said, clock))
    run.done = 3
    line = run.line(columns)
    assert len(line) == columns - 1
    assert line.startswith("3/10 jobs |███       | about 1 min 40 s left"[: columns - 1])
    assert ("walk 0 s: tiny: 30 of 400, " in line) == (columns >= 80)
    assert run.line(columns, ascii=True).isascii()


@pytest.mark.parametrize(("width", "up"), [(200, ""), (80, "\033[2A")])
def test_a_line_is_taken_back_whole_when_its_terminal_was_made_narrower(
    run, monkeypatch, width, up
):
    stream = io.StringIO()
    screen = status.Terminal(stream)
    columns = 200
    monkeypatch.setattr(status.Terminal, "_columns", lambda self: columns)
    monkeypatch.setattr(run, "line", lambda columns, ascii: "x" * (columns - 1))
    screen.show(run)
    columns = width
    screen.tell("figure1.png")
    assert stream.getvalue() == "x" * 199 + f"{up}\r\033[Jfigure1.png\n"


def test_a_job_says_nothing_before_its_log_begins(run, clock, place):
    path = log(place / "a.log", "10:00:00 3 of 4\n", clock)
    clock.now += 60
    run.started(0, "walk", {"problem": "tiny"}, path)  # the log is an earlier run's
    run.started(1, "walk", {"problem": "other"}, str(place / "none.log"))
    assert run.jobs() == []
    log(place / "a.log", "10:00:00 walk: at work for 10 s\n", clock)
    assert run.jobs() == ["walk tiny 0 s"]


def test_who_watches_elsewhere_reads_the_same(run, clock, place, monkeypatch):
    assert status.noted() == []
    (place / ".snakemake").mkdir()
    run.started(0, "walk", {"problem": "tiny"}, log(place / "a.log", "10:00:00 3 of 4\n", clock))
    run.note()
    said = ["0 of 10 jobs done, about 1 min 40 s left", "walk tiny 0 s: 3 of 4"]
    assert status.noted() == said
    # What a run leaves that was killed tells nothing, though another process have its number.
    note = json.loads(status.NOTE.read_text())
    for pid in (2**22 + 1, psutil.Process().ppid()):
        status.NOTE.write_text(json.dumps(note | {"pid": pid}))
        assert status.noted() == []


# --- how it ends ---------------------------------------------------------------------------------


def test_the_end_is_the_first_failure_and_how_many_others(run, clock, place):
    for job, words in enumerate(["error: a: found 1\n  b: found 2\n", "error: c\n", TRACEBACK]):
        run.started(job, "walk", {}, log(place / f"{job}.log", f"10:00:00 before\n{words}", clock))
        run.failing(job, "walk", str(place / f"{job}.log"), lambda: ["killed"])
    assert run.ending() == [
        f"failed: walk, see {place / '0.log'}; 2 more failed (make failures lists them)",
        "error: a: found 1",
        "  b: found 2",
    ]
    # A job that is tried again has not failed.
    run.started(0, "walk", {}, "")
    run.started(1, "walk", {}, "")
    assert run.ending() == [f"failed: walk, see {place / '2.log'}", *TRACEBACK.splitlines()]


def test_of_long_messages_the_part_that_tells_most_is_shown(run, clock, place):
    message = "\n".join(["error: 30 mistakes", *map(str, range(30))])
    trace = "\n".join(["Traceback (most recent call last):", *map(str, range(30)), "ValueError"])
    for text, first, last in ((message, "error: 30 mistakes", "8"), (trace, "21", "ValueError")):
        run.started(0, "walk", {}, log(place / "0.log", text, clock))
        run.failing(0, "walk", str(place / "0.log"), lambda: ["killed"])
        _, *words = run.ending()
        assert (len(words), words[0], words[-1]) == (status.SHOWN, first, last)


def test_a_job_without_a_message_was_killed(run, clock, place):
    run.started(0, "walk", {}, log(place / "0.log", "10:00:00 3 of 4\n", clock))
    run.failing(0, "walk", str(place / "0.log"), lambda: ["killed"])
    assert run.ending()[1:] == ["killed"]


@pytest.mark.parametrize(
    ("text", "words", "again"),
    [
        ("", 0, True),
        ("10:00:00 step 3 of 4\n", 0, True),
        ("10:00:00 step 3\nerror: a: found 1, expected 2\n  correct it\n", 2, False),
        ("error: out of memory: rule gram may take mem_mb=400: give it more\n", 1, True),
        (f"10:00:00 failed\n{TRACEBACK}", 4, False),
        (TRACEBACK.replace("ZeroDivisionError: division by zero", "MemoryError"), 4, True),
        ("Usage: python -m scripts.toy.walk [OPTIONS]\n\nError: No such option\n", 3, False),
        # A library's words, after which the program went on.
        ("error: no display\n10:00:00 step 3 of 4\n", 0, True),
    ],
)
def test_only_what_may_have_wanted_memory_is_tried_again(place, text, words, again):
    (place / "a.log").write_text(text)
    found = last_words("a.log")
    assert len(found) == words
    assert wants_memory(found) == again
    assert last_words("none.log") == []
    assert last_words("a.log", since=(place / "a.log").stat().st_mtime + 1) == []


@pytest.mark.parametrize(("ended", "tries"), [(None, 2), ("graceful", 0)])
def test_no_job_is_tried_again_once_snakemake_itself_was_told_to_end(monkeypatch, ended, tries):
    for kind in (dag.SnakemakeJob, dag.GroupJob):
        monkeypatch.setattr(kind, "restart_times", kind.restart_times)
    dag._try_again_for_memory_alone(SimpleNamespace(scheduler=SimpleNamespace(_user_kill=ended)))
    rule = SimpleNamespace(restart_times=2)
    killed = SimpleNamespace(log=["none.log"], params={"program": "toy.walk"}, rule=rule)
    assert dag.SnakemakeJob.restart_times.fget(killed) == tries
