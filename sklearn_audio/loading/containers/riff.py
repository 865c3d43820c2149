"""WAV, RIFX and RF64: chunks of RIFF."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from ...errors import TruncatedAudioError
from .chunks import ByteOrder, Chunk, chunks, missing_bytes, read_at, size_of

_ENCODINGS = {
    0x0001: "PCM",
    0x0002: "MS ADPCM",
    0x0003: "float",
    0x0006: "A-law",
    0x0007: "mu-law",
    0x0011: "IMA ADPCM",
    0x0031: "GSM 6.10",
    0x0055: "MPEG layer III",
}
_EXTENSIBLE = 0xFFFE
_UNKNOWN_SIZES = {0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFFF00, 0x80000000}
_SOX_UNKNOWN_SIZE = 0x7FFFF000
_LARGEST_FRAME = 256  # bytes: 32 channels of 8


def encoding(file: BinaryIO, start: int) -> str:
    """Return how the samples of a WAV are encoded.

    Parameters
    ----------
    file : binary file
        Its content.
    start : int
        Position of its first byte, behind tags.

    Returns
    -------
    encoding : str
        "PCM", for example. Of a file with several, one that is not common.

    Raises
    ------
    TruncatedAudioError
        Where the file ends before it says so.
    """
    tags = []
    for chunk in _chunks(file, start):
        if chunk.name == b"fmt ":
            content = read_at(file, chunk.start, min(chunk.size, 40))
            tag = int.from_bytes(content[:2], _byte_order(file, start))
            if tag == _EXTENSIBLE and len(content) >= 28:
                tag = int.from_bytes(content[24:28], _byte_order(file, start))
            tags.append(tag)
        if chunk.name == b"data":
            break
    if not tags:
        raise TruncatedAudioError("it ends before its header says how the samples are encoded")
    return max((_ENCODINGS.get(tag, f"format tag {tag:#06x}") for tag in tags), key=_rarity)


def shortfall(file: BinaryIO, start: int) -> str | None:
    """Tell what is missing of a WAV.

    Parameters
    ----------
    file : binary file
        Its content.
    start : int
        Position of its first byte, behind tags.

    Returns
    -------
    shortfall : str or None
        What it declares and what is there; None where it is whole.
    """
    data = _data(file, start)
    if data is None:
        return "it ends before its samples begin"
    if data.size in _UNKNOWN_SIZES or 0 <= _SOX_UNKNOWN_SIZE - data.size < _LARGEST_FRAME:
        return None
    if data.size == 0 and (n_bytes := size_of(file) - data.start):
        return f"its data chunk declares 0 bytes, although {n_bytes} follow"
    missing = missing_bytes(file, data)
    return (
        f"its data chunk declares {data.size} bytes, and {missing} are missing" if missing else None
    )


def declared_frames(file: BinaryIO, start: int) -> int | None:
    """Return the number of frames that a WAV declares.

    Parameters
    ----------
    file : binary file
        Its content.
    start : int
        Position of its first byte, behind tags.

    Returns
    -------
    n_frames : int or None
        None where it is whole, or where that is not known: then the decoder tells.
    """
    data = _data(file, start)
    if data is None or shortfall(file, start) is None:
        return None
    layout = next(chunk for chunk in _chunks(file, start) if chunk.name == b"fmt ")
    bytes_per_frame = int.from_bytes(read_at(file, layout.start + 12, 2), _byte_order(file, start))
    return data.size // bytes_per_frame if bytes_per_frame else None


def _data(file: BinaryIO, start: int) -> Chunk | None:
    """Return the chunk of samples, with the size that it declares, of RF64 elsewhere."""
    long_size = None
    for chunk in _chunks(file, start):
        if chunk.name == b"ds64":
            long_size = int.from_bytes(read_at(file, chunk.start + 8, 8), "little")
        if chunk.name == b"data":
            if chunk.size == 0xFFFFFFFF and long_size is not None:
                return chunk._replace(size=long_size)
            return chunk
    return None


def _byte_order(file: BinaryIO, start: int) -> ByteOrder:
    return "big" if read_at(file, start, 4) == b"RIFX" else "little"


def _chunks(file: BinaryIO, start: int) -> Iterator[Chunk]:
    return chunks(file, start + 12, 8, _byte_order(file, start))


def _rarity(encoding: str) -> bool:
    return encoding not in COMMON_ENCODINGS


COMMON_ENCODINGS = {"PCM", "float", "A-law", "mu-law"}
