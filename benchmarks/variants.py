"""Augmentation, windows, voting and balance beside one plain system on one corpus."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.corpora import load, protocol
from benchmarks.paired import differences
from benchmarks.record import environment
from benchmarks.systems import SEED
from sersk.augmentation import AddNoise, AddReverb, PitchShift, SpeedPerturbation
from sersk.datasets import make_emotional_speech
from sersk.estimators import (
    AugmentedClassifier,
    OversampledClassifier,
    PriorCorrectedClassifier,
    SpeakerFoldVotingClassifier,
    WindowedClassifier,
)
from sersk.evaluation import evaluate
from sersk.features import AcousticFunctionals
from sersk.metrics import holm_correction
from sersk.preprocessing import FixDuration, NormalizeAmplitude, TrimSilence

_PLAIN = "functionals + LR"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables and, if asked, write them to a folder."""
    options = _parser().parse_args(arguments)
    corpus = options.corpus or make_emotional_speech(n_speakers=4, random_state=SEED)
    print(corpus, flush=True)
    # A member less than the fewest speakers that a fold trains on.
    n_members = min(len(set(corpus.clips.speaker)) - 2, 8)
    evaluation = evaluate(
        systems(n_members, quick=options.corpus is None),
        corpus,
        cv=protocol(corpus),
        n_jobs=options.n_jobs,
        cache=options.cache,
        resume=options.resume,
    )
    compared = evaluation.compare(random_state=SEED)
    compared = compared[compared["system_a"] == _PLAIN]
    # Only what is shown is corrected for.
    compared = compared.assign(p_holm=holm_correction(compared["p_value"]))
    text = "\n\n".join(
        [
            evaluation.to_markdown(),
            differences(compared),
            environment(),
        ]
    )
    print(text)
    if options.output is not None:
        options.output.mkdir(parents=True, exist_ok=True)
        path = options.output / f"{corpus.name}_variants"
        path.with_suffix(".md").write_text(text + "\n", encoding="utf-8")
        compared.round(4).to_csv(path.with_suffix(".csv"), index=False)
    return 0


def systems(n_members: int, *, quick: bool = False) -> dict[str, BaseEstimator]:
    """Return one system plain, and with one thing changed at a time."""
    augmenters = [AddNoise(), PitchShift(), SpeedPerturbation(), AddReverb()]
    made = {
        _PLAIN: _plain(),
        "trimmed, 3 s": Pipeline([*_report_steps(), *_plain().steps]),
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


def _report_steps() -> list[tuple[str, BaseEstimator]]:
    """Return what report 001 does to a clip before features: peak, trim, 3 s."""
    return [
        ("peak", NormalizeAmplitude("peak")),
        ("trim", TrimSilence(top_db=60)),
        # Longer clips lose their end by design, as they do in the report.
        ("fix", FixDuration(3.0, max_removed=1.0)),
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.variants", description=__doc__
    )
    parser.add_argument("--corpus", type=load, metavar="NAME[:SCHEME]=ROOT")
    parser.add_argument("--n-jobs", type=int, default=2, help="workers (default: 2)")
    parser.add_argument("--cache", help="folder in which features are kept")
    parser.add_argument("--resume", help="folder in which finished folds are kept")
    parser.add_argument("--output", type=Path, help="folder for the tables")
    return parser


if __name__ == "__main__":
    sys.exit(main())
