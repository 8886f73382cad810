"""Measure what the statistics by speaker promise: coverage, and false alarms."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.record import environment
from benchmarks.simulation import SETTINGS, Setting, draw_corpus, true_accuracy
from sersk.datasets import make_emotional_speech
from sersk.features import AcousticFunctionals
from sersk.metrics import bootstrap_interval, compare_systems, unweighted_accuracy

_SPEAKERS = (4, 6, 10, 24)
_METHODS = ("t", "percentile", "bca")
_LEGEND = """\
- t, percentile, bca: share of corpora whose nominal 95 % interval of the unweighted \
accuracy (UA), by that method of `bootstrap_interval`, covers the true value
- difference: share of corpora whose 95 % interval of the difference of two equally \
good systems, by `compare_systems`, covers 0
- false alarms: share of corpora whose p-value for these two systems is at most 0.05; \
with 4 speakers none can be
- speech: functionals and logistic regression, leave one speaker out, on speakers \
drawn from {population} of `make_emotional_speech`
- these models: the true UA is that of the very models of the folds over all speakers \
who were not drawn
- any models: the true UA is the mean over all corpora, whose models had other \
training speakers; no interval from one corpus sees how much that matters"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table and, if asked, write it to a folder."""
    options = _parser().parse_args(arguments)
    rows = []
    for row in _rows(options.corpora, options.speech_corpora, options.population):
        rows.append(row)
        print(row, flush=True)
    table = _markdown(pd.DataFrame(rows), options.population)
    print(f"\n{table}")
    if options.output is not None:
        options.output.mkdir(parents=True, exist_ok=True)
        (options.output / "coverage.md").write_text(table, encoding="utf-8")
    return 0


def _rows(n_corpora: int, n_speech: int, population: int) -> Iterator[dict]:
    for setting in SETTINGS:
        truth = true_accuracy(setting)
        for n_speakers in _SPEAKERS:
            yield _simulated(setting, truth, n_speakers, n_corpora)
    features = _speech(population)
    for n_speakers in _SPEAKERS:
        yield from _spoken(*features, n_speakers, n_speech)


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


def _speech(n_speakers: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return features, labels and speakers of synthetic speech."""
    corpus = make_emotional_speech(
        n_speakers, 2, 1, emotion_effect=0.7, duration=1.0, random_state=0
    )
    X = AcousticFunctionals(cache=False).fit_transform(corpus.clips)
    return X, corpus.target, np.asarray(corpus.clips.speaker)


def _spoken(
    X: np.ndarray, y: np.ndarray, speaker: np.ndarray, n_speakers: int, n_corpora: int
) -> Iterator[dict[str, object]]:
    """Yield the rows of models that are trained and tested on drawn speakers."""
    intervals, accuracies = [], []
    for seed in range(n_corpora):
        generator = np.random.default_rng([n_speakers, seed])
        drawn = generator.choice(np.unique(speaker), n_speakers, replace=False)
        rows = np.isin(speaker, drawn)
        predicted, accuracy = _leave_one_speaker_out(X, y, speaker, rows)
        accuracies.append(accuracy)
        clips = y[rows], predicted, speaker[rows]
        intervals.append(
            [
                bootstrap_interval(*clips, method=method, random_state=seed)
                for method in _METHODS
            ]
        )
    values = np.array(intervals)
    truths = {
        "speech, these models": np.array(accuracies),
        "speech, any models": np.full(n_corpora, values[:, 0, 0].mean()),
    }
    for name, truth in truths.items():
        low, high = values[:, :, 1], values[:, :, 2]
        covered = (low <= truth[:, np.newaxis]) & (truth[:, np.newaxis] <= high)
        hits = dict(zip(_METHODS, covered.sum(axis=0), strict=True))
        yield _row(name, n_speakers, truth.mean(), hits, n_corpora)


def _leave_one_speaker_out(
    X: np.ndarray, y: np.ndarray, speaker: np.ndarray, rows: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return predictions of some rows, and how good their models are on all others."""
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200, tol=1e-3))
    predicted, accuracies = y.copy(), []
    for one in np.unique(speaker[rows]):
        is_test = speaker == one
        model.fit(X[rows & ~is_test], y[rows & ~is_test])
        predicted[is_test] = model.predict(X[is_test])
        accuracies.append(unweighted_accuracy(y[~rows], model.predict(X[~rows])))
    return predicted[rows], float(np.mean(accuracies))


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


def _markdown(table: pd.DataFrame, population: int) -> str:
    lines = [f"| {' | '.join(map(str, row))} |" for row in table.to_numpy().tolist()]
    return "\n".join(
        [
            "**Coverage of intervals, and false alarms of tests, by speaker**",
            "",
            f"| {' | '.join(table.columns)} |",
            "|" + " --- |" * len(table.columns),
            *lines,
            "",
            _LEGEND.format(population=population),
            "",
            f"{environment()}\n",
        ]
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.coverage", description=__doc__
    )
    parser.add_argument(
        "--corpora", type=int, default=2000, help="simulated corpora a row"
    )
    parser.add_argument(
        "--speech-corpora", type=int, default=400, help="corpora of speech a row"
    )
    parser.add_argument(
        "--population", type=int, default=240, help="synthetic speakers to draw from"
    )
    parser.add_argument("--output", type=Path, help="folder for coverage.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())
