"""Which format a file has, by its first bytes."""

from __future__ import annotations

import string
from typing import BinaryIO, NamedTuple

from ...errors import EmptyAudioError, TruncatedAudioError, UnsupportedAudioError
from . import aiff, caf, flac, mpeg, ogg, riff
from .chunks import read_at, size_of

COMMON_ENCODINGS = {
    "WAV": riff.COMMON_ENCODINGS,
    "RF64": riff.COMMON_ENCODINGS,
    "FLAC": flac.COMMON_ENCODINGS,
    "OGG": ogg.COMMON_ENCODINGS,
    "MP3": mpeg.COMMON_ENCODINGS,
    "AIFF": aiff.COMMON_ENCODINGS,
    "CAF": caf.COMMON_ENCODINGS,
}
WHAT_IS_READ = (
    "WAV and RF64 (PCM, float, A-law, mu-law), FLAC, OGG (Vorbis, Opus), MP3, AIFF and CAF are read"
)
# What else lies in folders of recordings: the position of its first bytes, those, and its name.
_OTHERS = (
    (4, b"ftyp", "MPEG-4 (m4a, mp4)"),
    (4, b"moov", "MPEG-4 (m4a, mp4)"),
    (0, b"\x1aE\xdf\xa3", "Matroska or WebM"),
    (0, b"0&\xb2u\x8ef\xcf\x11", "Windows Media (wma)"),
    (0, b"wvpk", "WavPack"),
    (0, b"MAC ", "Monkey's Audio"),
    (0, b"TTA1", "True Audio"),
    (0, b"MPCK", "Musepack"),
    (0, b"MP+", "Musepack"),
    (0, b"OFR ", "OptimFROG"),
    (0, b"tBaK", "TAK"),
    (0, b"DSD ", "DSF"),
    (0, b"FRM8", "DSDIFF"),
    (0, b".snd", "Sun AU"),
    (0, b"riff.\x91\xcf\x11", "Sony Wave64"),
    (0, b"NIST_1A", "NIST Sphere"),
    (0, b"Creative Voice File", "Creative VOC"),
    (0, b"MThd", "MIDI, which holds notes and no sound"),
    (0, b"MATLAB 5.0", "a MATLAB file"),
    (0, b"#!AMR", "AMR"),
    (0, b"\x0bw", "AC-3"),
    (0, b"ADIF", "AAC"),
    (0, b"version https://git-lfs", "a pointer of Git LFS; run git lfs pull"),
    (0, b"<!DOCTYPE", "a page of the web, perhaps an error message in the place of a download"),
    (0, b"<html", "a page of the web, perhaps an error message in the place of a download"),
    (0, b"<?xml", "XML, perhaps an error message in the place of a download"),
    (0, b"\xff\xfe", "text in UTF-16"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"%PDF", "PDF"),
    (0, b"\x89PNG", "a PNG image"),
    (0, b"\xff\xd8\xff", "a JPEG image"),
)
_MOST_TAGS = 100
_TEXT = set(string.printable.encode())


class Container(NamedTuple):
    """What a file is.

    Parameters
    ----------
    name : str
        "WAV", for example.
    encoding : str
        How its samples are encoded: "PCM", for example.
    start : int
        Position of its first byte, behind tags.
    """

    name: str
    encoding: str
    start: int

    @property
    def is_common(self) -> bool:
        """Whether a Loader reads it without being told to."""
        return self.encoding in COMMON_ENCODINGS[self.name]


def recognised(file: BinaryIO) -> Container:
    """Tell what a file is.

    Parameters
    ----------
    file : binary file
        Seekable.

    Returns
    -------
    container : Container
        Its format and encoding.

    Raises
    ------
    EmptyAudioError
        For a file without content, or with tags and nothing else.
    TruncatedAudioError
        For one that ends before it says how its samples are encoded.
    UnsupportedAudioError
        For anything else, saying what it seems to be.

    Examples
    --------
    >>> import io
    >>> from sklearn_audio.loading.containers import recognised
    >>> recognised(io.BytesIO(b"fLaC"))
    Container(name='FLAC', encoding='FLAC', start=0)
    """
    if size_of(file) == 0:
        raise EmptyAudioError("it is empty: it has 0 bytes. Copy or record it again")
    start = _behind_tags(file)
    head = read_at(file, start, 64)
    if head[:4] in (b"RIFF", b"RIFX") and head[8:12] == b"WAVE":
        return Container("WAV", riff.encoding(file, start), start)
    if head[:4] == b"RF64" and head[8:12] == b"WAVE":
        return Container("RF64", riff.encoding(file, start), start)
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return Container("AIFF", aiff.encoding(file, start), start)
    if head[:4] == b"caff":
        return Container("CAF", caf.encoding(file, start), start)
    if head[:4] == b"fLaC":
        return Container("FLAC", "FLAC", start)
    if head[:4] == b"OggS":
        return Container("OGG", ogg.encoding(file, start), start)
    if (layer := mpeg.encoding(file, start)) is not None:
        return Container("MP3", layer, start)
    raise UnsupportedAudioError(f"it is {_description(head, start)}. {WHAT_IS_READ}; convert it")


def shortfall(file: BinaryIO, container: Container) -> str | None:
    """Tell what is missing of a file.

    Parameters
    ----------
    file : binary file
        Seekable.
    container : Container
        What `recognised` says of it.

    Returns
    -------
    shortfall : str or None
        What it declares and what is there; None where it is whole, as far as its headers tell.
    """
    match container.name:
        case "WAV" | "RF64":
            return riff.shortfall(file, container.start)
        case "AIFF":
            return aiff.shortfall(file, container.start)
        case "CAF":
            return caf.shortfall(file, container.start)
        case "FLAC":
            return flac.shortfall(file, container.start)
        case "OGG":
            return ogg.shortfall(file, container.start)
    return mpeg.shortfall(file, container.start)


def declared_frames(file: BinaryIO, container: Container) -> int | None:
    """Return the number of frames that a header declares, where no decoder tells it.

    Parameters
    ----------
    file : binary file
        Seekable.
    container : Container
        What `recognised` says of it.

    Returns
    -------
    n_frames : int or None
        Of WAV, AIFF and MP3 by Fraunhofer's header. None where the decoder knows better.
    """
    match container.name:
        case "WAV" | "RF64":
            return riff.declared_frames(file, container.start)
        case "AIFF":
            return aiff.declared_frames(file, container.start)
        case "MP3":
            return mpeg.vbri_samples(file, container.start)
    return None


def _behind_tags(file: BinaryIO) -> int:
    """Return where the file begins behind tags of ID3v2."""
    start = 0
    for _ in range(_MOST_TAGS):
        head = read_at(file, start, 10)
        if head[:3] != b"ID3" or len(head) < 10:
            break
        # Seven bits a byte; a footer repeats the header.
        size = sum(
            (byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True)
        )
        start += 10 + size + (10 if head[5] & 0x10 else 0)
    missing = start - size_of(file)
    if missing > 0:
        raise TruncatedAudioError(f"its tags declare {start} bytes, and {missing} are missing")
    if start and missing == 0:
        raise EmptyAudioError("it has tags and no sound")
    return start


def _description(head: bytes, start: int) -> str:
    for position, first_bytes, name in _OTHERS:
        if head[position:].startswith(first_bytes):
            return name
    if not any(head):
        return "no recording: it begins with zeros, so perhaps it was not copied whole"
    where = "behind its tags it begins" if start else "it begins"
    if set(head) <= _TEXT:
        return f"text: {where} with {head[:24]!r}"
    return f"of no known format: {where} with {head[:12]!r}"
