import numpy as np
import pandas as pd
import pytest

from sersk.evaluation._scores import pooled_scores, score_by, spread

# Of "mine": anna is right in 2 of 3 sad and 0 of 1 happy clips, bob in 1 of 1 sad and
# 2 of 2 happy ones. "yours" always says sad.
PREDICTIONS = pd.DataFrame(
    {
        "pipeline": ["mine"] * 7 + ["yours"] * 7,
        "speaker": ["anna"] * 4 + ["bob"] * 3 + ["anna"] * 4 + ["bob"] * 3,
        "target": ["sad", "sad", "sad", "happy", "sad", "happy", "happy"] * 2,
        "prediction": ["sad", "sad", "happy", "sad", "sad", "happy", "happy"]
        + ["sad"] * 7,
    }
)


def test_scores_of_groups_are_those_computed_by_hand():
    scores = score_by(PREDICTIONS, ["pipeline", "speaker"])
    keys = list(zip(scores["pipeline"], scores["speaker"], strict=True))
    assert keys == [
        ("mine", "anna"),
        ("mine", "bob"),
        ("yours", "anna"),
        ("yours", "bob"),
    ]
    assert scores["n"].tolist() == [4, 3, 4, 3]
    assert scores["n_classes"].tolist() == [2, 2, 2, 2]
    np.testing.assert_allclose(
        scores["unweighted_accuracy"], [(2 / 3 + 0) / 2, 1, 1 / 2, 1 / 2]
    )
    np.testing.assert_allclose(scores["weighted_accuracy"], [2 / 4, 1, 3 / 4, 1 / 3])
    np.testing.assert_allclose(scores["micro_f1"], scores["weighted_accuracy"])
    # F1 is 2 hits / (true + predicted): anna's sad 2 * 2 / (3 + 3), her happy 0;
    # of "yours" sad is 2 * 3 / (3 + 4) and 2 * 1 / (1 + 3).
    np.testing.assert_allclose(
        scores["macro_f1"], [(2 / 3 + 0) / 2, 1, (6 / 7) / 2, (1 / 2) / 2]
    )


def test_pooled_scores_are_over_all_clips_of_a_system():
    scores = pooled_scores(PREDICTIONS).set_index("pipeline")
    mine, yours = scores.loc["mine"], scores.loc["yours"]
    # Pooled recalls of "mine": sad 3 / 4, happy 2 / 3, which is not the mean over
    # speakers; chance is that of two classes.
    assert mine["unweighted_accuracy"] == pytest.approx((3 / 4 + 2 / 3) / 2)
    assert mine["weighted_accuracy"] == pytest.approx(5 / 7)
    assert yours["unweighted_accuracy"] == yours["chance"] == mine["chance"] == 0.5
    assert yours["weighted_accuracy"] == pytest.approx(4 / 7)
    assert yours["majority"] == mine["majority"] == pytest.approx(4 / 7)
    assert mine["n"] == yours["n"] == 7


def test_the_spread_is_over_speakers():
    rows = spread(score_by(PREDICTIONS, ["pipeline", "speaker"]))
    assert rows["pipeline"].tolist() == ["mine", "yours"]
    # Anna 1/3 and bob 1 have mean 2/3 and, divided by n - 1, deviation sqrt(2)/3.
    np.testing.assert_allclose(rows["speaker_mean"], [2 / 3, 1 / 2])
    np.testing.assert_allclose(rows["speaker_std"], [np.sqrt(2) / 3, 0], atol=1e-12)


def test_one_speaker_has_no_deviation():
    rows = spread(pd.DataFrame({"pipeline": ["a"], "unweighted_accuracy": [0.5]}))
    assert rows["speaker_mean"].tolist() == [0.5]
    assert np.isnan(rows["speaker_std"]).all()


def test_a_class_that_no_test_clip_has_is_no_class_but_may_be_answered():
    predictions = pd.DataFrame(
        {
            "pipeline": "mine",
            "target": ["sad", "sad", "happy", "happy"],
            "prediction": ["sad", "fear", "happy", "fear"],
        }
    )
    scores = pooled_scores(predictions).iloc[0]
    assert scores["n_classes"] == 2
    assert scores["chance"] == 0.5
    assert scores["unweighted_accuracy"] == 0.5
    assert scores["macro_f1"] == pytest.approx(2 / 3)


def test_labels_may_be_numbers():
    predictions = pd.DataFrame(
        {"pipeline": "mine", "target": [2, 10, 10], "prediction": [2, 10, 2]}
    )
    scores = pooled_scores(predictions).iloc[0]
    assert scores["unweighted_accuracy"] == 0.75
    assert scores["majority"] == pytest.approx(2 / 3)


def test_clips_of_unknown_speakers_are_left_out_of_the_scores_by_speaker():
    predictions = PREDICTIONS.assign(
        speaker=PREDICTIONS["speaker"].replace("bob", None)
    )
    scores = score_by(predictions, ["pipeline", "speaker"])
    assert scores["speaker"].tolist() == ["anna", "anna"]
    assert pooled_scores(predictions)["n"].tolist() == [7, 7]


def test_without_any_speaker_there_are_no_scores_by_speaker():
    predictions = PREDICTIONS.assign(speaker=None)
    assert score_by(predictions, ["pipeline", "speaker"]).empty
