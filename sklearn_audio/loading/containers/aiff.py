"""AIFF and AIFC: chunks of IFF."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from ...errors import TruncatedAudioError
from .chunks import Chunk, chunks, missing_bytes, read_at

COMMON_ENCODINGS = {"PCM", "float", "A-law", "mu-law"}
_ENCODINGS = {
    **dict.fromkeys((b"NONE", b"twos", b"sowt", b"in24", b"in32", b"42ni", b"raw "), "PCM"),
    **dict.fromkeys((b"fl32", b"FL32", b"fl64", b"FL64"), "float"),
    **dict.fromkeys((b"alaw", b"ALAW"), "A-law"),
    **dict.fromkeys((b"ulaw", b"ULAW"), "mu-law"),
}
_SOX_UNKNOWN_SIZE = 0x7F000000
_LARGEST_FRAME = 256  # bytes: 32 channels of 8


def encoding(file: BinaryIO, start: int) -> str:
    """Return how the samples of an AIFF are encoded.

    Parameters
    ----------
    file : binary file
        Its content.
    start : int
        Position of its first byte, behind tags.

    Returns
    -------
    encoding : str
        "PCM", for example.

    Raises
    ------
    TruncatedAudioError
        Where the file ends before it says so.
    """
    compressed = read_at(file, start + 8, 4) == b"AIFC"
    found = []
    for chunk in _chunks(file, start):
        if chunk.name == b"COMM":
            content = read_at(file, chunk.start, min(chunk.size, 22))
            if compressed and len(content) == 22:
                kind = content[18:22]
                found.append(_ENCODINGS.get(kind, f"compression {kind.decode('latin-1')!r}"))
            elif not compressed and len(content) >= 18:
                found.append("PCM")
    if not found:
        raise TruncatedAudioError("it ends before its header says how the samples are encoded")
    return max(found, key=lambda name: name not in COMMON_ENCODINGS)


def shortfall(file: BinaryIO, start: int) -> str | None:
    """Tell what is missing of an AIFF.

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
    found: dict[bytes, Chunk] = {chunk.name: chunk for chunk in _chunks(file, start)}
    if b"COMM" not in found or b"SSND" not in found:
        return "it ends before its samples begin"
    sound = found[b"SSND"]
    if sound.size == 0 or 0 <= _SOX_UNKNOWN_SIZE - sound.size < _LARGEST_FRAME + 8:
        return None
    missing = missing_bytes(file, sound)
    if missing:
        return f"its sound chunk declares {sound.size} bytes, and {missing} are missing"
    n_channels = int.from_bytes(read_at(file, found[b"COMM"].start, 2), "big")
    n_frames = int.from_bytes(read_at(file, found[b"COMM"].start + 2, 4), "big")
    n_bits = int.from_bytes(read_at(file, found[b"COMM"].start + 6, 2), "big")
    if encoding(file, start) not in COMMON_ENCODINGS:
        return None
    needed = n_frames * n_channels * -(-n_bits // 8)
    offset = int.from_bytes(read_at(file, sound.start, 4), "big")
    there = sound.size - 8 - offset
    if there < needed:
        return f"it declares {n_frames} frames of {needed} bytes, and {needed - there} are missing"
    return None


def declared_frames(file: BinaryIO, start: int) -> int | None:
    """Return the number of frames that an AIFF declares.

    Parameters
    ----------
    file : binary file
        Its content.
    start : int
        Position of its first byte, behind tags.

    Returns
    -------
    n_frames : int or None
        None where it is whole: then the decoder tells.
    """
    if shortfall(file, start) is None:
        return None
    for chunk in _chunks(file, start):
        if chunk.name == b"COMM":
            return int.from_bytes(read_at(file, chunk.start + 2, 4), "big")
    return None


def _chunks(file: BinaryIO, start: int) -> Iterator[Chunk]:
    return chunks(file, start + 12, 8, "big")
