"""Frames of equal size: each divided by its norm."""

from __future__ import annotations

import numpy as np


def divided_by_norm(frames: np.ndarray, norm: float | None) -> np.ndarray:
    """Return frames, each divided by its norm.

    Equal to `librosa.util.normalize` over the values of a frame.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, n_values)
        The frames.
    norm : {numpy.inf, 1, 2} or None
        The largest magnitude, the sum of magnitudes, or the length; None for nothing.

    Returns
    -------
    frames : ndarray of shape (n_frames, n_values)
        The quotients; a frame that is all but 0 stays as it is.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.norms import divided_by_norm
    >>> divided_by_norm(np.array([[3.0, -4.0], [0.0, 0.0]]), 2)
    array([[ 0.6, -0.8],
           [ 0. ,  0. ]])
    """
    if norm is None:
        return frames
    # In float64, so that no square is too large or too small.
    length = np.linalg.norm(np.asarray(frames, dtype=np.float64), ord=norm, axis=1, keepdims=True)
    length = length.astype(frames.dtype)
    return frames / np.where(length < np.finfo(frames.dtype).tiny, 1, length)
