"""What is shown of Snakemake's own words, by records such as it logs."""

import io
import logging
import sys

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from pipeline.running import slurm, status
from snakemake_logger_plugin_overparam import KILLED, LogHandler


@pytest.fixture
def handler(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".snakemake").mkdir()
    made = LogHandler(None, None)
    made.screen = status.Lines(io.StringIO())
    yield made
    made.close()


def say(handler, text="", level=logging.INFO, **more):
    """Let Snakemake say something."""
    record = logging.LogRecord("snakemake", level, "", 0, text, None, None)
    vars(record).update(more)
    handler.handle(record)


def start(handler, job, log="", **more):
    known = {"rule_name": "walk", "wildcards": {}, "log": [log] if log else [], "output": ["a.csv"]}
    known |= {"priority": 0, "shellcmd": "true"} | more
    say(handler, event=LogEvent.JOB_INFO, jobid=job, **known)


def fail(handler, job, *logs, indent=False):
    known = {"rule_name": "walk", "log": [*logs], "indent": indent}
    say(handler, "", logging.ERROR, event=LogEvent.JOB_ERROR, jobid=job, **known)


def finish(handler, job, done, total):
    say(handler, event=LogEvent.JOB_FINISHED, job_id=job)
    say(handler, event=LogEvent.PROGRESS, done=done, total=total)


def ended(handler):
    """What is shown until the end, a line each."""
    handler.close()
    return handler.screen.stream.getvalue().splitlines()


def test_who_was_out_of_memory_and_then_was_not_is_no_error(handler, tmp_path):
    (log := tmp_path / "walk.log").write_text("error: out of memory: give it more\n")
    say(handler, event=LogEvent.RUN_INFO, stats={"total": 1})
    start(handler, 3, str(log))
    ended_by = {"event": LogEvent.ERROR, "exception": "CalledProcessError"}
    say(handler, "Command 'x' returned non-zero exit status 1.", logging.ERROR, **ended_by)
    fail(handler, 3, str(log))
    say(handler, "Trying to restart job 3.")
    start(handler, 3, str(log))
    finish(handler, 3, 1, 1)
    assert ended(handler)[1:] == [
        "walk is tried again, with more memory: error: out of memory: give it more",
        "1 of 1 jobs done in 0 s",
    ]


def test_warnings_are_told_at_once_and_errors_once_and_last(handler):
    error = 'WorkflowError in file "/there/Snakefile", line 24:\nsed: unknown key\n'
    where = '  File "/there/Snakefile", line 24, in <module>'
    say(handler, error + where, logging.ERROR, event=LogEvent.ERROR, exception="WorkflowError")
    say(handler, "Building DAG of jobs...")
    say(handler, "locale: careful", logging.WARNING)
    again = "WorkflowError:\nAt least one job did not complete successfully."
    say(handler, again, logging.ERROR, event=LogEvent.ERROR, exception="WorkflowError")
    assert handler.screen.stream.getvalue() == "locale: careful\n"
    for _ in range(2):  # Python closes every handler once more
        assert ended(handler) == ["locale: careful", "error: sed: unknown key"]


def test_of_a_refused_target_the_message_alone_is_told(handler):
    error = (
        'InputFunctionException in rule claim in file "/there/ledger.smk", line 7:\n'
        "Error:\n  WorkflowError:\n    nonsense: no such target\n"
        'Wildcards:\n  word=nonsense\nTraceback:\n  File "/there/ledger.smk", line 9, in <lambda>'
    )
    say(handler, error, logging.ERROR, event=LogEvent.ERROR, exception="InputFunctionException")
    assert ended(handler) == ["error: nonsense: no such target"]


def test_what_is_beyond_until_is_not_counted(handler):
    say(handler, event=LogEvent.RUN_INFO, stats={"total": 1})
    start(handler, 3)
    finish(handler, 3, 1, 61)
    said = ended(handler)
    assert said[0].startswith("1 job to do ")
    assert said[1:] == ["1 of 1 jobs done in 0 s"]


def test_an_interrupt_is_no_failure(handler, tmp_path):
    say(handler, event=LogEvent.RUN_INFO, stats={"total": 2})
    start(handler, 3, str(tmp_path / "walk.log"))
    say(handler, "Terminating processes on user request, this might take some time.")
    fail(handler, 3, str(tmp_path / "walk.log"))
    assert ended(handler)[1:] == [
        "0 of 2 jobs done in 0 s",
        "stopped: the same command goes on from here",
    ]


def test_of_jobs_that_travelled_together_the_one_that_refused_is_told(handler, tmp_path):
    logs = {job: tmp_path / f"{job}.log" for job in (1, 2, 3)}
    logs[1].write_text("10:00:00 done\n")
    logs[2].write_text("error: gram.npy: damaged\n")
    jobs = [{"jobid": job, "rule_name": "walk", "log": [str(log)]} for job, log in logs.items()]
    together = {"event": LogEvent.GROUP_ERROR, "job_error_info": jobs, "aux_logs": []}
    for job, log in logs.items():
        start(handler, job, str(log))
    say(handler, "", logging.ERROR, **together)
    for job, log in logs.items():
        fail(handler, job, str(log), indent=True)
    assert ended(handler) == [
        f"failed: walk, see {logs[2]}",
        "error: gram.npy: damaged",
    ]


def test_a_submission_that_ended_without_a_word_is_told_by_slurm(handler, monkeypatch):
    monkeypatch.setattr(slurm, "ended", lambda submission: {})
    sent = ".snakemake/slurm_logs/rule_walk/17.log"
    start(handler, 3, "walk.log")
    fail(handler, 3, "walk.log", sent)
    assert ended(handler) == ["failed: walk, see walk.log", "SLURM job 17"]


def test_a_job_here_that_ended_without_a_word_was_killed(handler):
    start(handler, 3, "walk.log")
    fail(handler, 3, "walk.log")
    assert ended(handler) == ["failed: walk, see walk.log", KILLED]


def test_the_line_is_not_in_the_way_of_a_job_that_prints(handler, monkeypatch):
    shown = []
    monkeypatch.setattr(handler.screen, "show", lambda run: shown.append(1))
    monkeypatch.setattr(sys.modules[LogHandler.__module__], "LOOK", 0.01)
    say(handler, event=LogEvent.RUN_INFO, stats={"total": 2})
    start(handler, 3, output=[])
    handler._over.wait(0.1)
    assert not shown
    finish(handler, 3, 1, 2)
    handler._over.wait(0.5)
    assert shown
