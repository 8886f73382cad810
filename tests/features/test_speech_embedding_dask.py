"""A frozen encoder on a Dask cluster: its clips are encoded once, and here."""

import os

import pytest
from joblib import parallel_config
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sersk.cache import FeatureStore
from sersk.datasets import make_emotional_speech
from sersk.evaluation import evaluate
from sersk.features import SpeechEmbedding, make_random_encoder, warm_cache
from sersk.model_selection import LeaveOneSpeakerOut
from tests.features.probes import is_loaded

torch = pytest.importorskip("torch", reason="needs torch")
pytest.importorskip("transformers", reason="needs transformers")
distributed = pytest.importorskip("distributed", reason="needs Dask")


@pytest.fixture(scope="module")
def client():
    settings = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with (
        distributed.LocalCluster(processes=True, **settings) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def corpus():
    return make_emotional_speech(n_speakers=3, n_repetitions=1, random_state=0)


@pytest.fixture
def pipeline(tmp_path):
    embedding = SpeechEmbedding(
        make_random_encoder(tmp_path / "encoder"),
        device="cpu",
        cache=FeatureStore(tmp_path / "store"),
    )
    return make_pipeline(
        embedding, StandardScaler(), LogisticRegression(max_iter=1_000)
    )


@pytest.fixture
def passes():
    """Note the size of each batch that goes through a transformer in this process."""
    seen = []

    def note(module, inputs):
        if type(module).__name__ == "Wav2Vec2Encoder":
            seen.append(len(inputs[0]))

    handle = torch.nn.modules.module.register_module_forward_pre_hook(note)
    yield seen
    handle.remove()


def test_folds_on_a_cluster_read_what_is_kept(client, corpus, pipeline, passes):
    X, y, cv = corpus.clips, corpus.target, LeaveOneSpeakerOut()
    assert warm_cache(pipeline, X) == len(X)
    assert passes == [1] * len(X)
    expected = cross_validate(pipeline, X, y, cv=cv, return_estimator=True)
    with parallel_config("dask"):
        scores = cross_validate(pipeline, X, y, cv=cv, return_estimator=True)
        result = evaluate(pipeline, corpus, cv=cv)
    assert_array_equal(scores["test_score"], expected["test_score"])
    for one, other in zip(scores["estimator"], expected["estimator"], strict=True):
        assert_allclose(one[-1].coef_, other[-1].coef_, atol=1e-9)
    assert result.folds["weighted_accuracy"].tolist() == pytest.approx(
        expected["test_score"].tolist()
    )
    assert result.pipelines["extractions_per_clip"].tolist() == [0.0]
    # Nobody encoded a clip again, and nobody but this process could have.
    assert len(passes) == len(X)
    assert all(client.run(is_loaded, "sersk.features").values())
    assert not any(client.run(is_loaded, "torch").values())
    assert os.getpid() not in client.run(os.getpid).values()
