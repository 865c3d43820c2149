"""MP3: frames of MPEG audio, with tags before and behind them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from typing import BinaryIO, NamedTuple, cast

from ...errors import UnsupportedAudioError
from .chunks import read_at, size_of

COMMON_ENCODINGS = {"MPEG layer III"}
# In kbit/s, by the index in the header; MPEG 1, and MPEG 2 and 2.5 (ISO 11172-3, ISO 13818-3).
_BIT_RATES = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
# Layer I is not among them: text in UTF-16 begins like it, and recordings hardly ever do.
_LAYERS = {1: "MPEG layer III", 2: "MPEG layer II"}
# How far behind the tags the first frame is looked for.
_LONGEST_SEARCH = 2**16
_VBRI_OFFSET = 36
_HEADER_BYTES = 4
_BLOCK_BYTES = 2**16
# A tag of ID3v2 with nothing in it, by which libsndfile (1.2) knows an MP3. Without one it looks in
# the working directory for a file "._" or a folder ".AppleDouble" first, and where there is one,
# it takes the MP3 for a Sound Designer II file (issue 1112 of libsndfile).
# Smaller tags it overlooks.
_EMPTY_TAG = b"ID3\x04\0\0\0\0\0\x20" + bytes(32)

# The numbers of samples of files that were counted last, since each segment of a file asks again.
_counted: dict[tuple[int, ...] | None, int] = {}
_MOST_COUNTED = 1000


class _Frame(NamedTuple):
    """A frame of layer III, by its header."""

    start: int
    size: int
    n_samples: int
    side_bytes: int


def encoding(file: BinaryIO, start: int) -> str | None:
    """Return the layer of MPEG audio.

    Parameters
    ----------
    file : binary file
        Its content.
    start : int
        Position of its first byte, behind tags.

    Returns
    -------
    encoding : str or None
        "MPEG layer III", for example; None where there is no frame.
    """
    layer = _layer(read_at(file, start, _HEADER_BYTES))
    if layer is None and start > 0 and _first_frame(file, start) is not None:
        return _LAYERS[1]
    return layer


def declares_length(file: BinaryIO, start: int) -> bool:
    """Tell whether the first frame declares the number of frames as Xing's encoder did.

    Parameters
    ----------
    file : binary file
        Its content.
    start : int
        Position of its first byte, behind tags.

    Returns
    -------
    declares : bool
        Decoders know such a length.
    """
    return _declared_frames(file, start) > 0


def n_samples(file: BinaryIO, start: int) -> int:
    """Count the samples of an MP3 from frame to frame.

    Parameters
    ----------
    file : binary file
        Its content.
    start : int
        Position of its first byte, behind tags.

    Returns
    -------
    n_samples : int
        Of the frames that follow each other from the first on.
    """
    identity = _identity(file)
    if identity not in _counted or identity is None:
        size = size_of(file)
        frames = _frames(file, start)
        n = sum(frame.n_samples for frame in frames if frame.start + frame.size <= size)
        if len(_counted) >= _MOST_COUNTED:
            _counted.clear()
        _counted[identity] = n
    return _counted[identity]


def _identity(file: BinaryIO) -> tuple[int, ...] | None:
    """Return what tells the content of a file from others; None for bytes."""
    try:
        status = os.fstat(file.fileno())
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def with_length(file: BinaryIO, start: int) -> bytes:
    """Return an MP3 with a first frame that declares the number of those that follow.

    Parameters
    ----------
    file : binary file
        Its content, of frames that follow each other and do not declare their number.
    start : int
        Position of its first byte, behind tags.

    Returns
    -------
    content : bytes
        The same sound; decoders know its length, and leave out their delay of 529 samples as of
        every MP3 that declares its length.
    """
    frames = list(_frames(file, start))
    header = bytearray(read_at(file, frames[0].start, _HEADER_BYTES))
    header[1] |= 1  # no checksum follows
    for bit_rate_index in range(1, 15):
        header[2] = bit_rate_index << 4 | header[2] & 0b1100
        frame = cast(_Frame, _frame(bytes(header), 0))
        if frame.size >= _HEADER_BYTES + frame.side_bytes + 12:
            break
    has_count = (1).to_bytes(4, "big")
    content = bytes(header) + bytes(frame.side_bytes) + b"Info" + has_count
    content += len(frames).to_bytes(4, "big")
    content = _EMPTY_TAG + content.ljust(frame.size, b"\0")
    return content + read_at(file, frames[0].start, size_of(file))


def without_tags(file: BinaryIO, start: int) -> bytes:
    """Return the content of an MP3 from its first frame on, behind a tag with nothing in it.

    Parameters
    ----------
    file : binary file
        Its content.
    start : int
        Position of its first byte, behind tags.

    Returns
    -------
    position : int
        The end of the file where there is no frame.
    """
    frame = _first_frame(file, start)
    return b"" if frame is None else _EMPTY_TAG + read_at(file, frame.start, size_of(file))


def shortfall(file: BinaryIO, start: int) -> str | None:
    """Tell what is missing of an MP3, beside what a decoder knows by the header of Xing.

    Parameters
    ----------
    file : binary file
        Its content.
    start : int
        Position of its first byte, behind tags.

    Returns
    -------
    shortfall : str or None
        What it declares and what is there; None where that cannot be seen.

    Raises
    ------
    UnsupportedAudioError
        Where more sound is there than is declared, and so decoded.
    """
    frame = _first_frame(file, start)
    if frame is None:
        return None
    size = size_of(file)
    n_frames, last = 0, frame
    for last in _frames(file, start):
        n_frames += last.start + last.size <= size
    declared = _declared_frames(file, start)
    # Some encoders count the frame in which the header stands, some do not.
    if 0 < declared < n_frames - 1:
        raise UnsupportedAudioError(
            f"it declares {declared} frames of MPEG, but {n_frames - 1} are there, of which "
            "decoders leave out the rest. Perhaps recordings were put behind each other: cut them "
            "apart, or take the first with Loader(truncated='accept')"
        )
    samples = vbri_samples(file, start)
    if samples is not None and (n_frames - 1) * frame.n_samples < samples:
        # The header stands in a frame of its own.
        n_declared = samples // frame.n_samples
        return f"it declares {n_declared} frames of MPEG, and {n_frames - 1} are there"
    if last.start + last.size > size:
        return f"its last frame of MPEG lacks {last.start + last.size - size} bytes"
    return None


def vbri_samples(file: BinaryIO, start: int) -> int | None:
    """Return the number of samples that the first frame declares as Fraunhofer's encoder did.

    Parameters
    ----------
    file : binary file
        Its content.
    start : int
        Position of its first byte, behind tags.

    Returns
    -------
    n_samples : int or None
        None where there is no such header.
    """
    frame = _first_frame(file, start)
    if frame is None:
        return None
    content = read_at(file, frame.start + _VBRI_OFFSET, 18)
    if content[:4] != b"VBRI" or len(content) < 18:
        return None
    return int.from_bytes(content[14:], "big") * frame.n_samples


def _declared_frames(file: BinaryIO, start: int) -> int:
    """Return the number of frames in the header of Xing; 0 where it is not known."""
    frame = _first_frame(file, start)
    if frame is None:
        return 0
    content = read_at(file, frame.start + _HEADER_BYTES + frame.side_bytes, 12)
    if len(content) < 12 or content[:4] not in (b"Xing", b"Info") or content[7] & 1 == 0:
        return 0
    return int.from_bytes(content[8:], "big")


def _frames(file: BinaryIO, start: int) -> Iterator[_Frame]:
    """Yield the frames that follow each other, the last one perhaps cut."""
    frame = _first_frame(file, start)
    block, block_start = b"", 0
    while frame is not None:
        yield frame
        following = frame.start + frame.size
        offset = following - block_start
        if offset + _HEADER_BYTES > len(block):
            block, block_start, offset = read_at(file, following, _BLOCK_BYTES), following, 0
        frame = _frame(block[offset : offset + _HEADER_BYTES], following)


def _first_frame(file: BinaryIO, start: int) -> _Frame | None:
    """Return the first frame; behind tags that end too early, one that another one follows."""
    content = read_at(file, start, _LONGEST_SEARCH)
    if _layer(content) is not None:
        return _frame(content[:_HEADER_BYTES], start)
    size = size_of(file)
    position = content.find(b"\xff")
    while position >= 0:
        frame = _frame(content[position : position + _HEADER_BYTES], start + position)
        if frame is not None:
            following = frame.start + frame.size
            next_header = read_at(file, following, _HEADER_BYTES)
            if following >= size or _frame(next_header, following) is not None:
                return frame
        position = content.find(b"\xff", position + 1)
    return None


def _layer(header: bytes) -> str | None:
    if len(header) < _HEADER_BYTES or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return None
    return _LAYERS.get(header[1] >> 1 & 3)


def _frame(header: bytes, start: int) -> _Frame | None:
    """Return the frame of a header; None where it is none of layer III."""
    layout = _layout(header)
    return None if layout is None else _Frame(start, *layout)


@lru_cache(maxsize=1000)
def _layout(header: bytes) -> tuple[int, int, int] | None:
    """Return the bytes, the samples, and the bytes of side information of a frame."""
    if _layer(header) != _LAYERS[1]:
        return None
    version = header[1] >> 3 & 3
    bit_rate_index, rate_index = header[2] >> 4, header[2] >> 2 & 3
    # Of "free" bit rate, index 0, a header does not tell the size.
    if version == 1 or bit_rate_index in (0, 15) or rate_index == 3:
        return None
    is_mpeg_1, is_mono = version == 3, header[3] >> 6 == 3
    bit_rate = 1000 * _BIT_RATES[not is_mpeg_1][bit_rate_index]
    n_samples = 1152 if is_mpeg_1 else 576
    size = n_samples // 8 * bit_rate // _RATES[version][rate_index] + (header[2] >> 1 & 1)
    side_bytes = (17 if is_mono else 32) if is_mpeg_1 else (9 if is_mono else 17)
    return size, n_samples, side_bytes
