"""Copies, windows and early stopping: what flatters and can be seen is told."""

import json

import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
)
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import KFold
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline

from sersk import AudioClips
from sersk.audio import make_windows
from sersk.datasets import Corpus, LabelScheme
from sersk.evaluation import evaluate
from sersk.evaluation._search import stops_early
from sersk.model_selection import SpeakerKFold
from tests.features.probes import Level

SYSTEM = make_pipeline(Level(), GaussianNB())


@pytest.fixture
def voted(corpus) -> Corpus:
    votes = {"votes_sad": [3, 2, 1, 0] * 3, "votes_angry": [0, 1, 2, 3] * 3}
    frame = corpus.frame.assign(**votes)
    return Corpus(frame, corpus.clips, corpus.scheme, name="voted")


def test_copies_with_soft_labels_are_not_scored(voted):
    clips, target, _ = voted.soft_target()
    assert len(clips) > len(voted)
    with pytest.raises(ValueError, match=r"Clips 1 and 2 hold the same audio.*target"):
        evaluate(SYSTEM, clips, target)
    assert len(evaluate(SYSTEM, voted.clips, voted.target).predictions) == 12


def test_a_corpus_with_a_clip_of_two_classes_says_so(corpus):
    frame = corpus.frame.iloc[[*range(12), 0]].assign(emotion=[*corpus.target, "angry"])
    clips = corpus.clips[[*range(12), 0]]
    twice = Corpus(frame, clips, LabelScheme("two", ("sad", "angry")), name="twice")
    assert "1 CLIP TWICE UNDER TWO CLASSES" in evaluate(SYSTEM, twice).protocol


def test_a_test_set_that_was_doubled_is_told(corpus):
    rows = [*range(12), 0, 5]
    evaluation = evaluate(SYSTEM, corpus.clips[rows], corpus.target[rows])
    assert evaluation.protocol.endswith("2 of 14 TEST CLIPS REPEAT ANOTHER'S AUDIO")
    assert "REPEAT" not in evaluate(SYSTEM, corpus).protocol


def _copies(corpus) -> AudioClips:
    """Return each clip, and of the first four a quieter copy each."""
    waveforms = [*corpus.clips, *(0.5 * waveform for waveform in corpus.clips[:4])]
    rows = [*range(12), *range(4)]
    columns = {"speaker": corpus.clips.speaker[rows], "copy_of": [None] * 12 + rows[:4]}
    return AudioClips.from_arrays(waveforms, sampling_rate=16_000, columns=columns)


def test_augmented_copies_that_are_tested_are_told(corpus):
    clips, target = _copies(corpus), [*corpus.target, *corpus.target[:4]]
    evaluation = evaluate(SYSTEM, clips, target)
    assert evaluation.protocol.endswith("4 of 16 TEST CLIPS ARE COPIES")
    assert evaluation.audit.is_clean


def test_augmented_copies_on_both_sides_are_refused(corpus):
    clips, target = _copies(corpus), [*corpus.target, *corpus.target[:4]]
    unknown = AudioClips.from_arrays(
        list(clips), sampling_rate=16_000, columns={"copy_of": clips.columns["copy_of"]}
    )
    with pytest.raises(ValueError, match=r"copies are .*augment training clips only"):
        evaluate(SYSTEM, unknown, target, cv=KFold(4))
    seen = evaluate(SYSTEM, unknown, target, cv=KFold(4), acknowledge_overlap=True)
    assert "COPIES" in seen.audit.line


def test_windows_that_are_scored_as_clips_are_told(corpus):
    windows = make_windows(corpus.clips, 0.005, 0.005)
    assert len(windows) == 24
    target = corpus.target[windows.columns["window_of"].astype(int)]
    evaluation = evaluate(SYSTEM, windows, target)
    assert evaluation.protocol.endswith("SCORED BY WINDOW, NOT BY CLIP")


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        (MLPClassifier(early_stopping=True), True),
        (make_pipeline(Level(), SGDClassifier(early_stopping=True)), True),
        (GradientBoostingClassifier(n_iter_no_change=3), True),
        (HistGradientBoostingClassifier(early_stopping=True), True),
        (HistGradientBoostingClassifier(), False),
        (
            HistGradientBoostingClassifier(
                early_stopping=True, validation_fraction=None
            ),
            False,
        ),
        (MLPClassifier(), False),
        (GradientBoostingClassifier(), False),
        (LogisticRegression(), False),
    ],
    ids=repr,
)
def test_early_stopping_that_knows_no_speakers_is_found(system, expected):
    assert stops_early(system, 100) is expected


def test_boosting_stops_early_on_many_clips():
    assert stops_early(HistGradientBoostingClassifier(), 10_001)


def test_early_stopping_is_told(corpus):
    network = SGDClassifier(early_stopping=True, validation_fraction=0.5)
    evaluation = evaluate(make_pipeline(Level(), network), corpus)
    assert "EARLY STOPPING ON SPEAKERS THAT ARE TRAINED ON" in evaluation.protocol


def test_training_clips_that_cannot_be_divided_name_the_parameter(corpus):
    grid = {"gaussiannb__var_smoothing": [1e-9, 1e-3]}
    with pytest.raises(ValueError, match=r"fold 0: n_splits=3.*inner_cv=SpeakerKFold"):
        evaluate(SYSTEM, corpus, search=grid)
    assert len(evaluate(SYSTEM, corpus, search=grid, inner_cv=SpeakerKFold(2)).folds)


def test_what_was_chosen_survives_being_saved(corpus, tmp_path):
    grid = {"gaussiannb__var_smoothing": [1e-9], "level": [Level()]}
    options = {"search": grid, "inner_cv": SpeakerKFold(2)}
    systems = {"searched": SYSTEM, "plain": DummyClassifier()}
    grids = {**options, "search": {"searched": grid}}
    evaluation = evaluate(systems, corpus, **grids, resume=tmp_path / "cells")
    chosen = evaluation.folds["chosen"].tolist()
    assert chosen[3:] == [{}] * 3
    assert chosen[0]["gaussiannb__var_smoothing"] == 1e-9
    # Without the temporary store that it was given.
    assert chosen[0]["level"]["class"] == "tests.features.probes:Level"
    assert "cache" not in chosen[0]["level"]["parameters"]
    folder = evaluation.save(tmp_path / "run")
    table = pd.read_csv(f"{folder}/folds.csv")
    kept = table["chosen"].map(json.loads).tolist()
    assert kept == evaluation.folds["chosen"].tolist()
    resumed = evaluate(systems, corpus, **grids, resume=tmp_path / "cells")
    assert resumed.folds["chosen"].tolist() == evaluation.folds["chosen"].tolist()
