"""Several augmenters in one: one after another, or one of them."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sersk.audio import Operation
from sersk.augmentation._base import (
    BaseAugmenter,
    RandomOperation,
    check_augmenters,
    spawn_seeds,
)
from sersk.utils import canonical_json


class Compose(BaseAugmenter):
    """Change speech by several augmenters, one after another.

    Parameters
    ----------
    augmenters : augmenter or list of augmenters
        What to do, in this order.

    See Also
    --------
    OneOf : One of several.

    Examples
    --------
    >>> from sersk.augmentation import AddNoise, AddReverb, Compose, LowRate
    >>> telephone = Compose([AddReverb(), AddNoise(20), LowRate(8_000)])
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "augmenters": [BaseAugmenter, list, tuple]
    }

    def __init__(self, augmenters: Any) -> None:
        self.augmenters = augmenters

    def _make_operation(self, seed: int) -> "ComposeOperation":
        return ComposeOperation(make_operations(self.augmenters, seed))


@dataclass(frozen=True)
class ComposeOperation(Operation):
    """Run operations one after another."""

    operations: tuple[Operation, ...]

    def __call__(self, waveform: np.ndarray, sampling_rate: int) -> np.ndarray:
        """Return what the last one makes of the waveform."""
        for operation in self.operations:
            changed = operation(waveform, sampling_rate)
            waveform = np.asarray(changed, dtype=np.float32)
        return waveform

    @property
    def key(self) -> str:
        """Text that differs whenever the result can differ."""
        return _key(self, [])


class OneOf(BaseAugmenter):
    """Change speech by one of several augmenters, drawn for each clip.

    Parameters
    ----------
    augmenters : augmenter or list of augmenters
        What may be done; each is as likely.

    See Also
    --------
    Compose : All of them, one after another.

    Examples
    --------
    >>> from sersk.augmentation import AddNoise, Compose, Gain, OneOf, PitchShift
    >>> augmenter = OneOf([Compose([Gain(), AddNoise()]), PitchShift()])
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "augmenters": [BaseAugmenter, list, tuple]
    }

    def __init__(self, augmenters: Any) -> None:
        self.augmenters = augmenters

    def _make_operation(self, seed: int) -> "OneOfOperation":
        return OneOfOperation(seed, make_operations(self.augmenters, seed))


@dataclass(frozen=True)
class OneOfOperation(RandomOperation):
    """Run one of several operations."""

    operations: tuple[Operation, ...]

    def change(
        self, waveform: np.ndarray, sampling_rate: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Return what the chosen one makes of the waveform."""
        chosen = self.operations[rng.integers(len(self.operations))]
        return chosen(waveform, sampling_rate)

    @property
    def key(self) -> str:
        """Text that differs whenever the result can differ."""
        return _key(self, [self.seed, f"numpy {np.__version__}"])


def make_operations(augmenters: Any, seed: int) -> tuple[Operation, ...]:
    """Return an operation of each augmenter, each with a seed of its own."""
    checked = check_augmenters(augmenters)
    seeds = spawn_seeds(seed, len(checked))
    return tuple(
        augmenter.operation(own) for augmenter, own in zip(checked, seeds, strict=True)
    )


def _key(operation: Any, fields: list) -> str:
    # As a plain dataclass they would lose their names, and copy recordings.
    kind = type(operation)
    keys = [inner.key for inner in operation.operations]
    name = f"{kind.__module__}.{kind.__qualname__}"
    return canonical_json([name, kind.version, fields, keys])
