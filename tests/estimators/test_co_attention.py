"""What co-attention takes, and what it says of what it does not take."""

import numpy as np
import pytest

from sersk.audio import FeatureStreams, FrameSequences
from sersk.features import SpeechEmbeddingSequence
from tests.estimators.co_attention_probes import (
    make_inputs,
    make_net,
    make_speech,
    shrink,
)

pytestmark = pytest.mark.usefixtures("one_thread", "small")


@pytest.fixture(autouse=True)
def small(monkeypatch):
    shrink(monkeypatch)


@pytest.fixture(scope="module")
def speech(tmp_path_factory):
    """Return 8 clips of 2 speakers, of which the inputs hold frames of an encoder."""
    speech = make_speech(tmp_path_factory.mktemp("encoder"), n_speakers=2)
    w2e = SpeechEmbeddingSequence(speech.encoder, cache=False)
    speech.features = make_inputs(w2e)
    speech.clips, speech.y = speech.clips[:8], speech.y[:8]
    speech.X = speech.features.fit_transform(speech.clips)
    return speech


def _with(X, **streams):
    return FeatureStreams({**dict(X.items()), **streams})


def _frames(n_features, *lengths, period=None):
    generator = np.random.default_rng(0)
    arrays = [generator.random((length, n_features)) for length in lengths]
    return FrameSequences.from_arrays(arrays, period=period)


def test_classes_are_those_of_the_fit(speech):
    some = speech.y != "sad"
    net = make_net().fit(speech.X[some], speech.y[some])
    assert net.classes_.tolist() == ["anger", "happy", "neutral"]
    assert net.predict_proba(speech.X).shape == (8, 3)


def test_one_clip_is_predicted_and_not_learned(speech):
    net = make_net().fit(speech.X, speech.y)
    assert net.predict(speech.X[:1]).shape == (1,)
    with pytest.raises(ValueError, match="y holds one class only"):
        make_net().fit(speech.X[:1], speech.y[:1])


def test_clips_that_a_stream_lacks_are_refused(speech):
    with pytest.raises(ValueError, match="must hold the same clips"):
        _with(speech.X, w2e=speech.X["w2e"][:7])


def test_streams_of_other_clips_are_refused(speech):
    longest = np.argsort(-speech.X["w2e"].lengths, kind="stable")
    X = _with(speech.X[longest], w2e=speech.X["w2e"][longest[::-1]])
    with pytest.raises(ValueError, match=r"Clip 0 lasts 0\.\d+ s in .* in w2e"):
        make_net().fit(X, speech.y)


def test_a_stream_that_was_cut_is_refused(speech):
    cut = FrameSequences.from_arrays(
        [frames[:-8] for frames in speech.X["w2e"]], period=speech.X["w2e"].period
    )
    net = make_net().fit(speech.X, speech.y)
    for run in (lambda X: make_net().fit(X, speech.y), net.predict):
        with pytest.raises(ValueError, match="what trims or pads goes in front of Fea"):
            run(_with(speech.X, w2e=cut))


def test_a_stream_that_is_missing_is_named(speech):
    X = FeatureStreams({name: speech.X[name] for name in ("mfcc", "w2e")})
    with pytest.raises(ValueError, match="X holds the streams mfcc, w2e, but this net"):
        make_net().fit(X, speech.y)
    net = make_net().fit(speech.X, speech.y)
    with pytest.raises(ValueError, match="takes mfcc, spectrogram, w2e"):
        net.predict(X)
    with pytest.raises(TypeError, match="this net takes mfcc, spectrogram, w2e"):
        net.predict(speech.X["mfcc"])


def test_a_stream_of_another_width_than_in_fit_is_refused(speech):
    net = make_net().fit(speech.X, speech.y)
    lengths = speech.X["mfcc"].lengths
    with pytest.raises(ValueError, match=r"X has features of width \{'mfcc': 12, "):
        net.predict(_with(speech.X, mfcc=_frames(12, *lengths)))


def test_waveforms_need_an_encoder(speech):
    X = make_inputs().fit_transform(speech.clips)
    with pytest.raises(ValueError, match="w2e holds one number a frame, as waveforms"):
        make_net().fit(X, speech.y)


@pytest.mark.parametrize(
    ("name", "n_frames", "limit"),
    [("mfcc", 301, 300), ("spectrogram", 301, 300), ("w2e", 150, 149)],
)
def test_longer_clips_than_published_are_named(name, n_frames, limit):
    widths = {"mfcc": 4, "spectrogram": 40, "w2e": 8}
    X = FeatureStreams({key: _frames(width, 9, 9) for key, width in widths.items()})
    longer = _with(X, **{name: _frames(widths[name], 9, n_frames)})
    net = make_net(form="published")
    message = f"Clip 1 has {n_frames} frames of {name}, but this net takes {limit} at"
    with pytest.raises(ValueError, match=message):
        net.fit(longer, ["sad", "happy"])
    with pytest.raises(ValueError, match=message):
        net.fit(X, ["sad", "happy"]).predict(longer)
    assert len(make_net().fit(longer, ["sad", "happy"]).predict(longer)) == 2


def test_values_that_are_not_finite_are_named(speech):
    frames = [np.array(one) for one in speech.X["w2e"]]
    frames[5][3, 2] = np.nan
    bad = FrameSequences.from_arrays(frames)
    with pytest.raises(ValueError, match="Clip 5 has values of w2e that are not fini"):
        make_net().fit(_with(speech.X, w2e=bad), speech.y)
