from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from sersk.utils import seeded_torch


def _draw(seed: int) -> torch.Tensor:
    with seeded_torch(seed):
        return torch.stack([torch.rand(50) for _ in range(20)])


def test_the_generator_is_put_back():
    before = torch.get_rng_state()
    _draw(1)
    with pytest.raises(RuntimeError), seeded_torch(2):
        torch.rand(3) @ torch.rand(4)
    assert torch.equal(torch.get_rng_state(), before)


def test_threads_do_not_draw_from_each_other():
    before = torch.get_rng_state()
    alone = [_draw(seed) for seed in range(8)]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            together = list(pool.map(_draw, range(8)))
            assert all(map(torch.equal, together, alone))
    assert torch.equal(torch.get_rng_state(), before)


def test_what_is_seeded_may_seed():
    with seeded_torch(0):
        inner = _draw(1)
        after = torch.rand(3)
    with seeded_torch(0):
        assert torch.equal(torch.rand(3), after)
    assert torch.equal(inner, _draw(1))
