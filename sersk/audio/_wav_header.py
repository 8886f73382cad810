"""The header of a WAV file, checked against the size of the file.

libsndfile "repairs" a WAV file that is cut short by believing the file, not the
header, and says nothing. So the chunks are walked here.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from sersk.utils import AudioError

MIN_RATE = 2_000
MAX_RATE = 384_000

_EXTENSIBLE = 0xFFFE
_ENCODINGS = {1: "PCM", 3: "float", 6: "A-law", 7: "mu-law"}
_REFUSED = {
    0x02: "Microsoft ADPCM",
    0x11: "IMA ADPCM",
    0x31: "GSM 6.10",
    0x50: "MPEG",
    0x55: "MP3",
}
# What recorders write where they do not know the size yet, or write to a pipe.
_OPEN_SIZES = {0, 0x7FFFF000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF}
_MAX_CHUNKS = 1_000
_CUT_HEADER = "ends inside its WAV header. Copy it again or drop the clip."


class _Layout(NamedTuple):
    """What the fmt chunk says."""

    sampling_rate: int
    frame_bytes: int


class _Data(NamedTuple):
    """Where the samples are."""

    layout: _Layout
    offset: int
    size: int


def check_rate(sampling_rate: int) -> None:
    """Refuse a sampling rate at which no speech is recorded.

    Parameters
    ----------
    sampling_rate : int
        Rate in Hz that a header states.

    Raises
    ------
    AudioError
        If the rate lies outside 2 kHz to 384 kHz.
    """
    if not MIN_RATE <= sampling_rate <= MAX_RATE:
        raise AudioError(
            f"has a sampling rate of {sampling_rate} Hz by its header, which does "
            f"not lie between {MIN_RATE} and {MAX_RATE} Hz. Correct the header or "
            "drop the clip."
        )


def count_wav_frames(file: BinaryIO, size: int) -> int:
    """Return how many frames a whole WAV file holds.

    Parameters
    ----------
    file : binary file
        A file that starts with RIFF, RIFX or RF64.
    size : int
        Its size in bytes.

    Returns
    -------
    n_frames : int
        Samples per channel.

    Raises
    ------
    AudioError
        If the file is truncated, was never closed, or is not plain PCM, float,
        A-law or mu-law.
    """
    file.seek(0)
    magic, riff_size, form = _unpack(file, "<4s4s4s")
    order = ">" if magic == b"RIFX" else "<"
    if form != b"WAVE":
        raise AudioError(
            f"is a RIFF file of type {form.decode('latin-1')!r}, not WAVE. Convert "
            "it to WAV or FLAC."
        )
    data = _find_data(file, order)
    held = max(size - data.offset, 0)
    riff_end = struct.unpack(order + "I", riff_size)[0] + 8
    if data.size in _OPEN_SIZES and data.size != held and riff_end != size:
        raise AudioError(
            "was never closed by its recorder: its header does not say how many "
            f"samples follow, and {held} bytes do. Repair the header (ffmpeg -i "
            "broken.wav -c copy repaired.wav) or drop the clip."
        )
    if data.size > held:
        raise AudioError(_truncation(data, held))
    if data.size < held:
        _check_trailer(file, data)
    return data.size // data.layout.frame_bytes


def _find_data(file: BinaryIO, order: str) -> _Data:
    """Walk to the data chunk; the fmt chunk must come before it."""
    layout, wide_size = None, 0xFFFFFFFF
    for name, offset, length in _walk(file, order):
        if name == b"ds64":
            wide_size = _unpack(file, order + "8xQ")[0]
        elif name == b"fmt ":
            layout = _read_layout(file, order, length)
        elif name == b"data" and layout is not None:
            # RF64 keeps sizes of 32 bits at their maximum and the true one in ds64.
            return _Data(layout, offset, wide_size if length == 0xFFFFFFFF else length)
        elif name == b"data":
            break
    raise AudioError(
        f"has no {'data' if layout else 'fmt'} chunk where a WAV file needs one: it "
        "is truncated or damaged. Copy it again or drop the clip."
    )


def _walk(file: BinaryIO, order: str) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, offset and size of each chunk, with the file at that offset."""
    position = 12
    for _ in range(_MAX_CHUNKS):
        file.seek(position)
        header = file.read(8)
        if len(header) < 8:
            return
        (length,) = struct.unpack(order + "4xI", header)
        yield header[:4], position + 8, length
        # Chunks start at even offsets.
        position += 8 + length + length % 2
    raise AudioError(
        f"has more than {_MAX_CHUNKS} chunks before its samples. Convert it to WAV "
        "or FLAC again."
    )


def _unpack(file: BinaryIO, form: str) -> tuple:
    """Read the fields of a chunk."""
    content = file.read(struct.calcsize(form))
    if len(content) < struct.calcsize(form):
        raise AudioError(_CUT_HEADER)
    return struct.unpack(form, content)


def _read_layout(file: BinaryIO, order: str, length: int) -> _Layout:
    """Read and judge the fmt chunk."""
    encoding, channels, rate, bits = _unpack(file, order + "HHI6xH")
    if encoding == _EXTENSIBLE and length >= 26:
        (encoding,) = _unpack(file, order + "8xH")
    if encoding not in _ENCODINGS:
        name = _REFUSED.get(encoding, f"encoding 0x{encoding:04x}")
        raise AudioError(
            f"is a WAV file of {name}, which is not read. Convert it to PCM WAV or "
            "FLAC (ffmpeg -i old.wav -c:a pcm_s16le new.wav)."
        )
    if channels == 0 or bits == 0:
        raise AudioError(
            f"has {channels} channels of {bits} bits by its header. Correct the "
            "header or drop the clip."
        )
    check_rate(rate)
    return _Layout(rate, channels * ((bits + 7) // 8))


def _truncation(data: _Data, held: int) -> str:
    """Say how much of the samples is missing."""
    per_second = data.layout.frame_bytes * data.layout.sampling_rate
    return (
        f"is truncated: its header promises {data.size / per_second:.3f} s "
        f"({data.size} bytes), the file holds {held / per_second:.3f} s ({held} "
        "bytes). Copy it again from the original or drop the clip."
    )


def _check_trailer(file: BinaryIO, data: _Data) -> None:
    """Refuse samples behind the data chunk, which a stale header leaves out."""
    end = data.offset + data.size
    file.seek(end)
    trailer = file.read(9)
    # Some writers leave out the byte that pads an odd chunk.
    starts = {trailer[data.size % 2 :][:8], trailer[:8]}
    if not any(_starts_chunk(start) for start in starts):
        raise AudioError(
            "has bytes behind its samples that belong to no chunk: its header is "
            "older than its content. Repair the header (ffmpeg -i broken.wav -c copy "
            "repaired.wav) or drop the clip."
        )


def _starts_chunk(start: bytes) -> bool:
    """Tell whether bytes may start a chunk, or are the zeros that fill a sector."""
    name = start[:4]
    is_name = name.isascii() and name.decode().isprintable()
    return len(start) < 8 or not any(start) or is_name
