"""A frozen encoder where the device runs out of memory."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from sersk import AudioError
from sersk.features import (
    SpeechEmbedding,
    SpeechEmbeddingSequence,
    make_random_encoder,
)

torch = pytest.importorskip("torch", reason="needs torch")
pytest.importorskip("transformers", reason="needs transformers")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_random_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture
def short_of_memory():
    """Return a function after which encoders take so many frames at once, and no more.

    It returns the sizes of the batches that were tried.
    """
    handles = []

    def limit(n_frames):
        tried = []

        def check(module, inputs):
            if type(module).__name__ == "Wav2Vec2Encoder":
                n_clips, longest = inputs[0].shape[:2]
                tried.append(n_clips)
                if n_clips * longest > n_frames:
                    raise torch.OutOfMemoryError("CUDA out of memory.")

        register = torch.nn.modules.module.register_module_forward_pre_hook
        handles.append(register(check))
        return tried

    yield limit
    for handle in handles:
        handle.remove()


@pytest.mark.parametrize("kind", [SpeechEmbedding, SpeechEmbeddingSequence])
def test_a_batch_is_halved(kind, folder, short_of_memory):
    clips = np.random.default_rng(0).normal(0, 0.1, (8, 4_000))
    expected = kind(folder, device="cpu", cache=False).transform(clips)
    tried = short_of_memory(2 * 12)
    actual = kind(folder, device="cpu", cache=False, batch_size=8).transform(clips)
    assert tried == [8, 4, 2, 2, 4, 2, 2]
    for one, other in zip(actual, expected, strict=True):
        assert_allclose(one, other, atol=1e-5)


@pytest.mark.parametrize("batch_size", [1, 4])
def test_a_clip_that_is_too_long_is_named(folder, short_of_memory, batch_size):
    clips = [np.ones(4_000), np.ones(16_000), np.ones(4_000)]
    short_of_memory(12)
    embedding = SpeechEmbedding(
        folder, device="cpu", cache=False, batch_size=batch_size
    )
    with pytest.raises(
        AudioError,
        match=r"^Clip 1 needs more memory than cpu has free\. Pass a smaller chunk_",
    ):
        embedding.transform(clips)
