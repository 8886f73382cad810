import pickle
from dataclasses import dataclass

import numpy as np
import pytest

from sersk.audio import (
    AudioClips,
    Operation,
    concatenate_clips,
    read_transcripts,
)


@dataclass(frozen=True)
class Gain(Operation):
    factor: float

    def __call__(self, waveform, sampling_rate):
        return waveform * np.float32(self.factor)


def _arrays(*lengths, rate=16_000, **columns):
    waveforms = [np.full(length, length / 1000) for length in lengths]
    return AudioClips.from_arrays(waveforms, sampling_rate=rate, columns=columns)


def test_files_stay_files_with_their_parts(wav_files):
    first = AudioClips.from_files(wav_files[:1], start=[0.1], end=[0.2])
    second = AudioClips.from_files(wav_files[1:])
    joined = concatenate_clips([first, second])
    assert joined.files.tolist() == [str(file) for file in wav_files]
    assert joined.to_frame()["start"].tolist() == [0.1, 0, 0]
    assert [len(waveform) for waveform in joined] == [1600, 8000, 6000]
    assert joined.digests == first.digests + second.digests


def test_files_are_not_opened():
    parts = [AudioClips.from_files([f"no such {name}.wav"]) for name in "ab"]
    assert len(concatenate_clips(parts)) == 2


def test_arrays_are_joined_and_keep_their_digests():
    first, second = _arrays(100, 200), _arrays(300)
    joined = concatenate_clips([first[::-1], second])
    assert [len(waveform) for waveform in joined] == [200, 100, 300]
    np.testing.assert_array_equal(joined[2], second[0])
    # Stores find what they hold of the clips.
    assert joined.digests == first[::-1].digests + second.digests
    assert pickle.loads(pickle.dumps(joined)).digests == joined.digests


def test_texts_are_joined():
    parts = [AudioClips.from_texts(texts) for texts in (["good", "bad"], ["fair"])]
    joined = concatenate_clips(parts)
    assert joined.columns["transcript"].tolist() == ["good", "bad", "fair"]
    assert joined.digests == parts[0].digests + parts[1].digests


def test_texts_beside_recordings_are_refused():
    texts = AudioClips.from_texts(["good"])
    with pytest.raises(ValueError, match=r"texts without audio.*corpus\.as_texts\(\)"):
        concatenate_clips([_arrays(100), texts])
    heard = _arrays(100, transcript=["fair"])
    said = AudioClips.from_texts(read_transcripts(heard), columns=heard.columns)
    joined = concatenate_clips([said, texts])
    assert joined.columns["transcript"].tolist() == ["fair", "good"]


def test_one_collection_is_itself():
    clips = _arrays(100, speaker=["anna"])
    joined = concatenate_clips([clips])
    assert joined.speaker.tolist() == ["anna"]
    assert joined.digests == clips.digests


def test_columns_of_one_side_only_have_gaps():
    first = _arrays(100, speaker=["anna"], age=[30], smiles=[True])
    second = _arrays(200, speaker=["bob"], height=[1.8])
    columns = concatenate_clips([first, second]).columns
    assert columns["speaker"].tolist() == ["anna", "bob"]
    np.testing.assert_array_equal(columns["age"], [30, np.nan])
    np.testing.assert_array_equal(columns["height"], [np.nan, 1.8])
    assert columns["smiles"][0] is True
    assert np.isnan(columns["smiles"][1])


def test_numbers_beside_names_do_not_become_text():
    parts = [_arrays(100, speaker=["3"]), _arrays(100, speaker=[3])]
    assert concatenate_clips(parts).speaker.tolist() == ["3", 3]


def test_the_longest_limit_holds():
    short, long = _arrays(1600), _arrays(16_000).with_max_duration(2)
    joined = concatenate_clips([short.with_max_duration(0.5), long])
    assert [len(waveform) for waveform in joined] == [1600, 16_000]


def test_equal_operations_are_kept():
    parts = [_arrays(100).apply(Gain(0.5)), _arrays(200).apply(Gain(0.5))]
    joined = concatenate_clips(parts)
    assert joined[1].tolist() == parts[1][0].tolist()
    assert joined.digests == parts[0].digests + parts[1].digests


@pytest.mark.parametrize("other", [_arrays(200), _arrays(200).apply(Gain(2.0))])
def test_different_operations_are_refused(other):
    with pytest.raises(ValueError, match=r"Different operations.*from_arrays"):
        concatenate_clips([_arrays(100).apply(Gain(0.5)), other])


def test_operations_at_different_rates_are_refused(wav_files):
    low = AudioClips.from_files(wav_files, sampling_rate=8_000)
    high = AudioClips.from_files(wav_files, sampling_rate=16_000)
    low, high = (clips.apply(Gain(0.5)).resample(4_000) for clips in (low, high))
    with pytest.raises(ValueError, match="Different operations"):
        concatenate_clips([low, high])


def test_different_rates_are_refused():
    with pytest.raises(ValueError, match=r"8000 and 16000 Hz.*resample\(8000\)"):
        concatenate_clips([_arrays(100), _arrays(100, rate=8_000)])


def test_arrays_recorded_at_different_rates_are_refused():
    parts = [_arrays(100), _arrays(100, rate=8_000).resample(16_000)]
    with pytest.raises(ValueError, match=r"8000 and 16000 Hz.*from_arrays"):
        concatenate_clips(parts)


def test_files_and_arrays_are_refused_with_a_remedy_that_works(wav_files):
    files = AudioClips.from_files(wav_files, columns={"speaker": ["a", "b", "c"]})
    with pytest.raises(ValueError, match="files and arrays") as error:
        concatenate_clips([_arrays(100), files])
    remedy = str(error.value).partition("first: ")[2].rstrip(".")
    arrays = eval(remedy, {"AudioClips": AudioClips, "clips": files})
    assert concatenate_clips([_arrays(100, speaker=["d"]), arrays]).speaker[3] == "c"


def test_nothing_and_something_else_are_refused():
    with pytest.raises(ValueError, match="no clips to concatenate"):
        concatenate_clips([])
    with pytest.raises(TypeError, match="got a str"):
        concatenate_clips([_arrays(100), "a.wav"])
    with pytest.raises(TypeError, match="Pass a list"):
        concatenate_clips(_arrays(100))
