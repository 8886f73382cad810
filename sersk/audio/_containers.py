"""Which container a file is, and whether it is whole, before it is decoded.

Decoders only see files that pass here. libsndfile reads two dozen formats, some of
them with known overflows, and stops without a word at the end of a cut Ogg file, at
a damaged Ogg page and at the length that it guesses for an MP3 file.
"""

import os
import struct
import zlib
from typing import BinaryIO, NamedTuple

from sersk.audio._wav_header import count_wav_frames
from sersk.utils import AudioError

_READ = "sersk reads WAV, FLAC, OGG (Vorbis, Opus) and MP3"
_CONVERT = f"{_READ}: convert it to WAV or FLAC."
_OTHERS = (
    (0, b"FORM", "an AIFF file"),
    (0, b".snd", "an AU file"),
    (0, b"caff", "a CAF file"),
    (0, b"riff\x2e\x91\xcf\x11", "a Wave64 file"),
    (0, b"BW64", "a BW64 file"),
    (0, b"NIST_1A", "a NIST SPHERE file"),
    (0, b"Creative Voice", "a VOC file"),
    (0, b"wvpk", "a WavPack file"),
    (0, b"MAC ", "a Monkey's Audio file"),
    (0, b"#!AMR", "an AMR file"),
    (0, b"#!SILK", "a SILK file"),
    (0, b"\x1aE\xdf\xa3", "a Matroska or WebM file"),
    (0, b"\x30\x26\xb2\x75", "a WMA file"),
    (4, b"ftyp", "an MP4 or M4A file (AAC, ALAC)"),
    (0, b"MATLAB", "a MATLAB file"),
    (0, b"PK\x03\x04", "a zip archive"),
    (0, b"\x1f\x8b", "a gzip file"),
    (0, b"<", "a web page or XML, not a recording"),
    (0, b"version https://git-lfs", "a Git LFS pointer, not the file itself"),
)
_HEADERLESS = (".raw", ".pcm")
_REVERSED_BITS = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_OGG_HEADER = struct.Struct("<4sBBqIIIB")
_OGG_FIRST, _OGG_LAST = 2, 4

# kbit/s by (version is 1, layer); index 0 is free format, index 15 is forbidden.
_MPEG_BITRATES = {
    (True, 1): range(32, 449, 32),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
# Rates of MPEG 1; a half of them in MPEG 2, a quarter in MPEG 2.5.
_MPEG_RATES = (44_100, 48_000, 32_000)
_MPEG_DIVISORS = {3: 1, 2: 2, 0: 4}


class Container(NamedTuple):
    """What is known about a file before it is decoded.

    Attributes
    ----------
    name : str
        Name for messages.
    formats : tuple of str
        The names that soundfile may give the file once open.
    n_frames : int or None
        Exact number of samples per channel, if the container tells.
    min_frames : int
        A decoder that stops before so many samples leaves some out.
    is_exact : bool
        Whether the number of samples that the decoder reports is a promise, not
        an estimate.
    """

    name: str
    formats: tuple[str, ...]
    n_frames: int | None = None
    min_frames: int = 0
    is_exact: bool = True


class _Frame(NamedTuple):
    """One frame of an MPEG stream: its bytes and its samples per channel."""

    size: int
    n_samples: int


def inspect_container(file: BinaryIO, size: int, name: str) -> Container:
    """Tell the container of a file from its content and check that it is whole.

    Parameters
    ----------
    file : binary file
        The file, open for reading and seeking.
    size : int
        Its size in bytes.
    name : str
        Its name; only the suffix matters, and only for a better message.

    Returns
    -------
    container : Container
        What is known about the file.

    Raises
    ------
    AudioError
        If the file is of another format, truncated, or damaged.
    """
    if size == 0:
        raise AudioError("is empty (0 bytes). Copy it again or drop the clip.")
    head = file.read(32)
    if head[:4] in (b"RIFF", b"RIFX", b"RF64"):
        n_frames = count_wav_frames(file, size)
        return Container("WAV", ("WAV", "WAVEX", "RF64"), n_frames)
    if head[:4] == b"fLaC":
        return Container("FLAC", ("FLAC",))
    if head[:4] == b"OggS":
        _check_ogg(file)
        return Container("OGG", ("OGG",))
    start = _skip_id3(file)
    if _read_head(file, start, 4) == b"fLaC":
        return Container("FLAC", ("FLAC",))
    mpeg = _measure_mpeg(file, start, size)
    if mpeg is None:
        raise AudioError(_describe_other(head, name))
    return mpeg


def _describe_other(head: bytes, name: str) -> str:
    """Name a format that is not read."""
    for offset, magic, kind in _OTHERS:
        if head[offset:].startswith(magic):
            return f"is {kind}. {_CONVERT}"
    if os.path.splitext(name)[1].lower() in _HEADERLESS:
        return (
            "is a file of bare samples without a header, so that its sampling rate "
            f"and encoding are unknown. {_CONVERT}"
        )
    return f"is of an unknown format (it starts with {head[:8].hex(' ')}). {_CONVERT}"


def _read_head(file: BinaryIO, position: int, count: int) -> bytes:
    """Read some bytes at a position."""
    file.seek(position)
    return file.read(count)


def _check_ogg(file: BinaryIO) -> None:
    """Walk the pages of an Ogg file: all there, in order, one stream, none damaged."""
    position, first_serial, next_number = 0, None, 0
    while True:
        file.seek(position)
        page = _read_ogg_page(file, position)
        _, _, flags, _, serial, number, _, _ = _OGG_HEADER.unpack_from(page)
        if first_serial is None:
            first_serial, next_number = serial, number
        elif serial != first_serial or flags & _OGG_FIRST:
            raise AudioError(_several_streams())
        if number != next_number:
            raise AudioError(
                f"is damaged: Ogg pages are missing before byte {position}. Copy it "
                "again from the original or drop the clip."
            )
        position += len(page)
        next_number = number + 1
        if flags & _OGG_LAST:
            break
    if _read_head(file, position, 4) == b"OggS":
        raise AudioError(_several_streams())


def _several_streams() -> str:
    """Say that a decoder would stop after the first of several streams."""
    return (
        "holds more than one Ogg stream, of which only the first would be read. "
        "Convert it to WAV or FLAC (ffmpeg -i old.ogg new.flac)."
    )


def _read_ogg_page(file: BinaryIO, position: int) -> bytes:
    """Read one Ogg page and compare it with its checksum."""
    header = file.read(_OGG_HEADER.size)
    if not b"OggS\0".startswith(header[:5]):
        raise AudioError(_damaged_page(position))
    lacing = file.read(header[-1]) if len(header) == _OGG_HEADER.size else b""
    body = file.read(sum(lacing))
    page = header + lacing + body
    if len(header) < _OGG_HEADER.size or len(page) < _page_size(header, lacing):
        raise AudioError(
            "is truncated: its last Ogg page is missing or cut. Copy it again from "
            "the original or drop the clip."
        )
    (checksum,) = struct.unpack_from("<I", page, 22)
    if _ogg_checksum(page[:22] + bytes(4) + page[26:]) != checksum:
        raise AudioError(_damaged_page(position))
    return page


def _page_size(header: bytes, lacing: bytes) -> int:
    """Return the size that the header and the lacing values of a page promise."""
    return len(header) + header[-1] + sum(lacing)


def _damaged_page(position: int) -> str:
    """Say that an Ogg page is not what it was when it was written."""
    return (
        f"is damaged: the Ogg page at byte {position} does not agree with its "
        "checksum. Copy it again from the original or drop the clip."
    )


def _ogg_checksum(page: bytes) -> int:
    """Return Ogg's CRC-32, which is zlib's with all bits in reverse.

    zlib feeds the lowest bit first and inverts the register before and after; Ogg
    feeds the highest bit first and inverts nothing.
    """
    mirrored = zlib.crc32(page.translate(_REVERSED_BITS), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(
        mirrored.to_bytes(4, "little").translate(_REVERSED_BITS), "big"
    )


def _skip_id3(file: BinaryIO) -> int:
    """Return where the content behind any ID3v2 tags starts."""
    position = 0
    while (tag := _read_head(file, position, 10))[:3] == b"ID3" and len(tag) == 10:
        # Seven bits a byte, so that a size never looks like the start of a frame.
        length = sum((tag[6 + i] & 0x7F) << (7 * (3 - i)) for i in range(4))
        has_footer = tag[3] >= 4 and tag[5] & 0x10
        position += 10 + length + (10 if has_footer else 0)
    return position


def _measure_mpeg(file: BinaryIO, start: int, size: int) -> Container | None:
    """Count the frames of an MPEG stream; None if there is none.

    Without a tag that holds the number of frames, the decoder takes the length
    from the bit rate of the first frame and stops there, even in mid-sentence.
    """
    position, n_frames, n_samples = start, 0, 0
    frame = _parse_frame(_read_head(file, position, 4))
    is_counted = frame is not None and _has_frame_count(
        _read_head(file, position, frame.size)
    )
    while frame is not None and position + frame.size <= size:
        n_frames += 1
        n_samples += frame.n_samples
        longest = frame.n_samples
        position += frame.size
        frame = _parse_frame(_read_head(file, position, 4))
    # Two bytes of noise look like one frame; two frames in a row are no accident.
    is_alone = n_frames == 1 and position < size and frame is None
    if n_frames == 0 or is_alone:
        return None
    # A tag's count leaves out the tag itself and the encoder's padding at both ends.
    return Container(
        "MP3", ("MP3",), min_frames=n_samples - 4 * longest, is_exact=is_counted
    )


def _has_frame_count(frame: bytes) -> bool:
    """Tell whether the first frame of a stream is a tag with the number of frames."""
    for name in (b"Xing", b"Info"):
        position = frame.find(name, 4, 48)
        if position >= 0 and len(frame) >= position + 8:
            return bool(frame[position + 7] & 1)
    return frame.find(b"VBRI", 4, 48) >= 0


def _parse_frame(header: bytes) -> _Frame | None:
    """Read the header of an MPEG frame; None if it is not one."""
    if len(header) < 4 or header[0] != 0xFF or header[1] < 0xE0:
        return None
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    bitrate_index, rate_index = header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or layer == 4 or bitrate_index in (0, 15) or rate_index == 3:
        return None
    is_first = version == 3
    bitrate = _MPEG_BITRATES[is_first, layer][bitrate_index - 1] * 1000
    rate = _MPEG_RATES[rate_index] // _MPEG_DIVISORS[version]
    padding = header[2] >> 1 & 1
    if layer == 1:
        return _Frame((12 * bitrate // rate + padding) * 4, 384)
    n_samples = 576 if layer == 3 and not is_first else 1152
    return _Frame(n_samples // 8 * bitrate // rate + padding, n_samples)
