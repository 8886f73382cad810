"""Windows by name: the common ones here, all others from scipy."""

import numpy as np

# Weights of the cosines of 0, 1 and 2 periods. Importing scipy.signal for these would
# take as long as extracting from a hundred clips.
_COSINE_SUMS = {
    "hann": (0.5, -0.5),
    "hamming": (0.54, -0.46),
    "blackman": (0.42, -0.5, 0.08),
}


def get_window(name: str, length: int) -> np.ndarray:
    """Make a periodic window.

    Parameters
    ----------
    name : str
        Name of a window of :func:`scipy.signal.get_window` that needs no parameter.
    length : int
        Number of samples.

    Returns
    -------
    window : ndarray of float64 of shape (length,)
        As :func:`scipy.signal.get_window`.

    Raises
    ------
    ValueError
        If there is no window of that name.

    Examples
    --------
    >>> from sersk.descriptors import get_window
    >>> get_window("hann", 4).round(3)
    array([0. , 0.5, 1. , 0.5])
    """
    if name in _COSINE_SUMS and length > 1:
        phase = 2.0 * np.pi * np.arange(length) / length
        weights = enumerate(_COSINE_SUMS[name])
        return np.sum([w * np.cos(n * phase) for n, w in weights], axis=0)
    from scipy.signal import get_window as scipys

    try:
        return scipys(name, length, fftbins=True)
    except ValueError as error:
        raise ValueError(
            f"window={name!r} is not the name of a window of scipy.signal.get_window "
            "that needs no parameter."
        ) from error
