"""The frames of an MP3, counted by their headers (ISO 11172-3 and 13818-3) without decoding any."""

import re
from typing import NamedTuple

_BIT_RATES = {  # kbit/s, by version and layer
    (1, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


class Header(NamedTuple):
    """What the four bytes at the beginning of a frame say."""

    n_bytes: int
    n_samples: int
    kind: tuple


class Stream(NamedTuple):
    """What is found in a file: the first frames that follow each other without a gap."""

    start: int
    n_frames: int
    n_samples: int
    tag: str | None
    declared_frames: int | None


def header(content, start):
    """Return the header of the frame that begins here; None where none does."""
    head = content[start : start + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)
    bit_rate, rate, padding = head[2] >> 4, head[2] >> 2 & 3, head[2] >> 1 & 1
    if version == 1 or layer == 4 or rate == 3 or bit_rate in (0, 15):
        return None
    generation = 1 if version == 3 else 2
    hertz = _RATES[version][rate]
    bits = 1000 * _BIT_RATES[generation, layer][bit_rate]
    if layer == 1:
        return Header(4 * (12 * bits // hertz + padding), 384, (version, layer, hertz))
    n_samples = 576 if (generation, layer) == (2, 3) else 1152
    return Header(n_samples // 8 * bits // hertz + padding, n_samples, (version, layer, hertz))


def stream(content):
    """Return what is found in an MP3: where it begins, its whole frames, and its tag."""
    start = _behind_tags(content)
    while start < len(content) and not _is_start(content, start):
        start += 1
    first = header(content, start)
    if first is None:
        return None
    n_frames, position = 0, start
    while (head := header(content, position)) is not None and head.kind == first.kind:
        position += head.n_bytes
        n_frames += position <= len(content)
    tag = re.search(rb"Xing|Info|VBRI", content[start : start + first.n_bytes])
    declared = None
    if tag is not None and tag[0] != b"VBRI":
        field = start + tag.end()
        if content[field + 3] & 1:
            declared = int.from_bytes(content[field + 4 : field + 8], "big")
    return Stream(start, n_frames, n_frames * first.n_samples, tag and tag[0].decode(), declared)


def _behind_tags(content):
    start = 0
    while content[start : start + 3] == b"ID3":
        seven_bits = content[start + 6 : start + 10]
        start += 10 + sum(bits << 7 * place for place, bits in enumerate(reversed(seven_bits)))
    return start


def _is_start(content, start):
    """Tell whether a frame begins here, and one of its kind or the end of the file behind it."""
    head = header(content, start)
    if head is None:
        return False
    behind = start + head.n_bytes
    following = header(content, behind)
    return behind >= len(content) or (following is not None and following.kind == head.kind)
