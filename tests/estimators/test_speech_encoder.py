"""Encoders that are fine-tuned: what they learn, and what they refuse."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.utils import check_random_state

import sersk
from sersk import AudioClips
from sersk.datasets import make_emotional_speech
from sersk.estimators import (
    SpeakerFoldVotingClassifier,
    SpeechEncoderClassifier,
    SpeechEncoderRegressor,
)
from sersk.evaluation import evaluate
from sersk.features import make_random_encoder
from sersk.metrics import mean_concordance
from sersk.model_selection import SpeakerKFold
from sersk.persistence import predict_files
from sersk.utils import AudioWarning
from tests.estimators.encoders import write_encoder

QUICK = {"lr": 1e-3, "dropout": 0.0, "random_state": 0}
AROUSAL = {"anger": 6.0, "happy": 5.0, "neutral": 3.0, "sad": 1.0}
VALENCE = {"anger": 1.0, "happy": 6.0, "neutral": 4.0, "sad": 2.0}


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return write_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module")
def corpus():
    return make_emotional_speech(
        n_speakers=6,
        n_sentences=1,
        duration=0.7,
        emotion_effect=2.0,
        speaker_effect=0.3,
        random_state=0,
    )


@pytest.fixture(scope="module")
def halves(corpus):
    """Clips of four speakers, and of two others."""
    test = np.isin(corpus.clips.speaker, np.unique(corpus.clips.speaker)[4:])
    return corpus[~test], corpus[test]


@pytest.fixture(scope="module")
def few(corpus):
    return corpus[np.arange(0, 48, 2)]


@pytest.fixture(scope="module")
def attributes(corpus):
    return np.column_stack(
        [[table[emotion] for emotion in corpus.target] for table in (AROUSAL, VALENCE)]
    )


def _classifier(encoder, **changes):
    settings = {"max_epochs": 2, "batch_size": 8, **QUICK, **changes}
    return SpeechEncoderClassifier(encoder, **settings)


def _regressor(encoder, **changes):
    settings = {"max_epochs": 2, "batch_size": 8, **QUICK, **changes}
    return SpeechEncoderRegressor(encoder, **settings)


def _weights(net):
    return torch.cat([value.flatten() for value in net.module_.state_dict().values()])


# What is learned.


def test_a_classifier_overfits_and_knows_other_speakers(encoder, halves):
    train, test = halves
    net = _classifier(encoder, max_epochs=12, spec_augment=False)
    net.fit(train.clips, train.target)
    assert net.score(train.clips, train.target) == 1.0
    # Of four classes.
    assert net.score(test.clips, test.target) >= 0.5
    assert net.history_["train_loss"].iloc[-1] < net.history_["train_loss"].iloc[0]


@pytest.mark.parametrize("loss", ["ccc", "mse"])
def test_a_regressor_learns_attributes(encoder, corpus, attributes, loss):
    train = np.isin(corpus.clips.speaker, np.unique(corpus.clips.speaker)[:4])
    net = _regressor(encoder, max_epochs=12, loss=loss)
    net.fit(corpus.clips[train], attributes[train])
    predicted = net.predict(corpus.clips)
    assert predicted.shape == attributes.shape
    assert mean_concordance(attributes[train], predicted[train]) > 0.9
    assert mean_concordance(attributes[~train], predicted[~train]) > 0.3


def test_degrees_are_learned_as_they_are(encoder, few):
    degrees = np.column_stack(
        [[table[emotion] for emotion in few.target] for table in (AROUSAL, VALENCE)]
    )
    net = _regressor(encoder, loss="mse", standardize=False, lr=1e-9, max_epochs=1)
    net.fit(few.clips, degrees)
    assert_array_equal([net.offset_, net.scale_], [[0, 0], [1, 1]])
    # Of an untrained net, the loss is the mean square of what degrees are away.
    away = ((net.predict(few.clips) - degrees) ** 2).mean()
    assert net.history_["train_loss"].iloc[0] == pytest.approx(away, rel=0.1)


def test_one_attribute_is_one_column(encoder, few):
    arousal = [AROUSAL[emotion] for emotion in few.target]
    net = _regressor(encoder).fit(few.clips, arousal)
    assert net.predict(few.clips[:5]).shape == (5,)
    assert_allclose(
        [net.offset_[0], net.scale_[0]], [np.mean(arousal), np.std(arousal)]
    )


def test_several_labels_a_clip(encoder, corpus):
    marks = pd.DataFrame(
        {
            "aroused": np.isin(corpus.target, ["anger", "happy"]).astype(int),
            "sad": (corpus.target == "sad").astype(int),
            "ever": np.arange(len(corpus)) % 2,
        }
    )
    net = _classifier(encoder, max_epochs=10).fit(corpus.clips, marks)
    assert_array_equal(net.classes_, ["aroused", "sad", "ever"])
    shares = net.predict_proba(corpus.clips)
    assert_array_equal(net.predict(corpus.clips), shares > 0.5)
    assert ((shares > 0) & (shares < 1)).all()
    assert not np.allclose(shares.sum(axis=1), 1.0)
    agreed = net.predict(corpus.clips) == marks.to_numpy()
    assert agreed[:, :2].mean() > 0.9


def test_a_frozen_encoder_stays_as_it_is(encoder, few):
    net = _classifier(encoder, trained_layers=0, lr=1e-2).fit(few.clips, few.target)
    whole = _classifier(encoder).fit(few.clips, few.target)
    before = sersk.features.load_speech_encoder(encoder).state_dict()
    for name, value in net.module_.encoder.state_dict().items():
        assert torch.equal(value, before[name])
    changed = {
        name
        for name, value in whole.module_.encoder.state_dict().items()
        if not torch.equal(value, before[name])
    }
    assert changed
    assert not any("feature_extractor" in name for name in changed)


def test_head_and_encoder_have_rates_of_their_own(encoder, few):
    start = _classifier(encoder, lr=1e-12, max_epochs=1).fit(few.clips, few.target)
    net = _classifier(encoder, lr=1e-12, head_lr=1e-2, max_epochs=1)
    net.fit(few.clips, few.target)

    def moved(part):
        one, other = (getattr(one.module_, part).state_dict() for one in (start, net))
        return max(float((one[name] - other[name]).abs().max()) for name in one)

    assert moved("encoder") < 1e-6
    assert moved("head") > 1e-3


def test_rates_rise_and_fall_in_a_line(encoder, few):
    from sersk.estimators._torch_fine_tuning import rate_factor

    net = _classifier(encoder, scheduler="linear", warmup=0.25, max_epochs=4)
    recipe = net._recipe(0)
    factors = [rate_factor(recipe, step, 2) for step in range(8)]
    assert_allclose(factors, [0, 1 / 2, 1, 5 / 6, 4 / 6, 3 / 6, 2 / 6, 1 / 6])
    net.fit(few.clips, few.target)
    assert len(net.history_) == 4


@pytest.mark.parametrize(("head", "size"), [("mlp", 6), ("tanh", 6), ("linear", 6)])
def test_vectors_are_what_the_last_layer_decides_by(encoder, few, head, size):
    net = _classifier(encoder, head=head, hidden_size=size, max_epochs=1)
    vectors = net.fit_transform(few.clips, few.target)
    assert vectors.shape == (len(few), size)
    assert list(net.get_feature_names_out())[-1] == "speechencoderclassifier5"
    last = [one for one in net.module_.head.modules() if hasattr(one, "in_features")]
    with torch.no_grad():
        logits = last[-1](torch.from_numpy(vectors)).numpy()
    assert_array_equal(net.classes_[logits.argmax(1)], net.predict(few.clips))


# What does not change the result.


def test_a_clip_has_the_same_scores_alone(encoder, few):
    net = _classifier(encoder).fit(few.clips, few.target)
    together = net.predict_proba(few.clips)
    assert_allclose(together.sum(axis=1), 1.0, rtol=1e-5)
    for index in (0, 7):
        alone = net.predict_proba(few.clips[index : index + 1])[0]
        assert_allclose(alone, together[index], atol=1e-5)
    reverse = net.predict_proba(few.clips[::-1])[::-1]
    assert_allclose(reverse, together, atol=1e-5)


@pytest.mark.parametrize("make", [_classifier, _regressor])
def test_accumulation_changes_nothing(make, encoder, few):
    y = few.target if make is _classifier else [AROUSAL[name] for name in few.target]
    whole = make(encoder, batch_size=16, micro_batch_size=16, spec_augment=False)
    parts = clone(whole).set_params(micro_batch_size=3)
    whole.fit(few.clips, y)
    parts.fit(few.clips, y)
    assert_allclose(_weights(parts), _weights(whole), atol=2e-4)
    assert_allclose(parts.history_, whole.history_, rtol=1e-4)


def test_the_same_seed_gives_the_same_net(encoder, few):
    nets = [
        _classifier(encoder, dropout=0.5, random_state=seed).fit(few.clips, few.target)
        for seed in (3, 3, 4)
    ]
    assert torch.equal(_weights(nets[0]), _weights(nets[1]))
    assert not torch.equal(_weights(nets[0]), _weights(nets[2]))


def test_global_generators_are_left_alone(encoder, few):
    torch_state = torch.random.get_rng_state()
    numpy_state = check_random_state(None).get_state()[1].copy()
    net = _classifier(encoder, dropout=0.5, random_state=None)
    net.fit(few.clips, few.target).predict(few.clips)
    assert torch.equal(torch.random.get_rng_state(), torch_state)
    assert_array_equal(check_random_state(None).get_state()[1], numpy_state)


def test_a_fitted_net_can_be_pickled_and_saved(encoder, few, tmp_path):
    net = _classifier(encoder).fit(few.clips, few.target)
    expected = net.predict_proba(few.clips)
    assert_array_equal(
        pickle.loads(pickle.dumps(net)).predict_proba(few.clips), expected
    )
    sersk.save(net, tmp_path / "model")
    assert_array_equal(
        sersk.load(tmp_path / "model").predict_proba(few.clips), expected
    )


def test_a_saved_net_hears_files(encoder, few, write_wav, tmp_path):
    net = _classifier(encoder, max_epochs=1).fit(few.clips, few.target)
    sersk.save(net, tmp_path / "model")
    path = write_wav(few.clips[0], subtype="FLOAT")
    table = predict_files(tmp_path / "model", [path])
    assert_array_equal(table["prediction"], net.predict([str(path)]))


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_precision(encoder, few, precision):
    net = _classifier(encoder, precision=precision).fit(few.clips, few.target)
    shares = net.predict_proba(few.clips)
    assert shares.dtype == np.float32
    assert torch.isfinite(_weights(net)).all()
    assert {value.dtype for value in net.module_.parameters()} == {torch.float32}
    exact = _classifier(encoder).fit(few.clips, few.target).predict_proba(few.clips)
    assert_allclose(shares, exact, atol=0.1)


# What is heard.


def test_waveforms_are_normalised_by_the_clips_that_are_trained_on(encoder, few):
    train = few.clips.speaker != few.clips.speaker[0]
    clips = few.clips.with_columns({"validation": ~train})
    net = _classifier(encoder, max_epochs=1).fit(clips, few.target)
    samples = np.concatenate([*few.clips[train]]).astype(float)
    assert net.mean_ == pytest.approx(samples.mean(), rel=1e-6)
    assert net.deviation_ == pytest.approx(samples.std(), rel=1e-6)
    assert list(net.history_) == ["epoch", "train_loss", "valid_loss", "valid_score"]


@pytest.mark.parametrize("normalize", ["clip", None])
def test_other_normalisations(encoder, few, normalize):
    net = _classifier(encoder, normalize=normalize).fit(few.clips, few.target)
    assert (net.mean_, net.deviation_) == (0.0, 1.0)
    louder = AudioClips.from_arrays([2 * w for w in few.clips], sampling_rate=16_000)
    shares = (net.predict_proba(clips) for clips in (few.clips, louder))
    assert np.allclose(*shares, atol=1e-3) == (normalize == "clip")


def test_clips_are_cut(encoder, few):
    net = _classifier(encoder, crop=0.3)
    with pytest.warns(AudioWarning, match="crop=0.3 removes"):
        net.fit(few.clips, few.target)
    short = AudioClips.from_arrays([w[:4_800] for w in few.clips], sampling_rate=16_000)
    assert_array_equal(net.predict_proba(few.clips), net.predict_proba(short))


def test_clips_shorter_than_a_frame_are_padded(encoder, few):
    net = _classifier(encoder).fit(few.clips, few.target)
    assert np.isfinite(net.predict_proba([np.zeros(3), np.ones(500)])).all()


# Stopping early.


def test_speakers_are_held_out(encoder, few):
    net = _classifier(encoder, early_stopping=True, max_epochs=4, patience=1)
    net.fit(few.clips, few.target)
    scores = net.history_["valid_score"]
    assert net.best_epoch_ == scores.idxmax() + 1
    by_loss = clone(net).set_params(monitor="loss").fit(few.clips, few.target)
    assert by_loss.best_epoch_ == by_loss.history_["valid_loss"].idxmin() + 1


def test_the_best_epoch_is_what_is_kept(encoder, few):
    net = _classifier(encoder, early_stopping=True, max_epochs=5, lr=1e-2)
    net.fit(few.clips, few.target)
    until = clone(net).set_params(max_epochs=net.best_epoch_)
    until.fit(few.clips, few.target)
    assert torch.equal(_weights(net), _weights(until))


def test_a_regressor_stops_early(encoder, few):
    arousal = [AROUSAL[emotion] for emotion in few.target]
    net = _regressor(encoder, early_stopping=True, monitor="loss")
    net.fit(few.clips, arousal)
    # Of one attribute the two are one: on all validation clips at once.
    assert_allclose(net.history_["valid_loss"], 1 - net.history_["valid_score"], 1e-4)


def test_estimators_around_it_choose_validation_clips(encoder, few):
    net = _classifier(encoder, max_epochs=1)
    vote = SpeakerFoldVotingClassifier(net, cv=SpeakerKFold(2), mark_validation=True)
    vote.fit(few.clips, few.target)
    assert all("valid_score" in member.history_ for member in vote.members_)


# In evaluations.


def test_it_is_searched_and_evaluated(encoder, few):
    net = _classifier(encoder, max_epochs=1)
    search = GridSearchCV(net, {"lr": [1e-4, 1e-3]}, cv=SpeakerKFold(2))
    evaluation = evaluate({"net": net, "search": search}, few, cv=SpeakerKFold(2))
    assert evaluation.folds["error"].eq("").all()


# What is refused.


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "no/such/folder"}, "no folder"),
        ({"trained_layers": 2}, "the encoder has 1 layers"),
        ({"train_front": True, "trained_layers": 1}, "train_front=True needs"),
        ({"device": "cuda:7"}, "device='cuda:7' cannot be used"),
        ({"device": "abacus"}, "device='abacus' cannot be used"),
        ({"pooling": "median"}, "'pooling' parameter"),
        ({"resume": True}, "Pass checkpoint="),
        ({"crop": 0}, "'crop' parameter"),
    ],
)
def test_bad_parameters(encoder, few, changes, message):
    with pytest.raises(ValueError, match=message):
        _classifier(encoder).set_params(**changes).fit(few.clips, few.target)


def test_other_architectures_are_refused(few, tmp_path):
    from transformers import BertConfig, BertModel

    config = BertConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=1)
    BertModel(config).save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="architecture 'bert'"):
        _classifier(str(tmp_path)).fit(few.clips, few.target)


def test_bad_targets(encoder, few):
    net = _classifier(encoder)
    with pytest.raises(ValueError, match="one class only"):
        net.fit(few.clips, ["sad"] * len(few))
    with pytest.raises(ValueError, match="a regressor, such as SpeechEncoderRegressor"):
        net.fit(few.clips, np.random.default_rng(0).normal(size=(len(few), 2)))
    with pytest.raises(ValueError, match="0 where not, but it holds 2"):
        net.fit(few.clips, np.full((len(few), 2), 2))
    with pytest.raises(ValueError, match="is for one label a clip"):
        clone(net).set_params(class_weight="balanced").fit(
            few.clips, np.eye(3, dtype=int)[np.arange(len(few)) % 3]
        )
    with pytest.raises(ValueError, match=r"NaN .* \(first: clip 0\)"):
        _regressor(encoder).fit(few.clips, [np.nan] * len(few))
    with pytest.raises(ValueError, match="needs two at least"):
        _regressor(encoder).fit(few.clips[:1], [1.0])
    with pytest.raises(ValueError, match="needs two at least"):
        net.fit(few.clips[:1], [[1, 0]])


def test_degrees_that_teach_nothing(encoder, few):
    with pytest.raises(ValueError, match=r"y is 1 for all .* clips to learn from"):
        _regressor(encoder, loss="ccc").fit(few.clips, np.ones(len(few)))
    with pytest.raises(ValueError, match="batch_size=1 does not go with loss='ccc'"):
        _regressor(encoder, loss="ccc", batch_size=1).fit(
            few.clips, np.arange(len(few))
        )


@pytest.mark.parametrize("early_stopping", [False, True])
# The last is more than single precision holds.
@pytest.mark.parametrize("lr", [1e30, 1e38])
def test_training_that_diverges_says_so(encoder, few, lr, early_stopping):
    # The loss of the only epoch is that before its only step.
    net = _classifier(
        encoder, max_epochs=1, batch_size=100, lr=lr, early_stopping=early_stopping
    )
    with pytest.raises(ValueError, match=r"diverges with lr=1e.3.|clip 0 values that"):
        net.fit(few.clips, few.target).predict(few.clips)


def test_threads_fit_what_one_fits(encoder, few):
    def fit(_):
        net = _classifier(encoder, max_epochs=1).fit(few.clips, few.target)
        return _weights(net)

    before = torch.get_rng_state()
    alone = fit(None)
    with ThreadPoolExecutor(3) as pool:
        for weights in pool.map(fit, range(3)):
            assert_array_equal(weights, alone)
    assert torch.equal(torch.get_rng_state(), before)


def test_bad_clips(encoder, few):
    net = _classifier(encoder, early_stopping=True)
    one = few.clips.speaker == few.clips.speaker[0]
    with pytest.raises(ValueError, match="All clips are of the speaker"):
        net.fit(few.clips[one], few.target[one])
    with pytest.raises(ValueError, match="carries no column 'speaker'"):
        net.fit([*few.clips], few.target)
    with pytest.raises(sersk.AudioError, match="Clip 0"):
        _classifier(encoder).fit(["gone.wav", "lost.wav"], ["a", "b"])


def test_random_encoders_of_every_kind_are_trained(few, tmp_path):
    for number, name in enumerate(("hubert", "wavlm")):
        folder = make_random_encoder(tmp_path / name, name, layer_norm=bool(number))
        net = _classifier(folder, max_epochs=1, trained_layers=1)
        net.fit(few.clips[:4], ["a", "b", "a", "b"])
        assert np.isfinite(net.predict_proba(few.clips[:4])).all()
