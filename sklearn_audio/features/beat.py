"""Beats: where one would tap along."""

from __future__ import annotations

from numbers import Real

import numpy as np

from ..base import Interval
from .spectrum import PowerSpectrum
from .tempo import TempoExtractor


def beat_frames(
    onset_envelope: np.ndarray,
    tempo: float,
    rate: float,
    *,
    hop_length: int = 512,
    tightness: float = 100.0,
    trim: bool = True,
) -> np.ndarray:
    """Return the frames of the beats of a signal.

    The sequence of frames that have strong onsets and are evenly spaced, found by dynamic
    programming (D. Ellis, *Beat Tracking by Dynamic Programming*, 2007). Equal to the frames of
    `librosa.beat.beat_track`.

    Parameters
    ----------
    onset_envelope : ndarray of shape (n_frames,)
        Strength of the onsets.
    tempo : float
        In beats per minute.
    rate : float
        Rate of the signal in Hz.
    hop_length : int, default=512
        Samples from one frame to the next.
    tightness : float, default=100.0
        How much even spacing counts against strong onsets.
    trim : bool, default=True
        Leave weak beats at the beginning and the end out.

    Returns
    -------
    beats : ndarray of shape (n_beats,), dtype int64
        Rising; empty where there is no onset.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.beat import beat_frames
    >>> onset_envelope = np.zeros(60)
    >>> onset_envelope[[12, 22, 33, 42]] = 1
    >>> beat_frames(onset_envelope, 120.0, 8000, hop_length=400)
    array([12, 22, 33, 42])
    """
    if len(onset_envelope) < 2 or not onset_envelope.any():
        return np.empty(0, dtype=np.int64)
    period = max(round(60 * rate / hop_length / tempo), 1)
    score = _beat_score(onset_envelope, period)
    total, previous = _best_sequences(score, period, tightness)
    # The first beat is that before which there is next to nothing.
    previous[: np.argmax(score >= 0.01 * score.max())] = -1
    beats = [_last_beat(total)]
    while previous[beats[-1]] >= 0:
        beats.append(previous[beats[-1]])
    return _without_weak_ends(np.array(beats[::-1]), score, trim)


def _beat_score(onset_envelope: np.ndarray, period: int) -> np.ndarray:
    """Return the envelope over its deviation, smoothed by a Gaussian of a 32nd of a beat."""
    envelope = np.asarray(onset_envelope, dtype=np.float64)
    envelope = envelope / (envelope.std(ddof=1) + np.finfo(np.float32).tiny)
    gaussian = np.exp(-0.5 * (32 * np.arange(-period, period + 1) / period) ** 2)
    return np.convolve(envelope, gaussian)[period : period + len(envelope)]


def _best_sequences(
    score: np.ndarray, period: int, tightness: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the score of the best sequence of beats that ends in each frame, and its last but one.

    The beat before is half a period to two periods ago. So the frames of half a period do not
    depend on each other, and are computed together.
    """
    distances = np.arange(max(round(period / 2), 1), 2 * period + 1)
    nearest, furthest = distances[0], distances[-1]
    unevenness = tightness * (np.log(distances) - np.log(period)) ** 2
    # Before the signal there is nothing that a beat could follow.
    total = np.concatenate([np.full(furthest, -np.inf), score])
    earlier = np.lib.stride_tricks.sliding_window_view(total, len(distances))[:, ::-1]
    previous = np.empty(len(score), dtype=np.int64)
    for first in range(0, len(score), nearest):
        frames = np.arange(first, min(first + nearest, len(score)))
        candidates = earlier[frames] - unevenness
        best = candidates.max(axis=1)
        followed = best > -np.inf
        total[furthest + frames] += np.where(followed, best, 0)
        previous[frames] = np.where(followed, frames - distances[candidates.argmax(axis=1)], -1)
    return total[furthest:], previous


def _last_beat(total: np.ndarray) -> int:
    """Return the last peak of the score that is at least half of their median."""
    padded = np.concatenate([[np.inf], total, [-np.inf]])
    peaks = np.flatnonzero((total > padded[:-2]) & (total >= padded[2:]))
    if peaks.size:
        peaks = peaks[total[peaks] >= 0.5 * np.median(total[peaks])]
    return int(peaks[-1]) if peaks.size else len(total) - 1


def _without_weak_ends(beats: np.ndarray, score: np.ndarray, trim: bool) -> np.ndarray:
    """Return the beats from the first to the last frame whose score is not small."""
    # Two values past the last beat count too, as in librosa.
    smooth = np.convolve(score[beats], np.hanning(5))[2 : 2 + len(score)]
    threshold = 0.5 * np.sqrt(np.mean(smooth**2)) if trim else 0.0
    strong = np.flatnonzero(score > threshold)
    return beats[(beats >= strong[0]) & (beats <= strong[-1])]


class BeatExtractor(TempoExtractor):
    """Where the beats of the whole signal are, in a few numbers.

    The beats are those of `librosa.beat.beat_track` (dynamic programming, D. Ellis, 2007).

    ``tempo``
        The estimate that the beats are looked for with, in beats per minute.
    ``beat_rate``
        Beats a second of the signal.
    ``beat_interval_mean``, ``beat_interval_std``
        From one beat to the next, in seconds.
    ``beat_strength_mean``, ``beat_strength_std``
        Onset strength at the beats, in dB.

    What there is not, is 0: all of them without any onset, intervals without two beats.

    Parameters
    ----------
    aggregate : {"mean", "median"}, default="median"
        The average over the bands; the median hears what begins in most of them.
    tightness : float, default=100.0
        How much even spacing counts against strong onsets.
    trim : bool, default=True
        Leave weak beats at the beginning and the end out.

    See Also
    --------
    sklearn_audio.features.beat.beat_frames : The beats themselves.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import BeatExtractor
    >>> clicks = np.zeros(80000)
    >>> clicks[2000::6000] = 1
    >>> beats = BeatExtractor(hop_length=500, sample_rate=8000).set_output(transform="pandas")
    >>> beats.fit_transform([clicks])[["tempo", "beat_interval_mean", "beat_interval_std"]]
       tempo  beat_interval_mean  beat_interval_std
    0   80.0                0.75                0.0
    """

    unit = ("beats / min", "Hz", "s", "s", "dB", "dB")

    aggregate: str = "median"
    tightness: float = 100.0
    trim: bool = True

    _parameter_constraints = {
        **TempoExtractor._parameter_constraints,
        "tightness": [Interval(Real, 0, None, closed="neither")],
        "trim": ["boolean"],
    }

    def value_names(self) -> list[str]:
        return [
            "tempo",
            "beat_rate",
            "beat_interval_mean",
            "beat_interval_std",
            "beat_strength_mean",
            "beat_strength_std",
        ]

    def finish(self, values: np.ndarray, spectrum: PowerSpectrum) -> np.ndarray:
        onset_envelope = self.onset_envelope(values)
        if not onset_envelope.any():
            return np.zeros((1, 6))
        rate = spectrum.rate
        tempo = self.tempo(onset_envelope, rate)
        beats = beat_frames(
            onset_envelope,
            tempo,
            rate,
            hop_length=self.hop_length,
            tightness=self.tightness,
            trim=self.trim,
        )
        beat_rate = len(beats) * rate / len(spectrum.signal)
        intervals = _mean_and_deviation(np.diff(beats) * self.hop_length / rate)
        strengths = _mean_and_deviation(onset_envelope[beats])
        return np.array([[tempo, beat_rate, *intervals, *strengths]])


def _mean_and_deviation(values: np.ndarray) -> tuple[float, float]:
    return (values.mean(), values.std()) if values.size else (0.0, 0.0)
