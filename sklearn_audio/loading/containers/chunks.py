"""Chunks: the parts of WAV, RF64, AIFF and CAF, each with a name and a size."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO, Literal, NamedTuple

ByteOrder = Literal["little", "big"]

# A header is followed by its chunks; a file of more before its sound is no recording.
_MOST_CHUNKS = 10_000


class Chunk(NamedTuple):
    """A part of a file.

    Parameters
    ----------
    name : bytes
        Four characters.
    start : int
        Position of its first byte, after name and size.
    size : int
        What it declares, in bytes.
    """

    name: bytes
    start: int
    size: int


def read_at(file: BinaryIO, start: int, count: int) -> bytes:
    """Return bytes of a file, fewer where it ends.

    Parameters
    ----------
    file : binary file
        Seekable.
    start : int
        Position of the first byte.
    count : int
        How many.

    Returns
    -------
    content : bytes
        At most as many.
    """
    file.seek(start)
    return file.read(count)


def size_of(file: BinaryIO) -> int:
    """Return the number of bytes of a file.

    Parameters
    ----------
    file : binary file
        Seekable.

    Returns
    -------
    size : int
        In bytes.
    """
    return file.seek(0, os.SEEK_END)


def chunks(
    file: BinaryIO, start: int, header: int, byte_order: ByteOrder, *, padded: bool = True
) -> Iterator[Chunk]:
    """Yield the chunks of a file, the last one perhaps larger than what is there.

    Parameters
    ----------
    file : binary file
        Seekable.
    start : int
        Position of the first chunk.
    header : int
        Bytes of the header of a chunk: its name, four bytes, and its size.
    byte_order : "little" or "big"
        Of the size.
    padded : bool, default=True
        Whether chunks begin at even positions.

    Yields
    ------
    chunk : Chunk
        In the order of the file.
    """
    size = size_of(file)
    for _ in range(_MOST_CHUNKS):
        head = read_at(file, start, header)
        if len(head) < header:
            return
        declared = int.from_bytes(head[4:], byte_order, signed=header > 8)
        chunk = Chunk(head[:4], start + header, declared)
        yield chunk
        if declared < 0 or chunk.start + declared > size:
            return
        start = chunk.start + declared + (declared % 2 if padded else 0)


def missing_bytes(file: BinaryIO, chunk: Chunk) -> int:
    """Return how much of a chunk lies behind the end of the file.

    Parameters
    ----------
    file : binary file
        Seekable.
    chunk : Chunk
        One of its chunks.

    Returns
    -------
    missing : int
        In bytes.
    """
    return max(0, chunk.start + chunk.size - size_of(file))
