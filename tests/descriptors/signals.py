"""Voices whose pitch, regularity and resonances are known."""

import numpy as np
from scipy.signal import lfilter

RATE = 16_000


def pulse_train(periods, heights=None):
    """Return smooth pulses of 40 samples at a distance of these periods."""
    centres = np.cumsum(periods)
    heights = np.ones(len(centres)) if heights is None else heights
    time = np.arange(int(centres[-1]) + 200)
    wave = np.zeros(len(time))
    for centre, height in zip(centres, heights, strict=True):
        distance = time - centre
        near = np.abs(distance) < 20
        wave[near] += height * np.cos(np.pi * distance[near] / 40) ** 2
    return 0.5 * wave


def harmonic(f0, seconds=1.0, n_harmonics=10, rate=RATE):
    """Return a sum of harmonics of unit power."""
    time = np.arange(round(seconds * rate)) / rate
    phases = np.random.default_rng(1).uniform(0, 2 * np.pi, n_harmonics)
    parts = [
        np.cos(2 * np.pi * f0 * (number + 1) * time + phase) / (number + 1)
        for number, phase in enumerate(phases)
    ]
    wave = np.sum(parts, axis=0)
    return wave / np.sqrt(np.mean(wave**2))


def vowel(frequencies, bandwidths, source, rate=RATE):
    """Return a source through resonances of these frequencies and bandwidths."""
    for frequency, bandwidth in zip(frequencies, bandwidths, strict=True):
        pole = np.exp(np.pi * (-bandwidth + 2j * frequency) / rate)
        source = lfilter([1.0], np.poly([pole, pole.conj()]).real, source)
    return 0.5 * source / np.abs(source).max()
