"""What is heard and what is said, in one system."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import StandardScaler

import sersk
from sersk.datasets import Corpus, make_emotional_speech
from sersk.estimators import (
    SpectrogramTrunkClassifier,
    SpeechEncoderClassifier,
    TextEncoderClassifier,
)
from sersk.evaluation import evaluate
from sersk.features import (
    MelSpectrogram,
    SpeechEmbedding,
    TextEmbedding,
    count_extractions,
    make_random_encoder,
)
from sersk.model_selection import SpeakerKFold
from sersk.preprocessing import SequenceScaler
from tests.features.text_encoders import write_text_encoder

SAID = {
    "anger": "i am so angry",
    "happy": "what a happy day",
    "neutral": "never mind",
    "sad": "i am sad",
}


@pytest.fixture(scope="module")
def corpus():
    """Every other clip says what is felt, the others nothing of it."""
    spoken = make_emotional_speech(
        n_speakers=4, n_sentences=1, duration=0.5, random_state=0
    )
    texts = [SAID[e] if at % 2 else "a day" for at, e in enumerate(spoken.target)]
    clips = spoken.clips.with_columns({"transcript": texts})
    return Corpus(spoken.frame, clips, spoken.scheme, name="spoken")


@pytest.fixture(scope="module")
def audio(tmp_path_factory):
    folder = tmp_path_factory.mktemp("audio")
    return SpeechEmbedding(make_random_encoder(folder), device="cpu")


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    folder = tmp_path_factory.mktemp("text")
    return TextEmbedding(
        write_text_encoder(folder), pooling="mean", max_length=16, device="cpu"
    )


def _system(extractor):
    return make_pipeline(extractor, StandardScaler(), LogisticRegression(max_iter=500))


def test_embeddings_side_by_side(corpus, audio, text):
    union = make_union(audio, text)
    rows = union.fit_transform(corpus.clips)
    expected = [audio.transform(corpus.clips), text.transform(corpus.clips)]
    assert_array_equal(rows, np.hstack(expected))
    names = union.get_feature_names_out()
    assert names[0].startswith("speechembedding__")
    assert names[-1] == "textembedding__text_0031"


def test_fusion_hears_and_reads_each_clip_once(corpus, audio, text):
    systems = {
        "early": _system(make_union(audio, text)),
        "text": _system(text),
        "vote": VotingClassifier(
            [("audio", _system(audio)), ("text", _system(text))], voting="soft"
        ),
    }
    before = count_extractions()
    evaluation = evaluate(systems, corpus, cv=SpeakerKFold(2))
    # Each clip is heard once, and each of five texts is read once.
    assert count_extractions() - before == len(corpus) + 5
    assert evaluation.folds["error"].eq("").all()
    scores = evaluation.scores().set_index("pipeline")["unweighted_accuracy"]
    assert scores["text"] > 0.5
    assert scores["early"] > 0.5


def test_encoders_that_are_tuned_apart_are_joined(corpus, audio, text, tmp_path):
    settings = {"lr": 1e-3, "max_epochs": 2, "random_state": 0, "device": "cpu"}
    members = [
        SpeechEncoderClassifier(audio.model, hidden_size=8, head="tanh", **settings),
        TextEncoderClassifier(text.model, **settings),
    ]
    late = _system(make_union(*members))
    evaluation = evaluate({"late": late}, corpus, cv=SpeakerKFold(2))
    assert evaluation.folds["error"].eq("").all()
    half = corpus.clips.speaker == corpus.clips.speaker[0]
    late.fit(corpus.clips[half], corpus.target[half])
    # Each was tuned by itself, to the clips of this fit and no others.
    alone = [clone(one).fit(corpus.clips[half], corpus.target[half]) for one in members]
    expected = [one.transform(corpus.clips) for one in alone]
    assert_array_equal(late[0].transform(corpus.clips), np.hstack(expected))
    assert expected[0].shape[1] == 8
    answers = late.predict_proba(corpus.clips)
    loaded = sersk.load(sersk.save(late, tmp_path / "late"))
    assert_array_equal(loaded.predict_proba(corpus.clips), answers)


def test_a_trunk_for_images_gives_its_maps(corpus):
    net = SpectrogramTrunkClassifier("alexnet", max_epochs=1, random_state=0)
    frames = make_pipeline(MelSpectrogram(16), SequenceScaler("minmax", clip=True))
    vectors = make_union(make_pipeline(frames, net)).fit_transform(
        corpus.clips[:8], corpus.target[:8]
    )
    assert vectors.shape == (8, 256)


def test_a_vote_is_the_mean_of_what_each_says(corpus, audio, text):
    systems = [("audio", _system(audio)), ("text", _system(text))]
    vote = VotingClassifier(systems, voting="soft").fit(corpus.clips, corpus.target)
    each = [
        _system(one).fit(corpus.clips, corpus.target).predict_proba(corpus.clips)
        for one in (audio, text)
    ]
    assert_allclose(vote.predict_proba(corpus.clips), np.mean(each, axis=0), atol=1e-6)
