"""One file from a real server on this machine, which misbehaves in every known way."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from sersk.datasets._download import _check_url, check_checksum, download_file
from tests.datasets.server import running_server

BODY = np.random.default_rng(0).bytes(300_000)
SHA256 = f"sha256:{hashlib.sha256(BODY).hexdigest()}"
MD5 = f"md5:{hashlib.md5(BODY).hexdigest()}"
SIZE = len(BODY)
CUT = 5 << 14  # whole blocks: what is left of the last one is lost
OTHER = np.random.default_rng(1).bytes(SIZE)
PAGE = (
    b"<!DOCTYPE html><html><head><style>p {}</style></head>"
    b"<body><h1>Quota exceeded</h1></body></html>"
)


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch):
    monkeypatch.delenv("SERSK_OFFLINE", raising=False)
    # This machine's own server is asked directly, whatever proxy is set around it.
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def server():
    with running_server() as state:
        yield state


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "corpus" / "file.zip"


def part(path):
    return path.with_name("file.zip.part")


def nothing_is_left(path):
    return not path.parent.exists() or list(path.parent.iterdir()) == []


@pytest.mark.parametrize("checksum", [SHA256, MD5, SHA256.upper()])
@pytest.mark.parametrize("size", [None, SIZE])
def test_a_whole_file(server, path, checksum, size):
    url = server.serve("/file.zip", BODY)
    download_file(url, path, checksum=checksum, size=size)
    assert path.read_bytes() == BODY
    assert [file.name for file in path.parent.iterdir()] == ["file.zip"]


def test_a_file_that_is_there_is_checked_and_used(server, path):
    path.parent.mkdir()
    path.write_bytes(BODY)
    url = server.serve("/file.zip", BODY)
    download_file(url, path, checksum=SHA256, size=SIZE)
    assert server.requests == []


def test_another_file_that_is_there_is_not_overwritten(server, path):
    path.parent.mkdir()
    path.write_bytes(b"mine")
    url = server.serve("/file.zip", BODY)
    with pytest.raises(ValueError, match=r"not the file that was published.*rename it"):
        download_file(url, path, checksum=SHA256)
    assert path.read_bytes() == b"mine"
    assert server.requests == []


def test_a_folder_in_the_way(server, path):
    path.mkdir(parents=True)
    with pytest.raises(ValueError, match="in the way"):
        download_file(server.serve("/file.zip", BODY), path, checksum=SHA256)


def test_a_cut_file_is_kept_and_completed(server, path):
    url = server.serve("/file.zip", BODY, cut=CUT)
    with pytest.raises(
        ConnectionError, match=f"broke off after {CUT} of {SIZE} bytes.*call again"
    ):
        download_file(url, path, checksum=SHA256, size=SIZE)
    assert part(path).read_bytes() == BODY[:CUT]
    assert not path.exists()
    download_file(url, path, checksum=SHA256, size=SIZE)
    assert server.ranges == [None, f"bytes={CUT}-"]
    assert path.read_bytes() == BODY
    assert not part(path).exists()


@pytest.mark.parametrize("cut", [0, 1, 100, 20_000, SIZE - 1])
def test_a_file_cut_anywhere_is_completed(server, path, cut):
    url = server.serve("/file.zip", BODY, cut=cut)
    with pytest.raises(ConnectionError, match=r"broke off|cannot be downloaded"):
        download_file(url, path, checksum=SHA256, size=SIZE)
    download_file(url, path, checksum=SHA256, size=SIZE)
    assert path.read_bytes() == BODY


def test_a_file_cut_twice_is_completed(server, path):
    url = server.serve("/file.zip", BODY)
    for cut in [CUT, 2 * CUT]:
        server.pages["/file.zip"].cut = cut
        with pytest.raises(ConnectionError):
            download_file(url, path, checksum=MD5)
    download_file(url, path, checksum=MD5)
    assert server.ranges == [None, f"bytes={CUT}-", f"bytes={3 * CUT}-"]
    assert path.read_bytes() == BODY


def test_a_server_that_ignores_the_range_starts_anew(server, path):
    url = server.serve("/file.zip", BODY, cut=CUT, ranges=False)
    with pytest.raises(ConnectionError):
        download_file(url, path, checksum=SHA256)
    download_file(url, path, checksum=SHA256)
    assert server.ranges == [None, f"bytes={CUT}-"]
    assert path.read_bytes() == BODY


def test_a_file_that_changed_between_the_halves_is_loaded_anew(server, path):
    url = server.serve("/file.zip", OTHER, cut=CUT)
    with pytest.raises(ConnectionError):
        download_file(url, path, checksum=SHA256, size=SIZE)
    server.serve("/file.zip", BODY)
    download_file(url, path, checksum=SHA256, size=SIZE)
    assert server.ranges == [None, f"bytes={CUT}-", None]
    assert path.read_bytes() == BODY


def test_a_file_that_changed_and_is_still_wrong_is_refused(server, path):
    url = server.serve("/file.zip", BODY, cut=CUT)
    with pytest.raises(ConnectionError):
        download_file(url, path, checksum=SHA256)
    server.serve("/file.zip", OTHER)
    with pytest.raises(ValueError, match="another file than was published"):
        download_file(url, path, checksum=SHA256)
    assert nothing_is_left(path)


@pytest.mark.parametrize("length", [SIZE, SIZE + 10])
def test_a_part_that_is_too_long_or_wrong_is_loaded_anew(server, path, length):
    path.parent.mkdir()
    part(path).write_bytes(b"x" * length)
    download_file(server.serve("/file.zip", BODY), path, checksum=SHA256, size=SIZE)
    assert path.read_bytes() == BODY


def test_a_part_that_is_whole_needs_no_server(server, path):
    path.parent.mkdir()
    part(path).write_bytes(BODY)
    download_file(server.serve("/file.zip", BODY), path, checksum=SHA256, size=SIZE)
    assert path.read_bytes() == BODY
    assert server.requests == []


def test_a_file_of_unknown_length_is_used_if_the_checksum_is_right(server, path):
    url = server.serve("/file.zip", BODY, length=False)
    download_file(url, path, checksum=SHA256)
    assert path.read_bytes() == BODY


def test_a_cut_file_of_unknown_length_is_never_used(server, path):
    url = server.serve("/file.zip", BODY, length=False, cut=CUT)
    with pytest.raises(ValueError, match=r"SHA256 is .* instead of"):
        download_file(url, path, checksum=SHA256)
    assert nothing_is_left(path)


def test_a_cut_file_of_published_length_is_completed(server, path):
    url = server.serve("/file.zip", BODY, length=False, cut=CUT)
    with pytest.raises(ConnectionError, match="broke off"):
        download_file(url, path, checksum=SHA256, size=SIZE)
    download_file(url, path, checksum=SHA256, size=SIZE)
    assert path.read_bytes() == BODY


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/zip"])
def test_a_web_page_is_named_as_such(server, path, kind):
    url = server.serve("/file.zip", PAGE, kind=kind)
    with pytest.raises(
        ValueError, match="sent a web page, not the archive: 'Quota exceeded'"
    ):
        download_file(url, path, checksum=SHA256, size=SIZE)
    assert nothing_is_left(path)


def test_a_web_page_does_not_spoil_what_arrived(server, path):
    url = server.serve("/file.zip", BODY, cut=CUT)
    with pytest.raises(ConnectionError):
        download_file(url, path, checksum=SHA256)
    server.serve("/file.zip", PAGE, kind="text/html", ranges=False)
    with pytest.raises(ValueError, match="web page"):
        download_file(url, path, checksum=SHA256)
    assert part(path).read_bytes() == BODY[:CUT]


def test_a_wrong_checksum_is_refused(server, path):
    url = server.serve("/file.zip", OTHER)
    with pytest.raises(ValueError, match=f"instead of {SHA256[7:]}") as error:
        download_file(url, path, checksum=SHA256)
    assert hashlib.sha256(OTHER).hexdigest() in str(error.value)
    assert nothing_is_left(path)


@pytest.mark.parametrize("length", [True, False])
@pytest.mark.parametrize("body", [BODY + b"!", BODY * 3])
def test_a_file_that_is_too_long_is_refused(server, path, body, length):
    url = server.serve("/file.zip", body, length=length)
    with pytest.raises(ValueError, match=rf"bytes instead of {SIZE}"):
        download_file(url, path, checksum=SHA256, size=SIZE)
    assert nothing_is_left(path)


def test_a_file_that_is_too_short_is_refused(server, path):
    url = server.serve("/file.zip", BODY[:-1])
    with pytest.raises(ValueError, match=f"has {SIZE - 1} bytes instead of {SIZE}"):
        download_file(url, path, checksum=SHA256, size=SIZE)
    assert nothing_is_left(path)


@pytest.mark.parametrize("status", [403, 404, 429, 500, 503])
def test_an_error_of_the_server(server, path, status):
    url = server.serve("/file.zip", b"no", status=status)
    with pytest.raises(ValueError, match=f"answers {status} .*url="):
        download_file(url, path, checksum=SHA256)
    assert nothing_is_left(path)


def test_no_server(path):
    with running_server() as state:
        url = state.serve("/file.zip", BODY)
    with pytest.raises(ConnectionError, match="cannot be downloaded"):
        download_file(url, path, checksum=SHA256)
    assert nothing_is_left(path)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(server, path, status):
    server.serve("/there/file.zip", BODY)
    url = server.serve("/file.zip", status=status, location="there/file.zip")
    download_file(url, path, checksum=SHA256)
    assert path.read_bytes() == BODY


def test_a_redirected_file_is_resumed(server, path):
    server.serve("/there.zip", BODY, cut=CUT)
    url = server.serve("/file.zip", status=302, location="/there.zip")
    with pytest.raises(ConnectionError):
        download_file(url, path, checksum=SHA256)
    download_file(url, path, checksum=SHA256)
    assert server.requests[-1] == ("/there.zip", f"bytes={CUT}-")
    assert path.read_bytes() == BODY


@pytest.mark.parametrize(
    "location",
    [
        "http://example.org/file.zip",
        "//example.org/file.zip",
        "file:///etc/passwd",
        "ftp://127.0.0.1/file.zip",
    ],
)
def test_an_unsafe_redirect_is_refused(server, path, location):
    url = server.serve("/file.zip", status=302, location=location)
    with pytest.raises(ValueError, match=r"begin with https://.*to which"):
        download_file(url, path, checksum=SHA256)
    assert nothing_is_left(path)


def test_a_publisher_leads_to_no_other_place_on_this_machine():
    first = "https://example.org/file.zip"
    _check_url(first, first)
    _check_url("https://files.example.org/1", first)
    with pytest.raises(ValueError, match=r"begin with https://"):
        _check_url("http://127.0.0.1/file.zip", first)


def test_a_redirect_in_circles_is_refused(server, path):
    url = server.serve("/file.zip", status=302, location="/file.zip")
    with pytest.raises(ValueError, match="circles"):
        download_file(url, path, checksum=SHA256)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/file.zip",
        "http://127.0.0.1.example.org/file.zip",
        "file:///etc/passwd",
        "ftp://example.org/file.zip",
        "/etc/passwd",
        "https:///file.zip",
        "",
    ],
)
def test_an_unsafe_address_is_refused(path, url):
    with pytest.raises(ValueError, match="https://"):
        download_file(url, path, checksum=SHA256)
    assert nothing_is_left(path)


@pytest.mark.parametrize("value", ["1", "yes"])
def test_offline_says_what_to_put_where(server, path, monkeypatch, value):
    monkeypatch.setenv("SERSK_OFFLINE", value)
    url = server.serve("/file.zip", BODY)
    with pytest.raises(ConnectionError) as error:
        download_file(url, path, checksum=SHA256)
    assert url in str(error.value)
    assert repr(str(path)) in str(error.value)
    assert server.requests == []
    path.parent.mkdir()
    path.write_bytes(BODY)
    download_file(url, path, checksum=SHA256)


@pytest.mark.parametrize("value", ["", "0"])
def test_offline_may_be_switched_off(server, path, monkeypatch, value):
    monkeypatch.setenv("SERSK_OFFLINE", value)
    download_file(server.serve("/file.zip", BODY), path, checksum=SHA256)


@pytest.mark.parametrize(
    "checksum", ["", "sha256:", "md5:123", f"sha1:{'a' * 40}", "a" * 64, None]
)
def test_a_checksum_is_needed(checksum, path):
    with pytest.raises(ValueError, match="hexadecimal"):
        check_checksum(checksum)
    with pytest.raises(ValueError, match="hexadecimal"):
        download_file("https://example.org/file.zip", path, checksum=checksum)


@pytest.mark.parametrize("length", ["abc", "-5", "1.5"])
def test_a_length_that_is_no_number_is_an_error(server, path, length):
    url = server.serve("/file.zip", BODY, length=length)
    with pytest.raises(ValueError, match=r"announces '.*' bytes, which is no number"):
        download_file(url, path, checksum=SHA256)
    assert nothing_is_left(path)


@pytest.mark.parametrize(
    "url",
    [
        "http://[::1",
        "https://[::1",
        "https://host:99999/x",
        "https://host:x/x",
        "https://exa mple.com/",
        "https://example.com/\n",
        "https://example.com/\0",
    ],
)
def test_what_is_no_address_is_an_error(path, url):
    with pytest.raises(ValueError, match=r"This is no address: .*url="):
        download_file(url, path, checksum=SHA256)


@pytest.mark.parametrize("url", [5, b"https://example.com", None, ["x"]])
def test_an_address_is_text(path, url):
    with pytest.raises(TypeError, match="url must be an address"):
        download_file(url, path, checksum=SHA256)


def test_an_empty_address_is_an_error(path):
    with pytest.raises(ValueError, match="begin with https"):
        download_file("", path, checksum=SHA256)


@pytest.mark.parametrize("location", ["http://[::1", "//[x", "https://host:99999/"])
def test_a_redirect_to_no_address_is_an_error(server, path, location):
    url = server.serve("/file.zip", status=302, location=location)
    with pytest.raises(ValueError, match=r"no address.*url="):
        download_file(url, path, checksum=SHA256)
    assert nothing_is_left(path)


@pytest.mark.parametrize(
    ("status", "options"),
    [
        (404, {}),
        (200, {"body": PAGE, "kind": "text/html"}),
        (200, {"body": OTHER}),
        (200, {"body": BODY, "cut": CUT}),
        (200, {"body": BODY, "length": "abc"}),
        (302, {"location": "ftp://me:hunter2@host/x"}),
        (302, {"location": "http://me:hunter2@[::1"}),
        (302, {"location": "/file.zip?token=hunter2"}),
    ],
)
def test_passwords_and_keys_are_never_shown(server, path, status, options):
    server.serve("/file.zip?token=hunter2", status=status, **options)
    server.url = server.url.replace("//", "//me:hunter2@")
    url = f"{server.url}/file.zip?token=hunter2"
    with pytest.raises((ValueError, ConnectionError)) as caught:
        download_file(url, path, checksum=SHA256, size=SIZE)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://me:hunter2@host/x",
        "https://me:pass hunter2@host/x?signature=hunter2",
        "https://me:hunter2 pass@host/x",
        "https://me:/hunter2/\n@host/x",
        "https://me:hunter2@host:port/x",
        "http://me:hunter2@127.0.0.1:1/x?api_key=hunter2&x=1",
        b"https://me:hunter2@host/x",
    ],
)
def test_no_address_is_shown_with_its_password(path, url):
    with pytest.raises((ValueError, TypeError, ConnectionError)) as caught:
        download_file(url, path, checksum=SHA256)
    assert "hunter2" not in str(caught.value)


def test_nor_is_one_that_is_to_be_opened_by_other_means(path, monkeypatch):
    monkeypatch.setenv("SERSK_OFFLINE", "1")
    with pytest.raises(ConnectionError, match="SERSK_OFFLINE") as caught:
        download_file("https://me:hunter2@host/x", path, checksum=SHA256)
    assert "hunter2" not in str(caught.value)


def test_a_part_that_is_a_folder_is_an_error(server, path):
    part(path).mkdir(parents=True)
    with pytest.raises(ValueError, match=r"file.zip.part' is in the way and no file"):
        download_file(server.serve("/file.zip", BODY), path, checksum=SHA256)


def test_a_folder_that_cannot_be_made_is_an_error(server, path):
    path.parent.write_text("a file")
    url = server.serve("/file.zip", BODY)
    for target in (path, path.parent / "more" / "file.zip"):
        with pytest.raises(ValueError, match=r"cannot be made: .*Pass a folder"):
            download_file(url, target, checksum=SHA256)


def test_a_file_of_another_size_can_be_meant(server, path):
    path.parent.mkdir()
    path.write_bytes(BODY[:5])
    with pytest.raises(ValueError, match=r"5 bytes instead of .*pass its SHA-256"):
        download_file("https://host/x", path, checksum=SHA256, size=SIZE)
