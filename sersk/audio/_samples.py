"""From the numbers that users hold to float32 samples in [-1, 1]."""

import warnings

import numpy as np

from sersk.utils import AudioError, AudioWarning

# Integer types that are PCM formats; no recording is made of any other.
_FULL_SCALE = {"int8": 2.0**7, "int16": 2.0**15, "int32": 2.0**31}
_MAX_INT16 = 2**15


def to_float32(samples: np.ndarray) -> np.ndarray:
    """Convert samples of any numeric type to float32, integers by their full scale.

    Parameters
    ----------
    samples : ndarray
        Floats are kept as they are; int8, int16, int32 and (offset) uint8 are PCM
        codes. Other integers, which numpy makes from Python lists, are taken for
        16-bit PCM codes with a warning.

    Returns
    -------
    samples : ndarray of float32
        Of the same shape, C-contiguous; the array itself if it is that already.

    Raises
    ------
    AudioError
        If the type is not numeric, an integer is beyond 16 bits, or samples are
        masked. The message is a phrase that follows the name of the clip.
    """
    dtype = samples.dtype
    if np.ma.is_masked(samples):
        raise AudioError(
            "has masked samples. Fill them, as with samples.filled(0), or drop the "
            "clip."
        )
    if dtype.kind == "f":
        with np.errstate(over="ignore"):  # an overflow is found as infinite later
            return np.asarray(samples, dtype=np.float32, order="C")
    if dtype.name in _FULL_SCALE:
        return _scale(samples, _FULL_SCALE[dtype.name])
    if dtype == np.uint8:
        return _scale(samples, 2.0**7, offset=2.0**7)
    if dtype.kind in "iu":
        return _from_wide_integers(samples)
    raise AudioError(
        f"has samples of type {dtype}. Pass floats in [-1, 1] or integer PCM codes."
    )


def _scale(samples: np.ndarray, full_scale: float, offset: float = 0.0) -> np.ndarray:
    # A division by a power of two is exact: the code is rounded once, to float32.
    values = np.array(samples, dtype=np.float32, order="C")
    values -= np.float32(offset)
    values /= np.float32(full_scale)
    return values


def _from_wide_integers(samples: np.ndarray) -> np.ndarray:
    if samples.size and (samples.max() >= _MAX_INT16 or samples.min() < -_MAX_INT16):
        raise AudioError(
            f"has {samples.dtype} samples beyond 16 bits, whose full scale nobody can "
            "know. Pass int16, int32 or floats in [-1, 1]."
        )
    warnings.warn(
        f"{samples.dtype} samples are taken for 16-bit PCM codes. Pass int16, or "
        "floats in [-1, 1], to say so yourself.",
        AudioWarning,
        stacklevel=2,
    )
    return _scale(samples, _MAX_INT16)
