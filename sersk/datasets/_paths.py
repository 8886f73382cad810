"""Where the files of a table lie, and that they lie in its folder."""

import os

import pandas as pd

from sersk.datasets._finding import Finding
from sersk.datasets._lines import leave_out


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
    source: str,
    findings: list[Finding],
    *,
    allow_outside: bool,
) -> pd.DataFrame:
    """Join files to the root, and leave out and report those that are not there."""
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
            f"{source!r} names {len(frame)} files, and none of them is there{where}; "
            f"the first is {files[0] if files else None!r}. Pass the folder to which "
            "the paths are relative as root."
        )
    reasons = [f"{file!r} is not there" for file in named]
    return leave_out(frame, missing, reasons, source, findings)


def _refuse_outside(
    frame: pd.DataFrame, files: list[str], places: Places, folder: str, source: str
) -> None:
    for line, name, file in zip(frame.index, frame["file"], files, strict=True):
        if "\0" in name or not places.is_inside(file):
            raise ValueError(
                f"{source!r}, line {line}: {name!r} leads out of the folder "
                f"{folder!r}. Pass the folder that holds all files as root, or "
                "allow_outside=True if you wrote the table."
            )
