"""Every net learns: a few clips by heart, and something of unheard speakers."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone

from sersk.audio import FrameSequences
from sersk.estimators import CNN1DRegressor, CNN2DRegressor, CRNNRegressor
from sersk.metrics import mean_concordance, unweighted_accuracy
from tests.estimators.net_probes import CASES, FEW, NARROW, TRUNK

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def unheard(speech):
    """Tell which clips are of the two speakers that no net hears."""
    return np.isin(speech.speaker, ["05", "06"])


@pytest.mark.parametrize("name", CASES)
def test_it_learns_32_clips_by_heart(name, speech):
    case = CASES[name]
    net = clone(case.net).set_params(**case.by_heart)
    X, y = getattr(speech, case.features)[:32], speech.y[:32]
    assert unweighted_accuracy(y, net.fit(X, y).predict(X)) >= 0.9


@pytest.mark.parametrize("name", CASES)
def test_it_beats_chance_on_unheard_speakers(name, speech, unheard):
    case = CASES[name]
    X = getattr(speech, case.features)
    net = clone(case.net).fit(X[~unheard], speech.y[~unheard])
    found = net.predict(X[unheard])
    assert unweighted_accuracy(speech.y[unheard], found) >= 0.4  # chance: 0.25
    probabilities = net.predict_proba(X[unheard])
    assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert (net.classes_[probabilities.argmax(axis=1)] == found).all()


def test_an_image_trunk_learns(speech, unheard, monkeypatch):
    monkeypatch.setattr("sersk.nets._spectrogram_trunk._SIZE", (64, 64))
    net = clone(TRUNK).fit(speech.mel[~unheard], speech.y[~unheard])
    found = net.predict(speech.mel[unheard])
    assert unweighted_accuracy(speech.y[unheard], found) >= 0.4


@pytest.mark.parametrize("loss", ["ccc", "mse"])
@pytest.mark.parametrize(
    ("net", "features"),
    [
        (CNN1DRegressor(n_frames=50, max_epochs=15, **FEW), "mfcc"),
        (CNN2DRegressor(6, max_epochs=12, **FEW), "mfcc"),
        (CRNNRegressor(max_epochs=20, **NARROW), "mfcc"),
    ],
    ids=["CNN1D", "CNN2D", "CRNN"],
)
def test_a_regressor_learns_degrees(net, features, loss, speech, unheard):
    X = getattr(speech, features)
    # Far from 0 and of different widths, as scales of raters are.
    y = np.column_stack(
        [
            3 + 2 * np.isin(speech.y, ["anger", "happy"]),
            40 + 10.0 * (speech.y == "sad"),
        ]
    )
    net = clone(net).set_params(loss=loss).fit(X[~unheard], y[~unheard])
    found = net.predict(X[unheard])
    assert found.shape == (unheard.sum(), 2)
    assert mean_concordance(y[unheard], found) > 0.3


def test_one_attribute_comes_back_in_the_shape_that_it_had(speech):
    y = np.linspace(1, 7, len(speech.y))
    net = CNN1DRegressor(5, max_epochs=1, **FEW)
    assert net.fit(speech.mfcc, y).predict(speech.mfcc).shape == (72,)
    assert net.fit(speech.mfcc, y[:, None]).predict(speech.mfcc).shape == (72, 1)
    assert_allclose([net.offset_[0], net.scale_[0]], [4, np.std(y)])


# A prediction depends on the clip alone.


@pytest.mark.parametrize("name", CASES)
def test_batch_mates_and_padding_change_no_prediction(name, speech):
    case = CASES[name]
    X = getattr(speech, case.features)[:12]
    net = clone(case.net).set_params(max_epochs=1).fit(X, speech.y[:12])
    together = net.predict_proba(X)
    alone = np.concatenate([net.predict_proba(X[[index]]) for index in range(12)])
    assert_allclose(alone, together, atol=1e-5)
    backwards = net.predict_proba(X[::-1])[::-1]
    assert_allclose(backwards, together, atol=1e-5)
    whole = net.set_params(batch_size=5).predict_proba(X)
    assert_allclose(whole, together, atol=1e-5)


def test_a_net_of_fixed_length_pads_with_the_floor(speech):
    clips = speech.mfcc[:8]
    floor = clips.pad_value
    longer = [
        np.concatenate([clip, np.tile(floor, (50 - len(clip), 1))]) for clip in clips
    ]
    net = clone(CASES["CNN1D of 3"].net).set_params(max_epochs=1)
    net.fit(clips, speech.y[:8])
    expected = net.predict_proba(FrameSequences.from_arrays(longer))
    assert_allclose(net.predict_proba(clips), expected, atol=1e-6)
