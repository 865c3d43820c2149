"""Labelled signals computed on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real

import numpy as np
from sklearn.utils import Bunch, check_random_state, check_scalar


def make_tones(
    n_signals: int = 60,
    *,
    frequencies: Sequence[float] = (220.0, 440.0, 880.0),
    sample_rate: int = 22050,
    duration: float = 0.5,
    n_harmonics: int = 4,
    noise: float = 0.01,
    ragged: bool = False,
    random_state: int | np.random.RandomState | None = None,
) -> Bunch:
    """Make harmonic tones whose class is their pitch.

    A signal is a sum of harmonics of its class's fundamental frequency, harmonic k with amplitude
    1/k and a random phase, scaled to a random peak between 0.1 and 0.9 (so that loudness does not
    tell the class), plus white Gaussian noise. Harmonics at or above half the sample rate are left
    out. The strongest line of the spectrum is the fundamental.

    Parameters
    ----------
    n_signals : int, default=60
        Number of signals, shared out over the classes as evenly as can be, in random order.
    frequencies : sequence of float, default=(220.0, 440.0, 880.0)
        The fundamental frequency of each class, in Hz, between 0 and half the sample rate.
    sample_rate : int, default=22050
        In Hz.
    duration : float, default=0.5
        Length of a signal in seconds, rounded to whole samples.
    n_harmonics : int, default=4
        Number of harmonics, the fundamental included: 1 gives pure tones.
    noise : float, default=0.01
        Standard deviation of the noise, where full scale is 1.
    ragged : bool, default=False
        Whether each signal is cut to a random length, between half of `duration` and all of it.
    random_state : int, RandomState instance or None, default=None
        An int gives the same signals on every call.

    Returns
    -------
    Bunch
        What is found under each name, as an item or as an attribute:

        signals : ndarray of float32 of shape (n_signals, n_samples)
            If `ragged`, a list of n_signals 1-D arrays of float32 instead.
        sample_rate : int
            In Hz, as given.
        target : ndarray of int of shape (n_signals,)
            Index into ``target_names`` and ``frequencies``.
        target_names : list of str
            The frequency of each class as text, such as "440 Hz".
        frequencies : ndarray of float64 of shape (n_classes,)
            The fundamental frequency of each class, in Hz.
        DESCR : str
            What was made.

    Raises
    ------
    TypeError, ValueError
        If a parameter is of the wrong type or out of its range.

    See Also
    --------
    load_percussion : Recordings instead of computed signals.

    Examples
    --------
    >>> from sklearn_audio.datasets import make_tones
    >>> data = make_tones(4, sample_rate=8000, duration=0.25, random_state=0)
    >>> data.signals.shape, data.signals.dtype
    ((4, 2000), dtype('float32'))
    >>> data.target_names
    ['220 Hz', '440 Hz', '880 Hz']
    """
    check_scalar(n_signals, "n_signals", Integral, min_val=1)
    check_scalar(sample_rate, "sample_rate", Integral, min_val=1)
    check_scalar(duration, "duration", Real, min_val=0, include_boundaries="neither")
    check_scalar(n_harmonics, "n_harmonics", Integral, min_val=1)
    check_scalar(noise, "noise", Real, min_val=0)
    fundamentals = np.asarray(frequencies, dtype=np.float64)
    if fundamentals.ndim != 1 or fundamentals.size == 0:
        raise ValueError(
            f"frequencies must be one or more numbers in Hz, one a class; got {frequencies!r}."
        )
    nyquist = sample_rate / 2
    if not np.all((fundamentals > 0) & (fundamentals < nyquist)):
        raise ValueError(
            f"frequencies must be above 0 and below half the sample rate, {nyquist:g} Hz; "
            f"got {fundamentals.tolist()}."
        )
    n_samples = round(duration * sample_rate)
    if n_samples == 0:
        raise ValueError(
            f"duration={duration!r} s is shorter than one sample at sample_rate={sample_rate}; "
            "make it longer."
        )

    random = check_random_state(random_state)
    target = random.permutation(np.arange(n_signals) % len(fundamentals))
    times = np.arange(n_samples) / sample_rate
    signals: np.ndarray | list[np.ndarray] = np.empty((n_signals, n_samples), dtype=np.float32)
    for signal, fundamental in zip(signals, fundamentals[target], strict=True):
        tone = _harmonic_tone(times, fundamental, n_harmonics, nyquist, random)
        signal[:] = tone + random.normal(scale=noise, size=n_samples)
    if ragged:
        lengths = random.randint((n_samples + 1) // 2, n_samples + 1, size=n_signals)
        signals = [signal[:length] for signal, length in zip(signals, lengths, strict=True)]

    target_names = [f"{frequency:g} Hz" for frequency in fundamentals]
    return Bunch(
        signals=signals,
        sample_rate=sample_rate,
        target=target,
        target_names=target_names,
        frequencies=fundamentals,
        DESCR=(
            f"{n_signals} harmonic tones at {sample_rate} Hz; the class is the pitch: "
            f"{', '.join(target_names)}."
        ),
    )


def _harmonic_tone(
    times: np.ndarray,
    fundamental: float,
    n_harmonics: int,
    nyquist: float,
    random: np.random.RandomState,
) -> np.ndarray:
    """Return harmonics of amplitude 1/k and random phase, scaled to a random peak."""
    harmonic = np.arange(1, n_harmonics + 1)
    phase = random.uniform(0, 2 * np.pi, size=n_harmonics)
    peak = random.uniform(0.1, 0.9)
    tone = np.zeros_like(times)
    for k in harmonic[harmonic * fundamental < nyquist]:
        tone += np.sin(2 * np.pi * k * fundamental * times + phase[k - 1]) / k
    tone *= peak / np.abs(tone).max()
    return tone
