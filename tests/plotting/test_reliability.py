import pytest

from sersk.metrics import expected_calibration_error
from sersk.plotting import ReliabilityDisplay
from tests.plotting.toy import make_evaluation

pyplot = pytest.importorskip("matplotlib.pyplot")

TRUE = ["happy", "happy", "sad", "sad"]
PROBABILITIES = [[0.9, 0.1], [0.7, 0.3], [0.65, 0.35], [0.2, 0.8]]
CLASSES = ["happy", "sad"]


def _legend(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def _curve(display):
    """Return the points of the line that is no diagonal."""
    line = display.ax_.lines[1]
    return list(zip(line.get_xdata(), line.get_ydata(), strict=True))


def test_accuracy_over_confidence():
    display = ReliabilityDisplay.from_predictions(TRUE, PROBABILITIES, CLASSES)
    # Bins up to 0.7, 0.8 and 0.9; one of the two in the first is right.
    expected = [(0.675, 0.5), (0.8, 1.0), (0.9, 1.0)]
    assert _curve(display) == [pytest.approx(point) for point in expected]
    assert display.ax_.get_xlim() == display.ax_.get_ylim() == (0, 1)


def test_the_legend_holds_the_error():
    display = ReliabilityDisplay.from_predictions(
        TRUE, PROBABILITIES, CLASSES, name="mine"
    )
    # 0.175 of half of the clips, 0.2 and 0.1 of a quarter each.
    assert display.errors_["mine"] == pytest.approx(0.1625)
    assert _legend(display) == ["as sure as right", "mine, ECE 0.163"]
    assert display.errors_["mine"] == expected_calibration_error(
        TRUE, PROBABILITIES, classes=CLASSES, n_bins=10
    )
    unnamed = ReliabilityDisplay.from_predictions(TRUE, PROBABILITIES, CLASSES)
    assert _legend(unnamed)[1] == "ECE 0.163"


def test_the_area_of_a_marker_is_the_share_of_clips():
    display = ReliabilityDisplay.from_predictions(TRUE, PROBABILITIES, CLASSES)
    areas = display.ax_.collections[0].get_sizes()
    assert areas[0] == pytest.approx(2 * areas[1])
    assert areas[1] == pytest.approx(areas[2])


def test_systems_with_probabilities_are_drawn(with_probabilities):
    display = ReliabilityDisplay.from_evaluation(with_probabilities)
    assert list(display.errors_) == ["good"]
    # Always sure by 0.8, and right in 11 of 12.
    assert display.errors_["good"] == pytest.approx(11 / 12 - 0.8)


def test_a_system_without_probabilities(with_probabilities, evaluation):
    remedy = "'poor' does not give the probability .*CalibratedClassifierCV"
    with pytest.raises(ValueError, match=remedy):
        ReliabilityDisplay.from_evaluation(with_probabilities, "poor")
    with pytest.raises(ValueError, match="'good' does not give"):
        ReliabilityDisplay.from_evaluation(evaluation)


def test_probabilities_that_some_clips_lack(with_probabilities):
    lacking = with_probabilities.predictions.copy()
    lacking.loc[0, "probability_sad"] = None
    with pytest.raises(ValueError, match="every class for every clip"):
        ReliabilityDisplay.from_evaluation(make_evaluation(lacking))


def test_scores_that_are_no_probabilities():
    with pytest.raises(ValueError, match="do not sum to 1"):
        ReliabilityDisplay.from_predictions(["happy"], [[0.5, 2.0]], CLASSES)


@pytest.mark.parametrize("name", ["$x$", "$\\broken{", "_hidden"])
def test_names_are_taken_as_they_are(name, tmp_path):
    display = ReliabilityDisplay.from_predictions(
        TRUE, PROBABILITIES, CLASSES, name=name
    )
    display.figure_.savefig(tmp_path / "reliability.png")
    assert _legend(display)[1] == f"{name}, ECE 0.163"


def test_axes_that_are_given_are_used():
    figure, ax = pyplot.subplots()
    display = ReliabilityDisplay.from_predictions(TRUE, PROBABILITIES, CLASSES, ax=ax)
    assert (display.ax_, display.figure_) == (ax, figure)
