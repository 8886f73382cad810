"""Descriptors of spectra and voices as columns of AcousticFunctionals."""

import librosa
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sersk.cache import FeatureStore, extractor_key
from sersk.datasets import load_emodb, make_emotional_speech
from sersk.descriptors import (
    FUNCTIONALS,
    find_cycles,
    formants,
    jitter,
    mfcc,
    speech_rhythm,
    track_pitch,
)
from sersk.features import AcousticFunctionals
from sersk.features._acoustic_analysis import ClipAnalysis
from sersk.features._acoustic_table import DESCRIPTORS

RATE = 16_000
EVERYTHING = tuple(DESCRIPTORS)
VOICE = tuple(name for name in EVERYTHING if DESCRIPTORS[name].source == "pitch")
SPECTRAL = {
    "spectral_centroid": {"sr": RATE},
    "spectral_bandwidth": {"sr": RATE},
    "spectral_rolloff": {"sr": RATE},
    "spectral_contrast": {"sr": RATE},
    "spectral_flatness": {},
}


@pytest.fixture(scope="module", params=["synthetic", "emodb"])
def waveforms(request):
    if request.param == "synthetic":
        corpus = make_emotional_speech(n_speakers=1, random_state=1)
        return list(corpus.clips[:2])
    return list(load_emodb(request.getfixturevalue("emodb_root")).clips[::200])


def rows(waveforms, descriptors, functionals=("mean", "std"), **parameters):
    extractor = AcousticFunctionals(descriptors, functionals, **parameters)
    return extractor.set_output(transform="pandas").fit_transform(list(waveforms))


@pytest.mark.parametrize("name", SPECTRAL)
def test_spectral_columns_are_librosas(name, waveforms):
    table = rows(waveforms, (name,), ("mean", "std"))
    for row, y in zip(table.to_numpy(), waveforms, strict=True):
        frames = getattr(librosa.feature, name)(y=y, **SPECTRAL[name])
        expected = [frames.mean(axis=1, dtype=float), frames.std(axis=1, dtype=float)]
        assert_allclose(row, np.concatenate(expected), rtol=1e-4)


def test_chroma_columns_are_librosas(waveforms):
    table = rows(waveforms, ("chroma",), ("mean",))
    for row, y in zip(table.to_numpy(), waveforms, strict=True):
        frames = librosa.feature.chroma_stft(y=y, sr=RATE, tuning=0.0)
        assert_allclose(row, frames.mean(axis=1, dtype=float), rtol=1e-4)


def test_deltas_are_librosas(waveforms):
    table = rows(waveforms, ("log_mel_delta", "log_mel_delta2", "rms_delta"), ("std",))
    for row, y in zip(table.to_numpy(), waveforms, strict=True):
        power = librosa.feature.melspectrogram(y=y, sr=RATE)
        log_mel = librosa.power_to_db(power, ref=np.max)
        frames = [
            librosa.feature.delta(log_mel),
            librosa.feature.delta(log_mel, order=2),
            librosa.feature.delta(librosa.feature.rms(y=y)),
        ]
        expected = np.concatenate([part.std(axis=1) for part in frames])
        assert_allclose(row, expected, rtol=1e-3, atol=1e-5)


def test_columns_of_the_voice_are_means_over_voiced_frames(waveforms):
    table = rows(waveforms, VOICE, ("mean",))
    for (_, row), y in zip(table.iterrows(), waveforms, strict=True):
        track = track_pitch(y, RATE)
        cycles, resonances = find_cycles(y, track, RATE), formants(y, track, RATE)
        expected = {
            "f0_mean": np.nanmean(track.f0),
            "f0_semitones_mean": np.nanmean(12 * np.log2(track.f0 / 27.5)),
            "jitter_mean": np.nanmean(jitter(cycles, track)),
            "formant_frequency_f2_mean": np.nanmean(resonances.frequencies[1]),
            "formant_bandwidth_f3_mean": np.nanmean(resonances.bandwidths[2]),
            "rhythm_energy_peaks_per_second": speech_rhythm(y, track, RATE)[3],
        }
        assert_allclose(row[list(expected)], list(expected.values()), rtol=1e-5)


def test_voices_differ_as_their_speakers_do():
    corpus = make_emotional_speech(n_speakers=4, random_state=0)
    table = rows(corpus.clips, ("f0", "hnr", "jitter"), ("mean",))
    assert table["f0_mean"].between(70, 400).all()
    assert table["hnr_mean"].between(0, 40).all()
    assert table["jitter_mean"].between(0.001, 0.1).all()


# One analysis for all.


def test_all_share_one_transform(waveforms):
    extractor = AcousticFunctionals(EVERYTHING)
    clip = ClipAnalysis(waveforms[0], extractor, keep_power=True)
    mel, power = clip.mel, clip.power
    assert power.base is clip._power
    alone = ClipAnalysis(waveforms[0], extractor, keep_power=False)
    assert_array_equal(power, alone.power)
    assert_array_equal(mel, alone.mel)


def test_a_descriptor_does_not_depend_on_the_others(waveforms):
    together = rows(waveforms, EVERYTHING, ("mean", "max"))
    for name in EVERYTHING:
        alone = rows(waveforms, (name,), ("mean", "max"))
        pd.testing.assert_frame_equal(together[alone.columns], alone, rtol=1e-5)


def test_order_and_names():
    extractor = AcousticFunctionals(
        ("hnr", "rhythm", "formant_frequency", "zcr"), ("max", "mean")
    )
    assert_array_equal(
        extractor.get_feature_names_out(),
        [
            "hnr_max",
            "hnr_mean",
            "rhythm_voiced_segments_per_second",
            "rhythm_mean_voiced_segment",
            "rhythm_mean_unvoiced_segment",
            "rhythm_energy_peaks_per_second",
            *(f"formant_frequency_f{number}_max" for number in (1, 2, 3)),
            *(f"formant_frequency_f{number}_mean" for number in (1, 2, 3)),
            "zcr_max",
            "zcr_mean",
        ],
    )


def test_names_follow_the_rate():
    low = AcousticFunctionals(("spectral_contrast",), ("mean",), sampling_rate=8_000)
    assert low.transform([np.zeros(100)]).shape == (1, 6)


def test_pooled_coefficients_leave_out_what_is_not_measured(waveforms):
    pooled = rows(waveforms, ("f0", "rhythm", "chroma"), per_coefficient=False)
    each = rows(waveforms, ("f0", "rhythm", "chroma"))
    assert pooled.shape[1] == 2 + 4 + 2
    for name in ("f0_mean", "f0_std", "rhythm_mean_voiced_segment"):
        assert_allclose(pooled[name], each[name], rtol=1e-6)


# Voiced frames only.


def test_functionals_over_voiced_frames(waveforms):
    table = rows(waveforms, ("mfcc", "f0", "waveform"), ("mean",), voiced_only=True)
    plain = rows(waveforms, ("mfcc", "f0", "waveform"), ("mean",))
    for number, y in enumerate(waveforms):
        is_voiced = np.isfinite(track_pitch(y, RATE).f0)
        expected = mfcc(y, RATE, n_mfcc=40, n_mels=128)[:, is_voiced].mean(axis=1)
        row = table.iloc[number]
        assert_allclose(row.filter(like="mfcc"), expected, rtol=1e-3, atol=1e-3)
    for name in ("f0_mean", "waveform_mean"):
        assert_allclose(table[name], plain[name], rtol=1e-5)


def test_odd_transforms_may_lack_a_frame():
    wave = np.sin(2 * np.pi * 200 * np.arange(512 * 20) / RATE)
    (row,) = AcousticFunctionals(
        ("rms", "zcr"), n_fft=1023, voiced_only=True
    ).transform([wave])
    assert row[0] > 0.5


# Clips at the edge: always finite, 0 for what cannot be measured.

WAVES = {
    "one": lambda rate: np.array([0.5]),
    "ten": lambda rate: np.linspace(-0.5, 0.5, 10),
    "shorter than a period": lambda rate: np.sin(np.arange(40) / 40),
    "silence": np.zeros,
    "offset": lambda rate: np.full(rate, 0.25),
    "full scale": np.ones,
    "square": lambda rate: np.where(np.arange(rate) % 40 < 20, 1.0, -1.0),
    "click": lambda rate: np.eye(1, rate, rate // 2)[0],
    "white noise": lambda rate: np.random.default_rng(0).normal(scale=0.1, size=rate),
    "faint tone": lambda rate: 1e-6 * np.sin(np.arange(rate) * 2 * np.pi * 200 / rate),
    "step": lambda rate: np.repeat([0.0, 0.9], rate // 2),
}
WITHOUT_VOICE = set(WAVES) - {"square", "faint tone"}


@pytest.mark.parametrize("rate", [2_000, 8_000, 16_000, 48_000])
def test_clips_at_the_edge(rate):
    functionals = (*FUNCTIONALS, "percentile_95")
    waves = [make(rate) for make in WAVES.values()]
    table = rows(waves, EVERYTHING, functionals, sampling_rate=rate)
    table.index = list(WAVES)
    assert np.isfinite(table.to_numpy()).all()
    assert (table.dtypes == np.float32).all()
    voice = table.filter(regex="^(f0|jitter|shimmer|hnr|formant)")
    quiet = voice.loc[sorted(WITHOUT_VOICE)]
    assert_array_equal(quiet, np.zeros(quiet.shape))
    rhythm = table.loc[sorted(WITHOUT_VOICE)].filter(like="rhythm")
    assert_array_equal(rhythm.drop(columns="rhythm_mean_unvoiced_segment"), 0.0)


@pytest.mark.parametrize(
    "parameters",
    [
        {"voiced_only": True},
        {"voiced_only": True, "n_fft": 1023},
        {"n_fft": 64, "n_mels": 8, "n_mfcc": 4, "hop_length": 2_048},
        {"per_coefficient": False, "functionals": ("mean", "kurtosis")},
        {"pitch_fmin": 200.0, "pitch_fmax": 300.0},
    ],
    ids=str,
)
def test_parameters_at_the_edge(parameters):
    waves = [make(RATE) for make in WAVES.values()]
    features = AcousticFunctionals(EVERYTHING, **parameters).transform(waves)
    assert np.isfinite(features).all()


def test_pyin(waveforms):
    y = waveforms[0][:RATE]
    (row,) = AcousticFunctionals(("f0",), pitch_method="pyin").transform([y])
    track = track_pitch(y, RATE, method="pyin")
    assert row[0] == pytest.approx(np.nanmean(track.f0), rel=1e-5)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"pitch_fmin": 700.0}, "pitch_fmin=700 and pitch_fmax=600 Hz must satisfy"),
        ({"pitch_fmax": 9_000.0}, "<= 8000 Hz, half the sampling rate"),
        ({"pitch_method": "swipe"}, "The 'pitch_method' parameter"),
        ({"pitch_fmin": 0.0}, "The 'pitch_fmin' parameter"),
        ({"voiced_only": "yes"}, "The 'voiced_only' parameter"),
    ],
    ids=str,
)
def test_wrong_parameters_are_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        AcousticFunctionals(("f0",), **parameters).fit(np.zeros((2, 100)))


def test_the_range_of_pitch_matters_to_voices_only():
    extractor = AcousticFunctionals(("rms",), pitch_fmin=700.0)
    assert extractor.transform(np.zeros((1, 100))).shape == (1, 2)


# Stored features stay valid where nothing about them changed.

PITCH = {"pitch_method", "pitch_fmin", "pitch_fmax", "voiced_only"}


def test_the_key_of_other_descriptors_does_not_hold_the_pitch():
    for name in set(EVERYTHING) - set(VOICE):
        one, other = (
            AcousticFunctionals((name,), pitch_fmin=fmin, pitch_method=method)
            for fmin, method in ((65.0, "yin"), (80.0, "pyin"))
        )
        assert not PITCH & set(one._description()["parameters"])
        assert extractor_key(one._description()) == extractor_key(other._description())


@pytest.mark.parametrize(
    "parameters",
    [
        {"pitch_fmin": 80.0},
        {"pitch_fmax": 500.0},
        {"pitch_method": "pyin"},
        {"voiced_only": True},
    ],
    ids=str,
)
def test_the_key_of_voices_does(parameters):
    for name in VOICE:
        one = AcousticFunctionals((name,))
        other = AcousticFunctionals((name,), **parameters)
        assert extractor_key(one._description()) != extractor_key(other._description())


def test_a_change_of_librosa_changes_pyin(monkeypatch, tmp_path):
    store = FeatureStore(tmp_path)
    extractor = AcousticFunctionals(("f0",), pitch_method="pyin", cache=store)
    before = extractor._description()
    assert before["libraries"]["librosa"] == librosa.__version__
    monkeypatch.setattr("sersk.features._acoustic.find_version", lambda name: "99.0")
    assert extractor_key(before) != extractor_key(extractor._description())
