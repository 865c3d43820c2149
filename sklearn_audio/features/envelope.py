"""How the level of a whole signal goes, in one number a signal.

*Conventions.* The envelope is the root mean square of short frames; frame t is centred at sample
``t * hop_length``, and the signal is continued by silence at its ends. Levels are in dB re full
scale; what is below -100 dB counts as -100 dB. Times are in seconds from the first sample.
"""

from __future__ import annotations

from numbers import Integral, Real

import numpy as np

from ..base import Interval
from ..signals import Signal
from .temporal import root_mean_square
from .waveform import WaveformExtractor

_FLOOR = -100.0


def envelope_level(envelope: np.ndarray) -> np.ndarray:
    """Return an envelope in dB.

    Parameters
    ----------
    envelope : ndarray of shape (n_frames,)
        Root mean squares.

    Returns
    -------
    level : ndarray of shape (n_frames,)
        In dB re 1, -100 or more.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.envelope import envelope_level
    >>> envelope_level(np.array([1.0, 0.1, 0.0]))
    array([   0.,  -20., -100.])
    """
    level = 20 * np.log10(np.maximum(envelope, np.finfo(np.float32).tiny))
    return np.maximum(level, _FLOOR)


def silence_ratio(envelope: np.ndarray, *, top_db: float = 60) -> float:
    """Return the share of frames that are silent.

    Parameters
    ----------
    envelope : ndarray of shape (n_frames,)
        Root mean squares.
    top_db : float, default=60
        A frame is silent where it is this far or further below the loudest, in dB.

    Returns
    -------
    ratio : float
        From 0 to 1; 1 where no frame is above -100 dB.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.envelope import silence_ratio
    >>> silence_ratio(np.array([1.0, 0.5, 0.0001, 0.5]))
    0.25
    """
    level = envelope_level(envelope)
    loudest = level.max()
    return 1.0 if loudest <= _FLOOR else float(np.mean(level - loudest <= -top_db))


def dynamic_range(envelope: np.ndarray, *, quantile_range: tuple[float, float] = (10, 90)) -> float:
    """Return how far the loud and the soft frames are apart.

    Parameters
    ----------
    envelope : ndarray of shape (n_frames,)
        Root mean squares.
    quantile_range : tuple of two float, default=(10, 90)
        The quantiles of the level whose difference is taken, in per cent.

    Returns
    -------
    extent : float
        In dB, 0 or more.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.envelope import dynamic_range
    >>> round(dynamic_range(np.logspace(-2.5, 0, 101)))  # from -50 dB to 0 dB
    40
    """
    soft, loud = np.percentile(envelope_level(envelope), quantile_range)
    return float(loud - soft)


def attack_time(
    envelope: np.ndarray, rate: float, *, start_threshold: float = 0.2, stop_threshold: float = 0.9
) -> float:
    """Return how long a sound takes to rise.

    From where its envelope first reaches one share of its maximum to where it first reaches
    another (G. Peeters, "A large set of audio features for sound description", 2004, with fixed
    thresholds).

    Parameters
    ----------
    envelope : ndarray of shape (n_frames,)
        Not negative.
    rate : float
        Frames per second of the envelope.
    start_threshold, stop_threshold : float, default=0.2 and 0.9
        The shares of the maximum.

    Returns
    -------
    time : float
        In seconds, at least one frame.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.envelope import attack_time
    >>> attack_time(np.linspace(0, 1, 101), 100)
    0.7
    """
    start, stop = (
        int(np.argmax(envelope >= threshold * envelope.max()))
        for threshold in (start_threshold, stop_threshold)
    )
    return max(stop - start, 1) / rate


def temporal_centroid(envelope: np.ndarray, rate: float) -> float:
    """Return the mean time of a sound, weighted by its envelope.

    As in MPEG-7 (ISO/IEC 15938-4) and G. Peeters, "A large set of audio features for sound
    description", 2004.

    Parameters
    ----------
    envelope : ndarray of shape (n_frames,)
        Not negative.
    rate : float
        Frames per second of the envelope.

    Returns
    -------
    time : float
        In seconds; 0 for silence.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.envelope import temporal_centroid
    >>> temporal_centroid(np.array([0.0, 1.0, 1.0, 0.0]), 10)
    0.15
    """
    if not envelope.any():
        return 0.0
    return float(np.average(np.arange(len(envelope)), weights=envelope)) / rate


def crest_factor(samples: np.ndarray) -> float:
    """Return the largest absolute sample over the root mean square of all.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        The signal.

    Returns
    -------
    ratio : float
        1 or more: 1 for a square wave, the root of 2 for a sine. 1 for silence, as for any
        constant.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.envelope import crest_factor
    >>> crest_factor(np.array([4.0, 0.0, 0.0, 0.0]))
    2.0
    """
    peak = max(samples.max(), -samples.min())
    if peak == 0:
        return 1.0
    # Scaled first, because the squares of very small samples would be 0.
    scaled = samples / peak
    return float(1 / np.sqrt(np.mean(np.square(scaled, out=scaled))))


class DurationExtractor(WaveformExtractor):
    """Length of a signal in seconds.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import DurationExtractor
    >>> DurationExtractor(sample_rate=8000).fit_transform([np.zeros(8000), np.zeros(2000)])
    array([[1.  ],
           [0.25]], dtype=float32)
    """

    unit = "s"

    def value_names(self) -> list[str]:
        return ["duration"]

    def signal_values(self, signal: Signal) -> list[list[float]]:
        return [[len(signal) / signal.known_rate]]


class CrestFactorExtractor(WaveformExtractor):
    """How far the peak of a signal stands out: its largest absolute sample over its RMS.

    A ratio, not in dB: 1 for a square wave, the root of 2 for a sine, and large for clicks. 1 for
    silence, as for any constant.

    Parameters
    ----------
    sample_rate : float or None, default=None
        Rate that the signals must have, in Hz, where it is given; not needed.

    See Also
    --------
    sklearn_audio.features.envelope.crest_factor : The function of one signal.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import CrestFactorExtractor
    >>> sine = np.sin(2 * np.pi * np.arange(8000) / 80)
    >>> CrestFactorExtractor().fit_transform([sine, np.sign(sine + 1e-6)]).round(3)
    array([[1.414],
           [1.   ]], dtype=float32)
    """

    unit = "ratio"

    def value_names(self) -> list[str]:
        return ["crest_factor"]

    def signal_values(self, signal: Signal) -> list[list[float]]:
        return [[crest_factor(signal.samples)]]


class EnvelopeExtractor(WaveformExtractor):
    """Base of the features of the envelope of a whole signal.

    Parameters
    ----------
    frame_length : int, default=512
        Samples of a frame of the envelope.
    hop_length : int, default=64
        Samples from one frame to the next.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features import EnvelopeExtractor
    >>> class LoudestTimeExtractor(EnvelopeExtractor):
    ...     def value_names(self):
    ...         return ["loudest_time"]
    ...     def signal_values(self, signal):
    ...         frame = self.envelope(signal).argmax()
    ...         return [[frame * self.hop_length / signal.known_rate]]
    >>> click = np.zeros(8000)
    >>> click[4256] = 1
    >>> LoudestTimeExtractor(frame_length=64, sample_rate=8000).fit_transform([click])
    array([[0.536]], dtype=float32)
    """

    frame_length: int = 512
    hop_length: int = 64

    _parameter_constraints = {
        **WaveformExtractor._parameter_constraints,
        "frame_length": [Interval(Integral, 2, None, closed="left")],
        "hop_length": [Interval(Integral, 1, None, closed="left")],
    }

    def envelope(self, signal: Signal) -> np.ndarray:
        """Return the envelope of a signal.

        Parameters
        ----------
        signal : Signal
            The signal.

        Returns
        -------
        envelope : ndarray of shape (n_frames,), dtype float32
            The root mean square of each frame.
        """
        return root_mean_square(
            signal.samples, frame_length=self.frame_length, hop_length=self.hop_length
        )


class AttackTimeExtractor(EnvelopeExtractor):
    """How long a sound takes to rise: short for a struck string, long for a bowed one.

    The logarithm to base 10 of the time in seconds from where the envelope first reaches 20 % of
    its maximum to where it first reaches 90 % (G. Peeters, "A large set of audio features for
    sound description", 2004; log attack time of MPEG-7). It is meant for recordings of one sound.
    The time is at least one hop, also for silence. Frames smooth the envelope: a sudden step takes
    0.77 of a frame.

    Parameters
    ----------
    start_threshold : float, default=0.2
        Where the attack starts, as a share of the maximum of the envelope.
    stop_threshold : float, default=0.9
        Where it ends, as a share of the maximum of the envelope.
    log : bool, default=True
        Give the logarithm, ``log_attack_time``; otherwise the seconds, ``attack_time``.

    See Also
    --------
    sklearn_audio.features.envelope.attack_time : The function of one envelope.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import AttackTimeExtractor
    >>> ramp = np.linspace(0, 1, 16000) * np.sin(2 * np.pi * 500 * np.arange(16000) / 16000)
    >>> AttackTimeExtractor(log=False, sample_rate=16000).fit_transform([ramp]).round(2)
    array([[0.69]], dtype=float32)
    """

    unit = "log10 of s"

    start_threshold: float = 0.2
    stop_threshold: float = 0.9
    log: bool = True

    _parameter_constraints = {
        **EnvelopeExtractor._parameter_constraints,
        "start_threshold": [Interval(Real, 0, 1, closed="left")],
        "stop_threshold": [Interval(Real, 0, 1, closed="right")],
        "log": ["boolean"],
    }

    def value_names(self) -> list[str]:
        return ["log_attack_time" if self.log else "attack_time"]

    def signal_values(self, signal: Signal) -> list[list[float]]:
        time = attack_time(
            self.envelope(signal),
            signal.known_rate / self.hop_length,
            start_threshold=self.start_threshold,
            stop_threshold=self.stop_threshold,
        )
        return [[float(np.log10(time)) if self.log else time]]

    def validate_parameters(self) -> None:
        super().validate_parameters()
        if self.start_threshold >= self.stop_threshold:
            raise ValueError(
                f"start_threshold={self.start_threshold} is not below "
                f"stop_threshold={self.stop_threshold}; an attack rises"
            )


class TemporalCentroidExtractor(EnvelopeExtractor):
    """Where in time the centre of mass of a sound is: early for what dies away.

    The mean time in seconds, weighted by the envelope, as in MPEG-7 and G. Peeters, "A large set
    of audio features for sound description", 2004. 0 for silence.

    See Also
    --------
    sklearn_audio.features.envelope.temporal_centroid : The function of one envelope.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import TemporalCentroidExtractor
    >>> noise = np.random.default_rng(0).normal(size=16000)
    >>> decay = np.exp(-np.arange(16000) / 1600)
    >>> centroid = TemporalCentroidExtractor(sample_rate=16000)
    >>> centroid.fit_transform([noise, decay * noise]).round(1)
    array([[0.5],
           [0.1]], dtype=float32)
    """

    unit = "s"

    def value_names(self) -> list[str]:
        return ["temporal_centroid"]

    def signal_values(self, signal: Signal) -> list[list[float]]:
        rate = signal.known_rate / self.hop_length
        return [[temporal_centroid(self.envelope(signal), rate)]]


class SilenceRatioExtractor(EnvelopeExtractor):
    """Which share of a signal is silence: much of speech, little of music.

    The share of frames that are some way below the loudest, which `SilenceTrimmer` and
    `librosa.effects.split` would cut off. Where no frame is above -100 dB all are silent, and the
    ratio is 1.

    Parameters
    ----------
    top_db : float, default=60
        What is this far or further below the loudest frame is silence, in dB.
    frame_length : int, default=2048
        Samples of a frame.
    hop_length : int, default=512
        Samples from one frame to the next.
    sample_rate : float or None, default=None
        Rate that the signals must have, in Hz, where it is given; not needed.

    See Also
    --------
    sklearn_audio.features.envelope.silence_ratio : The function of one envelope.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import SilenceRatioExtractor
    >>> noise = np.random.default_rng(0).normal(size=32000)
    >>> half = np.where(np.arange(32000) < 16000, noise, 0)
    >>> SilenceRatioExtractor().fit_transform([noise, half, 0 * noise]).round(1)
    array([[0. ],
           [0.5],
           [1. ]], dtype=float32)
    """

    unit = "0 to 1"

    top_db: float = 60
    frame_length: int = 2048
    hop_length: int = 512

    _parameter_constraints = {
        **EnvelopeExtractor._parameter_constraints,
        "top_db": [Interval(Real, 0, 1e6, closed="right")],
    }

    def value_names(self) -> list[str]:
        return ["silence_ratio"]

    def signal_values(self, signal: Signal) -> list[list[float]]:
        return [[silence_ratio(self.envelope(signal), top_db=self.top_db)]]


class DynamicRangeExtractor(EnvelopeExtractor):
    """How far the loud and the soft parts of a signal are apart, in dB.

    The difference of two quantiles of the level of frames. The default is L10 - L90, of the levels
    that are exceeded 10 % and 90 % of the time: the noise climate of environmental acoustics.
    Frames below -100 dB count as -100 dB; silence has the range 0.

    Parameters
    ----------
    quantile_range : tuple of two float, default=(10, 90)
        The quantiles whose difference is taken, in per cent, from 0 to 100.
    frame_length : int, default=2048
        Samples of a frame.
    hop_length : int, default=512
        Samples from one frame to the next.
    sample_rate : float or None, default=None
        Rate that the signals must have, in Hz, where it is given; not needed.

    See Also
    --------
    LoudnessExtractor : Weights frequencies as the ear does, and leaves pauses out.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import DynamicRangeExtractor
    >>> noise = np.random.default_rng(0).normal(size=32000)
    >>> steps = np.where(np.arange(32000) < 16000, 1, 0.01) * noise
    >>> DynamicRangeExtractor().fit_transform([noise, steps]).round(-1)
    array([[ 0.],
           [40.]], dtype=float32)
    """

    unit = "dB"

    quantile_range: tuple[float, float] = (10, 90)
    frame_length: int = 2048
    hop_length: int = 512

    _parameter_constraints = {
        **EnvelopeExtractor._parameter_constraints,
        "quantile_range": [tuple, list],
    }

    def value_names(self) -> list[str]:
        return ["dynamic_range"]

    def signal_values(self, signal: Signal) -> list[list[float]]:
        return [[dynamic_range(self.envelope(signal), quantile_range=self.quantile_range)]]

    def validate_parameters(self) -> None:
        super().validate_parameters()
        numbers = all(isinstance(quantile, Real) for quantile in self.quantile_range)
        if not (
            numbers
            and len(self.quantile_range) == 2
            and 0 <= self.quantile_range[0] < self.quantile_range[1] <= 100
        ):
            raise ValueError(
                f"quantile_range={self.quantile_range!r}; two quantiles in per cent are wanted, "
                "the lower one first, for example (10, 90)"
            )
