"""
Augmentation, and where it belongs
==================================

Copies of training clips can help. Copies of test clips among them always seem to. The
speech is synthetic, so that the example runs anywhere.
"""

# %%
# What an augmenter makes of a clip is the same each time, for this clip and this seed.

import matplotlib.pyplot as plt

from sersk.augmentation import AddNoise, AddReverb, LowRate, PitchShift
from sersk.datasets import make_emotional_speech
from sersk.descriptors import mel_spectrogram, power_to_db

corpus = make_emotional_speech(n_speakers=6, emotion_effect=0, random_state=0)
clips = corpus.clips[:1]
variants = {
    "as it is": clips,
    "pink noise, 10 dB": clips.apply(AddNoise(10, color="pink").operation(0)),
    "a room": clips.apply(AddReverb(rt60=0.8, drr=0).operation(0)),
    "a telephone": clips.apply(LowRate(8_000).operation(0)),
    "three semitones up": clips.apply(PitchShift(3).operation(0)),
}
figure, axes = plt.subplots(1, len(variants), figsize=(11, 2.8), sharey=True)
for axis, (name, variant) in zip(axes, variants.items(), strict=True):
    decibels = power_to_db(mel_spectrogram(variant[0], 16_000, hop_length=256))
    axis.imshow(decibels, origin="lower", aspect="auto", vmin=-80, vmax=0)
    axis.set(title=name, xlabel="frame")
axes[0].set_ylabel("mel band")
figure.tight_layout()
plt.show()

# %%
# In this corpus the emotion changes nothing: nobody can know the label, and a fair
# score is chance, a quarter at most. Copies that are made before the split put a twin
# of each test clip into training. Copies that are made inside the folds do not.

import numpy as np
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sersk.augmentation import add_copies
from sersk.estimators import AugmentedClassifier
from sersk.features import AcousticFunctionals

system = make_pipeline(
    AcousticFunctionals(("mfcc",)), StandardScaler(), KNeighborsClassifier(1)
)
noise = AddNoise(35)
cv = StratifiedKFold(5, shuffle=True, random_state=0)
copied = add_copies(corpus.clips, noise, n_copies=3, random_state=0)
before = cross_val_score(system, copied, np.tile(corpus.target, 4), cv=cv)
augmented = AugmentedClassifier(system, noise, n_copies=3, random_state=0)
inside = cross_val_score(augmented, corpus.clips, corpus.target, cv=cv)
print(f"before the split {before.mean():.2f}, inside the folds {inside.mean():.2f}")

# %%
# The audit finds the copies, because they say what they are copies of.

from sersk.model_selection import audit_split

print(audit_split(copied, np.tile(corpus.target, 4), cv=cv).line)
