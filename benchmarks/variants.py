"""Augmentation, windows, voting and balance beside one plain system on one corpus."""

import sys
from collections.abc import Sequence

from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.command import COMPARING, choose, make_parser, open_corpus, run
from benchmarks.paired import compare_with, differences
from benchmarks.record import publish
from benchmarks.reports._systems import front_end_001
from benchmarks.systems import SEED
from sersk.augmentation import AddNoise, AddReverb, PitchShift, SpeedPerturbation
from sersk.estimators import (
    AugmentedClassifier,
    OversampledClassifier,
    PriorCorrectedClassifier,
    SpeakerFoldVotingClassifier,
    WindowedClassifier,
)
from sersk.features import AcousticFunctionals

_PLAIN = "functionals + LR"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables and, if asked, write them to a folder."""
    parser = make_parser("benchmarks.variants", __doc__, COMPARING)
    options = parser.parse_args(arguments)
    corpus = open_corpus(options)
    # A member less than the fewest speakers that a fold trains on.
    n_members = min(len(set(corpus.clips.speaker)) - 2, 8)
    made = systems(n_members, quick=options.corpus is None)
    evaluation = run(choose(made, options.systems, _PLAIN), corpus, options)
    compared = compare_with(_PLAIN, evaluation)
    publish(
        [evaluation.to_markdown(), differences(compared)],
        options.output,
        f"{corpus.name}_variants",
        {"": compared},
    )
    return 0


def systems(n_members: int, *, quick: bool = False) -> dict[str, BaseEstimator]:
    """Return one system plain, and with one thing changed at a time."""
    augmenters = [AddNoise(), PitchShift(), SpeedPerturbation(), AddReverb()]
    made = {
        _PLAIN: _plain(),
        "trimmed, 3 s": make_pipeline(*front_end_001(), *_plain()),
        "augmented, 3 copies": AugmentedClassifier(
            _plain(), augmenters, n_copies=3, random_state=SEED
        ),
        "hard vote of members": SpeakerFoldVotingClassifier(
            _plain(), cv=n_members, voting="hard"
        ),
        "soft vote of members": SpeakerFoldVotingClassifier(
            _plain(), cv=n_members, voting="soft"
        ),
        "balanced weights": _plain(class_weight="balanced"),
        "over-sampled": OversampledClassifier(_plain(), random_state=SEED),
        "prior-corrected": PriorCorrectedClassifier(_plain()),
    }
    if quick:
        return made
    windows = {
        f"windows {window}/0.25 s": WindowedClassifier(
            _plain(), window=window, hop=0.25
        )
        for window in (1.0, 0.5)
    }
    voted = WindowedClassifier(_plain(), window=1.0, hop=0.25, aggregate="vote")
    return {**made, **windows, "windows 1.0/0.25 s, vote": voted}


def _plain(class_weight: str | None = None) -> Pipeline:
    classifier = LogisticRegression(C=0.1, max_iter=1000, class_weight=class_weight)
    return make_pipeline(AcousticFunctionals(), StandardScaler(), classifier)


if __name__ == "__main__":
    sys.exit(main())
