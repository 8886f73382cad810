"""Reports of attributes and of several labels."""

import numpy as np
import pandas as pd
import pytest

from sersk.plotting import (
    ConfusionDisplay,
    SpeakerScoresDisplay,
    ThresholdDisplay,
    write_report,
)
from tests.plotting.test_report import _Page
from tests.plotting.toy import make_evaluation

pyplot = pytest.importorskip("matplotlib.pyplot")


def _predictions(**columns) -> pd.DataFrame:
    """Return two systems on four clips each of three speakers, a fold each."""
    clips = pd.DataFrame(
        {
            "fold": np.repeat([0, 1, 2], 4),
            "clip": range(12),
            "speaker": np.repeat(["anna", "bob", "carl"], 4),
            **columns,
        }
    )
    parts = [clips.assign(pipeline=name) for name in ("good", "poor")]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture
def degrees():
    generator = np.random.default_rng(0)
    columns = {}
    for name in ("arousal", "<valence>"):
        truth = generator.uniform(1, 5, 12)
        columns |= {
            f"target_{name}": truth,
            f"prediction_{name}": truth + generator.normal(0, 0.5, 12),
        }
    predictions = _predictions(**columns)
    poor = predictions["pipeline"] == "poor"
    predictions.loc[poor, "prediction_arousal"] = 3.0
    return make_evaluation(
        predictions, classes=("arousal", "<valence>"), kind="attributes"
    )


@pytest.fixture
def labels():
    columns = {
        "target_happy": [1, 1, 0, 0] * 3,
        "target_sad": [0, 1, 1, 0] * 3,
        "prediction_happy": [1, 1, 0, 0] * 2 + [1, 0, 0, 0],
        "prediction_sad": [0, 1, 1, 1] * 3,
    }
    return make_evaluation(_predictions(**columns), kind="labels")


def _read(evaluation, path):
    return _Page(write_report(evaluation, path).read_text(encoding="utf-8"))


def test_a_report_of_attributes(degrees, tmp_path):
    page = _read(degrees, tmp_path / "report.html")
    assert page.text["h2"] == [
        "Scores",
        "Split",
        "Speakers",
        "Attributes",
        "Folds",
        "Labels",
        "Environment",
    ]
    assert "2 systems, 12 clips, 2 attributes, 3 speakers" in page.text["header"][0]
    assert "True over predicted arousal of good" in page.images
    assert "CCC of each speaker under each system, with mean and interval" in (
        page.images
    )
    assert len(page.images) == 5
    rows = page.text["tbody"][0]
    assert "poorarousal0.000" in rows
    assert "CCC <valence>" in page.text["th"]
    assert any("no mean over folds" in line for line in page.text["li"])
    assert "Attributes of the clips tested" in page.text["caption"]
    assert len(pyplot.get_fignums()) == 0


def test_a_report_of_labels(labels, tmp_path):
    page = _read(labels, tmp_path / "report.html")
    assert "Scores by label" in page.text["h2"]
    assert "Labels, good" in page.text["caption"]
    # All that are happy but one are found; six are sad, and as many as nine are told.
    assert "happy1.0000.8330.9096yes" in "".join(page.text["tbody"])
    assert "sad0.6671.0000.8006yes" in "".join(page.text["tbody"])
    assert "happy650.0%" in "".join(page.text["tbody"])
    assert any(line.startswith("samples avg: mean over") for line in page.text["li"])


def test_a_report_can_be_written_again(degrees, tmp_path):
    first = write_report(degrees, tmp_path / "report.html").read_bytes()
    assert write_report(degrees, tmp_path / "report.html").read_bytes() == first


def test_what_shows_classes_says_what_the_target_is(degrees, labels):
    with pytest.raises(ValueError, match="target of toy is attributes"):
        ConfusionDisplay.from_evaluation(degrees, "good")
    with pytest.raises(ValueError, match="This shows classes or labels, but"):
        ThresholdDisplay.from_evaluation(degrees, "good", "arousal")
    with pytest.raises(ValueError, match="no score 'unweighted_accuracy' by speaker"):
        SpeakerScoresDisplay.from_evaluation(labels)
    shown = SpeakerScoresDisplay.from_evaluation(labels, metric="macro_f1")
    assert shown.metric_name == "macro F1"


def test_thresholds_of_a_label_are_drawn(labels):
    scores = {"probability_happy": 0.9, "probability_sad": np.tile([0.1, 0.8, 0.6], 8)}
    scored = make_evaluation(labels.predictions.assign(**scores), kind="labels")
    display = ThresholdDisplay.from_evaluation(scored, "good", "sad")
    own = display.sweep.query("label == 'sad'").set_index("threshold")
    assert own["support"].iloc[0] == 6
    assert own["recall"].loc[0.0] == 1.0
    assert display.name == "sad, good, toy"
