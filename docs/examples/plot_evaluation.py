"""
A look at an evaluation
=======================

A table says which system is best on average. Plots say which emotions it takes for
which, whom it fails, and what a flattering protocol would have added. The speech is
synthetic, so that the example runs anywhere.
"""

# %%
# In this corpus three clips in ten are of their speaker's favourite emotion, as some
# people are seldom sad and others often. Whoever knows the voice then has a guess.

from sersk.datasets import make_emotional_speech

corpus = make_emotional_speech(
    n_speakers=8, emotion_effect=0.7, label_confounding=0.3, random_state=0
)
corpus.counts()

# %%
# Two systems, each tested on speakers that it has not heard.

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sersk.evaluation import evaluate
from sersk.features import AcousticFunctionals

classifier = LogisticRegression(max_iter=1000)
pipelines = {
    "all functionals": make_pipeline(
        AcousticFunctionals(), StandardScaler(), classifier
    ),
    "level only": make_pipeline(
        AcousticFunctionals(("rms",)), StandardScaler(), classifier
    ),
}
evaluation = evaluate(pipelines, corpus)
print(evaluation)

# %%
# Which emotions are taken for which: each row is a true class. The small print is the
# interval in which the share would lie for other speakers. It is wide, since there are
# eight of them, however many clips they recorded.

import matplotlib.pyplot as plt

from sersk.plotting import ConfusionDisplay

ConfusionDisplay.from_evaluation(evaluation, "all functionals")
plt.show()

# %%
# Whom the systems fail: a dot a speaker, and the mean below. The worst one is named.

from sersk.plotting import SpeakerScoresDisplay

SpeakerScoresDisplay.from_evaluation(evaluation)
plt.show()

# %%
# Whether the probabilities that come with the answers can be trusted.

from sersk.plotting import ReliabilityDisplay

ReliabilityDisplay.from_evaluation(evaluation)
plt.show()

# %%
# What a random split would have made of it. It hears the test speakers in training, and
# what it gains is recognition of voices.

from sersk.evaluation import optimism_report
from sersk.plotting import OptimismDisplay

optimism = optimism_report(pipelines, corpus)
OptimismDisplay.from_optimism(optimism)
plt.show()

# %%
# All of it, with the tables behind it, goes into one file that can be sent by mail.

import tempfile
from pathlib import Path

from sersk.plotting import write_report

with tempfile.TemporaryDirectory() as folder:
    report = write_report(evaluation, Path(folder) / "report.html", optimism=optimism)
    print(report.name, f"has {report.stat().st_size / 1e6:.1f} MB")
