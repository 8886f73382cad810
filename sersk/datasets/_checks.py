"""What may be wrong with the recordings of a corpus, one function a check.

Each takes the table of :func:`tabulate` and gives the numbers of the clips concerned,
each with what is to be said of it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from sersk.datasets._corpus import Corpus
from sersk.datasets._listening import Heard

# Re full scale. The quietest clip of RAVDESS, a corpus recorded with much headroom,
# peaks at -44 dB and has an RMS of -64 dB.
SILENT_PEAK = -60.0
SILENT_RMS = -75.0
SHORT_SECONDS = 0.1
LONG_FACTOR = 10.0
# Annotation tools round: parts that meet may share a frame.
OVERLAP_SECONDS = 0.01

_MOST_NAMED = 3

Found = Iterator[tuple[int, str]]


def tabulate(corpus: Corpus, heard: Sequence[Heard]) -> pd.DataFrame:
    """Return one row a clip: what it is called, where it lies, how it sounds."""
    frame, parts = corpus.frame, corpus.clips.to_frame()
    label = "label" if "label" in frame else "emotion"
    columns = {
        "file": _plain(parts, "file"),
        "start": _plain(parts, "start"),
        "end": _plain(parts, "end"),
        "utterance": _plain(frame, "utterance"),
        "label": _plain(frame, label),
        "speaker": _plain(frame, "speaker"),
        "corpus": _plain(frame, "corpus", corpus.name),
    }
    for name in Heard.__dataclass_fields__:
        columns[name] = [getattr(result, name) for result in heard]
    # Plain objects: a name that is not UTF-8 fits into none of pandas' string types.
    return pd.DataFrame(
        {name: pd.Series(values, dtype=object) for name, values in columns.items()}
    )


def find_unreadable(table: pd.DataFrame) -> Found:
    """Find clips that cannot be read; files that cannot be opened once."""
    bad = table[table["reason"] != ""]
    if _on_disk(bad):
        bad = bad.drop_duplicates(["file", "reason"])
    yield from _values(bad, "reason")


def find_rates(table: pd.DataFrame) -> Found:
    """Find files of another rate than most files of their corpus."""
    return _unusual(table, "rate", lambda rate: f"{rate} Hz")


def find_channels(table: pd.DataFrame) -> Found:
    """Find files with another number of channels than most files of their corpus."""
    return _unusual(
        table, "channels", lambda count: f"{count} channel{'s' * (count != 1)}"
    )


def find_silent(table: pd.DataFrame) -> Found:
    """Find clips in which next to nothing is heard."""
    for row, amplitude, mean in _values(table, "peak", "rms"):
        peak, rms = _decibels(amplitude), _decibels(mean)
        if peak == -np.inf:
            yield row, "every sample is 0"
        elif peak < SILENT_PEAK or rms < SILENT_RMS:
            yield row, f"peak {peak:.1f} dB, RMS {rms:.1f} dB re full scale"


def find_clipped(table: pd.DataFrame) -> Found:
    """Find clips whose peaks are cut off."""
    for row, count in _values(table, "n_clipped"):
        if count:
            yield row, f"{count} samples at full scale, three or more in a row"


def find_short(table: pd.DataFrame) -> Found:
    """Find clips too short for a word, unless all of their corpus are."""
    for row, seconds, median in _durations(table):
        if seconds < min(SHORT_SECONDS, median / 2):
            yield row, f"{seconds:.3f} s; the median is {median:.1f} s"


def find_long(table: pd.DataFrame) -> Found:
    """Find clips that last many times as long as a usual one of their corpus."""
    for row, seconds, median in _durations(table):
        if seconds > LONG_FACTOR * median:
            yield row, f"{seconds:.1f} s; the median is {median:.1f} s"


def find_identical(table: pd.DataFrame) -> Found:
    """Find clips that have the same samples, whatever their format and rate."""
    known = table[table["digest"].notna()]
    repeated = known[known.duplicated("digest", keep=False)]
    for _, group in repeated.groupby("digest", sort=False):
        differences = [
            f"under {len(values)} {name}s ({_name_some(map(str, values))})"
            for name in ("label", "speaker")
            if len(values := group[name].dropna().unique()) > 1
        ]
        for row in group.index:
            others = _name_some(
                name_of(table, other) for other in group.index if other != row
            )
            yield row, "; ".join([f"same samples as {others}", *differences])


def find_overlaps(table: pd.DataFrame) -> Found:
    """Compare each part of a file with the one before that ends last."""
    if not _on_disk(table):
        return
    parts = table[table.duplicated("file", keep=False)]
    parts = parts.assign(end=parts["end"].fillna(parts["file_seconds"]))
    file, last, last_end = None, -1, -np.inf
    for row, end, start, here in sorted(
        _values(parts, "end", "start", "file"), key=lambda part: (part[3], part[2])
    ):
        if here != file:
            file, last_end = here, -np.inf
        shared = min(last_end, end) - start
        if shared > OVERLAP_SECONDS:
            yield row, f"shares {shared:.2f} s with {name_of(table, last)}"
        if end > last_end:
            last, last_end = row, end


CHECKS: Mapping[str, Callable[[pd.DataFrame], Found]] = {
    "unreadable": find_unreadable,
    "rate": find_rates,
    "channels": find_channels,
    "silent": find_silent,
    "clipped": find_clipped,
    "short": find_short,
    "long": find_long,
    "identical": find_identical,
    "overlap": find_overlaps,
}


def name_of(table: pd.DataFrame, row: int) -> str:
    """Return what a user would look for: the utterance, the file, or the number."""
    if table["utterance"][row] is not None:
        return repr(table["utterance"][row])
    file = table["file"][row]
    return f"clip {row}" if file is None else repr(file)


def _plain(frame: pd.DataFrame, column: str, default: str | None = None) -> list:
    """Return a column with None, or something else, for what is missing."""
    if column not in frame:
        return [default] * len(frame)
    return [default if pd.isna(value) else value for value in frame[column].tolist()]


def _on_disk(table: pd.DataFrame) -> bool:
    return bool(table["file"].notna().any())


def _values(table: pd.DataFrame, *columns: str) -> Iterator[tuple]:
    """Return the number of each clip with its values, where there are any."""
    known = table[table[columns[0]].notna()]
    lists = [known[column].tolist() for column in columns]
    return zip(known.index.tolist(), *lists, strict=True)


def _durations(table: pd.DataFrame) -> Iterator[tuple[int, float, float]]:
    """Return the length of each clip with the median of its corpus."""
    for _, part in table.groupby("corpus"):
        median = part["seconds"].astype(np.float64).median()
        for row, seconds in _values(part, "seconds"):
            yield row, seconds, median


def _unusual(table: pd.DataFrame, column: str, describe: Callable[[int], str]) -> Found:
    """Find files, each once, that differ from most of their corpus."""
    for _, part in table.drop_duplicates("file").groupby("corpus"):
        if part[column].notna().any():
            usual = part[column].mode()[0]
            for row, value in _values(part, column):
                if value != usual:
                    yield row, f"{describe(value)}; most files have {describe(usual)}"


def _decibels(amplitude: float) -> float:
    return 20 * np.log10(amplitude) if amplitude else -np.inf


def _name_some(names: Iterator[str]) -> str:
    named = list(names)
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    return ", ".join(named[:_MOST_NAMED]) + more
