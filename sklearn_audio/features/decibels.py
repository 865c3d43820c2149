"""Levels in decibels."""

from __future__ import annotations

import numpy as np


def power_to_decibels(
    power: np.ndarray,
    *,
    floor: float = 1e-10,
    top_db: float | None = 80.0,
    loudest: float | None = None,
) -> np.ndarray:
    """Return powers in dB re 1, cut off some way below the loudest.

    Equal to `librosa.power_to_db`.

    Parameters
    ----------
    power : ndarray
        Powers of a whole signal, or of a part of it.
    floor : float, default=1e-10
        Smaller powers count as this.
    top_db : float or None, default=80.0
        What is further below the loudest value is raised to there, in dB; None for no limit.
    loudest : float or None, default=None
        The largest power of the whole signal; None for that of ``power``.

    Returns
    -------
    level : ndarray
        In dB, of the same shape and dtype.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.decibels import power_to_decibels
    >>> power_to_decibels(np.array([1.0, 0.01, 0.0]))
    array([  0., -20., -80.])
    """
    # In place: memory for another array would take longer to get than the logarithm.
    level = np.maximum(power, floor)
    np.log10(level, out=level)
    level *= 10
    if top_db is None:
        return level
    top = level.max() if loudest is None else 10 * np.log10(max(loudest, floor))
    return np.maximum(level, np.asarray(top - top_db, dtype=level.dtype), out=level)


def relative_level(values: np.ndarray, *, exponent: float, top_db: float) -> np.ndarray:
    """Return magnitudes, or powers of them, in dB below the largest.

    Parameters
    ----------
    values : ndarray
        At least 0.
    exponent : float
        Of the magnitudes: 2 for powers.
    top_db : float
        What is further below the largest value, in dB, is raised to there.

    Returns
    -------
    level : ndarray
        From ``-top_db`` to 0, of the same shape; silence is at ``-top_db``.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.decibels import relative_level
    >>> relative_level(np.array([0.0, 0.001, 0.1]), exponent=2, top_db=80)
    array([-80., -20.,   0.])
    """
    floor = 10 ** (-top_db * exponent / 20)
    shares = values / (values.max() or 1)
    level = power_to_decibels(shares, floor=floor, top_db=None) * (2 / exponent)
    return np.maximum(level, -top_db)  # but for the rounding of the logarithm
