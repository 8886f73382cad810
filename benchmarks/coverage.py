"""Measure what the statistics by speaker promise: coverage, and false alarms."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.command import make_parser
from benchmarks.record import markdown, publish
from benchmarks.simulation import SETTINGS, Setting, draw_corpus, true_accuracy
from sersk.datasets import make_emotional_speech
from sersk.features import AcousticFunctionals
from sersk.metrics import bootstrap_interval, compare_systems, unweighted_accuracy

_SPEAKERS = (4, 6, 10, 24)
_TRAINING = 20
_METHODS = ("t", "percentile", "bca")
_LEGEND = """\
- t, percentile, bca: share of corpora whose nominal 95 % interval of the unweighted \
accuracy (UA), by that method of `bootstrap_interval`, covers the true value
- difference: share of corpora whose 95 % interval of the difference of two equally \
good systems, by `compare_systems`, covers 0
- false alarms: share of corpora whose p-value for these two systems is at most 0.05; \
with 4 speakers none can be
- speech: functionals and logistic regression on `make_emotional_speech`, of which \
speakers are drawn from {population}
- one model: trained on {training} speakers once, tested on drawn ones of the rest; \
the true UA is that on all the rest
- leave one speaker out: trained and tested on drawn speakers; the true UA is the mean \
over all corpora. Models of folds, which share training clips, err together, and no \
interval from one corpus sees that"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table and, if asked, write it to a folder."""
    options = _parser().parse_args(arguments)
    rows = []
    for row in _rows(options.corpora, options.speech_corpora, options.population):
        rows.append(row)
        print(row, flush=True)
    print()
    publish(
        [
            "**Coverage of intervals, and false alarms of tests, by speaker**",
            markdown(pd.DataFrame(rows)),
            _LEGEND.format(population=options.population, training=_TRAINING),
        ],
        options.output,
        "coverage",
    )
    return 0


def _rows(n_corpora: int, n_speech: int, population: int) -> Iterator[dict]:
    for setting in SETTINGS:
        truth = true_accuracy(setting)
        for n_speakers in _SPEAKERS:
            yield _simulated(setting, truth, n_speakers, n_corpora)
    features = _speech(population)
    for row in (_one_model, _models_of_folds):
        for n_speakers in _SPEAKERS:
            yield row(*features, n_speakers, n_speech)


def _simulated(
    setting: Setting, truth: float, n_speakers: int, n_corpora: int
) -> dict[str, object]:
    """Return the row of predictions drawn by chance."""
    hits: Counter = Counter()
    for seed in range(n_corpora):
        generator = np.random.default_rng([SETTINGS.index(setting), n_speakers, seed])
        y_true, predictions, speaker = draw_corpus(setting, n_speakers, generator)
        for method in _METHODS:
            interval = bootstrap_interval(
                y_true, predictions["a"], speaker, method=method, random_state=seed
            )
            hits[method] += interval.low <= truth <= interval.high
        pair = compare_systems(
            y_true, predictions, speaker, n_resamples=1000, random_state=seed
        ).iloc[0]
        hits["difference"] += pair["low"] <= 0 <= pair["high"]
        hits["false alarms"] += pair["p_value"] <= 0.05
    return _row(setting.name, n_speakers, truth, hits, n_corpora)


def _speech(population: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return features, labels and speakers of synthetic speech."""
    corpus = make_emotional_speech(
        population, 2, 1, emotion_effect=0.7, duration=1.0, random_state=0
    )
    X = AcousticFunctionals(cache=False).fit_transform(corpus.clips)
    return X, corpus.target, np.asarray(corpus.clips.speaker)


def _one_model(
    X: np.ndarray, y: np.ndarray, speaker: np.ndarray, n_speakers: int, n_corpora: int
) -> dict[str, object]:
    """Return the row of a model that is tested on drawn speakers it never heard."""
    is_train = np.isin(speaker, np.unique(speaker)[:_TRAINING])
    model = _model().fit(X[is_train], y[is_train])
    y, speaker, predicted = (
        y[~is_train],
        speaker[~is_train],
        model.predict(X[~is_train]),
    )
    corpora = [
        (y[rows], predicted[rows], speaker[rows])
        for rows in _draws(speaker, n_speakers, n_corpora)
    ]
    truth = unweighted_accuracy(y, predicted)
    return _covered("speech, one model", n_speakers, corpora, truth)


def _models_of_folds(
    X: np.ndarray, y: np.ndarray, speaker: np.ndarray, n_speakers: int, n_corpora: int
) -> dict[str, object]:
    """Return the row of models that are trained on the other drawn speakers."""
    corpora = []
    for rows in _draws(speaker, n_speakers, n_corpora):
        groups = speaker[rows]
        predicted = cross_val_predict(
            _model(), X[rows], y[rows], groups=groups, cv=LeaveOneGroupOut()
        )
        corpora.append((y[rows], predicted, groups))
    truth = np.mean([unweighted_accuracy(*corpus[:2]) for corpus in corpora])
    return _covered("speech, leave one speaker out", n_speakers, corpora, float(truth))


def _model() -> Pipeline:
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=200, tol=1e-3))


def _draws(
    speaker: np.ndarray, n_speakers: int, n_corpora: int
) -> Iterator[np.ndarray]:
    """Yield which clips are of drawn speakers."""
    for seed in range(n_corpora):
        generator = np.random.default_rng([n_speakers, seed])
        drawn = generator.choice(np.unique(speaker), n_speakers, replace=False)
        yield np.isin(speaker, drawn)


def _covered(
    name: str, n_speakers: int, corpora: list[tuple], truth: float
) -> dict[str, object]:
    hits: Counter = Counter()
    for seed, corpus in enumerate(corpora):
        for method in _METHODS:
            interval = bootstrap_interval(*corpus, method=method, random_state=seed)
            hits[method] += interval.low <= truth <= interval.high
    return _row(name, n_speakers, truth, hits, len(corpora))


def _row(
    name: str, n_speakers: int, truth: float, hits: dict, n_corpora: int
) -> dict[str, object]:
    columns = [*_METHODS, "difference", "false alarms"]
    shares = {
        column: f"{hits[column] / n_corpora:.3f}" if column in hits else ""
        for column in columns
    }
    head = {"predictions": name, "speakers": n_speakers, "true UA": f"{truth:.3f}"}
    return {**head, **shares, "corpora": n_corpora}


def _parser() -> argparse.ArgumentParser:
    parser = make_parser("benchmarks.coverage", __doc__, ("output",))
    parser.add_argument(
        "--corpora", type=int, default=2000, help="simulated corpora a row"
    )
    parser.add_argument(
        "--speech-corpora", type=int, default=400, help="corpora of speech a row"
    )
    parser.add_argument(
        "--population", type=int, default=240, help="synthetic speakers to draw from"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
