"""What operations that shorten a clip have in common."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from sersk.audio import Note, Operation


@dataclass(frozen=True)
class Shortening(Operation):
    """Cut something away, and say so where it is a large share of a clip."""

    max_removed: float = field(default=0.5, compare=False, kw_only=True)

    # What it is called in a warning, and what to do about it.
    action: ClassVar[str]
    remedy: ClassVar[str]

    def remark(
        self, before: np.ndarray, after: np.ndarray, sampling_rate: int
    ) -> Note | None:
        """Return how much is gone, if it is more than stated."""
        if len(before) - len(after) <= self.max_removed * len(before):
            return None
        seconds = [len(waveform) / sampling_rate for waveform in (before, after)]
        return Note(
            f"lose more than {100 * self.max_removed:g} % of their length to "
            f"{self.action}",
            f"{seconds[0]:.2f} s becomes {seconds[1]:.2f} s",
            f"{self.remedy}, or raise max_removed if that is meant.",
        )
