"""
Windows of a clip, and what they decide together
================================================

A classifier that learns from windows of half a second has several opinions of a clip.
This example shows how they differ, and compares ways to make one answer of them. The
speech is synthetic, so that it runs anywhere.
"""

# %%
# The classifier stands around a pipeline that begins with an extractor. It is fitted on
# windows, and predicts clips.

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sersk.datasets import make_emotional_speech
from sersk.estimators import WindowedClassifier
from sersk.features import AcousticFunctionals

corpus = make_emotional_speech(n_speakers=6, emotion_effect=0.7, random_state=0)
pipeline = make_pipeline(
    AcousticFunctionals(), StandardScaler(), LogisticRegression(max_iter=1000)
)
windowed = WindowedClassifier(pipeline, window=0.5, hop=0.25, tail="shift")

# %%
# What it makes of each window of one clip, from a speaker whom it has not heard. The
# lines are the answer for the clip: here, the means.

import matplotlib.pyplot as plt

known = corpus.select(speaker=["01", "02", "03", "04", "05"])
unknown = corpus.select(speaker="06")
windowed.fit(known.clips, known.target)
table = windowed.predict_windows(unknown.clips[:1])
mean = windowed.predict_proba(unknown.clips[:1])[0]

middle = (table["start"] + table["end"]) / 2
for place, label in enumerate(windowed.classes_):
    (line,) = plt.plot(middle, table[label], "o", label=label)
    plt.axhline(mean[place], color=line.get_color())
plt.xlabel("middle of the window (s)")
plt.ylabel("probability")
plt.title(f"windows of a clip of {unknown.target[0]}")
plt.legend()
plt.show()

# %%
# Clips are what is scored, however many windows they have, and the whole clip is a
# system to compare with. Each window is extracted once for all folds.

from sersk.evaluation import evaluate
from sersk.model_selection import LeaveOneSpeakerOut

systems = {
    "whole clips": pipeline,
    **{
        f"windows, {aggregate}": WindowedClassifier(
            pipeline, window=0.5, hop=0.25, tail="shift", aggregate=aggregate
        )
        for aggregate in ("mean_proba", "mean_logproba", "vote", "max_confidence")
    },
}
print(evaluate(systems, corpus, cv=LeaveOneSpeakerOut()))
