"""Cutting a signal into overlapping frames, a block of frames at a time.

*Conventions.* Frame t starts at sample ``t * hop_length``; with ``center=True`` it is centred
there instead, and the signal is continued by half a frame on both sides as ``pad_mode`` says
(the modes are numpy.pad's). This is how `librosa.stft` and `librosa.util.frame` count.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, get_args

import numpy as np

from ..errors import AudioError

PadMode = Literal["constant", "edge", "reflect", "symmetric"]
PAD_MODES: frozenset[PadMode] = frozenset(get_args(PadMode))

# The spectra of so many frames stay in the cache of one core of a processor.
BLOCK_LENGTH = 128


def frame_count(n_samples: int, *, frame_length: int, hop_length: int, center: bool) -> int:
    """Return the number of frames of a signal.

    Parameters
    ----------
    n_samples : int
        Length of the signal.
    frame_length, hop_length : int
        Samples of a frame, and from one frame to the next.
    center : bool
        Whether the signal is continued by half a frame on both sides.

    Returns
    -------
    n_frames : int
        At least 1.

    Raises
    ------
    AudioError
        For a signal shorter than a frame, where it is not continued.

    Examples
    --------
    >>> from sklearn_audio.features.framing import frame_count
    >>> frame_count(22050, frame_length=2048, hop_length=512, center=True)
    44
    """
    continued = n_samples + (2 * (frame_length // 2) if center else 0)
    if continued < frame_length:
        raise AudioError(
            f"the signal has {n_samples} samples, fewer than the {frame_length} of one frame. "
            "Use shorter frames, center=True, or put a FixedLength before"
        )
    return 1 + (continued - frame_length) // hop_length


def frame_blocks(
    samples: np.ndarray,
    *,
    frame_length: int,
    hop_length: int,
    center: bool,
    pad_mode: PadMode = "constant",
    block_length: int = BLOCK_LENGTH,
) -> Iterator[np.ndarray]:
    """Yield the frames of a signal, a block at a time, without copying the signal.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        The signal.
    frame_length, hop_length : int
        Samples of a frame, and from one frame to the next.
    center : bool
        Whether the signal is continued by half a frame on both sides.
    pad_mode : {"constant", "edge", "reflect", "symmetric"}, default="constant"
        How it is continued.
    block_length : int, default=128
        Frames of a block; the last one may have fewer.

    Yields
    ------
    frames : ndarray of shape (n_block_frames, frame_length)
        A read-only view.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.framing import frame_blocks
    >>> next(frame_blocks(np.arange(5.0), frame_length=4, hop_length=2, center=True))
    array([[0., 0., 0., 1.],
           [0., 1., 2., 3.],
           [2., 3., 4., 0.]])
    """
    n_samples = len(samples)
    n_frames = frame_count(
        n_samples, frame_length=frame_length, hop_length=hop_length, center=center
    )
    margin = frame_length // 2 if center else 0
    # Only the ends are padded; np.pad of the whole signal would double its memory.
    if pad_mode == "constant":
        before = after = np.zeros(margin, dtype=samples.dtype)
    else:
        before = np.pad(samples[:frame_length], (margin, 0), mode=pad_mode)[:margin]
        after = np.pad(samples[-frame_length:], (0, margin), mode=pad_mode)
        after = after[len(after) - margin :]

    for first in range(0, n_frames, block_length):
        n_block_frames = min(block_length, n_frames - first)
        start = first * hop_length - margin
        stop = start + (n_block_frames - 1) * hop_length + frame_length
        stretch = samples[max(start, 0) : min(stop, n_samples)]
        if start < 0 or stop > n_samples:
            head = before[start:] if start < 0 else before[:0]
            tail = after[: max(stop - n_samples, 0)]
            stretch = np.concatenate([head, stretch, tail])
        [step] = stretch.strides
        # The frames end where the stretch does.
        yield np.lib.stride_tricks.as_strided(
            stretch, (n_block_frames, frame_length), (hop_length * step, step), writeable=False
        )


def frame_times(
    n_frames: int, rate: float, *, frame_length: float, hop_length: float, center: bool
) -> np.ndarray:
    """Return the time of the middle of each frame.

    Parameters
    ----------
    n_frames : int
        How many frames.
    rate : float
        Rate of the signal in Hz.
    frame_length, hop_length : float
        Samples of a frame, and from one frame to the next.
    center : bool
        Whether frame t is centred at sample ``t * hop_length``; it begins there otherwise.

    Returns
    -------
    times : ndarray of shape (n_frames,), dtype float64
        In seconds.

    Examples
    --------
    >>> from sklearn_audio.features.framing import frame_times
    >>> frame_times(3, 8000, frame_length=400, hop_length=200, center=False)
    array([0.025, 0.05 , 0.075])
    """
    first = 0 if center else frame_length / 2
    return (first + np.arange(n_frames) * hop_length) / rate
