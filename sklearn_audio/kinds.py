"""The kinds of X that hold signals in memory, made one: a batch.

A 2-D array ``(n_signals, n_samples)``, a list or object array of 1-D arrays, or a `SignalBatch`.
Anything else is refused here, with advice.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from numbers import Real
from typing import Any

import numpy as np
from scipy.sparse import issparse

from .errors import AudioError
from .signals import Samples, Signal, SignalBatch, index_of, located, read

# No recording has more channels or fewer samples than this, nor a corpus so short signals.
_MOST_CHANNELS, _FEWEST_SAMPLES = 8, 1000


def as_batch(X: Any) -> SignalBatch:
    """Return any kind of X as a batch; a batch comes back itself.

    Parameters
    ----------
    X : ndarray of shape (n_signals, n_samples), list or object array of 1-D arrays, SignalBatch
        The signals.

    Returns
    -------
    batch : SignalBatch
        The same signals, unchanged and not copied.

    Raises
    ------
    TypeError
        For a sparse matrix or something that holds no signals.
    AudioError
        For an array of another number of axes, or paths.
    """
    if isinstance(X, SignalBatch):
        return X
    if issparse(X):
        raise TypeError("Sparse input is not supported: signals are dense. Use X.toarray()")
    if isinstance(X, (str, bytes, os.PathLike, Signal)):
        raise AudioError(
            f"X is a single {type(X).__name__}; a list or array of signals is wanted. "
            "Recordings go through a Loader first: Loader().fit_transform([path])"
        )
    # The mask of an array is kept: what it hides are no samples.
    signals = X if isinstance(X, (list, tuple, np.ma.MaskedArray)) else np.asarray(X)
    if isinstance(signals, np.ndarray):
        _validate_shape(X, signals)
    for position, item in enumerate(signals):
        _validate_kind(item, position)
    warn_of_integers(signals[:1] if isinstance(signals, np.ndarray) else signals)
    return SignalBatch([Samples(item) for item in signals], index=index_of(X))


def as_signal(y: Any, sample_rate: float | None = None) -> Signal:
    """Return one signal of known rate.

    Parameters
    ----------
    y : array-like of shape (n_samples,), or Signal
        The signal.
    sample_rate : float or None, default=None
        In Hz. Needed for an array; an error where it contradicts a Signal.

    Returns
    -------
    signal : Signal
        The same samples.

    Raises
    ------
    AudioError
        Where the rate is missing, or it is no signal.
    """
    if isinstance(y, (str, bytes, os.PathLike, SignalBatch)):
        raise AudioError(
            f"one signal is wanted, not a {type(y).__name__}. For a recording write "
            "Loader().transform([path])[0], and batch[0] for the first signal of a batch"
        )
    if not isinstance(y, Signal):
        warn_of_integers([y], stacklevel=4)
        if np.ndim(y) == 2:
            raise AudioError(
                f"one signal is wanted, and this has the shape {np.shape(y)}. Of several signals "
                "take one, X[0]; of several channels their mean"
            )
    signal = (y if isinstance(y, Signal) else Signal(y)).with_rate(sample_rate)
    if signal.rate is None:
        raise AudioError("sample_rate (Hz) is missing: an array of samples carries none")
    return signal


def warn_of_integers(signals: Iterable[Any], *, stacklevel: int = 4) -> None:
    """Warn where samples are integers as files hold them, which nothing scales.

    Parameters
    ----------
    signals : iterable of array-like
        The samples of each signal. Those without a dtype are not looked at.
    stacklevel : int, default=4
        As in `warnings.warn`, counted from here.
    """
    # Other integers than those that files hold are just numbers.
    for samples in signals:
        kind = getattr(samples, "dtype", None)
        if kind == np.uint8:
            advice = "silence is 128 in 8-bit files, so give (samples - 128.0) / 128"
        elif kind in (np.int8, np.int16, np.int32):
            advice = f"divide them by {-float(np.iinfo(kind).min):g}"
        else:
            continue
        warnings.warn(
            f"the samples are {kind} and are taken as they are, while those that a Loader reads "
            f"of files have full scale at 1: {advice}",
            UserWarning,
            stacklevel=stacklevel,
        )
        return


def _validate_shape(X: Any, signals: np.ndarray) -> None:
    if signals.dtype.kind in "US" and signals.ndim:
        _validate_kind(str(signals.flat[0]), 0)
    if signals.ndim == 0:
        advice = "Of an iterator make a list: list(X)" if hasattr(X, "__iter__") else ""
        raise AudioError(
            f"X is a {type(X).__name__}; a 2-D array (n_signals, n_samples), a list of 1-D arrays "
            f"or a SignalBatch is wanted. {advice}".rstrip()
        )
    if signals.ndim == 1 and signals.dtype != object:
        raise AudioError(
            f"X has the shape {signals.shape}; a 2-D array (n_signals, n_samples) or a list of "
            "1-D arrays is wanted. Reshape your data: X.reshape(1, -1) for a single signal"
        )
    if signals.ndim > 2:
        raise AudioError(
            f"X has the shape {signals.shape}; a 2-D array (n_signals, n_samples) is wanted. Take "
            "the mean of the channels first, over their axis: X.mean(axis=1) or X.mean(axis=2)"
        )
    if (
        signals.ndim == 2
        and len(signals) >= _FEWEST_SAMPLES
        and 0 < signals.shape[1] <= _MOST_CHANNELS
    ):
        raise AudioError(
            f"X has the shape {signals.shape}, {len(signals)} signals of {signals.shape[1]} "
            "samples; a 2-D array (n_signals, n_samples) is wanted. If these are the channels of "
            "one recording, give their mean, X.mean(axis=1).reshape(1, -1), or one signal a "
            "channel, X.T; if there really are so many so short signals, give list(X)"
        )


def _validate_kind(item: Any, position: int) -> None:
    if isinstance(item, (str, bytes, os.PathLike, dict)):
        raise AudioError(
            f"X holds {type(item).__name__} where samples are wanted. "
            "Put a Loader() before this estimator: it opens recordings",
            position=position,
        )
    if isinstance(item, Signal):
        raise AudioError(
            "X is a list of Signal; make a batch of it: SignalBatch(X)", position=position
        )
    if isinstance(item, Real):
        raise AudioError(
            "X is a list of numbers; a list of signals is wanted. For one signal write [X]",
            position=position,
        )


def validate_signals(X: Any) -> None:
    """Raise for signals in memory that are not usable; those of a batch are not read.

    Parameters
    ----------
    X : any kind of signals
        See `as_batch`.

    Raises
    ------
    AudioError
        Naming the position of the signal.
    """
    batch = as_batch(X)
    if batch is not X:
        for position, source in enumerate(batch.sources):
            with located(source, position):
                read(source)
