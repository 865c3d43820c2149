"""CAF, Apple's Core Audio Format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from ...errors import TruncatedAudioError
from .chunks import Chunk, chunks, missing_bytes, read_at

COMMON_ENCODINGS = {"PCM", "A-law", "mu-law", "ALAC"}
_ENCODINGS = {b"lpcm": "PCM", b"alaw": "A-law", b"ulaw": "mu-law", b"alac": "ALAC"}
# Sizes are of 64 bits; -1 means up to the end.


def encoding(file: BinaryIO, start: int) -> str:
    """Return how the samples of a CAF are encoded.

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
    found = []
    for chunk in _chunks(file, start):
        if chunk.name == b"desc":
            kind = read_at(file, chunk.start + 8, 4)
            if len(kind) == 4:
                found.append(_ENCODINGS.get(kind, f"format {kind.decode('latin-1')!r}"))
    if not found:
        raise TruncatedAudioError("it ends before its header says how the samples are encoded")
    return max(found, key=lambda name: name not in COMMON_ENCODINGS)


def shortfall(file: BinaryIO, start: int) -> str | None:
    """Tell what is missing of a CAF.

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
    has_samples = False
    for chunk in _chunks(file, start):
        has_samples = has_samples or chunk.name == b"data"
        # The packet table of ALAC stands behind the samples, so every chunk counts.
        if chunk.size >= 0 and (missing := missing_bytes(file, chunk)):
            name = chunk.name.decode("latin-1")
            return f"its chunk {name!r} declares {chunk.size} bytes, and {missing} are missing"
    return None if has_samples else "it ends before its samples begin"


def _chunks(file: BinaryIO, start: int) -> Iterator[Chunk]:
    return chunks(file, start + 8, 12, "big", padded=False)
