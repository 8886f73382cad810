"""
Layers of a speech encoder
==========================

A speech encoder has many layers, and it is not known beforehand which of them hears
emotions best. This example shows how to look, how to let a search choose, and how to
learn a mixture, with one pass of each clip through the encoder.

The encoder has **random weights**: it is tiny, has learned nothing, and is here so that
the example runs anywhere. ``model="facebook/wav2vec2-base-960h"`` is a real one.
"""

# %%
# A checkpoint, some synthetic speech, and a store that all of the following shares.

import tempfile

from sersk.datasets import make_emotional_speech
from sersk.features import SpeechEmbedding, make_random_encoder

folder = tempfile.TemporaryDirectory()
model = make_random_encoder(f"{folder.name}/encoder")
corpus = make_emotional_speech(n_speakers=4, random_state=0)
embedding = SpeechEmbedding(
    model, layer="all", pooling="mean_std", cache=f"{folder.name}/store"
)

# %%
# What each layer is worth, on speakers that it has not heard. Layer 0 is what the
# convolutions give to the transformer.

import matplotlib.pyplot as plt

from sersk.evaluation import layer_probe

table = layer_probe(embedding, corpus)
plt.bar(table.index, table["unweighted_accuracy"], yerr=table["speaker_std"])
plt.axhline(0.25, color="black", linestyle="--", label="chance")
plt.xticks(table.index)
plt.xlabel("layer")
plt.ylabel("UA, with its standard deviation over speakers")
plt.title("an encoder with random weights")
plt.legend()
plt.show()

# %%
# To report the best of these bars would be to choose on the test speakers. A search
# chooses in every fold, on its training speakers, and a weighted sum learns there how
# much of each layer to take. Both read what is in the store.

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sersk.estimators import LayerWeightedSumClassifier
from sersk.evaluation import evaluate
from sersk.features import LayerSelect

systems = {
    "chosen layer": make_pipeline(
        embedding,
        LayerSelect(n_layers=4),
        StandardScaler(),
        LogisticRegression(max_iter=1000),
    ),
    "weighted sum": make_pipeline(
        embedding, StandardScaler(), LayerWeightedSumClassifier(n_layers=4)
    ),
}
search = {"chosen layer": {"layerselect__layer": [0, 1, 2, 3]}}
result = evaluate(systems, corpus, search=search)
print(result)

# %%
# What was chosen in each fold, and what a mixture of all speakers weighs.

print(result.folds.loc[result.folds["pipeline"] == "chosen layer", "chosen"].to_list())
mixture = systems["weighted sum"].fit(corpus.clips, corpus.target)
print(mixture[-1].layer_weights_.round(2))
folder.cleanup()
