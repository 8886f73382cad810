import operator
from collections.abc import Iterator

import pytest
from joblib import delayed, parallel_config
from joblib._parallel_backends import ThreadingBackend
from joblib.parallel import register_parallel_backend

from sersk.utils import as_completed


def _squares(numbers) -> Iterator:
    return (delayed(operator.mul)(number, number) for number in numbers)


@pytest.mark.parametrize("n_jobs", [None, 1, 2])
def test_every_result_is_handed_over_once(n_jobs):
    assert sorted(as_completed(_squares(range(5)), n_jobs=n_jobs)) == [0, 1, 4, 9, 16]


def test_nothing_comes_of_nothing():
    assert list(as_completed(iter(()), n_jobs=2)) == []


def test_the_backend_of_the_caller_is_used():
    seen = []
    with parallel_config("threading"):
        # A worker process could not append to a list of this one.
        list(as_completed((delayed(seen.append)(n) for n in range(3)), n_jobs=2))
    assert sorted(seen) == [0, 1, 2]


def test_calls_are_made_only_as_fast_as_results_are_taken():
    made = []

    def calls():
        for number in range(100):
            made.append(number)
            yield delayed(abs)(number)

    next(as_completed(calls(), n_jobs=1))
    assert len(made) < 10


class Batch(ThreadingBackend):
    """A backend that cannot hand over results one by one, as Ray's cannot."""

    supports_return_generator = False


def test_a_backend_without_generators_works_too():
    register_parallel_backend("batch", Batch)
    with parallel_config("batch"):
        assert sorted(as_completed(_squares(range(3)), n_jobs=2)) == [0, 1, 4]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_the_error_of_a_call_is_raised(n_jobs):
    calls = (delayed(operator.truediv)(1, number) for number in (1, 0))
    with pytest.raises(ZeroDivisionError):
        list(as_completed(calls, n_jobs=n_jobs))
