"""What native decoders print is no message to the user: errors are."""

from __future__ import annotations

import ctypes
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

_lock = Lock()
_n_callers = 0
_original: Any = None


@contextmanager
def no_native_output() -> Iterator[None]:
    """Drop what C libraries print on their standard error meanwhile.

    Only the stream of the C library is exchanged, not the file behind it: what Python and other
    processes print arrives. Where that stream cannot be exchanged, nothing is dropped.
    """
    global _n_callers, _original
    stream, nowhere = _streams()
    if stream is None:
        yield
        return
    with _lock:
        if _n_callers == 0:
            _original, stream.value = stream.value, nowhere
        _n_callers += 1
    try:
        yield
    finally:
        with _lock:
            _n_callers = max(_n_callers - 1, 0)  # a fork may have begun anew
            if _n_callers == 0:
                stream.value = _original


def _start_anew() -> None:
    """In a process that was forked meanwhile, nobody is left who would put the stream back."""
    global _lock, _n_callers
    _lock = Lock()
    if _n_callers:
        _n_callers = 0
        _streams()[0].value = _original


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)


@cache
def _streams() -> tuple[Any, Any]:
    """Return the variable that holds the stream of errors, and a stream that leads nowhere."""
    # glibc and Apple's library have a variable, which may be set; that of musl is constant.
    system = "Darwin" if platform.system() == "Darwin" else platform.libc_ver()[0]
    name = {"Darwin": "__stderrp", "glibc": "stderr"}.get(system)
    if name is None:
        return None, None
    library = ctypes.CDLL(None)
    library.fopen.restype = ctypes.c_void_p
    library.fopen.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
    nowhere = library.fopen(os.devnull.encode(), b"w")
    return (ctypes.c_void_p.in_dll(library, name), nowhere) if nowhere else (None, None)
