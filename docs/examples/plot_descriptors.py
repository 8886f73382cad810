"""
Pitch, formants and how regular a voice is
==========================================

What :class:`~sersk.features.AcousticFunctionals` measures of a voice, frame by frame,
before it is summed up in a row of numbers. The speech is synthetic: what it was made of
is known.
"""

# %%
# Two utterances of one speaker, one neutral and one angry.

from sersk.datasets import make_emotional_speech

corpus = make_emotional_speech(n_speakers=1, n_sentences=1, random_state=3)
waveforms = {
    emotion: corpus.clips[int((corpus.target == emotion).argmax())]
    for emotion in ("neutral", "anger")
}

# %%
# Pitch is found in each frame, and so is whether it is voiced. Formants are measured in
# voiced frames only: above, the first three lie over the spectrogram. Where two of them
# come close, as in the vowel around one second, they may be taken for one, and those
# that follow count one too low. Below is F0, at the lowest of the harmonics,
# but for a few frames an octave too low: YIN looks at each frame by itself.

import matplotlib.pyplot as plt
import numpy as np

from sersk.descriptors import formants, power_spectrogram, power_to_db, track_pitch

hop_length, rate = 160, corpus.clips.sampling_rate


def show_spectrogram(ax, waveform, n_fft, highest):
    """Draw decibels below the loudest, up to a frequency."""
    power = power_spectrogram(waveform, n_fft=n_fft, hop_length=hop_length)
    ax.imshow(
        power_to_db(power, ref="max"),
        origin="lower",
        aspect="auto",
        cmap="Greys",
        extent=(0, power.shape[1] * hop_length / rate, 0, rate / 2),
    )
    ax.set_ylim(0, highest)


fig, axes = plt.subplots(2, 2, figsize=(9, 6), sharex="col", layout="constrained")
for (above, below), (emotion, waveform) in zip(axes.T, waveforms.items(), strict=True):
    track = track_pitch(waveform, rate, hop_length=hop_length)
    time = np.arange(len(track.f0)) * hop_length / rate
    show_spectrogram(above, waveform, n_fft=256, highest=5_500)
    frequencies = formants(waveform, track, rate).frequencies
    for number, frequency in enumerate(frequencies, start=1):
        above.plot(time, frequency, ".", markersize=4, label=f"F{number}")
    above.set_title(emotion)
    show_spectrogram(below, waveform, n_fft=1024, highest=600)
    below.plot(time, track.f0, color="C3", linewidth=2, label="F0")
    below.set_xlabel("time in s")
for ax in axes[:, 0]:
    ax.set_ylabel("frequency in Hz")
for ax in axes[:, 1]:
    ax.legend(loc="upper right", ncols=3, handlelength=1)
plt.show()

# %%
# The row of numbers. :func:`~sersk.features.describe_features` says what each is, and
# in which unit.

import pandas as pd

from sersk.features import AcousticFunctionals, describe_features

extractor = AcousticFunctionals(
    descriptors=("f0", "jitter", "shimmer", "hnr", "formant_frequency", "rhythm"),
    functionals=("mean",),
    hop_length=hop_length,
)
features = extractor.fit_transform(list(waveforms.values()))
table = describe_features(extractor).set_index("name")[["unit"]]
pd.concat([table, pd.DataFrame(features.T, table.index, list(waveforms))], axis=1)
