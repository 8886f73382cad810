"""A real web server on this machine that misbehaves as asked."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Page:
    """What the server sends at an address.

    `cut` bytes are sent of a first answer, `length` says whether they are announced,
    or as what, `ranges` whether a request for the rest gets the rest.
    """

    body: bytes = b""
    status: int = 200
    kind: str = "application/zip"
    cut: int | None = None
    length: bool | str = True
    ranges: bool = True
    location: str | None = None


@dataclass
class Server:
    """Pages by path, and the requests so far as (path, range)."""

    url: str
    pages: dict[str, Page] = field(default_factory=dict)
    requests: list[tuple[str, str | None]] = field(default_factory=list)

    def serve(self, path: str, body: bytes = b"", **options) -> str:
        """Put a page up and return its address."""
        self.pages[path] = Page(body, **options)
        return f"{self.url}{path}"

    @property
    def ranges(self) -> list[str | None]:
        """Return the range that each request asked for."""
        return [asked for _, asked in self.requests]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server: Server = self.server.state
        asked = self.headers.get("Range")
        server.requests.append((self.path, asked))
        page = server.pages.get(self.path, Page(b"gone", status=404))
        body, status = page.body, page.status
        if asked and page.ranges and status == 200:
            start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1])
            status = 206 if start < len(body) else 416
            body = body[start:]
        self.send_response(status)
        self.send_header("Content-Type", page.kind)
        if page.location is not None:
            self.send_header("Location", page.location)
        if status == 206:
            span = f"bytes {start}-{len(page.body) - 1}/{len(page.body)}"
            self.send_header("Content-Range", span)
        if page.length:
            length = str(len(body)) if page.length is True else page.length
            self.send_header("Content-Length", length)
        self.end_headers()
        self.wfile.write(body[: page.cut])
        page.cut = None

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def running_server() -> Iterator[Server]:
    """Serve on a free port of this machine until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.state = Server(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
