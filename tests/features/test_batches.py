from sersk.features._batches import BatchLimits, length_batches


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
