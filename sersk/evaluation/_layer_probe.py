"""What each layer of an encoder is worth."""

from numbers import Integral
from os import PathLike
from typing import Any

import pandas as pd
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sersk.cache import FeatureStore
from sersk.datasets import Corpus
from sersk.evaluation._evaluate import evaluate
from sersk.features import LayerSelect, SpeechEmbedding, find_layers


def layer_probe(
    embedding: SpeechEmbedding,
    corpus: Corpus,
    *,
    classifier: Any = None,
    cv: Any = None,
    n_jobs: int | None = None,
    cache: FeatureStore | str | PathLike | bool | None = None,
) -> pd.DataFrame:
    """Evaluate a classifier on each layer of a speech encoder.

    Every clip goes through the encoder once, whatever the number of layers and folds.

    Parameters
    ----------
    embedding : SpeechEmbedding
        The encoder. All of its layers are looked at, unless its ``layer`` is a list or
        tuple of some.
    corpus : Corpus
        Clips and their classes.
    classifier : classifier, default=None
        What is fitted on a layer; logistic regression on scaled features by default.
    cv, n_jobs, cache
        See :func:`sersk.evaluation.evaluate`.

    Returns
    -------
    table : pandas.DataFrame
        One row a layer, which is the index: the columns are those of
        :meth:`Evaluation.scores`, without the pipeline.

    Raises
    ------
    TypeError
        If `embedding` is no SpeechEmbedding, or its layers are no number, list or
        tuple.
    ValueError
        If the list is empty.

    See Also
    --------
    sersk.estimators.LayerWeightedSumClassifier : Learns how much of each to take.

    Notes
    -----
    The table is for looking at. A layer that is chosen because its row is the best
    was chosen on the test clips, and its row flatters: to choose, search
    :class:`~sersk.features.LayerSelect` in every fold, ``evaluate(...,
    search={"layerselect__layer": range(13)})``.

    Examples
    --------
    >>> import tempfile
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.evaluation import layer_probe
    >>> from sersk.features import SpeechEmbedding, make_random_encoder
    >>> corpus = make_emotional_speech(n_speakers=2, n_repetitions=1, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     table = layer_probe(SpeechEmbedding(make_random_encoder(folder)), corpus)
    >>> table.index.tolist()
    [0, 1, 2, 3]
    """
    if classifier is None:
        classifier = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    several = _with_layers(embedding)
    names = several.get_feature_names_out()
    layers = find_layers(len(names), names=names)
    systems = {
        str(layer): make_pipeline(
            clone(several), LayerSelect(layer, layers=layers), clone(classifier)
        )
        for layer in layers
    }
    evaluation = evaluate(systems, corpus, cv=cv, n_jobs=n_jobs, cache=cache)
    scores = evaluation.scores().set_index("pipeline")
    scores.index = scores.index.astype(int).rename("layer")
    return scores


def _with_layers(embedding: Any) -> SpeechEmbedding:
    """Return a copy that gives the layers that are looked at, or raise."""
    if not isinstance(embedding, SpeechEmbedding):
        raise TypeError(
            f"embedding must be a SpeechEmbedding, got a {type(embedding).__name__}. "
            "Pass the embedding itself, and what comes after it as classifier=."
        )
    layer = embedding.layer
    if isinstance(layer, (list, tuple)):
        if not layer:
            raise ValueError(f"embedding has layer={layer}, of which none is probed.")
        return clone(embedding)
    if not isinstance(layer, (Integral, str)):
        raise TypeError(
            f"embedding has layer={layer!r}, which is no number, list or tuple. Pass "
            "a list of layers: the table has their order."
        )
    return clone(embedding).set_params(layer="all")
