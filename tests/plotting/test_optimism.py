import pytest

from sersk.plotting import OptimismDisplay

pyplot = pytest.importorskip("matplotlib.pyplot")


def test_a_row_a_protocol_and_a_marker_a_system(optimism):
    display = OptimismDisplay.from_optimism(optimism)
    ax = display.ax_
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["random", "speaker-disjoint"]
    values = [bars[0].get_xdata().tolist() for bars in ax.containers]
    assert values == [[0.9, 0.5], [0.7, 0.6]]
    heights = [[round(y) for y in bars[0].get_ydata()] for bars in ax.containers]
    assert heights == [[0, 1], [0, 1]]
    # The first protocol is on top.
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert ax.get_title().startswith("toy")


def test_intervals(optimism):
    ax = OptimismDisplay.from_optimism(optimism).ax_
    (lines,) = ax.containers[0][2]
    ends = [segment[:, 0].tolist() for segment in lines.get_segments()]
    assert ends == [pytest.approx([0.8, 0.95]), pytest.approx([0.4, 0.6])]


def test_gaps_are_written_where_there_are_any(optimism):
    ax = OptimismDisplay.from_optimism(optimism).ax_
    assert [text.get_text() for text in ax.texts] == ["+0.40", "+0.10"]


def test_chance_is_a_line(optimism):
    display = OptimismDisplay.from_optimism(optimism)
    legend = display.ax_.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["a", "b", "chance"]
    assert any(
        list(line.get_xdata()) == [0.25, 0.25] and line.get_linestyle() == "--"
        for line in display.ax_.lines
    )


@pytest.mark.parametrize("name", ["$x$", "$\\broken{", "_hidden"])
def test_names_are_taken_as_they_are(optimism, name, tmp_path):
    frame = optimism.frame.replace({"pipeline": {"a": name}})
    display = OptimismDisplay(frame, name=name).plot()
    display.figure_.savefig(tmp_path / "optimism.png")
    assert display.ax_.get_legend().get_texts()[0].get_text() == name


def test_axes_that_are_given_are_used(optimism):
    figure, ax = pyplot.subplots()
    display = OptimismDisplay.from_optimism(optimism, ax=ax)
    assert (display.ax_, display.figure_) == (ax, figure)
