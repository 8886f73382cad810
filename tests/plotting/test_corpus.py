import itertools

import numpy as np
import pandas as pd
import pytest

from sersk import AudioClips
from sersk.datasets import Corpus, LabelScheme, make_emotional_speech
from sersk.plotting import ClassCountsDisplay

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

from matplotlib import pyplot  # noqa: E402 - after the backend is chosen

SCHEME = LabelScheme("two", ("happy", "sad"))


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    pyplot.close("all")


@pytest.fixture
def corpus():
    frame = pd.DataFrame(
        {
            "emotion": ["sad", "sad", "sad", "happy"],
            "speaker": ["a", "a", "b", "a"],
            "gender": ["male", "male", "female", "male"],
        }
    )
    clips = AudioClips.from_files([f"{index}.wav" for index in range(4)])
    return Corpus(frame, clips, SCHEME, name="tiny")


def _many(n_speakers, n_clips=1):
    """Return a display of many speakers, with long names."""
    names = [f"speaker-{index:04}" for index in range(n_speakers)]
    counts = pd.DataFrame(n_clips, index=["happy", "sad"], columns=names)
    return ClassCountsDisplay(counts)


def _written(display):
    return [[text.get_text() for text in row] for row in display.text_]


def _names(display):
    return [label.get_text() for label in display.ax_.get_xticklabels()]


def test_classes_are_rows_and_speakers_columns(corpus):
    display = ClassCountsDisplay.from_corpus(corpus)
    assert _written(display) == [["1", "0"], ["2", "1"]]
    assert _names(display) == ["a", "b"]
    classes = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert classes == ["happy", "sad"]
    assert display.ax_.get_title() == "tiny"
    assert display.ax_.get_xlabel() == "speaker"
    assert display.counts.equals(corpus.counts())


def test_colours_are_the_counts_and_none_has_one_of_its_own(corpus):
    drawn = ClassCountsDisplay.from_corpus(corpus).im_.get_array()
    assert drawn.mask.tolist() == [[False, True], [False, False]]
    assert drawn[1].tolist() == [2, 1]


def test_another_column(corpus):
    display = ClassCountsDisplay.from_corpus(corpus, "gender")
    assert _names(display) == ["female", "male"]
    assert display.ax_.get_xlabel() == "gender"


def test_a_column_that_is_not_there(corpus):
    with pytest.raises(ValueError, match="tiny has no column 'session'"):
        ClassCountsDisplay.from_corpus(corpus, "session")


def test_axes_that_are_given_are_used(corpus):
    figure, axes = pyplot.subplots(1, 2)
    display = ClassCountsDisplay.from_corpus(corpus, ax=axes[1])
    assert display.ax_ is axes[1]
    assert display.figure_ is figure
    assert not axes[0].images
    assert len(pyplot.get_fignums()) == 1


def test_plot_draws_again_and_returns_itself(corpus):
    display = ClassCountsDisplay.from_corpus(corpus)
    first = display.figure_
    assert display.plot() is display
    assert display.figure_ is not first


def test_values_and_colour_bar_stand_for_each_other(corpus):
    with_values = ClassCountsDisplay.from_corpus(corpus)
    assert len(with_values.figure_.axes) == 1
    without = ClassCountsDisplay.from_corpus(corpus, include_values=False)
    assert without.text_ is None
    assert without.figure_.axes[1].get_ylabel() == "clips (grey: none)"
    both = ClassCountsDisplay.from_corpus(corpus, colorbar=True)
    assert both.text_ is not None
    assert len(both.figure_.axes) == 2


def test_values_stand_out_from_their_colour(corpus):
    for cmap, of_two in (("Blues", "white"), ("viridis", "black")):
        display = ClassCountsDisplay.from_corpus(corpus, cmap=cmap)
        assert display.text_[1, 0].get_color() == of_two
        assert display.text_[0, 1].get_color() == "black"


def test_a_figure_grows_with_the_speakers_up_to_a_width():
    widths = [
        _many(n_speakers).plot().figure_.get_size_inches()[0]
        for n_speakers in (2, 15, 91, 500)
    ]
    assert widths[0] < widths[1] < widths[2] == widths[3] <= 14


@pytest.mark.parametrize("n_speakers", [2, 10, 24, 91, 700])
def test_names_of_speakers_do_not_overlap(n_speakers):
    display = _many(n_speakers).plot()
    display.figure_.canvas.draw()
    boxes = [label.get_window_extent() for label in display.ax_.get_xticklabels()]
    assert all(a.x1 <= b.x0 for a, b in itertools.pairwise(boxes))
    assert len(boxes) >= min(n_speakers, 40)
    assert _names(display)[0] == "speaker-0000"


@pytest.mark.parametrize("n_clips", [3, 45, 12_345])
@pytest.mark.parametrize("n_speakers", [2, 24, 91])
def test_values_are_written_where_they_fit(n_speakers, n_clips):
    display = _many(n_speakers, n_clips).plot()
    display.figure_.canvas.draw()
    cell = display.ax_.get_window_extent().width / n_speakers
    if display.text_ is None:
        assert n_speakers * len(str(n_clips)) >= 91
    else:
        widest = max(text.get_window_extent().width for text in display.text_.flat)
        assert widest < cell


def test_synthetic_speech_as_a_picture(tmp_path):
    display = ClassCountsDisplay.from_corpus(make_emotional_speech(2, random_state=0))
    display.figure_.savefig(tmp_path / "counts.png")
    pixels = pyplot.imread(tmp_path / "counts.png")
    assert len(np.unique(pixels.reshape(-1, pixels.shape[2]), axis=0)) > 2


def test_numbers_as_columns(corpus):
    frame = corpus.frame.assign(take=[1, 2, 2, 1])
    numbered = Corpus(frame, corpus.clips, SCHEME, name="tiny")
    assert _names(ClassCountsDisplay.from_corpus(numbered, "take")) == ["1", "2"]


def test_columns_that_are_classes_are_in_the_order_of_the_scheme():
    order = ("sad", "neutral", "happy", "anger")
    corpus = make_emotional_speech(n_speakers=2, n_repetitions=1, random_state=0)
    display = ClassCountsDisplay.from_corpus(
        corpus.with_scheme(LabelScheme("mine", order)), "emotion"
    )
    shown = [label.get_text() for label in display.ax_.get_xticklabels()]
    assert shown == [label.get_text() for label in display.ax_.get_yticklabels()]
    assert shown == list(order)
