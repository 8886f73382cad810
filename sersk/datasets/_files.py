"""Finding recordings below a folder, whatever else lies there."""

import os
from collections.abc import Iterator, Sequence
from os import PathLike
from typing import Any

from sersk.audio import AudioClips
from sersk.datasets._finding import Finding

AUDIO = (".wav", ".flac")
VIDEO = (".avi",)
# Recordings that a corpus may hold beside those that are read, worth a remark;
# anything else in the tree (transcripts, licences) is none of a loader's business.
_OTHER_MEDIA = (
    ".mp4",
    ".avi",
    ".flv",
    ".mp3",
    ".ogg",
    ".m4a",
    ".aif",
    ".aiff",
    ".au",
    ".sph",
    ".opus",
    ".wma",
    ".aac",
    ".webm",
    ".mkv",
    ".mov",
    ".caf",
    ".amr",
    ".w64",
)
_MOST_NAMED = 5


def check_root(root: str | PathLike, *, title: str, layout: str) -> str:
    """Return the path of a folder that is there, or say what it should hold."""
    if not isinstance(root, (str, PathLike)):
        raise TypeError(f"root must be the path of a folder, got {root!r}.")
    folder = os.path.expanduser(os.fsdecode(root))
    if os.path.isdir(folder):
        return folder
    reason = "is not a folder" if os.path.lexists(folder) else "does not exist"
    raise ValueError(
        f"root={folder!r} {reason}. Pass the folder that holds {title}: {layout}."
    )


def check_rate(sampling_rate: Any) -> None:
    """Raise unless clips can have such a rate, before anything is read or warned of."""
    AudioClips.from_files(["clip.wav"], sampling_rate=sampling_rate)


def list_media(folder: str, findings: list[Finding]) -> list[str]:
    """Return the recordings below a folder, hidden ones left out, in C order."""
    paths: list[str] = []
    hidden_folders: list[str] = []
    for parent, files in walk(folder, findings, hidden_folders):
        paths += _media_in(parent, files)
    # macOS leaves a "._x.wav" beside "x.wav".
    hidden = [path for path in paths if os.path.basename(path).startswith(".")]
    paths = [path for path in paths if not os.path.basename(path).startswith(".")]
    for top in hidden_folders:
        for parent, files in walk(top, []):
            hidden += _media_in(parent, files)
    if hidden:
        listed = name_some(sorted(hidden), folder)
        findings.append(
            Finding("hidden", f"Hidden, passed over: {listed}.", tuple(hidden))
        )
    return sorted(paths, key=os.fsencode)


def _media_in(parent: str, files: Sequence[str]) -> list[str]:
    return [
        os.path.join(parent, file)
        for file in files
        if suffix_of(file) in AUDIO + _OTHER_MEDIA
    ]


def find_files(folder: str, suffix: str, findings: list[Finding]) -> list[str]:
    """Return the files below a folder that end so, hidden ones left out, in C order."""
    return sorted(
        (
            os.path.join(parent, file)
            for parent, files in walk(folder, findings)
            for file in files
            if file.lower().endswith(suffix.lower()) and not file.startswith(".")
        ),
        key=os.fsencode,
    )


def walk(
    folder: str, findings: list[Finding], hidden: list[str] | None = None
) -> Iterator[tuple[str, list[str]]]:
    """Walk through folders and links to folders, each once.

    Hidden folders are passed over, and added to the list `hidden` if there is one.
    """

    def report(error: OSError) -> None:
        message = f"{error.filename!r} cannot be read: {error.strerror}."
        findings.append(Finding("unreadable", message, (str(error.filename),)))

    seen = set()
    for parent, folders, files in os.walk(folder, onerror=report, followlinks=True):
        real = os.path.realpath(parent)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        if hidden is not None:
            hidden += [
                os.path.join(parent, name) for name in folders if name.startswith(".")
            ]
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield parent, files


def suffix_of(file: str) -> str:
    """Return the end of a file name from its last dot on, in lower case."""
    return os.path.splitext(file)[1].lower()


def stem_of(file: str) -> str:
    """Return the name of a file without folders and suffix."""
    return os.path.splitext(os.path.basename(file))[0]


def preference(path: str) -> tuple[bool, int, int, str]:
    """Order copies of a clip: sound first, then the nearest to the root, then WAV."""
    suffix = suffix_of(path)
    rank = (*AUDIO, *_OTHER_MEDIA).index(suffix)
    return suffix not in AUDIO, path.count(os.sep), rank, path


def name_some(paths: Sequence[str], folder: str) -> str:
    """Count files and name the first of them, relative to the root."""
    named = [repr(os.path.relpath(path, folder)) for path in paths[:_MOST_NAMED]]
    more = ", ..." if len(paths) > _MOST_NAMED else ""
    return f"{len(paths)} file{'s' * (len(paths) != 1)} ({', '.join(named)}{more})"
