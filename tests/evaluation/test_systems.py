import pytest
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import StandardScaler

from sersk.cache import FeatureStore
from sersk.datasets import make_emotional_speech
from sersk.evaluation._systems import (
    check_pipelines,
    front_end,
    give_store,
    is_transductive,
    sampling_rates,
)
from sersk.features import AcousticFunctionals, SpeechEmbedding, TextEmbedding
from sersk.preprocessing import Resample, SpeakerScaler
from tests.features.probes import Level


@pytest.fixture
def store(tmp_path) -> FeatureStore:
    return FeatureStore(tmp_path / "store", max_bytes=10_000)


def test_names_are_kept_in_order():
    systems = {"b": LogisticRegression(), "a": DummyClassifier()}
    assert list(check_pipelines(systems).items()) == list(systems.items())


def test_one_classifier_is_called_by_its_class():
    classifier = LogisticRegression()
    assert check_pipelines(classifier) == {"LogisticRegression": classifier}


@pytest.mark.parametrize(
    "system",
    [
        make_pipeline(Level(), StandardScaler()),
        Level(),
        LogisticRegression,
        "LogisticRegression",
        None,
    ],
    ids=repr,
)
def test_what_predicts_nothing_is_named(system):
    with pytest.raises(TypeError, match="'mine' does not end in a classifier"):
        check_pipelines({"good": LogisticRegression(), "mine": system})
    with pytest.raises(TypeError, match="does not end in a classifier"):
        check_pipelines(system)


def test_arguments_in_another_order_are_set_right():
    corpus = make_emotional_speech(n_speakers=1, n_repetitions=1, random_state=0)
    with pytest.raises(TypeError, match="pipelines first, and then the corpus"):
        check_pipelines(corpus)


@pytest.mark.parametrize("systems", [[LogisticRegression()], (DummyClassifier(),)])
def test_systems_without_names_are_refused(systems):
    with pytest.raises(
        TypeError, match=r"dict of name to estimator, got a (list|tuple)"
    ):
        check_pipelines(systems)


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        (make_pipeline(AcousticFunctionals()), "16000 Hz, band to 8000 Hz"),
        (
            make_pipeline(AcousticFunctionals(fmax=4_000.0), LogisticRegression()),
            "16000 Hz, band to 4000 Hz",
        ),
        (
            SpeakerScaler(AcousticFunctionals(sampling_rate=8_000, fmax=9_000.0)),
            "8000 Hz, band to 4000 Hz",
        ),
        (
            make_pipeline(Resample(8_000), AcousticFunctionals()),
            "8000 Hz, band to 4000 Hz; 16000 Hz, band to 8000 Hz",
        ),
        (
            make_union(AcousticFunctionals(), AcousticFunctionals(("rms",))),
            "16000 Hz, band to 8000 Hz",
        ),
        (make_pipeline(SpeechEmbedding()), "16000 Hz, band to 8000 Hz"),
        (make_pipeline(TextEmbedding()), ""),
        (
            make_union(TextEmbedding(), AcousticFunctionals(sampling_rate=8_000)),
            "8000 Hz, band to 4000 Hz",
        ),
        (DummyClassifier(), ""),
    ],
    ids=repr,
)
def test_what_a_system_hears(system, expected):
    assert front_end(system) == expected


@pytest.mark.parametrize("name", [1, ("a", "b"), None])
def test_names_are_text(name):
    # 1 and "1" would be two systems of one name in the table.
    with pytest.raises(TypeError, match="must be str"):
        check_pipelines({name: LogisticRegression()})


def test_no_system_is_an_error():
    with pytest.raises(ValueError, match="pipelines is empty"):
        check_pipelines({})


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        (make_pipeline(Level(), LogisticRegression()), False),
        (make_pipeline(SpeakerScaler(Level()), LogisticRegression()), True),
        (make_pipeline(make_union(Level(), SpeakerScaler(Level()))), True),
        (
            VotingClassifier(
                [
                    ("a", make_pipeline(Level(), LogisticRegression())),
                    ("b", make_pipeline(SpeakerScaler(Level()), DummyClassifier())),
                ]
            ),
            True,
        ),
        (
            GridSearchCV(
                make_pipeline(Level(), LogisticRegression()),
                {"level": [Level(), SpeakerScaler(Level())]},
            ),
            True,
        ),
        (GridSearchCV(LogisticRegression(), {"C": [1, 2]}), False),
    ],
    ids=["plain", "step", "union", "vote", "grid", "grid of numbers"],
)
def test_transduction_is_found_wherever_it_hides(system, expected):
    assert is_transductive(system) is expected


def test_sampling_rates_are_those_of_the_extractors():
    systems = {
        "a": make_pipeline(SpeakerScaler(Level(sampling_rate=8_000)), Ridge()),
        "b": make_pipeline(make_union(Level(), AcousticFunctionals()), Ridge()),
        "c": DummyClassifier(),
    }
    assert sampling_rates(systems) == {8_000, 16_000}
    assert sampling_rates({"c": DummyClassifier()}) == set()


def test_a_store_is_given_to_a_copy(store):
    pipeline = make_pipeline(SpeakerScaler(Level(n_jobs=2)), LogisticRegression(C=3))
    stored = give_store(pipeline, store)
    assert stored[0].extractor.cache == store
    assert stored[0].extractor.n_jobs == 2
    assert stored[1].C == 3
    assert pipeline[0].extractor.cache is None


@pytest.mark.parametrize(
    ("system", "find"),
    [
        (make_union(Level()), lambda union: union.transformer_list[0][1]),
        (
            VotingClassifier([("a", make_pipeline(Level(), DummyClassifier()))]),
            lambda vote: vote.estimators[0][1][0],
        ),
        (
            GridSearchCV(make_pipeline(Level(), DummyClassifier()), {}),
            lambda search: search.estimator[0],
        ),
        (
            GridSearchCV(
                make_pipeline("passthrough", DummyClassifier()),
                [{"passthrough": [None, SpeakerScaler(Level())]}],
            ),
            lambda search: search.param_grid[0]["passthrough"][1].extractor,
        ),
    ],
    ids=["union", "vote", "search", "grid"],
)
def test_a_store_reaches_every_extractor(store, system, find):
    assert find(give_store(system, store)).cache == store
    assert find(system).cache is None


@pytest.mark.parametrize("cache", [False, "elsewhere"])
def test_a_store_of_its_own_is_kept(store, cache):
    pipeline = make_pipeline(Level(cache=cache), DummyClassifier())
    assert give_store(pipeline, store)[0].cache == cache


def test_output_settings_survive(store):
    scaler = SpeakerScaler(Level().set_output(transform="pandas"))
    stored = clone(give_store(scaler, store))
    assert stored.extractor._sklearn_output_config == {"transform": "pandas"}


def test_what_is_frozen_stays_as_it_is(store, corpus):
    extractor = Level().fit(corpus.clips)
    frozen = FrozenEstimator(extractor)
    assert give_store(frozen, store) is frozen
    assert frozen.estimator is extractor
    assert extractor.cache is None
