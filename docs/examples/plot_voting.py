"""
A vote of members that heard different speakers
===============================================

Each member of a :class:`~sersk.estimators.SpeakerFoldVotingClassifier` is fitted
without some of the training speakers. How good one member is depends on which; the vote
does not. The speech is synthetic, so that the example runs anywhere.
"""

# %%
# Ten speakers, of whom the last two are never heard in training.

from sersk.datasets import make_emotional_speech

corpus = make_emotional_speech(
    n_speakers=10, n_repetitions=1, emotion_effect=0.6, random_state=0
)
known = corpus.select(speaker=[f"{number:02d}" for number in range(1, 9)])
unknown = corpus.select(speaker=["09", "10"])

# %%
# A member for each of the eight training speakers, which it has not heard.

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sersk.estimators import SpeakerFoldVotingClassifier
from sersk.features import AcousticFunctionals
from sersk.model_selection import LeaveOneSpeakerOut

pipeline = make_pipeline(
    AcousticFunctionals(("mfcc", "rms")),
    StandardScaler(),
    LogisticRegression(max_iter=1000),
)
vote = SpeakerFoldVotingClassifier(pipeline, cv=LeaveOneSpeakerOut())
vote.fit(known.clips, known.target)

# %%
# What each member scores on the speaker that it was validated on says who is hard to
# understand. It does not say which member to choose: on other speakers, all are much
# the same, and none was chosen here.

import matplotlib.pyplot as plt
import numpy as np

from sersk.metrics import unweighted_accuracy

members = vote.predict_members(unknown.clips)
tested = [unweighted_accuracy(unknown.target, column) for column in members.T]
voted = unweighted_accuracy(unknown.target, vote.predict(unknown.clips))

places = np.arange(len(tested))
names = [speakers[0] for speakers in vote.member_speakers_]
figure, axes = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
axes.plot(places, vote.validation_scores_, "o", color="0.6", label="own speaker")
axes.plot(places, tested, "o", color="C0", label="speakers 09 and 10")
axes.axhline(voted, color="C0", linewidth=1, label="the vote, on 09 and 10")
axes.axhline(0.25, color="0.6", linewidth=1, linestyle=":", label="chance")
axes.set(
    xticks=places,
    xticklabels=names,
    ylim=(0, 1),
    xlabel="Speaker that the member was validated on",
    ylabel="Unweighted accuracy",
)
axes.legend(loc="lower right", ncols=2)
plt.show()
