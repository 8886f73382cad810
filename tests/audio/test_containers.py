"""Containers other than WAV: which are read, and whether they are whole."""

import io
import struct

import numpy as np
import pytest
import soundfile

from sersk.audio._containers import _ogg_checksum
from sersk.audio._reading import read_recording
from sersk.utils import AudioError

RATE = 16_000


def speech(n_samples=24_000, seed=0):
    """Noise in bursts, so that frames of variable size differ."""
    rng = np.random.default_rng(seed)
    bursts = np.sin(np.arange(n_samples) / 2_000) ** 2
    return (0.3 * bursts * rng.standard_normal(n_samples)).clip(-1, 1)


def encode(samples, container, subtype=None, rate=RATE, **options):
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=container, subtype=subtype, **options)
    return file.getvalue()


@pytest.fixture
def read(tmp_path):
    """Write bytes to a file and read it."""

    def read_bytes(content, name="clip", **options):
        path = tmp_path / name
        path.write_bytes(content)
        return read_recording(path, **options).samples

    return read_bytes


def pages_of(content):
    """Split an Ogg file into its pages."""
    starts = [i for i in range(len(content)) if content[i : i + 4] == b"OggS"]
    return [content[i:j] for i, j in zip(starts, [*starts[1:], None], strict=True)]


def with_checksum(page):
    page = page[:22] + bytes(4) + page[26:]
    return page[:22] + struct.pack("<I", _ogg_checksum(page)) + page[26:]


OGG = {name: encode(speech(), "OGG", name) for name in ("VORBIS", "OPUS")}
FLAC = encode(speech(), "FLAC", "PCM_16")
MP3 = encode(speech(), "MP3")


@pytest.mark.parametrize("name", ["clip", "clip.wav", "clip.raw", "clip.txt"])
def test_the_content_decides_not_the_suffix(read, name):
    expected = np.round(speech() * 32768).clip(-32768, 32767) / 32768
    np.testing.assert_allclose(read(FLAC, name), expected, atol=2**-15)
    assert read(MP3, name).shape == (24_000,)
    assert read(OGG["OPUS"], name).shape == (24_000,)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", r"is empty \(0 bytes\)"),
        (b"\0", r"unknown format \(it starts with 00\)"),
        (bytes(5_000), "unknown format"),
        (b"<!DOCTYPE html><p>Quota exceeded", "is a web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"),
        (b"\0\0\0\x20ftypM4A ", "MP4 or M4A"),
        (b"\x1aE\xdf\xa3" + bytes(99), "Matroska or WebM"),
        (b"PK\3\4" + bytes(99), "zip archive"),
        (b"ID3\4\0\0\0\0\0\5hello", "unknown format"),
        (b"ID3", "unknown format"),
        (b"ID3\4\0\0\x7f\x7f\x7f\x7f" + bytes(99), "unknown format"),
        (b"ID3\4\0\x10\0\0\0\0" + b"RIFF" + bytes(99), "unknown format"),
        (b"\xff\xff" * 3_000, "unknown format"),
        (b"\xff\xfb\x90\x00" + bytes(9_000), "unknown format"),
        (b"fLaC", "cannot be decoded as FLAC"),
        (b"fLaC" + bytes(9_000), "cannot be decoded as FLAC"),
        (b"OggS", "is truncated"),
        (b"OggS" + bytes(9_000), "is damaged: the Ogg page at byte 0"),
    ],
    ids=lambda value: repr(value[:12]) if isinstance(value, bytes) else "",
)
def test_other_content_is_named(read, content, reason):
    with pytest.raises(AudioError, match=f"^.*{reason}") as caught:
        read(content)
    assert str(caught.value)[0].islower()
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("container", "subtype", "reason"),
    [
        ("AIFF", "PCM_16", "is an AIFF file"),
        ("AU", "PCM_16", "is an AU file"),
        ("CAF", "PCM_16", "is a CAF file"),
        ("CAF", "ALAC_16", "is a CAF file"),
        ("W64", "PCM_16", "is a Wave64 file"),
        ("NIST", "PCM_16", "is a NIST SPHERE file"),
        ("VOC", "PCM_16", "is a VOC file"),
        ("MAT5", "PCM_16", "is a MATLAB file"),
        ("WAV", "IMA_ADPCM", "IMA ADPCM"),
        ("WAV", "MS_ADPCM", "Microsoft ADPCM"),
        ("WAV", "GSM610", r"GSM 6\.10"),
        ("WAV", "G721_32", "encoding 0x0040"),
    ],
)
def test_formats_that_are_not_read_are_named(read, container, subtype, reason):
    with pytest.raises(AudioError, match=f"{reason}.*[Cc]onvert it to (PCM )?WAV"):
        read(encode(speech(2_000), container, subtype))


def test_bare_samples_are_named_by_their_suffix(read):
    content = (speech(2_000) * 32_767).astype("<i2").tobytes()
    with pytest.raises(AudioError, match="bare samples without a header"):
        read(content, "clip.RAW")


def test_flac_behind_an_id3_tag_is_read(read):
    tag = b"ID3\4\0\0\0\0\1\0" + bytes(128)
    np.testing.assert_array_equal(read(tag + FLAC), read(FLAC))


def test_flac_that_was_never_closed_is_an_error(read):
    content = bytearray(FLAC)
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    with pytest.raises(AudioError, match="was never closed by its recorder"):
        read(bytes(content))


def test_flac_of_fewer_frames_than_promised_is_an_error(read):
    content = bytearray(FLAC)
    content[22:26] = (24_001).to_bytes(4, "big")
    with pytest.raises(AudioError, match="truncated or damaged"):
        read(bytes(content))


@pytest.mark.parametrize("content", [FLAC, *OGG.values()], ids=["flac", *OGG])
def test_no_truncation_is_read_silently(read, content):
    rng = np.random.default_rng(0)
    somewhere = rng.integers(0, len(content), 300)
    for length in {*range(300), *somewhere, *range(len(content) - 100, len(content))}:
        with pytest.raises(AudioError):
            read(content[:length])


@pytest.mark.parametrize("content", [FLAC, *OGG.values()], ids=["flac", *OGG])
def test_no_flipped_bit_behind_the_header_is_read_silently(read, content):
    rng = np.random.default_rng(0)
    for position in rng.integers(42, len(content), 300):
        damaged = bytearray(content)
        damaged[position] ^= 1 << rng.integers(8)
        with pytest.raises(AudioError):
            read(bytes(damaged))


@pytest.mark.parametrize("content", OGG.values(), ids=OGG)
def test_ogg_pages_must_be_complete_and_in_order(read, content):
    pages = pages_of(content)
    assert b"".join(map(with_checksum, pages)) == content
    with pytest.raises(AudioError, match="truncated: its last Ogg page"):
        read(b"".join(pages[:-1]))
    with pytest.raises(AudioError, match="Ogg pages are missing before byte"):
        read(b"".join(pages[:-2] + pages[-1:]))
    with pytest.raises(AudioError, match="Ogg pages are missing before byte"):
        read(b"".join([*pages[:-2], pages[-1], pages[-2]]))
    with pytest.raises(AudioError, match=f"Ogg page at byte {len(pages[0])} does not"):
        read(pages[0] + b"\0" + b"".join(pages[1:]))


@pytest.mark.parametrize("content", OGG.values(), ids=OGG)
def test_several_ogg_streams_are_an_error(read, content):
    other = encode(speech(5_000, seed=1), "OGG", "VORBIS")
    with pytest.raises(AudioError, match="more than one Ogg stream"):
        read(content + other)
    first, *rest = pages_of(content)
    with pytest.raises(AudioError, match="more than one Ogg stream"):
        read(first + pages_of(other)[0] + b"".join(rest))
    # A tag behind the stream is no stream.
    np.testing.assert_array_equal(read(content + b"TAG" + bytes(125)), read(content))


def test_an_ogg_file_of_another_codec_is_an_error(read):
    pages = pages_of(OGG["VORBIS"])
    assert pages[0][28:35] == b"\x01vorbis"
    speex = pages[0][:28] + b"Speex  " + pages[0][35:]
    with pytest.raises(AudioError, match="cannot be decoded as OGG"):
        read(with_checksum(speex) + b"".join(pages[1:]))


def without_tag(mp3):
    """Drop the first frame, which only holds the number of frames."""
    second = mp3.index(mp3[:2], 60)
    return mp3[second:]


@pytest.mark.parametrize(
    "rate", [8_000, 11_025, 16_000, 24_000, 32_000, 44_100, 48_000]
)
@pytest.mark.parametrize("mode", ["CONSTANT", "AVERAGE", "VARIABLE"])
def test_mp3_of_all_rates_and_bit_rate_modes(read, rate, mode):
    for level in (0.0, 0.4, 0.8):
        options = {"bitrate_mode": mode, "compression_level": level}
        content = encode(speech(), "MP3", rate=rate, **options)
        # The smallest frames have no room for a tag that says where padding starts.
        has_tag = b"Xing" in content[:60] or b"Info" in content[:60]
        padding = len(read(content)) - 24_000
        assert padding == 0 if has_tag else 0 < padding < 4 * 1152
        tag = b"ID3\3\0\0\0\0\2\0" + bytes(256)
        np.testing.assert_array_equal(
            read(tag + content + b"TAG" + bytes(125)), read(content)
        )


@pytest.mark.parametrize(
    ("header", "size", "n_samples"),
    [
        # 32 kbit/s at 44.1 kHz in MPEG 1: layers I, II and III.
        (b"\xff\xff\x10\xc0", 32, 384),
        (b"\xff\xfd\x10\xc0", 104, 1152),
        (b"\xff\xfb\x10\xc0", 104, 1152),
        # 8 kbit/s at 22.05 kHz in MPEG 2: layers II and III.
        (b"\xff\xf5\x10\xc0", 52, 1152),
        (b"\xff\xf3\x10\xc0", 26, 576),
    ],
)
def test_silence_in_each_layer_of_mpeg(read, header, size, n_samples):
    samples = read((header + bytes(size - 4)) * 20)
    assert abs(samples.size - 20 * n_samples) <= 4 * n_samples
    assert not samples.any()


def test_mp3_with_a_count_of_frames_must_hold_them(read):
    rng = np.random.default_rng(0)
    lengths = rng.integers(0, len(MP3) - 200, 100)
    for length in lengths:
        with pytest.raises(AudioError):
            read(MP3[:length])
    with pytest.raises(AudioError, match=r"^is truncated or damaged: of 1\.500 s only"):
        read(MP3[: len(MP3) // 2])


def test_mp3_without_a_count_is_read_to_its_end(read):
    options = {"bitrate_mode": "CONSTANT", "compression_level": 0.4}
    content = without_tag(encode(speech(), "MP3", **options))
    n_samples = len(read(content))
    # The encoder's padding is part of it, because the tag that says so is gone.
    assert 24_000 <= n_samples <= 24_000 + 4 * 576
    assert 0.4 * n_samples < len(read(content[: len(content) // 2])) < 0.6 * n_samples


def test_mp3_that_the_decoder_would_cut_is_an_error(read):
    quiet, loud = (
        encode(
            speech(seed=seed), "MP3", bitrate_mode="CONSTANT", compression_level=level
        )
        for seed, level in enumerate((0.7, 0.0))
    )
    assert len(loud) > 2 * len(quiet)
    # The length is guessed from the first bit rate: too long is harmless.
    assert len(read(without_tag(quiet) + without_tag(loud))) >= 48_000
    with pytest.raises(
        AudioError, match=r"would be cut at 2\.1\d+ s, .* holds 3\.0\d+ s"
    ):
        read(without_tag(loud) + without_tag(quiet))
    # Two whole files in one: the first one's count ends the second.
    with pytest.raises(AudioError, match=r"would be cut at 1\.500 s"):
        read(quiet + loud)
