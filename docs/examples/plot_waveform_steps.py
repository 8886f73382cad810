"""
What trimming leaves of a clip
==============================

Silence before and behind an utterance says more about the person who cut the recording
than about the one who spoke. Two ways to cut it away, on synthetic speech with a pause.
"""

# %%
# Two utterances in a faint noise, with a pause between them that is too long to be one.

import numpy as np

from sersk import AudioClips
from sersk.datasets import make_emotional_speech

corpus = make_emotional_speech(n_speakers=1, n_sentences=2, random_state=0)
rate = corpus.clips.sampling_rate
silence = np.zeros(rate)
parts = [silence, corpus.clips[0], silence, corpus.clips[-1], silence]
noise = np.random.default_rng(0).normal(scale=1e-3, size=sum(map(len, parts)))
clips = AudioClips.from_arrays([np.concatenate(parts) + noise], sampling_rate=rate)

# %%
# A step changes clips when they are read. The first cuts at the ends alone, the second
# wherever nobody speaks for more than 0.3 s.

from sersk.preprocessing import TrimSilence

trimmed = {
    "as recorded": clips,
    'TrimSilence(30, method="edges")': TrimSilence(30).fit_transform(clips),
    'TrimSilence(30, method="vad")': TrimSilence(30, method="vad").fit_transform(clips),
}

# %%
# The threshold lies 30 dB below the loudest frame of the clip.

import matplotlib.pyplot as plt

figure, axes = plt.subplots(len(trimmed), sharex=True, sharey=True, figsize=(7, 5))
for ax, (name, changed) in zip(axes, trimmed.items(), strict=True):
    waveform = changed[0]
    ax.plot(np.arange(len(waveform)) / rate, waveform, linewidth=0.4)
    ax.set_title(f"{name}: {len(waveform) / rate:.2f} s", loc="left", fontsize=10)
axes[-1].set_xlabel("time in s")
plt.tight_layout()
plt.show()

# %%
# With a small ``top_db``, soft sounds at the end of words are gone; with a large one,
# the noise of the room counts as speech. In a search, it is a parameter like any other,
# ``trimsilence__top_db``.

thresholds = np.arange(10, 80, 5)
durations = [
    len(TrimSilence(top_db).transform(clips)[0]) / rate for top_db in thresholds
]

figure, ax = plt.subplots(figsize=(7, 3))
ax.step(thresholds, durations, where="mid")
ax.set(xlabel="top_db", ylabel="what is left, in s", ylim=(0, None))
plt.tight_layout()
plt.show()
