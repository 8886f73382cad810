"""What is loaded answers as what was saved, to the last bit."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

import sersk
from sersk.augmentation import AddNoise
from sersk.datasets import get_scheme, make_emotional_speech
from sersk.estimators import (
    AugmentedClassifier,
    LabelEncodedClassifier,
    SpeakerFoldVotingClassifier,
    WindowedClassifier,
)
from sersk.features import AcousticFunctionals, EGeMAPS
from sersk.model_selection import SpeakerKFold
from sersk.persistence import read_manifest
from sersk.preprocessing import (
    NormalizeAmplitude,
    Resample,
    SpeakerScaler,
    TrimSilence,
)
from sersk.utils import ModelWarning


def _functionals(**parameters):
    return AcousticFunctionals(n_mfcc=13, n_mels=40, **parameters)


def _logistic():
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))


def _xgboost():
    xgboost = pytest.importorskip("xgboost")
    return xgboost.XGBClassifier(n_estimators=5, max_depth=2, n_jobs=1)


CLIP_PIPELINES = {
    "logistic": lambda: make_pipeline(_functionals(), _logistic()),
    "waveform steps": lambda: make_pipeline(
        Resample(8000),
        TrimSilence(),
        NormalizeAmplitude(),
        _functionals(sampling_rate=8000, fmax=4000.0),
        _logistic(),
    ),
    "svc": lambda: make_pipeline(_functionals(), StandardScaler(), SVC()),
    "forest": lambda: make_pipeline(
        _functionals(), RandomForestClassifier(10, random_state=0)
    ),
    "xgboost": lambda: make_pipeline(
        _functionals(), LabelEncodedClassifier(_xgboost())
    ),
    "union": lambda: make_pipeline(
        FeatureUnion(
            [
                ("functionals", _functionals()),
                ("pitch", _functionals(descriptors=("f0",))),
            ]
        ),
        SelectKBest(k=20),
        _logistic(),
    ),
    "transductive": lambda: make_pipeline(
        SpeakerScaler(_functionals()), LogisticRegression()
    ),
    "by training speakers": lambda: make_pipeline(
        SpeakerScaler(_functionals(), mode="train"), LogisticRegression()
    ),
    "enrolled": lambda: make_pipeline(
        SpeakerScaler(_functionals(), mode="enrol", enrol=3), SVC()
    ),
    "windows": lambda: WindowedClassifier(
        make_pipeline(_functionals(), _logistic()), window=0.5, hop=0.25
    ),
    "augmented": lambda: AugmentedClassifier(
        make_pipeline(_functionals(), _logistic()), AddNoise(), random_state=0
    ),
    "voting by speaker": lambda: SpeakerFoldVotingClassifier(
        make_pipeline(_functionals(), _logistic()), cv=3
    ),
}
TABLE_MODELS = {
    "calibrated": lambda: CalibratedClassifierCV(_logistic(), cv=2),
    "voting": lambda: VotingClassifier(
        [("lr", _logistic()), ("rf", RandomForestClassifier(5, random_state=0))],
        voting="soft",
    ),
    "stacking": lambda: StackingClassifier([("lr", _logistic()), ("svc", SVC())], cv=2),
    "xgboost in voting": lambda: VotingClassifier(
        [("xgboost", LabelEncodedClassifier(_xgboost())), ("lr", _logistic())]
    ),
    "ufunc": lambda: make_pipeline(FunctionTransformer(np.tanh), _logistic()),
}


def _answers(model, X):
    """Return all that a model says of clips."""
    methods = ("predict", "predict_proba", "decision_function", "transform")
    return {name: getattr(model, name)(X) for name in methods if hasattr(model, name)}


def _assert_same(model, loaded, X):
    expected, found = _answers(model, X), _answers(loaded, X)
    assert expected.keys() == found.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values, strict=True)


@pytest.mark.parametrize("name", CLIP_PIPELINES)
def test_pipelines_of_clips_come_back(corpus, save_and_load, name):
    pipeline = CLIP_PIPELINES[name]().fit(corpus.clips, corpus.target)
    loaded = save_and_load(pipeline)
    assert repr(loaded) == repr(pipeline)
    _assert_same(pipeline, loaded, corpus.clips[::3])


@pytest.mark.parametrize("name", TABLE_MODELS)
def test_models_of_features_come_back(corpus, table, save_and_load, name):
    model = TABLE_MODELS[name]().fit(table, corpus.target)
    _assert_same(model, save_and_load(model), table[::2].copy())


def test_opensmile_comes_back(corpus, save_and_load):
    pytest.importorskip("opensmile")
    clips, target = corpus.clips[:12], corpus.target[:12]
    pipeline = make_pipeline(EGeMAPS(), _logistic()).fit(clips, target)
    loaded = save_and_load(pipeline)
    _assert_same(pipeline, loaded, clips)


def test_what_a_search_found_comes_back(corpus, save_and_load):
    search = GridSearchCV(
        make_pipeline(_functionals(), StandardScaler(), LogisticRegression()),
        {"logisticregression__C": [0.1, 1.0]},
        cv=SpeakerKFold(2),
    ).fit(corpus.clips, corpus.target)
    with pytest.raises(TypeError, match=r"pipeline is a finished search.*best_estim"):
        save_and_load(search)
    _assert_same(
        search.best_estimator_, save_and_load(search.best_estimator_), corpus.clips
    )


def test_regressors_come_back(table, save_and_load):
    rng = np.random.default_rng(0)
    model = make_pipeline(StandardScaler(), Ridge())
    model.fit(table, rng.normal(size=(len(table), 2)))
    _assert_same(model, save_and_load(model), table)


def test_what_is_loaded_can_be_fitted_again(corpus, table, save_and_load):
    forest = RandomForestClassifier(5, random_state=0).fit(table, corpus.target)
    loaded = save_and_load(forest)
    _assert_same(forest, loaded.fit(table, corpus.target), table)


def test_state_of_a_generator_comes_back(corpus, table, save_and_load):
    generator = np.random.RandomState(3)
    model = RandomForestClassifier(3, random_state=generator).fit(table, corpus.target)
    loaded = save_and_load(model)
    assert loaded.random_state.randint(1000) == generator.randint(1000)


def test_another_process_gives_the_same(corpus, tmp_path):
    pipeline = make_pipeline(_functionals(), RandomForestClassifier(3, random_state=0))
    pipeline.fit(corpus.clips, corpus.target)
    sersk.save(pipeline, tmp_path / "model")
    code = (
        "import sys, numpy, sersk; from sersk.datasets import make_emotional_speech\n"
        "corpus = make_emotional_speech(n_speakers=3, random_state=0)\n"
        "model = sersk.load(sys.argv[1])\n"
        "numpy.save(sys.argv[2], model.predict_proba(corpus.clips))\n"
    )
    answers = tmp_path / "answers.npy"
    subprocess.run(
        [sys.executable, "-c", code, tmp_path / "model", answers], check=True
    )
    np.testing.assert_array_equal(
        np.load(answers), pipeline.predict_proba(corpus.clips), strict=True
    )


def test_an_unfitted_pipeline_is_refused(tmp_path):
    with pytest.raises(NotFittedError, match="fit"):
        sersk.save(make_pipeline(_functionals(), _logistic()), tmp_path / "model")
    assert not (tmp_path / "model").exists()


class Mine(StandardScaler):
    """A class that only this module knows."""


@pytest.mark.parametrize(
    ("step", "named"),
    [
        (Mine(), r"pipeline\.steps\[0\]\[1\] \(.*Mine\) cannot be saved"),
        (FunctionTransformer(lambda X: X), r"steps\[0\]\[1\]\.func \(.*<lambda>\)"),
        (SelectKBest(lambda X, y: X[0]), r"steps\[0\]\[1\]\.score_func \(.*<lambda>"),
    ],
)
def test_what_is_the_users_own_is_refused_by_name(
    corpus, table, save_and_load, step, named
):
    model = make_pipeline(step, LogisticRegression(max_iter=10_000))
    model.fit(StandardScaler().fit_transform(table), corpus.target)
    with pytest.raises(TypeError, match=named):
        save_and_load(model)


def test_where_features_are_kept_is_not_saved(corpus, tmp_path):
    kept = _functionals(cache=str(tmp_path / "features"))
    pipeline = make_pipeline(kept, _logistic(), memory=str(tmp_path / "steps"))
    pipeline.fit(corpus.clips, corpus.target)
    folder = Path(sersk.save(pipeline, tmp_path / "model"))
    loaded = sersk.load(folder)
    assert loaded.memory is None
    assert loaded[0].cache is None
    assert pipeline[0].cache == str(tmp_path / "features")
    for path in folder.iterdir():
        assert str(tmp_path).encode() not in path.read_bytes()


def test_the_manifest_says_what_the_model_is(saved, corpus):
    manifest = read_manifest(saved)
    assert manifest.inputs == {
        "kind": "clips",
        "sampling_rate": 16000,
        "max_duration": 600.0,
    }
    assert manifest.classes == list(np.unique(corpus.target))
    assert manifest.scheme == corpus.scheme
    assert manifest.versions["sersk"] == sersk.__version__
    assert "xgboost" not in manifest.versions
    assert set(manifest.files) == {"model.json", "arrays.bin"}


@pytest.mark.parametrize("name", ["iemocap4-merge", "mosei", "msp-podcast-attributes"])
def test_schemes_come_back(corpus, table, tmp_path, name):
    try:
        scheme = get_scheme(name)
    except ValueError:
        pytest.skip(f"no scheme {name}")
    model = LogisticRegression(max_iter=5000).fit(table[:, :3], corpus.target)
    folder = sersk.save(model, tmp_path / "model", scheme=scheme)
    assert read_manifest(folder).scheme == scheme


def test_a_scheme_that_is_none_is_refused(corpus, table, tmp_path):
    model = LogisticRegression(max_iter=5000).fit(table[:, :3], corpus.target)
    with pytest.raises(TypeError, match="scheme must be a label scheme"):
        sersk.save(model, tmp_path / "model", scheme=["happy", "sad"])


def test_other_versions_are_told(saved):
    path = saved / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["versions"]["numpy"] = "1.0"
    path.write_text(json.dumps(manifest))
    with pytest.warns(ModelWarning, match=r"saved with numpy 1\.0 \(now "):
        sersk.load(saved)


def test_the_corpus_is_the_one_that_another_process_makes(corpus):
    again = make_emotional_speech(n_speakers=3, random_state=0)
    assert again.clips.digests == corpus.clips.digests
