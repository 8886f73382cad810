import pytest

from sersk.utils import in_halves


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
