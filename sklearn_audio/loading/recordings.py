"""Recordings: encoded sound that becomes a signal when it is read."""

from __future__ import annotations

import errno
import io
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from ..errors import AudioError, MissingAudioError, UnsupportedAudioError
from ..keys import digest_of
from ..signals import Signal
from .decoding import Decoder, Decoding, decode


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
            Where there is no such file, it cannot be decoded, is larger than allowed or not
            whole, or the segment lies outside of it.
        """
        with self.opened() as file:
            return decode(file, self.decoding, self.start, self.end)

    def declared_duration(self) -> float | None:
        """Return how many seconds are read, by the header; nothing is decoded.

        Returns
        -------
        duration : float or None
            None where it is not declared.

        Raises
        ------
        AudioError
            Where there is no such file, or it is no recording.
        """
        with self.opened() as file, Decoder(file, self.decoding) as decoder:
            first, stop = decoder.frame_range(self.start, self.end)
            return None if stop is None else (stop - first) / decoder.rate

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open the file, or the bytes; a context.

        Yields
        ------
        file : binary file
            Seekable.

        Raises
        ------
        AudioError
            Where there is no such file, or it is no regular one.
        """
        if isinstance(self.content, bytes):
            yield _Bytes(self.content)
            return
        try:
            # What is no regular file is not even opened: that would wait for a pipe, and may set
            # off a device. A pipe that takes its place meanwhile is not waited for either.
            _check_regular(self.content, os.stat(self.content).st_mode)
            flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
            descriptor = os.open(self.content, flags | getattr(os, "O_CLOEXEC", 0))
        except (OSError, ValueError) as error:
            if isinstance(error, AudioError):
                raise
            raise _of_opening(self.content, error) from error
        with io.FileIO(descriptor, "rb") as file:
            try:
                yield file
            except OSError as error:
                if isinstance(error, AudioError):
                    raise
                raise AudioError(
                    f"it cannot be read ({error.strerror or error}). Look after the disk or "
                    "network that it is on, and copy it again"
                ) from error


class _Bytes(io.BytesIO):
    """Bytes as a file which stays where it is when a decoder goes to a place that is none."""

    def seek(self, position: int, whence: int = os.SEEK_SET, /) -> int:
        try:
            return super().seek(position, whence)
        except ValueError:
            return self.tell()


def _check_regular(path: str, mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    if stat.S_ISDIR(mode):
        raise UnsupportedAudioError(
            "it is a folder; give the paths of the recordings in it, for example those of "
            "sklearn_audio.datasets.load_audio_files"
        )
    kinds = {stat.S_IFIFO: "a pipe", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}
    kind = kinds.get(stat.S_IFMT(mode), "a socket or the like")
    raise UnsupportedAudioError(f"it is {kind}, and a regular file is wanted")


def _of_opening(path: str, error: OSError | ValueError) -> AudioError:
    """Return what says that a file cannot be opened."""
    if re.match(r"[a-z][a-z0-9+.-]+://", path, re.IGNORECASE):
        return UnsupportedAudioError(
            "it is an address, and nothing is read from a network. Download it first, for example "
            "by pooch.retrieve, and give its path"
        )
    if isinstance(error, PermissionError):
        return AudioError("it may not be read (permission denied); change its permissions")
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        where = ""
        with suppress(FileNotFoundError):  # the working directory may be gone, too
            where = f". The working directory is {os.getcwd()}"
        return MissingAudioError(f"there is no such file{where}; check the path")
    reason = getattr(error, "strerror", None) or error
    if isinstance(error, ValueError) or error.errno in (errno.ENAMETOOLONG, errno.ELOOP):
        return MissingAudioError(f"no file can have this path ({reason}); check it")
    return AudioError(f"it cannot be opened ({reason}); mend that, or copy the file elsewhere")


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
