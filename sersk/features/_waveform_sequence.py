"""The samples themselves, for nets that begin with an encoder of speech."""

import numpy as np

from sersk.features._frames import BaseFrameExtractor


class WaveformSequence(BaseFrameExtractor):
    """Extract the samples of clips, one a frame.

    It gives a net that trains its encoder the waveforms beside other features; the net
    normalises them as its checkpoint asks for.

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
        Where samples are kept: None stands for the setting ``cache_dir`` of
        :func:`sersk.set_config`, False for nowhere.
    n_jobs : int or None, default=None
        Number of workers; None stands for 1, or for what
        :func:`joblib.parallel_config` says.

    Attributes
    ----------
    n_features_in_ : int
        Number of samples of a clip; only after fitting on a 2-D array.

    See Also
    --------
    SpeechEmbeddingSequence : What an encoder that is not trained makes of them.
    sersk.estimators.CoAttentionClassifier : Takes them, given an encoder.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.features import WaveformSequence
    >>> WaveformSequence().fit_transform([np.zeros(16_000), np.zeros(48_000)])
    <FrameSequences: 2 clips, 16000 to 48000 frames of 1 features>
    """

    def _extract(self, waveform: np.ndarray) -> np.ndarray:
        return waveform[:, np.newaxis]

    def _feature_names(self) -> list[str]:
        return ["sample"]

    def _pad_value(self) -> float:
        return 0.0

    def _period(self) -> float:
        return 1 / self.sampling_rate
