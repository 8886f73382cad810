import pytest

from sersk.features._checkpoint import Checkpoint
from sersk.features._chunks import Chunk, cut_chunks

WAV2VEC2 = Checkpoint(
    folder="",
    digest="",
    architecture="wav2vec2",
    n_layers=12,
    n_features=768,
    conv_kernel=(10, 3, 3, 3, 3, 2, 2),
    conv_stride=(5, 2, 2, 2, 2, 2, 2),
    do_normalize=True,
)


@pytest.mark.parametrize(
    ("n_samples", "n_frames"),
    [
        (16_000, 49),
        (48_000, 149),
        (64_000, 199),
        (192_000, 599),
        (400, 1),
        (399, 0),
        (1, 0),
    ],
)
def test_frames_are_counted_as_the_convolutions_do(n_samples, n_frames):
    assert WAV2VEC2.count_frames(n_samples) == n_frames


def test_a_frame_is_25_ms_every_20_ms():
    assert WAV2VEC2.receptive_field == 400
    assert WAV2VEC2.hop_length == 320


@pytest.mark.parametrize("n_samples", [1, 400, 15_999, 16_000])
def test_a_short_clip_is_not_cut(n_samples):
    chunks = cut_chunks(n_samples, WAV2VEC2, 16_000, 3_200)
    assert chunks == [Chunk(0, n_samples, 0, None)]


def test_neighbours_share_frames_by_halves():
    # 49 frames a chunk, of which 10 are shared: a chunk every 39 frames.
    first, second = cut_chunks(20_000, WAV2VEC2, 16_000, 3_200)
    assert first == Chunk(0, 48 * 320 + 400, 0, 44)
    assert second == Chunk(39 * 320, 20_000, 5, None)


@pytest.mark.parametrize("overlap", [0, 300, 320, 3_200, 8_000])
@pytest.mark.parametrize("n_samples", [16_001, 16_400, 29_000, 32_000, 100_001])
def test_frames_of_chunks_are_those_of_the_clip(n_samples, overlap):
    frames = []
    for chunk in cut_chunks(n_samples, WAV2VEC2, 16_000, overlap):
        # What is left at the end is less than a frame.
        assert chunk.stop - chunk.start < 16_000 + 320
        n_frames = WAV2VEC2.count_frames(chunk.stop - chunk.start)
        own = range(n_frames)[chunk.first_frame : chunk.last_frame]
        assert own
        assert chunk.start % 320 == 0
        frames += [chunk.start // 320 + at for at in own]
    assert frames == list(range(WAV2VEC2.count_frames(n_samples)))
