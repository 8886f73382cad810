"""Functionals of acoustic descriptors against librosa, numpy and scipy."""

import librosa
import numpy as np
import pytest
import scipy.stats
from numpy.testing import assert_allclose, assert_array_equal

from sersk.datasets import load_emodb, make_emotional_speech
from sersk.features import AcousticFunctionals

RATE = 16_000
FRAMES = {"n_fft": 2048, "hop_length": 512}
DESCRIPTORS = (
    "mfcc",
    "mfcc_delta",
    "mfcc_delta2",
    "power_mfcc",
    "mel",
    "log_mel",
    "zcr",
    "rms",
    "waveform",
)
# Absolute tolerance of each descriptor; what has none is compared by ratio, to 1e-4.
TOLERANCE = {
    "mfcc": 1e-3,
    "mfcc_delta": 1e-3,
    "mfcc_delta2": 1e-3,
    "log_mel": 1e-3,
    "zcr": 1e-6,
    "rms": 1e-6,
    "waveform": 1e-6,
}


@pytest.fixture(scope="module")
def synthetic():
    """Two synthetic utterances, of about 1 s, as arrays."""
    corpus = make_emotional_speech(n_speakers=1, random_state=1)
    return list(corpus.clips[:2])


@pytest.fixture(scope="module", params=["synthetic", "emodb"])
def waveforms(request):
    """Utterances to compare on: synthetic ones, and real ones where there are any."""
    if request.param == "synthetic":
        return request.getfixturevalue("synthetic")
    return list(load_emodb(request.getfixturevalue("emodb_root")).clips[::200])


def by_librosa(y, name, n_mfcc=40):
    """Compute one descriptor the way a user of librosa would."""
    mel = librosa.feature.melspectrogram(y=y, sr=RATE, n_mels=128, **FRAMES)
    mfcc = librosa.feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=n_mfcc)
    frames = {"frame_length": 2048, "hop_length": 512}
    descriptors = {
        "mfcc": lambda: mfcc,
        "mfcc_delta": lambda: librosa.feature.delta(mfcc),
        "mfcc_delta2": lambda: librosa.feature.delta(mfcc, order=2),
        "power_mfcc": lambda: librosa.feature.mfcc(S=mel, n_mfcc=n_mfcc),
        "mel": lambda: mel,
        "log_mel": lambda: librosa.power_to_db(mel, ref=np.max),
        "zcr": lambda: librosa.feature.zero_crossing_rate(y, **frames),
        "rms": lambda: librosa.feature.rms(y=y, **frames),
        "waveform": lambda: y[np.newaxis],
    }
    return descriptors[name]().astype(np.float64)


def assert_close(actual, desired, name):
    scale = np.abs(desired).max()
    relative, absolute = (0.0, TOLERANCE[name]) if name in TOLERANCE else (1e-4, 0.0)
    if name == "power_mfcc":
        # Sums of power of both signs: what is left of them is as exact as they were.
        absolute = 1e-6 * scale
    assert_allclose(actual, desired, rtol=relative, atol=absolute)


# The two variants that published systems use, and the default.


def test_default_is_338_columns_of_librosa(waveforms):
    features = AcousticFunctionals().fit_transform(waveforms)
    assert features.shape == (len(waveforms), 338)
    for row, y in zip(features, waveforms, strict=True):
        parts = np.split(row, [40, 80, 208, 336])
        mfcc, mel = by_librosa(y, "mfcc"), by_librosa(y, "mel")
        assert_close(parts[0], mfcc.mean(axis=1), "mfcc")
        assert_close(parts[1], mfcc.std(axis=1), "mfcc")
        assert_close(parts[2], mel.mean(axis=1), "mel")
        assert_close(parts[3], mel.std(axis=1), "mel")
        zcr = by_librosa(y, "zcr")
        assert_close(parts[4], [zcr.mean(), zcr.std()], "zcr")


def test_284_dimensions(waveforms):
    features = AcousticFunctionals(n_mfcc=13).fit_transform(waveforms)
    assert features.shape == (len(waveforms), 284)
    for row, y in zip(features, waveforms, strict=True):
        mfcc = by_librosa(y, "mfcc", n_mfcc=13)
        assert_close(row[:13], mfcc.mean(axis=1), "mfcc")
        assert_close(row[13:26], mfcc.std(axis=1), "mfcc")


def test_eight_scalars(waveforms):
    # Peak-normalised, trimmed at -60 dB and cut or padded to 3 s, as in that system.
    prepared = [
        librosa.util.fix_length(
            librosa.effects.trim(y / np.abs(y).max(), top_db=60)[0], size=3 * RATE
        )
        for y in waveforms
    ]
    extractor = AcousticFunctionals(
        ("waveform", "power_mfcc", "log_mel", "zcr"),
        per_coefficient=False,
        n_mfcc=13,
        fmax=8_000.0,
    )
    features = extractor.fit_transform(prepared)
    names = ["waveform", "power_mfcc", "log_mel", "zcr"]
    assert_array_equal(
        extractor.get_feature_names_out(),
        [f"{name}_{statistic}" for name in names for statistic in ("mean", "std")],
    )
    for row, y in zip(features, prepared, strict=True):
        descriptors = [by_librosa(y, name, n_mfcc=13) for name in names]
        expected = [value for d in descriptors for value in (d.mean(), d.std())]
        assert_allclose(row, expected, rtol=1e-4, atol=1e-6)


# Every descriptor and every functional.


@pytest.mark.parametrize("name", DESCRIPTORS)
def test_descriptors(name, waveforms):
    extractor = AcousticFunctionals((name,), ("mean", "std"))
    features = extractor.fit_transform(waveforms)
    for row, y in zip(features, waveforms, strict=True):
        desired = by_librosa(y, name)
        mean, std = np.split(row, 2)
        assert_close(mean, desired.mean(axis=1), name)
        assert_close(std, desired.std(axis=1), name)


@pytest.mark.parametrize(
    ("functional", "compute"),
    [
        ("mean", np.mean),
        ("std", np.std),
        ("min", np.min),
        ("max", np.max),
        ("median", np.median),
        ("percentile_5", lambda frames: np.percentile(frames, 5)),
        ("percentile_95", lambda frames: np.percentile(frames, 95)),
        ("skewness", scipy.stats.skew),
        ("kurtosis", scipy.stats.kurtosis),
        ("slope", lambda frames: np.polyfit(np.arange(len(frames)), frames, 1)[0]),
    ],
)
def test_functionals(functional, compute, synthetic):
    features = AcousticFunctionals(("rms", "zcr"), (functional,)).transform(synthetic)
    for row, y in zip(features, synthetic, strict=True):
        expected = [compute(by_librosa(y, name)[0]) for name in ("rms", "zcr")]
        assert_allclose(row, expected, rtol=1e-3, atol=1e-7)


@pytest.mark.parametrize(
    "parameters",
    [
        {"n_fft": 512, "hop_length": 160},
        {"n_fft": 1024, "win_length": 400, "hop_length": 160, "window": "hamming"},
        {"n_mels": 40, "fmin": 50.0, "fmax": 7_000.0},
        {"n_mels": 64, "htk": True},
    ],
    ids=lambda parameters: "-".join(parameters),
)
def test_parameters_are_those_of_librosa(parameters, synthetic):
    settings = {**FRAMES, "n_mels": 128, **parameters}
    names = ("mel", "mfcc")
    features = AcousticFunctionals(names, ("mean",), **parameters).transform(synthetic)
    for row, y in zip(features, synthetic, strict=True):
        mel = librosa.feature.melspectrogram(y=y, sr=RATE, **settings)
        mfcc = librosa.feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=40)
        assert_close(row[:-40], mel.mean(axis=1, dtype=float), "mel")
        assert_close(row[-40:], mfcc.mean(axis=1, dtype=float), "mfcc")


def test_the_sampling_rate_places_the_bands(synthetic):
    y = synthetic[0]
    (row,) = AcousticFunctionals(("mel",), ("mean",), sampling_rate=8_000).transform(
        [y]
    )
    mel = librosa.feature.melspectrogram(y=y, sr=8_000, n_mels=128, **FRAMES)
    assert_close(row, mel.mean(axis=1, dtype=float), "mel")


# Values computed by hand.


def test_a_constant():
    # 4096 samples of 0.5: of the 9 centred frames of 2048 samples, the first and the
    # last are half outside, their neighbours a quarter.
    extractor = AcousticFunctionals(("rms", "waveform"), ("mean", "min", "max"))
    (row,) = extractor.transform([np.full(4096, 0.5)])
    half, quarter = np.sqrt(0.25 / 2), np.sqrt(0.25 * 3 / 4)
    mean = (5 * 0.5 + 2 * half + 2 * quarter) / 9
    assert_allclose(row[:3], [mean, half, 0.5], rtol=1e-6)
    assert_array_equal(row[3:], [0.5, 0.5, 0.5])


def test_an_alternating_signal_crosses_zero_everywhere():
    (row,) = AcousticFunctionals(("zcr",), ("max",)).transform([[0.5, -0.5] * 2048])
    assert row[0] == pytest.approx(2047 / 2048)


# Names.


def test_names_by_descriptor_then_functional_then_coefficient():
    extractor = AcousticFunctionals(
        ("zcr", "mfcc", "mel"), ("std", "percentile_95"), n_mfcc=2, n_mels=11
    )
    bands = [f"mel_{number:02d}" for number in range(11)]
    assert_array_equal(
        extractor.get_feature_names_out(),
        [
            "zcr_std",
            "zcr_percentile_95",
            "mfcc_0_std",
            "mfcc_1_std",
            "mfcc_0_percentile_95",
            "mfcc_1_percentile_95",
            *(f"{band}_std" for band in bands),
            *(f"{band}_percentile_95" for band in bands),
        ],
    )


def test_names_tell_the_columns(synthetic):
    whole = AcousticFunctionals(DESCRIPTORS, ("max", "mean")).set_output(
        transform="pandas"
    )
    frame = whole.fit_transform(synthetic)
    assert len(set(frame)) == frame.shape[1] == 2 * (4 * 40 + 2 * 128 + 3)
    alone = AcousticFunctionals(("mfcc_delta2",), ("mean",)).transform(synthetic)
    assert_array_equal(frame["mfcc_delta2_07_mean"], alone[:, 7])


def test_order_is_that_of_the_parameters(synthetic):
    one = AcousticFunctionals(("zcr", "rms"), ("mean", "max")).transform(synthetic)
    other = AcousticFunctionals(("rms", "zcr"), ("max", "mean")).transform(synthetic)
    assert_array_equal(one, other[:, [3, 2, 1, 0]])


def test_lists_are_as_good_as_tuples(synthetic):
    one = AcousticFunctionals(["rms"], ["max"]).transform(synthetic)
    assert_array_equal(
        one, AcousticFunctionals(("rms",), ("max",)).transform(synthetic)
    )


def test_pooled_coefficients_have_one_value(synthetic):
    pooled = AcousticFunctionals(("mel",), ("mean", "max"), per_coefficient=False)
    each = AcousticFunctionals(("mel",), ("mean", "max")).transform(synthetic)
    features = pooled.fit_transform(synthetic)
    assert_array_equal(pooled.get_feature_names_out(), ["mel_mean", "mel_max"])
    assert_allclose(features[:, 0], each[:, :128].mean(axis=1), rtol=1e-5)
    assert_array_equal(features[:, 1], each[:, 128:].max(axis=1))


# What a change of the waveform may change.


def test_polarity_changes_nothing(synthetic):
    extractor = AcousticFunctionals(DESCRIPTORS[:-1])
    flipped = extractor.transform([-y for y in synthetic])
    assert_allclose(flipped, extractor.transform(synthetic), rtol=1e-6, atol=1e-6)


def test_gain_moves_only_the_level(synthetic):
    extractor = AcousticFunctionals(("mfcc", "mel", "zcr")).set_output(
        transform="pandas"
    )
    before = extractor.transform(synthetic)
    after = extractor.transform([0.5 * y for y in synthetic])
    mel, rest = before.filter(like="mel_"), before.filter(regex="mfcc|zcr")
    assert_allclose(after[list(mel)], 0.25 * mel, rtol=1e-5)
    # Half the amplitude is 6.02 dB less in each of 128 bands; c0 sums them up over
    # the square root of 128.
    rest["mfcc_00_mean"] -= 20 * np.log10(2) * np.sqrt(128)
    assert_allclose(after[list(rest)], rest, atol=2e-3)


# Clips at the edge.


@pytest.mark.parametrize("length", [1, 2, 10, 511, 2047, 2049])
def test_short_clips_give_all_descriptors(length):
    everything = ("mean", "std", "min", "max", "skewness", "kurtosis", "slope")
    extractor = AcousticFunctionals(DESCRIPTORS, everything)
    (row,) = extractor.transform([np.linspace(-0.5, 0.5, length)])
    assert np.isfinite(row).all()


def test_silence_is_a_clip():
    extractor = AcousticFunctionals(DESCRIPTORS).set_output(transform="pandas")
    (row,) = extractor.transform([np.zeros(RATE)]).to_dict("records")
    assert row["mel_000_mean"] == row["rms_mean"] == row["zcr_mean"] == 0.0
    assert row["log_mel_000_mean"] == pytest.approx(0.0, abs=1e-4)
    # 128 bands at -100 dB, the least that a decibel stands for.
    assert row["mfcc_00_mean"] == pytest.approx(-100 * np.sqrt(128), rel=1e-5)


# Parameters that do not go together.


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"descriptors": ("zcr", "mfc")},
            "Unknown descriptor 'mfc'. There are mfcc, ",
        ),
        ({"descriptors": ()}, r"descriptors=\[\] must be one or more names"),
        ({"descriptors": ("zcr", "zcr")}, "each of them once"),
        ({"descriptors": "mfcc"}, "The 'descriptors' parameter"),
        ({"functionals": ("average",)}, "Unknown functional 'average'. There are mean"),
        ({"functionals": ("percentile_100",)}, "percentile_NN with NN from 0 to 99"),
        ({"functionals": ()}, "functionals must be some different names"),
        ({"n_mfcc": 41, "n_mels": 40}, "n_mfcc=41 needs at least as many mel bands"),
        ({"win_length": 4096}, "win_length=4096 is longer than n_fft=2048"),
        ({"window": "square"}, "window='square' is not the name of a window"),
        ({"window": "kaiser"}, "window='kaiser' is not the name of a window"),
        ({"fmax": 9_000.0}, "fmax=9000 Hz must satisfy 0 <= fmin < fmax <= 8000 Hz"),
        ({"fmin": 500.0, "fmax": 400.0}, "fmin=500 and fmax=400"),
        ({"n_fft": 1}, "The 'n_fft' parameter"),
        ({"hop_length": 0}, "The 'hop_length' parameter"),
        ({"per_coefficient": "no"}, "The 'per_coefficient' parameter"),
        (
            {"per_coefficient": False, "functionals": ("slope",)},
            "'slope' need per_coefficient=True",
        ),
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["fit", "transform"])
def test_wrong_parameters_are_named(parameters, message, method):
    extractor = AcousticFunctionals(**parameters)
    with pytest.raises(ValueError, match=message):
        getattr(extractor, method)(np.zeros((2, 100)))


def test_fewer_mel_bands_than_coefficients_matter_to_cepstra_only():
    extractor = AcousticFunctionals(("mel",), n_mels=20)
    assert extractor.transform(np.zeros((1, 100))).shape == (1, 40)
