"""Paths that lead to no regular file, and digests that follow a file's bytes."""

import hashlib
import os
import socket
import threading
import time

import numpy as np
import pytest
import soundfile

from sersk.audio import _files
from sersk.audio._reading import file_digest, read_recording
from sersk.utils import AudioError


@pytest.fixture
def clip(tmp_path):
    """A short WAV file."""
    path = tmp_path / "clip.wav"
    soundfile.write(path, np.full(100, 0.5), 16_000)
    return path


def error_within(seconds, function, path):
    """Return the error of a call that must not hang."""
    caught = []

    def call():
        try:
            function(path)
        except Exception as error:
            caught.append(error)

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(seconds)
    assert not thread.is_alive(), f"{function.__name__} hangs on {path}"
    return caught[0]


def make_missing(folder):
    return folder / "missing.wav", "no such file"


def make_empty_name(folder):
    return "", "has an empty path"


def make_nul(folder):
    return "a\0b.wav", "no file can have this name"


def make_lone_surrogate(folder):
    return "a\ud800.wav", "no file can have this name"


def make_long_name(folder):
    return folder / ("x" * 5_000), "too long"


def make_file_as_folder(folder):
    (folder / "file").write_bytes(b"x")
    return folder / "file" / "clip.wav", "not a folder"


def make_folder(folder):
    return folder, r"is not a regular file \(a directory\)"


def make_fifo(folder):
    os.mkfifo(folder / "fifo.wav")
    return folder / "fifo.wav", r"is not a regular file \(a FIFO\)"


def make_link_to_fifo(folder):
    os.mkfifo(folder / "fifo.wav")
    (folder / "link.wav").symlink_to(folder / "fifo.wav")
    return folder / "link.wav", r"is not a regular file \(a FIFO\)"


def make_endless_device(folder):
    return "/dev/zero", r"is not a regular file \(a character device\)"


def make_dangling_link(folder):
    (folder / "link.wav").symlink_to("gone.wav")
    return folder / "link.wav", r"link to a file that does not exist \('gone.wav'\)"


def make_link_loop(folder):
    (folder / "one.wav").symlink_to("two.wav")
    (folder / "two.wav").symlink_to("one.wav")
    return folder / "one.wav", "leads back to itself"


def make_http(folder):
    return "https://example.org/clip.wav", "nothing is downloaded"


def make_bucket(folder):
    return "s3://bucket/clip.wav", "nothing is downloaded"


def make_unreadable(folder):
    if os.geteuid() == 0:
        pytest.skip("the super-user may read every file")
    path = folder / "secret.wav"
    path.write_bytes(b"x")
    path.chmod(0)
    return path, "permission denied"


MAKERS = [value for name, value in sorted(globals().items()) if name[:5] == "make_"]


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX file types")
@pytest.mark.parametrize("function", [read_recording, file_digest])
@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__[5:])
def test_what_is_no_file_is_an_error_at_once(tmp_path, make, function):
    path, reason = make(tmp_path)
    error = error_within(20, function, path)
    assert type(error) is AudioError
    with pytest.raises(AudioError, match=reason):
        raise error
    assert str(error)[0].islower()
    assert str(error).endswith(".")


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX sockets")
def test_a_socket_is_an_error_at_once(tmp_path, monkeypatch):
    # The address of a socket may only have about 100 characters.
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.wav")
        assert "(a socket)" in str(error_within(20, read_recording, "socket.wav"))


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="needs /proc")
def test_a_read_that_fails_is_an_error():
    # It counts as a regular file, and nothing lies at address 0.
    with pytest.raises(AudioError, match=r"^cannot be read: .*Check the disk\.$"):
        file_digest("/proc/self/mem")
    with pytest.raises(AudioError, match=r"^is empty"):
        read_recording("/proc/self/mem")


def test_a_path_of_a_wrong_type_is_a_type_error():
    for path in (3, None, 2.5):
        with pytest.raises(TypeError):
            read_recording(path)
        with pytest.raises(TypeError):
            file_digest(path)


@pytest.mark.parametrize(
    "name",
    [
        "-rf.wav",
        "[a-z]*.wav",
        "a b  c.wav",
        "Ärger 怒り.wav",
        "$(x);'\".wav",
        "http:x.wav",
    ],
)
def test_unusual_names_are_read(clip, monkeypatch, name):
    monkeypatch.chdir(clip.parent)
    clip.rename(name)
    for path in (name, os.fsencode(name), clip.parent / name):
        assert read_recording(path).samples.shape == (100,)
        assert (
            file_digest(path)
            == hashlib.sha256(clip.with_name(name).read_bytes()).hexdigest()
        )


def test_names_of_undecodable_bytes_are_read(clip):
    raw = os.fsencode(clip.parent) + b"/\xff\xfe.wav"
    try:
        os.rename(clip, raw)
    except OSError:
        pytest.skip("this file system only takes names in UTF-8")
    assert read_recording(raw).samples.shape == (100,)
    assert read_recording(os.fsdecode(raw)).samples.shape == (100,)
    assert len(file_digest(os.fsdecode(raw))) == 64


def test_links_to_a_file_are_followed(clip):
    link = clip.with_name("link.wav")
    link.symlink_to(clip)
    assert read_recording(link).samples.shape == (100,)
    assert file_digest(link) == file_digest(clip)


def test_digest_is_that_of_the_bytes(tmp_path):
    for size in (0, 1, (1 << 20) - 1, 1 << 20, (2 << 20) + 7):
        content = np.random.default_rng(size).bytes(size)
        path = tmp_path / "file"
        path.write_bytes(content)
        assert file_digest(path) == hashlib.sha256(content).hexdigest()


def edit_in_place(path, content):
    """Change bytes and put size and modification time back as they were."""
    before = os.stat(path)
    with open(path, "r+b") as file:
        file.write(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = os.stat(path)
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def test_a_file_edited_again_and_again_is_never_stale(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"0000")
    for number in range(200):
        content = b"%04d" % number
        edit_in_place(path, content)
        assert file_digest(path) == hashlib.sha256(content).hexdigest()


def test_digests_of_settled_files_are_remembered(tmp_path, monkeypatch):
    # A negative age makes every file a settled one.
    monkeypatch.setattr(_files, "_SETTLED_NS", -(10**18))
    path = tmp_path / "file"
    path.write_bytes(b"old!")
    old = file_digest(path)
    assert _files._digests[str(path)][1] == old
    assert file_digest(path) == old
    # The clock of file systems ticks every few milliseconds.
    time.sleep(0.05)
    edit_in_place(path, b"new!")
    assert file_digest(path) == hashlib.sha256(b"new!").hexdigest() != old


def test_a_remembered_digest_is_used(tmp_path, monkeypatch):
    monkeypatch.setattr(_files, "_SETTLED_NS", -(10**18))
    path = tmp_path / "file"
    path.write_bytes(b"content")
    file_digest(path)
    signature, _ = _files._digests[str(path)]
    monkeypatch.setitem(_files._digests, str(path), (signature, "from memory"))
    assert file_digest(path) == "from memory"
    # Another file of the same size under the same name has another inode.
    path.rename(tmp_path / "moved")
    path.write_bytes(b"CONTENT")
    assert file_digest(path) == hashlib.sha256(b"CONTENT").hexdigest()


def test_digests_of_fresh_files_are_not_remembered(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"fresh")
    file_digest(path)
    assert str(path) not in _files._digests
    # A modification time in the past does not make a new file an old one.
    os.utime(path, (1, 1))
    file_digest(path)
    assert str(path) not in _files._digests


def test_a_time_stamp_in_the_future_is_not_remembered(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"x")
    future = time.time() + 10_000
    os.utime(path, (future, future))
    monkeypatch.setattr(_files, "_SETTLED_NS", -(5_000 * 10**9))
    file_digest(path)
    assert str(path) not in _files._digests


def test_the_memory_of_digests_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(_files, "_SETTLED_NS", -(10**18))
    monkeypatch.setattr(_files, "_MAX_DIGESTS", 3)
    monkeypatch.setattr(_files, "_digests", {})
    for number in range(10):
        path = tmp_path / str(number)
        path.write_bytes(b"%d" % number)
        assert file_digest(path) == hashlib.sha256(b"%d" % number).hexdigest()
        assert len(_files._digests) <= 3


def test_threads_agree(tmp_path, monkeypatch):
    monkeypatch.setattr(_files, "_SETTLED_NS", -(10**18))
    monkeypatch.setattr(_files, "_MAX_DIGESTS", 5)
    paths = [tmp_path / str(number) for number in range(20)]
    for path in paths:
        path.write_bytes(path.name.encode())
    expected = [hashlib.sha256(path.name.encode()).hexdigest() for path in paths]
    results = []

    def work():
        for _ in range(20):
            results.append([file_digest(path) for path in paths])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 80
