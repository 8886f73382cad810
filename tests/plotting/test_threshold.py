import numpy as np
import pytest

from sersk.plotting import ThresholdDisplay

pyplot = pytest.importorskip("matplotlib.pyplot")

TRUE = [[1], [1], [0]]
SCORES = [[0.9], [0.4], [0.2]]


def _draw(**options):
    given = {"classes": ["happy"], "label": "happy", "thresholds": [0.1, 0.3, 0.5, 1]}
    return ThresholdDisplay.from_predictions(TRUE, SCORES, **(given | options))


def _legend(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def test_scores_over_thresholds():
    curves = [line.get_ydata().tolist() for line in _draw().ax_.lines[:6:2]]
    assert curves == [
        pytest.approx([2 / 3, 1, 1, 0]),  # precision
        pytest.approx([1, 1, 0.5, 0]),  # recall
        pytest.approx([0.8, 1, 2 / 3, 0]),  # F1
    ]


def test_a_score_is_dotted_where_it_is_not_defined():
    display = _draw()
    solid = display.ax_.lines[1]
    assert np.isnan(solid.get_ydata()).tolist() == [False, False, False, True]
    assert display.ax_.lines[0].get_linestyle() == ":"
    assert _legend(display) == [
        "precision",
        "recall",
        "F1",
        "0 for what is not defined",
    ]
    assert "not defined" not in " ".join(_legend(_draw(thresholds=[0.1, 0.3])))


def test_the_chosen_threshold_is_a_line():
    display = _draw(chosen=0.3)
    assert _legend(display)[-1] == "chosen: 0.3"
    assert display.ax_.lines[-1].get_xdata() == [0.3, 0.3]


def test_thresholds_span_the_scores():
    steps = _draw(thresholds=None).ax_.lines[0].get_xdata()
    assert (len(steps), steps[0], steps[-1]) == (101, 0.2, 0.9)


def test_an_average_is_drawn_unless_a_label_is_named():
    display = ThresholdDisplay.from_predictions(
        [[1, 0], [0, 1]], [[0.9, 0.1], [0.2, 0.8]]
    )
    assert "macro avg: 2 clips" in display.ax_.get_title()


def test_a_class_against_the_rest(with_probabilities):
    display = ThresholdDisplay.from_evaluation(with_probabilities, "good", "sad")
    recall = display.ax_.lines[2]
    # Five of six sad clips have 0.8, the other has 0.2.
    at = dict(zip(recall.get_xdata().round(2), recall.get_ydata(), strict=True))
    assert (at[0.1], at[0.5], at[0.9]) == pytest.approx((1, 5 / 6, 0))
    assert "sad against the rest, good, toy" in display.ax_.get_title()


def test_what_is_asked_for_must_exist(with_probabilities):
    with pytest.raises(ValueError, match=r"no label 'sad'\. There are 'happy', 'micro"):
        _draw(label="sad")
    with pytest.raises(ValueError, match=r"no class 'fear'\. There are 'happy', 'sad'"):
        ThresholdDisplay.from_evaluation(with_probabilities, "good", "fear")
    with pytest.raises(ValueError, match="does not give the probability"):
        ThresholdDisplay.from_evaluation(with_probabilities, "poor", "sad")


@pytest.mark.parametrize("scores", [[[np.nan]] * 3, [], [[0.5]] * 2])
def test_scores_that_cannot_be_swept(scores):
    with pytest.raises(ValueError, match=r"scores|rows"):
        ThresholdDisplay.from_predictions(TRUE, scores)


def test_axes_that_are_given_are_used():
    figure, ax = pyplot.subplots()
    display = _draw(ax=ax)
    assert (display.ax_, display.figure_) == (ax, figure)
