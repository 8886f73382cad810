"""What a net is given: batches, and what is wrong with them."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sersk.audio import FeatureStreams, FrameSequences, FrameWriter
from sersk.datasets import make_emotional_speech
from sersk.estimators import (
    CNN1DClassifier,
    CNN1DRegressor,
    CNN2DClassifier,
    CoAttentionClassifier,
    CRNNClassifier,
    MelCNNClassifier,
    SpectrogramTrunkClassifier,
)
from sersk.estimators._net_input import fix_frames, gather
from sersk.estimators._torch_training import _cut
from tests.estimators.net_probes import FEW

pytestmark = pytest.mark.usefixtures("one_thread")

LABELS = ["sad", "angry", "sad", "angry"]


def _net(**parameters):
    return CNN1DClassifier(5, **{"max_epochs": 1, **FEW, **parameters})


def _frames(*lengths, n_features=3, pad_value=-1.0):
    arrays = [np.full((n, n_features), n, dtype=np.float32) for n in lengths]
    return FrameSequences.from_arrays(arrays, pad_value=pad_value)


# Batches.


def test_a_batch_is_padded_to_its_longest_clip_at_the_end():
    batch = gather({"x": _frames(5, 2, 3)}, np.array([2, 1]))
    assert batch["x"][:, :, 0].tolist() == [[3, 3, 3], [2, 2, -1]]
    assert batch["x_lengths"].tolist() == [3, 2]


def test_a_fixed_length_is_filled_with_the_floor_and_has_no_lengths():
    streams = {"x": _frames(2, 3)}
    batch = fix_frames(gather(streams, np.array([0, 1])), streams, 4)
    assert batch["x"][:, :, 0].tolist() == [[2, 2, -1, -1], [3, 3, 3, -1]]
    assert set(batch) == {"x"}


def test_arrays_are_clips_of_one_length():
    batch = gather({"x": np.ones((3, 4, 2))}, np.array([0, 2]))
    assert batch["x"].shape == (2, 4, 2)
    assert batch["x"].dtype == np.float32
    assert batch["x_lengths"].tolist() == [4, 4]
    assert batch["x_lengths"].dtype == np.int64


@pytest.mark.parametrize(
    ("n_clips", "batch_size", "sizes"),
    [
        (8, 4, [4, 4]),
        (9, 4, [4, 5]),
        (10, 4, [4, 4, 2]),
        (3, 4, [3]),
        (3, 1, [1, 1, 1]),
    ],
)
def test_no_clip_is_alone_in_a_batch(n_clips, batch_size, sizes):
    batches = _cut(np.arange(n_clips), batch_size)
    assert [len(batch) for batch in batches] == sizes
    assert_array_equal(np.concatenate(batches), np.arange(n_clips))


def test_frames_in_a_file_are_trained_on_as_those_in_memory(speech):
    writer = FrameWriter(speech.mfcc.n_features, memory_limit=1_000)
    for clip in speech.mfcc:
        writer.append(clip)
    stored = FrameSequences.from_writer(writer, pad_value=speech.mfcc.pad_value)
    assert type(stored._buffer).__name__ == "FileBuffer"
    expected, found = (
        _net().fit(X, speech.y).predict_proba(X) for X in (speech.mfcc, stored)
    )
    assert_array_equal(found, expected)


def test_a_matrix_is_sequences_of_one_feature():
    X = np.random.default_rng(0).normal(size=(4, 20))
    net = _net().fit(X, LABELS)
    assert net.n_features_in_ == 20
    assert net.widths_ == {"x": 1}
    assert_array_equal(net.predict_proba(X[..., None]), net.predict_proba(X))


def test_matrices_may_have_another_number_of_frames_than_in_fit():
    X = np.random.default_rng(0).normal(size=(4, 20, 3)).astype(np.float32)
    net = _net().fit(X, LABELS)
    assert not hasattr(net, "n_features_in_")
    cut = FrameSequences.from_arrays([clip[:7] for clip in X])
    assert_array_equal(net.predict_proba(X[:, :7]), net.predict_proba(cut))


# What is wrong.


def test_waveforms_need_an_extractor():
    clips = make_emotional_speech(n_speakers=1, n_repetitions=1, random_state=0).clips
    with pytest.raises(TypeError, match="holds waveforms, but a net takes frames"):
        _net().fit(clips[:4], LABELS)


@pytest.mark.parametrize(
    ("net", "X", "message"),
    [
        (_net(), np.ones((4, 3, 2, 2)), "X has shape"),
        (_net(), _frames(3)[:0], "X holds 0 clips"),
        (_net(), np.ones((4, 0, 3)), "no frames of x, or frames of no features"),
        (_net(), np.ones((4, 5, 0)), "no frames of x, or frames of no features"),
        (
            CNN1DClassifier(n_frames=5, **FEW),
            _frames(3, 5, 6, 4),
            "Clip 2 has 6 frames of x, but this net takes 5 at most",
        ),
        (
            CNN2DClassifier(n_frames=3, **FEW),
            np.ones((4, 5, 2)),
            "Clip 0 has 5 frames of x, but this net takes 3",
        ),
        (
            CNN1DClassifier(n_frames=3, **FEW),
            np.ones((4, 5)),
            "Clip 0 has 5 columns, each a frame of one number, in x, but this net",
        ),
        (
            MelCNNClassifier(**FEW),
            _frames(3, 3, 3, 3),
            "n_features must be at least 32",
        ),
        (
            _net(),
            FeatureStreams({"x": _frames(3, 3), "y": np.ones((2, 3))}),
            "holds the streams x, y, but this net takes x",
        ),
        (
            _net(),
            FeatureStreams({"functionals": np.ones((4, 3))}),
            "holds one row a clip as x, but this net takes frames",
        ),
        (
            CoAttentionClassifier(**FEW),
            FeatureStreams({"mfcc": _frames(3), "spectrogram": _frames(3)}),
            "this net takes mfcc, spectrogram, w2e",
        ),
        (_net(device="abacus"), _frames(3, 4, 5, 6), "device='abacus' cannot be used"),
        (_net(device="cuda:99"), _frames(3, 4, 5, 6), "device='cuda:99' cannot be"),
        (_net(early_stopping=True), _frames(3, 4, 5, 6), "carries no column 'speaker'"),
        (
            CRNNClassifier("dot", **FEW),
            _frames(3, 4, 5, 6),
            "The 'attention' parameter of CRNNClassifier must be",
        ),
        (
            SpectrogramTrunkClassifier("vit", **FEW),
            _frames(3, 4, 5, 6),
            "A ViT has no maps to pool",
        ),
    ],
)
def test_input_that_a_net_does_not_take(net, X, message):
    with pytest.raises(ValueError, match=message):
        net.fit(X, LABELS[: len(X)])


def test_frames_that_are_not_finite_are_named():
    arrays = [np.ones((3, 2)) for _ in range(4)]
    arrays[2][1] = np.nan
    X = FrameSequences.from_arrays(arrays)
    with pytest.raises(ValueError, match="Clip 2 has values of x that are not finite"):
        _net(batch_size=2).fit(X, LABELS)
    net = _net().fit(X[:2], LABELS[:2])
    with pytest.raises(ValueError, match="Clip 2 has values of x that are not finite"):
        net.predict(X)


def test_features_are_as_many_as_in_fit():
    net = _net().fit(_frames(3, 4), LABELS[:2])
    with pytest.raises(ValueError, match=r"fitted on \{'x': 3\}"):
        net.predict(_frames(3, 4, n_features=5))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["sad"] * 4, "holds one class only, 'sad'"),
        (["sad", None, "sad", "angry"], "y lacks 1 labels"),
        (["sad", "angry"], "inconsistent numbers of samples"),
    ],
)
def test_labels_that_cannot_be_learned(labels, message):
    with pytest.raises(ValueError, match=message):
        _net().fit(_frames(3, 4, 5, 6), np.array(labels, dtype=object))


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (
            [[1.0, 2.0], [1.0, np.nan], [0, 0], [0, 1]],
            r"1 of 4 clips \(first: clip 1\)",
        ),
        ([1.0, 2.0], "inconsistent numbers of samples"),
        (None, "requires y to be passed"),
    ],
)
def test_degrees_that_cannot_be_learned(y, message):
    with pytest.raises(ValueError, match=message):
        CNN1DRegressor(5, **FEW).fit(_frames(3, 4, 5, 6), y)


def test_one_clip_is_too_little():
    with pytest.raises(ValueError, match="1 sample to learn from, but CNN1DRegressor"):
        CNN1DRegressor(5, **FEW).fit(_frames(3), [1.0])
    with pytest.raises(ValueError, match="one class only"):
        _net().fit(_frames(3), ["sad"])


def test_weights_of_another_net_are_refused(tmp_path):
    import torch

    from sersk.nets import AlexNet

    path = tmp_path / "weights.pth"
    torch.save(AlexNet(n_outputs=None).state_dict(), path)
    net = SpectrogramTrunkClassifier("resnet50", weights=path, **FEW)
    with pytest.raises(
        ValueError, match=r"does not fit ResNet50 \(it looks like .*Alex"
    ):
        net.fit(_frames(3, 4, 5, 6), LABELS)
    with pytest.raises(FileNotFoundError):
        net.set_params(weights="gone.pth").fit(_frames(3, 4, 5, 6), LABELS)
