import pandas as pd
import pytest

from sersk.datasets._published import PublishedCounts, compare_counts

PUBLISHED = PublishedCounts(
    per_class={"happy": 2, "sad": 1}, per_speaker={"anna": 2, "bob": 1}
)


def compare(*clips):
    frame = pd.DataFrame(clips, columns=["emotion", "speaker"])
    return compare_counts(frame, PUBLISHED, title="Tiny")


COMPLETE = [("happy", "anna"), ("sad", "anna"), ("happy", "bob")]


def test_the_total_is_the_sum_of_the_classes():
    assert PUBLISHED.total == 3


def test_a_complete_corpus_has_no_findings():
    assert compare(*COMPLETE) == []


def test_each_class_and_speaker_that_lacks_clips_is_found():
    assert [finding.message for finding in compare(*COMPLETE[:2])] == [
        "speaker bob: 0 of 1 clips.",
        "emotion happy: 1 of 2 clips.",
    ]


def test_a_surplus_is_refused_even_where_something_is_missing():
    with pytest.raises(ValueError, match=r"Tiny has: emotion sad: 2 of 1 clips\. Rem"):
        compare(("sad", "anna"), ("sad", "bob"))


def test_every_surplus_is_named():
    with pytest.raises(ValueError, match=r"bob: 2 of 1 clips; emotion happy: 3 of 2"):
        compare(*COMPLETE, ("happy", "bob"))
