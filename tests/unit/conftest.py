"""What unit tests share: settings for all, and a network that refuses."""

import socket

import pytest
from hypothesis import settings

# No deadline, since nothing here is timed; the same examples each time, so that a failure is of
# the code and not of the day.
settings.register_profile("unit", deadline=None, derandomize=True, max_examples=30)
settings.load_profile("unit")


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
