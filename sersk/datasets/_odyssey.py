"""The file in which attributes are handed in to the Odyssey 2024 challenge."""

import os
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np
import pandas as pd

from sersk.audio import AudioClips

# Columns of the file, in its order, and the attribute in each.
_COLUMNS = {"EmoAct": "arousal", "EmoVal": "valence", "EmoDom": "dominance"}
_LOWEST, _HIGHEST = 1.0, 7.0


def write_odyssey_submission(
    path: str | PathLike,
    files: Sequence[str | PathLike],
    predictions: Mapping[str, Any],
    *,
    value_range: tuple[float, float] = (1.0, 7.0),
) -> pd.DataFrame:
    """Write predicted attributes as the Odyssey 2024 challenge takes them.

    The file has the columns FileName, EmoAct, EmoVal and EmoDom, in this order, and
    values between 1 and 7. Attributes are given by name, because the order of the
    challenge's own models is another.

    Parameters
    ----------
    path : path
        The CSV file to write.
    files : sequence of path of length n_clips
        Recordings; their names are written, without folders.
    predictions : mapping of str to array-like of shape (n_clips,), or DataFrame
        ``arousal``, ``valence`` and ``dominance`` of each.
    value_range : tuple of float, default=(1.0, 7.0)
        What 1 and 7 are in `predictions`: ``(0, 1)`` writes ``6 p + 1``. Beyond them,
        values are clipped.

    Returns
    -------
    table : pandas.DataFrame of shape (n_clips, 4)
        What was written.

    Raises
    ------
    ValueError
        If an attribute is missing, has another length or no value for a clip, or lies
        beyond the range for all; if a name occurs twice, or the range is none.
    TypeError
        If `files` are clips or one path, or `predictions` are without names.

    See Also
    --------
    load_msp_podcast : The corpus of the challenge.
    sersk.estimators.SpeechEncoderRegressor : Its model.

    Examples
    --------
    >>> import os, tempfile
    >>> from sersk.datasets import write_odyssey_submission
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_odyssey_submission(
    ...         os.path.join(folder, "submission.csv"),
    ...         ["Audios/MSP-PODCAST_test3_0001.wav"],
    ...         {"arousal": [0.5], "dominance": [0.25], "valence": [1.2]},
    ...         value_range=(0, 1),
    ...     )
                             FileName  EmoAct  EmoVal  EmoDom
    0  MSP-PODCAST_test3_0001.wav     4.0     7.0     2.5
    """
    low, high = value_range
    if not (np.isfinite([low, high]).all() and low < high):
        raise ValueError(
            f"value_range={value_range!r} must be two numbers, the lower one first."
        )
    _check_types(files, predictions)
    names = [os.path.basename(os.fspath(file)) for file in files]
    twice = pd.Index(names)[pd.Index(names).duplicated()]
    if len(twice):
        raise ValueError(
            f"files holds {twice[0]!r} twice, and the challenge takes one row a "
            "recording. Drop the other."
        )
    table = pd.DataFrame({"FileName": names})
    for column, attribute in _COLUMNS.items():
        values = _values(predictions, attribute, names)
        scaled = (values - low) / (high - low) * (_HIGHEST - _LOWEST) + _LOWEST
        _check_range(scaled, values, attribute, value_range)
        table[column] = np.clip(scaled, _LOWEST, _HIGHEST)
    table.to_csv(path, index=False)
    return table


def _check_range(
    scaled: np.ndarray,
    values: np.ndarray,
    attribute: str,
    value_range: tuple[float, float],
) -> None:
    """Raise where clipping would leave one value for all recordings."""
    if len(values) > 1 and ((scaled < _LOWEST).all() or (scaled > _HIGHEST).all()):
        raise ValueError(
            f"predictions[{attribute!r}] lies between {values.min():g} and "
            f"{values.max():g}, all of it beyond value_range={value_range!r}. Pass the "
            "range that was predicted, such as value_range=(0, 1)."
        )


def _check_types(files: Any, predictions: Any) -> None:
    """Raise where clips are given for their files, or columns have no names."""
    if isinstance(files, AudioClips):
        raise TypeError("files are AudioClips. Pass their files, clips.files.")
    if isinstance(files, str | os.PathLike):
        raise TypeError(f"files is one path, {files!r}. Pass a list of paths.")
    if not isinstance(predictions, (Mapping, pd.DataFrame)):
        raise TypeError(
            f"predictions is a {type(predictions).__name__}, which does not say which "
            "attribute is where. Pass pd.DataFrame(predictions, columns=...), with the "
            "columns of the y of fit: those of a corpus are corpus.scheme.attributes."
        )


def _values(
    predictions: Mapping[str, Any], attribute: str, names: Sequence[str]
) -> np.ndarray:
    """Return the values of an attribute, one a recording, or raise."""
    if attribute not in predictions:
        raise ValueError(
            f"predictions holds no {attribute!r}, only "
            f"{', '.join(map(str, predictions.keys()))}. Give all of "
            f"{', '.join(_COLUMNS.values())}."
        )
    values = np.asarray(predictions[attribute], dtype=np.float64)
    if values.shape != (len(names),):
        raise ValueError(
            f"predictions[{attribute!r}] has shape {values.shape}, but there are "
            f"{len(names)} files. Give one value a file."
        )
    gaps = np.flatnonzero(~np.isfinite(values))
    if len(gaps):
        raise ValueError(
            f"predictions[{attribute!r}] has no value for {names[gaps[0]]!r}. The "
            "challenge wants one for every recording."
        )
    return values
