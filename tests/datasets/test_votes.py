import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sersk import AudioClips
from sersk.datasets import AttributeScheme, Corpus, LabelScheme, rater_agreement
from sersk.features import AcousticFunctionals
from sersk.utils import CorpusWarning

TWO = LabelScheme("two", ("sad", "happy"), {"sad": "sad", "happy": "happy"})
MERGED = LabelScheme(
    "merged", ("happy", "sad"), {"happy": "happy", "excited": "happy", "sad": "sad"}
)

# Rows are clips, columns labels.
VOTES = {
    "votes_happy": [2, 0, 1, 0],
    "votes_excited": [1, 0, 0, 0],
    "votes_sad": [1, 3, 1, 0],
    "votes_other": [0, 1, 2, 4],
}


@pytest.fixture
def frame():
    return pd.DataFrame(
        {
            "label": ["happy", "sad", "excited", "sad"],
            "emotion": ["happy", "sad", "happy", "sad"],
            "speaker": ["a", "a", "b", "b"],
            "valence": [1.0, 2.0, 3.0, 4.0],
            **VOTES,
        }
    )


@pytest.fixture
def clips():
    generator = np.random.default_rng(0)
    waveforms = generator.uniform(-0.5, 0.5, (4, 4000))
    return AudioClips.from_arrays(waveforms, sampling_rate=16_000)


@pytest.fixture
def corpus(frame, clips):
    return Corpus(frame, clips, MERGED, name="rated")


def test_votes_are_counts_by_label(corpus):
    votes = corpus.votes
    assert votes.columns.tolist() == ["happy", "excited", "sad", "other"]
    assert (votes.dtypes == np.int64).all()
    assert votes.loc[0].tolist() == [2, 1, 1, 0]


def test_votes_that_nobody_noted_are_none(frame, clips):
    frame["votes_sad"] = [1.0, np.nan, 1.0, np.nan]
    votes = Corpus(frame, clips, MERGED, name="rated").votes
    assert votes["sad"].tolist() == [1, 0, 1, 0]
    assert votes["sad"].dtype == np.int64


def test_votes_of_a_corpus_without_raters_are_empty(frame, clips):
    corpus = Corpus(frame.drop(columns=list(VOTES)), clips, MERGED, name="mute")
    assert corpus.votes.shape == (4, 0)
    with pytest.raises(ValueError, match=r"mute has no votes.*'votes_sad'"):
        corpus.soft_labels()


def test_votes_do_not_travel_with_the_clips(corpus):
    assert set(corpus.clips.columns) == {"speaker"}


def test_soft_labels_add_what_the_scheme_merges_and_drop_the_rest(corpus):
    labels = corpus.soft_labels()
    assert labels.columns.tolist() == ["happy", "sad"]
    expected = [[3 / 4, 1 / 4], [0, 1], [1 / 2, 1 / 2], [np.nan, np.nan]]
    np.testing.assert_allclose(labels, expected)


def test_soft_labels_have_the_classes_that_nobody_chose(frame, clips):
    frame = frame.drop(columns="votes_sad")
    labels = Corpus(frame, clips, MERGED, name="rated").soft_labels()
    assert labels["sad"].tolist()[::2] == [0, 0]


def test_soft_labels_follow_another_scheme(corpus):
    merges = {"happy": "known", "sad": "known", "other": "unknown"}
    scheme = LabelScheme("known", ("known", "unknown"), merges)
    with pytest.warns(CorpusWarning, match="class 'unknown'"):
        labels = corpus.with_scheme(scheme).soft_labels()
    # The clip labelled "excited" is in no class of it.
    np.testing.assert_allclose(labels["unknown"], [0, 1 / 4, 1])


def test_soft_labels_need_labels(corpus):
    attributes = corpus.with_scheme(AttributeScheme("one", ("valence",)))
    with pytest.raises(ValueError, match=r"one: valence.*with_scheme"):
        attributes.soft_labels()


def test_soft_target_has_a_clip_for_each_of_its_classes(corpus):
    clips, target, weight = corpus.soft_target()
    assert target.tolist() == ["happy", "sad", "sad", "happy", "sad", "sad"]
    assert target.dtype == corpus.target.dtype
    # The last clip, whose votes are all for no class, has its own label.
    np.testing.assert_allclose(weight, [3 / 4, 1 / 4, 1, 1 / 2, 1 / 2, 1])
    assert clips.speaker.tolist() == ["a", "a", "a", "b", "b", "b"]
    rows = [0, 0, 1, 2, 2, 3]
    assert clips.digests == [corpus.clips.digests[row] for row in rows]


def test_soft_target_of_votes_of_one_mind_is_the_target(frame, clips):
    for column in VOTES:
        frame[column] = 3 * (frame["emotion"] == column.removeprefix("votes_"))
    corpus = Corpus(frame, clips, MERGED, name="rated")
    soft_clips, target, weight = corpus.soft_target()
    assert target.tolist() == corpus.target.tolist()
    assert weight.tolist() == [1, 1, 1, 1]
    assert soft_clips.digests == corpus.clips.digests


def test_a_classifier_learns_the_shares():
    # One clip, heard as sad by 3 of 4: without regularisation that is what is learned.
    waveform = np.random.default_rng(0).uniform(-0.5, 0.5, 4000)
    clips = AudioClips.from_arrays([waveform, waveform], sampling_rate=16_000)
    votes = {"votes_sad": [3, 3], "votes_happy": [1, 1]}
    frame = pd.DataFrame({"emotion": ["sad", "sad"], **votes})
    corpus = Corpus(frame, clips, TWO, name="rated")
    pipeline = make_pipeline(AcousticFunctionals(), StandardScaler(), _regression())
    soft_clips, target, weight = corpus.soft_target()
    pipeline.fit(soft_clips, target, logisticregression__sample_weight=weight)
    assert pipeline.classes_.tolist() == ["happy", "sad"]
    probabilities = pipeline.predict_proba(corpus.clips)
    np.testing.assert_allclose(probabilities, [[1 / 4, 3 / 4]] * 2, atol=1e-3)


def _regression():
    return LogisticRegression(C=1e6, max_iter=1000)


def test_the_example_of_fleiss():
    # Ten patients, fourteen raters, five diagnoses.
    votes = [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
    agreement = rater_agreement(votes)
    assert agreement["kappa"] == pytest.approx(0.210, abs=5e-4)
    assert agreement["clips"] == 10
    assert agreement["raters"] == 14
    assert agreement["unanimous"] == 0.1
    most = [14, 6, 6, 9, 8, 7, 6, 5, 6, 7]
    assert agreement["majority"] == pytest.approx(sum(most) / 140)


def test_the_example_of_krippendorff():
    # Four observers, twelve units, five values, and gaps.
    observers = [
        "1 2 3 3 2 1 4 1 2 . . .",
        "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    ]
    units = list(zip(*map(str.split, observers), strict=True))
    votes = pd.DataFrame([{v: unit.count(v) for v in "12345"} for unit in units])
    agreement = rater_agreement(votes)
    assert agreement["alpha"] == pytest.approx(0.743, abs=5e-4)
    assert np.isnan(agreement["kappa"])
    assert agreement["clips"] == 12
    assert agreement["raters"] == pytest.approx(41 / 12)
    # Of the eleven units that more than one observed, three are in dispute.
    assert agreement["unanimous"] == pytest.approx(8 / 11)
    assert agreement["majority"] == pytest.approx((8 + 3 / 4 + 1 / 4 + 3 / 4) / 11)


def test_clips_of_one_rater_say_nothing_of_agreement():
    agreement = rater_agreement(np.array([[1, 0], [0, 1], [0, 0]]))
    assert agreement["clips"] == 2
    assert agreement["raters"] == 1
    assert agreement.drop(["clips", "raters"]).isna().all()


def test_no_votes_at_all():
    agreement = rater_agreement(pd.DataFrame(index=range(3)))
    assert agreement["clips"] == 0
    assert agreement.drop("clips").isna().all()


def test_with_one_label_chance_is_perfect_and_nothing_is_known():
    agreement = rater_agreement([[3, 0], [3, 0]])
    assert agreement["unanimous"] == 1
    assert agreement[["alpha", "kappa"]].isna().all()


@pytest.mark.parametrize(
    "votes", [[1, 2], [[0.5, 1.0]], [[-1, 2]], [[np.nan, 1]], [["a", "b"]]]
)
def test_what_is_no_count_is_refused(votes):
    with pytest.raises(ValueError, match=r"corpus\.votes"):
        rater_agreement(votes)


_TABLES = st.lists(
    st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=1, max_size=8
)


def _alpha_of_pairs(votes):
    """Return 1 - D_o / D_e, from pairs of ratings one by one."""
    units = [
        [label for label, n in enumerate(row) for _ in range(n)]
        for row in votes
        if sum(row) > 1
    ]
    ratings = [label for unit in units for label in unit]
    observed = sum(
        sum(a != b for a, b in itertools.permutations(unit, 2)) / (len(unit) - 1)
        for unit in units
    )
    expected = sum(a != b for a, b in itertools.permutations(ratings, 2))
    if not expected:
        return np.nan
    observed /= len(ratings)
    expected /= len(ratings) * (len(ratings) - 1)
    return 1 - observed / expected


@given(_TABLES)
def test_alpha_is_that_of_all_pairs(votes):
    alpha = rater_agreement(votes)["alpha"]
    np.testing.assert_allclose(alpha, _alpha_of_pairs(votes), atol=1e-12)


@given(st.lists(st.permutations([3, 1, 0]), min_size=2, max_size=8))
def test_kappa_and_alpha_differ_by_the_size_of_the_sample_alone(votes):
    agreement = rater_agreement(votes)
    n_ratings = 4 * len(votes)
    kappa = agreement["kappa"]
    assert agreement["alpha"] == pytest.approx(kappa + (1 - kappa) / n_ratings)
