"""Normalisation by speaker, and from which clips its statistics come."""

from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils.validation import check_is_fitted

from sersk.audio import check_clips, is_matrix
from sersk.preprocessing._enrolment import check_enough, find_enrolment, read_marks
from sersk.preprocessing._standardise import (
    Statistics,
    is_usable,
    measure,
    pool,
    standardise,
)
from sersk.utils import TransductionWarning, warn_user
from sersk.utils._sklearn import HasMethods, Interval, StrOptions, fit_context


class SpeakerScaler(TransformerMixin, BaseEstimator):
    r"""Standardise the features of an extractor by speaker.

    Each speaker's features get mean 0 and standard deviation 1 over some of the clips
    of that speaker. Which ones decides what a result means:

    ``"transductive"``
        All clips of the speaker in the same call. To transform test clips it uses
        every one of them (never their labels), so a result holds where many clips of
        each new speaker are at hand.
    ``"enrol"``
        The speaker's enrolment clips in the same call, and no others: the first
        `enrol` of them, those that `enrol_column` marks, or the first `enrol` of
        those that it marks. A result holds where each new speaker first gives as many
        clips of that kind.
    ``"train"``
        The clips of the speaker that were given to :meth:`fit`. A speaker who was not
        among them, which in an honest evaluation is every test speaker, gets the
        statistics that training speakers have on the whole. A result holds for the
        first clip of a stranger.

    Parameters
    ----------
    extractor : extractor
        What turns clips into features; it keeps its cache.
    mode : {"transductive", "train", "enrol"}, default="transductive"
        Which clips the statistics of a speaker come from.
    enrol : int, default=None
        With ``mode="enrol"``, how many clips each speaker is enrolled with, at least
        2: the first ones in the order of the call.
    enrol_column : str, default=None
        With ``mode="enrol"``, the column of `X` that is True for clips that a speaker
        may be enrolled with.

    Attributes
    ----------
    extractor_ : extractor
        The fitted copy of `extractor`.
    n_features_in_ : int
        Number of samples of a clip; only after fitting on a 2-D array.
    speakers_ : list of length n_speakers
        With ``mode="train"``, the training speakers.
    means_, spreads_ : ndarray of shape (n_speakers, n_features)
        With ``mode="train"``, their statistics.
    pooled_mean_, pooled_spread_ : ndarray of shape (n_features,)
        With ``mode="train"``, what any other speaker gets.

    See Also
    --------
    sklearn.preprocessing.StandardScaler : What is learned over all training clips.
    sersk.model_selection.audit_fit : Find steps that depend on other test clips.

    Notes
    -----
    With :math:`x_{si}` the feature of clip :math:`i` of speaker :math:`s`, and
    :math:`m_s`, :math:`d_s` the mean and the standard deviation (divided by
    :math:`n_s`) over the clips that count, clips become :math:`(x_{si} - m_s) / d_s`.
    With ``mode="train"``, a speaker who is not one of the :math:`S` training speakers
    gets :math:`\frac{1}{S} \sum_s m_s` and :math:`\sqrt{\\frac{1}{S} \sum_s
    d_s^2}`: each training speaker counts once, however many clips he has. A training
    speaker of one clip has a mean, but no deviation; his is the pooled one.

    A feature that is constant over the clips that count becomes 0. Rows of NaN, which
    an extractor with ``on_error="nan"`` gives, stay, and do not count. Where `X`
    carries no speaker, all clips of a call are taken for one speaker's, with a
    :class:`~sersk.utils.TransductionWarning`.

    Labels never travel inside `X`. Knowing which clips of a new speaker are neutral is
    what enrolment with neutral clips means, so whoever evaluates it says so in a
    column: ``clips.with_columns({"enrolment": corpus.target == "neutral"})``. The
    clips that a speaker is enrolled with are transformed as well. Their labels are
    known if they were chosen by them: leave them out of the scores, by
    :meth:`enrolment_mask`.

    References
    ----------
    C. Busso, S. Mariooryad, A. Metallinou and S. Narayanan, "Iterative Feature
    Normalization Scheme for Automatic Emotion Detection from Speech", IEEE
    Transactions on Affective Computing, 2013: statistics from neutral speech.

    Examples
    --------
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.features import AcousticFunctionals
    >>> from sersk.preprocessing import SpeakerScaler
    >>> corpus = make_emotional_speech(n_speakers=2, random_state=0)
    >>> features = SpeakerScaler(AcousticFunctionals()).fit_transform(corpus.clips)
    >>> one = features[corpus.clips.speaker == corpus.clips.speaker[0]]
    >>> bool(abs(one.mean(axis=0)).max() < 1e-5)
    True

    Enrolled on neutral speech:

    >>> is_neutral = corpus.target == "neutral"
    >>> clips = corpus.clips.with_columns({"enrolment": is_neutral})
    >>> scaler = SpeakerScaler(
    ...     AcousticFunctionals(), mode="enrol", enrol_column="enrolment"
    ... )
    >>> features = scaler.fit_transform(clips)
    >>> bool(abs(features[is_neutral].mean(axis=0)).max() < 1e-5)
    True
    >>> scaler.normalisation_note
    "enrolled on clips marked 'enrolment'"
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "extractor": [HasMethods(["fit", "transform"])],
        "mode": [StrOptions({"transductive", "train", "enrol"})],
        "enrol": [Interval(Integral, 2, None, closed="left"), None],
        "enrol_column": [str, None],
    }

    def __init__(
        self,
        extractor: Any,
        mode: str = "transductive",
        *,
        enrol: int | None = None,
        enrol_column: str | None = None,
    ) -> None:
        self.extractor = extractor
        self.mode = mode
        self.enrol = enrol
        self.enrol_column = enrol_column

    @property
    def is_transductive(self) -> bool:
        """Whether the features of a test clip depend on all others of its speaker."""
        return self.mode == "transductive"

    @property
    def normalisation_note(self) -> str:
        """What a table says of a result that was reached with this mode."""
        if self.mode == "transductive":
            return "transductive by speaker"
        if self.mode == "train":
            return "speakers scaled by training clips"
        marked = f" marked {self.enrol_column!r}" if self.enrol_column else ""
        if self.enrol is None:
            return f"enrolled on clips{marked}"
        return f"enrolled on {self.enrol} clips{marked} a speaker"

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any = None) -> "SpeakerScaler":
        """Fit a copy of the extractor; with ``mode="train"``, learn statistics.

        Parameters
        ----------
        X : clips
            See :func:`sersk.check_clips`; with a column ``speaker``.
        y : array-like, default=None
            Passed on to the extractor.

        Returns
        -------
        self : object
            This transformer.

        Raises
        ------
        ValueError
            If it is not said what to enrol with, or it is said in another mode.
        """
        self._fit_extractor(X, y)
        if self.mode == "train":
            self._learn(self._extract(X), X)
        return self

    @fit_context(prefer_skip_nested_validation=False)
    def fit_transform(self, X: Any, y: Any = None) -> np.ndarray:
        """Fit, and transform the same clips, extracting once.

        Parameters
        ----------
        X : clips
            See :func:`sersk.check_clips`; with a column ``speaker``.
        y : array-like, default=None
            Passed on to the extractor.

        Returns
        -------
        features : ndarray of float32 of shape (n_clips, n_features)
            One row a clip, in order.
        """
        self._fit_extractor(X, y)
        features = self._extract(X)
        if self.mode == "train":
            self._learn(features, X)
        return self._scale(features, X)

    def transform(self, X: Any) -> np.ndarray:
        """Extract features and standardise them by speaker.

        Parameters
        ----------
        X : clips
            See :func:`sersk.check_clips`; with a column ``speaker``.

        Returns
        -------
        features : ndarray of float32 of shape (n_clips, n_features)
            One row a clip, in order.

        Raises
        ------
        AudioError
            If clips cannot be used; see the extractor.
        ValueError
            If the speaker of some clips is missing, or a speaker has fewer enrolment
            clips than asked for, or than 2.

        Warns
        -----
        TransductionWarning
            If `X` carries no speaker, or statistics come from one clip.
        """
        check_is_fitted(self)
        return self._scale(self._extract(X), X)

    def enrolment_mask(self, X: Any) -> np.ndarray:
        """Tell which clips speakers are enrolled with when these are transformed.

        Parameters
        ----------
        X : clips
            See :func:`sersk.check_clips`; with a column ``speaker``.

        Returns
        -------
        is_enrolled : ndarray of bool of shape (n_clips,)
            Leave these clips out of the scores, or say that they count.

        Raises
        ------
        ValueError
            If `mode` is not ``"enrol"``, or there are too few clips.
        """
        self._check_enrolment()
        if self.mode != "enrol":
            raise ValueError(f"mode={self.mode!r} enrols nobody. Use mode='enrol'.")
        columns = _columns(X)
        codes, names = _number_speakers(columns, len(X))
        return find_enrolment(codes, names, self.enrol, self._marks(columns))

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the extractor's names: they stay, their units do not.

        Parameters
        ----------
        input_features : None
            Ignored.

        Returns
        -------
        names : ndarray of str objects of shape (n_features,)
            One a column.
        """
        check_is_fitted(self)
        return self.extractor_.get_feature_names_out(input_features)

    @property
    def n_features_in_(self) -> int:
        """Number of samples of a clip, if fitted on a 2-D array."""
        return self.extractor_.n_features_in_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

    def _fit_extractor(self, X: Any, y: Any) -> None:
        self._check_enrolment()
        self.extractor_ = clone(self.extractor).fit(X, y)

    def _check_enrolment(self) -> None:
        """Raise unless the parameters of enrolment go with the mode."""
        is_told = self.enrol is not None or self.enrol_column is not None
        if self.mode == "enrol" and not is_told:
            raise ValueError(
                "mode='enrol' needs enrol=, how many clips each speaker is enrolled "
                "with, or enrol_column=, the column of X that marks them."
            )
        if self.mode != "enrol" and is_told:
            raise ValueError(
                f"enrol={self.enrol!r} and enrol_column={self.enrol_column!r} are for "
                f"mode='enrol', but mode={self.mode!r}."
            )

    def _extract(self, X: Any) -> np.ndarray:
        return np.asarray(self.extractor_.transform(X), dtype=np.float32)

    def _learn(self, features: np.ndarray, X: Any) -> None:
        """Learn the statistics of each training speaker, and of all together."""
        codes, names = _number_speakers(_columns(X), len(features))
        counts = _count(features, codes)
        _warn_of_loners(counts, names, "so they get the spread of the other speakers")
        heard = np.flatnonzero(counts)
        groups = [measure(features[codes == code]) for code in heard]
        pooled = pool(groups or [measure(features)], [*counts[heard]] or [0])
        spreads = [
            group.spread if counts[code] > 1 else pooled.spread
            for code, group in zip(heard, groups, strict=True)
        ]
        self.speakers_ = [names[code] for code in heard]
        self.means_ = np.array([group.mean for group in groups])
        self.spreads_ = np.array(spreads)
        self.pooled_mean_, self.pooled_spread_ = pooled

    def _scale(self, features: np.ndarray, X: Any) -> np.ndarray:
        columns = _columns(X)
        codes, names = _number_speakers(columns, len(features))
        statistics = self._statistics(features, codes, names, columns)
        scaled = np.empty_like(features)
        for code in np.unique(codes):
            rows = codes == code
            scaled[rows] = standardise(features[rows], statistics[code])
        return scaled

    def _statistics(
        self,
        features: np.ndarray,
        codes: np.ndarray,
        names: Sequence,
        columns: Mapping[str, np.ndarray],
    ) -> list[Statistics]:
        """Return the statistics of each speaker of a call."""
        if self.mode == "train":
            return [self._learned(name) for name in names]
        if self.mode == "enrol":
            marks = self._marks(columns)
            counting = find_enrolment(codes, names, self.enrol, marks)
            check_enough(_count(features[counting], codes[counting]), names)
        else:
            counting = np.ones(len(codes), dtype=bool)
            loss = "so their features become 0"
            _warn_of_loners(_count(features, codes), names, loss)
        return [
            measure(features[counting & (codes == code)]) for code in range(len(names))
        ]

    def _learned(self, name: Any) -> Statistics:
        if name not in self.speakers_:
            return Statistics(self.pooled_mean_, self.pooled_spread_)
        place = self.speakers_.index(name)
        return Statistics(self.means_[place], self.spreads_[place])

    def _marks(self, columns: Mapping[str, np.ndarray]) -> np.ndarray | None:
        """Return the clips that may be enrolled with, where a column tells."""
        if self.enrol_column is None:
            return None
        if self.enrol_column not in columns:
            raise ValueError(
                f"X carries no column {self.enrol_column!r}. Mark the clips to enrol "
                f"with: clips.with_columns({{{self.enrol_column!r}: [...]}})."
            )
        return read_marks(columns[self.enrol_column], self.enrol_column)


def _columns(X: Any) -> Mapping[str, np.ndarray]:
    return {} if is_matrix(X) else check_clips(X).columns


def _number_speakers(
    columns: Mapping[str, np.ndarray], n_clips: int
) -> tuple[np.ndarray, list]:
    """Return the number of each clip's speaker, and the speakers by number."""
    if "speaker" not in columns:
        _warn(
            "X carries no speaker: all clips of this call are taken for one speaker's. "
            "Give it with clips.with_columns({'speaker': [...]})."
        )
        return np.zeros(n_clips, dtype=np.intp), ["unknown"]
    codes, names = pd.factorize(columns["speaker"])
    missing = np.flatnonzero(codes < 0)
    if len(missing):
        raise ValueError(
            f"X lacks the speaker of {len(missing)} of {n_clips} clips (first: clip "
            f"{missing[0]}). Fill it in, or drop these clips."
        )
    return codes, names.tolist()


def _count(features: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return how many usable clips each speaker has."""
    n_speakers = int(codes.max(initial=-1)) + 1
    return np.bincount(codes[is_usable(features)], minlength=n_speakers)


def _warn_of_loners(counts: np.ndarray, names: Sequence, loss: str) -> None:
    alone = np.flatnonzero(counts == 1)
    if len(alone):
        subject = "1 speaker has" if len(alone) == 1 else f"{len(alone)} speakers have"
        _warn(
            f"{subject} one clip in this call (first: {names[alone[0]]!r}), {loss}. "
            "Give all clips of a speaker together."
        )


def _warn(message: str) -> None:
    warn_user(message, TransductionWarning)
