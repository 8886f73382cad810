"""The base of extractors that keep time: a matrix a clip instead of a row."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.utils import Tags

from sersk.audio import AudioClips, FrameSequences, FrameWriter
from sersk.features._base import BaseClipTransformer
from sersk.features._extraction import Outcome

# Frames of so many clips wait in memory to be written behind those before.
_CLIPS_AT_ONCE = 256


class BaseFrameExtractor(BaseClipTransformer):
    """Turn clips into sequences of frames.

    A subclass defines what one of :class:`BaseClipTransformer` does, except that
    ``_extract(waveform)`` returns a matrix of frames by features, and besides

    - ``_pad_value()``, what stands for no sound: a number, or one a feature;
    - ``_period()``, the time between two frames in seconds.

    Parameters
    ----------
    sampling_rate : int, default=16000
        Rate in Hz to which clips are resampled, and at which arrays are taken to be.
    on_error : {"raise", "nan"}, default="raise"
        What to do about clips that cannot be used: raise when all others are
        computed, or give them one frame of NaN and warn.
    max_duration : float, default=600.0
        Longest clip in seconds that is read; it bounds the memory.
    cache : path, FeatureStore, False or None, default=None
        Where features are kept: None stands for the setting ``cache_dir`` of
        :func:`sersk.set_config`, False for nowhere.
    n_jobs : int or None, default=None
        Number of workers; None stands for 1, or for what
        :func:`joblib.parallel_config` says.

    See Also
    --------
    sersk.audio.FrameSequences : What ``transform`` returns.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.features import BaseFrameExtractor
    >>> class Peaks(BaseFrameExtractor):
    ...     '''Measure the largest amplitude of every 10 ms.'''
    ...
    ...     def _extract(self, waveform):
    ...         whole = waveform[: len(waveform) // 160 * 160].reshape(-1, 160)
    ...         return np.abs(whole).max(axis=1, keepdims=True)
    ...
    ...     def _feature_names(self):
    ...         return ["peak"]
    ...
    ...     def _pad_value(self):
    ...         return 0.0
    ...
    ...     def _period(self):
    ...         return 0.01
    >>> Peaks().fit_transform([np.ones(400), np.ones(160)])
    <FrameSequences: 2 clips, 1 to 2 frames of 1 features>
    """

    def __init_subclass__(cls, **options: Any) -> None:
        """Leave out ``set_output``: frames are no table."""
        options.setdefault("auto_wrap_output_keys", None)
        super().__init_subclass__(**options)

    def transform(  # type: ignore[override]  # frames instead of rows
        self, X: Any
    ) -> FrameSequences:
        """Extract the frames of each clip.

        Parameters
        ----------
        X : clips
            See :func:`sersk.check_clips`.

        Returns
        -------
        sequences : FrameSequences
            A matrix of float32 of shape (n_frames, n_features) a clip, in order, with
            the columns of the clips.

        Raises
        ------
        AudioError
            If clips cannot be used and ``on_error="raise"``; the message names them.
            Clips that were computed are kept in the store, if there is one.
        ValueError
            If `X` holds no clips.
        """
        clips = self.begin(X)
        writer = FrameWriter(len(self._feature_names()))
        outcomes = []
        for outcome in self._run_in_parts(clips):
            outcomes.append(outcome._replace(value=None))
            if not (outcome.reason and self.on_error == "raise"):
                writer.append(self._frames(outcome))
        self._report(clips, outcomes)
        return FrameSequences.from_writer(
            writer,
            pad_value=self._pad_value(),
            period=self._period(),
            columns=clips.columns,
        )

    def __sklearn_tags__(self) -> Tags:
        """Tell that what comes out is no array, and has no dtype to preserve."""
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _run_in_parts(self, clips: AudioClips) -> Iterator[Outcome]:
        for first in range(0, len(clips), _CLIPS_AT_ONCE):
            yield from self.run(clips[first : first + _CLIPS_AT_ONCE])

    def _frames(self, outcome: Outcome) -> np.ndarray:
        if outcome.value is None:
            return np.full((1, len(self._feature_names())), np.nan, dtype=np.float32)
        return outcome.value

    def _pad_value(self) -> Any:
        raise NotImplementedError(f"{type(self).__name__} does not define _pad_value.")

    def _period(self) -> float:
        raise NotImplementedError(f"{type(self).__name__} does not define _period.")
