"""Checkpoints from the hub: a real server, a real client, and what goes wrong."""

import json
import shutil

import numpy as np
import pytest

pytest.importorskip("transformers", reason="needs torch and transformers")

from sersk import AudioClips
from sersk.features import (
    SpeechEmbedding,
    TextEmbedding,
    make_random_encoder,
    make_random_text_encoder,
)
from sersk.features._checkpoint import find_checkpoint
from sersk.features._text_checkpoint import find_text_checkpoint
from tests.features.hub_client import running_client
from tests.features.hub_server import running_hub

WEIGHTS = "model.safetensors"
FILES = ["config.json", "model.safetensors", "preprocessor_config.json"]


@pytest.fixture(scope="module")
def hub():
    with running_hub() as hub:
        yield hub


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def client(hub, home):
    with running_client(hub.url, home) as client:
        yield client


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    return make_random_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture
def folder(original, tmp_path):
    return shutil.copytree(original, tmp_path / "copy")


@pytest.fixture(autouse=True)
def _all_is_well(hub):
    yield
    hub.requests.clear()
    hub.shortened.clear()
    hub.cut.clear()
    hub.breaks = False


def test_a_checkpoint_is_fetched_once(hub, client, original):
    commit = hub.push("good/once", original)
    expected = [commit, find_checkpoint(original).digest]
    assert client.ask("speech", "good/once") == (expected, None)
    assert sorted(hub.fetched()) == FILES
    hub.requests.clear()
    assert client.ask("speech", "good/once") == (expected, None)
    assert hub.requests == []


def test_nothing_else_is_fetched(hub, client, folder):
    others = ("pytorch_model.bin", "modeling.py", "flax_model.msgpack", "README.md")
    for name in others:
        (folder / name).write_text("raise SystemExit")
    hub.push("good/much", folder)
    assert client.ask("speech", "good/much")[1] is None
    assert sorted(hub.fetched()) == FILES


def test_features_are_those_of_the_folder(hub, client, original):
    hub.push("good/features", original)
    row, error = client.ask("embed", "good/features")
    assert error is None
    expected = SpeechEmbedding(original, device="cpu", cache=False)
    clip = np.linspace(-0.5, 0.5, 4_000)
    np.testing.assert_array_equal(row, expected.transform([clip])[0])


def test_a_text_encoder_comes_with_its_tokenizer(hub, client, tmp_path):
    texts = ["what a day"]
    folder = make_random_text_encoder(tmp_path / "text", texts)
    commit = hub.push("good/text", folder)
    digest = find_text_checkpoint(folder).digest
    assert client.ask("text", "good/text") == ([commit, digest], None)
    assert set(hub.fetched()) == {"config.json", WEIGHTS, "tokenizer.json"}
    row, _ = client.ask("embed text", "good/text")
    expected = TextEmbedding(folder, device="cpu", cache=False)
    clips = AudioClips.from_texts(texts)
    np.testing.assert_array_equal(row, expected.transform(clips)[0])


def test_a_revision_stays_what_it_is(hub, client, original, tmp_path):
    other = make_random_encoder(tmp_path / "other", random_state=1)
    old = hub.push("good/moving", original)
    new = hub.push("good/moving", other)
    hub.push("good/moving", original, branch="v1")
    found, others = (find_checkpoint(path).digest for path in (original, other))
    assert client.ask("speech", "good/moving") == ([new, others], None)
    assert client.ask("speech", "good/moving", old) == ([old, found], None)
    assert client.ask("speech", "good/moving", "v1") == ([old, found], None)
    # What is asked for by its hash is not looked up, and a branch only once.
    asked = [path for _, path in hub.requests if "/revision/" in path]
    assert [path.rsplit("/", 1)[1] for path in asked] == ["main", "v1"]


def test_weights_in_several_files(hub, client, folder, original):
    from transformers import Wav2Vec2Model

    (folder / WEIGHTS).unlink()
    model = Wav2Vec2Model.from_pretrained(original)
    model.save_pretrained(folder, max_shard_size="40KB")
    hub.push("good/parts", folder)
    (_, digest), error = client.ask("speech", "good/parts")
    assert error is None
    assert digest == find_checkpoint(folder).digest


# What is refused, before anything large or dangerous is fetched.


def test_a_pickle_is_refused_and_not_fetched(hub, client, folder):
    (folder / WEIGHTS).rename(folder / "pytorch_model.bin")
    hub.push("bad/pickle", folder)
    _, error = client.ask("speech", "bad/pickle")
    assert error.startswith(
        "ValueError: model='bad/pickle' on the hub holds its weights as a pickle only"
    )
    assert "write it with save_pretrained" in error
    assert sorted(hub.fetched()) == ["config.json", "preprocessor_config.json"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"auto_map": {"AutoModel": "modeling.Evil"}}, "asks for code of its own"),
        (
            {"model_type": "whisper"},
            "the architecture 'whisper', and no speech encoder",
        ),
    ],
)
def test_weights_are_not_fetched_in_vain(hub, client, folder, changes, message):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    (folder / "modeling.py").write_text("raise SystemExit")
    name = f"bad/{next(iter(changes))}"
    hub.push(name, folder)
    _, error = client.ask("speech", name)
    assert message in error
    assert hub.fetched() == ["config.json"]


@pytest.mark.parametrize("missing", ["config.json", WEIGHTS])
def test_a_checkpoint_that_lacks_a_file(hub, client, folder, missing):
    (folder / missing).unlink()
    name = f"bad/no-{missing}"
    hub.push(name, folder)
    assert f"holds no {missing}" in client.ask("speech", name)[1]


@pytest.mark.parametrize(
    ("name", "revision", "message"),
    [
        (
            "bad/nobody",
            None,
            "model='bad/nobody' cannot be had .* Repository Not Found",
        ),
        ("bad/some", "v9", "model='bad/some' at revision='v9' .* Revision Not Found"),
        (
            "bad/some",
            "0" * 40,
            "at revision='0{40}' cannot be had .* Revision Not Found",
        ),
    ],
)
def test_what_the_hub_does_not_have(hub, client, original, name, revision, message):
    hub.push("bad/some", original)
    with pytest.raises(ValueError, match=message):
        raise ValueError(client.ask("speech", name, revision)[1])


# The network.


@pytest.mark.parametrize("how", ["shortened", "cut"])
def test_a_download_that_breaks_off_can_be_tried_again(hub, client, original, how):
    name = f"good/{how}"
    commit = hub.push(name, original)
    # Less than the beginning on a second attempt: the connection breaks at once.
    getattr(hub, how)[WEIGHTS] = 5_000
    _, error = client.ask("speech", name)
    assert f"model={name!r} cannot be had from the Hugging Face hub" in error
    assert "try again, which goes on where a download was cut" in error
    # It is not taken for complete either.
    _, error = client.ask("speech", name, HF_HUB_OFFLINE="1")
    assert "not all of it was downloaded before" in error
    getattr(hub, how).clear()
    digest = find_checkpoint(original).digest
    assert client.ask("speech", name) == ([commit, digest], None)


@pytest.mark.parametrize("switch", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_the_hub_is_not_asked_when_it_must_not_be(hub, client, original, switch):
    name = f"good/{switch}"
    commit = hub.push(name, original)
    _, error = client.ask("speech", name, **{switch: "1"})
    assert "HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set, and not all" in error
    assert "Unset them, or pass a folder." in error
    assert hub.requests == []
    assert client.ask("speech", name)[0][0] == commit


def test_nobody_answers(hub, client):
    with hub.down():
        _, error = client.ask("speech", "good/down")
    assert "Connection refused" in error
    assert "Check the name, the revision and the network and try again" in error


def test_the_hub_is_broken(hub, client, original):
    hub.push("good/broken", original)
    hub.breaks = True
    _, error = client.ask("speech", "good/broken")
    assert "500 Internal Server Error" in error
    hub.breaks = False
    assert client.ask("speech", "good/broken")[1] is None


def test_what_was_fetched_is_used_without_a_network(hub, client, home, original):
    commit = hub.push("good/offline", original)
    assert client.ask("speech", "good/offline")[1] is None
    hub.requests.clear()
    # Another process has not seen it yet.
    with running_client(hub.url, home) as other:
        offline = {"HF_HUB_OFFLINE": "1"}
        assert other.ask("speech", "good/offline", **offline)[0][0] == commit
        assert hub.requests == []
        with hub.down():
            assert other.ask("speech", "good/offline", commit)[0][0] == commit
