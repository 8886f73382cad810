"""Report 002: co-attention with ViT and with AlexNet, and a vote of seven nets."""

import sys
from functools import partial

from sklearn.base import BaseEstimator

from benchmarks.reports._encoders import co_attention
from benchmarks.reports._experiment import Experiment, Settings, Table
from benchmarks.reports._protocols import SPEAKER_5F, SPEAKERS
from benchmarks.reports._run import main
from sersk.estimators import SpeakerFoldVotingClassifier

_MODEL = "facebook/wav2vec2-base-960h"


def _make(settings: Settings, trunk: str, fine_tuned: bool) -> BaseEstimator:
    # ViT-B/16 has one size, and would take most of the time over validation.
    validated = trunk != "vit" or not settings.quick
    net = co_attention(
        settings.checkpoint(_MODEL),
        trunk,
        max_epochs=settings.pick(50, 1),
        early_stopping=validated,
        fine_tuned=fine_tuned,
    )
    return SpeakerFoldVotingClassifier(
        net, cv=settings.pick(7, 2), voting="hard", mark_validation=validated
    )


_experiment = partial(Experiment, corpora=("iemocap",), few=3)

TABLE = Table(
    "report_002_voting",
    "Report 002: a vote of co-attention nets",
    (
        _experiment(
            "co-attention with ViT, vote",
            partial(_make, trunk="vit", fine_tuned=True),
            protocols=(SPEAKER_5F, SPEAKERS),
            figures=("002-vit",),
        ),
        _experiment(
            "co-attention with AlexNet, vote",
            partial(_make, trunk="alexnet", fine_tuned=True),
            protocols=(SPEAKER_5F, SPEAKERS),
            figures=(
                "002-alexnet",
                *(f"002-alexnet-member{number}" for number in range(1, 8)),
            ),
        ),
        _experiment(
            "co-attention with AlexNet, encoder frozen, vote",
            partial(_make, trunk="alexnet", fine_tuned=False),
            protocols=(SPEAKERS,),
        ),
    ),
    notes=(
        "the nets take whole clips, with attention over their frames; trunks begin "
        "with random weights",
        "all of the encoder is trained, as published, unless it is said to be frozen",
        "each member is stopped on training speakers of its own",
    ),
)

if __name__ == "__main__":
    sys.exit(main(TABLE))
