"""Report 000: WavLM and attentive statistics on MSP-Podcast, in five tasks."""

import sys
from collections.abc import Callable
from functools import partial

from sklearn.base import BaseEstimator

from benchmarks.reports._encoders import wavlm_classifier, wavlm_regressor
from benchmarks.reports._experiment import Experiment, Settings, Table
from benchmarks.reports._protocols import DEVELOPMENT, TEST_1
from benchmarks.reports._run import main
from benchmarks.reports._schemes import ALL_ATTRIBUTES, ATTRIBUTES

_MODEL = "microsoft/wavlm-large"


def _make(settings: Settings, system: Callable[..., BaseEstimator]) -> BaseEstimator:
    return system(settings.checkpoint(_MODEL), max_epochs=settings.pick(20, 1))


_experiment = partial(
    Experiment, corpora=("msp-podcast",), protocols=(DEVELOPMENT, TEST_1)
)

TABLE = Table(
    "report_000_wavlm",
    "Report 000: WavLM on MSP-Podcast",
    (
        *(
            _experiment(
                "WavLM-large + ASP, single-task",
                partial(_make, system=wavlm_regressor),
                figures=(f"000-single-{name}",),
                scheme=scheme,
            )
            for name, scheme in ATTRIBUTES.items()
        ),
        _experiment(
            "WavLM-large + ASP, multi-task",
            partial(_make, system=wavlm_regressor),
            figures=tuple(f"000-multi-{name}" for name in ATTRIBUTES),
            scheme=ALL_ATTRIBUTES,
        ),
        _experiment(
            "WavLM-large + ASP, 8 classes",
            partial(_make, system=wavlm_classifier),
            figures=("000-categorical",),
            scheme="msp-podcast",
        ),
    ),
    notes=(
        "epochs are chosen on speakers of the training partition, and never on the "
        "clips that are scored",
        "the loss of concordance is that of whole batches of 32",
    ),
)

if __name__ == "__main__":
    sys.exit(main(TABLE))
