import numpy as np
import pandas as pd
import pytest

from sersk.metrics import critical_difference
from sersk.plotting import CriticalDifferenceDisplay
from tests.plotting.toy import make_evaluation

pyplot = pytest.importorskip("matplotlib.pyplot")

SCORES = pd.DataFrame(
    {"A": [0.9, 0.8, 0.9, 0.7], "B": [0.8, 0.7, 0.8, 0.8], "C": [0.3] * 4}
)


def _texts(display):
    return [text.get_text() for text in display.ax_.texts]


def _bars(display):
    """Return the ends of the bars that join systems."""
    thick = [line for line in display.ax_.lines if line.get_linewidth() == 4]
    return [line.get_xdata().tolist() for line in thick]


def test_ranks_and_names():
    display = CriticalDifferenceDisplay.from_scores(SCORES, name="four speakers")
    texts = _texts(display)
    assert texts[:4] == ["1", "2", "3", "critical difference 1.66"]
    assert texts[4:] == ["A  1.25", "B  1.75", "3.00  C"]
    assert "Friedman's p = 0.039" in display.ax_.get_title()
    assert "four speakers" in display.ax_.get_title()


def test_bars_join_what_cannot_be_told_apart():
    display = CriticalDifferenceDisplay.from_scores(SCORES)
    assert display.result.groups == [("A", "B"), ("B", "C")]
    first, second = _bars(display)
    assert first[0] < 1.25 < 1.75 < first[1] < 3
    assert 1.25 < second[0] < 1.75 < 3 < second[1]


def test_a_result_is_drawn_as_it_is():
    result = critical_difference(SCORES)
    display = CriticalDifferenceDisplay(result).plot()
    assert display.result is result
    (line,) = [line for line in display.ax_.lines if line.get_marker() == "|"]
    assert line.get_xdata()[1] - line.get_xdata()[0] == pytest.approx(1.657, abs=1e-3)


def test_systems_of_an_evaluation_over_its_speakers(evaluation):
    display = CriticalDifferenceDisplay.from_evaluation(evaluation)
    # UA by speaker: 1, 3/4, 1; 1/2, 1/2, 1/4; 1/2, 1/2, 1/2.
    assert display.result.ranks.to_dict() == pytest.approx(
        {"good": 1, "sad": 7 / 3, "poor": 8 / 3}
    )
    assert "toy, 3 speakers" in display.ax_.get_title()


def test_systems_that_failed_somewhere_are_left_out(predictions):
    lacking = make_evaluation(predictions.query("pipeline != 'sad' or fold == 0"))
    with pytest.raises(ValueError, match="three and two are the least"):
        CriticalDifferenceDisplay.from_evaluation(lacking)
    with pytest.raises(ValueError, match="scores must be finite"):
        CriticalDifferenceDisplay.from_evaluation(lacking, ["good", "poor", "sad"])


@pytest.mark.parametrize("n_systems", [3, 8, 15])
def test_names_do_not_lie_on_each_other(n_systems):
    generator = np.random.default_rng(0)
    names = [f"a system with a long name {number}" for number in range(n_systems)]
    scores = pd.DataFrame(generator.normal(size=(12, n_systems)), columns=names)
    display = CriticalDifferenceDisplay.from_scores(scores)
    display.figure_.canvas.draw()
    named = [text for text in display.ax_.texts if "system" in text.get_text()]
    boxes = [text.get_window_extent() for text in named]
    assert len(boxes) == n_systems
    for number, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:number])
        assert box.x0 >= 0
        assert box.x1 <= display.figure_.bbox.x1


@pytest.mark.parametrize("name", ["$x$", "$\\broken{", "_hidden"])
def test_names_are_taken_as_they_are(name, tmp_path):
    display = CriticalDifferenceDisplay.from_scores(SCORES.rename(columns={"A": name}))
    display.figure_.savefig(tmp_path / "ranks.png")
    assert f"{name}  1.25" in _texts(display)


def test_axes_that_are_given_are_used():
    figure, ax = pyplot.subplots()
    display = CriticalDifferenceDisplay.from_scores(SCORES, ax=ax)
    assert (display.ax_, display.figure_) == (ax, figure)
