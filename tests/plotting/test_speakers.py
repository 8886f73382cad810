import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sersk.plotting import SpeakerScoresDisplay
from tests.plotting.toy import make_evaluation

pyplot = pytest.importorskip("matplotlib.pyplot")


def _names(display):
    return [label.get_text() for label in display.ax_.get_yticklabels()]


def _many(n_speakers, n_systems=2):
    generator = np.random.default_rng(0)
    scores = generator.uniform(0.3, 0.8, (n_speakers, n_systems)).round(2)
    return SpeakerScoresDisplay(pd.DataFrame(scores)).plot()


def test_a_row_a_system_and_a_dot_a_speaker(evaluation):
    display = SpeakerScoresDisplay.from_evaluation(evaluation)
    assert _names(display) == ["good", "poor", "sad"]
    offsets = [
        sorted(dots.get_offsets()[:, 0].tolist())
        for dots in display.ax_.collections
        if len(dots.get_offsets()) == 3
    ]
    assert [0.75, 1, 1] in offsets
    assert [0.25, 0.5, 0.5] in offsets
    assert display.ax_.get_xlabel() == "UA of a speaker"
    # The first system is on top.
    bottom, top = display.ax_.get_ylim()
    assert bottom > top


def test_mean_and_interval(evaluation):
    means = SpeakerScoresDisplay.from_evaluation(evaluation).means_.loc["good"]
    values = [1, 0.75, 1]
    low, high = stats.t.interval(0.95, 2, np.mean(values), stats.sem(values))
    assert means["n"] == 3
    assert means["mean"] == pytest.approx(11 / 12)
    assert (means["low"], means["high"]) == pytest.approx((low, high))


def test_the_worst_speaker_is_named(evaluation):
    display = SpeakerScoresDisplay.from_evaluation(evaluation, ["good", "poor"])
    assert [text.get_text() for text in display.ax_.texts] == ["bob", "carl"]


def test_chance_is_of_the_classes_that_are_tested(evaluation):
    display = SpeakerScoresDisplay.from_evaluation(evaluation)
    assert display.chance == 0.5
    accuracy = SpeakerScoresDisplay.from_evaluation(
        evaluation, metric="weighted_accuracy"
    )
    assert accuracy.chance is None
    assert accuracy.ax_.get_xlabel() == "WA of a speaker"


def test_predictions_of_any_kind():
    def hits(y_true, y_pred):
        return float(np.sum(y_true == y_pred))

    display = SpeakerScoresDisplay.from_predictions(
        ["a", "b", "a", "b"], {"mine": ["a", "b", "b", "b"]}, [1, 1, 2, 2], metric=hits
    )
    assert display.scores["mine"].tolist() == [2, 1]
    assert display.ax_.get_xlabel() == "hits of a speaker"
    assert display.ax_.get_xlim()[1] > 2


def test_one_speaker_has_no_interval():
    display = SpeakerScoresDisplay.from_predictions(["a"], {"mine": ["a"]}, ["x"])
    assert display.means_.loc["mine", "mean"] == 1
    assert np.isnan(display.means_.loc["mine", "low"])


def test_a_system_that_lacks_speakers(predictions):
    lacking = predictions.query("pipeline != 'poor' or fold == 0")
    display = SpeakerScoresDisplay.from_evaluation(make_evaluation(lacking))
    assert display.means_["n"].tolist() == [3, 1, 3]


@pytest.mark.parametrize("n_speakers", [4, 24, 91])
def test_dots_stay_in_the_row_of_their_system(n_speakers):
    display = _many(n_speakers, n_systems=3)
    seen = [
        dots.get_offsets()[:, 1]
        for dots in display.ax_.collections
        if len(dots.get_offsets()) == n_speakers
    ]
    assert len(seen) == 3
    for row, heights in enumerate(seen):
        assert np.abs(heights - row).max() <= 0.4


def test_equal_scores_do_not_hide_each_other():
    display = SpeakerScoresDisplay(pd.DataFrame({"a": [0.5] * 20})).plot()
    places = display.ax_.collections[0].get_offsets()
    assert len({tuple(place) for place in places.round(6).tolist()}) == 20


@pytest.mark.parametrize("name", ["$x$", "$\\broken{", "_hidden"])
def test_names_are_taken_as_they_are(name, tmp_path):
    scores = pd.DataFrame({name: [0.5, 0.6]}, index=[name, "b"])
    display = SpeakerScoresDisplay(scores, name=name).plot()
    display.figure_.savefig(tmp_path / "speakers.png")
    assert _names(display) == [name]


def test_what_is_asked_for_must_exist(evaluation, predictions):
    with pytest.raises(ValueError, match="no pipeline 'other'"):
        SpeakerScoresDisplay.from_evaluation(evaluation, ["good", "other"])
    with pytest.raises(ValueError, match="pipelines is empty"):
        SpeakerScoresDisplay.from_evaluation(evaluation, [])
    with pytest.raises(ValueError, match=r"no score 'F1' by speaker\. There are n, "):
        SpeakerScoresDisplay.from_evaluation(evaluation, metric="F1")
    with pytest.raises(ValueError, match="speakers of toy are not known"):
        SpeakerScoresDisplay.from_evaluation(
            make_evaluation(predictions.drop(columns="speaker"))
        )
    with pytest.raises(ValueError, match="hold no system"):
        SpeakerScoresDisplay.from_predictions(["a"], {}, ["x"])


def test_axes_that_are_given_are_used(evaluation):
    figure, ax = pyplot.subplots()
    display = SpeakerScoresDisplay.from_evaluation(evaluation, ax=ax)
    assert (display.ax_, display.figure_) == (ax, figure)
    assert display.plot(ax=ax) is display
