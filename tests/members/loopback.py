"""A stand-in for a company's server: real HTTP on a loopback port, answering as the test says."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request as it came in; header names are in lower case."""

    method: str
    path: str
    raw_query: str
    headers: dict[str, str]
    body: bytes

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.raw_query, keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = Callable[[Call], tuple[int, Any]]


@dataclass
class Server:
    """Where it listens, and what was asked of it."""

    base_url: str
    calls: list[Call] = field(default_factory=list)


@contextmanager
def listening(answer: Answer) -> Iterator[Server]:
    """Answer each call with (status, JSON value or raw bytes) until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            call = Call(method=self.command, path=parts.path, raw_query=parts.query, headers=headers, body=body)
            server.calls.append(call)
            status, value = answer(call)
            content = value if isinstance(value, bytes) else json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain")  # WeChat says so of its JSON
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _any  # noqa: N815 (the names that http.server calls)

        def log_message(self, *args: object) -> None:
            """Nothing: tests print no access log."""

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = Server(base_url=f"http://127.0.0.1:{listener.server_port}")
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()
