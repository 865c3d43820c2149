"""The fundamental frequency of frames, by YIN and by its probabilistic successor pYIN.

*Conventions.* YIN (A. de Cheveigne and H. Kawahara, *YIN, a fundamental frequency estimator for
speech and music*, J. Acoust. Soc. Am. 111, 2002) asks how much a frame differs from itself
delayed by a period; the answer is smallest at the period of its pitch. pYIN (M. Mauch and S. Dixon,
*pYIN: A fundamental frequency estimator using probabilistic threshold distributions*, ICASSP 2014)
keeps several periods a frame with their probabilities, and decides for a pitch, or for none, in the
light of all frames. Periods are in samples. Between periods that are nearly equal the last bit
decides; so that it is that of librosa, differences have the precision of the samples.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from functools import lru_cache
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
import scipy.fft
from scipy.special import betainc

from ..base import Interval, StrOptions
from ..errors import AudioError
from ..signals import Signal
from ..summaries import statistic_names, summarize
from .framing import PAD_MODES, PadMode, frame_blocks
from .tuning import parabolic_shift
from .viterbi import PitchCandidates, PitchModel, likeliest_path
from .waveform import FramedWaveformExtractor

_C2, _C7 = 440 * 2 ** (-33 / 12), 440 * 2 ** (27 / 12)


def difference_function(frames: np.ndarray, max_period: int) -> np.ndarray:
    """Return how much each frame differs from itself delayed by each period.

    The sum over a frame of squared differences of samples that are a period apart, where the
    frame is continued by zeros; eq. 6 of the paper of YIN, computed by its eq. 7.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, frame_length)
        The frames.
    max_period : int
        The longest period in samples, less than ``frame_length``.

    Returns
    -------
    difference : ndarray of shape (n_frames, max_period + 1)
        For the periods from 0. As in librosa, that of period 1 is too large by the square of the
        first sample.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.pitch import difference_function
    >>> frame = np.array([0.0, 1.0, 0.0, -1.0, 0.0, 1.0, 0.0, -1.0])
    >>> difference_function(frame[np.newaxis], 5).round(3) + 0.0
    array([[ 0.,  8., 13.,  7.,  2.,  6.]])
    """
    n_fft = scipy.fft.next_fast_len(2 * frames.shape[1] - 1, real=True)
    spectrum = scipy.fft.rfft(frames, n=n_fft)
    autocorrelation = scipy.fft.irfft(spectrum.real**2 + spectrum.imag**2, n=n_fft)
    energy = autocorrelation[:, :1]
    passed = np.cumsum(frames[:, :max_period] ** 2, axis=1)
    passed[:, 0] = 0
    difference = np.zeros((len(frames), max_period + 1), dtype=autocorrelation.dtype)
    difference[:, 1:] = 2 * (energy - autocorrelation[:, 1 : max_period + 1]) - passed
    return difference


def cumulative_mean_normalised_difference(
    frames: np.ndarray, min_period: int, max_period: int
) -> np.ndarray:
    """Return the differences of each frame, relative to their mean over all shorter periods.

    Eq. 8 of the paper of YIN: about 1 for noise, and near 0 at the period of a pitch.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, frame_length)
        The frames.
    min_period, max_period : int
        The shortest period, at least 1, and the longest, less than ``frame_length``, in samples.

    Returns
    -------
    difference : ndarray of shape (n_frames, max_period - min_period + 1), dtype float64
        For the periods from ``min_period``; 0 for silence.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.pitch import cumulative_mean_normalised_difference
    >>> tone = np.sin(2 * np.pi * np.arange(2048) / 50)
    >>> difference = cumulative_mean_normalised_difference(tone[np.newaxis], 20, 70)
    >>> 20 + int(difference.argmin())
    50
    """
    # A power of two changes no bit of the result, but no square can overflow or vanish.
    exponent = max(int(np.frexp(np.abs(frames).max())[1]), -126)
    frames = frames * np.ldexp(frames.dtype.type(1), -exponent)
    difference = difference_function(frames, max_period)[:, 1:]
    mean = np.cumsum(difference, axis=1) / np.arange(1, max_period + 1)
    inside = slice(min_period - 1, None)
    return difference[:, inside] / (mean[:, inside] + np.finfo(np.float64).tiny)


def yin(
    samples: np.ndarray,
    rate: float,
    *,
    fmin: float = _C2,
    fmax: float = _C7,
    frame_length: int = 2048,
    hop_length: int = 512,
    trough_threshold: float = 0.1,
    center: bool = True,
    pad_mode: PadMode = "constant",
) -> np.ndarray:
    """Return the fundamental frequency of each frame, by YIN.

    Equal to `librosa.yin`.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        The signal.
    rate : float
        Its rate in Hz.
    fmin, fmax : float, default=65.406 (C2) and 2093.005 (C7)
        Lowest and highest frequency in Hz.
    frame_length, hop_length : int, default=2048 and 512
        Samples of a frame, and from one frame to the next.
    trough_threshold : float, default=0.1
        The shortest period is taken whose normalised difference is a minimum below this;
        where there is none, the period of the smallest difference.
    center : bool, default=True
        Centre frame t at sample ``t * hop_length``.
    pad_mode : {"constant", "edge", "reflect", "symmetric"}, default="constant"
        How the signal is continued at its ends where ``center`` is true.

    Returns
    -------
    f0 : ndarray of shape (n_frames,), dtype float64
        In Hz, also where there is no pitch; ``rate / (rate // fmax)`` for silence.

    Raises
    ------
    AudioError
        Where ``0 < fmin < fmax <= rate / 2`` is not so, and where a period of fmin does not fit
        into a frame.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.pitch import yin
    >>> tone = np.sin(2 * np.pi * 220 * np.arange(4000) / 8000)
    >>> yin(tone, 8000, center=False).round()
    array([220., 220., 220., 220.])
    """
    min_period, max_period = _periods(rate, fmin, fmax, frame_length)
    periods = []
    for frames in frame_blocks(
        samples,
        frame_length=frame_length,
        hop_length=hop_length,
        center=center,
        pad_mode=pad_mode,
    ):
        difference = cumulative_mean_normalised_difference(frames, min_period, max_period)
        deep = _troughs(difference) & (difference < trough_threshold)
        position = np.where(deep.any(axis=1), deep.argmax(axis=1), difference.argmin(axis=1))
        periods.append(min_period + _refined(difference, np.arange(len(frames)), position))
    return rate / np.concatenate(periods)


class PitchTrack(NamedTuple):
    """The pitch of each frame of a signal.

    Parameters
    ----------
    f0 : ndarray of shape (n_frames,), dtype float64
        Fundamental frequency in Hz, NaN in unvoiced frames.
    voiced : ndarray of shape (n_frames,), dtype bool
        Which frames are voiced.
    voiced_probability : ndarray of shape (n_frames,), dtype float64
        How probable that is of each frame, for itself.
    """

    f0: np.ndarray
    voiced: np.ndarray
    voiced_probability: np.ndarray


def pyin(
    samples: np.ndarray,
    rate: float,
    *,
    fmin: float = _C2,
    fmax: float = _C7,
    frame_length: int = 2048,
    hop_length: int = 512,
    n_thresholds: int = 100,
    beta_parameters: Sequence[float] = (2, 18),
    boltzmann_parameter: float = 2.0,
    resolution: float = 0.1,
    max_transition_rate: float = 35.92,
    switch_prob: float = 0.01,
    no_trough_prob: float = 0.01,
    center: bool = True,
    pad_mode: PadMode = "constant",
) -> PitchTrack:
    """Return the pitch of each frame, where there is one, by pYIN.

    Equal to `librosa.pyin`, since its version 1.0 with ``transition_min_prob=None``. A frame in
    thousands may differ where two periods or two paths are the same but for rounding.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        The signal.
    rate : float
        Its rate in Hz.
    fmin, fmax : float, default=65.406 (C2) and 2093.005 (C7)
        Lowest and highest frequency in Hz.
    frame_length, hop_length : int, default=2048 and 512
        Samples of a frame, and from one frame to the next.
    n_thresholds : int, default=100
        Number of thresholds from 0 to 1 in place of the one of YIN.
    beta_parameters : sequence of 2 floats, default=(2, 18)
        Shape of the beta distribution that the threshold has.
    boltzmann_parameter : float, default=2.0
        How much a shorter period is preferred among those below a threshold.
    resolution : float, default=0.1
        Width of a pitch bin in semitones, of which a whole number is fitted into one.
    max_transition_rate : float, default=35.92
        How fast a pitch may move, in octaves per second.
    switch_prob : float, default=0.01
        Probability that a voiced frame follows an unvoiced one, or an unvoiced a voiced one.
    no_trough_prob : float, default=0.01
        Probability of the smallest minimum where none is below the threshold.
    center : bool, default=True
        Centre frame t at sample ``t * hop_length``.
    pad_mode : {"constant", "edge", "reflect", "symmetric"}, default="constant"
        How the signal is continued at its ends where ``center`` is true.

    Returns
    -------
    track : PitchTrack
        ``f0``, in steps of ``resolution``, NaN in unvoiced frames; ``voiced``; and
        ``voiced_probability``.

    Raises
    ------
    AudioError
        Where ``0 < fmin < fmax <= rate / 2`` is not so, and where a period of fmin does not fit
        into a frame.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.pitch import pyin
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(4000) / 8000)
    >>> f0, voiced, probability = pyin(np.append(np.zeros(4000), tone), 8000)
    >>> f0.round()
    array([ nan,  nan,  nan,  nan,  nan,  nan, 445., 440., 440., 440., 440.,
           440., 440., 440., 440., 440.])
    """
    min_period, max_period = _periods(rate, fmin, fmax, frame_length)
    bins_per_semitone = math.ceil(1 / resolution)
    bins_per_octave = 12 * bins_per_semitone
    n_bins = math.floor(bins_per_octave * np.log2(fmax / fmin)) + 1

    blocks = []
    n_frames = 0
    for frames in frame_blocks(
        samples,
        frame_length=frame_length,
        hop_length=hop_length,
        center=center,
        pad_mode=pad_mode,
    ):
        difference = cumulative_mean_normalised_difference(frames, min_period, max_period)
        frame, position, probability = trough_probabilities(
            difference,
            n_thresholds=n_thresholds,
            beta_parameters=beta_parameters,
            boltzmann_parameter=boltzmann_parameter,
            no_trough_prob=no_trough_prob,
        )
        frequency = rate / (min_period + _refined(difference, frame, position))
        octave = np.log2(frequency / fmin)
        bin_ = np.maximum(np.round(bins_per_octave * octave), 0).astype(np.int64)
        # Of several periods in a bin, which follow one another, the longest counts.
        last = np.append((np.diff(frame) > 0) | (np.diff(bin_) != 0), True)[: len(frame)]
        kept = last & (bin_ < n_bins)
        blocks.append(PitchCandidates(frame[kept] + n_frames, bin_[kept], probability[kept]))
        n_frames += len(frames)
    candidates = PitchCandidates(*(np.concatenate(parts) for parts in zip(*blocks, strict=True)))

    voiced_probability = np.bincount(
        candidates.frame, weights=candidates.probability, minlength=n_frames
    )
    voiced_probability = np.minimum(voiced_probability, 1.0)
    semitones_per_frame = round(max_transition_rate * 12 * hop_length / rate)
    model = PitchModel(n_bins, semitones_per_frame * bins_per_semitone + 1, switch_prob)
    path, voiced = likeliest_path(candidates, voiced_probability, model)
    f0 = fmin * 2 ** (path / bins_per_octave)
    return PitchTrack(np.where(voiced, f0, np.nan), voiced, voiced_probability)


def trough_probabilities(
    difference: np.ndarray,
    *,
    n_thresholds: int = 100,
    beta_parameters: Sequence[float] = (2, 18),
    boltzmann_parameter: float = 2.0,
    no_trough_prob: float = 0.01,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the minima of normalised differences with their probabilities to be the period.

    As in the software of the authors of pYIN, which differs from the paper: for each threshold, all
    minima below it are possible, and the earlier ones, of shorter periods, more than the later.

    Parameters
    ----------
    difference : ndarray of shape (n_frames, n_periods)
        What `cumulative_mean_normalised_difference` returned.
    n_thresholds : int, default=100
        Number of thresholds from 0 to 1.
    beta_parameters : sequence of 2 floats, default=(2, 18)
        Shape of the beta distribution that the threshold has.
    boltzmann_parameter : float, default=2.0
        Shape of the Boltzmann distribution over the minima below a threshold.
    no_trough_prob : float, default=0.01
        Probability of the smallest minimum where none is below the threshold.

    Returns
    -------
    frame, position : ndarray of shape (n_troughs,), dtype int
        The indices of the minima, frame by frame, that have a probability above 0.
    probability : ndarray of shape (n_troughs,), dtype float64
        Their probabilities; in each frame the sum is at most 1.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.pitch import trough_probabilities
    >>> difference = np.array([[1.0, 0.1, 1.0, 0.02, 1.0]])
    >>> frame, position, probability = trough_probabilities(difference)
    >>> position, probability.round(2)
    (array([1, 3]), array([0.37, 0.58]))
    """
    n_frames = len(difference)
    troughs = _troughs(difference)
    lowest = np.where(troughs, difference, np.inf).argmin(axis=1)
    frame, position = np.nonzero(troughs)
    is_lowest = position == lowest[frame]

    edges = np.linspace(0, 1, n_thresholds + 1)
    distribution = betainc(*beta_parameters, edges)
    # Each trough is possible for the thresholds above it, that is for all but the first so many.
    n_not_above = np.searchsorted(edges[1:], difference[frame, position], side="right")
    threshold, trough = np.nonzero(n_not_above <= np.arange(n_thresholds)[:, np.newaxis])
    # Those of one frame and one threshold are a group; the pairs of a group follow one another.
    group = threshold * n_frames + frame[trough]
    size = np.bincount(group, minlength=n_thresholds * n_frames)
    rank = np.arange(len(group)) - (np.cumsum(size) - size)[group]
    share = np.expm1(-boltzmann_parameter) / np.expm1(-boltzmann_parameter * size[group])
    share *= np.exp(-boltzmann_parameter * rank) * np.diff(distribution)[threshold]
    where_none = np.where(is_lowest, no_trough_prob * distribution[n_not_above], 0)
    probability = where_none + np.bincount(trough, weights=share, minlength=len(frame))
    possible = probability > 0
    return frame[possible], position[possible], probability[possible]


def _troughs(difference: np.ndarray) -> np.ndarray:
    """Return where the difference is smaller than the one before and not larger than the next."""
    troughs = np.empty(difference.shape, dtype=bool)
    troughs[:, 0] = difference[:, 0] < difference[:, 1]
    troughs[:, 1:] = difference[:, 1:] < difference[:, :-1]
    troughs[:, 1:-1] &= difference[:, 1:-1] <= difference[:, 2:]
    return troughs


def _refined(difference: np.ndarray, frame: np.ndarray, position: np.ndarray) -> np.ndarray:
    """Return positions between the samples, at the vertices of parabolas; the ends stay."""
    last = difference.shape[1] - 1
    neighbours = [np.clip(position + offset, 0, last) for offset in (-1, 0, 1)]
    shift = parabolic_shift(*(difference[frame, neighbour] for neighbour in neighbours))
    return position + np.where((position > 0) & (position < last), shift, 0)


@lru_cache(maxsize=64)
def _periods(rate: float, fmin: float, fmax: float, frame_length: int) -> tuple[int, int]:
    """Return the shortest and the longest period in samples, or say what is wrong with them."""
    if not 0 < fmin < fmax <= rate / 2:
        raise AudioError(
            f"pitches from fmin={fmin:g} Hz to fmax={fmax:g} Hz at a rate of {rate:g} Hz; fmin has "
            f"to be above 0 and below fmax, and fmax at most half the rate, {rate / 2:g} Hz"
        )
    longest = rate / fmin
    if longest >= frame_length - 1:
        raise AudioError(
            f"a period of fmin={fmin:g} Hz has {longest:g} samples at {rate:g} Hz, too many for "
            f"frame_length={frame_length}. Use frame_length={2 * math.ceil(longest)} or more, "
            "or a larger fmin"
        )
    if longest >= frame_length // 2:
        warnings.warn(
            f"two periods of fmin={fmin:g} Hz do not fit into frame_length={frame_length} at "
            f"{rate:g} Hz; low pitches will be missed. Use frame_length="
            f"{2 * math.floor(longest) + 2} or more, or a larger fmin",
            UserWarning,
            stacklevel=3,
        )
    return math.floor(rate / fmax), math.ceil(longest)


class PitchExtractor(FramedWaveformExtractor):
    """Base of the features of the pitch of frames.

    Parameters
    ----------
    fmin : float, default=65.406 (C2)
        Lowest frequency in Hz. Two of its periods should fit into a frame, and one must.
    fmax : float, default=2093.005 (C7)
        Highest frequency in Hz, at most half the rate.
    pad_mode : {"constant", "edge", "reflect", "symmetric"}, default="constant"
        How a signal is continued at its ends where ``center`` is true.
    """

    fmin: float = _C2
    fmax: float = _C7
    pad_mode: PadMode = "constant"

    _parameter_constraints = {
        **FramedWaveformExtractor._parameter_constraints,
        "fmin": [Interval(Real, 1e-6, None, closed="left")],
        "fmax": [Interval(Real, 0, None, closed="neither")],
        "pad_mode": [StrOptions(set(PAD_MODES))],
    }


class YINExtractor(PitchExtractor):
    """Fundamental frequency in Hz, whether there is a pitch or not.

    By YIN (A. de Cheveigne and H. Kawahara, 2002). Equal to `librosa.yin`. Silence has the
    highest frequency of which a period is a whole number of samples, ``rate / (rate // fmax)``;
    for sounds with pauses and noises the PYINExtractor is meant.

    Parameters
    ----------
    trough_threshold : float, default=0.1
        The shortest period is taken at which the difference of the delayed signal, relative to
        its mean, has a minimum below this; where there is none, that of the smallest difference.

    See Also
    --------
    PYINExtractor : Tells frames with a pitch from those without.
    sklearn_audio.features.pitch.yin : The function of one signal.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import YINExtractor
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
    >>> YINExtractor(summary=["median"], sample_rate=16000).fit_transform([tone]).round()
    array([[440.]], dtype=float32)
    """

    unit = "Hz"

    trough_threshold: float = 0.1

    _parameter_constraints = {
        **PitchExtractor._parameter_constraints,
        "trough_threshold": [Interval(Real, 0, None, closed="neither")],
    }

    def value_names(self) -> list[str]:
        return ["f0"]

    def signal_values(self, signal: Signal) -> np.ndarray:
        return yin(
            signal.samples,
            signal.known_rate,
            fmin=self.fmin,
            fmax=self.fmax,
            frame_length=self.frame_length,
            hop_length=self.hop_length,
            trough_threshold=self.trough_threshold,
            center=self.center,
            pad_mode=self.pad_mode,
        )[:, np.newaxis]


class PYINExtractor(PitchExtractor):
    """Fundamental frequency in Hz of voiced frames, and how many of all frames are voiced.

    By pYIN (M. Mauch and S. Dixon, 2014); a frame with a pitch is called voiced, whatever sounds.
    In noise frames may be voiced by chance; their ``voiced_probability`` is low.
    Equal to `librosa.pyin`, since its version 1.0 with ``transition_min_prob=None``. By default
    that version leaves out moves of small probability, and so decides otherwise whether a frame is
    voiced for about 1 % of music at 22,050 Hz, and 15 % of speech at 8,000 Hz.

    A row has the statistics of ``f0`` over the voiced frames only, all 0 where there is none;
    then ``voiced_ratio``, the share of voiced frames; then ``voiced_probability_mean``, over all
    frames. With ``summary=None`` a frame has the values ``f0``, 0 where it is unvoiced,
    ``voiced``, 1 or 0, and ``voiced_probability``, of the frame for itself.

    Parameters
    ----------
    n_thresholds : int, default=100
        Number of thresholds from 0 to 1 in place of the one of YIN.
    beta_parameters : tuple of 2 floats, default=(2, 18)
        Shape of the beta distribution that the threshold has.
    boltzmann_parameter : float, default=2.0
        How much a shorter period is preferred among those below a threshold.
    resolution : float, default=0.1
        Width of a pitch bin in semitones, up to 1, of which a whole number is fitted into one.
    max_transition_rate : float, default=35.92
        How fast a pitch may move, in octaves per second.
    switch_prob : float, default=0.01
        Probability that a voiced frame follows an unvoiced one, or an unvoiced a voiced one.
    no_trough_prob : float, default=0.01
        Probability of the smallest minimum where none is below the threshold.
    summary : tuple of str or None, default=("mean", "std")
        Statistics of f0 over the voiced frames, see `sklearn_audio.summaries`. None gives the
        frames.

    See Also
    --------
    YINExtractor : Faster, and without a decision.
    sklearn_audio.features.pitch.pyin : The function of one signal.

    Examples
    --------
    A second of silence, then one of a tone:

    >>> import numpy as np
    >>> from sklearn_audio import PYINExtractor
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
    >>> pitch = PYINExtractor(summary=["median"], sample_rate=16000).set_output(transform="pandas")
    >>> pitch.fit_transform([np.append(np.zeros(16000), tone)]).round(2)
       f0_median  voiced_ratio  voiced_probability_mean
    0      440.0          0.52                      0.5
    """

    unit = ("Hz", "0 or 1", "0 to 1")

    n_thresholds: int = 100
    beta_parameters: Sequence[float] = (2, 18)
    boltzmann_parameter: float = 2.0
    resolution: float = 0.1
    max_transition_rate: float = 35.92
    switch_prob: float = 0.01
    no_trough_prob: float = 0.01

    _parameter_constraints = {
        **PitchExtractor._parameter_constraints,
        "n_thresholds": [Interval(Integral, 1, None, closed="left")],
        "beta_parameters": [tuple, list],
        "boltzmann_parameter": [Interval(Real, 0, np.inf, closed="neither")],
        "resolution": [Interval(Real, 0.01, 1, closed="both")],
        "max_transition_rate": [Interval(Real, 0, 1e6, closed="right")],
        "switch_prob": [Interval(Real, 0, 1, closed="neither")],
        "no_trough_prob": [Interval(Real, 0, 1, closed="both")],
    }

    def value_names(self) -> list[str]:
        return ["f0", "voiced", "voiced_probability"]

    def signal_values(self, signal: Signal) -> np.ndarray:
        track = pyin(
            signal.samples,
            signal.known_rate,
            fmin=self.fmin,
            fmax=self.fmax,
            frame_length=self.frame_length,
            hop_length=self.hop_length,
            n_thresholds=self.n_thresholds,
            beta_parameters=self.beta_parameters,
            boltzmann_parameter=self.boltzmann_parameter,
            resolution=self.resolution,
            max_transition_rate=self.max_transition_rate,
            switch_prob=self.switch_prob,
            no_trough_prob=self.no_trough_prob,
            center=self.center,
            pad_mode=self.pad_mode,
        )
        return np.column_stack([np.nan_to_num(track.f0), track.voiced, track.voiced_probability])

    def row(self, frames: np.ndarray) -> np.ndarray:
        row = super().row(frames)
        if self.summary is None:
            return row
        voiced = frames[:, 1] == 1
        f0 = frames[voiced, :1] if voiced.any() else np.zeros((1, 1))
        return np.append(summarize(f0, self.summary), summarize(frames[:, 1:], ["mean"]))

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> np.ndarray:
        if self.summary is None:
            return super().get_feature_names_out(input_features)
        names = [*statistic_names(["f0"], self.summary), "voiced_ratio", "voiced_probability_mean"]
        return np.asarray(names, dtype=object)

    def validate_parameters(self) -> None:
        super().validate_parameters()
        shapes = self.beta_parameters
        if len(shapes) != 2 or not all(isinstance(x, Real) and 0 < x < np.inf for x in shapes):
            raise ValueError(
                f"beta_parameters={shapes!r}; two numbers above 0 are wanted, for example (2, 18)"
            )
