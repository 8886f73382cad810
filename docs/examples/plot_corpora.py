"""
Several corpora as one
======================

Two corpora with different words for the same emotions, brought under one scheme and
seen side by side, and a system that is tested on a corpus that it was not trained on.
The corpora are tones under the names of EmoDB and RAVDESS, and synthetic speech, so
that the example runs anywhere.
"""

# %%
# A tree of tones with the names of EmoDB is read as EmoDB is. How many clips of each
# class each speaker has is seen at a glance.

import tempfile

from sersk.datasets import load_emodb, load_ravdess
from sersk.datasets.testing import make_tree
from sersk.plotting import ClassCountsDisplay

folder = tempfile.TemporaryDirectory()
emodb = load_emodb(make_tree("emodb", f"{folder.name}/emodb", complete=True))
ravdess = load_ravdess(make_tree("ravdess", f"{folder.name}/ravdess", complete=True))
display = ClassCountsDisplay.from_corpus(emodb)

# %%
# One scheme for both says that "anger" and "angry" are one class, and that calm is
# neutral. It leaves out boredom and surprise, for which only one of the two has a word.
# What is left is printed.

from sersk.datasets import concatenate_corpora

both = concatenate_corpora([emodb, ravdess], scheme="six-merge")

# %%
# The speakers have the name of their corpus in front, so that none is taken for
# another. Actors of RAVDESS say each emotion eight times, and stay calm or neutral
# twelve times.

display = ClassCountsDisplay.from_corpus(both)

# %%
# Tones tell nothing of emotion, so that there is nothing to be learned from them. Two
# synthetic corpora do; the voices of one of them differ more from one another.

from sersk.datasets import make_emotional_speech

parts = {
    "studio": make_emotional_speech(n_speakers=6, random_state=0),
    "field": make_emotional_speech(n_speakers=6, speaker_effect=2.0, random_state=1),
}
crossed = concatenate_corpora(parts, scheme="four-merge")

# %%
# Each is tested by systems that were trained on its own other speakers, and by one that
# was trained on the other corpus. Which clip is of which corpus travels with the clips,
# where the splitter finds it.

import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sersk.evaluation import evaluate
from sersk.features import AcousticFunctionals
from sersk.model_selection import LeaveOneSpeakerOut, PredefinedPartition

pipeline = make_pipeline(
    AcousticFunctionals(), StandardScaler(), LogisticRegression(max_iter=1000)
)


def unweighted_accuracy(corpus, cv):
    """Return the UA of the system in percent."""
    scores = evaluate({"LR": pipeline}, corpus, cv=cv).scores()
    return 100 * scores["unweighted_accuracy"].iloc[0]


rows = []
for test, train in [("studio", "field"), ("field", "studio")]:
    across = PredefinedPartition("corpus", train=train, test=test)
    rows.append(
        {
            "tested on": test,
            "same corpus": unweighted_accuracy(
                crossed.select(corpus=test), LeaveOneSpeakerOut()
            ),
            "other corpus": unweighted_accuracy(crossed, across),
        }
    )
scores = pd.DataFrame(rows).set_index("tested on")
scores.round(1)

# %%
# The varied voices are the harder ones, whichever the system was trained on. Twelve
# speakers are few, so that differences of some points mean nothing. The line is chance.

import matplotlib.pyplot as plt

ax = scores.plot.bar(rot=0, figsize=(6, 3.5), ylim=(0, 100), ylabel="UA (%)")
ax.axhline(25, color="black", linestyle="--", linewidth=1)
ax.legend(title="trained on", loc="upper right", ncols=2)
plt.tight_layout()
plt.show()

folder.cleanup()
