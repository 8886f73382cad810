"""What the descriptors of one clip share, computed once and only if asked for."""

from functools import cached_property
from typing import Any

import numpy as np

from sersk.descriptors import (
    Formants,
    GlottalCycles,
    PitchTrack,
    cepstrum,
    find_cycles,
    formants,
    frame_count,
    mel_spectrogram,
    power_spectrogram,
    power_to_db,
    track_pitch,
)


class ClipAnalysis:
    """Spectra and pitch of one waveform.

    Parameters
    ----------
    waveform : ndarray of float32 of shape (n_samples,)
        Mono samples.
    settings : AcousticFunctionals
        Whose parameters say how.
    keep_power : bool
        Whether the power spectrogram is kept while its mel bands are computed: it is
        not worth the memory unless a descriptor needs it.
    """

    def __init__(self, waveform: np.ndarray, settings: Any, *, keep_power: bool):
        self.waveform = waveform
        self.settings = settings
        self.sampling_rate: int = settings.sampling_rate
        self.steps: dict[str, Any] = {
            "frame_length": settings.n_fft,
            "hop_length": settings.hop_length,
        }
        self._keep_power = keep_power
        self._power: np.ndarray | None = None

    @cached_property
    def mel(self) -> np.ndarray:
        """Power in mel bands."""
        settings = self.settings
        if self._keep_power:
            n_frames = frame_count(len(self.waveform), **self.steps, center=True)
            shape = (n_frames, 1 + settings.n_fft // 2)
            self._power = np.empty(shape, dtype=np.float32)
        return mel_spectrogram(
            self.waveform,
            self.sampling_rate,
            **self._transform(),
            n_mels=settings.n_mels,
            fmin=settings.fmin,
            fmax=settings.fmax,
            htk=settings.htk,
            # A digit less in bands 60 dB below the mean shows in no functional.
            rtol=1e-3,
            power_out=self._power,
        )

    @cached_property
    def power(self) -> np.ndarray:
        """Power of the transform: that of which the mel bands are, if there are any."""
        if "mel" in self.__dict__ and self._power is not None:
            return self._power.T
        return power_spectrogram(self.waveform, **self._transform())

    @cached_property
    def magnitude(self) -> np.ndarray:
        """Root of the power."""
        return np.sqrt(self.power)

    @cached_property
    def relative_log_mel(self) -> np.ndarray:
        """Mel bands in decibels below the loudest."""
        return power_to_db(self.mel, ref="max")

    @cached_property
    def mfcc(self) -> np.ndarray:
        """Cepstral coefficients of the mel bands in decibels."""
        return cepstrum(power_to_db(self.mel), n_mfcc=self.settings.n_mfcc)

    @cached_property
    def pitch(self) -> PitchTrack:
        """Fundamental frequency and periodicity."""
        return track_pitch(
            self.waveform,
            self.sampling_rate,
            method=self.settings.pitch_method,
            fmin=self.settings.pitch_fmin,
            fmax=self.settings.pitch_fmax,
            hop_length=self.settings.hop_length,
        )

    @cached_property
    def cycles(self) -> GlottalCycles:
        """Cycles of the voice."""
        return find_cycles(self.waveform, self.pitch, self.sampling_rate)

    @cached_property
    def formants(self) -> Formants:
        """Resonances of the vocal tract."""
        return formants(self.waveform, self.pitch, self.sampling_rate)

    def _transform(self) -> dict[str, Any]:
        names = ("n_fft", "hop_length", "win_length", "window")
        return {name: getattr(self.settings, name) for name in names}
