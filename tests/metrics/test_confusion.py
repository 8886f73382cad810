"""Normalised confusion, averaged over folds and pooled, and what its diagonal says."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.testing import assert_allclose

from sersk.metrics import (
    confusion_counts,
    mean_confusion,
    normalise_confusion,
    pooled_confusion,
    unweighted_accuracy,
    weighted_accuracy,
)

CLASSES = ["angry", "happy", "sad"]
EVERY_CLASS_ANSWERED = arrays.arrays(np.int64, (3, 3), elements=st.integers(1, 20))
FOLDS = st.lists(EVERY_CLASS_ANSWERED, min_size=1, max_size=5)

# True angry, sad, happy, neutral: the matrix that report 004 prints for its five folds.
REPORT_004 = np.array(
    [
        [0.7989, 0.0143, 0.0605, 0.1264],
        [0.0153, 0.7293, 0.1531, 0.1024],
        [0.0613, 0.0416, 0.7876, 0.1096],
        [0.0331, 0.2062, 0.2160, 0.5446],
    ]
)
IEMOCAP = np.array([1103, 1084, 1636, 1708])


def _frame(counts: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(counts, index=CLASSES, columns=CLASSES)


def _labels(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = np.indices(counts.shape)
    repeats = counts.ravel()
    return rows.ravel().repeat(repeats), columns.ravel().repeat(repeats)


def test_rows_by_hand():
    counts = confusion_counts(
        ["sad", "sad", "sad", "sad", "happy"],
        ["sad", "sad", "sad", "happy", "happy"],
        labels=["sad", "fear", "happy"],
    )
    shares = normalise_confusion(counts)
    assert shares.loc["sad"].tolist() == [0.75, 0.0, 0.25]
    assert shares.loc["happy"].tolist() == [0.0, 0.0, 1.0]
    assert shares.loc["fear"].isna().all()
    assert (shares.index.name, shares.columns.name) == ("true", "predicted")
    assert counts.loc["sad", "sad"] == 3


def test_plain_arrays_are_numbered():
    shares = normalise_confusion([[3, 1], [0, 4]])
    assert shares.to_numpy().tolist() == [[0.75, 0.25], [0.0, 1.0]]
    assert shares.index.tolist() == [0, 1]


def test_means_by_hand():
    folds = [_frame(np.diag([1, 2, 1])), _frame(np.diag([3, 0, 1]) + [[1, 0, 0]] * 3)]
    # Second fold: angry 4 of 4, happy 0 of 1, sad 1 of 2; first: all right.
    mean, pooled = mean_confusion(folds), pooled_confusion(folds)
    assert mean.loc["happy"].tolist() == [0.5, 0.5, 0.0]
    assert mean.loc["sad"].tolist() == [0.25, 0.0, 0.75]
    assert pooled.loc["happy"].tolist() == pytest.approx([1 / 3, 2 / 3, 0.0])
    assert pooled.loc["sad"].tolist() == pytest.approx([1 / 3, 0.0, 2 / 3])


def test_a_fold_without_a_class_is_left_out_of_its_row():
    folds = [_frame(np.diag([1, 0, 2])), _frame(np.diag([1, 0, 0]) + [[0, 0, 1]] * 3)]
    mean = mean_confusion(folds)
    # Happy: only in the second fold, always taken for sad.
    assert mean.loc["happy"].tolist() == [0.0, 0.0, 1.0]
    nowhere = mean_confusion([_frame(np.diag([1, 0, 1]))] * 2)
    assert nowhere.loc["happy"].isna().all()
    assert nowhere.loc["sad"].tolist() == [0.0, 0.0, 1.0]


@given(FOLDS)
def test_the_mean_diagonal_is_the_mean_unweighted_accuracy_of_the_folds(folds):
    values = [unweighted_accuracy(*_labels(fold)) for fold in folds]
    mean = mean_confusion([_frame(fold) for fold in folds])
    assert np.diag(mean).mean() == pytest.approx(np.mean(values))
    assert_allclose(mean.sum(axis=1), 1.0)


@given(FOLDS)
def test_the_pooled_diagonal_is_the_accuracy_of_all_clips(folds):
    whole = sum(folds)
    pooled = pooled_confusion([_frame(fold) for fold in folds])
    assert np.diag(pooled).mean() == pytest.approx(unweighted_accuracy(*_labels(whole)))
    weighted = np.average(np.diag(pooled), weights=whole.sum(axis=1))
    assert weighted == pytest.approx(weighted_accuracy(*_labels(whole)))
    assert_allclose(pooled.sum(axis=1), 1.0)


@given(EVERY_CLASS_ANSWERED, st.integers(1, 4))
def test_equal_folds_make_no_difference(counts, n_folds):
    folds = [_frame(counts)] * n_folds
    expected = normalise_confusion(_frame(counts))
    pd.testing.assert_frame_equal(mean_confusion(folds), expected)
    pd.testing.assert_frame_equal(pooled_confusion(folds), expected)


def test_folds_of_different_sizes_do():
    folds = [_frame(np.diag([1, 1, 1])), _frame(np.full((3, 3), 10))]
    assert mean_confusion(folds).loc["sad", "sad"] == pytest.approx(2 / 3)
    assert pooled_confusion(folds).loc["sad", "sad"] == pytest.approx(11 / 31)


def test_report_004_prints_a_mean_over_folds():
    assert_allclose(REPORT_004.sum(axis=1), 1.0, atol=1.01e-4)
    assert round(np.diag(REPORT_004).mean(), 4) == 0.7151
    weighted = np.average(np.diag(REPORT_004), weights=IEMOCAP)
    assert round(weighted, 4) == 0.7034
    # A matrix of the same shares comes back from counts.
    counts = np.rint(REPORT_004 * 10_000).astype(int)
    for average in (mean_confusion, pooled_confusion):
        assert_allclose(average([counts, counts]), REPORT_004, atol=1e-4)


def test_folds_may_come_by_name_or_one_by_one():
    folds = {"1F": _frame(np.diag([1, 2, 3])), "1M": _frame(np.full((3, 3), 2))}
    for average in (mean_confusion, pooled_confusion):
        expected = average(list(folds.values()))
        pd.testing.assert_frame_equal(average(folds), expected)
        pd.testing.assert_frame_equal(average(iter(folds.values())), expected)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([[1, 2, 3], [4, 5, 6]], r"shape \(2, 3\)"),
        ([1, 2], r"shape \(2,\)"),
        ([[0.5, 0.5], [0.0, 1.0]], "whole numbers.*normalised already"),
        ([[1, -1], [0, 1]], "whole numbers"),
        ([[1.0, np.nan], [0.0, 1.0]], "whole numbers"),
        ([[1.0, np.inf], [0.0, 1.0]], "whole numbers"),
        ([["a", "b"], ["c", "d"]], "whole numbers"),
        ([[0, 0], [0, 0]], "no clip"),
        (
            pd.DataFrame([[1, 0], [0, 1]], index=["a", "b"], columns=["b", "a"]),
            r"rows of counts are .*\['a', 'b'\], and the columns \['b', 'a'\]",
        ),
    ],
)
def test_what_are_no_counts_is_refused(counts, message):
    for function in (normalise_confusion, lambda fold: mean_confusion([fold])):
        with pytest.raises(ValueError, match=message):
            function(counts)


@pytest.mark.parametrize("average", [mean_confusion, pooled_confusion])
def test_what_are_no_folds_is_refused(average):
    counts = _frame(np.diag([1, 2, 3]))
    with pytest.raises(ValueError, match="empty"):
        average([])
    with pytest.raises(ValueError, match="one table"):
        average(counts)
    other = counts.loc[["sad", "happy", "angry"], ["sad", "happy", "angry"]]
    with pytest.raises(ValueError, match=r"Fold 1 counts the classes \['sad', "):
        average([counts, other])
    with pytest.raises(ValueError, match="Pass the same labels"):
        average([np.eye(2, dtype=int), np.eye(3, dtype=int)])
