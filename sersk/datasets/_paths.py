"""Where the files of a table lie, and that they lie in its folder."""

import os

import pandas as pd

from sersk.datasets._finding import Finding
from sersk.datasets._lines import Source, leave_out, without_copies


class Places:
    """What is in each folder, looked at once.

    Parameters
    ----------
    folder : str
        The root.
    """

    def __init__(self, folder: str) -> None:
        self._root = os.path.realpath(folder)
        self._names: dict[str, dict[str, bool]] = {}
        self._inside: dict[str, bool] = {}
        self._real: dict[str, str] = {}

    def holds(self, path: str) -> bool:
        """Tell whether there is such a file."""
        parent, name = os.path.split(path)
        return name in self._list(parent)

    def is_inside(self, path: str) -> bool:
        """Tell whether a path stays in the root, links included."""
        parent, name = os.path.split(path)
        if parent not in self._inside:
            self._inside[parent] = self._is_below(os.path.realpath(parent))
        if name in ("", ".", "..") or not self._inside[parent]:
            return False
        is_link = self._list(parent).get(name, False)
        return not is_link or self._is_below(os.path.realpath(path))

    def real(self, path: str) -> str:
        """Return the one path of a file to which others may lead."""
        parent, name = os.path.split(path)
        if name in ("", ".", "..") or self._list(parent).get(name, False):
            return os.path.realpath(path)
        if parent not in self._real:
            self._real[parent] = os.path.realpath(parent)
        return os.path.join(self._real[parent], name)

    def _is_below(self, path: str) -> bool:
        return path == self._root or path.startswith(os.path.join(self._root, ""))

    def _list(self, parent: str) -> dict[str, bool]:
        """Return whether each name in a folder is a link."""
        if parent not in self._names:
            try:
                with os.scandir(parent or ".") as entries:
                    found = {entry.name: entry.is_symlink() for entry in entries}
            except (OSError, ValueError):
                found = {}
            self._names[parent] = found
        return self._names[parent]


def locate(
    frame: pd.DataFrame,
    folder: str | None,
    source: Source,
    findings: list[Finding],
    *,
    allow_outside: bool,
) -> pd.DataFrame:
    """Join files to the root; leave out those that are not there, and second lines.

    Where two lines say different things of one part of a file, by whatever path, there
    is an error.
    """
    places = Places(folder or os.curdir)
    files = [os.path.join(folder or "", file) for file in frame["file"]]
    if folder is not None and not allow_outside:
        _refuse_outside(frame, files, places, folder, source)
    missing = pd.Series([not places.holds(file) for file in files], index=frame.index)
    named = frame.loc[missing, "file"]
    frame = frame.assign(file=pd.Series(files, index=frame.index, dtype=object))
    if missing.all():
        where = f" in {folder!r}" if folder is not None else ""
        raise ValueError(
            f"{source.name!r} names {len(frame)} files, and none of them is there"
            f"{where}; the first is {files[0]!r}{_about_backslashes(named.iloc[0])}. "
            "Pass the folder to which the paths are relative as root."
        )
    reasons = [f"{file!r} is not there{_about_backslashes(file)}" for file in named]
    frame = leave_out(frame, missing, reasons, source, findings)
    real = pd.Series(map(places.real, frame["file"]), index=frame.index, dtype=object)
    once = without_copies(
        frame.assign(file=real), ["file", "start", "end"], source, findings
    )
    return frame.loc[once.index]


def _about_backslashes(name: str) -> str:
    is_foreign = "\\" in name and os.sep != "\\"
    return " (a path of Windows: replace its backslashes by /)" if is_foreign else ""


def _refuse_outside(
    frame: pd.DataFrame, files: list[str], places: Places, folder: str, source: Source
) -> None:
    for line, name, file in zip(frame.index, frame["file"], files, strict=True):
        if "\0" in name or not places.is_inside(file):
            raise ValueError(
                f"{source.at(line)}: {name!r} leads out of the folder "
                f"{folder!r}. Pass the folder that holds all files as root, or "
                "allow_outside=True if you wrote the table."
            )
