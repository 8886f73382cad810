"""What protocols that flatter add, shown where the truth is known."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sersk.datasets import make_emotional_speech
from sersk.evaluation import optimism_report
from sersk.features import AcousticFunctionals
from sersk.utils import EvaluationWarning
from tests.evaluation.probes import Broken


@pytest.fixture(scope="module")
def system():
    return make_pipeline(
        AcousticFunctionals(), StandardScaler(), LogisticRegression(max_iter=1000)
    )


@pytest.fixture(scope="module")
def voices(system):
    """Return the report on clips that tell who speaks and nothing else."""
    corpus = make_emotional_speech(
        n_speakers=24,
        emotion_effect=0,
        label_confounding=1,
        random_state=0,
    )
    return optimism_report(
        {"LR": system, "guess": DummyClassifier(strategy="uniform", random_state=0)},
        corpus,
    )


def test_only_the_random_split_takes_voices_for_emotions(voices):
    scores = voices.frame.query("pipeline == 'LR'").set_index("protocol")
    assert scores.index.tolist() == [
        "random",
        "session-disjoint",
        "speaker-disjoint",
        "speaker- and sentence-disjoint",
    ]
    assert scores.loc["random", "low"] > 0.55
    honest = scores.drop("random")
    assert (honest["low"] <= 0.25).all()
    assert (honest["high"] >= 0.25).all()
    assert (honest["value"] < 0.45).all()
    assert scores.loc["random", "gap_low"] > 0.4
    assert scores.loc["speaker-disjoint", "gap"] == 0


def test_guessing_gains_nothing_by_any_split(voices):
    scores = voices.frame.query("pipeline == 'guess'")
    assert np.allclose(scores["value"], 0.25, atol=0.1)
    assert np.allclose(scores["chance"], 0.25)


def test_each_protocol_tests_each_clip_once(voices):
    assert set(voices.frame["n"]) == {576}
    assert voices.frame["n_folds"].tolist()[:4] == [10, 12, 10, 20]


def test_the_table_says_what_the_columns_are(voices):
    text = str(voices)
    assert text.startswith("synthetic: what protocols add")
    assert "UA: unweighted accuracy" in text
    assert "gap: UA minus that of the speaker-disjoint protocol" in text
    assert voices.to_markdown().count("| LR | random |") == 1
    assert repr(voices) == text


def test_where_emotion_is_heard_all_protocols_hear_it(system):
    corpus = make_emotional_speech(n_speakers=4, emotion_effect=2, random_state=0)
    frame = optimism_report(system, corpus).frame
    assert (frame["low"] > 0.3).all()


def test_a_corpus_is_needed(system, voices):
    with pytest.raises(TypeError, match=r"takes a Corpus, .* got DataFrame"):
        optimism_report(system, voices.frame)


def test_a_system_that_fails_is_left_out_and_named(corpus):
    systems = {"bad": Broken("anna"), "guess": DummyClassifier()}
    with pytest.warns(EvaluationWarning) as warned:
        optimism = optimism_report(systems, corpus)
    assert "not in the table: 'bad'" in str(warned[-1].message)
    assert set(optimism.frame["pipeline"]) == {"guess"}
    with (
        pytest.warns(EvaluationWarning, match="cells failed"),
        pytest.raises(ValueError, match="No pipeline tested every clip"),
    ):
        optimism_report(Broken("anna"), corpus)


def test_speakers_are_needed(system):
    corpus = make_emotional_speech(n_speakers=2, random_state=0).select(speaker="01")
    with pytest.raises(ValueError, match="at least two speakers"):
        optimism_report(system, corpus)
