"""Counting votes, and what decides where they are equal."""

import numpy as np
import pytest

from sersk.estimators._votes import align, hard_vote

# Rows are members, columns are samples.
CASES = {
    "the most votes win": ([[0], [1], [1]], None, [1]),
    "a majority wins against any probability": ([[0], [0], [1]], [[9.0, 91.0]], [0]),
    "the larger sum decides a tie": ([[0], [1]], [[0.9, 1.1]], [1]),
    "it decides among the leading only": (
        [[0], [0], [1], [1], [2]],
        [[1.0, 1.5, 2.5]],
        [1],
    ),
    "the earliest member decides equal sums": ([[1], [0]], [[1.0, 1.0]], [1]),
    "rounding makes no difference": ([[1], [0]], [[1.0 + 1e-12, 1.0]], [1]),
    "the earliest decides where there are no sums": ([[2], [0], [1]], None, [2]),
    "the earliest that voted for a leading class": (
        [[2], [1], [0], [0], [1]],
        None,
        [1],
    ),
    "one member": ([[2, 0]], None, [2, 0]),
    "samples are counted apart": ([[0, 1], [0, 2], [1, 2]], None, [0, 2]),
}


@pytest.mark.parametrize("case", CASES)
def test_hard_vote(case):
    votes, sums, expected = CASES[case]
    n_classes = 3 if sums is None else len(sums[0])
    given = None if sums is None else lambda rows: np.array(sums)
    assert hard_vote(np.array(votes), n_classes, given).tolist() == expected


def test_probabilities_are_asked_for_ties_only():
    asked = []

    def sum_probabilities(rows):
        asked.extend(rows.tolist())
        return np.array([[0.5, 1.5]])

    votes = np.array([[0, 0, 1], [0, 1, 1]])
    assert hard_vote(votes, 2, sum_probabilities).tolist() == [0, 1, 1]
    assert asked == [1]
    assert hard_vote(votes[:, [0, 2]], 2, sum_probabilities).tolist() == [0, 1]
    assert asked == [1]


def test_a_class_that_a_member_lacks_has_no_probability():
    aligned = align(np.array([[0.25, 0.75]]), np.array(["b", "d"]), np.array([*"abcd"]))
    assert aligned.tolist() == [[0, 0.25, 0, 0.75]]
