"""Files that are handed in to the Odyssey 2024 challenge."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sersk import AudioClips
from sersk.datasets import write_odyssey_submission

FILES = ["in/a.wav", Path("in/b.wav")]
GIVEN = {"arousal": [0.0, 0.5], "dominance": [1.0, 0.25], "valence": [-0.1, 1.3]}


def test_columns_and_values_are_those_of_the_challenge(tmp_path):
    path = tmp_path / "submission.csv"
    table = write_odyssey_submission(path, FILES, GIVEN, value_range=(0, 1))
    assert path.read_text() == (
        "FileName,EmoAct,EmoVal,EmoDom\na.wav,1.0,1.0,7.0\nb.wav,4.0,7.0,2.5\n"
    )
    pd.testing.assert_frame_equal(table, pd.read_csv(path))


def test_values_that_are_ratings_are_clipped_only(tmp_path):
    frame = pd.DataFrame({name: [0.5, 6.25] for name in GIVEN}, index=[7, 3])
    table = write_odyssey_submission(tmp_path / "s.csv", FILES, frame)
    assert table[["EmoAct", "EmoVal", "EmoDom"]].to_numpy().tolist() == [
        [1.0] * 3,
        [6.25] * 3,
    ]


@pytest.mark.parametrize(
    ("files", "changes", "value_range", "message"),
    [
        (FILES, {"arousal": [1.0]}, (0, 1), r"has shape \(1,\), but there are 2 files"),
        (FILES, {"valence": [1.0, np.nan]}, (0, 1), "no value for 'b.wav'"),
        (["a.wav", "x/a.wav"], {}, (0, 1), "holds 'a.wav' twice"),
        (FILES, {}, (1, 0), "value_range"),
        (FILES, {}, (0, np.inf), "value_range"),
        (FILES, {}, (1, 7), "'arousal'] lies between 0 and 0.5, all of it beyond"),
        (FILES, {}, (-9, -2), "all of it beyond value_range"),
    ],
)
def test_what_the_challenge_would_not_take(
    tmp_path, files, changes, value_range, message
):
    path = tmp_path / "s.csv"
    with pytest.raises(ValueError, match=message):
        write_odyssey_submission(
            path, files, {**GIVEN, **changes}, value_range=value_range
        )
    assert not path.exists()


def test_attributes_are_given_by_name(tmp_path):
    with pytest.raises(ValueError, match="holds no 'valence', only EmoVal"):
        write_odyssey_submission(
            tmp_path / "s.csv", FILES, {"EmoVal": [1, 2], "arousal": [1, 2]}
        )


@pytest.mark.parametrize(
    ("files", "predictions", "message"),
    [
        (FILES, np.ones((2, 3)), "is a ndarray, which does not say which attribute"),
        (AudioClips.from_files(FILES), GIVEN, r"Pass their files, clips\.files"),
        ("ab", GIVEN, "files is one path, 'ab'. Pass a list"),
    ],
)
def test_arrays_and_clips_are_asked_for_names(tmp_path, files, predictions, message):
    with pytest.raises(TypeError, match=message):
        write_odyssey_submission(tmp_path / "s.csv", files, predictions)
