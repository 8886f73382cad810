"""Operations run when a clip is read, and what they do is in the digest."""

from dataclasses import FrozenInstanceError, dataclass, field

import numpy as np
import pytest

from sersk import AudioClips
from sersk.audio import Note, Operation, resample
from sersk.audio._operations import ChangeRate, run_operations
from sersk.utils import AudioError

RATE = 16_000


@dataclass(frozen=True)
class Gain(Operation):
    factor: float

    def __call__(self, waveform, sampling_rate):
        return waveform * self.factor


@dataclass(frozen=True)
class Delay(Operation):
    seconds: float

    def __call__(self, waveform, sampling_rate):
        return np.pad(waveform, (round(self.seconds * sampling_rate), 0))


@dataclass(frozen=True)
class Give(Operation):
    """Return what it was made with."""

    value: object

    def __call__(self, waveform, sampling_rate):
        return self.value


class Undecorated(Operation):
    def __init__(self, factor):
        object.__setattr__(self, "factor", factor)

    def __call__(self, waveform, sampling_rate):
        return waveform * self.factor


@pytest.fixture
def clips():
    return AudioClips.from_arrays([[0.5, -0.25], [0.125]], sampling_rate=RATE)


def test_operations_run_in_order(clips):
    changed = clips.apply(Gain(2)).apply(Delay(2 / RATE)).apply(Gain(0.5))
    np.testing.assert_array_equal(changed[0], [0, 0, 0.5, -0.25])
    np.testing.assert_array_equal(changed[1], [0, 0, 0.125])
    assert changed[0].dtype == np.float32


def test_the_clips_themselves_stay(clips):
    clips.apply(Gain(2))
    np.testing.assert_array_equal(clips[0], [0.5, -0.25])


def test_operations_are_lazy(tmp_path):
    clips = AudioClips.from_files([tmp_path / "missing.wav"]).apply(Gain(2))
    with pytest.raises(AudioError, match="no such file"):
        clips[0]


def test_operations_survive_slices_and_columns(clips):
    changed = clips.apply(Gain(2)).with_columns({"speaker": ["a", "b"]})[1:]
    np.testing.assert_array_equal(changed[0], [0.25])


def test_an_operation_learns_the_rate_at_its_place(clips):
    slow = clips.apply(ChangeRate(8_000)).apply(Delay(3 / 8_000))
    assert slow.sampling_rate == 8_000
    assert slow[1].shape == (3 + 1,)


def test_a_change_of_rate_behind_an_operation_is_an_operation(clips):
    changed = clips.apply(Gain(0.5)).resample(8_000)
    assert changed.sampling_rate == 8_000
    expected = resample(np.array([0.25, -0.125], np.float32), RATE, 8_000)
    np.testing.assert_array_equal(changed[0], expected)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([], [Gain(1)]),
        ([Gain(1)], [Gain(2)]),
        ([Gain(1)], [Delay(1)]),
        ([Gain(1), Delay(0.1)], [Delay(0.1), Gain(1)]),
        ([Gain(1)], [Gain(1), Gain(1)]),
        ([ChangeRate(8_000)], [ChangeRate(4_000)]),
    ],
)
def test_digests_differ_with_what_is_done(clips, one, other):
    digests = []
    for operations in (one, other):
        changed = clips
        for operation in operations:
            changed = changed.apply(operation)
        digests.append(changed.digests)
    assert not set(digests[0]) & set(digests[1])


def test_digests_differ_with_the_version(clips, monkeypatch):
    before = clips.apply(Gain(2)).digests
    monkeypatch.setattr(Gain, "version", 2)
    assert not set(before) & set(clips.apply(Gain(2)).digests)


def test_digests_agree_where_the_same_is_done(clips):
    assert clips.apply(Gain(2)).digests == clips.apply(Gain(np.float64(2))).digests


def test_two_classes_of_one_name_have_two_keys():
    def make():
        @dataclass(frozen=True)
        class Gain(Operation):
            factor: float

        return Gain

    assert make()(1.0).key != Gain(1.0).key


def test_a_class_without_the_decorator_is_refused(clips):
    # Its factor would be no field, and clips that differ would share a digest.
    with pytest.raises(TypeError, match=r"Undecorated is not a dataclass.*frozen=True"):
        clips.apply(Undecorated(2))


def test_parameters_without_a_canonical_form_are_refused_at_once(clips):
    with pytest.raises(TypeError, match="no canonical form"):
        clips.apply(Give(object()))


@pytest.mark.parametrize("operation", [None, np.negative, Gain, "gain"])
def test_what_is_no_operation_is_refused(clips, operation):
    with pytest.raises(TypeError, match=r"must be a sersk\.audio\.Operation"):
        clips.apply(operation)


def test_an_operation_is_frozen():
    with pytest.raises(FrozenInstanceError):
        Gain(2).factor = 3


def test_an_operation_that_does_nothing_says_so(clips):
    with pytest.raises(NotImplementedError, match="Operation does not define __call__"):
        clips.apply(Operation())[0]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([0.0, np.nan], "after Give holds 1 non-finite sample"),
        ([], "after Give holds no samples"),
        ([1e6], "after Give peaks at 1e\\+06"),
        ([[0.0, 0.1]], r"after Give has shape \(1, 2\), not \(n_samples,\)"),
        (None, r"after Give has shape \(\)"),
    ],
)
def test_what_is_no_waveform_any_more_is_named(clips, value, message):
    with pytest.raises(AudioError, match=f"^Clip 1 {message}"):
        clips.apply(Give(value))[1]


def test_any_numbers_become_float32(clips):
    waveform = clips.apply(Give([0, 1]))[0]
    assert waveform.dtype == np.float32
    np.testing.assert_array_equal(waveform, [0, 1])


def test_the_clips_in_memory_cannot_be_changed_in_place(clips):
    @dataclass(frozen=True)
    class Spoil(Operation):
        def __call__(self, waveform, sampling_rate):
            waveform *= 2
            return waveform

    with pytest.raises(ValueError, match="read-only"):
        clips.apply(Spoil())[0]
    np.testing.assert_array_equal(clips[0], [0.5, -0.25])


def test_no_operations_return_the_samples_themselves():
    samples = np.zeros(3, np.float32)
    changed, notes = run_operations((), samples, RATE)
    assert changed is samples
    assert notes == ()


# What operations have to say.


@dataclass(frozen=True)
class Halve(Operation):
    """Cut a half away, and say so."""

    is_told: bool = field(default=True, compare=False)

    def __call__(self, waveform, sampling_rate):
        return waveform[: len(waveform) // 2]

    def remark(self, before, after, sampling_rate):
        detail = f"{len(before)} to {len(after)} at {sampling_rate}"
        return Note("lose a half", detail, "Keep it.") if self.is_told else None


def test_notes_come_with_the_clip_in_order(clips):
    longer = clips.apply(Delay(6 / RATE))
    assert longer.read(0).notes == ()
    halved = longer.apply(Halve()).apply(Halve(is_told=False)).apply(Halve())
    assert [note.detail for note in halved.read(0).notes] == [
        "8 to 4 at 16000",
        "2 to 1 at 16000",
    ]


def test_a_note_is_of_the_rate_before(clips):
    low = clips.apply(Delay(1)).apply(ChangeRate(8_000)).apply(Halve())
    low = low.apply(ChangeRate(RATE))
    details = [note.detail for note in low.read(0).notes]
    assert details[0].endswith("at 8000")
    assert "brought to 8000 Hz before" in low.read(0).notes[1].fact
    assert clips.apply(ChangeRate(8_000)).read(0).notes == ()


def test_a_field_that_is_not_compared_is_not_in_the_digest(clips):
    quiet = clips.apply(Halve(is_told=False))
    assert quiet.digests == clips.apply(Halve()).digests
