"""Recordings: encoded sound that becomes a signal when it is read."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import soundfile

from ..errors import AudioError
from ..keys import digest_of
from ..signals import Signal

# libsndfile seeks to the wrong frame inside the last page of an OGG file, by up to some hundreds.
# A page holds at most 255 packets and a packet at most 8192 frames, so up to this many frames
# before the end it seeks right.
_OGG_PAGE_FRAMES = 255 * 8192
# Frames that are read at once: a header may declare any number, and memory is taken for what comes.
_BLOCK_FRAMES = 2**18
# Tables of segments round their times; an end this much behind that of the recording is its end.
_ROUNDING_SECONDS = 0.01


@dataclass(frozen=True)
class Decoding:
    """How recordings are decoded; the parameters of a `Loader`.

    Parameters
    ----------
    mono : bool
        Average the channels; otherwise a recording of several is refused.
    offset : float
        Seconds left out at the beginning.
    duration : float or None
        Seconds that are read at most; None for all.
    """

    mono: bool
    offset: float
    duration: float | None

    @cached_property
    def part(self) -> bytes:
        """What tells that which is read from all other parts of a recording."""
        duration = None if self.duration is None else float(self.duration)
        return repr((self.mono, float(self.offset), duration)).encode()


@dataclass(frozen=True, slots=True)
class Recording:
    """A file, or bytes that are the content of one, or a segment of either.

    Parameters
    ----------
    content : str or bytes
        Path, or encoded sound.
    decoding : Decoding
        How it is decoded.
    start : float, default=0.0
        Where the segment begins, in seconds.
    end : float or None, default=None
        Where it ends, in seconds; None for the end of the recording.
    path : str or None, default=None
        Where bytes come from, for messages.
    """

    content: str | bytes
    decoding: Decoding
    start: float = 0.0
    end: float | None = None
    path: str | None = None

    @property
    def name(self) -> str:
        """What errors call it."""
        if self.path is not None:
            name = self.path
        elif isinstance(self.content, str):
            name = self.content
        else:
            name = f"{len(self.content)} bytes"
        if self.start == 0 and self.end is None:
            return name
        return f"{name} [{self.start:g} s to {'end' if self.end is None else f'{self.end:g} s'}]"

    @property
    def file(self) -> str | None:
        """Path of the file; None for bytes."""
        return self.content if isinstance(self.content, str) else None

    def __str__(self) -> str:
        return self.name

    def digest(self, contents: Mapping[str, bytes]) -> bytes:
        """Return what tells its signal from all others: the content, and which part is read.

        Parameters
        ----------
        contents : mapping
            Digests of the content of files, by path.

        Returns
        -------
        digest : bytes
            The same for a copy of the file, and for its bytes.
        """
        content = self.content
        digest = contents[content] if isinstance(content, str) else digest_of(content)
        segment = b""
        if self.start != 0 or self.end is not None:
            segment = repr((float(self.start), self.end and float(self.end))).encode()
        return digest + self.decoding.part + segment

    def read(self) -> Signal:
        """Decode the recording.

        Returns
        -------
        signal : Signal
            At the rate of the recording.

        Raises
        ------
        AudioError
            Where there is no such file, it cannot be decoded or ends too early, or the segment
            lies outside of it.
        """
        try:
            with soundfile.SoundFile(self._opened()) as sound:
                return self._signal(sound)
        except (soundfile.SoundFileError, TypeError) as error:
            # soundfile raises a TypeError where a name such as x.raw says that there is no header.
            reason = getattr(error, "error_string", error)
            raise AudioError(
                f"it cannot be decoded ({reason}). WAV, FLAC, OGG, MP3 and AIFF are read; "
                "convert it or leave it out"
            ) from error

    def _opened(self) -> str | bytes | io.BytesIO:
        if isinstance(self.content, bytes):
            return io.BytesIO(self.content)
        if not os.path.isfile(self.content):
            if os.path.isdir(self.content):
                raise AudioError("it is a folder; give the paths of the recordings in it")
            if os.path.exists(self.content):
                raise AudioError("it is not a regular file")
            raise AudioError(
                f"there is no such file. The working directory is {os.getcwd()}; check the path"
            )
        # Absolute, since libsndfile reads standard input for "-"; and as bytes, since the name of
        # a file need not be text.
        path = os.path.abspath(self.content)
        return path if os.name == "nt" else os.fsencode(path)

    def _signal(self, sound: soundfile.SoundFile) -> Signal:
        if sound.channels > 1 and not self.decoding.mono:
            raise AudioError(
                f"it has {sound.channels} channels, and a signal has one. Use "
                "Loader(mono=True) to average them"
            )
        first, stop = self._frame_range(sound)
        _seek(sound, first)
        samples = _read_mono(sound, stop - first)
        # The length in the header of an MP3 is an estimate, and often too large.
        if len(samples) < stop - first and (sound.format != "MP3" or self.end is not None):
            raise AudioError(
                f"it ends after {first + len(samples)} frames, but {stop} were expected. It is "
                "damaged or was not copied whole"
            )
        return Signal(samples, sound.samplerate)

    def _frame_range(self, sound: soundfile.SoundFile) -> tuple[int, int]:
        rate, n_frames = sound.samplerate, sound.frames
        stop = n_frames
        if self.end is not None:
            stop = round(self.end * rate)
            if stop > n_frames + _ROUNDING_SECONDS * rate:
                raise AudioError(
                    f"the segment ends at {self.end:g} s, but the recording at "
                    f"{n_frames / rate:g} s"
                )
            stop = min(stop, n_frames)
        start = self.start + self.decoding.offset
        first = round(start * rate)
        if self.decoding.duration is not None:
            stop = min(stop, first + round(self.decoding.duration * rate))
        if first >= stop:
            raise AudioError(
                f"nothing is left of it: reading begins at {start:g} s, and the recording "
                f"ends at {stop / rate:g} s"
            )
        return first, stop


def _seek(sound: soundfile.SoundFile, first: int) -> None:
    """Go to a frame, exactly."""
    near = first
    if sound.format == "OGG":
        near = min(first, max(0, sound.frames - _OGG_PAGE_FRAMES))
    if near:
        sound.seek(near)
    for skipped in range(near, first, _BLOCK_FRAMES):
        sound.read(min(_BLOCK_FRAMES, first - skipped), dtype="float32")


def _read_mono(sound: soundfile.SoundFile, n_frames: int) -> np.ndarray:
    """Return the mean of the channels of the next frames, fewer where the sound ends."""
    blocks = [np.empty(0, dtype=np.float32)]
    missing = n_frames
    while missing > 0:
        block = sound.read(min(missing, _BLOCK_FRAMES), dtype="float32", always_2d=True)
        if len(block) == 0:
            break
        blocks.append(block[:, 0] if sound.channels == 1 else block.mean(axis=1))
        missing -= len(block)
    samples = np.empty(sum(map(len, blocks)), dtype=np.float32)
    stop = len(samples)
    while blocks:  # each block is dropped when it is copied, so that a waveform is held but once
        block = blocks.pop()
        samples[stop - len(block) : stop] = block
        stop -= len(block)
    return samples


def remaining_bytes(file: Any) -> bytes:
    """Return what an open binary file holds from here on, and leave it where it is.

    Parameters
    ----------
    file : binary file
        Seekable.

    Returns
    -------
    content : bytes
        The same for every call.

    Raises
    ------
    AudioError
        For a file that is closed, cannot seek, or was opened as text.
    """
    try:
        position = file.tell()
        content = file.read()
        file.seek(position)
    except UnicodeDecodeError as error:
        raise AudioError("a file is open as text; use binary mode: open(path, 'rb')") from error
    except (OSError, ValueError) as error:
        raise AudioError(f"an open file cannot be read ({error}); give its path") from error
    if not isinstance(content, bytes):
        raise AudioError(
            f"an open file gives {type(content).__name__}; use binary mode: open(path, 'rb')"
        )
    return content


def in_memory_part(array: Any, rate: float, decoding: Decoding) -> np.ndarray:
    """Return the part of samples in memory that a decoding would read of a recording.

    Parameters
    ----------
    array : array-like of shape (n_samples,)
        Samples.
    rate : float
        Their rate in Hz.
    decoding : Decoding
        How much is read.

    Returns
    -------
    part : ndarray
        A view.

    Raises
    ------
    AudioError
        Where nothing is left of them.
    """
    samples = np.asarray(array)
    first = round(decoding.offset * rate)
    if samples.ndim and 0 < len(samples) <= first:
        raise AudioError(
            f"nothing is left of it: reading begins at {decoding.offset:g} s, and the samples end "
            f"at {len(samples) / rate:g} s"
        )
    stop = None if decoding.duration is None else first + round(decoding.duration * rate)
    return samples[first:stop] if samples.ndim else samples
