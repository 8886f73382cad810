"""Fetching whole corpora, from a real server on this machine."""

import dataclasses
import hashlib
import inspect
import io
import zipfile
from pathlib import Path

import pytest

from sersk.datasets import load_emodb, load_ravdess
from sersk.datasets._fetch import (
    DOWNLOADS,
    EMODB,
    Download,
    fetch,
    fetch_emodb,
    fetch_ravdess,
    fetch_smile,
)
from sersk.utils import CorpusWarning
from tests.datasets.server import running_server

FETCHERS = [fetch_emodb, fetch_ravdess, fetch_smile]
TABLE = b'611,"@museum so happy",happy\n'


def zip_with(*names):
    """Return a zip of empty files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"")
    return file.getvalue()


CLIPS = zip_with("emodb/wav/03a01Fa.wav", "emodb/wav/08b10Wd.wav", "emodb/db.yaml")


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch):
    monkeypatch.delenv("SERSK_OFFLINE", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def server():
    with running_server() as state:
        yield state


@pytest.fixture
def emodb(server):
    """Return EmoDB as this machine's server has it: two empty files."""
    return dataclasses.replace(
        EMODB,
        url=server.serve("/emodb.zip", CLIPS),
        size=len(CLIPS),
        checksum=f"md5:{hashlib.md5(CLIPS).hexdigest()}",
    )


def accept(what, folder, **options):
    given = {"accept_licence": True, "sha256": None, "url": None, **options}
    return fetch(what, folder, **given)


def clips_of(folder):
    with pytest.warns(CorpusWarning):
        return [Path(file).name for file in load_emodb(folder).clips.files]


def test_a_corpus_is_fetched_and_loaded(emodb, tmp_path):
    folder = accept(emodb, tmp_path / "corpora" / "emodb")
    assert folder == str(tmp_path / "corpora" / "emodb")
    assert clips_of(folder) == ["03a01Fa.wav", "08b10Wd.wav"]
    beside = sorted(path.name for path in (tmp_path / "corpora").iterdir())
    assert beside == ["emodb", "emodb.zip"]


def test_a_fetched_corpus_is_not_fetched_again(emodb, tmp_path, server, monkeypatch):
    folder = accept(emodb, tmp_path / "emodb")
    (tmp_path / "emodb.zip").unlink()
    monkeypatch.setenv("SERSK_OFFLINE", "1")
    assert accept(emodb, tmp_path / "emodb") == folder
    assert len(server.requests) == 1


def test_an_archive_that_is_there_is_used(emodb, tmp_path, server, monkeypatch):
    monkeypatch.setenv("SERSK_OFFLINE", "1")
    with pytest.raises(ConnectionError, match="SERSK_OFFLINE") as error:
        accept(emodb, tmp_path / "emodb")
    place = tmp_path / "emodb.zip"
    assert repr(str(place)) in str(error.value)
    assert emodb.url in str(error.value)
    place.write_bytes(CLIPS)
    assert len(clips_of(accept(emodb, tmp_path / "emodb"))) == 2
    assert server.requests == []


def test_a_download_that_broke_off_goes_on(emodb, tmp_path, server):
    server.pages["/emodb.zip"].cut = 50
    with pytest.raises(ConnectionError):
        accept(emodb, tmp_path / "emodb")
    assert not (tmp_path / "emodb").exists()
    assert len(clips_of(accept(emodb, tmp_path / "emodb"))) == 2


def test_another_archive_than_was_published_is_refused(emodb, tmp_path, server):
    server.serve("/emodb.zip", CLIPS[:-1] + b"!")
    with pytest.raises(ValueError, match="another file than was published: its MD5"):
        accept(emodb, tmp_path / "emodb")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_the_users_own_is_left_alone(emodb, tmp_path, server):
    folder = tmp_path / "emodb"
    folder.mkdir()
    (folder / "mine").touch()
    with pytest.raises(ValueError, match=r"exists.*load_emodb.*delete it"):
        accept(emodb, folder)
    assert [path.name for path in folder.iterdir()] == ["mine"]
    assert server.requests == []


def test_a_folder_fetched_from_another_archive_is_left_alone(emodb, tmp_path, server):
    accept(emodb, tmp_path / "emodb")
    with pytest.raises(ValueError, match="not from this download"):
        accept(emodb, tmp_path / "emodb", sha256="0" * 64)


def test_a_harmful_archive_is_refused(emodb, tmp_path, server):
    harmful = zip_with("../escaped")
    url = server.serve("/harmful.zip", harmful)
    with pytest.raises(ValueError, match="leads out"):
        accept(emodb, tmp_path / "x" / "emodb", url=url, sha256=sha256(harmful))
    assert not (tmp_path / "x" / "escaped").exists()
    assert not (tmp_path / "x" / "emodb").exists()


def test_a_mirror_must_hold_the_published_file(emodb, tmp_path, server):
    mirror = server.serve("/mirror.zip", CLIPS)
    accept(emodb, tmp_path / "emodb", url=mirror)
    assert server.requests == [("/mirror.zip", None)]
    other = server.serve("/other.zip", zip_with("emodb/wav/03a01Fa.wav"))
    with pytest.raises(ValueError, match="another file than was published"):
        accept(emodb, tmp_path / "b" / "emodb", url=other)


def test_a_mirror_may_hold_another_archive_of_known_checksum(emodb, tmp_path, server):
    archive = zip_with("03a01Fa.wav")
    url = server.serve("/mine.zip", archive)
    folder = accept(emodb, tmp_path / "emodb", url=url, sha256=sha256(archive).upper())
    assert clips_of(folder) == ["03a01Fa.wav"]


@pytest.mark.parametrize("digits", ["", "abc", "g" * 64, "a" * 63, 3])
def test_a_checksum_of_the_users_own_is_checked(emodb, tmp_path, digits):
    with pytest.raises(ValueError, match="hexadecimal"):
        accept(emodb, tmp_path / "emodb", sha256=digits)


def test_without_a_published_checksum_the_users_own_is_needed(emodb, tmp_path, server):
    emodb = dataclasses.replace(emodb, checksum=None)
    with pytest.raises(ValueError, match=r"No checksum .* was published.*sha256="):
        accept(emodb, tmp_path / "emodb")
    assert server.requests == []
    accept(emodb, tmp_path / "emodb", sha256=sha256(CLIPS))


def test_a_home_folder_is_understood(emodb, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert accept(emodb, "~/emodb") == str(tmp_path / "emodb")


@pytest.mark.parametrize("folder", [None, 3, ["emodb"]])
def test_a_folder_is_a_path(emodb, folder):
    with pytest.raises(TypeError, match="path of a folder"):
        accept(emodb, folder)


# The public functions.


def test_ravdess(tmp_path, server):
    archive = zip_with("Actor_01/03-01-01-01-01-01-01.wav")
    folder = fetch_ravdess(
        tmp_path / "ravdess",
        accept_licence=True,
        url=server.serve("/x.zip", archive),
        sha256=sha256(archive),
    )
    with pytest.warns(CorpusWarning):
        assert len(load_ravdess(folder).clips) == 1


def test_smile_is_a_table_in_a_folder(tmp_path, server):
    url = server.serve("/x.csv", TABLE, kind="text/csv")
    given = {"accept_licence": True, "url": url, "sha256": sha256(TABLE)}
    folder = tmp_path / "smile"
    for _ in range(2):
        assert fetch_smile(folder, **given) == str(folder)
    assert (folder / "smile-annotations-final.csv").read_bytes() == TABLE
    assert len(server.requests) == 1


@pytest.mark.parametrize("function", FETCHERS)
@pytest.mark.parametrize("accepted", [{}, {"accept_licence": "yes"}])
def test_the_licence_must_be_accepted(function, accepted, tmp_path):
    what = DOWNLOADS[function.__name__.removeprefix("fetch_")]
    with pytest.raises(ValueError, match="accept_licence=True") as error:
        function(tmp_path / "x", **accepted)
    for words in [what.licence, what.terms, what.terms_url]:
        assert words in str(error.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("function", FETCHERS)
def test_each_asks_its_own_publisher(function, tmp_path, monkeypatch):
    monkeypatch.setenv("SERSK_OFFLINE", "1")
    what = DOWNLOADS[function.__name__.removeprefix("fetch_")]
    with pytest.raises(ConnectionError) as error:
        function(tmp_path / "x", accept_licence=True)
    assert what.url in str(error.value)
    assert what.file in str(error.value)


def test_all_have_the_same_parameters():
    assert len({str(inspect.signature(function)) for function in FETCHERS}) == 1
    assert {function.__name__ for function in FETCHERS} == {
        f"fetch_{name}" for name in DOWNLOADS
    }


@pytest.mark.parametrize("what", DOWNLOADS.values(), ids=DOWNLOADS)
def test_what_is_known_of_each(what: Download):
    assert what.url.startswith("https://")
    assert what.terms_url.startswith("https://")
    assert what.checksum.partition(":")[0] in {"md5", "sha256"}
    assert what.file in what.url or what.file.endswith(".csv")
    # Sound hardly packs: an archive holds a few times its size at most.
    assert what.extracted is None or what.size < what.extracted < 4 * what.size


@pytest.mark.parametrize("fetcher", FETCHERS)
@pytest.mark.parametrize("folder", ["", "a\0b"])
def test_a_folder_that_is_no_path_is_an_error(fetcher, folder):
    with pytest.raises(ValueError, match=r"folder=.* is no path"):
        fetcher(folder, accept_licence=True)


@pytest.mark.parametrize("fetcher", FETCHERS)
@pytest.mark.parametrize("below", ["x", "x/y"])
def test_a_folder_below_a_file_is_an_error(tmp_path, server, fetcher, below):
    (tmp_path / "file").touch()
    url = server.serve("/x", TABLE)
    with pytest.raises(ValueError, match="cannot be made: "):
        fetcher(tmp_path / "file" / below, accept_licence=True, url=url)


@pytest.mark.parametrize(("url", "error"), [("", ValueError), (5, TypeError)])
def test_an_address_is_not_replaced_by_the_default(tmp_path, url, error):
    with pytest.raises(error, match="url"):
        fetch_emodb(tmp_path / "emodb", accept_licence=True, url=url)


def test_an_archive_of_another_size_can_be_taken_by_its_checksum(tmp_path, server):
    (tmp_path / "emodb.zip").write_bytes(CLIPS)
    with pytest.raises(ValueError, match="pass its SHA-256 as sha256="):
        fetch_emodb(tmp_path / "emodb", accept_licence=True)
    fetch_emodb(tmp_path / "emodb", accept_licence=True, sha256=sha256(CLIPS))
    assert (tmp_path / "emodb" / "emodb" / "wav").is_dir()
