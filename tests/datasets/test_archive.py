"""Archives made to do harm, and what they must not do."""

import gzip
import io
import os
import stat
import struct
import tarfile
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sersk.datasets import _archive
from sersk.datasets._archive import extract_archive

CLIP = np.random.default_rng(0).bytes(5_000)
TARS = ["w", "w:gz", "w:bz2", "w:xz"]


def zip_of(path, members):
    """Write a zip of (name or ZipInfo, content)."""
    with (
        warnings.catch_warnings(),
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        warnings.simplefilter("ignore")  # zipfile warns of a name that is there twice
        for name, content in members:
            archive.writestr(name, content)
    return path


def tar_of(path, members, mode="w"):
    """Write a tar of (name or TarInfo, content)."""
    with tarfile.open(path, mode) as archive:
        for name, content in members:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def tar_member(name, kind=tarfile.REGTYPE, target="", mode=0o644):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, target, mode
    return info


def zip_member(name, mode):
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def extract(archive, folder, max_bytes=1_000_000):
    extract_archive(archive, folder, max_bytes=max_bytes)


def tree(folder: Path):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def place(tmp_path) -> Path:
    """Return a folder; what is beside its corpus must not change."""
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    (tmp_path / "outside").write_text("untouched")
    return folder


def assert_refused(archive, place, match, **options):
    before = sorted(place.rglob("*"))
    with pytest.raises(ValueError, match=match) as error:
        extract(archive, place / "corpus", **options)
    assert str(archive) in str(error.value)
    assert "Nothing was extracted" in str(error.value)
    assert sorted(place.rglob("*")) == before
    top = place.parents[1]
    assert (top / "outside").read_text() == "untouched"
    assert {path.name for path in top.iterdir()} == {"a", "outside"}
    assert not Path("/tmp/sersk-escaped").exists()


MEMBERS = [("emodb/wav/03a01Fa.wav", CLIP), ("emodb/täst [1] -x.csv", b"a,b\n")]


def test_a_zip(place):
    extract(zip_of(place / "x.zip", [("emodb/", b""), *MEMBERS]), place / "corpus")
    assert tree(place / "corpus") == dict(MEMBERS)


@pytest.mark.parametrize("mode", TARS)
def test_a_tar(place, mode):
    folder = tar_member("./emodb", tarfile.DIRTYPE, mode=0o755)
    extract(tar_of(place / "x", [(folder, b""), *MEMBERS], mode), place / "corpus")
    assert tree(place / "corpus") == dict(MEMBERS)
    assert sorted(path.name for path in place.iterdir()) == ["corpus", "x"]


def test_an_empty_zip_makes_an_empty_folder(place):
    extract(zip_of(place / "x.zip", []), place / "corpus")
    assert tree(place / "corpus") == {}


def test_the_folder_above_is_made(place):
    extract(zip_of(place / "x.zip", MEMBERS), place / "new" / "corpus")
    assert tree(place / "new" / "corpus") == dict(MEMBERS)


@pytest.mark.parametrize("make", [zip_of, tar_of])
def test_modes_are_what_the_users_mask_says(place, make):
    special = 0o6777
    name = (
        zip_member("run.sh", stat.S_IFREG | special)
        if make is zip_of
        else tar_member("run.sh", mode=special)
    )
    extract(make(place / "x", [(name, b"#!/bin/sh")]), place / "corpus")
    (place / "plain").write_text("")
    (place / "folder").mkdir()
    mode = (place / "corpus" / "run.sh").stat().st_mode
    assert mode == (place / "plain").stat().st_mode
    assert (place / "corpus").stat().st_mode == (place / "folder").stat().st_mode


# Ways out of the folder.

ESCAPES = [
    "../../outside",
    "../escaped",
    "a/../../escaped",
    "/tmp/sersk-escaped",
    "//tmp/sersk-escaped",
    "..",
]


@pytest.mark.parametrize("name", ESCAPES)
@pytest.mark.parametrize("make", [zip_of, tar_of])
def test_names_that_lead_out_are_refused(place, make, name):
    archive = make(place / "x", [("good.wav", CLIP), (name, b"bad")])
    assert_refused(archive, place, "leads out|absolute")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
@pytest.mark.parametrize(
    "target", ["../../outside", "/tmp/sersk-escaped", "good.wav", "."]
)
def test_links_in_a_tar_are_refused(place, kind, target):
    link = tar_member("link", kind, target)
    members = [("good.wav", CLIP), (link, b""), ("link", b"bad")]
    assert_refused(tar_of(place / "x", members), place, "'link', a link")


@pytest.mark.parametrize(
    "kind", [tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.CONTTYPE]
)
def test_what_is_no_file_in_a_tar_is_refused(place, kind):
    archive = tar_of(place / "x", [(tar_member("thing", kind), b"")])
    if kind == tarfile.CONTTYPE:  # an old word for a file
        extract(archive, place / "corpus")
        assert tree(place / "corpus") == {"thing": b""}
    else:
        assert_refused(archive, place, "'thing', no file")


@pytest.mark.parametrize(
    ("kind", "match"),
    [
        (stat.S_IFLNK, "a symbolic link"),
        (stat.S_IFIFO, "a named pipe"),
        (stat.S_IFCHR, "a device"),
        (stat.S_IFSOCK, "a socket"),
    ],
)
def test_what_is_no_file_in_a_zip_is_refused(place, kind, match):
    link = zip_member("link", kind | 0o777)
    archive = zip_of(place / "x", [(link, b"../../outside"), ("link/x", b"bad")])
    assert_refused(archive, place, match)


# Names that other systems understand otherwise.


@pytest.mark.parametrize(
    ("name", "match"),
    [
        (r"..\..\outside", "backslash"),
        (r"C:\outside", "backslash"),
        ("C:/outside", "colon"),
        ("clip.wav:stream", "colon"),
        ("CON.wav", "reserved"),
        ("a/nul", "reserved"),
        ("com1.tar.gz/x.wav", "reserved"),
        ("Lpt9 .wav", "reserved"),
        ("clip.wav.", "ends with a dot"),
        ("clip.wav ", "ends with a dot or a space"),
        ("folder./clip.wav", "ends with a dot"),
        ("...", "ends with a dot"),
        ("a\nb.wav", "control"),
        ("x" * 300, "longer than 255"),
    ],
)
@pytest.mark.parametrize("make", [zip_of, tar_of])
def test_names_that_windows_cannot_hold_are_refused(place, make, name, match):
    assert_refused(make(place / "x", [(name, b"bad")]), place, match)


def test_a_name_with_a_zero_byte_is_refused(place):
    archive = zip_of(place / "x", [("good.wavXbad", CLIP)])
    archive.write_bytes(archive.read_bytes().replace(b"wavXbad", b"wav\0bad"))
    assert_refused(archive, place, "control")


@pytest.mark.parametrize("name", ["conduct.wav", "auxiliary", "com.wav", "a b.wav"])
def test_names_like_those_are_fine(place, name):
    extract(zip_of(place / "x", [(name, CLIP)]), place / "corpus")
    assert tree(place / "corpus") == {name: CLIP}


@pytest.mark.parametrize(
    "names",
    [
        ("clip.wav", "CLIP.wav"),
        ("a/clip.wav", "A/other.wav"),
        ("stra\N{LATIN SMALL LETTER SHARP S}e", "STRASSE"),
        ("m\N{LATIN SMALL LETTER U WITH DIAERESIS}", "mu\N{COMBINING DIAERESIS}"),
    ],
)
@pytest.mark.parametrize("make", [zip_of, tar_of])
def test_names_that_are_one_on_some_systems_are_refused(place, make, names):
    archive = make(place / "x", [(name, CLIP) for name in names])
    assert_refused(archive, place, "not every system tells apart")


@pytest.mark.parametrize(
    "names", [("a", "a"), ("a", "./a"), ("a", "a/b"), ("a/b", "a"), ("a/", "a")]
)
def test_names_that_are_there_twice_are_refused(place, names):
    archive = zip_of(place / "x", [(name, b"") for name in names])
    assert_refused(archive, place, "twice")


@given(name=st.text(max_size=20))
def test_a_name_is_refused_or_stays_inside(name):
    try:
        parts = _archive._safe_parts(name)
    except _archive._Refused:
        return
    path = os.path.normpath(os.path.join("/corpus", *parts))
    assert path == "/corpus" or path.startswith("/corpus/")
    assert ("/" + "/".join(parts)) in (f"/{name}".replace("/./", "/"), path[7:], "/")


# Bombs.


@pytest.mark.parametrize("mode", TARS)
def test_a_tar_that_holds_too_much_is_refused(place, mode):
    clips = [(f"{number}.wav", CLIP) for number in range(20)]
    archive = tar_of(place / "x", clips, mode)
    assert_refused(archive, place, "more than 96000 bytes", max_bytes=80_000)
    extract(archive, place / "corpus", max_bytes=90_000)


def test_a_zip_that_holds_too_much_is_refused(place):
    archive = zip_of(place / "x", [(f"{number}.wav", CLIP) for number in range(20)])
    assert_refused(archive, place, "more than 96000 bytes", max_bytes=80_000)
    extract(archive, place / "corpus", max_bytes=90_000)


@pytest.mark.parametrize("make", [zip_of, lambda *a: tar_of(*a, mode="w:gz")])
def test_a_bomb_is_refused(place, make):
    archive = make(place / "x", [("zeros.wav", bytes(3_000_000))])
    assert archive.stat().st_size < 10_000
    assert_refused(archive, place, "more than 100 times", max_bytes=10_000_000)
    assert_refused(archive, place, "more than 120000 bytes", max_bytes=100_000)


def test_a_zip_that_lies_about_its_size_is_refused(place):
    """Both headers say 10 bytes; 3 MB come out."""
    archive = zip_of(place / "x", [("zeros.wav", bytes(3_000_000))])
    size = struct.pack("<L", 3_000_000)
    content = archive.read_bytes()
    assert content.count(size) == 2
    archive.write_bytes(content.replace(size, struct.pack("<L", 10)))
    assert_refused(archive, place, "broken", max_bytes=10_000_000)


def test_a_tar_header_as_large_as_memory_is_refused(place):
    """A header of names that announces and holds 50 MB of zeros."""
    info = tar_member("pax", tarfile.XHDTYPE)
    info.size = 50_000_000
    content = info.tobuf(tarfile.USTAR_FORMAT) + bytes(info.size)
    archive = place / "x"
    archive.write_bytes(gzip.compress(content))
    assert_refused(archive, place, "more than 1200 bytes", max_bytes=1_000)


def test_a_tar_with_holes_is_refused(place):
    """A sparse file of which next to nothing is there."""
    info = tar_member("holes.wav")
    info.pax_headers = {
        "GNU.sparse.major": "0",
        "GNU.sparse.minor": "1",
        "GNU.sparse.size": "1000000000000",
        "GNU.sparse.map": "0,0",
    }
    assert_refused(tar_of(place / "x", [(info, b"")]), place, "more than")


def test_too_many_members_are_refused(place, monkeypatch):
    monkeypatch.setattr(_archive, "_MAX_MEMBERS", 3)
    archive = zip_of(place / "x", [(f"{number}", b"") for number in range(4)])
    assert_refused(archive, place, "more than 3 files and folders")


# What is broken, in the way, or interrupted.


@pytest.mark.parametrize("mode", [*TARS, "zip"])
@pytest.mark.parametrize("part", [0.3, 0.6])
def test_a_cut_archive_is_refused(place, mode, part):
    members = [(f"{number}.wav", CLIP) for number in range(4)]
    archive = place / "x"
    if mode == "zip":
        zip_of(archive, members)
    else:
        tar_of(archive, members, mode)
    content = archive.read_bytes()
    archive.write_bytes(content[: int(part * len(content))])
    assert_refused(archive, place, "broken")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_tar_cut_between_two_members_is_refused(place, pack):
    content = tar_of(place / "x", [("1.wav", CLIP), ("2.wav", CLIP)]).read_bytes()
    (place / "x").write_bytes(pack(content[: 512 + 5_120]))
    assert_refused(place / "x", place, "its end is missing")


@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w:xz", "zip"])
def test_a_flipped_byte_is_noticed(place, mode):
    archive = place / "x"
    if mode == "zip":
        zip_of(archive, [("clip.wav", CLIP)])
    else:
        tar_of(archive, [("clip.wav", CLIP)], mode)
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 0xFF
    archive.write_bytes(content)
    assert_refused(archive, place, "broken")


@pytest.mark.parametrize("content", [b"", b"hello", b"<html>", bytes(2_000), CLIP])
def test_what_is_no_archive_is_refused(place, content):
    (place / "x").write_bytes(content)
    assert_refused(place / "x", place, "neither a zip nor a tar")


def test_a_zip_with_a_password_is_refused(place):
    archive = zip_of(place / "x", [("clip.wav", CLIP)])
    content = bytearray(archive.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(content)
    assert_refused(archive, place, "password")


def test_a_python_without_filters_refuses_tars(place, monkeypatch):
    monkeypatch.delattr(tarfile, "data_filter")
    assert_refused(tar_of(place / "x", MEMBERS), place, "no filter.*update")


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_what_is_there_is_not_overwritten(place, kind):
    target = place / "corpus"
    if kind == "folder":
        target.mkdir()
    elif kind == "file":
        target.write_text("mine")
    else:
        target.symlink_to("nowhere")
    archive = zip_of(place / "x", MEMBERS)
    before = sorted(place.iterdir())
    with pytest.raises(ValueError, match=r"exists and is not overwritten.*delete it"):
        extract(archive, target)
    assert sorted(place.iterdir()) == before


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left")])
def test_nothing_is_left_of_an_interrupted_extraction(place, monkeypatch, error):
    """The third file is where it happens."""
    opened = []

    def interrupt(self, size):
        opened.append(size)
        if len(opened) == 3:
            raise error

    archive = zip_of(place / "x", [(f"{number}.wav", CLIP) for number in range(5)])
    monkeypatch.setattr(_archive._Budget, "spend", interrupt)
    with pytest.raises((KeyboardInterrupt, OSError)):
        extract(archive, place / "corpus")
    assert [path.name for path in place.iterdir()] == ["x"]


def test_a_missing_archive(place):
    with pytest.raises(FileNotFoundError):
        extract(place / "x", place / "corpus")
    assert list(place.iterdir()) == []
