"""Loading what a fine-tuned encoder wrote down."""

import inspect
from os import PathLike
from pathlib import Path
from typing import Any

from sersk.estimators._fine_tuned import BaseFineTuned
from sersk.estimators._late_imports import import_bundle
from sersk.estimators._speech_encoder_classifier import SpeechEncoderClassifier
from sersk.estimators._speech_encoder_regressor import SpeechEncoderRegressor
from sersk.estimators._text_encoder_classifier import TextEncoderClassifier

_ESTIMATORS = {
    one.__name__: one
    for one in (SpeechEncoderClassifier, SpeechEncoderRegressor, TextEncoderClassifier)
}
# Of these, a bundle says what they looked like, and predicting needs none.
_OF_TRAINING = ("checkpoint", "device", "random_state", "resume", "validation_cv")


def load_fine_tuned(folder: str | PathLike) -> BaseFineTuned:
    """Load the best weights that a fine-tuned encoder wrote to its `checkpoint`.

    It needs nothing but the folder, and executes nothing in it.

    Parameters
    ----------
    folder : path
        The `checkpoint` of a :class:`SpeechEncoderClassifier`,
        :class:`SpeechEncoderRegressor` or :class:`TextEncoderClassifier`, whether its
        training came to an end or not.

    Returns
    -------
    estimator : SpeechEncoderClassifier, SpeechEncoderRegressor or TextEncoderClassifier
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
    path, bundles = Path(folder).expanduser(), import_bundle()
    bundle = bundles.read_bundle(path)
    weights = bundles.read_weights(path, bundle)
    try:
        return _restore(bundle, weights)
    except (KeyError, TypeError, ValueError, RuntimeError, AttributeError) as error:
        raise ValueError(
            f"{path} is no bundle of this version of sersk, or was changed: "
            f"{str(error).splitlines()[0].rstrip('.')}. Load it with the version that "
            f"wrote it: {_version(bundle)}."
        ) from error


def _version(bundle: dict[str, Any]) -> Any:
    versions = bundle.get("versions")
    return versions.get("sersk") if isinstance(versions, dict) else "not known"


def _restore(bundle: dict[str, Any], weights: dict[str, Any]) -> BaseFineTuned:
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
    estimator._restore_input(bundle)
    estimator._restore_target(bundle["target"])
    estimator.restore_module(weights)
    return estimator
