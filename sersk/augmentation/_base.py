"""The base of all augmenters: a range of changes, and one change drawn from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar, NamedTuple

import numpy as np
from sklearn.base import BaseEstimator

from sersk.audio import Operation
from sersk.utils import canonical_json


class Span(NamedTuple):
    """Limits between which a number is drawn."""

    low: float
    high: float


class BaseAugmenter(BaseEstimator):
    """Say how a waveform may be changed without changing its label.

    An augmenter holds parameters and learns nothing. A subclass defines ``__init__``,
    ``_parameter_constraints``, as scikit-learn's estimators do, and
    ``_make_operation(seed)``, which returns a frozen dataclass.

    See Also
    --------
    sersk.estimators.AugmentedClassifier : Augments training clips, and no others.

    Examples
    --------
    >>> from sersk import AudioClips
    >>> from sersk.augmentation import Gain
    >>> clips = AudioClips.from_arrays([[0.5, -0.25]], sampling_rate=16_000)
    >>> clips.apply(Gain(-20).operation(seed=0))[0]
    array([ 0.05 , -0.025], dtype=float32)
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {}

    def operation(self, seed: int) -> Operation:
        """Return one way to change waveforms.

        Parameters
        ----------
        seed : int
            At least 0. It fixes what is done to each waveform; another waveform, or
            another seed, draws other numbers.

        Returns
        -------
        operation : Operation
            For :meth:`sersk.AudioClips.apply`; its key says all that it does.

        Raises
        ------
        ValueError
            If a parameter is out of range.
        """
        self._validate_params()
        return self._make_operation(int(seed))

    def _make_operation(self, seed: int) -> Operation:
        raise NotImplementedError(f"{type(self).__name__} defines no operation.")


@dataclass(frozen=True)
class RandomOperation(Operation):
    """Change a waveform by numbers that its content and a seed decide.

    So it is the same in every process and in any order, and differs between clips.
    """

    seed: int

    def __call__(self, waveform: np.ndarray, sampling_rate: int) -> np.ndarray:
        """Return the changed waveform."""
        return self.change(waveform, sampling_rate, self.generator(waveform))

    def change(
        self, waveform: np.ndarray, sampling_rate: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Return the changed waveform, drawing from a generator of its own."""
        raise NotImplementedError(f"{type(self).__name__} does not define change.")

    def generator(self, waveform: np.ndarray) -> np.random.Generator:
        """Return the generator that belongs to this waveform and seed."""
        bits = np.ascontiguousarray(waveform, dtype=np.float32).view(np.uint32)
        # A digest would cost as much as the noise that is drawn. Where two waveforms
        # share this, they share draws, and nothing else.
        content = int(bits.sum(dtype=np.uint32))
        return np.random.default_rng([self.seed, len(bits), content])

    @property
    def key(self) -> str:
        """Text that differs whenever the result can differ."""
        # numpy may change what a generator draws.
        return canonical_json([super().key, f"numpy {np.__version__}"])


def spawn_seeds(seed: int, n_seeds: int) -> list[int]:
    """Return seeds whose numbers have nothing to do with each other's."""
    return np.random.SeedSequence(seed).generate_state(n_seeds).tolist()


def check_span(
    name: str,
    value: Any,
    *,
    least: float = -np.inf,
    most: float = np.inf,
) -> Span:
    """Return the limits of what is drawn; a number stands for itself.

    Raises
    ------
    ValueError
        If they are not two finite numbers in order, between `least` and `most`.
    """
    limits = (value, value) if isinstance(value, Real) else tuple(value)
    if len(limits) != 2 or not all(isinstance(limit, Real) for limit in limits):
        raise ValueError(
            f"{name}={value!r} must be a number, or the lowest and the highest one."
        )
    low, high = (float(limit) for limit in limits)
    if not (np.isfinite([low, high]).all() and low <= high):
        raise ValueError(
            f"{name}={value!r} must be finite numbers, the lower one first."
        )
    if low < least or high > most:
        raise ValueError(f"{name}={value!r} must lie between {least:g} and {most:g}.")
    return Span(low, high)


def check_augmenters(augmenters: Any) -> list[BaseAugmenter]:
    """Return one augmenter or several as a list, or raise naming what is none."""
    if isinstance(augmenters, BaseAugmenter):
        return [augmenters]
    if not isinstance(augmenters, Sequence) or isinstance(augmenters, str):
        raise TypeError(
            f"augmenters={augmenters!r} must be an augmenter or a list of augmenters, "
            "such as [AddNoise(), Gain()]."
        )
    if not augmenters:
        raise ValueError("augmenters is empty. Pass at least one, such as AddNoise().")
    for augmenter in augmenters:
        if not isinstance(augmenter, BaseAugmenter):
            raise TypeError(
                f"augmenters holds {augmenter!r}, which is no augmenter of "
                "sersk.augmentation."
            )
    return list(augmenters)
