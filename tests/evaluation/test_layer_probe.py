import pytest
from sklearn.linear_model import RidgeClassifier
from sklearn.pipeline import make_pipeline

pytest.importorskip("transformers", reason="needs torch and transformers")

from sersk.datasets import make_emotional_speech
from sersk.evaluation import evaluate, layer_probe
from sersk.features import SpeechEmbedding, count_extractions, make_random_encoder
from sersk.model_selection import SpeakerKFold


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_random_encoder(tmp_path_factory.mktemp("encoder"))


def test_each_layer_has_its_row_and_each_clip_one_pass(folder):
    corpus = make_emotional_speech(n_speakers=4, n_repetitions=1, random_state=0)
    embedding = SpeechEmbedding(folder, device="cpu")
    before = count_extractions()
    table = layer_probe(
        embedding, corpus, classifier=RidgeClassifier(), cv=SpeakerKFold(2)
    )
    assert count_extractions() - before == len(corpus.clips)
    assert table.index.tolist() == [0, 1, 2, 3]
    assert table.index.name == "layer"
    assert table["unweighted_accuracy"].between(0, 1).all()
    assert table["unweighted_accuracy"].nunique() > 1
    assert embedding.layer == -1


def test_some_layers_have_rows_of_their_own(folder):
    corpus = make_emotional_speech(n_speakers=2, n_repetitions=1, random_state=1)
    table, every = (
        layer_probe(
            SpeechEmbedding(folder, device="cpu", layer=layer),
            corpus,
            classifier=RidgeClassifier(),
        )
        for layer in ((3, 1), "all")
    )
    assert table.index.tolist() == [3, 1]
    scores = table["unweighted_accuracy"]
    assert scores.equals(every["unweighted_accuracy"].loc[[3, 1]])


def test_a_row_is_what_the_layer_alone_gives(folder):
    corpus = make_emotional_speech(n_speakers=2, n_repetitions=1, random_state=1)
    embedding = SpeechEmbedding(folder, device="cpu", layer=2)
    table = layer_probe(embedding, corpus, classifier=RidgeClassifier())
    alone = evaluate(make_pipeline(embedding, RidgeClassifier()), corpus).scores()
    expected = alone["unweighted_accuracy"].item()
    assert table.loc[2, "unweighted_accuracy"] == pytest.approx(expected)


def test_a_list_of_no_layers_is_refused():
    corpus = make_emotional_speech(n_speakers=2, n_repetitions=1, random_state=1)
    with pytest.raises(ValueError, match=r"layer=\[\], of which none is probed"):
        layer_probe(SpeechEmbedding("nowhere", layer=[]), corpus)


@pytest.mark.parametrize(
    ("embedding", "message"),
    [
        (
            make_pipeline(SpeechEmbedding("nowhere"), RidgeClassifier()),
            "must be a SpeechEmbedding, got a Pipeline. Pass the embedding itself",
        ),
        (RidgeClassifier(), "must be a SpeechEmbedding, got a RidgeClassifier"),
        (SpeechEmbedding("nowhere", layer={1, 3}), r"layer=\{1, 3\}, which is no"),
        (SpeechEmbedding("nowhere", layer=None), "layer=None, which is no number"),
    ],
)
def test_what_has_no_layers_is_refused(embedding, message):
    corpus = make_emotional_speech(n_speakers=2, n_repetitions=1, random_state=1)
    with pytest.raises(TypeError, match=message):
        layer_probe(embedding, corpus)
