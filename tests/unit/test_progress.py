"""Progress of long jobs, by a clock that the test turns."""

import re
import sys
import time
from types import SimpleNamespace

import pytest

from pipeline import progress


class Clock:
    """A clock that stands still until it is turned."""

    now = 1000.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=clock.monotonic))
    monkeypatch.setattr(sys, "stderr", SimpleNamespace(isatty=lambda: False))
    return clock


def lines(caplog):
    """Position, total and seconds left of each line said."""
    pattern = re.compile(r"training: (\d+) of (\d+), (?:loss \d+, )?(\d+) s left")
    return [tuple(map(int, pattern.fullmatch(line).groups())) for line in caplog.messages]


def run(clock, caplog, count, seconds, say=lambda item: ""):
    done = []
    with caplog.at_level("INFO", logger="overparam"):
        for item in progress.track(iter(range(count)), count, "training", say):
            done.append(item)
            clock.now += seconds
    return done


def test_a_log_gets_a_line_every_ten_seconds_with_position_and_time_left(clock, caplog):
    assert run(clock, caplog, 20, 3.0) == list(range(20))
    # Steps of 3 s: the first after 10 s since the last line is every fourth, and k steps of 20
    # leave 3 (20 − k) seconds.
    assert lines(caplog) == [(4, 20, 48), (8, 20, 36), (12, 20, 24), (16, 20, 12)]


def test_steps_longer_than_ten_seconds_get_a_line_each(clock, caplog):
    run(clock, caplog, 4, 25.0)
    assert lines(caplog) == [(1, 4, 75), (2, 4, 50), (3, 4, 25)]


def test_a_short_job_says_nothing(clock, caplog):
    run(clock, caplog, 100, 0.09)
    assert caplog.messages == []


def test_lines_tell_what_the_caller_says_of_the_item_at_hand(clock, caplog):
    run(clock, caplog, 3, 11.0, say=lambda item: f"loss {item}")
    assert caplog.messages == [
        "training: 1 of 3, loss 1, 22 s left",
        "training: 2 of 3, loss 2, 11 s left",
    ]


def test_items_are_taken_one_at_a_time(clock):
    taken = []

    def items():
        for item in range(5):
            taken.append(item)
            yield item

    assert next(progress.track(items(), 5, "training")) == 0
    assert taken == [0]


def test_a_terminal_gets_a_bar(monkeypatch, capsys, caplog):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with caplog.at_level("INFO", logger="overparam"):
        found = list(progress.track(range(200), 200, "training", lambda item: f"loss {item}"))
    assert found == list(range(200))
    assert "training" in capsys.readouterr().err
    assert caplog.messages == []


def test_a_silent_job_is_said_to_be_at_work_and_its_own_lines_put_that_off(monkeypatch, capfd):
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.4)
    with progress.heartbeat("spectrum"):
        time.sleep(1.5)
    silent = capfd.readouterr().err.splitlines()
    assert silent
    assert all(re.fullmatch(r"\d\d:\d\d:\d\d spectrum: at work for \d+ s", line) for line in silent)
    with progress.heartbeat("spectrum"):
        for _ in range(15):
            progress.log.warning("news")
            time.sleep(0.1)
    assert "at work" not in capfd.readouterr().err
