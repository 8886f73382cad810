"""Report 004: the co-attention net on IEMOCAP, by session and by speaker."""

import sys
from collections.abc import Callable
from functools import partial

from sklearn.base import BaseEstimator

from benchmarks.reports._encoders import co_attention, co_attention_segments
from benchmarks.reports._experiment import Experiment, Settings, Table
from benchmarks.reports._protocols import SESSIONS, SPEAKERS
from benchmarks.reports._run import main

_MODEL = "facebook/wav2vec2-base-960h"


def _make(
    settings: Settings, system: Callable[..., BaseEstimator], fine_tuned: bool
) -> BaseEstimator:
    return system(
        settings.checkpoint(_MODEL),
        max_epochs=settings.pick(50, 1),
        early_stopping=not settings.quick,
        fine_tuned=fine_tuned,
    )


_experiment = partial(Experiment, corpora=("iemocap",))

TABLE = Table(
    "report_004_co_attention",
    "Report 004: co-attention on IEMOCAP",
    (
        _experiment(
            "co-attention with AlexNet, segments of 3 s",
            partial(_make, system=co_attention_segments, fine_tuned=True),
            protocols=(SESSIONS,),
            figures=("004-session-paper", "004-session"),
        ),
        _experiment(
            "co-attention with AlexNet, segments of 3 s",
            partial(_make, system=co_attention_segments, fine_tuned=True),
            protocols=(SPEAKERS,),
            figures=("004-speaker-paper", "004-speaker"),
        ),
        _experiment(
            "co-attention with AlexNet, segments of 3 s, encoder frozen",
            partial(_make, system=co_attention_segments, fine_tuned=False),
            protocols=(SESSIONS, SPEAKERS),
        ),
        _experiment(
            "co-attention with AlexNet, whole clips",
            partial(_make, system=co_attention, fine_tuned=True),
            protocols=(SESSIONS, SPEAKERS),
        ),
        _experiment(
            "co-attention with AlexNet, whole clips, encoder frozen",
            partial(_make, system=co_attention, fine_tuned=False),
            protocols=(SESSIONS, SPEAKERS),
        ),
    ),
    notes=(
        "epochs are chosen on training speakers; the code behind the published figures "
        "chooses them on the test speakers, which is not rebuilt",
        "padding is silence, behind the clip in all three inputs; AlexNet begins with "
        "random weights",
        "all of the encoder is trained, as published, unless it is said to be frozen",
    ),
)

if __name__ == "__main__":
    sys.exit(main(TABLE))
