"""Timing in alternation, so that a machine whose speed drifts is fair to both sides."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One row of the table."""

    figure: str
    ours: str
    theirs: str
    measured: str
    asked: str
    reached: bool


@dataclass(frozen=True)
class Times:
    """Medians in seconds of two sides, and the median of the ratios round by round."""

    ours: float
    theirs: float
    ratio: float


def compare(
    ours: Callable[[], object],
    theirs: Callable[[], object],
    *,
    rounds: int,
    clock: Callable[[], float] = time.perf_counter,
) -> Times:
    """Time two functions in turn; the ratio is theirs over ours.

    What runs in one thread of this process can be timed by ``time.process_time``, for
    which other processes do not count.
    """
    pairs = [(seconds(ours, clock), seconds(theirs, clock)) for _ in range(rounds)]
    return Times(
        ours=statistics.median(pair[0] for pair in pairs),
        theirs=statistics.median(pair[1] for pair in pairs),
        ratio=statistics.median(pair[1] / pair[0] for pair in pairs),
    )


def seconds(
    function: Callable[[], object], clock: Callable[[], float] = time.perf_counter
) -> float:
    """Return how long a call takes, in seconds."""
    began = clock()
    function()
    return clock() - began


def run_python(program: str, *arguments: str) -> dict:
    """Run a program in a new process and return the JSON that it prints, if any."""
    completed = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(completed.stdout) if completed.stdout.strip() else {}
