"""Compare nine systems on one corpus: what protocols add, and who differs from whom."""

import sys
from collections.abc import Sequence
from pathlib import Path

from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from benchmarks.command import COMPARING, choose, make_parser, open_corpus, run
from benchmarks.paired import differences
from benchmarks.record import publish
from benchmarks.systems import SEED
from sersk.evaluation import optimism_report
from sersk.features import AcousticFunctionals, EGeMAPS, OpenSMILEFunctionals
from sersk.plotting import write_report
from sersk.preprocessing import LabelEncodedClassifier
from sersk.utils import import_optional


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables and, if asked, write them to a folder."""
    parser = make_parser("benchmarks.comparison", __doc__, COMPARING)
    parser.add_argument("--html", type=Path, help="file for the page with all plots")
    options = parser.parse_args(arguments)
    corpus = open_corpus(options)
    chosen = choose(systems(), options.systems)
    evaluation = run(chosen, corpus, options)
    compared = evaluation.compare(random_state=SEED)
    parts = [evaluation.to_markdown(), differences(compared)]
    optimism = None
    if linear := {name: one for name, one in chosen.items() if "LR" in name}:
        optimism = optimism_report(
            linear, corpus, n_jobs=options.n_jobs, cache=options.cache
        )
        parts.append(optimism.to_markdown())
    frames = {"": compared}
    publish(parts, options.output, f"{corpus.name}_comparison", frames)
    if options.html is not None:
        write_report(evaluation, options.html, optimism=optimism, comparison=compared)
    return 0


def systems() -> dict[str, BaseEstimator]:
    """Return three feature sets by three classifiers, set once and not tuned."""
    xgboost = import_optional("xgboost", extra="xgboost")
    extractors = {
        "functionals": (AcousticFunctionals(), 1.0),
        "eGeMAPS": (EGeMAPS(), 1.0),
        "ComParE": (OpenSMILEFunctionals("ComParE_2016"), 0.01),
    }
    made = {}
    for name, (extractor, strength) in extractors.items():
        linear = LogisticRegression(C=strength, max_iter=1000)
        boosted = xgboost.XGBClassifier(n_jobs=1, n_estimators=100, random_state=SEED)
        made[f"{name} + LR"] = make_pipeline(extractor, StandardScaler(), linear)
        made[f"{name} + SVM"] = make_pipeline(extractor, StandardScaler(), SVC())
        made[f"{name} + XGBoost"] = make_pipeline(
            extractor, LabelEncodedClassifier(boosted, class_weight="balanced")
        )
    return made


if __name__ == "__main__":
    sys.exit(main())
