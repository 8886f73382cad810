"""Encoders of text that are fine-tuned: what they learn, and what they refuse."""

import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

import sersk
from sersk import AudioClips, AudioError
from sersk.datasets import Corpus, LabelScheme
from sersk.estimators import TextEncoderClassifier, load_fine_tuned
from sersk.evaluation import evaluate
from sersk.features import make_random_text_encoder
from sersk.model_selection import SpeakerKFold

SAID = {
    "anger": "leave me alone now",
    "happy": "what lovely sunny weather",
    "neutral": "it is four o'clock",
    "sad": "she cried and left",
}
OTHERS = ["the", "of", "then", "maybe", "but", "so"]


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("encoder")
    return make_random_text_encoder(folder, [*SAID.values(), *OTHERS])


@pytest.fixture(scope="module")
def corpus():
    """Texts of 12 speakers; one or two words of five tell the emotion."""
    generator = np.random.default_rng(0)
    labels = np.array([*SAID] * 12)
    texts = []
    for label in labels:
        telling = generator.choice(SAID[label].split(), 2)
        words = [*telling, *generator.choice(OTHERS, 3)]
        texts.append(" ".join(generator.permutation(words)))
    speakers = [f"{at // 4:02}" for at in range(len(labels))]
    frame = pd.DataFrame({"emotion": labels, "speaker": speakers})
    clips = AudioClips.from_texts(texts, columns={"speaker": speakers})
    return Corpus(frame, clips, LabelScheme("said", tuple(SAID)), name="said")


@pytest.fixture(scope="module")
def halves(corpus):
    return corpus[:32], corpus[32:]


@pytest.fixture(scope="module")
def fitted(encoder, corpus):
    return _net(encoder).fit(corpus.clips, corpus.target)


def _net(encoder, **changes):
    settings = {"lr": 3e-3, "batch_size": 8, "max_epochs": 2, "random_state": 0}
    return TextEncoderClassifier(encoder, **settings | changes)


def _weights(net):
    return torch.cat([value.flatten() for value in net.module_.state_dict().values()])


# What is learned.


def test_it_overfits_and_knows_what_other_speakers_say(encoder, halves):
    train, test = halves
    net = _net(encoder, max_epochs=15).fit(train.clips, train.target)
    assert net.score(train.clips, train.target) == 1.0
    # Of four classes.
    assert net.score(test.clips, test.target) >= 0.6
    assert_allclose(net.predict_proba(test.clips).sum(axis=1), 1.0, rtol=1e-5)


def test_several_labels_a_clip(encoder, corpus):
    marks = np.column_stack([corpus.target == "sad", corpus.target != "happy"])
    net = _net(encoder, max_epochs=15).fit(corpus.clips, marks.astype(int))
    assert (net.predict(corpus.clips) == marks).mean() > 0.9


def test_a_frozen_encoder_stays_as_it_is(encoder, corpus):
    net = _net(encoder, trained_layers=0).fit(corpus.clips, corpus.target)
    before = sersk.features.load_text_encoder(encoder).encoder.state_dict()
    for name, value in net.module_.encoder.state_dict().items():
        assert torch.equal(value, before[name])


def test_speakers_are_held_out(encoder, corpus):
    net = _net(encoder, early_stopping=True, max_epochs=4, patience=1)
    net.fit(corpus.clips, corpus.target)
    assert net.best_epoch_ == net.history_["valid_score"].idxmax() + 1


# What does not change the result.


def test_a_text_has_the_same_scores_alone(fitted, corpus):
    together = fitted.predict_proba(corpus.clips)
    for index in (0, 7):
        alone = fitted.predict_proba(corpus.clips[index : index + 1])[0]
        assert_allclose(alone, together[index], atol=1e-6)


def test_accumulation_changes_nothing(corpus, tmp_path):
    calm = make_random_text_encoder(tmp_path, SAID.values())
    config = tmp_path / "config.json"
    config.write_text(
        config.read_text().replace('dropout_prob": 0.1', 'dropout_prob": 0.0')
    )
    whole = _net(calm, dropout=0.0).fit(corpus.clips, corpus.target)
    parts = clone(whole).set_params(micro_batch_size=3)
    assert_allclose(
        _weights(parts.fit(corpus.clips, corpus.target)), _weights(whole), atol=1e-3
    )


def test_seeds(encoder, corpus, fitted):
    state = torch.random.get_rng_state()
    again = clone(fitted).fit(corpus.clips, corpus.target)
    assert torch.equal(_weights(again), _weights(fitted))
    other = clone(fitted).set_params(random_state=1).fit(corpus.clips, corpus.target)
    assert not torch.equal(_weights(other), _weights(fitted))
    assert torch.equal(torch.random.get_rng_state(), state)


def test_it_can_be_pickled_and_saved(corpus, fitted, tmp_path):
    expected = fitted.predict_proba(corpus.clips)
    copied = pickle.loads(pickle.dumps(fitted))
    assert_array_equal(copied.predict_proba(corpus.clips), expected)
    sersk.save(fitted, tmp_path / "model")
    loaded = sersk.load(tmp_path / "model").set_params(model="gone")
    assert_array_equal(loaded.predict_proba(corpus.clips), expected)


def test_a_bundle_is_all_that_is_needed(encoder, corpus, tmp_path):
    folder = tmp_path / "checkpoint"
    net = _net(encoder, checkpoint=folder, clean=True)
    net.fit(corpus.clips, corpus.target)
    loaded = load_fine_tuned(folder)
    assert_array_equal(loaded.predict(corpus.clips), net.predict(corpus.clips))
    resumed = clone(net).set_params(resume=True).fit(corpus.clips, corpus.target)
    assert torch.equal(_weights(resumed), _weights(net))
    with pytest.raises(ValueError, match="trained on other clips"):
        clone(net).fit(corpus.clips[::-1], corpus.target)


def test_vectors_are_what_the_last_layer_decides_by(corpus, fitted):
    vectors = fitted.transform(corpus.clips)
    assert vectors.shape == (len(corpus), 32)
    assert fitted.get_feature_names_out()[0] == "textencoderclassifier0"
    with torch.no_grad():
        logits = fitted.module_.head[-1](torch.from_numpy(vectors)).numpy()
    assert_array_equal(fitted.classes_[logits.argmax(1)], fitted.predict(corpus.clips))


# In evaluations.


def test_it_is_searched_and_evaluated(encoder, corpus):
    net = _net(encoder, max_epochs=1)
    search = GridSearchCV(net, {"max_length": [8, 16]}, cv=SpeakerKFold(2))
    evaluation = evaluate({"net": net, "search": search}, corpus, cv=SpeakerKFold(2))
    assert evaluation.folds["error"].eq("").all()


# What is read.


def test_no_audio_is_opened(encoder, corpus, fitted):
    texts = corpus.clips.columns["transcript"]
    files = AudioClips.from_files(
        [f"gone/{at}.wav" for at in range(len(texts))], columns={"transcript": texts}
    )
    assert_array_equal(fitted.predict_proba(files), fitted.predict_proba(corpus.clips))
    _net(encoder, max_epochs=1).fit(files, corpus.target)


def test_texts_are_cut_and_cleaned(encoder, corpus, fitted):
    net = clone(fitted).set_params(max_length=4, clean=True)
    net.fit(corpus.clips, corpus.target)
    given = AudioClips.from_texts(["She, c\u00e9ried! and left", "She cried and then"])
    plain = AudioClips.from_texts(["She cried and left", "She cried"])
    assert_array_equal(net.predict_proba(given), net.predict_proba(plain))


@pytest.mark.parametrize("missing", [None, np.nan, "", " "])
def test_missing_transcripts(encoder, missing):
    clips = AudioClips.from_files(
        ["a.wav", "b.wav"], columns={"transcript": ["it is four", missing]}
    )
    net = _net(encoder, max_epochs=1)
    with pytest.raises(AudioError, match=r"Clip 1 \('b\.wav'\) has no word") as caught:
        net.fit(clips, ["neutral", "sad"])
    assert caught.value.indices == (1,)
    net.set_params(on_missing="empty").fit(clips, ["neutral", "sad"])
    empty = AudioClips.from_texts([""])
    assert_array_equal(net.predict_proba(clips[1:]), net.predict_proba(empty))


def test_what_is_refused(encoder, corpus, tmp_path):
    clips, target = corpus.clips, corpus.target
    with pytest.raises(ValueError, match="carries no column 'transcript'"):
        _net(encoder).fit(np.zeros((2, 400)), ["a", "b"])
    with pytest.raises(ValueError, match="X holds 0 clips"):
        _net(encoder).fit(clips[:0], target[:0])
    with pytest.raises(ValueError, match="max_length=65, but the checkpoint"):
        _net(encoder, max_length=65).fit(clips, target)
    with pytest.raises(ValueError, match="no folder"):
        _net(str(tmp_path / "none")).fit(clips, target)
    with pytest.raises(ValueError, match="one class only"):
        _net(encoder).fit(clips, ["sad"] * len(clips))
