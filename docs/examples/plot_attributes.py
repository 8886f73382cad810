"""
Arousal and valence
===================

Emotions may be told by degrees instead of classes. Systems then end in a regressor, and
are scored by Lin's concordance correlation coefficient, over all test clips at once.
The speech is synthetic, and so are its ratings.
"""

# %%
# Ratings as a table of floats, a column for each attribute. Anger and happiness are
# heard as active; how pleasant a voice is, is heard less clearly.

import numpy as np
import pandas as pd

from sersk.datasets import make_emotional_speech

corpus = make_emotional_speech(n_speakers=6, random_state=0)
generator = np.random.default_rng(0)
means = pd.DataFrame(
    {
        "arousal": {"anger": 5.0, "happy": 4.5, "neutral": 3.0, "sad": 2.0},
        "valence": {"anger": 2.0, "happy": 5.0, "neutral": 3.5, "sad": 2.5},
    }
)
ratings = means.loc[corpus.target].reset_index(drop=True)
ratings += generator.normal(0, [0.5, 1.0], ratings.shape)
ratings.describe().loc[["mean", "std", "min", "max"]]

# %%
# One system predicts both. The table has a row for each attribute, with an interval by
# speaker: six speakers tell little of what others would give.

from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sersk.evaluation import evaluate
from sersk.features import AcousticFunctionals

pipelines = {
    "all functionals": make_pipeline(
        AcousticFunctionals(), StandardScaler(), Ridge(100.0)
    ),
    "level only": make_pipeline(
        AcousticFunctionals(("rms",)), StandardScaler(), Ridge(100.0)
    ),
}
evaluation = evaluate(pipelines, corpus.clips, ratings)
print(evaluation)

# %%
# Whom the systems fail.

import matplotlib.pyplot as plt

from sersk.plotting import SpeakerScoresDisplay

SpeakerScoresDisplay.from_evaluation(evaluation, metric="ccc_valence")
plt.show()

# %%
# What was predicted against what was rated, of one system. A system that is not sure
# keeps to the mean: its dots lie in a narrow band, and its concordance falls, which a
# correlation would not show.

from sklearn.metrics import PredictionErrorDisplay

own = evaluation.predictions.query("pipeline == 'all functionals'")
figure, axes = plt.subplots(1, 2, figsize=(8, 4), layout="constrained")
for ax, name in zip(axes, ratings, strict=True):
    PredictionErrorDisplay.from_predictions(
        own[f"target_{name}"],
        own[f"prediction_{name}"],
        kind="actual_vs_predicted",
        ax=ax,
    )
    ax.set_title(name)
plt.show()
