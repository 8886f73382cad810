"""Variants of a system, one change at a time."""

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from sersk.datasets import make_emotional_speech
from sersk.evaluation import ablate, evaluate
from sersk.features import AcousticFunctionals
from sersk.preprocessing import TrimSilence


@pytest.fixture
def pipeline():
    functionals = AcousticFunctionals(("mfcc",))
    classifier = LogisticRegression(C=1.0)
    return make_pipeline(TrimSilence(), functionals, StandardScaler(), classifier)


def differences(system, variant):
    """Return the parameters, of leaves, in which two systems differ."""
    own, other = (
        {
            name: repr(value)
            for name, value in one.get_params().items()
            if not hasattr(value, "get_params") and name != "steps"
        }
        for one in (system, variant)
    )
    return {name for name in own | other if own.get(name) != other.get(name)}


def test_each_variant_differs_in_one_parameter(pipeline):
    systems = ablate(
        pipeline,
        {"logisticregression__C": [0.1, 10.0], "acousticfunctionals__n_mfcc": (13,)},
    )
    assert list(systems) == [
        "as given",
        "logisticregression__C=0.1",
        "logisticregression__C=10.0",
        "acousticfunctionals__n_mfcc=13",
    ]
    assert [differences(pipeline, one) for one in systems.values()] == [
        set(),
        {"logisticregression__C"},
        {"logisticregression__C"},
        {"acousticfunctionals__n_mfcc"},
    ]


def test_a_step_can_be_left_out_or_replaced(pipeline):
    systems = ablate(
        pipeline,
        {"trimsilence": ["passthrough"], "standardscaler": [MinMaxScaler()]},
    )
    assert list(systems)[1:] == [
        "trimsilence=passthrough",
        "standardscaler=MinMaxScaler()",
    ]
    assert isinstance(pipeline.named_steps["standardscaler"], StandardScaler)


def test_they_are_compared_with_what_was_given(pipeline):
    corpus = make_emotional_speech(n_speakers=4, n_repetitions=1, random_state=0)
    evaluation = evaluate(ablate(pipeline, {"trimsilence": ["passthrough"]}), corpus)
    (row,) = evaluation.compare().to_dict("records")
    assert (row["system_a"], row["system_b"]) == (
        "as given",
        "trimsilence=passthrough",
    )


@pytest.mark.parametrize(
    ("param_grid", "error", "message"),
    [
        ({"C": [1]}, ValueError, r"has no parameter 'C'\. It has 'acousticf"),
        ({"logisticregression__C": 0.1}, TypeError, "must be a list of values, but"),
        ({"trimsilence": "passthrough"}, TypeError, "must be a list of values, but"),
        (
            {"logisticregression__C": [1.0]},
            ValueError,
            "'logisticregression__C=1.0' is what the system has",
        ),
        (
            {"logisticregression__C": [2, 2]},
            ValueError,
            "Two variants are named 'logisticregression__C=2'",
        ),
    ],
)
def test_what_cannot_be_varied_is_named(pipeline, param_grid, error, message):
    with pytest.raises(error, match=message):
        ablate(pipeline, param_grid)
