"""What holds for every augmenter."""

import pickle

import numpy as np
import pytest
from joblib import Parallel, delayed
from numpy.testing import assert_array_equal
from sklearn.base import clone

import sersk.augmentation
from sersk import AudioClips
from sersk.augmentation import AddNoise, BaseAugmenter, Gain, OneOf
from sersk.augmentation._base import (
    RandomOperation,
    check_augmenters,
    check_span,
    spawn_seeds,
)
from tests.augmentation.conftest import RATE, every_augmenter

AUGMENTERS = every_augmenter()
FIXED = {"LowRate", "MuLaw"}


@pytest.fixture(params=AUGMENTERS)
def name(request):
    return request.param


@pytest.fixture
def augmenter(name):
    return AUGMENTERS[name]


def _read(clips):
    return list(clips)


def test_every_public_augmenter_is_here():
    public = {
        name
        for name in sersk.augmentation.__all__
        if isinstance(value := getattr(sersk.augmentation, name), type)
        and issubclass(value, BaseAugmenter)
    }
    assert public - {"BaseAugmenter"} == set(AUGMENTERS)


def test_what_it_does_is_decided_by_the_clip_and_the_seed(augmenter, clips):
    augmented = clips.apply(augmenter.operation(3))
    for index, waveform in enumerate(augmented):
        alone = clips[[index]].apply(augmenter.operation(3))
        assert_array_equal(alone[0], waveform)
        assert waveform.dtype == np.float32
        assert np.isfinite(waveform).all()
        assert waveform.tobytes() != clips[index].tobytes()


def test_another_seed_does_something_else(name, augmenter, clips):
    one, other = (clips.apply(augmenter.operation(seed)) for seed in (3, 4))
    differs = any(a.tobytes() != b.tobytes() for a, b in zip(one, other, strict=True))
    assert differs is (name not in FIXED)
    assert (one.digests != other.digests) is (name not in FIXED)


def test_other_clips_draw_other_numbers():
    same = [np.full(100, 0.25), np.full(101, 0.25)]
    clips = AudioClips.from_arrays(same, sampling_rate=RATE)
    one, other = clips.apply(Gain().operation(0))
    assert one[0] != other[0]


def test_the_clips_are_not_changed(augmenter, clips):
    before = [waveform.copy() for waveform in clips]
    _read(clips.apply(augmenter.operation(0)))
    for waveform, copy in zip(clips, before, strict=True):
        assert_array_equal(waveform, copy)


def test_workers_do_the_same(augmenter, clips):
    augmented = clips.apply(augmenter.operation(0))
    pickled = pickle.loads(pickle.dumps(augmented))
    assert pickled.digests == augmented.digests
    for waveform, other in zip(augmented, pickled, strict=True):
        assert_array_equal(waveform, other)


def test_other_processes_do_the_same(clips):
    augmented = [clips.apply(a.operation(0)) for a in AUGMENTERS.values()]
    elsewhere = Parallel(n_jobs=2)(delayed(_read)(one) for one in augmented)
    for one, other in zip(augmented, elsewhere, strict=True):
        for waveform, expected in zip(other, one, strict=True):
            assert_array_equal(waveform, expected)


def test_copies_have_the_same_parameters_and_the_same_key(augmenter):
    copy = clone(augmenter)
    assert copy.operation(7).key == augmenter.operation(7).key
    assert set(copy.get_params(deep=False)) == set(augmenter.get_params(deep=False))


def test_every_parameter_is_in_the_key(name, augmenter):
    others = {
        "augmenters": [Gain((0, 1))],
        "bits": 5,
        "color": "pink",
        "drr": 3.0,
        "factor": 1.01,
        "gain": (0, 1),
        "mode": "pad",
        "noises": [np.linspace(0, 0.5, 99)],
        "rate": 1.01,
        "responses": [np.linspace(0, 0.5, 99)],
        "rt60": 0.1,
        "sampling_rate": 4_000,
        "seconds": 0.01,
        "semitones": 1,
        "snr": 1,
    }
    for parameter in augmenter.get_params(deep=False):
        other = clone(augmenter).set_params(**{parameter: others[parameter]})
        assert other.operation(7).key != augmenter.operation(7).key


def test_the_key_names_numpy(augmenter, name, monkeypatch):
    before = augmenter.operation(0).key
    monkeypatch.setattr("numpy.__version__", "99.0")
    assert (augmenter.operation(0).key != before) is (name not in FIXED)


@pytest.mark.parametrize("length", [1, 2, 10])
def test_short_clips_can_be_augmented(augmenter, length):
    short = AudioClips.from_arrays([np.full(length, 0.25)], sampling_rate=RATE)
    (waveform,) = short.apply(augmenter.operation(0))
    assert len(waveform) >= 1
    assert np.isfinite(waveform).all()


def test_silence_stays_silent(name, augmenter):
    silence = AudioClips.from_arrays([np.zeros(5_000)], sampling_rate=RATE)
    (waveform,) = silence.apply(augmenter.operation(0))
    # Mu-law has no level for silence: it has half a step.
    assert np.abs(waveform).max() <= (1e-4 if name == "MuLaw" else 0)


def test_numbers_stand_for_themselves():
    assert check_span("snr", 5) == (5, 5)
    assert check_span("snr", [5, 6.5]) == (5, 6.5)


@pytest.mark.parametrize(
    "value", [(2, 1), (np.nan, 1), (1, np.nan), np.nan, np.inf, (1,), (1, 2, 3), "ab"]
)
def test_bad_ranges_are_refused(value):
    with pytest.raises(ValueError, match=r"^snr="):
        check_span("snr", value)


def test_limits_are_named():
    with pytest.raises(ValueError, match=r"^rate=0 must lie between 0.25 and 4\.$"):
        check_span("rate", 0, least=0.25, most=4)


@pytest.mark.parametrize(
    ("augmenters", "error", "said"),
    [
        ([], ValueError, "augmenters is empty"),
        ((), ValueError, "augmenters is empty"),
        ("noise", TypeError, "must be an augmenter or a list"),
        (AddNoise, TypeError, "must be an augmenter or a list"),
        ([AddNoise], TypeError, "which is no augmenter"),
        ([Gain(), None], TypeError, "holds None, which is no augmenter"),
    ],
)
def test_what_is_no_augmenter_is_refused(augmenters, error, said):
    with pytest.raises(error, match=said):
        check_augmenters(augmenters)


def test_one_augmenter_is_enough():
    gain = Gain()
    assert check_augmenters(gain) == [gain]
    assert clone(OneOf(gain)).set_params(augmenters__gain=3).augmenters.gain == 3


def test_seeds_are_spawned_without_relation():
    assert len(set(spawn_seeds(0, 50) + spawn_seeds(1, 50))) == 100


def test_an_augmenter_of_nothing_says_so(clips):
    with pytest.raises(NotImplementedError, match="BaseAugmenter"):
        BaseAugmenter().operation(0)
    with pytest.raises(NotImplementedError, match="RandomOperation"):
        clips.apply(RandomOperation(0))[0]
