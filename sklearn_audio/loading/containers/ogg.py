"""OGG (RFC 3533): pages with a checksum and a number each."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from ...errors import DamagedAudioError, TruncatedAudioError, UnsupportedAudioError
from .chunks import read_at

COMMON_ENCODINGS = {"Vorbis", "Opus"}
_ENCODINGS = {
    b"\x01vorbis": "Vorbis",
    b"OpusHead": "Opus",
    b"\x7fFLAC": "FLAC in OGG",
    b"Speex   ": "Speex",
    b"\x80theora": "Theora",
    b"fishead\0": "Skeleton",
}
_FIRST, _LAST = 2, 4  # flags
_HEADER_BYTES = 27
_PAGE = b"OggS\0"  # its first bytes, of the only version
_BLOCK_BYTES = 2**16
# Of sound, pictures and subtitles there are some.
_MOST_STREAMS = 100
# The checksum of OGG takes the bits of each byte from the highest on, that of zlib from the lowest.
_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class _Page(NamedTuple):
    """A page, whole or not."""

    start: int
    flags: int
    stream: int
    number: int
    size: int
    body: bytes
    is_whole: bool
    is_right: bool


def encoding(file: BinaryIO, start: int) -> str:
    """Return how the sound of an OGG is encoded.

    Parameters
    ----------
    file : binary file
        Its content.
    start : int
        Position of its first byte, behind tags.

    Returns
    -------
    encoding : str
        "Vorbis" or "Opus", for example; of several streams, one that is not common.

    Raises
    ------
    DamagedAudioError
        Where the first page is none, or is cut.
    """
    found = []
    for page in _pages(file, start):
        if not page.flags & _FIRST:
            break
        if not page.is_whole:
            raise TruncatedAudioError("it ends before its header says how the samples are encoded")
        names = [name for magic, name in _ENCODINGS.items() if page.body.startswith(magic)]
        found.append(names[0] if names else "an unknown codec in OGG")
        if len(found) > _MOST_STREAMS:
            return f"more than {_MOST_STREAMS} streams"
    if not found:
        raise DamagedAudioError("its first page is damaged. Copy or record it again")
    return max(found, key=lambda name: name not in COMMON_ENCODINGS)


def shortfall(file: BinaryIO, start: int) -> str | None:
    """Tell what is missing of an OGG, or damaged: every page is looked at.

    Parameters
    ----------
    file : binary file
        Its content.
    start : int
        Position of its first byte, behind tags.

    Returns
    -------
    shortfall : str or None
        What is wrong; None where all pages are whole, in order, and the last one says so.

    Raises
    ------
    UnsupportedAudioError
        Where other recordings follow, as in captured radio programmes.
    """
    position = start
    has_begun = False
    numbers: dict[int, int] = {}  # of the streams that have not ended
    for page in _pages(file, start):
        if not page.is_whole:
            return "its last page is cut"
        if not page.is_right:
            return f"the page at byte {page.start} differs from its checksum"
        expected = 0 if page.flags & _FIRST else numbers.get(page.stream, -2) + 1
        if page.number != expected:
            return f"pages are missing before byte {page.start}"
        if page.flags & _FIRST and has_begun:
            raise UnsupportedAudioError(
                "several recordings stand behind each other in it, and decoders read only the "
                f"first. Cut it at byte {page.start} and give each part, or take the first with "
                "Loader(truncated='accept')"
            )
        has_begun = not page.flags & _FIRST
        numbers[page.stream] = page.number
        if page.flags & _LAST:
            del numbers[page.stream]
        position += page.size
    following = _next_page(file, position)
    if following is not None:
        return f"{following - position} bytes at {position} belong to no page"
    if numbers:
        return "no page is marked as its last one, so the end is missing"
    return None


def _pages(file: BinaryIO, start: int) -> Iterator[_Page]:
    """Yield the pages that follow each other, the last one perhaps cut."""
    while len(header := read_at(file, start, _HEADER_BYTES)) == _HEADER_BYTES:
        if header[:5] != _PAGE:
            return
        n_lengths = header[26]
        lengths = file.read(n_lengths)
        body = file.read(sum(lengths))
        yield _Page(
            start,
            flags=header[5],
            stream=int.from_bytes(header[14:18], "little"),
            number=int.from_bytes(header[18:22], "little"),
            size=_HEADER_BYTES + n_lengths + sum(lengths),
            body=body,
            is_whole=len(lengths) == n_lengths and len(body) == sum(lengths),
            is_right=_checksum(header, lengths, body) == header[22:26],
        )
        start += _HEADER_BYTES + n_lengths + sum(lengths)


def _next_page(file: BinaryIO, start: int) -> int | None:
    """Return where the next page begins; None where there is none."""
    while len(block := read_at(file, start, _BLOCK_BYTES)) >= len(_PAGE):
        found = block.find(_PAGE)
        if found >= 0:
            return start + found
        start += len(block) - len(_PAGE) + 1
    return None


def _checksum(header: bytes, lengths: bytes, body: bytes) -> bytes:
    page = header[:22] + bytes(4) + header[26:] + lengths + body
    mirrored = zlib.crc32(page.translate(_MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return mirrored.to_bytes(4, "big").translate(_MIRRORED)
