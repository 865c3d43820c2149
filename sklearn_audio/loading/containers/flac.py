"""FLAC (RFC 9639)."""

from __future__ import annotations

from typing import BinaryIO

from .chunks import read_at, size_of

COMMON_ENCODINGS = {"FLAC"}
# Metadata are of seven kinds, of some of which there may be many.
_MOST_BLOCKS = 10_000


def shortfall(file: BinaryIO, start: int) -> str | None:
    """Tell whether the metadata of a FLAC are cut; what follows the decoder itself checks.

    Parameters
    ----------
    file : binary file
        Its content.
    start : int
        Position of its first byte, behind tags.

    Returns
    -------
    shortfall : str or None
        What it declares and what is there; None where the metadata are whole.
    """
    size = size_of(file)
    position = start + 4
    for _ in range(_MOST_BLOCKS):
        head = read_at(file, position, 4)
        if len(head) < 4:
            return "it ends within its header"
        position += 4 + int.from_bytes(head[1:], "big")
        if head[0] & 0x80:
            break
    else:
        return f"its header has more than {_MOST_BLOCKS} parts, and the last one was not found"
    if position > size:
        return f"its header declares {position} bytes, and {position - size} are missing"
    if position == size and n_frames(file, start):
        return f"it declares {n_frames(file, start)} frames, and ends with its header"
    return None


def checksum(file: BinaryIO, start: int) -> tuple[int, bytes] | None:
    """Return the checksum that a FLAC declares of its samples.

    Parameters
    ----------
    file : binary file
        Its content.
    start : int
        Position of its first byte, behind tags.

    Returns
    -------
    n_bits, md5 : int, bytes
        Bits of a sample, and the MD5 of all, interleaved, little-endian, in whole bytes. None where
        no checksum is given.
    """
    fields = read_at(file, start + 8, 34)
    n_bits = (int.from_bytes(fields[10:18], "big") >> 36 & 31) + 1
    md5 = fields[18:]
    return (n_bits, md5) if len(md5) == 16 and any(md5) else None


def n_frames(file: BinaryIO, start: int) -> int | None:
    """Return the number of frames that a FLAC declares.

    Parameters
    ----------
    file : binary file
        Its content.
    start : int
        Position of its first byte, behind tags.

    Returns
    -------
    n_frames : int or None
        None where it is not known.
    """
    # STREAMINFO comes first; the number has 36 bits, at bit 108 of it.
    field = int.from_bytes(read_at(file, start + 8 + 13, 5), "big")
    return field & (2**36 - 1) or None
