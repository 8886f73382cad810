"""Scores of groups of clips."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from sersk.metrics import (
    concordance_correlation_coefficient,
    group_gap,
    mean_absolute_error,
    scores_by_group,
    unweighted_accuracy,
    weighted_accuracy,
    worst_group,
)

# Ann: sad 2 of 2, happy 0 of 1. Bob: sad only, 1 of 2. Cem: all right.
SPEAKERS = ["bob", "ann", "ann", "cem", "ann", "bob", "cem"]
Y_TRUE = ["sad", "sad", "happy", "happy", "sad", "sad", "angry"]
Y_PRED = ["sad", "sad", "sad", "happy", "sad", "happy", "angry"]


def test_scores_by_hand():
    expected = pd.DataFrame(
        {"n": [3, 2, 2], "n_classes": [2, 1, 2], "value": [1 / 2, 1 / 2, 1.0]},
        index=pd.Index(["ann", "bob", "cem"], name="group"),
    )
    pd.testing.assert_frame_equal(scores_by_group(Y_TRUE, Y_PRED, SPEAKERS), expected)


def test_any_metric_will_do():
    scores = scores_by_group(Y_TRUE, Y_PRED, SPEAKERS, metric=weighted_accuracy)
    assert scores["value"].tolist() == pytest.approx([2 / 3, 1 / 2, 1.0])
    every = partial(unweighted_accuracy, labels=["angry", "happy", "sad"])
    scores = scores_by_group(Y_TRUE, Y_PRED, SPEAKERS, metric=every)
    assert scores["value"].tolist() == pytest.approx([1 / 3, 1 / 6, 2 / 3])


def test_degrees_have_groups_too():
    truth = [1.0, 2.0, 3.0, 1.0, 2.0, 3.0]
    predicted = [1.0, 2.0, 3.0, 2.0, 3.0, 4.0]
    sessions = [1, 1, 1, 2, 2, 2]
    scores = scores_by_group(
        truth, predicted, sessions, metric=concordance_correlation_coefficient
    )
    assert scores["value"].tolist() == pytest.approx([1.0, 4 / 7])
    assert scores.index.tolist() == [1, 2]
    options = {"metric": mean_absolute_error, "greater_is_better": False}
    assert worst_group(truth, predicted, sessions, **options) == (2, 1.0)


def test_the_worst_is_the_first_of_equals():
    assert worst_group(Y_TRUE, Y_PRED, SPEAKERS) == ("ann", 0.5)
    worst = worst_group(Y_TRUE, Y_PRED, SPEAKERS, metric=weighted_accuracy)
    assert worst == ("bob", 0.5)
    assert type(worst[1]) is float


def test_gaps_by_hand():
    assert group_gap(Y_TRUE, Y_PRED, SPEAKERS) == 0.5
    genders = ["m", "f", "f", "m", "f", "m", "m"]
    # Female: (1 + 0) / 2. Male: sad 1 of 2, happy and angry right.
    assert group_gap(Y_TRUE, Y_PRED, genders) == pytest.approx(2.5 / 3 - 1 / 2)
    assert group_gap(Y_TRUE, Y_TRUE, genders) == 0.0


def test_the_order_of_clips_and_their_index_change_nothing():
    order = [6, 2, 4, 0, 1, 5, 3]
    shuffled = [pd.Series(side)[order] for side in (Y_TRUE, Y_PRED, SPEAKERS)]
    found = scores_by_group(*shuffled)
    pd.testing.assert_frame_equal(found, scores_by_group(Y_TRUE, Y_PRED, SPEAKERS))
    mixed = [shuffled[0], shuffled[1].to_numpy(), shuffled[2].astype("category")]
    assert scores_by_group(*mixed).to_numpy().tolist() == found.to_numpy().tolist()


@pytest.mark.parametrize("function", [scores_by_group, worst_group, group_gap])
@pytest.mark.parametrize(
    ("y_true", "y_pred", "groups", "message"),
    [
        (Y_TRUE, Y_PRED, SPEAKERS[:3], "y_true has 7 values, y_pred 7 and groups 3"),
        (Y_TRUE[:2], Y_PRED, SPEAKERS, "y_true has 2 values"),
        ([], [], [], "y_true is empty"),
        (Y_TRUE, Y_PRED, [*SPEAKERS[:6], None], r"groups lack .*1 clips.*position 6"),
        (Y_TRUE, Y_PRED, [*SPEAKERS[:6], np.nan], "groups lack a value"),
        (Y_TRUE, Y_PRED, [1.0] * 6 + [np.nan], "groups lack a value"),
        (Y_TRUE, Y_PRED, [SPEAKERS], r"groups has shape \(1, 7\)"),
        ([*Y_TRUE[:6], None], Y_PRED, SPEAKERS, "In group 'cem': y_true lacks 1 label"),
    ],
)
def test_wrong_input_is_refused(function, y_true, y_pred, groups, message):
    with pytest.raises(ValueError, match=message):
        function(y_true, y_pred, groups)


@pytest.mark.parametrize("function", [scores_by_group, worst_group, group_gap])
@pytest.mark.parametrize("metric", ["unweighted_accuracy", None])
def test_the_name_of_a_metric_is_none(function, metric):
    with pytest.raises(TypeError, match=r"metric=.* is no function of true and pred"):
        function(Y_TRUE, Y_PRED, SPEAKERS, metric=metric)


def test_one_group_has_no_gap():
    with pytest.raises(ValueError, match="groups hold 'ann' only"):
        group_gap(Y_TRUE, Y_PRED, ["ann"] * 7)
    assert worst_group(Y_TRUE, Y_PRED, ["ann"] * 7)[0] == "ann"
