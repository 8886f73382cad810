"""Short recordings that nobody owns."""

import os
import zlib

import numpy as np


def write_tone(
    path: str,
    *,
    sampling_rate: int = 16_000,
    seconds: float = 0.1,
    n_channels: int = 1,
    amplitude: float = 0.1,
    like: str | None = None,
) -> None:
    """Write a tone with noise to a WAV file, another for each name.

    Parameters
    ----------
    path : str
        Where to; folders are made.
    sampling_rate : int, default=16000
        Rate in Hz.
    seconds : float, default=0.1
        Length.
    n_channels : int, default=1
        Number of equal channels.
    amplitude : float, default=0.1
        Amplitude of the tone, 1 being full scale.
    like : str, default=None
        Name whose tone it is instead; files of one name hold the same samples.
    """
    import soundfile

    os.makedirs(os.path.dirname(path), exist_ok=True)
    seed = zlib.crc32(os.path.basename(like or path).encode("utf-8", "surrogateescape"))
    generator = np.random.default_rng(seed)
    times = np.arange(round(seconds * sampling_rate)) / sampling_rate
    tone = np.sin(2 * np.pi * generator.uniform(100, 300) * times)
    tone += 0.1 * generator.standard_normal(len(times))
    samples = np.repeat(amplitude * tone[:, None], n_channels, axis=1)
    with open(path, "wb") as file:
        soundfile.write(file, samples, sampling_rate, format="WAV", subtype="PCM_16")


def write_text(path: str, text: str, *, encoding: str = "utf-8") -> None:
    """Write a text file with Unix line ends; folders are made."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding=encoding, newline="") as file:
        file.write(text)
