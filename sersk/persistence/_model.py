"""Saving and loading fitted pipelines without pickle."""

import os
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from sersk.persistence._folder import refuse, write_folder

if TYPE_CHECKING:
    from sersk.datasets import AttributeScheme, LabelScheme, MultiLabelScheme

    Scheme = LabelScheme | MultiLabelScheme | AttributeScheme


@dataclass(frozen=True)
class Manifest:
    """Say what a saved model is, without loading it.

    Parameters
    ----------
    created : str
        When it was saved, in UTC.
    versions : dict of str to str
        Python and the libraries that its answers depend on.
    inputs : dict
        What it takes: ``kind`` is ``"clips"``, ``"frames"`` or ``"table"``; of clips,
        ``sampling_rate``, the highest rate in Hz at which a part reads them, and
        ``max_duration``, the longest that all parts read, in seconds; of a table,
        ``n_features``.
    classes : list or None
        What it predicts, in the order of its probabilities; None for a regressor.
    scheme : LabelScheme, MultiLabelScheme, AttributeScheme or None
        The label scheme that it was saved with.
    files : dict of str to dict
        ``bytes`` and ``sha256`` of each file.
    format : int, default=1
        Of the folder.

    See Also
    --------
    sersk.persistence.read_manifest : Reads one.

    Examples
    --------
    >>> from sersk.persistence import Manifest
    >>> Manifest("2026-01-31T12:00:00+00:00", {"python": "3.11"}, {}, None, None, {})
    Manifest(created='2026-01-31T12:00:00+00:00', versions={'python': '3.11'}, ...)
    """

    created: str
    versions: dict[str, str]
    inputs: dict[str, Any]
    classes: list[Any] | None
    scheme: "Scheme | None"
    files: dict[str, dict[str, Any]]
    format: int = 1


def save(
    pipeline: BaseEstimator,
    folder: str | PathLike,
    *,
    scheme: "Scheme | None" = None,
    overwrite: bool = False,
) -> str:
    """Save a fitted pipeline into a folder, without pickle.

    Estimators of sersk, scikit-learn, imbalanced-learn and XGBoost can be saved,
    inside each other and with nets. What is loaded predicts the same, bit by bit.

    Parameters
    ----------
    pipeline : estimator
        A fitted estimator, most often a :class:`~sklearn.pipeline.Pipeline`.
    folder : path
        A new or empty folder. It appears when all is written.
    scheme : LabelScheme, MultiLabelScheme or AttributeScheme, default=None
        What the labels mean, such as ``corpus.scheme``; :func:`read_manifest` gives it
        back.
    overwrite : bool, default=False
        Whether a saved model in `folder` is replaced. Nothing else ever is.

    Returns
    -------
    path : str
        The folder.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the pipeline is not fitted.
    TypeError
        If a part is neither plain data nor of a class that can be saved; the message
        names the part.
    ValueError
        If the folder holds something already.

    See Also
    --------
    sersk.load : The way back.

    Notes
    -----
    ``manifest.json`` lists the files with sizes and SHA-256, and what the model takes
    and was made with. ``model.json`` holds parameters and what was learned, classes by
    the names that their packages give them, and ``arrays.bin`` the numbers; boosters
    are in XGBoost's own format and weights of nets are safetensors.

    Where features are kept (`cache`, and `memory` of pipelines) is not saved. Other
    parameters are, paths too.

    Examples
    --------
    >>> import os, tempfile
    >>> import sersk
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.features import AcousticFunctionals
    >>> corpus = make_emotional_speech(n_speakers=2, random_state=0)
    >>> pipeline = make_pipeline(
    ...     AcousticFunctionals(n_mfcc=13), StandardScaler(), LogisticRegression()
    ... ).fit(corpus.clips, corpus.target)
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     folder = sersk.save(pipeline, os.path.join(parent, "model"))
    ...     loaded = sersk.load(folder)
    >>> bool((loaded.predict(corpus.clips) == pipeline.predict(corpus.clips)).all())
    True
    """
    from sersk.persistence._contents import make_contents

    check_is_fitted(pipeline)
    manifest, files = make_contents(pipeline, scheme)
    return write_folder(folder, manifest, files, overwrite=overwrite)


def load(folder: str | PathLike) -> Any:
    """Load a pipeline that :func:`sersk.save` wrote.

    Nothing in the folder is run or unpickled, and nothing that its manifest does not
    list is read. Each file is checked against the size and digest in the manifest, and
    only classes that :func:`sersk.save` knows are made.

    Parameters
    ----------
    folder : path
        What :func:`sersk.save` wrote.

    Returns
    -------
    pipeline : estimator
        The fitted pipeline.

    Raises
    ------
    ValueError
        If a file is missing, is a link, or is not what was saved; if the folder has
        another format; or if it asks for anything that models do not hold.
    sersk.utils.MissingDependencyError
        If the model needs a library that is not installed.

    Warns
    -----
    sersk.utils.ModelWarning
        If libraries have other versions than when it was saved.

    See Also
    --------
    sersk.save : What can be saved, and how.
    sersk.persistence.read_manifest : What a model is, without loading it.

    Examples
    --------
    >>> import os, tempfile
    >>> import sersk
    >>> from sklearn.linear_model import LogisticRegression
    >>> model = LogisticRegression().fit([[0.0], [1.0]], ["sad", "happy"])
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     sersk.load(sersk.save(model, os.path.join(parent, "model")))
    LogisticRegression()
    """
    from sersk.persistence._contents import (
        check_classes,
        read_contents,
        warn_versions,
    )

    path = _path(folder)
    manifest, pipeline = read_contents(path, "pipeline")
    if not isinstance(pipeline, BaseEstimator):
        refuse(path, "it holds no estimator")
    check_classes(path, manifest, pipeline)
    warn_versions(path, manifest["versions"])
    return pipeline


def read_manifest(folder: str | PathLike) -> Manifest:
    """Return what a saved model is, without loading it.

    Parameters
    ----------
    folder : path
        What :func:`sersk.save` wrote.

    Returns
    -------
    manifest : Manifest
        What it takes and predicts, and what it was made with.

    Raises
    ------
    ValueError
        If the folder is no saved model, or its files are not what was saved.

    See Also
    --------
    sersk.load : The model itself.

    Examples
    --------
    >>> import os, tempfile
    >>> import sersk
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sersk.persistence import read_manifest
    >>> model = LogisticRegression().fit([[0.0], [1.0]], ["sad", "happy"])
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     manifest = read_manifest(sersk.save(model, os.path.join(parent, "model")))
    >>> manifest.classes, manifest.inputs
    (['happy', 'sad'], {'kind': 'table', 'n_features': 1})
    """
    from sersk.persistence._contents import read_contents

    path = _path(folder)
    manifest, scheme = read_contents(path, "scheme")
    try:
        return Manifest(**{**manifest, "scheme": scheme})
    except TypeError as error:
        refuse(path, f"its manifest is another ({error})", error)


def _path(folder: str | PathLike) -> str:
    return os.path.abspath(os.path.expanduser(os.fspath(folder)))
