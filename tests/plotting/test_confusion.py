import numpy as np
import pytest

from sersk.metrics import bootstrap_interval, weighted_accuracy
from sersk.plotting import ConfusionDisplay
from tests.plotting.toy import make_evaluation

pyplot = pytest.importorskip("matplotlib.pyplot")


def _written(display):
    return [[text and text.get_text() for text in row] for row in display.text_]


def _small_print(display):
    large = {id(text) for text in display.text_.flat}
    return [text.get_text() for text in display.ax_.texts if id(text) not in large]


def test_rows_are_true_classes_in_percent(evaluation):
    display = ConfusionDisplay.from_evaluation(evaluation, "good")
    # One of six sad clips is taken for a happy one.
    assert _written(display) == [["100", "0"], ["17", "83"]]
    names = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert names == ["happy (6)", "sad (6)"]
    assert display.im_.get_clim() == (0, 1)
    assert "good, toy" in display.ax_.get_title()
    assert "pooled over 3 folds" in display.ax_.get_title()


def test_the_small_print_is_the_interval_by_speaker(evaluation, predictions):
    display = ConfusionDisplay.from_evaluation(evaluation, "good")
    own = predictions.query("pipeline == 'good' and target == 'sad'")
    hit = (own["prediction"] == "sad").to_numpy(dtype=int)
    _, low, high = bootstrap_interval(
        np.ones(6, dtype=int),
        hit,
        own["speaker"].to_numpy(),
        metric=weighted_accuracy,
        n_resamples=1000,
        random_state=0,
    )
    assert (display.low[1, 1], display.high[1, 1]) == pytest.approx((low, high))
    assert 0 < low < 5 / 6 < high < 1
    # No interval where all speakers have the same share: it would have no width.
    assert np.isnan(display.low[0]).all()
    assert _small_print(display) == [f"{100 * low:.0f}\u2013{100 * high:.0f}"]
    assert "95 % interval by speaker" in display.ax_.get_title()


def test_which_cells_have_intervals(evaluation):
    drawn = {
        intervals: ConfusionDisplay.from_evaluation(
            evaluation, "good", intervals=intervals
        )
        for intervals in ("diagonal", "all", None)
    }
    n_known = {key: np.isfinite(value.low).sum() for key, value in drawn.items()}
    assert n_known == {"diagonal": 1, "all": 2, None: 0}
    assert "interval" not in drawn[None].ax_.get_title()


def test_pooled_is_not_the_mean_of_folds():
    options = {
        "y_true": ["happy", "sad", "happy", "sad", "sad", "sad"],
        "y_pred": ["happy", "happy", "happy", "sad", "sad", "sad"],
        "fold": [0, 0, 1, 1, 1, 1],
    }
    pooled = ConfusionDisplay.from_predictions(**options)
    mean = ConfusionDisplay.from_predictions(**options, average="folds")
    assert _written(pooled)[1] == ["25", "75"]
    assert _written(mean)[1] == ["50", "50"]
    assert "mean of folds" in mean.ax_.get_title()
    assert "pooled" in pooled.ax_.get_title()


def test_the_mean_of_folds_has_intervals_by_fold(evaluation):
    display = ConfusionDisplay.from_evaluation(evaluation, "good", average="folds")
    assert "mean of 3 folds" in display.ax_.get_title()
    assert "by fold" in display.ax_.get_title()
    assert display.low[1, 1] < 5 / 6 < display.high[1, 1]


def test_without_speakers_there_is_no_interval(predictions):
    unknown = make_evaluation(predictions.drop(columns="speaker"))
    assert np.isnan(ConfusionDisplay.from_evaluation(unknown, "good").low).all()
    predictions.loc[3, "speaker"] = None
    some = make_evaluation(predictions)
    assert np.isnan(ConfusionDisplay.from_evaluation(some, "good").low).all()


def test_folds_that_failed_are_counted(predictions):
    lacking = predictions.query("pipeline != 'good' or fold != 2")
    display = ConfusionDisplay.from_evaluation(make_evaluation(lacking), "good")
    assert "pooled over 2 of 3 folds" in display.ax_.get_title()


def test_a_class_without_clips_is_grey_and_empty():
    display = ConfusionDisplay.from_predictions(
        ["happy", "sad"], ["happy", "happy"], classes=["happy", "fear", "sad"]
    )
    assert _written(display)[1] == [None, None, None]
    assert display.im_.get_array().mask.tolist()[1] == [True] * 3


def test_numbers_stand_out_from_their_colour(evaluation):
    for cmap, of_all in (("Blues", "white"), ("Blues_r", "black")):
        display = ConfusionDisplay.from_evaluation(evaluation, "good", cmap=cmap)
        assert display.text_[0, 0].get_color() == of_all


@pytest.mark.parametrize("name", ["$x$", "$\\broken{", "_hidden", "a\nb", "<b>"])
def test_names_are_taken_as_they_are(name, tmp_path):
    display = ConfusionDisplay.from_predictions(
        [name, "z"], [name, "z"], classes=[name, "z"], name=name
    )
    display.figure_.savefig(tmp_path / "confusion.png")
    shown = display.ax_.get_xticklabels()[0].get_text()
    assert shown == name.replace("\n", " ")


def test_axes_that_are_given_are_used(evaluation):
    figure, axes = pyplot.subplots(1, 2)
    display = ConfusionDisplay.from_evaluation(evaluation, "good", ax=axes[1])
    assert display.ax_ is axes[1]
    assert display.figure_ is figure
    assert len(pyplot.get_fignums()) == 1


def test_many_classes_fit_a_page():
    y_true = np.repeat(np.arange(25), 8)
    display = ConfusionDisplay.from_predictions(
        y_true, y_true[::-1], speaker=np.tile([0, 1], 100)
    )
    assert max(display.figure_.get_size_inches()) < 14


def test_what_is_asked_for_must_exist(evaluation):
    y_true, y_pred = ["a", "b"], ["a", "a"]
    with pytest.raises(ValueError, match=r"no pipeline 'other'\. There are 'good'"):
        ConfusionDisplay.from_evaluation(evaluation, "other")
    with pytest.raises(ValueError, match="average must be one of 'pooled', 'folds'"):
        ConfusionDisplay.from_predictions(y_true, y_pred, average="mean")
    with pytest.raises(ValueError, match="intervals must be one of"):
        ConfusionDisplay.from_predictions(y_true, y_pred, intervals="some")
    with pytest.raises(ValueError, match="needs fold"):
        ConfusionDisplay.from_predictions(y_true, y_pred, average="folds")
    with pytest.raises(ValueError, match="speaker must hold a value for each of 2"):
        ConfusionDisplay.from_predictions(y_true, y_pred, speaker=["x"])
