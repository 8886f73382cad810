"""Report 003: wav2vec 2.0 fine-tuned on IEMOCAP, RAVDESS and AESDD."""

import sys
from functools import partial

from sklearn.base import BaseEstimator

from benchmarks.reports._encoders import wav2vec2_003
from benchmarks.reports._experiment import Experiment, Settings, Table
from benchmarks.reports._protocols import (
    DIALOGUES_SES05F,
    SESSIONS,
    SIX_FOLDS,
    SPEAKERS,
    STRATIFIED,
)
from benchmarks.reports._run import main

_MODEL = "jonatasgrosman/wav2vec2-large-xlsr-53-english"


def _make(settings: Settings) -> BaseEstimator:
    return wav2vec2_003(settings.checkpoint(_MODEL), max_epochs=settings.pick(5, 1))


_experiment = partial(Experiment, "wav2vec2-large-xlsr-53, fine-tuned", _make)

TABLE = Table(
    "report_003_wav2vec2",
    "Report 003: wav2vec 2.0",
    (
        _experiment(
            ("iemocap",),
            (DIALOGUES_SES05F, SESSIONS),
            figures=("003-iemocap-wav2vec2",),
        ),
        _experiment(("ravdess",), (SIX_FOLDS,), figures=("003-ravdess-wav2vec2",)),
        _experiment(
            ("aesdd",),
            (STRATIFIED, SPEAKERS),
            figures=("003-aesdd-wav2vec2",),
            few=6,
        ),
    ),
    notes=(
        "frames are pooled without their padding",
        "the model scored on AESDD was downloaded; here it is trained",
    ),
)

if __name__ == "__main__":
    sys.exit(main(TABLE))
