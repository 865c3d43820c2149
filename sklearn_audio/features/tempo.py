"""Tempo, and the rhythm relative to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from functools import lru_cache
from numbers import Integral, Real
from typing import ClassVar

import numpy as np

from ..base import Interval
from ..errors import AudioError
from .onset import RhythmExtractor
from .spectrum import PowerSpectrum
from .tempogram import TempogramExtractor, mean_tempogram, tempogram_blocks

# Notes by their tempo, where a quarter note is a beat (M. Prockup et al., 2015).
NOTES = {
    "sixteenth": 4,
    "dotted_sixteenth": 8 / 3,
    "eighth_triplet": 3,
    "eighth": 2,
    "dotted_eighth": 4 / 3,
    "quarter_triplet": 3 / 2,
    "quarter": 1,
    "dotted_quarter": 2 / 3,
    "half_triplet": 3 / 4,
    "half": 1 / 2,
    "dotted_half": 1 / 3,
    "whole_triplet": 3 / 8,
    "whole": 1 / 4,
}


def tempo(
    onset_envelope: np.ndarray,
    rate: float,
    *,
    hop_length: int = 512,
    start_bpm: float = 120.0,
    std_bpm: float = 1.0,
    ac_size: float = 8.0,
    max_tempo: float | None = 320.0,
) -> float:
    """Return the tempo of a whole signal.

    The lag at which the mean tempogram is largest, weighted by how common its tempo is: see
    `tempo_weights`. Equal to `librosa.feature.tempo`.

    Parameters
    ----------
    onset_envelope : ndarray of shape (n_frames,)
        Strength of the onsets.
    rate : float
        Rate of the signal in Hz.
    hop_length : int, default=512
        Samples from one frame to the next.
    start_bpm : float, default=120.0
        The most common tempo in beats per minute.
    std_bpm : float, default=1.0
        How far others are from it, a standard deviation in octaves.
    ac_size : float, default=8.0
        Window of the tempogram in seconds.
    max_tempo : float or None, default=320.0
        The tempo is below this, in beats per minute.

    Returns
    -------
    tempo : float
        In beats per minute; without any onset that near ``start_bpm``.

    Raises
    ------
    AudioError
        Where the window is too short for a beat of any allowed tempo.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.tempo import tempo
    >>> onset_envelope = np.tile([1.0, 0.0, 0.0, 0.0, 0.0], 30)
    >>> tempo(onset_envelope, 8000, hop_length=800)  # a beat each half second
    120.0
    """
    win_length = int(ac_size * rate) // hop_length
    weights = tempo_weights(
        win_length,
        rate,
        hop_length=hop_length,
        start_bpm=start_bpm,
        std_bpm=std_bpm,
        max_tempo=max_tempo,
    )
    best = best_lags(mean_tempogram(onset_envelope, win_length=win_length), weights)
    return 60 * rate / (hop_length * int(best))


@lru_cache(maxsize=64)
def tempo_weights(
    win_length: int,
    rate: float,
    *,
    hop_length: int = 512,
    start_bpm: float = 120.0,
    std_bpm: float = 1.0,
    max_tempo: float | None = 320.0,
) -> np.ndarray:
    """Return how common the tempo of each lag of a tempogram is.

    A Gaussian over the logarithm of the tempo, as in D. Ellis (2007).

    Parameters
    ----------
    win_length : int
        Number of lags.
    rate : float
        Rate of the signal in Hz.
    hop_length : int, default=512
        Samples from one frame to the next.
    start_bpm : float, default=120.0
        The most common tempo in beats per minute.
    std_bpm : float, default=1.0
        Standard deviation in octaves.
    max_tempo : float or None, default=320.0
        This and faster tempi never occur, in beats per minute.

    Returns
    -------
    weights : ndarray of shape (win_length,), dtype float64
        The largest is 1, that of lag 0 is 0; read-only.

    Raises
    ------
    AudioError
        Where there is no lag for any allowed tempo.

    Examples
    --------
    >>> from sklearn_audio.features.tempo import tempo_weights
    >>> tempo_weights(6, 8000, hop_length=4000).round(3)  # infinite, 120, 60, 40, 30, 24
    array([0.   , 1.   , 0.607, 0.285, 0.135, 0.067])
    """
    tempi = 60 * rate / (hop_length * np.arange(1, win_length))
    exponents = -0.5 * (np.log2(tempi / start_bpm) / std_bpm) ** 2
    if max_tempo is not None:
        exponents[tempi >= max_tempo] = -np.inf
    if not np.isfinite(exponents).any():
        raise AudioError(
            f"a window of {win_length} frames of {hop_length} samples at {rate:g} Hz is shorter "
            f"than a beat of any tempo below max_tempo={max_tempo}. Use a longer window or a "
            "smaller hop_length"
        )
    weights = np.concatenate([[0], np.exp(exponents - exponents.max())])
    weights.flags.writeable = False
    return weights


def best_lags(tempogram: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the lag of the tempo of each frame.

    Parameters
    ----------
    tempogram : ndarray of shape (..., win_length)
        See `sklearn_audio.features.tempogram.tempogram`.
    weights : ndarray of shape (win_length,)
        See `tempo_weights`.

    Returns
    -------
    lags : ndarray of shape (...), dtype int64
        In frames.
    """
    # librosa looks for the largest of log(1 + 1e6 * tempogram) + log(weights).
    return np.argmax((1 + 1e6 * tempogram) * weights, axis=-1)


def tempogram_ratio(tempogram: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return a tempogram at simple ratios to the tempo of each frame.

    The tempo is estimated for each frame as in `tempo`, and taken for that of quarter notes. Then
    the tempogram is looked up at the tempi of sixteenths, eighths and so on, as in M. Prockup et
    al., *Modeling musical rhythm at scale with the Music Genome Project* (2015). Equal to
    `librosa.feature.tempogram_ratio`.

    Parameters
    ----------
    tempogram : ndarray of shape (n_frames, win_length)
        See `sklearn_audio.features.tempogram.tempogram`; at least three lags.
    weights : ndarray of shape (win_length,)
        See `tempo_weights`.

    Returns
    -------
    ratios : ndarray of shape (n_frames, 13), dtype as that of ``tempogram``
        In the order of ``NOTES``, interpolated linearly over the tempo; 0 outside of the lags.

    Examples
    --------
    Strong quarters 8 frames apart, and weak eighths between them:

    >>> import numpy as np
    >>> from sklearn_audio.features.tempo import tempo_weights, tempogram_ratio
    >>> from sklearn_audio.features.tempogram import tempogram
    >>> frames = tempogram(np.tile([1, 0, 0, 0, 0.4, 0, 0, 0], 50), win_length=80)
    >>> weights = tempo_weights(80, 8000, hop_length=500)
    >>> tempogram_ratio(frames, weights)[200, [3, 6, 9]].round(2)  # eighth, quarter, half
    array([0.68, 0.94, 0.77], dtype=float32)
    """
    lag = best_lags(tempogram, weights)[:, np.newaxis] / np.array(list(NOTES.values()))
    # Halfway between two lags is not halfway between their tempi.
    below = np.clip(lag.astype(int), 1, tempogram.shape[1] - 2)
    share = below * (below + 1 - lag) / lag
    frame = np.arange(len(tempogram))[:, np.newaxis]
    ratios = share * tempogram[frame, below] + (1 - share) * tempogram[frame, below + 1]
    inside = (lag >= 1) & (lag <= tempogram.shape[1] - 1)
    return np.where(inside, ratios, 0).astype(tempogram.dtype)


class TempoExtractor(RhythmExtractor):
    """The tempo of the whole signal in beats per minute.

    The lag at which the onset strength is most like itself, common tempi preferred. Equal to
    `librosa.feature.tempo`. Silence has the tempo nearest to ``start_bpm``.

    Parameters
    ----------
    start_bpm : float, default=120.0
        The most common tempo in beats per minute.
    std_bpm : float, default=1.0
        How far others are from it, a standard deviation in octaves.
    ac_size : float, default=8.0
        Window of the autocorrelation in seconds.
    max_tempo : float or None, default=320.0
        The tempo is below this, in beats per minute.

    See Also
    --------
    BeatExtractor : The beats too.
    sklearn_audio.features.tempo.tempo : The function of an onset envelope.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import TempoExtractor
    >>> clicks = np.zeros(80000)
    >>> clicks[::6000] = 1
    >>> TempoExtractor(hop_length=500, sample_rate=8000).fit_transform([clicks])
    array([[80.]], dtype=float32)
    """

    unit: ClassVar[str | tuple[str, ...]] = "beats / min"

    start_bpm: float = 120.0
    std_bpm: float = 1.0
    ac_size: float = 8.0
    max_tempo: float | None = 320.0
    summary: Sequence[str] | None = field(init=False, default=())

    _parameter_constraints = {
        **RhythmExtractor._parameter_constraints,
        "start_bpm": [Interval(Real, 1e-3, 1e6, closed="both")],
        "std_bpm": [Interval(Real, 1e-6, 1e6, closed="both")],
        "ac_size": [Interval(Real, 0, 1000, closed="right")],
        "max_tempo": [Interval(Real, 0, None, closed="neither"), None],
    }

    def value_names(self) -> list[str]:
        return ["tempo"]

    def finish(self, values: np.ndarray, spectrum: PowerSpectrum) -> np.ndarray:
        return np.array([[self.tempo(self.onset_envelope(values), spectrum.rate)]])

    def tempo(self, onset_envelope: np.ndarray, rate: float) -> float:
        """Return the tempo with the parameters of this extractor.

        Parameters
        ----------
        onset_envelope : ndarray of shape (n_frames,)
            Strength of the onsets.
        rate : float
            Rate of the signal in Hz.

        Returns
        -------
        tempo : float
            In beats per minute.
        """
        return tempo(
            onset_envelope,
            rate,
            hop_length=self.hop_length,
            start_bpm=self.start_bpm,
            std_bpm=self.std_bpm,
            ac_size=self.ac_size,
            max_tempo=self.max_tempo,
        )


class TempogramRatioExtractor(TempogramExtractor):
    """The rhythm relative to the tempo: how much repeats after an eighth, a half note and so on.

    The tempogram at thirteen ratios to the tempo of each frame (M. Prockup et al., 2015), so that
    slower and faster pieces of the same rhythm are alike. Equal to
    `librosa.feature.tempogram_ratio`. Without onsets all are 0.

    Parameters
    ----------
    start_bpm : float, default=120.0
        The most common tempo in beats per minute.
    std_bpm : float, default=1.0
        How far others are from it, a standard deviation in octaves.
    max_tempo : float or None, default=320.0
        The tempo is below this, in beats per minute.

    See Also
    --------
    sklearn_audio.features.tempo.tempogram_ratio : The function of a tempogram.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import TempogramRatioExtractor
    >>> signals = np.random.default_rng(0).normal(size=(2, 22050))
    >>> ratios = TempogramRatioExtractor(sample_rate=22050, summary=["mean"])
    >>> ratios.fit_transform(signals).shape
    (2, 13)
    >>> ratios.get_feature_names_out()[3]
    'tempogram_ratio_eighth_mean'
    """

    unit = "0 to 1"

    start_bpm: float = 120.0
    std_bpm: float = 1.0
    max_tempo: float | None = 320.0

    _parameter_constraints = {
        **TempogramExtractor._parameter_constraints,
        "win_length": [Interval(Integral, 3, None, closed="left")],
        "start_bpm": [Interval(Real, 1e-3, 1e6, closed="both")],
        "std_bpm": [Interval(Real, 1e-6, 1e6, closed="both")],
        "max_tempo": [Interval(Real, 0, None, closed="neither"), None],
    }

    def value_names(self) -> list[str]:
        return [f"tempogram_ratio_{note}" for note in NOTES]

    def value_axis(self, rate: float) -> None:
        return None  # the names of notes

    def finish(self, values: np.ndarray, spectrum: PowerSpectrum) -> np.ndarray:
        weights = tempo_weights(
            self.win_length,
            spectrum.rate,
            hop_length=self.hop_length,
            start_bpm=self.start_bpm,
            std_bpm=self.std_bpm,
            max_tempo=self.max_tempo,
        )
        blocks = tempogram_blocks(
            self.onset_envelope(values),
            win_length=self.win_length,
            window=self.window,
            norm=self.norm,
        )
        return np.concatenate([tempogram_ratio(block, weights) for block in blocks])
