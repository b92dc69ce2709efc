"""A web server on this computer's loopback, for tests of downloads."""

import http.server
import socket
import threading
from types import TracebackType


class Loopback:
    """Serves `files` (path without its slash: bytes) and counts in `requests` what was asked for.

    `failures` (path: number) answers that many requests for a path with status 503 first;
    `cut` (path: number of bytes) closes the connection after so many of them.
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.requests: list[str] = []
        self.failures: dict[str, int] = {}
        self.cut: dict[str, int] = {}

    def __enter__(self) -> "Loopback":
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self._server.server_port}/{path}"

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.answer(self, self.path.lstrip("/"))

            def log_message(self, *_: object) -> None:
                """Silence: tests read `requests` instead."""

        return Handler

    def answer(self, handler: http.server.BaseHTTPRequestHandler, path: str) -> None:
        """Send one file, or the failure that a test asked for."""
        self.requests.append(path)
        if self.failures.get(path, 0) > 0:
            self.failures[path] -= 1
            handler.send_error(503)
        elif path not in self.files:
            handler.send_error(404)
        else:
            body = self.files[path]
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body[: self.cut.get(path)])


def closed_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
