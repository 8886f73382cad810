"""
A convolutional net that stops by speaker
=========================================

A small net on cepstra, at the end of a pipeline. Some training speakers are held out to
say when to stop, and others are never heard at all. The speech is synthetic, so that
the example runs anywhere.
"""

# %%
# Eight speakers, of whom the last two are for the test.

from sersk.datasets import make_emotional_speech

corpus = make_emotional_speech(n_speakers=8, n_repetitions=1, random_state=0)
known = corpus.select(speaker=[f"{number:02d}" for number in range(1, 7)])
unknown = corpus.select(speaker=["07", "08"])

# %%
# The extractor gives frames, the scaler learns their scale from the training clips, and
# the net finds the speaker of each clip in what both hand on.

from sklearn.pipeline import make_pipeline

from sersk.estimators import CNN1DClassifier
from sersk.features import MFCCSequence
from sersk.preprocessing import SequenceScaler

net = CNN1DClassifier(
    n_layers=5,
    max_epochs=30,
    batch_size=8,
    early_stopping=True,
    patience=8,
    random_state=0,
)
pipeline = make_pipeline(MFCCSequence(13, hop_length=640), SequenceScaler(), net)
pipeline.fit(known.clips, known.target)

# %%
# The loss on the clips that are learned from goes on falling; the accuracy on held-out
# speakers does not go on rising. The weights are those of the best epoch.

import matplotlib.pyplot as plt

from sersk.metrics import unweighted_accuracy

tested = unweighted_accuracy(unknown.target, pipeline.predict(unknown.clips))
history = net.history_
figure, axes = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
axes.plot(history["epoch"], history["train_loss"], color="0.6", label="training loss")
axes.plot(history["epoch"], history["valid_score"], color="C0", label="held-out UA")
axes.axvline(net.best_epoch_, color="C0", linestyle=":", label="epoch that is kept")
axes.plot(net.best_epoch_, tested, "o", color="C1", label="UA on speakers 07 and 08")
axes.set(xlabel="Epoch", ylim=(0, None))
axes.legend()
plt.show()
