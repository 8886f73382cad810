"""Decoding files and parts of files, and refusing samples that mean nothing."""

import io
import os
import tracemalloc

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from sersk.audio import _blocks
from sersk.audio._reading import Recording, check_samples, read_recording
from sersk.utils import AudioError

RATE = 16_000
TIMES = np.arange(24_000) / RATE
TONE = (0.5 * np.sin(2 * np.pi * 440 * TIMES) * np.sin(np.pi * TIMES)).astype("float32")

LOSSLESS = [
    # One step of the quantiser, or more where the encoding is logarithmic.
    ("WAV", "PCM_U8", 2**-7),
    ("WAV", "PCM_16", 2**-15),
    ("WAV", "PCM_24", 2**-23),
    ("WAV", "PCM_32", 2**-24),
    ("WAV", "FLOAT", 0),
    ("WAV", "DOUBLE", 0),
    ("WAV", "ULAW", 2**-6),
    ("WAV", "ALAW", 2**-5),
    ("WAVEX", "PCM_16", 2**-15),
    ("WAVEX", "FLOAT", 0),
    ("WAVEX", "ULAW", 2**-6),
    ("RF64", "PCM_24", 2**-23),
    ("RF64", "DOUBLE", 0),
    ("FLAC", "PCM_S8", 2**-7),
    ("FLAC", "PCM_16", 2**-15),
    ("FLAC", "PCM_24", 2**-23),
]
LOSSY = [("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", "MPEG_LAYER_III")]
ALL = [(container, subtype) for container, subtype, _ in LOSSLESS] + LOSSY


def write(path, samples, container, subtype, rate=RATE, **options):
    soundfile.write(path, samples, rate, format=container, subtype=subtype, **options)
    return path


@pytest.mark.parametrize("n_channels", [1, 2, 5])
@pytest.mark.parametrize(("container", "subtype", "step"), LOSSLESS)
def test_samples_agree_to_the_step_of_the_quantiser(
    tmp_path, container, subtype, step, n_channels
):
    channels = np.stack([TONE, TONE[::-1], -TONE, TONE, 0 * TONE])[:n_channels].T
    path = write(tmp_path / "clip", channels, container, subtype)
    recording = read_recording(path)
    assert isinstance(recording, Recording)
    samples, rate, _ = recording
    assert rate == RATE
    assert type(rate) is int
    assert samples.dtype == np.float32
    assert samples.shape == TONE.shape
    assert samples.flags.c_contiguous
    # A mean of float32 numbers is right to about their last bit.
    np.testing.assert_allclose(samples, channels.mean(axis=1), atol=step + 1e-7, rtol=0)


@pytest.mark.parametrize("endian", ["LITTLE", "BIG"])
def test_both_byte_orders(tmp_path, endian):
    path = write(tmp_path / "clip", TONE, "WAV", "FLOAT", endian=endian)
    np.testing.assert_array_equal(read_recording(path).samples, TONE)


@pytest.mark.parametrize(("container", "subtype"), LOSSY)
def test_lossy_formats_keep_length_and_sound(tmp_path, container, subtype):
    path = write(tmp_path / "clip", TONE, container, subtype)
    samples = read_recording(path).samples
    assert samples.shape == TONE.shape
    assert np.corrcoef(samples, TONE)[0, 1] > 0.99


@pytest.mark.parametrize("rate", [2_000, 8_000, 22_050, 44_100, 192_000, 384_000])
def test_the_rate_is_that_of_the_file(tmp_path, rate):
    path = write(tmp_path / "clip", TONE, "WAV", "FLOAT", rate=rate)
    assert read_recording(path).sampling_rate == rate


@pytest.mark.parametrize(("container", "subtype"), ALL)
def test_a_part_is_equal_to_the_same_samples_of_the_whole(tmp_path, container, subtype):
    noise = np.random.default_rng(0).uniform(-0.9, 0.9, TONE.shape)
    path = write(tmp_path / "clip", noise, container, subtype)
    whole = read_recording(path).samples
    for first, stop in [(0, 7), (1, 9_000), (12_345, 12_346), (23_000, 23_999)]:
        part = read_recording(path, start=first / RATE, end=stop / RATE)
        np.testing.assert_array_equal(part.samples, whole[first:stop])
    for end in (None, float("nan"), 1.5, 1.509):
        part = read_recording(path, start=1.2, end=end).samples
        np.testing.assert_array_equal(part, whole[19_200:])


@given(start=st.floats(0, 1.49), length=st.floats(0.001, 1.5))
def test_any_part_of_a_flac_file(tmp_path_factory, start, length):
    path = tmp_path_factory.getbasetemp() / "parts.flac"
    if not path.exists():
        write(path, TONE, "FLAC", "PCM_24")
    whole = read_recording(path).samples
    end = min(start + length, 1.5)
    part = read_recording(path, start=start, end=end).samples
    np.testing.assert_array_equal(part, whole[round(start * RATE) : round(end * RATE)])


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        (-0.1, None, r"has start=-0\.1, .* Correct start"),
        (float("nan"), None, "has start=nan"),
        (float("inf"), None, "has start=inf"),
        (0.5, 0.5, r"has end=0\.5, which does not lie behind start=0\.5"),
        (0.5, 0.2, r"has end=0\.2"),
        (0.0, -1.0, r"has end=-1\.0"),
        (0.0, float("inf"), "has end=inf"),
        (0.0, 1.52, r"has end=1\.52 s, but its file ends at 1\.500 s"),
        (1.5, None, r"has start=1\.5 s, but its file ends at 1\.500 s"),
        (1e308, None, r"has start=1e\+308 s, but its file ends at 1\.500 s"),
        (0.0, 1e308, r"has end=1e\+308 s, but its file ends at 1\.500 s"),
        (1.0, 1.0 + 1e-9, "holds no samples"),
    ],
)
def test_a_part_must_lie_in_its_file(tmp_path, start, end, reason):
    path = write(tmp_path / "clip", TONE, "WAV", "FLOAT")
    with pytest.raises(AudioError, match=reason):
        read_recording(path, start=start, end=end)


@pytest.mark.parametrize("times", [{"start": "0"}, {"start": None}, {"end": "1"}])
def test_times_of_a_wrong_type_are_type_errors(tmp_path, times):
    with pytest.raises(TypeError, match="must be a number of seconds"):
        read_recording(tmp_path, **times)


@pytest.mark.parametrize(("container", "subtype"), ALL)
def test_long_files_are_read_in_blocks(tmp_path, monkeypatch, container, subtype):
    noise = np.random.default_rng(0).uniform(-0.9, 0.9, (24_000, 2))
    path = write(tmp_path / "clip", noise, container, subtype)
    whole = read_recording(path).samples
    monkeypatch.setattr(_blocks, "_BLOCK_VALUES", 2_000)
    monkeypatch.setattr(_blocks, "_SCRATCH_VALUES", 600)
    np.testing.assert_array_equal(read_recording(path).samples, whole)
    part = read_recording(path, start=0.5).samples
    np.testing.assert_array_equal(part, whole[8_000:])


def test_the_requested_part_may_not_be_too_long(tmp_path):
    path = write(tmp_path / "clip", TONE, "FLAC", "PCM_16")
    with pytest.raises(AudioError, match=r"lasts 1\.500 s.* max_duration=1\.4 s"):
        read_recording(path, max_duration=1.4)
    assert read_recording(path, end=1.4, max_duration=1.4).samples.size == 22_400
    assert read_recording(path, max_duration=1.5).samples.size == 24_000
    assert read_recording(path, max_duration=float("inf")).samples.size == 24_000


def lying_flac():
    """A FLAC file that promises 2**36 - 1 samples per channel."""
    file = io.BytesIO()
    write(file, TONE, "FLAC", "PCM_16")
    content = bytearray(file.getvalue())
    content[21] |= 0x0F
    content[22:26] = b"\xff" * 4
    return bytes(content)


def lying_mp3():
    """An MP3 file whose tag promises 2**28 - 1 frames."""
    file = io.BytesIO()
    write(file, TONE, "MP3", "MPEG_LAYER_III")
    content = file.getvalue()
    count = content.index(b"Xing") + 8
    return content[:count] + b"\x0f\xff\xff\xff" + content[count + 4 :]


def lying_wav():
    """A WAV file that promises 4 GB."""
    file = io.BytesIO()
    write(file, TONE, "WAV", "PCM_16")
    content = file.getvalue()
    size = content.index(b"data") + 4
    return content[:size] + b"\xf0\xff\xff\xfe" + content[size + 4 :]


@pytest.mark.parametrize("content", [lying_flac(), lying_mp3(), lying_wav()])
@pytest.mark.parametrize("max_duration", [600.0, float("inf")])
def test_memory_is_not_taken_on_a_header_s_word(tmp_path, content, max_duration):
    path = tmp_path / "clip"
    path.write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(AudioError, match=r"lasts|truncated"):
            read_recording(path, max_duration=max_duration)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 16 * 2**20


@pytest.mark.parametrize("seed", range(6))
def test_any_bytes_give_finite_samples_or_an_audio_error(tmp_path, seed):
    rng = np.random.default_rng(seed)
    path = tmp_path / "clip"
    starts = [
        b"",
        b"RIFF",
        b"fLaC\0\0\0\x22",
        b"OggS\0\2",
        b"ID3\3\0\0\0\0\0\0",
        b"\xff\xfb",
    ]
    for _ in range(60):
        path.write_bytes(starts[seed] + rng.bytes(rng.integers(2_000)))
        expect_samples_or_error(path)


@pytest.mark.parametrize(("container", "subtype"), ALL)
def test_damaged_files_give_finite_samples_or_an_audio_error(
    tmp_path, container, subtype
):
    rng = np.random.default_rng(0)
    path = write(tmp_path / "clip", TONE[:4_000], container, subtype)
    content = path.read_bytes()
    for number in range(60):
        damaged = bytearray(content)
        # Headers are where a changed byte does most.
        reach = min(len(damaged), 120) if number % 2 else len(damaged)
        for position in rng.integers(0, reach, 1 + number % 3):
            damaged[position] = rng.integers(256)
        path.write_bytes(damaged)
        expect_samples_or_error(path)


def expect_samples_or_error(path):
    """Read a file that may be anything."""
    try:
        samples, rate, _ = read_recording(path)
    except AudioError:
        return
    assert samples.size > 0
    assert np.isfinite(samples).all()
    assert 2_000 <= rate <= 384_000


@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
def test_non_finite_samples_are_counted_and_placed(tmp_path, subtype):
    samples = TONE.astype(float)
    samples[[6_688, 7_000, 9_000]] = np.nan, np.inf, -np.inf
    path = write(tmp_path / "clip.wav", samples, "WAV", subtype)
    reason = (
        r"^holds 3 non-finite samples \(first at 0\.418 s\)\. .*on_error=\"nan\"\.$"
    )
    with pytest.raises(AudioError, match=reason):
        read_recording(path)
    assert read_recording(path, end=0.418).samples.size == 6_688


def test_opposite_infinities_in_two_channels_are_not_finite(tmp_path):
    samples = np.stack([TONE, TONE]).T.copy()
    samples[10] = np.inf, -np.inf
    path = write(tmp_path / "clip.wav", samples, "WAV", "FLOAT")
    with pytest.raises(AudioError, match="holds 1 non-finite sample "):
        read_recording(path)


def test_doubles_beyond_float32_are_not_finite(tmp_path):
    path = write(tmp_path / "clip.wav", np.array([0.0, 1e300]), "WAV", "DOUBLE")
    with pytest.raises(AudioError, match="holds 1 non-finite sample "):
        read_recording(path)


def test_check_samples_returns_what_it_was_given():
    for samples in (TONE, np.array([256.0]), np.array([-256.0, 0]), np.zeros(1)):
        assert check_samples(samples, RATE) is samples


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        ([], "holds no samples"),
        ([0, np.nan], r"holds 1 non-finite sample \(first at 0\.500 s\)"),
        ([0, 20_000, np.inf], r"holds 1 non-finite sample \(first at 1\.000 s\)"),
        ([0, 20_000], r"peaks at 20000, .*\[-1, 1\].*Divide by 32768 or pass int16"),
        ([-32_768, 5], "peaks at 32768"),
        ([256.5], r"peaks at 256\.5"),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_check_samples_says_what_is_wrong(samples, dtype, reason):
    with pytest.raises(AudioError, match=reason):
        check_samples(np.array(samples, dtype=dtype), 2)


def descriptors():
    return sorted(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc/self/fd")
def test_no_descriptor_is_left_open(tmp_path):
    good = [write(tmp_path / f"{c}{s}", TONE, c, s) for c, s in ALL]
    bad = []
    for path in good:
        content = path.read_bytes()
        for length in (0, 3, 40, len(content) // 2):
            bad.append(tmp_path / f"{path.name}-{length}")
            bad[-1].write_bytes(content[:length])
    for path in good:
        read_recording(path)
    before = descriptors()
    for path in good:
        read_recording(path, start=0.1, end=0.2)
        for options in ({"start": 9.0}, {"end": 9.0}, {"max_duration": 0.1}):
            with pytest.raises(AudioError):
                read_recording(path, **options)
    for path in [*bad, tmp_path, tmp_path / "missing"]:
        with pytest.raises(AudioError):
            read_recording(path)
    assert descriptors() == before


def test_real_recordings_are_read_as_soundfile_reads_them(corpora):
    paths = sorted(corpora.glob("**/*.flac"))[::25]
    assert paths
    for path in paths:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        recording = read_recording(path)
        np.testing.assert_array_equal(recording.samples, samples.mean(axis=1))
        assert recording.sampling_rate == rate
