"""Decoding: from the bytes of a recording to frames, in blocks, within limits.

libsndfile decodes, by way of soundfile. What it does not say is looked for here: whether the
format is one that is read, whether the recording is larger than allowed, and whether it is whole.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np
import soundfile

from ..errors import (
    AudioError,
    DamagedAudioError,
    EmptyAudioError,
    TruncatedAudioError,
    UnsupportedAudioError,
)
from ..signals import Signal
from .checksum import Checksum
from .containers import WHAT_IS_READ, Container, mpeg, recognised, shortfall, size_of
from .limits import AudioLimits
from .native_output import no_native_output
from .views import FileFrom

# libsndfile seeks to the wrong frame inside the last page of an OGG file, by up to some hundreds.
# A page holds at most 255 packets and a packet at most 8192 frames, so up to this many frames
# before the end it seeks right.
_OGG_PAGE_FRAMES = 255 * 8192
# Samples that are decoded at once: memory is taken for what comes, not for what a header declares.
_BLOCK_SAMPLES = 2**18
# Where decoding fails, what comes before is read in blocks of this many frames.
_SHORT_BLOCK = 64
# Tables of segments round their times; an end this much behind that of the recording is its end.
_ROUNDING_SECONDS = 0.01
# libsndfile says 2**63 - 1 frames where it does not know.
_UNKNOWN_FRAMES = 2**62
# From here on a recording of unknown length is measured by the bytes that it has taken so far.
_BYTES_BEFORE_ESTIMATE = 2**25
_COMMON_SUBTYPES = {
    *("PCM_S8", "PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"),
    *("VORBIS", "OPUS", "MPEG_LAYER_III", "ALAC_16", "ALAC_20", "ALAC_24", "ALAC_32"),
}
# Of any other format that stands behind tags, libsndfile leaves out the end, or reads nothing.
_BEHIND_TAGS = {"MP3", "FLAC"}
_ADVICE = "Copy or record it again, or take what is there with Loader(truncated='accept')"


@dataclass(frozen=True)
class Decoding:
    """How recordings are decoded; the parameters of a `Loader`.

    Parameters
    ----------
    mono : bool, default=True
        Average the channels; otherwise a recording of several is refused.
    offset : float, default=0.0
        Seconds left out at the beginning.
    duration : float or None, default=None
        Seconds that are read at most; None for all.
    accept_truncated : bool, default=False
        Take what is there of a recording that is not whole.
    all_formats : bool, default=False
        Read whatever libsndfile reads.
    limits : AudioLimits, default=AudioLimits()
        How large a recording may be.
    """

    mono: bool = True
    offset: float = 0.0
    duration: float | None = None
    accept_truncated: bool = False
    all_formats: bool = False
    limits: AudioLimits = field(default_factory=AudioLimits)

    @cached_property
    def part(self) -> bytes:
        """What tells that which is read from all other parts of a recording.

        Formats and limits are no part of it: a recording that passed them once is the same
        under others. A row of a truncated recording is not to be taken for one of a whole.
        """
        duration = None if self.duration is None else float(self.duration)
        part = repr((self.mono, float(self.offset), duration)).encode()
        return part + b"truncated" if self.accept_truncated else part


def decode(
    file: BinaryIO, decoding: Decoding, start: float = 0.0, end: float | None = None
) -> Signal:
    """Decode a recording or a segment of it.

    Parameters
    ----------
    file : binary file
        Seekable.
    decoding : Decoding
        How it is decoded.
    start : float, default=0.0
        Where the segment begins, in seconds.
    end : float or None, default=None
        Where it ends, in seconds; None for the end of the recording.

    Returns
    -------
    signal : Signal
        At the rate of the recording.

    Raises
    ------
    AudioError
        Where it cannot be decoded, is larger than allowed or not whole, or the segment lies
        outside of it.
    """
    with Decoder(file, decoding) as decoder:
        if decoder.n_channels > 1 and not decoding.mono:
            raise UnsupportedAudioError(
                f"it has {decoder.n_channels} channels, and a signal has one. Use "
                "Loader(mono=True) to average them"
            )
        first, stop = decoder.frame_range(start, end)
        blocks = [_mean_of_channels(block) for block in decoder.blocks(first, stop)]
        return Signal(_joined(blocks), decoder.rate)


class Decoder:
    """A recording that is being decoded; a context.

    Parameters
    ----------
    file : binary file
        Seekable.
    decoding : Decoding
        How it is decoded.

    Attributes
    ----------
    container : Container or None
        Its format; None for one that only libsndfile knows.
    rate : int
        In Hz.
    n_channels : int
        Its channels.
    n_frames : int or None
        What its header declares; None where that is not known.

    Raises
    ------
    AudioError
        Where it is of no format that is read, damaged, or beyond a limit.
    """

    def __init__(self, file: BinaryIO, decoding: Decoding) -> None:
        self.file = file
        self.decoding = decoding
        self.container = self._recognised()
        self._start = 0 if self.container is None else self.container.start
        self._encoded: BinaryIO | FileFrom = file
        if self._start > 0 and not (self.container and self.container.name in _BEHIND_TAGS):
            self._encoded = FileFrom(file, self._start)
        # An OGG may begin later than at frame 0; that it is whole, its pages tell.
        self._knows_length = self.container is None or self.container.name != "OGG"

    def __enter__(self) -> Self:
        self._n_counted = n_counted = self._count_frames_of_mp3()
        with ExitStack() as stack:
            stack.enter_context(no_native_output())
            self._sound = stack.enter_context(self._opened())
            if n_counted is not None and n_counted > self._sound.frames:
                # libsndfile guesses its length from the first frame, and stops there.
                self._encoded = io.BytesIO(mpeg.with_length(self.file, self._start))
                self._sound = stack.enter_context(self._opened())
            self._check_header()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def rate(self) -> int:
        return self._sound.samplerate

    @property
    def n_channels(self) -> int:
        return self._sound.channels

    @property
    def n_frames(self) -> int | None:
        return None if self._sound.frames >= _UNKNOWN_FRAMES else self._sound.frames

    @property
    def subtype(self) -> str:
        """How libsndfile calls the encoding."""
        return self._sound.subtype

    def frame_range(self, start: float, end: float | None) -> tuple[int, int | None]:
        """Return which frames of a segment are read.

        Parameters
        ----------
        start, end : float
            Of the segment, in seconds; the end None for that of the recording.

        Returns
        -------
        first, stop : int
            Positions; the stop None for the end of a recording of unknown length.

        Raises
        ------
        AudioError
            Where the segment lies outside of the recording.
        """
        rate, stop = self.rate, self.n_frames
        if end is not None:
            wanted = round(end * rate)
            if stop is not None and wanted > stop + _ROUNDING_SECONDS * rate:
                self._check_whole()
                raise AudioError(
                    f"the segment ends at {end:g} s, but the recording at {stop / rate:g} s"
                )
            stop = wanted if stop is None else min(wanted, stop)
        start += self.decoding.offset
        first = round(start * rate)
        if self.decoding.duration is not None:
            last = first + round(self.decoding.duration * rate)
            stop = last if stop is None else min(stop, last)
        if stop is not None and first >= stop:
            self._check_whole()
            if self.n_frames == 0:
                raise EmptyAudioError("it is empty: there is not one sample in it")
            raise EmptyAudioError(
                f"nothing is left of it: reading begins at {start:g} s, and the recording "
                f"ends at {stop / rate:g} s"
            )
        return first, stop

    def blocks(self, first: int = 0, stop: int | None = None) -> Iterator[np.ndarray]:
        """Decode, some frames at a time.

        Parameters
        ----------
        first : int, default=0
            The first frame.
        stop : int or None, default=None
            The frame behind the last one; None for the end.

        Yields
        ------
        block : ndarray of shape (n_frames, n_channels)
            Of float32. What is there is yielded before an error.

        Raises
        ------
        AudioError
            Where the recording is longer than allowed, ends too early, or is damaged.
        """
        limits = self.decoding.limits
        expected = self.n_frames if stop is None else stop
        if expected is not None:
            limits.check_length(expected - first, self.n_channels)
        position = first
        self._seek(first)
        length = self.n_frames
        if length is not None and self._n_counted is not None:
            length = min(length, self._n_counted)  # libsndfile's guess may be too long as well
        is_end = expected is None or length is None or expected >= length
        checksum = None
        if first == 0 and is_end and not self.decoding.accept_truncated:
            checksum = Checksum.of(self.file, self.container)
        for block in self._decoded(position, expected):
            position += len(block)
            if checksum is not None:
                checksum.add(block)
            limits.check_length(self._expected_length(position - first), self.n_channels)
            yield block
        if is_end and not (position == expected and self._counts_every_frame()):
            self._check_whole()
        if expected is not None and position < expected and (self._knows_length or not is_end):
            self._refuse_short(position, expected)
        if position == first:
            raise EmptyAudioError("it is empty: no sample of it can be decoded")
        if checksum is not None:
            checksum.compare()

    def _recognised(self) -> Container | None:
        try:
            container = recognised(self.file)
        except UnsupportedAudioError:
            if self.decoding.all_formats:
                return None
            raise
        if not (container.is_common or self.decoding.all_formats):
            raise UnsupportedAudioError(
                f"it is {container.name} of {container.encoding}. {WHAT_IS_READ}; convert it, or, "
                "where you trust it, use Loader(formats='all')"
            )
        return container

    def _opened(self) -> soundfile.SoundFile:
        self._encoded.seek(0)
        try:
            # By its descriptor, so that nobody can exchange the file, and its name is not needed.
            is_file = isinstance(self._encoded, io.FileIO) and os.name != "nt"
            return _Sound(self._encoded.fileno() if is_file else self._encoded, closefd=False)
        except (soundfile.SoundFileError, TypeError) as error:
            if self._encoded is self.file and self._is_mp3():
                # libsndfile does not find the first frame behind all tags; and, without any, it
                # takes an MP3 for something else where a Mac has left its files.
                self._encoded = io.BytesIO(mpeg.without_tags(self.file, self._start))
                return self._opened()
            self._check_whole(error)
            reason = getattr(error, "error_string", error)
            if self.container is None:
                raise UnsupportedAudioError(
                    f"libsndfile cannot decode it ({reason}); convert it or leave it out"
                ) from error
            raise DamagedAudioError(
                f"it is {self.container.name}, but cannot be decoded ({reason}). Copy or record "
                "it again, or leave it out"
            ) from error

    def _check_header(self) -> None:
        # libsndfile has its own reading of a header.
        if self.container is not None and not self.decoding.all_formats:
            # WAVEX is a WAV whose header has an extension.
            is_same = self._sound.format.removesuffix("EX") == self.container.name
            if not is_same or self.subtype not in _COMMON_SUBTYPES:
                raise UnsupportedAudioError(
                    f"it is {self.container.name}, but the decoder takes it for "
                    f"{self._sound.format} of {self.subtype}. {WHAT_IS_READ}"
                )
        self.decoding.limits.check_header(self.n_channels, self.rate)

    def _counts_every_frame(self) -> bool:
        """Tell whether as many frames as were declared are all that there is to know."""
        return self.container is not None and self.container.name == "FLAC"

    def _is_mp3(self) -> bool:
        return self.container is not None and self.container.encoding == "MPEG layer III"

    def _count_frames_of_mp3(self) -> int | None:
        """Return the number of frames of an MP3 that does not declare it."""
        if not self._is_mp3() or mpeg.declares_length(self.file, self._start):
            return None
        self._knows_length = False
        return mpeg.n_samples(self.file, self._start)

    def _check_whole(self, cause: Exception | None = None) -> None:
        if self.decoding.accept_truncated or self.container is None:
            return
        position = self.file.tell()
        missing = shortfall(self.file, self.container)
        self.file.seek(position)
        if missing is not None:
            raise TruncatedAudioError(f"it is not whole: {missing}. {_ADVICE}") from cause

    def _refuse_short(self, position: int, expected: int, cause: Exception | None = None) -> None:
        if not self.decoding.accept_truncated:
            why = "" if cause is None else f" ({getattr(cause, 'error_string', cause)})"
            raise TruncatedAudioError(
                f"it ends after {position} frames{why}, but {expected} were expected. It is "
                f"damaged or was not copied whole. {_ADVICE}"
            ) from cause

    def _seek(self, first: int) -> None:
        """Go to a frame, exactly."""
        near = first
        if self.n_frames is None:
            near = 0
        elif self.container is not None and self.container.name == "OGG":
            near = min(first, max(0, self.n_frames - _OGG_PAGE_FRAMES))
        try:
            if near:
                self._sound.seek(near)
            while near < first and (n := len(self._read(min(_BLOCK_SAMPLES, first - near)))):
                near += n
        except soundfile.SoundFileError as error:
            self._check_whole(error)
            raise DamagedAudioError(
                f"it cannot be decoded from frame {first} on ({error}). Copy or record it again"
            ) from error

    def _read(self, n_frames: int) -> np.ndarray:
        return self._sound.read(n_frames, dtype="float32", always_2d=True)

    def _decoded(self, position: int, stop: int | None) -> Iterator[np.ndarray]:
        longest = max(1, _BLOCK_SAMPLES // self.n_channels)
        while stop is None or position < stop:
            n_frames = longest if stop is None else min(longest, stop - position)
            try:
                block = self._read(n_frames)
            except soundfile.SoundFileError as error:
                for block in self._before_failure(position, n_frames):
                    position += len(block)
                    yield block
                self._refuse_short(position, stop or position + 1, error)
                return
            if len(block) == 0:
                return
            position += len(block)
            yield block

    def _before_failure(self, position: int, n_frames: int) -> Iterator[np.ndarray]:
        """Yield what can be decoded of frames of which not all can be."""
        with self._opened() as self._sound:
            try:
                self._seek(position)
                while n_frames > 0 and len(block := self._read(min(_SHORT_BLOCK, n_frames))):
                    n_frames -= len(block)
                    yield block
            except (soundfile.SoundFileError, DamagedAudioError):
                return

    def _expected_length(self, n_frames: int) -> int:
        """Return how many frames there may be, after some have been decoded."""
        if self.n_frames is not None or 4 * n_frames * self.n_channels < _BYTES_BEFORE_ESTIMATE:
            return n_frames
        consumed = self.file.tell()
        estimate = n_frames * size_of(self.file) // max(consumed, 1)
        self.file.seek(consumed)
        return estimate


class _Sound(soundfile.SoundFile):
    """A file that is read block after block.

    soundfile goes to where it is after each block of a file that it calls seekable, which fails
    at the end of a FLAC of unknown length, and loses the block.
    """

    def seekable(self) -> bool:
        return False


def _mean_of_channels(block: np.ndarray) -> np.ndarray:
    if block.shape[1] == 1:
        return block[:, 0]
    with np.errstate(over="ignore", invalid="ignore"):  # of what is not finite Signal tells
        return block.mean(axis=1)


def _joined(blocks: list[np.ndarray]) -> np.ndarray:
    """Return blocks as one array; each is dropped when it is copied."""
    if len(blocks) == 1:
        return blocks[0]
    joined = np.empty(sum(map(len, blocks)), dtype=np.float32)
    stop = len(joined)
    while blocks:
        block = blocks.pop()
        joined[stop - len(block) : stop] = block
        stop -= len(block)
    return joined
