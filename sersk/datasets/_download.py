"""Downloading one file whose content is known beforehand."""

import os
import re
from dataclasses import dataclass
from itertools import chain
from os import PathLike
from typing import Any
from urllib.parse import urljoin, urlsplit

from sersk.utils import progress_bar

OFFLINE = "SERSK_OFFLINE"
_LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
_MAX_REDIRECTS = 10
_BLOCK = 1 << 14  # of a connection that breaks, less than this is lost
_TIMEOUT = (30.0, 60.0)  # seconds to connect, and between two blocks
_DIGITS = {"md5": 32, "sha256": 64}
_BLANK = re.compile(r"[\s\x00-\x1f]")
_WHOLE_PASSWORD = re.compile("//.*@", re.DOTALL)
_PASSWORD = re.compile(r"//[^\s'\"]*@")
_KEY = re.compile(
    r"([?&][^=\s&]*(?:token|key|sig|secret|pass|auth|cred)[^=\s&]*=)[^&\s'\")]+",
    re.IGNORECASE,
)
_OTHER_FILE = (
    "If another file that you trust is meant, pass its SHA-256 as sha256=, for then "
    "its size does not matter."
)
_WEB_PAGE = re.compile(rb"\s*(<!doctype html|<html|<head)", re.IGNORECASE)


class _Cut(Exception):
    """The connection ended before the file did."""


class _NotTheFile(Exception):
    """What arrived has not the size or the checksum that was published."""


@dataclass(frozen=True)
class _Request:
    """What to download, where to put it, and how to tell that it is right."""

    url: str
    path: str
    checksum: str
    size: int | None

    @property
    def part(self) -> str:
        """Where the file lies until it is whole and checked."""
        return f"{self.path}.part"

    @property
    def shown(self) -> str:
        """The address as messages name it."""
        return hide_secrets(self.url)


def download_file(
    url: str, path: str | PathLike, *, checksum: str, size: int | None = None
) -> None:
    """Download a file, or go on where an earlier call broke off.

    Until it is whole and has the right checksum, the file is called ``<path>.part``. A
    file that is there already is checked and used.

    Parameters
    ----------
    url : str
        Address, by https; plain http only from this machine.
    path : path
        Where to put the file.
    checksum : str
        ``"md5:"`` or ``"sha256:"`` and the hexadecimal digits.
    size : int or None, default=None
        Size in bytes, if known; more is not even received.

    Raises
    ------
    ValueError
        If the address is not safe, the server sends an error, a web page or another
        file, or a file that is there already is another one.
    ConnectionError
        If there is no connection or it breaks, or if ``SERSK_OFFLINE`` is set. What
        arrived is kept, and the next call goes on from there.
    """
    request = _Request(url, os.fsdecode(path), check_checksum(checksum), size)
    if os.path.lexists(request.path):
        _check_present(request)
        return
    _check_url(url, url)
    _check_online(request)
    make_folder(os.path.dirname(os.path.abspath(request.path)))
    resumed = _is_begun(request)
    problem = _receive(request)
    if problem and resumed:
        # The file changed between the two halves, or the first one was never good.
        _remove(request.part)
        problem = _receive(request)
    if problem:
        _remove(request.part)
        raise ValueError(
            f"{request.shown} sent another file than was published: {problem}. It was "
            "deleted. Try again later; if it stays so, the publisher has changed the "
            f"file. {_OTHER_FILE}"
        )
    os.replace(request.part, request.path)


def make_folder(path: str) -> None:
    """Make a folder and those above it, unless it is there."""
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise ValueError(
            f"The folder {path!r} cannot be made: {error.strerror}. Pass a folder "
            "where you may write, and whose path leads through no file."
        ) from error


def _is_begun(request: _Request) -> bool:
    """Return whether there is a part to go on from."""
    if os.path.lexists(request.part) and not os.path.isfile(request.part):
        raise ValueError(f"{request.part!r} is in the way and no file. Remove it.")
    return os.path.isfile(request.part)


def check_checksum(checksum: str) -> str:
    """Return a checksum in lower case, or say what one looks like."""
    algorithm, _, digits = str(checksum).lower().partition(":")
    length = _DIGITS.get(algorithm, 0)
    if not length or not re.fullmatch(f"[0-9a-f]{{{length}}}", digits):
        raise ValueError(
            f"A checksum is 'sha256:' and 64 or 'md5:' and 32 hexadecimal digits, got "
            f"{checksum!r}."
        )
    return f"{algorithm}:{digits}"


def _check_present(request: _Request) -> None:
    if not os.path.isfile(request.path):
        raise ValueError(f"{request.path!r} is in the way and no file. Remove it.")
    if problem := _problem_of(request.path, request):
        raise ValueError(
            f"{request.path!r} is not the file that was published: {problem}. Delete "
            "or rename it, and call again to download the right one. "
            f"{_OTHER_FILE}"
        )


def _problem_of(path: str, request: _Request) -> str | None:
    """Compare size and checksum of a whole file with those published."""
    size = os.path.getsize(path)
    if request.size is not None and size != request.size:
        return f"it has {size} bytes instead of {request.size}"
    from pooch import file_hash

    algorithm, _, expected = request.checksum.partition(":")
    found = file_hash(path, alg=algorithm)
    if found != expected:
        return f"its {algorithm.upper()} is {found} instead of {expected}"
    return None


def _check_online(request: _Request) -> None:
    if os.environ.get(OFFLINE, "0") not in {"", "0"}:
        raise ConnectionError(
            f"{OFFLINE} is set, so nothing is downloaded. Download {request.shown} by "
            f"other means, put it at {request.path!r} and call again."
        )


def _check_url(url: str, first: str) -> None:
    """Refuse what can be read or changed on its way, or is no address at all."""
    if not isinstance(url, str):
        raise TypeError(
            f"url must be an address, a str, got {hide_secrets(repr(url))}."
        )
    origin = "" if url == first else f", to which {hide_secrets(first)} leads"
    # There may be blanks in the password of what is no address.
    shown = hide_secrets(_WHOLE_PASSWORD.sub("//...@", url))
    shown = f"{shown!r}{origin}. Pass another one as url=."
    try:
        parts = urlsplit(url)
        is_address = parts.port != 0 and not _BLANK.search(url)
    except ValueError:
        is_address = False
    if not is_address:
        raise ValueError(f"This is no address: {shown}") from None
    if parts.scheme == "https" and parts.hostname:
        return
    hosts = {parts.hostname, urlsplit(first).hostname}
    if parts.scheme == "http" and hosts <= _LOCAL_HOSTS:
        return
    raise ValueError(f"Only addresses that begin with https:// are safe, got {shown}")


def hide_secrets(text: str) -> str:
    """Return a text without passwords and keys of the addresses in it."""
    return _KEY.sub(r"\1...", _PASSWORD.sub("//...@", text))


def _receive(request: _Request) -> str | None:
    """Complete the part with what the server sends; return what is wrong with it."""
    import requests

    try:
        with requests.Session() as session:
            _complete(session, request)
    except requests.RequestException as error:
        reason = hide_secrets(f"{type(error).__name__}: {error}")
        raise ConnectionError(_cut_message(request, reason)) from None
    except _Cut as cut:
        raise ConnectionError(_cut_message(request, str(cut))) from None
    except _NotTheFile as error:
        return str(error)
    return _problem_of(request.part, request)


def _complete(session: Any, request: _Request) -> None:
    start = os.path.getsize(request.part) if os.path.isfile(request.part) else 0
    if start and start == request.size:
        return
    response = _open(session, request.url, start)
    if start and not _continues(response, start):
        start = 0
        if response.status_code != 200:
            response.close()
            response = _open(session, request.url, start)
    with response:
        _check_status(response, request.shown)
        _write(response, request, start)


def _open(session: Any, url: str, start: int) -> Any:
    """Ask for a file from some byte on, following redirects to safe addresses only."""
    # Packed by the server, sizes and ranges would be those of the packed file.
    headers = {"Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    first = url
    for _ in range(_MAX_REDIRECTS):
        _check_url(url, first)
        response = _get(session, url, headers)
        if not response.is_redirect:
            return response
        url = _follow(url, response.headers["Location"])
        response.close()
    raise ValueError(
        f"{hide_secrets(first)} leads in circles. Pass another address as url=."
    )


def _get(session: Any, url: str, headers: dict[str, str]) -> Any:
    try:
        return session.get(
            url, headers=headers, stream=True, timeout=_TIMEOUT, allow_redirects=False
        )
    except ValueError as error:
        # It looks at the address of a redirect even where it does not follow.
        raise ValueError(
            f"{hide_secrets(url)} is no address, or leads to none: "
            f"{hide_secrets(str(error))}. Pass another one as url=."
        ) from None


def _follow(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        # No address, as whoever checks it will say.
        return location


def _continues(response: Any, start: int) -> bool:
    """Return whether a response holds the rest of the file, as asked for."""
    answer = response.headers.get("Content-Range", "")
    return response.status_code == 206 and answer.startswith(f"bytes {start}-")


def _check_status(response: Any, url: str) -> None:
    if response.status_code not in {200, 206}:
        raise ValueError(
            f"{url} answers {response.status_code} {response.reason}. Try again later, "
            "or pass another address as url=."
        )


def _refuse_web_page(url: str, page: bytes) -> None:
    """Say what a page says that came instead of the file: a quota, a login, an end."""
    text = page.decode("utf-8", errors="replace")
    text = re.sub(r"(?is)<(script|style).*?</\1>|<[^>]*>", " ", text)
    words = " ".join(text.split())
    raise ValueError(
        f"{url}: the server sent a web page, not the archive: {words[:200]!r}. Look at "
        "the address with a browser, or pass another one as url=."
    )


def _write(response: Any, request: _Request, start: int) -> None:
    """Write a response behind the first `start` bytes of the part."""
    length = response.headers.get("Content-Length")
    if length and not re.fullmatch("[0-9]+", length):
        raise ValueError(
            f"{request.shown} announces {length!r} bytes, which is no number. Try "
            "again later, or pass another address as url=."
        )
    total = start + int(length) if length else request.size
    blocks = response.iter_content(_BLOCK)
    first = next(blocks, b"")
    kind = response.headers.get("Content-Type", "").lower()
    if kind.startswith("text/html") or (not start and _WEB_PAGE.match(first)):
        _refuse_web_page(request.shown, first)
    _check_size(total, request)
    received, name = start, os.path.basename(request.path)
    with (
        open(request.part, "r+b" if start else "wb") as sink,
        progress_bar(total or 0, description=name, unit="B") as bar,
    ):
        bar.unit_scale = True
        bar.update(sink.seek(start))
        for block in chain([first], blocks):
            received += len(block)
            _check_size(received, request)
            bar.update(sink.write(block))
    if total is not None and received < total:
        raise _Cut("the server closed the connection")


def _check_size(size: int | None, request: _Request) -> None:
    if size is not None and request.size is not None and size > request.size:
        raise _NotTheFile(f"it has at least {size} bytes instead of {request.size}")


def _cut_message(request: _Request, reason: str) -> str:
    size = os.path.getsize(request.part) if os.path.isfile(request.part) else 0
    if not size:
        return f"{request.shown} cannot be downloaded ({reason}). Try again later."
    total = f" of {request.size}" if request.size is not None else ""
    return (
        f"The download of {request.shown} broke off after {size}{total} bytes "
        f"({reason}). They are kept in {request.part!r}; call again to go on from "
        "there."
    )


def _remove(path: str) -> None:
    if os.path.lexists(path):
        os.remove(path)
