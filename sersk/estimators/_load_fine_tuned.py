"""Loading what a fine-tuned encoder wrote down."""

import inspect
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from sersk.estimators._speech_encoder import (
    BaseSpeechEncoder,
    import_bundle,
    import_nets,
)
from sersk.estimators._speech_encoder_classifier import SpeechEncoderClassifier
from sersk.estimators._speech_encoder_regressor import SpeechEncoderRegressor
from sersk.utils import import_optional

_ESTIMATORS = {
    one.__name__: one for one in (SpeechEncoderClassifier, SpeechEncoderRegressor)
}
# Of these, a bundle says what they looked like, and predicting needs none.
_OF_TRAINING = ("checkpoint", "device", "random_state", "resume", "validation_cv")


def load_fine_tuned(folder: str | PathLike) -> BaseSpeechEncoder:
    """Load the best weights that a fine-tuned encoder wrote to its `checkpoint`.

    It needs nothing but the folder, and executes nothing in it.

    Parameters
    ----------
    folder : path
        The `checkpoint` of a :class:`SpeechEncoderClassifier` or
        :class:`SpeechEncoderRegressor`, whether its training came to an end or not.

    Returns
    -------
    estimator : SpeechEncoderClassifier or SpeechEncoderRegressor
        Fitted, with the parameters that it had, but for those of where it was trained:
        `device`, `checkpoint`, `resume`, `random_state` and `validation_cv`.

    Raises
    ------
    ValueError
        If the folder holds no such bundle, or files are missing, damaged or of another
        version.

    See Also
    --------
    sersk.load : Load any pipeline that was saved.

    Examples
    --------
    >>> import os, tempfile
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.estimators import SpeechEncoderClassifier, load_fine_tuned
    >>> from sersk.features import make_random_encoder
    >>> corpus = make_emotional_speech(
    ...     n_speakers=2, n_sentences=1, n_repetitions=1, random_state=0
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     kept = os.path.join(folder, "fine-tuned")
    ...     net = SpeechEncoderClassifier(
    ...         make_random_encoder(folder), max_epochs=1, checkpoint=kept
    ...     ).fit(corpus.clips, corpus.target)
    ...     loaded = load_fine_tuned(kept)
    >>> bool((loaded.predict(corpus.clips) == net.predict(corpus.clips)).all())
    True
    """
    import_optional("torch", extra="torch")
    path, bundles = Path(folder), import_bundle()
    bundle = bundles.read_bundle(path)
    weights = bundles.read_weights(path, bundle)
    try:
        return _restore(bundle, weights)
    except (KeyError, TypeError, RuntimeError, AttributeError) as error:
        raise ValueError(
            f"{path} is no bundle of this version of sersk, or was changed: "
            f"{str(error).splitlines()[0]}. Load it with the version that wrote it: "
            f"{bundle.get('versions', {}).get('sersk')}."
        ) from error


def _restore(bundle: dict[str, Any], weights: dict[str, Any]) -> BaseSpeechEncoder:
    kind = _ESTIMATORS[bundle["estimator"]]
    known = inspect.signature(kind).parameters
    estimator = kind(
        **{
            name: value
            for name, value in bundle["parameters"].items()
            if name in known and name not in _OF_TRAINING
        }
    )
    estimator.encoder_config_ = bundle["encoder"]
    estimator.widths_ = {}
    estimator.mean_ = bundle["normalizer"]["mean"]
    estimator.deviation_ = bundle["normalizer"]["deviation"]
    target = bundle["target"]
    if isinstance(estimator, SpeechEncoderClassifier):
        estimator.classes_ = np.asarray(target["classes"])
        estimator.is_multilabel_ = target["is_multilabel"]
        n_outputs = len(estimator.classes_)
    else:
        estimator.offset_ = np.asarray(target["offset"])
        estimator.scale_ = np.asarray(target["scale"])
        estimator.one_dimensional_ = target["one_dimensional"]
        n_outputs = len(estimator.offset_)
    _fill(estimator, n_outputs, weights)
    return estimator


def _fill(
    estimator: BaseSpeechEncoder, n_outputs: int, weights: dict[str, Any]
) -> None:
    import_nets()
    torch = import_optional("torch", extra="torch")
    # No weight is drawn that the file overwrites.
    with torch.device("meta"):
        module = estimator._make_module({}, n_outputs)
    module.load_state_dict(weights, assign=True)
    estimator.module_ = module.eval()
