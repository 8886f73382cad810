"""What extractors share, whatever they read of a clip: rows, their names, the store."""

from os import PathLike
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from sersk.audio import AudioClips
from sersk.cache import FeatureStore, check_store, extractor_key
from sersk.features._extraction import Outcome, Place
from sersk.utils import find_version
from sersk.utils._sklearn import Options


class BaseExtractor(TransformerMixin, BaseEstimator):
    """Turn clips into rows, whatever it is that is read of them.

    The base of :class:`BaseClipTransformer`, which reads waveforms, and of
    :class:`TextEmbedding`, which reads transcripts. A subclass defines

    - ``__init__``, which stores its parameters, ``cache`` among them;
    - ``_parameter_constraints``, as scikit-learn's estimators do;
    - ``run(clips)``, which returns what became of each clip;
    - ``_check_input(X, reset=...)``, which returns `X` as clips;
    - ``_report(clips, outcomes)``, which raises or warns about those that failed;
    - ``_feature_names()``, a list of the names of the columns;
    - ``_extractor_version``, to be raised whenever the numbers change,
      ``_libraries``, the distributions whose versions change them, and
      ``_runtime_parameters``, which cannot change them.

    See Also
    --------
    BaseClipTransformer : The base of those that listen.

    Examples
    --------
    >>> from sersk.features import AcousticFunctionals, BaseExtractor
    >>> isinstance(AcousticFunctionals(), BaseExtractor)
    True
    """

    _extractor_version: ClassVar[int] = 1
    _libraries: ClassVar[tuple[str, ...]] = ()
    # All others are part of the store's key.
    _runtime_parameters: ClassVar[frozenset[str]] = frozenset({"cache"})

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "cache": [str, PathLike, FeatureStore, Options(bool, {False}), None],
    }

    cache: Any

    # Without scikit-learn's context of a fit, whose first use imports its callbacks.
    def fit(self, X: Any, y: Any = None) -> "BaseExtractor":
        """Check parameters and input; nothing is learned and no file is opened.

        Parameters
        ----------
        X : clips
            See :func:`sersk.check_clips`.
        y : None
            Ignored.

        Returns
        -------
        self : object
            This extractor.
        """
        self.begin(X, reset=True)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Extract the features of each clip.

        Parameters
        ----------
        X : clips
            See :func:`sersk.check_clips`.

        Returns
        -------
        features : ndarray of float32 of shape (n_clips, n_features)
            One row a clip, in order.

        Raises
        ------
        AudioError
            If clips cannot be used, and rows of NaN were not asked for; the message
            names them. Clips that were computed are kept in the store, if there is one.
        ValueError
            If `X` holds no clips.

        Warns
        -----
        sersk.utils.AudioWarning
            If clips got rows of NaN, or were recorded at less than ``sampling_rate``.
        """
        clips = self.begin(X)
        outcomes = self.run(clips)
        self._report(clips, outcomes)
        return self._assemble(outcomes)

    def run(self, clips: AudioClips) -> list[Outcome]:
        """Extract from clips and return what became of each; for the library's use.

        Parameters
        ----------
        clips : AudioClips
            Clips as `begin` returns them.

        Returns
        -------
        outcomes : list of Outcome
            One a clip, in order.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define run.")

    def begin(self, X: Any, *, reset: bool = False) -> AudioClips:
        """Check parameters and input, as fit and transform do; for the library's use.

        Parameters
        ----------
        X : clips
            See :func:`sersk.check_clips`.
        reset : bool, default=False
            Whether this is a fit, which takes note of what `X` is.

        Returns
        -------
        clips : AudioClips
            Clips for `run`.
        """
        self._validate_params()
        self._check_parameters()
        return self._check_input(X, reset=reset)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names of the columns.

        Parameters
        ----------
        input_features : None
            Ignored; clips have no names.

        Returns
        -------
        names : ndarray of str objects of shape (n_features,)
            Such as ``mfcc_03_mean``.
        """
        return np.asarray(self._feature_names(), dtype=object)

    def _feature_names(self) -> list[str]:
        raise NotImplementedError(f"{type(self).__name__} does not name its features.")

    def _check_parameters(self) -> None:
        """Raise where parameters do not go together; subclasses override this."""

    def _check_input(self, X: Any, *, reset: bool) -> AudioClips:
        """Return X as clips, or raise where they are none that can be used."""
        raise NotImplementedError(f"{type(self).__name__} defines no _check_input.")

    def _report(self, clips: AudioClips, outcomes: list[Outcome]) -> None:
        """Raise or warn about the clips that failed, and warn of what else is odd."""
        raise NotImplementedError(f"{type(self).__name__} does not define _report.")

    def _assemble(self, outcomes: list[Outcome]) -> np.ndarray:
        """Return a row a clip, of NaN where it failed."""
        n_features = len(self._feature_names())
        nothing = np.full(n_features, np.nan, dtype=np.float32)
        rows = [nothing if row.value is None else row.value for row in outcomes]
        shapes = {row.shape for row in rows} - {(n_features,)}
        if shapes:
            raise ValueError(
                f"{type(self).__name__}._extract gave an array of shape "
                f"{shapes.pop()}, but _feature_names gives {n_features} names. Give "
                "one for each value."
            )
        # Stacking would make an array of two dimensions of each row first.
        joined = np.concatenate(rows, dtype=np.float32, casting="same_kind")
        return joined.reshape(len(rows), n_features)

    def _place(self) -> Place | None:
        """Return where rows are kept, if they are."""
        store = check_store(self.cache)
        if store is None:
            return None
        description = self._description()
        return Place(store, extractor_key(description), description)

    def _description(self) -> dict[str, Any]:
        """Return all that can change the numbers: the store's key is made of it."""
        parameters = self.get_params(deep=False)
        return {
            "extractor": type(self).__qualname__,
            "module": type(self).__module__,
            "version": self._extractor_version,
            "libraries": {name: find_version(name) for name in self._libraries},
            "parameters": {
                name: value
                for name, value in parameters.items()
                if name not in self._runtime_parameters
            },
        }

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
