import pytest

from sersk.features._batches import BatchLimits, in_halves, length_batches


def test_clips_of_similar_lengths_go_together():
    lengths = [10, 50, 12, 48, 11]
    assert length_batches(lengths, BatchLimits(2, 1_000)) == [[1, 3], [2, 4], [0]]


def test_padding_counts():
    # Three of 30 are 90; with the two of 20 there is one batch of at most 60.
    lengths = [30, 30, 30, 20, 20]
    assert length_batches(lengths, BatchLimits(9, 60)) == [[0, 1], [2, 3], [4]]


def test_a_clip_longer_than_the_limit_is_alone():
    assert length_batches([500, 3], BatchLimits(9, 60)) == [[0], [1]]


def test_every_clip_is_in_one_batch():
    lengths = [(7 * at) % 31 + 1 for at in range(100)]
    limits = BatchLimits(8, 120)
    batches = length_batches(lengths, limits)
    assert sorted(at for batch in batches for at in batch) == list(range(100))
    for batch in batches:
        assert len(batch) <= 8
        assert len(batch) == 1 or len(batch) * max(lengths[at] for at in batch) <= 120


def test_no_clips_are_no_batches():
    assert length_batches([], BatchLimits(8, 120)) == []


class TooMuch(Exception):
    pass


def _squares(limit, seen):
    def function(items):
        seen.append(len(items))
        if len(items) > limit:
            raise TooMuch
        return [item**2 for item in items]

    return function


def test_what_is_too_much_is_halved():
    seen: list[int] = []
    assert in_halves(_squares(3, seen), list(range(10)), TooMuch) == [
        at**2 for at in range(10)
    ]
    assert seen == [10, 5, 2, 3, 5, 2, 3]


def test_one_that_is_too_much_is_an_error():
    with pytest.raises(TooMuch):
        in_halves(_squares(0, []), [1, 2], TooMuch)


def test_memory_of_torch_is_halved():
    torch = pytest.importorskip("torch")

    def function(items):
        if len(items) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return list(items)

    assert in_halves(function, [1, 2, 3], torch.OutOfMemoryError) == [1, 2, 3]
