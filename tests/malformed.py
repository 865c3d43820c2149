"""Malformed recordings, as many as wanted: a function of a seed, a number and libsndfile's version.

    python tests/malformed.py SEED NUMBER FILE

writes one of them into a file, as the tests and campaigns name it where it did harm. The originals
are short sounds of five formats, encoded by libsndfile; each file is one of them, mutated in one
way.
"""

import io
import re
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

FORMATS = ("WAV", "FLAC", "OGG", "MP3", "AIFF")
EXTENSIONS = {"WAV": "wav", "FLAC": "flac", "OGG": "ogg", "MP3": "mp3", "AIFF": "aiff"}
# Encoding, rate, channels and frames of the originals of each format.
ORIGINALS = {
    "WAV": [("PCM_16", 8000, 1, 2000), ("FLOAT", 16000, 2, 700), ("ULAW", 8000, 1, 3000)],
    "FLAC": [("PCM_16", 8000, 1, 5000), ("PCM_24", 44100, 2, 1500), ("PCM_S8", 8000, 1, 9000)],
    "OGG": [("VORBIS", 8000, 1, 16000), ("VORBIS", 44100, 2, 3000), ("VORBIS", 16000, 1, 8000)],
    "MP3": [("MPEG_LAYER_III", 8000, 1, 6000), ("MPEG_LAYER_III", 44100, 2, 6000)],
    "AIFF": [("PCM_16", 8000, 1, 2000), ("FLOAT", 16000, 2, 700), ("PCM_24", 44100, 1, 900)],
}
# Where chunks, pages, blocks or frames begin.
BLOCKS = {
    "WAV": rb"fmt |fact|PEAK|data",
    "FLAC": rb"\xff\xf8",
    "OGG": rb"OggS",
    "MP3": rb"\xff[\xe2-\xfb]",
    "AIFF": rb"COMM|FVER|PEAK|SSND",
}
LIES = (0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1)


class Malformed(NamedTuple):
    """A recording that is not as it should be, and how many frames it had when it was."""

    format: str
    mutation: str
    extension: str
    content: bytes
    whole_frames: int


def malformed(seed, number):
    """Return the malformed recording of that number."""
    generator = np.random.default_rng([seed, number])
    # In turns, so that each format has as many of each mutation.
    form = FORMATS[number % len(FORMATS)]
    mutation = MUTATIONS[number // len(FORMATS) % len(MUTATIONS)]
    which = generator.integers(len(ORIGINALS[form]))
    content = mutation(generator, form, originals()[form][which])
    if form == "OGG" and generator.random() < 0.5:
        # Behind a right checksum the damage reaches the decoder of Vorbis.
        content = with_checksums(content)
    extension = EXTENSIONS[form]
    if mutation is wrong_extension:
        extension = one_of(generator, sorted({*EXTENSIONS.values(), "raw", "mat", "txt"}))
    name = mutation.__name__.replace("_", " ")
    return Malformed(form, name, extension, content, ORIGINALS[form][which][-1])


@cache
def originals():
    """Return whole recordings of each format."""
    made = {}
    for form, settings in ORIGINALS.items():
        made[form] = []
        for encoding, rate, n_channels, n_frames in settings:
            sound = np.random.default_rng(n_frames).uniform(-0.5, 0.5, (n_frames, n_channels))
            file = io.BytesIO()
            soundfile.write(file, sound, rate, subtype=encoding, format=form)
            made[form].append(undated(form, file.getvalue()))
    return made


def undated(form, content):
    """Return a recording without what libsndfile takes from the clock."""
    if form == "OGG":
        return with_checksums(content, b"same")  # the number of the stream
    return re.sub(rb"(?<=PEAK.{8}).{4}", bytes(4), content, flags=re.S)


def one_of(generator, choices):
    return choices[generator.integers(len(choices))]


def truncation(generator, form, content):
    return content[: generator.integers(len(content))]


def few_bytes_changed(generator, form, content):
    return changed(generator, content, int(generator.integers(1, 5)))


def many_bytes_changed(generator, form, content):
    return changed(generator, content, int(generator.integers(5, 101)))


def header_bytes_changed(generator, form, content):
    length = len(content) if form == "MP3" else audio_begins(form, content)
    return changed(generator, content, int(generator.integers(1, 5)), length)


def swapped_blocks(generator, form, content):
    """Swap two chunks, pages or frames, leave one out, or repeat one."""
    blocks = blocks_of(form, content)
    left, right = generator.integers(len(blocks), size=2)
    action = one_of(generator, ("swap", "leave out", "repeat"))
    if action == "swap":
        blocks[left], blocks[right] = blocks[right], blocks[left]
    elif action == "leave out":
        del blocks[left]
    else:
        blocks.insert(right, blocks[left])
    return b"".join(blocks)


def lying_sizes(generator, form, content):
    """Write a size that is not true over two, four or eight bytes of a header."""
    n_bytes = int(one_of(generator, (2, 4, 4, 8)))
    lie = one_of(generator, (*LIES, len(content), len(content) + 1, int(generator.integers(2**62))))
    order = one_of(generator, ("little", "big"))
    where = generator.integers(4, max(audio_begins(form, content), 5))
    field = (int(lie) % 2 ** (8 * n_bytes)).to_bytes(n_bytes, order)
    return content[:where] + field + content[where + n_bytes :]


def wrong_extension(generator, form, content):
    return content if generator.random() < 0.5 else truncation(generator, form, content)


def header_only(generator, form, content):
    return content[: audio_begins(form, content)]


def zeros_in_the_middle(generator, form, content):
    start, stop = sorted(generator.integers(len(content), size=2))
    return content[:start] + bytes(int(stop - start)) + content[stop:]


def two_files_joined(generator, form, content):
    second = one_of(generator, originals()[one_of(generator, FORMATS)])
    first = content if generator.random() < 0.5 else truncation(generator, form, content)
    return first + second


def random_behind_magic(generator, form, content):
    magic = content[: int(one_of(generator, (4, 8, 12, 16, 44, audio_begins(form, content))))]
    return magic + generator.bytes(int(generator.integers(1, 4000)))


MUTATIONS = (
    truncation,
    few_bytes_changed,
    many_bytes_changed,
    header_bytes_changed,
    swapped_blocks,
    lying_sizes,
    wrong_extension,
    header_only,
    zeros_in_the_middle,
    two_files_joined,
    random_behind_magic,
)


def changed(generator, content, n_bytes, length=None):
    """Return content with some of its first bytes replaced by others."""
    damaged = bytearray(content)
    for where in generator.integers(length or len(content), size=n_bytes):
        damaged[where] ^= int(generator.integers(1, 256))
    return bytes(damaged)


def blocks_of(form, content):
    """Return the chunks, pages or frames of a recording, what stands before them first."""
    starts = [0, *(found.start() for found in re.finditer(BLOCKS[form], content) if found.start())]
    return [content[start:stop] for start, stop in zip(starts, [*starts[1:], None], strict=True)]


def audio_begins(form, content):
    """Return where the header of a whole recording ends."""
    if form == "WAV":
        return content.index(b"data") + 8
    if form == "AIFF":
        return content.index(b"SSND") + 16
    if form == "FLAC":
        return content.index(b"\xff\xf8")
    if form == "OGG":
        return [page.start() for page in re.finditer(rb"OggS", content)][2]
    return content.index(content[:2], 36)  # behind the frame of MP3 that holds their number


def with_checksums(content, stream=None):
    """Return OGG with the checksum of each page made right, and the number of its stream set."""
    pages = []
    for page in re.split(rb"(?=OggS)", content, flags=re.S):
        if page.startswith(b"OggS") and len(page) >= 27:
            page = page[:14] + (stream or page[14:18]) + page[18:22] + bytes(4) + page[26:]
            page = page[:22] + checksum(page).to_bytes(4, "little") + page[26:]
        pages.append(page)
    return b"".join(pages)


def checksum(page):
    """Return the CRC-32 that OGG uses: not reflected, begun with 0."""
    value = 0
    table = crc_table()
    for byte in page:
        value = (value << 8) & 0xFFFFFFFF ^ table[value >> 24 ^ byte]
    return value


@cache
def crc_table():
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = value << 1 ^ (0x104C11DB7 if value & 0x80000000 else 0)
        table.append(value)
    return table


if __name__ == "__main__":
    Path(sys.argv[3]).write_bytes(malformed(int(sys.argv[1]), int(sys.argv[2])).content)
