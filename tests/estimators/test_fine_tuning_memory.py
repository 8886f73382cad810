"""Fine-tuning where the device runs out of memory: less at a time, and the same net."""

import warnings
from typing import ClassVar

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from sklearn.base import clone

import sersk.nets
from sersk.datasets import make_emotional_speech
from sersk.estimators import SpeechEncoderClassifier, SpeechEncoderRegressor
from sersk.estimators._fine_tuning_batches import make_batches
from sersk.utils import EvaluationWarning
from tests.estimators.encoders import write_encoder

AROUSAL = {"anger": 6.0, "happy": 5.0, "neutral": 3.0, "sad": 1.0}


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return write_encoder(tmp_path_factory.mktemp("encoder"), mask_time_prob=0.0)


@pytest.fixture(scope="module")
def corpus():
    return make_emotional_speech(
        n_speakers=2, n_repetitions=2, n_sentences=1, duration=0.7, random_state=0
    )


class _Exhausting(torch.autograd.Function):
    """Run out of memory on the way back."""

    @staticmethod
    def forward(context, x, limit):
        context.limit = limit
        return x.clone()

    @staticmethod
    def backward(context, gradient):
        if len(gradient) > context.limit:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return gradient, None


@pytest.fixture
def short_of_memory(monkeypatch):
    """Return a function after which nets take no more than some clips at a time."""

    def limit(n_clips, *, where="forward", evaluating=False):
        class Tight(sersk.nets.SpeechEncoderNet):
            tried: ClassVar[list[int]] = []

            def forward(self, waveforms, lengths):
                self.tried.append(len(waveforms))
                concerned = self.training != evaluating
                if where == "forward" and concerned and len(waveforms) > n_clips:
                    raise torch.OutOfMemoryError("CUDA out of memory.")
                outputs = super().forward(waveforms, lengths)
                if where == "backward" and torch.is_grad_enabled():
                    return _Exhausting.apply(outputs, n_clips)
                return outputs

        monkeypatch.setattr("sersk.nets.SpeechEncoderNet", Tight)
        return Tight.tried

    return limit


def _make(kind, encoder, **changes):
    settings = {
        "max_epochs": 2,
        "batch_size": 12,
        "micro_batch_size": 12,
        "lr": 1e-3,
        "dropout": 0.0,
        "spec_augment": False,
        "random_state": 0,
    }
    return kind(encoder, **settings | changes)


def _targets(kind, corpus):
    if kind is SpeechEncoderClassifier:
        return corpus.target
    return np.array([AROUSAL[emotion] for emotion in corpus.target])


def _weights(net):
    return torch.nn.utils.parameters_to_vector(net.module_.parameters()).detach()


@pytest.mark.parametrize("kind", [SpeechEncoderClassifier, SpeechEncoderRegressor])
@pytest.mark.parametrize("where", ["forward", "backward"])
def test_less_is_computed_at_a_time(kind, where, encoder, corpus, short_of_memory):
    y = _targets(kind, corpus)
    roomy = _make(kind, encoder).fit(corpus.clips, y)
    tried = short_of_memory(3, where=where)
    with pytest.warns(EvaluationWarning) as caught:
        tight = _make(kind, encoder).fit(corpus.clips, y)
    assert_allclose(_weights(tight), _weights(roomy), atol=2e-4)
    assert_allclose(tight.history_, roomy.history_, rtol=1e-4)
    told = [str(warning.message) for warning in caught]
    assert len(told) == 2
    assert "'cpu' has too little memory for 12 clips at a time" in told[0]
    assert "Training goes on with 3, in batches as large as before" in told[1]
    assert "micro_batch_size=3 saves the attempt" in told[1]
    # What was found too much is not tried again.
    assert max(tried[tried.index(3) :]) == 3


def test_randomness_does_not_depend_on_the_attempt(encoder, corpus, short_of_memory):
    settings = {"dropout": 0.5, "micro_batch_size": 3}
    small = _make(SpeechEncoderClassifier, encoder, **settings)
    small.fit(corpus.clips, corpus.target)
    short_of_memory(3)
    tight = clone(small).set_params(micro_batch_size=12)
    with pytest.warns(EvaluationWarning, match="too little memory"):
        tight.fit(corpus.clips, corpus.target)
    assert_allclose(_weights(tight), _weights(small), atol=1e-6)


@pytest.mark.parametrize("micro_batch_size", [1, 4])
def test_one_clip_is_too_much(encoder, corpus, short_of_memory, micro_batch_size):
    short_of_memory(0)
    net = _make(SpeechEncoderClassifier, encoder, micro_batch_size=micro_batch_size)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EvaluationWarning)
        with pytest.raises(
            MemoryError,
            match=r"'cpu' .* for a clip of 0\.\d\d s \(crop=\S+\), even alone\. Pass "
            r"shorter clips .* trained_layers, precision='bfloat16', or device='cpu'",
        ):
            net.fit(corpus.clips, corpus.target)


def test_predictions_are_made_in_halves(encoder, corpus, short_of_memory):
    tried = short_of_memory(5, evaluating=True)
    net = _make(SpeechEncoderClassifier, encoder, max_epochs=1)
    net.fit(corpus.clips, corpus.target)
    tried.clear()
    actual = net.predict_proba(corpus.clips)
    assert tried[:4] == [12, 6, 3, 3]
    expected = net.set_params(micro_batch_size=1).predict_proba(corpus.clips)
    assert_allclose(actual, expected, atol=1e-5)


def test_one_clip_is_too_much_to_predict(encoder, corpus, short_of_memory):
    short_of_memory(0, evaluating=True)
    net = _make(SpeechEncoderClassifier, encoder, max_epochs=1)
    net.fit(corpus.clips, corpus.target)
    with pytest.raises(MemoryError, match=r"a clip of 0\.\d\d s .*, even alone\."):
        net.predict(corpus.clips[:2])
    assert next(net.module_.parameters()).device.type == "cpu"


def test_a_batch_is_cut_without_padding_that_is_not_needed():
    (batch,) = make_batches([np.ones(n) for n in (2, 5, 3, 1)], 4)
    assert batch.cut(4) == [batch]
    parts = batch.cut(2)
    assert [part.inputs.shape for part in parts] == [(2, 5), (2, 2)]
    assert [part.rows.tolist() for part in parts] == [[1, 2], [0, 3]]
    assert [part.lengths.tolist() for part in parts] == [[5, 3], [2, 1]]
