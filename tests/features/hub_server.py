"""A web server on this machine that speaks as much of the hub's API as is asked."""

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_ASKED = re.compile(
    r"/api/models/(?P<name>[^/]+/[^/]+)(/(revision|tree)/(?P<at>[^?]+))?"
)
_FILE = re.compile(r"/(?P<name>[^/]+/[^/]+)/resolve/(?P<at>[^/]+)/(?P<path>[^?]+)")


@dataclass
class Hub:
    """Repositories as {name: {commit: {path: bytes}}}, their branches, and requests.

    `shortened` says at how many bytes an answer ends that announces so few, and
    `cut` at how many the connection breaks. Within `down()` nobody answers.
    """

    url: str
    commits: dict[str, dict[str, dict[str, bytes]]] = field(default_factory=dict)
    branches: dict[str, dict[str, str]] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    shortened: dict[str, int] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)
    breaks: bool = False
    down: Callable[[], AbstractContextManager[None]] = nullcontext

    def push(self, name: str, folder: str | Path, *, branch: str = "main") -> str:
        """Make a commit of a folder, and return its hash."""
        files = {path.name: path.read_bytes() for path in Path(folder).iterdir()}
        contents = b"".join(files[name] for name in sorted(files))
        commit = hashlib.sha1(contents, usedforsecurity=False).hexdigest()
        self.commits.setdefault(name, {})[commit] = files
        self.branches.setdefault(name, {})[branch] = commit
        return commit

    def fetched(self) -> list[str]:
        """Return the files whose contents were asked for, in order."""
        paths = [path for method, path in self.requests if method == "GET"]
        found = [_FILE.fullmatch(path) for path in paths]
        return [match["path"] for match in found if match]

    def commit_of(self, name: str, revision: str) -> str | None:
        """Return the commit that a branch or the beginning of the API means."""
        commit = self.branches[name].get(revision, revision)
        return commit if commit in self.commits[name] else None


class _Handler(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        hub: Hub = self.server.hub
        hub.requests.append((self.command, self.path))
        if hub.breaks:
            self.send_error(500)
            return
        match = _FILE.fullmatch(self.path) or _ASKED.fullmatch(self.path.split("?")[0])
        if match is None or match["name"] not in hub.commits:
            self._refuse("RepoNotFound")
            return
        commit = hub.commit_of(match["name"], match["at"] or "main")
        if commit is None:
            self._refuse("RevisionNotFound")
            return
        files = hub.commits[match["name"]][commit]
        if match.re is _FILE:
            self._send_file(match["path"], files, commit)
        elif "/tree/" in self.path:
            self._send_json([_entry(path, files[path]) for path in files])
        else:
            siblings = [{"rfilename": path} for path in files]
            self._send_json(
                {"id": match["name"], "sha": commit, "siblings": siblings, "tags": []}
            )

    def _refuse(self, code: str) -> None:
        self.send_response(404)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send_json(self, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send_file(self, path: str, files: dict[str, bytes], commit: str) -> None:
        if path not in files:
            self._refuse("EntryNotFound")
            return
        whole = files[path]
        start = 0
        if asked := self.headers.get("Range"):
            start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1])
        hub: Hub = self.server.hub
        is_head = self.command == "HEAD"
        body = whole[start : None if is_head else hub.shortened.get(path)]
        self.send_response(206 if asked else 200)
        if asked:
            span = f"bytes {start}-{len(whole) - 1}/{len(whole)}"
            self.send_header("Content-Range", span)
        self.send_header("ETag", f'"{hashlib.sha256(whole).hexdigest()}"')
        self.send_header("X-Repo-Commit", commit)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if is_head:
            return
        stop = hub.cut.get(path)
        self.wfile.write(body if stop is None else whole[start:stop])

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def _entry(path: str, body: bytes) -> dict[str, object]:
    oid = hashlib.sha1(body, usedforsecurity=False).hexdigest()
    return {"type": "file", "path": path, "size": len(body), "oid": oid}


def _start(hub: Hub, port: int) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
    server.daemon_threads = True
    server.hub = hub
    threading.Thread(target=server.serve_forever, args=(0.01,)).start()
    return server


def _stop(server: ThreadingHTTPServer) -> None:
    server.shutdown()
    server.server_close()


@contextmanager
def running_hub() -> Iterator[Hub]:
    """Serve on a free port of this machine until the block ends."""
    hub = Hub("")
    server = _start(hub, 0)
    port = server.server_port
    hub.url = f"http://127.0.0.1:{port}"

    @contextmanager
    def down() -> Iterator[None]:
        nonlocal server
        _stop(server)
        try:
            yield
        finally:
            server = _start(hub, port)

    hub.down = down
    try:
        yield hub
    finally:
        _stop(server)
