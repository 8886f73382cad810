"""
Two systems on speakers that they have not heard
================================================

From a corpus to a table, and a look at what the table's averages hide: how differently
the same system does on different speakers. The speech is synthetic, so that the example
runs anywhere; with ``load_emodb("path/to/emodb")`` in place of the corpus, nothing else
changes.
"""

# %%
# A corpus is clips, labels and speakers.

from sersk.datasets import make_emotional_speech

corpus = make_emotional_speech(n_speakers=6, emotion_effect=0.7, random_state=0)
corpus.counts()

# %%
# A system is a pipeline that begins with an extractor. The second one normalises the
# features of each speaker by that speaker's own clips. It needs them all at once to do
# so, those to be predicted included, which is why the table will call it transductive.

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sersk.features import AcousticFunctionals
from sersk.preprocessing import SpeakerScaler

classifier = LogisticRegression(max_iter=1000)
pipelines = {
    "functionals": make_pipeline(AcousticFunctionals(), StandardScaler(), classifier),
    "functionals by speaker": make_pipeline(
        SpeakerScaler(AcousticFunctionals()), classifier
    ),
}

# %%
# Each speaker is tested by systems that were trained on all others. The features of a
# clip are computed once, although six folds ask for them.

from sersk.evaluation import evaluate
from sersk.model_selection import LeaveOneSpeakerOut

evaluation = evaluate(pipelines, corpus, cv=LeaveOneSpeakerOut())
print(evaluation)

# %%
# The same evaluation holds a score for each speaker. With few speakers, the spread says
# more about how sure one can be than any number of clips.

import matplotlib.pyplot as plt

by_speaker = evaluation.speakers.pivot(
    index="speaker", columns="pipeline", values="unweighted_accuracy"
)
ax = by_speaker[list(pipelines)].plot.bar(rot=0, figsize=(7, 4))
chance = 1 / len(corpus.scheme.classes)
ax.axhline(chance, color="black", linestyle="--", linewidth=1, label="chance")
ax.set(ylabel="UA", ylim=(0, 1))
ax.legend(title=None, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
plt.tight_layout()
plt.show()

# %%
# And one that says which emotions are taken for which.

evaluation.confusion("functionals")
