from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from sersk.evaluation import Evaluation
from sersk.metrics import bootstrap_interval, compare_systems

PREDICTIONS = pd.DataFrame(
    {
        "pipeline": ["mine"] * 7 + ["yours"] * 7,
        "fold": ([0] * 4 + [1] * 3) * 2,
        "clip": list(range(7)) * 2,
        "target": ["sad", "sad", "sad", "happy", "sad", "happy", "happy"] * 2,
        "prediction": ["sad", "sad", "happy", "sad", "sad", "happy", "happy"]
        + ["sad"] * 7,
        "speaker": (["anna"] * 4 + ["bob"] * 3) * 2,
    }
)
FOLDS = pd.DataFrame(
    {
        "pipeline": ["mine", "mine", "yours", "yours"],
        "fold": [0, 1, 0, 1],
        "n_test": [4, 3, 4, 3],
    }
)
PIPELINES = pd.DataFrame(
    {
        "pipeline": ["mine", "yours"],
        "transductive": [True, False],
        "extractions_per_clip": [1.0, 0.0],
        "seconds": [1.5, 0.5],
    }
)


def _evaluation(**changes) -> Evaluation:
    arguments = {
        "corpus": "toy",
        "classes": ("sad", "happy"),
        "protocol": "LeaveOneSpeakerOut, 2 folds",
        "folds": FOLDS,
        "predictions": PREDICTIONS,
        "pipelines": PIPELINES,
    }
    return Evaluation(**{**arguments, **changes})


def test_folds_are_scored():
    folds = _evaluation().folds
    assert folds[["pipeline", "fold", "n_test"]].equals(FOLDS)
    np.testing.assert_allclose(folds["unweighted_accuracy"], [1 / 3, 1, 0.5, 0.5])
    np.testing.assert_allclose(folds["weighted_accuracy"], [0.5, 1, 0.75, 1 / 3])
    assert folds["n_classes"].tolist() == [2, 2, 2, 2]


def test_speakers_are_scored():
    speakers = _evaluation().speakers
    assert speakers["speaker"].tolist() == ["anna", "bob"] * 2
    np.testing.assert_allclose(speakers["unweighted_accuracy"], [1 / 3, 1, 0.5, 0.5])


def test_scores_hold_pooled_spread_and_costs():
    scores = _evaluation().scores()
    assert scores["corpus"].tolist() == ["toy"] * 2
    assert scores["protocol"].tolist() == ["LeaveOneSpeakerOut, 2 folds"] * 2
    assert scores["pipeline"].tolist() == ["mine", "yours"]
    assert scores["transductive"].tolist() == [True, False]
    assert scores["extractions_per_clip"].tolist() == [1, 0]
    assert scores["seconds"].tolist() == [1.5, 0.5]
    assert scores["n"].tolist() == [7, 7]
    np.testing.assert_allclose(scores["unweighted_accuracy"], [17 / 24, 1 / 2])
    np.testing.assert_allclose(scores["speaker_mean"], [2 / 3, 1 / 2])
    np.testing.assert_allclose(scores["speaker_std"], [np.sqrt(2) / 3, 0])
    np.testing.assert_allclose(scores["majority"], 4 / 7)


def test_the_interval_of_ua_is_by_speaker():
    own = PREDICTIONS.iloc[:7]
    _, low, high = bootstrap_interval(
        own["target"], own["prediction"], own["speaker"], random_state=0
    )
    evaluation = _evaluation()
    scores = evaluation.scores().iloc[0]
    ends = "unweighted_accuracy_low", "unweighted_accuracy_high"
    assert tuple(scores[name] for name in ends) == (low, high)
    # Of "yours", who answers one thing, all speakers score the same.
    shown = evaluation.to_frame()["interval"].tolist()
    assert shown == [f"{low:.3f} to {high:.3f}", "-"]


def test_confusion_is_pooled_in_the_order_of_the_scheme():
    counts = _evaluation().confusion("mine")
    assert counts.index.tolist() == counts.columns.tolist() == ["sad", "happy"]
    assert counts.to_numpy().tolist() == [[3, 1], [1, 2]]
    assert _evaluation().confusion("yours").to_numpy().tolist() == [[4, 0], [3, 0]]


def test_confusion_of_an_unknown_system_names_those_there_are():
    with pytest.raises(ValueError, match=r"no pipeline 'his'.*'mine', 'yours'"):
        _evaluation().confusion("his")


def test_a_class_without_a_clip_stays_in_the_confusion_and_out_of_the_scores():
    evaluation = _evaluation(classes=("sad", "fear", "happy"))
    assert evaluation.confusion("mine").shape == (3, 3)
    scores = evaluation.scores()
    np.testing.assert_allclose(scores["unweighted_accuracy"], [17 / 24, 1 / 2])
    np.testing.assert_allclose(scores["chance"], 1 / 2)
    assert "2 of 3 classes" in str(evaluation)


def test_the_title_counts():
    first_line = str(_evaluation()).splitlines()[0]
    assert first_line == "toy: 7 clips, 2 classes, 2 speakers"


def test_text_is_what_is_printed():
    evaluation = _evaluation()
    assert str(evaluation) == repr(evaluation) == evaluation.to_text()
    assert "LeaveOneSpeakerOut, 2 folds, transductive" in str(evaluation)
    assert "UA: unweighted accuracy" in str(evaluation)


def test_markdown_says_the_same():
    text, markdown = _evaluation().to_text(), _evaluation().to_markdown()
    head, _, *rows = [line for line in markdown.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert [row[0] for row in cells] == ["mine", "yours"]
    assert all(len(row) == head.count("|") - 1 for row in cells)
    assert all(cell in text for row in cells for cell in row)


def test_html_escapes_names():
    pipelines = PIPELINES.assign(pipeline=["<mine>", "yours"])
    html = _evaluation(
        corpus="toy & <b>",
        pipelines=pipelines,
        folds=FOLDS.replace("mine", "<mine>"),
        predictions=PREDICTIONS.replace("mine", "<mine>"),
    )._repr_html_()
    # It would not parse if one of them were a tag.
    tree = ElementTree.fromstring(f"<div>{html}</div>")
    assert "toy & <b>" in tree.find("p").text
    assert "<mine>" in [cell.text for cell in tree.iter("td")]
    assert len(list(tree.iter("li"))) > 5


def test_without_speakers_there_is_no_spread():
    evaluation = _evaluation(predictions=PREDICTIONS.drop(columns="speaker"))
    assert evaluation.speakers.empty
    assert "speaker_mean" not in evaluation.scores()
    assert "speaker" not in str(evaluation).splitlines()[0]
    assert "UA by speaker" not in str(evaluation)
    assert "interval" not in evaluation.to_frame()


def test_a_system_is_described_only_by_what_is_known():
    pipelines = PIPELINES[["pipeline", "transductive"]]
    text = _evaluation(pipelines=pipelines).to_text()
    assert "extractions" not in text


def test_systems_that_answer_alike_are_told():
    same = PREDICTIONS.assign(prediction=[*PREDICTIONS["prediction"][:7]] * 2)
    evaluation = _evaluation(predictions=same.sample(frac=1.0, random_state=0))
    told = "same answers to every clip, as of one system: "
    (remark,) = evaluation.remarks()
    assert remark.startswith(told)
    assert set(remark.removeprefix(told).split(", ")) == {"mine", "yours"}
    assert remark in evaluation.to_markdown()
    assert _evaluation().remarks() == []


def test_systems_that_hear_other_bands_are_told():
    wide, narrow = "16000 Hz, band to 8000 Hz", "8000 Hz, band to 4000 Hz"
    heard = PIPELINES.assign(front_end=[wide, narrow])
    (remark,) = _evaluation(pipelines=heard).remarks()
    assert remark.startswith("front ends differ")
    assert remark.endswith(f"mine: {wide}; yours: {narrow}")
    for known in (wide, ""):
        same = PIPELINES.assign(front_end=[wide, known])
        assert _evaluation(pipelines=same).remarks() == []


def test_one_of_each_is_no_plural():
    one = PREDICTIONS[PREDICTIONS["clip"] == 0]
    folds = FOLDS[FOLDS["fold"] == 0]
    text = str(_evaluation(predictions=one, folds=folds, classes=("sad",)))
    assert text.startswith("toy: 1 clip, 1 class, 1 speaker\n")


def test_systems_are_compared_clip_by_clip_in_whatever_order():
    shuffled = PREDICTIONS.sample(frac=1.0, random_state=0)
    table = _evaluation(predictions=shuffled).compare()
    first = PREDICTIONS[:7]
    answers = {name: own["prediction"] for name, own in PREDICTIONS.groupby("pipeline")}
    expected = compare_systems(
        first["target"], answers, first["speaker"], random_state=0
    )
    (row,) = table.to_dict("records")
    if row["system_a"] == "yours":
        expected[["low", "high"]] = -expected[["high", "low"]].to_numpy()
        expected["difference"] *= -1
    for name in ("difference", "p_value"):
        assert row[name] == pytest.approx(expected[name].iloc[0])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"folds": FOLDS.assign(error=["", "", "died", ""])}, "1 systems tested"),
        ({"predictions": PREDICTIONS.drop(columns="speaker")}, "not who speaks"),
        ({"predictions": PREDICTIONS.assign(speaker="anna")}, "at least two"),
        ({"predictions": PREDICTIONS[1:]}, "predicted different clips"),
    ],
)
def test_what_cannot_be_compared_is_told(changes, message):
    with pytest.raises(ValueError, match=message):
        _evaluation(**changes).compare()
