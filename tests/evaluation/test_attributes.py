"""Evaluations of attributes: recognised, scored, told, kept and run again."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVR

from sersk.datasets import AttributeScheme, Corpus, MultiLabelScheme
from sersk.evaluation import Evaluation, evaluate, optimism_report, rerun
from sersk.features import AcousticFunctionals
from sersk.metrics import (
    bootstrap_interval,
    concordance_correlation_coefficient,
    mean_absolute_error,
    pearson_correlation,
    root_mean_squared_error,
)
from sersk.model_selection import LeaveOneSpeakerOut, SpeakerKFold
from sersk.utils import EvaluationWarning
from tests.features.probes import Level

NAMES = ("arousal", "valence")


@pytest.fixture
def degrees(corpus) -> pd.DataFrame:
    """Return arousal, which loudness tells, and valence, which it does not."""
    levels = np.array([waveform[0] for waveform in corpus.clips], dtype=float)
    valence = np.tile([1.5, 3.0, 2.25, 4.0], 3)
    return pd.DataFrame({"arousal": 1 + 5 * levels**2, "valence": valence})


@pytest.fixture
def rated(corpus, degrees) -> Corpus:
    frame = corpus.frame.assign(**degrees)
    return Corpus(frame, corpus.clips, AttributeScheme("two", NAMES), name="rated")


def _system(regressor=None):
    return make_pipeline(Level(), regressor or LinearRegression())


def test_several_attributes_are_scored_over_all_folds_at_once(rated, degrees):
    evaluation = evaluate({"line": _system()}, rated)
    assert evaluation.kind == "attributes"
    assert evaluation.classes == NAMES
    predictions = evaluation.predictions.sort_values("clip")
    scores = evaluation.scores().iloc[0]
    for name in NAMES:
        truth, answer = predictions[f"target_{name}"], predictions[f"prediction_{name}"]
        np.testing.assert_array_equal(truth, degrees[name])
        for short, metric in (
            ("ccc", concordance_correlation_coefficient),
            ("pcc", pearson_correlation),
            ("mae", mean_absolute_error),
            ("rmse", root_mean_squared_error),
        ):
            assert scores[f"{short}_{name}"] == metric(truth, answer)
    both = [scores[f"ccc_{name}"] for name in NAMES]
    assert scores["ccc"] == pytest.approx(np.mean(both))
    by_fold = evaluation.folds["ccc_arousal"]
    assert scores["ccc_arousal"] != pytest.approx(by_fold.mean(), abs=1e-3)
    assert scores["ccc_arousal"] > 0.8 > 0.3 > scores["ccc_valence"]


def test_each_fold_and_speaker_is_scored(rated):
    evaluation = evaluate(_system(), rated)
    own = evaluation.predictions.query("fold == 1")
    expected = concordance_correlation_coefficient(
        own["target_valence"], own["prediction_valence"]
    )
    assert evaluation.folds["ccc_valence"][1] == expected
    assert evaluation.speakers.set_index("speaker")["ccc_valence"]["bob"] == expected
    assert evaluation.main_score == "ccc"


def test_intervals_are_by_speaker(rated):
    evaluation = evaluate(_system(), rated)
    own = evaluation.predictions
    interval = bootstrap_interval(
        own["target_arousal"],
        own["prediction_arousal"],
        own["speaker"],
        metric=concordance_correlation_coefficient,
        random_state=0,
    )
    scores = evaluation.scores().iloc[0]
    assert scores["ccc_arousal_low"] == interval.low
    assert scores["ccc_arousal_high"] == interval.high
    assert scores["ccc_low"] < scores["ccc"] < scores["ccc_high"]


def test_the_table_has_a_row_for_each_attribute_and_defines_its_columns(rated):
    evaluation = evaluate({"line": _system(), "mean": DummyRegressor()}, rated)
    cells = evaluation.to_frame()
    assert cells["pipeline"].tolist() == ["line"] * 3 + ["mean"] * 3
    assert cells["attribute"].tolist() == ["arousal", "valence", "mean"] * 2
    assert cells["MAE"].tolist()[2] == "-"
    lines = evaluation.definitions()
    assert lines[0] == "attributes: scheme two: arousal, valence (continuous)"
    defined = {line.partition(":")[0] for line in lines}
    assert {"CCC", "interval", "PCC", "MAE", "RMSE", "n"} <= defined
    (ccc,) = [line for line in lines if line.startswith("CCC:")]
    assert ccc.endswith("the test clips of all folds put together, no mean over folds")
    title = "rated: 12 clips, 2 attributes, 3 speakers"
    for table in (str(evaluation), evaluation.to_markdown(), evaluation.to_latex()):
        assert title in table
        assert "arousal" in table
        assert "of all folds put together" in table


def test_one_attribute_has_no_mean(rated):
    one = rated.with_scheme(AttributeScheme("one", ("arousal",)))
    evaluation = evaluate(_system(SVR()), one)
    assert evaluation.to_frame()["attribute"].tolist() == ["arousal"]
    scores = evaluation.scores().iloc[0]
    assert scores["ccc"] == scores["ccc_arousal"]
    assert "1 attribute, " in str(evaluation).splitlines()[0]


@pytest.mark.parametrize("form", ["series", "array", "column", "table", "matrix"])
def test_floats_with_fractions_are_attributes(corpus, degrees, form):
    y, names = {
        "series": (degrees["arousal"], ("arousal",)),
        "array": (degrees["arousal"].to_numpy(), ("y",)),
        "column": (degrees[["arousal"]], ("arousal",)),
        "table": (degrees, NAMES),
        "matrix": (degrees.to_numpy(), ("y0", "y1")),
    }[form]
    evaluation = evaluate(_system(), corpus.clips, y)
    assert (evaluation.kind, evaluation.classes) == ("attributes", names)
    assert {f"prediction_{name}" for name in names} <= set(evaluation.predictions)


def test_whole_degrees_are_attributes_as_a_table_of_floats(corpus):
    ratings = np.tile([1.0, 2.0, 3.0, 4.0], 3)
    assert evaluate(DummyClassifier(), corpus.clips, ratings).kind == "classes"
    with pytest.raises(TypeError, match="pass y as a table of floats"):
        evaluate(DummyRegressor(), corpus.clips, ratings)
    table = pd.DataFrame({"arousal": ratings})
    assert evaluate(DummyRegressor(), corpus.clips, table).kind == "attributes"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"arousal": np.nan}, "lacks the 'arousal' of 1 clips .first: clip 4.. Drop"),
        ({"valence": np.inf}, "The 'valence' of clip 4 in y is not finite. Drop"),
        ({"valence": "high"}, r"shape \(12, 2\) and holds what is no number .*'high'"),
    ],
)
def test_a_value_that_is_none_is_named(corpus, degrees, change, message):
    wrong = degrees.astype(object)
    for name, value in change.items():
        wrong.loc[4, name] = value
    with pytest.raises(ValueError, match=message):
        evaluate(_system(), corpus.clips, wrong)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.tile([[1, 2], [3, 4]], (6, 1)), r"whole numbers, .* y.astype\(float\)"),
        (np.tile([[0.0], [1.0]], (6, 1)), "may be classes or degrees"),
        (np.zeros((12, 2, 2)), r"y has shape \(12, 2, 2\), but X holds 12"),
        (np.zeros((3, 2)), r"y has shape \(3, 2\), but X holds 12 clips"),
    ],
)
def test_a_target_that_may_be_two_things_is_refused(corpus, y, message):
    with pytest.raises(ValueError, match=message):
        evaluate(_system(), corpus.clips, y)


def test_two_columns_of_one_name_are_refused(corpus, degrees):
    with pytest.raises(ValueError, match="two columns of one name: arousal, arousal"):
        evaluate(_system(), corpus.clips, degrees.set_axis(["arousal"] * 2, axis=1))


def test_a_classifier_of_attributes_is_refused(rated):
    with pytest.raises(TypeError, match=r"does not end in a regressor.*with_scheme"):
        evaluate({"mine": DummyClassifier()}, rated)


def test_a_regressor_of_classes_is_refused(corpus):
    with pytest.raises(TypeError, match=r"'mine' does not end in a classifier.*Attri"):
        evaluate({"mine": Ridge()}, corpus)


class OneColumn(DummyRegressor):
    """Answer one attribute of two."""

    def predict(self, X):
        return super().predict(X)[:, 0]


class Nowhere(DummyRegressor):
    """Answer what is no number, of the second attribute of one clip."""

    def predict(self, X):
        answers = super().predict(X)
        answers[1, 1] = np.nan
        return answers


@pytest.mark.parametrize(
    ("system", "message"),
    [
        (OneColumn(), r"shape \(4,\).*\(4, 2\) are expected.*MultiOutputRegressor"),
        (Nowhere(), "predict gave nan as valence of test clip 1 of the fold"),
    ],
)
def test_answers_that_are_none_are_refused(rated, system, message):
    with pytest.raises(ValueError, match=message):
        evaluate(system, rated)


def test_a_fold_that_fails_leaves_no_scores_in_the_table(rated):
    class Half(DummyRegressor):
        def fit(self, X, y):
            if "bob" not in X.speaker:
                raise ValueError("where is bob?")
            return super().fit(X, y)

    with pytest.warns(EvaluationWarning, match="1 of 6 cells failed"):
        evaluation = evaluate({"half": Half(), "all": DummyRegressor()}, rated)
    cells = evaluation.to_frame()
    assert cells["CCC"].tolist()[:3] == cells["interval"].tolist()[:3] == ["-"] * 3


def test_a_search_is_by_mean_concordance(rated):
    evaluation = evaluate(
        _system(Ridge()),
        rated,
        search={"ridge__alpha": [1e-6, 1e6]},
        inner_cv=LeaveOneSpeakerOut(),
    )
    # The mean squared error would say the same; what shrinks to the mean has CCC 0.
    assert {row["ridge__alpha"] for row in evaluation.folds["chosen"]} == {1e-6}
    searched = evaluation.record.systems["Pipeline"]["parameters"]["scoring"]
    assert searched == {"scorer": "mean_concordance_scorer"}


def test_it_is_kept_run_again_and_resumed(rated, tmp_path):
    regressor = MultiOutputRegressor(SVR())
    systems = {"line": make_pipeline(AcousticFunctionals(), regressor)}
    evaluation = evaluate(systems, rated, resume=tmp_path / "cells")
    folder = evaluation.save(tmp_path / "run")
    record = json.loads((tmp_path / "run" / "record.json").read_text())
    assert record["scheme"]["scheme"] == "AttributeScheme"
    again = rerun(folder, corpus=rated)
    assert again.is_identical
    # Nine scores in each of three folds, and twelve clips.
    assert str(again).startswith("27 of 27 scores and 12 of 12 predictions")
    resumed = evaluate(systems, rated, resume=tmp_path / "cells")
    pd.testing.assert_frame_equal(resumed.predictions, evaluation.predictions)
    pd.testing.assert_series_equal(
        resumed.folds["fit_seconds"], evaluation.folds["fit_seconds"]
    )


def test_a_prediction_that_moved_is_counted(rated, tmp_path):
    system = make_pipeline(AcousticFunctionals(), DummyRegressor())
    folder = evaluate(system, rated).save(tmp_path / "run")
    path = tmp_path / "run" / "predictions.csv"
    table = pd.read_csv(path)
    table.loc[3, "prediction_valence"] += 0.01
    table.to_csv(path, index=False)
    assert rerun(folder, corpus=rated).n_different == 1


def test_without_speakers_there_are_no_intervals(degrees):
    waveforms = np.random.default_rng(0).uniform(-0.5, 0.5, (12, 400))
    evaluation = evaluate(_system(), waveforms, degrees, cv=3)
    assert "interval" not in evaluation.to_frame()
    assert evaluation.protocol.startswith("KFold, 3 folds")


def test_what_is_of_classes_is_refused(rated):
    evaluation = evaluate(_system(), rated)
    with pytest.raises(ValueError, match="that of rated is attributes: arousal, val"):
        evaluation.confusion("Pipeline")
    with pytest.raises(ValueError, match="optimism_report compares unweighted"):
        optimism_report(_system(), rated)
    with pytest.raises(ValueError, match="'tuned' for several labels, but the target"):
        evaluate(_system(), rated, thresholds="tuned")
    with pytest.raises(ValueError, match="kind must be one of"):
        Evaluation(
            corpus="",
            classes=(),
            protocol="",
            folds=evaluation.folds,
            predictions=evaluation.predictions,
            pipelines=evaluation.pipelines,
            kind="degrees",
        )


def test_a_scheme_of_labels_is_no_scheme_of_attributes(rated):
    labels = rated.with_scheme(MultiLabelScheme("high", NAMES, threshold=2.0))
    with pytest.raises(TypeError, match=r"several labels \(arousal, valence\)"):
        evaluate(_system(), labels, cv=SpeakerKFold(3))
