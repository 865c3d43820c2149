"""A part of an open file as a file of its own."""

from __future__ import annotations

import io
import os
from contextlib import suppress
from typing import Any, BinaryIO


class FileFrom(io.RawIOBase):
    """What stands in a file from some position on, without a copy of it.

    Parameters
    ----------
    file : binary file
        Seekable. It is where this view of it is.
    start : int
        The position in the file that is 0 here.
    """

    def __init__(self, file: BinaryIO, start: int) -> None:
        self._file = file
        self._start = start

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self._file.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)

    def seek(self, position: int, whence: int = os.SEEK_SET, /) -> int:
        # A decoder that goes to a place that is none stays where it is.
        with suppress(OSError, ValueError):
            if whence == os.SEEK_SET:
                position = self._start + max(position, 0)
            self._file.seek(position, whence)
        return self.tell()

    def tell(self) -> int:
        return self._file.tell() - self._start
