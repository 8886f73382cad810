"""WAV files whose header and content agree, and those where they do not."""

import struct

import numpy as np
import pytest
import soundfile

from sersk.audio._reading import read_recording
from sersk.utils import AudioError

CODES = np.array([0, 1, -1, 16384, -32768, 32767, -16384, 12345], dtype="<i2")
CONTENT = CODES.tobytes()
SAMPLES = (CODES / 32768).astype(np.float32)


def chunk(name, content, size=None, order="<"):
    """A RIFF chunk; `size` may lie."""
    size = len(content) if size is None else size
    return name + struct.pack(order + "I", size) + content + b"\0" * (len(content) % 2)


def fmt(encoding=1, channels=1, rate=16_000, bits=16, extra=b"", order="<"):
    """A fmt chunk."""
    width = channels * bits // 8
    fields = (encoding, channels, rate, (rate * width) % 2**32, width, bits)
    return chunk(b"fmt ", struct.pack(order + "HHIIHH", *fields) + extra, order=order)


def riff(*chunks, magic=b"RIFF", size=None, form=b"WAVE"):
    """A RIFF file; `size` may lie."""
    body = form + b"".join(chunks)
    order = ">" if magic == b"RIFX" else "<"
    return magic + struct.pack(order + "I", len(body) if size is None else size) + body


def data(content=CONTENT, size=None):
    return chunk(b"data", content, size)


@pytest.fixture
def read(tmp_path):
    """Write bytes to a file and read it."""

    def read_bytes(content, **options):
        path = tmp_path / "clip.wav"
        path.write_bytes(content)
        return read_recording(path, **options)

    return read_bytes


LIST = chunk(b"LIST", b"INFOISFT\4\0\0\0sox\0")
ODD = chunk(b"note", b"odd")
GOOD = {
    "plain": riff(fmt(), data()),
    "list before": riff(fmt(), LIST, data()),
    "odd chunk before": riff(ODD, fmt(), ODD, data()),
    "list behind": riff(fmt(), data(), LIST),
    "id3 behind": riff(fmt(), data(), chunk(b"id3 ", b"ID3\3")),
    "chunk behind, not counted": riff(fmt(), data(), size=44) + LIST,
    "zeros behind": riff(fmt(), data()) + bytes(512),
    "few bytes behind": riff(fmt(), data()) + b"\n",
    "large list before": riff(fmt(), chunk(b"LIST", b"x" * 70_000), data()),
    "riff size 0": riff(fmt(), data(), size=0),
    "riff size too large": riff(fmt(), data(), size=10_000),
    "fmt of 18 bytes": riff(fmt(extra=b"\0\0"), data()),
    "half a frame at the end": riff(fmt(), data(CONTENT + b"\1")),
    "junk before fmt": riff(chunk(b"JUNK", bytes(28)), fmt(), data()),
}


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD.keys())
def test_int16_is_exact_whatever_surrounds_the_samples(read, content):
    recording = read(content)
    assert recording.sampling_rate == 16_000
    np.testing.assert_array_equal(recording.samples, SAMPLES)


def test_an_odd_data_chunk_may_lack_its_padding(read):
    content = riff(fmt(bits=8), b"data\3\0\0\0\x80\xc0\x40")
    np.testing.assert_array_equal(read(content).samples, [0, 0.5, -0.5])
    np.testing.assert_array_equal(read(content + LIST).samples, [0, 0.5, -0.5])
    np.testing.assert_array_equal(read(content + b"\0" + LIST).samples, [0, 0.5, -0.5])


def test_big_endian_riff(read):
    content = riff(
        fmt(order=">"),
        chunk(b"data", CODES.astype(">i2").tobytes(), order=">"),
        magic=b"RIFX",
    )
    np.testing.assert_array_equal(read(content).samples, SAMPLES)


def test_rf64_takes_its_size_from_ds64(read):
    def rf64(size):
        sizes = chunk(b"ds64", struct.pack("<QQQI", 0, size, 0, 0))
        content = data(size=0xFFFFFFFF)
        return riff(sizes, fmt(), content, magic=b"RF64", size=0xFFFFFFFF)

    np.testing.assert_array_equal(read(rf64(16)).samples, SAMPLES)
    with pytest.raises(AudioError, match=r"^is truncated: .*400000000000 bytes"):
        read(rf64(400 * 10**9))
    with pytest.raises(AudioError, match=r"^was never closed"):
        read(rf64(2**64 - 1))


def test_extensible_header(read):
    guid = struct.pack("<H", 1) + bytes.fromhex("000000001000800000aa00389b71")
    extra = struct.pack("<HHI", 22, 16, 4) + guid
    content = riff(fmt(encoding=0xFFFE, extra=extra), data())
    np.testing.assert_array_equal(read(content).samples, SAMPLES)
    adpcm = extra.replace(guid[:2], b"\2\0", 1)
    with pytest.raises(AudioError, match="Microsoft ADPCM"):
        read(riff(fmt(encoding=0xFFFE, extra=adpcm), data()))


def test_stereo_is_the_mean(read):
    pairs = np.array([[16384, 0], [-32768, 32767], [100, 300]], dtype="<i2")
    content = riff(fmt(channels=2), data(pairs.tobytes()))
    expected = np.array([8192, -0.5, 200], dtype=np.float32) / 32768
    np.testing.assert_array_equal(read(content).samples, expected)


BAD = {
    "only magic": (b"RIFF", "ends inside its WAV header"),
    "no chunk": (riff(), "has no fmt chunk"),
    "no data chunk": (riff(fmt(), LIST), "has no data chunk"),
    "no fmt chunk": (riff(data()), "has no fmt chunk"),
    "fmt behind data": (riff(data(), fmt()), "has no fmt chunk"),
    "short fmt": (riff(chunk(b"fmt ", b"\1\0\1\0")), "ends inside its WAV header"),
    "avi": (riff(data(), form=b"AVI "), "RIFF file of type 'AVI '"),
    "no channel": (riff(fmt(channels=0), data()), "0 channels"),
    "no bits": (riff(fmt(bits=0), data()), "0 bits"),
    "1 Hz": (riff(fmt(rate=1), data()), "sampling rate of 1 Hz"),
    "0 Hz": (riff(fmt(rate=0), data()), "sampling rate of 0 Hz"),
    "1999 Hz": (riff(fmt(rate=1999), data()), "between 2000 and 384000"),
    "384001 Hz": (riff(fmt(rate=384_001), data()), "between 2000 and 384000"),
    "4 GHz": (riff(fmt(rate=2**32 - 1), data()), "rate of 4294967295 Hz"),
    "ms adpcm": (riff(fmt(encoding=2), data()), "Microsoft ADPCM"),
    "ima adpcm": (riff(fmt(encoding=0x11), data()), "IMA ADPCM"),
    "gsm": (riff(fmt(encoding=0x31), data()), r"GSM 6\.10"),
    "mp3": (riff(fmt(encoding=0x55), data()), "WAV file of MP3"),
    "unknown": (riff(fmt(encoding=0x1234), data()), "encoding 0x1234"),
    "4 GB": (riff(fmt(), data(size=4_000_000_000)), "promises 125000.000 s"),
    "one byte too few": (riff(fmt(), data(size=17)), r"\(17 bytes\).*\(16 bytes\)"),
    "no samples": (riff(fmt(), data(b"")), "holds no samples"),
    "no samples, list": (riff(fmt(), data(b""), LIST), "holds no samples"),
    "half a frame": (riff(fmt(), data(b"\1")), "holds no samples"),
    "open, 0": (riff(fmt(), data(size=0), size=0), r"never closed.* 16 bytes do"),
    "open, stale riff": (riff(fmt(), data(size=0), size=36), "never closed"),
    "open, pipe": (riff(fmt(), data(size=2**32 - 1), size=2**32 - 1), "never closed"),
    "open, sox": (riff(fmt(), data(size=0x7FFFF000), size=0x7FFFF024), "never closed"),
    "stale": (riff(fmt(), data(size=4)), "its header is older than its content"),
    "endless": (riff(*[chunk(b"abcd", b"")] * 1001), "more than 1000 chunks"),
    "too many channels": (riff(fmt(channels=9999), data()), "cannot be decoded as WAV"),
    "A-law of 16 bits": (riff(fmt(encoding=6), data()), "header: 8 or 16 samples"),
}


@pytest.mark.parametrize(("content", "reason"), BAD.values(), ids=BAD.keys())
def test_a_header_that_cannot_be_believed_is_an_error(read, content, reason):
    with pytest.raises(AudioError, match=reason) as caught:
        read(content)
    # The message follows "Clip 17 ('x.wav') " and ends with a remedy.
    assert str(caught.value)[0].islower()
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("rate", [2_000, 384_000])
def test_extreme_rates_are_read(read, rate):
    assert read(riff(fmt(rate=rate), data())).sampling_rate == rate


@pytest.mark.parametrize("container", ["WAV", "WAVEX", "RF64"])
def test_no_truncation_is_read_silently(read, tmp_path, container):
    path = tmp_path / "whole.wav"
    soundfile.write(path, SAMPLES, 16_000, format=container, subtype="PCM_16")
    content = path.read_bytes()
    whole = read(content).samples
    np.testing.assert_array_equal(whole, SAMPLES)
    start = content.rindex(b"data") + 8
    for length in range(len(content)):
        # The chunks behind the samples may be missing, the samples may not.
        if length >= start + 16:
            np.testing.assert_array_equal(read(content[:length]).samples, whole)
        else:
            with pytest.raises(AudioError):
                read(content[:length])
