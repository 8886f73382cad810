"""The splitters: by themselves, and nested in what scikit-learn does with them."""

import pickle
from collections import Counter

import numpy as np
import pandas as pd
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    cross_val_predict,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sersk import AudioClips
from sersk.model_selection import (
    LeaveOneSessionOut,
    LeaveOneSpeakerOut,
    PredefinedPartition,
    SpeakerKFold,
)

SPEAKERS = ["anna"] * 4 + ["bob"] * 3 + ["carl"] * 3 + ["dora"] * 2
SESSIONS = [1] * 7 + [2] * 5
PARTITIONS = ["train"] * 7 + ["dev"] * 3 + ["test"] * 2
COLUMNS = {"speaker": SPEAKERS, "session": SESSIONS, "partition": PARTITIONS}
N_CLIPS = len(SPEAKERS)
Y = np.array(["sad", "happy"] * (N_CLIPS // 2))

LAYOUTS = st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=40).filter(
    lambda speakers: len(set(speakers)) > 1
)

SPLITTERS = {
    "speaker": LeaveOneSpeakerOut(),
    "session": LeaveOneSessionOut(),
    "fold": SpeakerKFold(3),
    "shuffled": SpeakerKFold(3, shuffle=True, random_state=0),
    "partition": PredefinedPartition(),
}
COLUMN = {"session": "session", "partition": "partition"}


def _clips(columns: dict | None = None) -> AudioClips:
    waveforms = np.tile(np.arange(N_CLIPS)[:, None] / 100, (1, 50))
    return AudioClips.from_arrays(
        waveforms, sampling_rate=16_000, columns=COLUMNS if columns is None else columns
    )


def _folds(splitter, X, groups=None) -> list[tuple[list, list]]:
    return [(a.tolist(), b.tolist()) for a, b in splitter.split(X, None, groups)]


class SpeakerListener(ClassifierMixin, BaseEstimator):
    """Remember the speakers of training; score the share of test clips of others."""

    def __init__(self, parameter=0):
        self.parameter = parameter

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.heard_ = set(X.speaker)
        return self

    def predict(self, X):
        return np.where(np.isin(X.speaker, list(self.heard_)), "known", "stranger")

    def score(self, X, y):
        return np.mean(self.predict(X) == "stranger")


class MatrixListener(SpeakerListener):
    """The same where the first feature is the number of the speaker."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.heard_ = set(X[:, 0])
        return self

    def predict(self, X):
        return np.where(np.isin(X[:, 0], list(self.heard_)), "known", "stranger")


def _search(estimator, cv) -> GridSearchCV:
    return GridSearchCV(estimator, {"parameter": [0, 1]}, cv=cv, error_score="raise")


# Where the groups come from.


@pytest.mark.parametrize("name", SPLITTERS)
@pytest.mark.parametrize("as_table", [False, True])
def test_a_column_of_x_is_as_good_as_groups(name, as_table):
    splitter, column = SPLITTERS[name], COLUMN.get(name, "speaker")
    clips = _clips()
    X = clips.to_frame() if as_table else clips
    assert _folds(splitter, X) == _folds(splitter, np.zeros(N_CLIPS), COLUMNS[column])


def test_groups_win_over_the_column():
    other = ["x"] * 6 + ["y"] * 6
    folds = _folds(LeaveOneSpeakerOut(), _clips(), other)
    assert [test for _, test in folds] == [[*range(6)], [*range(6, 12)]]
    assert LeaveOneSpeakerOut().get_n_splits(_clips(), None, other) == 2
    assert LeaveOneSpeakerOut().get_n_splits(_clips()) == 4


def test_a_table_of_polars_will_do():
    polars = pytest.importorskip("polars")
    table = polars.DataFrame({"speaker": SPEAKERS, "session": SESSIONS})
    for splitter in (LeaveOneSpeakerOut(), LeaveOneSessionOut(), SpeakerKFold(2)):
        assert _folds(splitter, table) == _folds(splitter, _clips())


@pytest.mark.parametrize(
    "container",
    [
        list,
        tuple,
        np.array,
        lambda values: np.array(values, dtype=object),
        lambda values: pd.Series(values, index=range(50, 50 + len(values))),
        lambda values: pd.Series(values, dtype="category"),
        lambda values: [SPEAKERS.index(value) for value in values],
    ],
)
def test_groups_may_come_in_any_container(container):
    expected = _folds(LeaveOneGroupOut(), np.zeros(N_CLIPS), SPEAKERS)
    assert _folds(LeaveOneSpeakerOut(), np.zeros(N_CLIPS), container(SPEAKERS)) == (
        expected
    )


def test_the_column_is_sliced_with_the_clips():
    folds = _folds(LeaveOneSpeakerOut(), _clips()[[0, 5, 4, 11]])
    assert folds == [([1, 2, 3], [0]), ([0, 3], [1, 2]), ([0, 1, 2], [3])]


# What is refused.


@pytest.mark.parametrize("name", SPLITTERS)
@pytest.mark.parametrize("X", [np.zeros((12, 2)), _clips({}), pd.DataFrame({"a": [1]})])
def test_groups_that_are_nowhere_are_asked_for(name, X):
    column = COLUMN.get(name, "speaker")
    message = rf"needs the {column} of each clip. Give an X .*'{column}'.*groups="
    with pytest.raises(ValueError, match=message):
        SPLITTERS[name].split(X)


@pytest.mark.parametrize("splitter", [LeaveOneSpeakerOut(), LeaveOneSessionOut()])
def test_the_number_of_folds_needs_groups_too(splitter):
    for arguments in ((), (None, Y), (np.zeros(N_CLIPS), Y)):
        with pytest.raises(ValueError, match="Give an X that carries it"):
            splitter.get_n_splits(*arguments)


@pytest.mark.parametrize("name", SPLITTERS)
@pytest.mark.parametrize("gap", [None, np.nan, pd.NA])
def test_a_clip_without_group_is_refused(name, gap):
    column = COLUMN.get(name, "speaker")
    values = [*COLUMNS[column][:-2], gap, COLUMNS[column][-1]]
    message = rf"lacks the {column} of 1 of 12 clips \(first: clip 10\)"
    with pytest.raises(ValueError, match=f"groups {message}"):
        SPLITTERS[name].split(np.zeros(N_CLIPS), None, values)
    table = pd.DataFrame({column: values})
    with pytest.raises(ValueError, match=f"X's column '{column}' {message}"):
        SPLITTERS[name].split(table)


@pytest.mark.parametrize("splitter", [LeaveOneSpeakerOut(), SpeakerKFold(2)])
def test_one_speaker_is_not_enough(splitter):
    message = "two speakers, but all 4 are of speaker 'anna'"
    with pytest.raises(ValueError, match=message):
        splitter.split(_clips()[:4])


def test_one_session_is_not_enough():
    with pytest.raises(ValueError, match="two sessions, but all 7 are of session 1"):
        LeaveOneSessionOut().split(_clips()[:7])
    with pytest.raises(ValueError, match="two sessions"):
        LeaveOneSessionOut().get_n_splits(_clips()[:7])


def test_more_folds_than_speakers_are_refused():
    message = r"n_splits=5 is more than there are speakers \(4\)"
    with pytest.raises(ValueError, match=message):
        SpeakerKFold().split(_clips())


@pytest.mark.parametrize("name", SPLITTERS)
def test_names_of_different_types_are_refused(name):
    with pytest.raises(ValueError, match=r"different types \(int, str\)"):
        SPLITTERS[name].split(np.zeros(3), None, ["3", 3, "4"])


@pytest.mark.parametrize("name", SPLITTERS)
def test_groups_of_two_dimensions_are_refused(name):
    with pytest.raises(ValueError, match=r"groups has shape \(12, 1\)"):
        SPLITTERS[name].split(np.zeros(N_CLIPS), None, np.zeros((N_CLIPS, 1)))


@pytest.mark.parametrize("name", SPLITTERS)
def test_groups_of_another_length_are_refused(name):
    groups = COLUMNS[COLUMN.get(name, "speaker")]
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        list(SPLITTERS[name].split(np.zeros(N_CLIPS + 1), None, groups))


# The folds.


@settings(max_examples=200)
@given(LAYOUTS)
def test_leave_one_speaker_out_is_leave_one_group_out(speakers):
    X = pd.DataFrame({"speaker": speakers})
    folds = _folds(LeaveOneSpeakerOut(), X)
    assert folds == _folds(LeaveOneGroupOut(), X, speakers)
    assert len(folds) == LeaveOneSpeakerOut().get_n_splits(X) == len(set(speakers))
    assert [{speakers[i] for i in test} for _, test in folds] == [
        {speaker} for speaker in sorted(set(speakers))
    ]


@settings(max_examples=200)
@given(LAYOUTS, st.data())
def test_folds_share_no_speaker_and_test_each_clip_once(speakers, data):
    n_splits = data.draw(st.integers(2, len(set(speakers))))
    seed = data.draw(st.one_of(st.none(), st.integers(0, 99)))
    splitter = SpeakerKFold(n_splits, shuffle=seed is not None, random_state=seed)
    X = pd.DataFrame({"speaker": speakers})
    folds = _folds(splitter, X)
    assert len(folds) == splitter.get_n_splits(X) == n_splits
    for train, test in folds:
        assert sorted(train + test) == list(range(len(speakers)))
        assert {speakers[i] for i in train}.isdisjoint(speakers[i] for i in test)
    tested = sorted(clip for _, test in folds for clip in test)
    assert tested == list(range(len(speakers)))
    assert folds == _folds(splitter, X)


@settings(max_examples=200)
@given(LAYOUTS, st.data())
def test_folds_have_about_the_same_number_of_clips(speakers, data):
    n_splits = data.draw(st.integers(2, len(set(speakers))))
    folds = _folds(SpeakerKFold(n_splits), pd.DataFrame({"speaker": speakers}))
    sizes = [len(test) for _, test in folds]
    assert max(sizes) - min(sizes) <= max(Counter(speakers).values())


def test_speaker_folds_are_those_of_group_k_fold():
    X = np.zeros(N_CLIPS)
    for options in ({}, {"shuffle": True, "random_state": 3}):
        expected = _folds(GroupKFold(3, **options), X, SPEAKERS)
        assert _folds(SpeakerKFold(3, **options), _clips()) == expected


def test_another_seed_gives_other_folds():
    folds = [
        _folds(SpeakerKFold(2, shuffle=True, random_state=seed), _clips())
        for seed in range(5)
    ]
    assert any(other != folds[0] for other in folds)


def test_sessions_by_hand():
    first, second = [*range(7)], [*range(7, 12)]
    assert _folds(LeaveOneSessionOut(), _clips()) == [(second, first), (first, second)]
    assert LeaveOneSessionOut().get_n_splits(_clips()) == 2


# Partitions.


def test_clips_of_other_partitions_are_in_neither_side():
    assert _folds(PredefinedPartition(), _clips()) == [([*range(7)], [10, 11])]


def test_partitions_can_be_chosen():
    both = PredefinedPartition(train=("train", "dev"))
    assert _folds(both, _clips()) == [([*range(10)], [10, 11])]
    assert _folds(PredefinedPartition(test="dev"), _clips()) == [
        ([*range(7)], [7, 8, 9])
    ]
    sessions = PredefinedPartition("session", train=(1,), test=(2,))
    assert _folds(sessions, _clips()) == [([*range(7)], [*range(7, 12)])]


def test_there_is_one_partition_whatever_is_given():
    splitter = PredefinedPartition()
    assert splitter.get_n_splits() == splitter.get_n_splits(_clips(), Y) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"train": ("train", "dev"), "test": "dev"}, "'dev' is both in train and in"),
        ({"test": ("tset",)}, "partition 'tset'. There are: 'dev', 'test', 'train'"),
        ({"train": ("train", "val")}, "No clip is in the partition 'val'"),
        ({"test": ()}, "test names no partition"),
        ({"train": []}, "train names no partition"),
    ],
)
def test_wrong_partitions_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        PredefinedPartition(**options).split(_clips())


def test_speakers_given_for_partitions_are_refused():
    with pytest.raises(ValueError, match="There are: 'anna', 'bob', 'carl', 'dora'"):
        PredefinedPartition().split(_clips(), Y, SPEAKERS)


# In scikit-learn's hands.


@pytest.mark.parametrize("name", SPLITTERS)
def test_splitters_have_no_state(name):
    splitter = SPLITTERS[name]
    before = dict(vars(splitter))
    first = _folds(splitter, _clips())
    assert vars(splitter) == before
    assert _folds(pickle.loads(pickle.dumps(splitter)), _clips()) == first


def test_splitters_print_their_parameters():
    assert repr(LeaveOneSpeakerOut()) == "LeaveOneSpeakerOut()"
    assert repr(LeaveOneSessionOut()) == "LeaveOneSessionOut()"
    assert repr(SpeakerKFold(3)) == (
        "SpeakerKFold(n_splits=3, random_state=None, shuffle=False)"
    )
    assert repr(PredefinedPartition(test="dev")) == (
        "PredefinedPartition(column='partition', test='dev', train=('train',))"
    )


@pytest.mark.parametrize("routing", [False, True])
@pytest.mark.parametrize(
    ("outer", "inner", "n_folds"),
    [
        (LeaveOneSpeakerOut(), LeaveOneSpeakerOut(), 4),
        (LeaveOneSpeakerOut(), SpeakerKFold(3), 4),
        (SpeakerKFold(2), SpeakerKFold(2, shuffle=True, random_state=0), 2),
        (LeaveOneSessionOut(), LeaveOneSpeakerOut(), 2),
        (
            PredefinedPartition(train=("train", "dev")),
            PredefinedPartition(test="dev"),
            1,
        ),
    ],
)
def test_nested_searches_hear_no_test_speaker(routing, outer, inner, n_folds):
    with sklearn.config_context(enable_metadata_routing=routing):
        results = cross_validate(
            _search(SpeakerListener(), inner),
            _clips(),
            Y,
            cv=outer,
            return_estimator=True,
            error_score="raise",
        )
    assert results["test_score"].tolist() == [1.0] * n_folds
    for search in results["estimator"]:
        assert search.cv_results_["mean_test_score"].tolist() == [1.0, 1.0]


def test_the_same_search_by_clips_does_hear_them():
    folds = KFold(3, shuffle=True, random_state=0)
    results = cross_validate(_search(SpeakerListener(), folds), _clips(), Y, cv=folds)
    assert np.all(results["test_score"] < 1)


def test_groups_of_a_plain_matrix_reach_a_search():
    X = np.array([[SPEAKERS.index(speaker), 0.0] for speaker in SPEAKERS])
    search = _search(MatrixListener(), LeaveOneSpeakerOut())
    search.fit(X, Y, groups=SPEAKERS)
    assert search.n_splits_ == 4
    assert search.cv_results_["mean_test_score"].tolist() == [1.0, 1.0]


def test_groups_of_a_plain_matrix_are_routed_to_both_levels():
    X = np.array([[SPEAKERS.index(speaker), 0.0] for speaker in SPEAKERS])
    with sklearn.config_context(enable_metadata_routing=True):
        results = cross_validate(
            _search(MatrixListener(), SpeakerKFold(2)),
            X,
            Y,
            cv=LeaveOneSpeakerOut(),
            params={"groups": np.array(SPEAKERS)},
            return_estimator=True,
            error_score="raise",
        )
    assert results["test_score"].tolist() == [1.0] * 4
    for search in results["estimator"]:
        assert search.cv_results_["mean_test_score"].tolist() == [1.0, 1.0]


def test_partitions_are_routed():
    with sklearn.config_context(enable_metadata_routing=True):
        results = cross_validate(
            SpeakerListener(),
            _clips({"speaker": SPEAKERS}),
            Y,
            cv=PredefinedPartition(),
            params={"groups": np.array(PARTITIONS)},
            error_score="raise",
        )
    assert results["test_score"].tolist() == [1.0]


def test_groups_that_scikit_learn_drops_are_missed_aloud():
    """Without routing, an inner search of a matrix is not told the groups."""
    X = np.array([[SPEAKERS.index(speaker), 0.0] for speaker in SPEAKERS])
    with pytest.raises(ValueError, match="LeaveOneSpeakerOut needs the speaker"):
        cross_validate(
            _search(MatrixListener(), LeaveOneSpeakerOut()),
            X,
            Y,
            groups=SPEAKERS,
            cv=LeaveOneSpeakerOut(),
            error_score="raise",
        )


@pytest.mark.parametrize("cv", [LeaveOneSpeakerOut(), SpeakerKFold(3)])
@pytest.mark.parametrize("routing", [False, True])
def test_each_clip_is_predicted_by_strangers(cv, routing):
    with sklearn.config_context(enable_metadata_routing=routing):
        predictions = cross_val_predict(SpeakerListener(), _clips(), Y, cv=cv)
    assert predictions.tolist() == ["stranger"] * N_CLIPS


def _first_samples(clips: AudioClips) -> np.ndarray:
    return np.array([[waveform[0]] for waveform in clips])


def test_a_pipeline_in_workers_gives_the_same():
    pipeline = make_pipeline(FunctionTransformer(_first_samples), _Nearest())
    options = {
        "X": _clips(),
        "y": Y,
        "cv": LeaveOneSpeakerOut(),
        "error_score": "raise",
    }
    serial = cross_validate(pipeline, **options)["test_score"]
    parallel = cross_validate(pipeline, **options, n_jobs=2)["test_score"]
    # Neighbours in time alternate, so that the nearest training clip tells something.
    assert serial.tolist() == parallel.tolist()
    assert 0 < serial.mean() < 1


class _Nearest(ClassifierMixin, BaseEstimator):
    """Answer as the nearest training clip."""

    def fit(self, X, y):
        self.X_, self.y_, self.classes_ = X, y, np.unique(y)
        return self

    def predict(self, X):
        return self.y_[np.abs(X - self.X_.T).argmin(axis=1)]
