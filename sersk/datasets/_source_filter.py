"""A voice made of pulses and noise through moving formants, for synthetic corpora."""

from dataclasses import dataclass

import numpy as np

# Formants of an adult male voice in Hz (after Peterson and Barney, 1952); the fourth
# hardly moves. The first row is the neutral vowel, from which the others depart.
VOWELS = np.array(
    [
        [500.0, 1500.0, 2500.0, 3500.0],
        [730.0, 1090.0, 2440.0, 3500.0],
        [270.0, 2290.0, 3010.0, 3600.0],
        [300.0, 870.0, 2240.0, 3400.0],
        [530.0, 1840.0, 2480.0, 3500.0],
        [570.0, 840.0, 2410.0, 3400.0],
    ]
)
PAUSE = 0.06  # seconds before and after the speech

_BANDWIDTHS = np.array([80.0, 100.0, 140.0, 220.0])
# Lip radiation (+6) and a modal glottal pulse (-12), in dB per octave.
_VOICE_TILT = -6.0
_TILT_PIVOT = 500.0
_FRAME = 0.032
_F0_STEP = 16  # samples from one value of the F0 contour to the next
_JITTER = 0.01
_SHIMMER = 0.06
_MAX_PEAK = 0.99


@dataclass(frozen=True)
class Utterance:
    """What is said and how; everything that the sound of a clip depends on.

    Arrays have one entry per syllable: `formants` (n_syllables, 4) in Hz, `accents`
    (F0 departures of unit spread), `frication` (0 to 1, noise at the onset).
    """

    formants: np.ndarray
    accents: np.ndarray
    frication: np.ndarray
    f0: float  # Hz, geometric mean over the speech
    f0_range: float  # semitones, standard deviation over the speech
    level: float  # dB re full scale, RMS over the clip
    rate: float  # syllables per second
    tilt: float  # dB per octave, added to that of a modal voice
    breath: float  # noise in the voiced part, relative to the pulses
    resonance: tuple[float, float]  # of the channel: Hz, dB
    noise: float  # dB re the speech, RMS of the background


def synthesise(
    utterance: Utterance, sampling_rate: int, rng: np.random.Generator
) -> tuple[np.ndarray, float]:
    """Return a float32 waveform and its level in dB re full scale.

    The level is the one asked for, unless the peak would then exceed 0.99.
    """
    n_syllables = len(utterance.accents)
    n_samples = round((n_syllables / utterance.rate + 2 * PAUSE) * sampling_rate)
    time = np.arange(n_samples, dtype=np.float32) / np.float32(sampling_rate)
    # Where in the sentence each sample lies, in syllables.
    position = (time - np.float32(PAUSE)) * np.float32(utterance.rate)
    voicing, onset = _envelopes(position, utterance.frication)
    f0 = _f0_contour(position[::_F0_STEP], utterance, rng)
    noise = rng.standard_normal(n_samples + 1, dtype=np.float32)
    breath = np.float32(utterance.breath) * noise[1:]
    source = voicing * (_pulses(f0, n_samples, sampling_rate, rng) + breath)
    # The difference raises noise by 6 dB per octave, which makes it a fricative.
    source += onset * np.diff(noise)
    speech = _filter(source, utterance, sampling_rate)
    return _set_level(speech, utterance, rng)


def _envelopes(
    position: np.ndarray, frication: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return how strong voice and frication are at each sample."""
    syllable = np.floor(position)
    inside = (syllable >= 0) & (syllable < len(frication))
    phase = position - syllable
    number = np.clip(syllable, 0, len(frication) - 1).astype(np.intp)
    strength = frication[number].astype(np.float32)
    # The consonant takes up to a third of the syllable, the vowel the rest.
    share = 0.05 + 0.28 * strength
    vowel = np.clip((phase - share) / (1 - share), 0, 1)
    # In single precision the sine of pi may be below zero.
    voicing = np.sqrt(np.maximum(np.sin(np.pi * vowel), 0)) * inside
    onset = strength * np.sin(np.pi * np.clip(phase / share, 0, 1)) * inside
    return voicing.astype(np.float32), onset.astype(np.float32)


def _f0_contour(
    position: np.ndarray, utterance: Utterance, rng: np.random.Generator
) -> np.ndarray:
    """Return F0 in Hz at each position: accents, declination and vibrato."""
    n_syllables = len(utterance.accents)
    middles = np.arange(n_syllables) + 0.6
    melody = np.interp(position, middles, utterance.accents - utterance.accents.mean())
    melody -= 0.6 * (position / n_syllables - 0.5)
    vibrato = 2 * np.pi * (5.5 / utterance.rate) * position + rng.uniform(0, 2 * np.pi)
    melody += 0.15 * np.sin(vibrato)
    spoken = melody[(position >= 0) & (position < n_syllables)]
    semitones = (melody - spoken.mean()) / spoken.std() * utterance.f0_range
    return utterance.f0 * np.exp2(semitones / 12)


def _pulses(
    f0: np.ndarray, n_samples: int, sampling_rate: int, rng: np.random.Generator
) -> np.ndarray:
    """Return one pulse per period, with jitter and shimmer, between samples."""
    grid = np.arange(len(f0)) * _F0_STEP
    cycles = np.cumsum(f0) * (_F0_STEP / sampling_rate)
    n_pulses = int(cycles[-1])
    when = np.interp(np.arange(1, n_pulses + 1), cycles, grid)
    period = sampling_rate / np.interp(when, grid, f0)
    when += _JITTER * period * rng.standard_normal(n_pulses)
    when = np.clip(when, 0, n_samples - 2)
    # A pulse of unit power whatever the F0: the level is set at the end.
    height = np.sqrt(period) * (1 + _SHIMMER * rng.standard_normal(n_pulses))
    before = when.astype(np.intp)
    after_share = when - before
    train = np.bincount(before, height * (1 - after_share), minlength=n_samples)
    train += np.bincount(before + 1, height * after_share, minlength=n_samples)
    return train.astype(np.float32)


def _filter(source: np.ndarray, utterance: Utterance, sampling_rate: int) -> np.ndarray:
    """Filter frame by frame with the formants of the moment, and add the frames."""
    from scipy import fft  # in single precision twice as fast as numpy's

    half = round(_FRAME * sampling_rate / 2)
    # Half a frame of zeros leaves room for the filter to ring, a quarter on each side.
    room, n_fft = half // 2, 3 * half
    n_frames = len(source) // half + 2
    padded = np.zeros((n_frames + 1) * half, dtype=np.float32)
    padded[half : half + len(source)] = source
    frames = np.lib.stride_tricks.sliding_window_view(padded, 2 * half)[::half]
    # Periodic Hann windows, half a frame apart, sum to one.
    window = np.hanning(2 * half + 1)[:-1].astype(np.float32)
    spectra = fft.rfft(frames * window, n_fft)
    frequencies = fft.rfftfreq(n_fft, 1 / sampling_rate).astype(np.float32)
    centres = (np.arange(n_frames) * half / sampling_rate - PAUSE) * utterance.rate
    spectra *= _formant_gains(centres, frequencies, utterance)
    spectra *= _voice_gain(frequencies, utterance)
    # What rings before a frame comes out at the end of the block: turn it round.
    filtered = np.roll(fft.irfft(spectra, n_fft), room, axis=1)
    output = np.zeros((n_frames + 2, half), dtype=np.float32)
    for part, block in enumerate(filtered.reshape(n_frames, 3, half).swapaxes(0, 1)):
        output[part : part + n_frames] += block
    return output.reshape(-1)[half + room : half + room + len(source)]


def _formant_gains(
    centres: np.ndarray, frequencies: np.ndarray, utterance: Utterance
) -> np.ndarray:
    """Return the gain of the formants, of shape (n_frames, n_frequencies)."""
    middles = np.arange(len(utterance.formants)) + 0.6
    gains = np.full((len(centres), len(frequencies)), 0.01, dtype=np.float32)
    for track, bandwidth in zip(utterance.formants.T, _BANDWIDTHS, strict=True):
        formant = np.interp(centres, middles, track).astype(np.float32)
        distance = (frequencies - formant[:, np.newaxis]) / np.float32(bandwidth / 2)
        gains += 1 / np.sqrt(1 + distance * distance)
    return gains


def _voice_gain(frequencies: np.ndarray, utterance: Utterance) -> np.ndarray:
    """Return the gain of glottis, lips and channel at each frequency."""
    octaves = np.log2(np.maximum(frequencies, 100.0) / _TILT_PIVOT)
    frequency, height = utterance.resonance
    bump = height * np.exp(
        -0.5 * (np.log2(np.maximum(frequencies, 1) / frequency)) ** 2
    )
    gain = 10 ** (((_VOICE_TILT + utterance.tilt) * octaves + bump) / 20)
    # No microphone hears what lies far below the voice.
    return (gain * (frequencies > 40)).astype(np.float32)


def _set_level(
    speech: np.ndarray, utterance: Utterance, rng: np.random.Generator
) -> tuple[np.ndarray, float]:
    """Add background noise and scale to the level, or to the highest peak allowed."""
    speech = speech / np.sqrt(np.mean(speech**2))
    noise = rng.standard_normal(len(speech), dtype=np.float32)
    waveform = speech + np.float32(10 ** (utterance.noise / 20)) * noise
    waveform /= np.sqrt(np.mean(waveform**2))
    scale = min(10 ** (utterance.level / 20), _MAX_PEAK / np.abs(waveform).max())
    return waveform * np.float32(scale), 20 * np.log10(scale)
