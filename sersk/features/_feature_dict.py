"""Several inputs for one net, extracted side by side."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from sklearn.base import TransformerMixin, clone
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from sersk.audio import FeatureStreams, FrameSequences
from sersk.utils._sklearn import BaseComposition, fit_context


class FeatureDict(  # type: ignore[call-arg]  # scikit-learn has no stubs
    TransformerMixin, BaseComposition, auto_wrap_output_keys=None
):
    """Extract several features of the same clips, under the names that a net knows.

    Parameters
    ----------
    transformers : sequence of (str, transformer)
        Names and what extracts: an extractor, or a pipeline that ends in a scaler of
        frames. The names are those of the arguments of the net's ``forward``.

    Attributes
    ----------
    transformers_ : list of (str, transformer)
        The fitted copies.
    n_features_in_ : int
        Number of samples of a clip; only after fitting on a 2-D array.

    Raises
    ------
    ValueError
        If two streams with frames of the same period differ in their number.
    TypeError
        If something is no pair of a name and a transformer.

    See Also
    --------
    sersk.audio.FeatureStreams : What ``transform`` returns.
    sklearn.pipeline.FeatureUnion : The same for rows, side by side in one matrix.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.features import AcousticFunctionals, FeatureDict, MFCCSequence
    >>> features = FeatureDict(
    ...     [("mfcc", MFCCSequence()), ("functionals", AcousticFunctionals())]
    ... )
    >>> features.fit_transform([np.zeros(16_000), np.zeros(8_000)])
    <FeatureStreams: 2 clips of mfcc, functionals>
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {"transformers": [list, tuple]}

    def __init__(self, transformers: Sequence[tuple[str, Any]]) -> None:
        self.transformers = transformers

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any = None) -> "FeatureDict":
        """Fit a copy of each transformer.

        Parameters
        ----------
        X : clips
            See :func:`sersk.check_clips`.
        y : array-like of shape (n_clips,), default=None
            Labels, handed on.

        Returns
        -------
        self : FeatureDict
            This transformer.
        """
        self._check_names()
        self.transformers_ = [
            (name, clone(transformer).fit(X, y))
            for name, transformer in self.transformers
        ]
        return self

    def transform(self, X: Any) -> FeatureStreams:
        """Extract the features of each clip.

        Parameters
        ----------
        X : clips
            See :func:`sersk.check_clips`.

        Returns
        -------
        streams : FeatureStreams
            What each transformer makes of the clips, by name.
        """
        check_is_fitted(self)
        return FeatureStreams(
            {name: _stream(name, one.transform(X)) for name, one in self.transformers_}
        )

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters, those of the transformers by their names.

        Parameters
        ----------
        deep : bool, default=True
            Whether to return those of the transformers too.

        Returns
        -------
        params : dict
            Such as ``mfcc__n_mfcc``.
        """
        return self._get_params("transformers", deep=deep)

    def set_params(self, **params: Any) -> "FeatureDict":
        """Change parameters, or whole transformers by their names.

        Parameters
        ----------
        **params : dict
            Such as ``mfcc__n_mfcc=13``.

        Returns
        -------
        self : FeatureDict
            This transformer.
        """
        self._set_params("transformers", **params)
        return self

    @property
    def n_features_in_(self) -> int:
        """Number of samples of a clip; only after fitting on a 2-D array."""
        check_is_fitted(self)
        return self.transformers_[0][1].n_features_in_

    def __sklearn_tags__(self) -> Tags:
        """Tell that what comes out is no array, and has no dtype to preserve."""
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _check_names(self) -> None:
        if not self.transformers:
            raise ValueError(
                "transformers is empty: pass a list of (name, transformer)."
            )
        for item in self.transformers:
            self._check_item(item)
        names = [name for name, _ in self.transformers]
        self._validate_names(names)
        odd = [name for name in names if not name.isidentifier()]
        if odd:
            raise ValueError(
                f"transformers has the name {odd[0]!r}, which cannot be an argument of "
                "a net's forward. Use letters, digits and underscores."
            )

    def _check_item(self, item: Any) -> None:
        """Raise unless it is a name and what extracts."""
        is_pair = isinstance(item, tuple | list) and len(item) == 2
        if (
            not is_pair
            or not isinstance(item[0], str)
            or isinstance(item[1], type)
            or not (hasattr(item[1], "fit") and hasattr(item[1], "transform"))
        ):
            raise TypeError(
                f"transformers holds {item!r}, which is no pair of a name and a "
                "transformer, such as ('mfcc', MFCCSequence())."
            )

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "transformers_")


def _stream(name: str, features: Any) -> FrameSequences | np.ndarray:
    """Return features as they go into streams, or raise naming them."""
    if isinstance(features, FrameSequences):
        return features
    array = np.asarray(features)
    if array.ndim != 2:
        raise ValueError(
            f"The transformer {name!r} gives an array of shape {array.shape}, but rows "
            "or FrameSequences are expected."
        )
    return array
