"""The constant-Q transform that extractors share: bins as far apart as the notes of a scale.

*Conventions.* A bin is the magnitude of the signal behind a filter around its frequency, as loud
as a tone is in `librosa.cqt` with ``scale=True``; bins ascend from ``fmin``, ``bins_per_octave``
to the octave. Frame t is centred at sample ``t * hop_length``, and the signal is silent before
and after. Deviations from A440 tuning are in fractions of a bin.

The filters are those of C. Schörkhuber and A. Klapuri, *Constant-Q Transform Toolbox for Music
Processing* (2010), as librosa has them: each octave is computed from the signal at half the rate
of the octave above, so that all octaves have filters of about the same length.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
import scipy.fft
import soxr

from ..base import FeatureExtractor, Interval, ValueAxis
from ..errors import AudioError
from ..signals import Signal
from .intervals import intervals_of_octave
from .spectrum import STFT, PowerSpectrum
from .tuning import SpectralPeaks, spectral_peaks, tuning_of

C1 = 440 * 2 ** (-45 / 12)

# Behind a Hann window a filter lets as much noise pass as if it were wider by this.
_HANN_BANDWIDTH = 1.5
# The equivalent rectangular bandwidth of hearing is 24.7 Hz + 0.108 of the frequency
# (B. Glasberg and B. Moore, 1990).
_HEARING = 24.7 / 0.108
# The share of a filter's spectrum, summed from the smallest bin upwards, that counts as 0.
_SPARSITY = 0.01
# What is left untouched of a signal that is halved: up to 0.8 of the new half rate.
_PASSBAND = 0.8
# Samples after which a resampled click has died away.
_RINGING = 256
# Frames of a stretch, which bounds the memory of a long signal, and samples of the frames of one
# matrix product, which stay in the processor's cache.
_STRETCH = 4096
_BLOCK_SAMPLES = 2**18
# Numbers in the filters of an octave, which take about 100 bytes each while they are made.
_MOST_FILTER_NUMBERS = 2**24
# From whose peaks the tuning is estimated.
_TUNING_SPECTRUM = STFT(2048, 512, 2048, "hann", True, "constant", "single")


@dataclass(frozen=True)
class ConstantQ:
    """The settings of a constant-Q or variable-Q transform.

    Extractors with equal settings share the transform.

    Parameters
    ----------
    hop_length : int
        Samples from one frame to the next.
    fmin : float
        Frequency of the lowest bin in Hz, before tuning.
    n_octaves : int
        Octaves from there.
    bins_per_octave : int
        Bins of an octave.
    tuning : float or None
        Deviation from A440 in fractions of a bin; None to estimate it for each signal.
    intervals : str or tuple of float
        How the bins divide an octave, see `sklearn_audio.features.intervals`.
    gamma : float or None
        By how many Hz all filters are wider than those of constant Q; None for bandwidths in
        proportion to those of hearing.
    """

    hop_length: int = 512
    fmin: float = C1
    n_octaves: int = 7
    bins_per_octave: int = 12
    tuning: float | None = 0.0
    intervals: str | tuple[float, ...] = "equal"
    gamma: float | None = 0.0

    def frames(self, signal: Signal, extractors: Sequence[ConstantQExtractor]) -> list[np.ndarray]:
        """Return what each extractor makes of the transform of a signal.

        Parameters
        ----------
        signal : Signal
            The signal.
        extractors : sequence of ConstantQExtractor
            They share the transform.

        Returns
        -------
        frames : list of ndarray of shape (n_frames, n_values), dtype float32
            One an extractor.
        """
        blocks: list[list[np.ndarray]] = [[] for _ in extractors]
        for magnitudes in constant_q_blocks(signal, self):
            for extractor, values in zip(extractors, blocks, strict=True):
                values.append(extractor.block_values(magnitudes))
        return [
            np.asarray(extractor.finish(np.concatenate(values)), dtype=np.float32)
            for extractor, values in zip(extractors, blocks, strict=True)
        ]


def constant_q_transform(
    samples: np.ndarray,
    rate: float,
    *,
    hop_length: int = 512,
    fmin: float = C1,
    n_octaves: int = 7,
    bins_per_octave: int = 12,
    tuning: float | None = 0.0,
    intervals: str | Sequence[float] = "equal",
    gamma: float | None = 0.0,
) -> np.ndarray:
    """Return the magnitudes of the constant-Q transform, or variable-Q transform, of a signal.

    Equal to the magnitudes of `librosa.cqt`, and with ``intervals`` and ``gamma`` to those of
    `librosa.vqt`, in the manner of librosa 1.0 (librosa 0.11 also halves the rate where the next
    octave is too near to the new limit). Only where the bandwidth is such that its period is
    exactly an even number of samples, librosa's filter is one sample shorter. For long signals,
    the memory needed besides the result does not grow.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        The signal; from one sample on.
    rate : float
        Its rate in Hz.
    hop_length : int, default=512
        Samples from one frame to the next.
    fmin : float, default=32.7
        Frequency of the lowest bin in Hz, before tuning; the note C1.
    n_octaves : int, default=7
        Octaves from there.
    bins_per_octave : int, default=12
        Bins of an octave.
    tuning : float or None, default=0.0
        Deviation from A440 in fractions of a bin; None to estimate it.
    intervals : {"equal", "pythagorean", "ji3", "ji5", "ji7"} or sequence of float, default="equal"
        How the bins divide an octave: a system of tuning, or ascending ratios from 1 up to, but
        not including, 2. Ratios count more than ``bins_per_octave``.
    gamma : float or None, default=0.0
        By how many Hz all filters are wider than those of constant Q; None for bandwidths in
        proportion to those of hearing.

    Returns
    -------
    magnitudes : ndarray of shape (n_frames, n_octaves * bins_per_octave), dtype float32
        Of the unit of the samples, times the square root of the length of the filter.

    Raises
    ------
    AudioError
        Where the highest bin is above half the rate, saying what is possible.

    Examples
    --------
    The bin of A4 is 45 semitones above C1:

    >>> import numpy as np
    >>> from sklearn_audio.features.constant_q import constant_q_transform
    >>> a4 = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> magnitudes = constant_q_transform(a4, 22050)
    >>> magnitudes.shape, magnitudes[22].argmax()
    ((44, 84), np.int64(45))
    """
    if not isinstance(intervals, str):
        intervals = tuple(intervals)
        bins_per_octave = len(intervals)
    settings = ConstantQ(hop_length, fmin, n_octaves, bins_per_octave, tuning, intervals, gamma)
    return np.concatenate(list(constant_q_blocks(Signal(samples, rate), settings)))


def constant_q_blocks(signal: Signal, settings: ConstantQ) -> Iterator[np.ndarray]:
    """Yield the magnitudes of a signal's constant-Q transform, some thousand frames at a time.

    Parameters
    ----------
    signal : Signal
        The signal.
    settings : ConstantQ
        The settings of the transform.

    Yields
    ------
    magnitudes : ndarray of shape (n_block_frames, n_bins), dtype float32
        Of the next frames; read-only.
    """
    tuning = settings.tuning
    if tuning is None:
        tuning = estimated_tuning(signal, settings.bins_per_octave)
    octaves = _octaves(signal.known_rate, settings, tuning)
    samples, hop_length = signal.samples, settings.hop_length
    top = octaves[0]
    n_frames = 1 + -(-len(samples) // top.decimation) // (hop_length // top.decimation)
    # Frames this near to a cut see what is beyond it.
    reach = max(octave.decimation * (len(octave.even) + _RINGING) for octave in octaves)
    margin = -(-reach // hop_length)
    for start in range(0, n_frames, _STRETCH):
        stop = min(start + _STRETCH, n_frames)
        first = max(start - margin, 0)
        stretch = samples[first * hop_length : (stop + margin) * hop_length]
        magnitudes = _stretch_magnitudes(stretch, stop - first, hop_length, octaves)
        magnitudes = magnitudes[start - first :]
        magnitudes.flags.writeable = False
        yield magnitudes


def estimated_tuning(signal: Signal, bins_per_octave: int) -> float:
    """Return how far a recording is from A440 tuning.

    Equal to `librosa.estimate_tuning` of the samples, whose peaks are those of magnitudes.

    Parameters
    ----------
    signal : Signal
        The signal.
    bins_per_octave : int
        In whose fractions the deviation is told.

    Returns
    -------
    tuning : float
        From -0.5 up to, but not including, 0.5; 0.0 where there is no pitch at all.
    """
    spectrum = PowerSpectrum(signal, _TUNING_SPECTRUM)
    peaks = [
        spectral_peaks(block.magnitude, spectrum.rate, spectrum.n_fft)
        for block in spectrum.blocks()
    ]
    return tuning_of(SpectralPeaks.joined(peaks), bins_per_octave)


class _Octave(NamedTuple):
    """How an octave is computed: from the signal at 1 / decimation of its rate, by its filters."""

    decimation: int
    even: np.ndarray
    odd: np.ndarray


def _octaves(rate: float, settings: ConstantQ, tuning: float) -> list[_Octave]:
    """Return how each octave is computed, the highest first."""
    n_octaves, hop_length = settings.n_octaves, settings.hop_length
    ratios = settings.intervals
    if isinstance(ratios, str):
        ratios = intervals_of_octave(ratios, settings.bins_per_octave)
    lowest = settings.fmin * 2.0 ** (tuning / settings.bins_per_octave)
    frequencies = lowest * np.outer(2.0 ** np.arange(n_octaves), ratios)
    relative_bandwidths = _relative_bandwidths(frequencies.ravel()).reshape(frequencies.shape)
    wider = _HEARING * relative_bandwidths if settings.gamma is None else settings.gamma
    bandwidths = relative_bandwidths * frequencies + wider
    cutoff = (frequencies + (_HANN_BANDWIDTH * relative_bandwidths * frequencies + wider) / 2).max()
    if cutoff > rate / 2:
        raise AudioError(_advice(rate, settings, cutoff))

    # The signal is sampled far too densely for the highest octave already.
    decimation = 1
    while rate > 8 * decimation * cutoff and hop_length % (2**n_octaves * decimation) == 0:
        decimation *= 2
    octaves: list[_Octave] = []
    for octave in reversed(range(n_octaves)):
        fits = frequencies[octave, -1] <= _PASSBAND * rate / decimation / 4
        # A filter of less than two samples would have none at all.
        shortest = rate / bandwidths[octave].max()
        fits = fits and shortest >= 4 * decimation
        if octaves and fits and hop_length // decimation % 2 == 0:
            decimation *= 2
        if shortest < 2 * decimation:
            raise AudioError(
                f"a filter around {frequencies[octave, -1]:.4g} Hz is {bandwidths[octave].max():g} "
                f"Hz wide, more than half the rate of {rate:g} Hz. Use a smaller gamma, more "
                "bins_per_octave or a lower fmin"
            )
        longest = rate / decimation / bandwidths[octave].min()
        if 2 * longest * frequencies.shape[1] > _MOST_FILTER_NUMBERS:
            raise AudioError(
                f"the filters around {frequencies[octave, 0]:.4g} Hz are {longest:.3g} samples "
                f"long at {rate / decimation:g} Hz, too long to compute. Use a higher fmin, fewer "
                f"bins_per_octave, a hop_length that can be halved more often than {hop_length}, "
                "or put a Resampler to a lower rate before"
            )
        filters = octave_filters(
            tuple((frequencies[octave] * decimation / rate).tolist()),
            tuple((bandwidths[octave] * decimation / rate).tolist()),
        )
        octaves.append(_Octave(decimation, *filters))
    return octaves


def _relative_bandwidths(frequencies: np.ndarray) -> np.ndarray:
    """Return bandwidths in fractions of the frequencies, from the ratio of a bin's neighbours."""
    ratios = np.empty_like(frequencies)
    ratios[1:-1] = frequencies[2:] / frequencies[:-2]
    ratios[0] = (frequencies[1] / frequencies[0]) ** 2
    ratios[-1] = (frequencies[-1] / frequencies[-2]) ** 2
    return (ratios - 1) / (ratios + 1)


def _advice(rate: float, settings: ConstantQ, cutoff: float) -> str:
    excess = 2 * cutoff / rate
    possible = settings.n_octaves - int(np.ceil(np.log2(excess)))
    advice = f"fmin={np.floor(10 * settings.fmin / excess) / 10:g} is the highest possible"
    if possible > 0:
        advice = f"n_octaves={possible} is the most that is possible, or " + advice
    return (
        f"{settings.n_octaves} octaves from fmin={settings.fmin:.4g} Hz reach up to {cutoff:.5g} "
        f"Hz, but a signal of {rate:g} Hz has nothing above {rate / 2:g} Hz. Here {advice}"
    )


@lru_cache(maxsize=32)
def octave_filters(
    frequencies: tuple[float, ...], bandwidths: tuple[float, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the filters of an octave, as what they do to the halves of a frame.

    A filter is a tone of its frequency in a Hann window of one period of its bandwidth, in the
    middle of the frame, from whose spectrum the smallest bins are left out. But for its phase
    it is symmetric: its real part is even, and its imaginary part odd. So the real part of
    what it makes of a frame comes from the sum of the first half and the reversed second half,
    and the imaginary part from their difference.

    Parameters
    ----------
    frequencies, bandwidths : tuple of float
        In cycles a sample.

    Returns
    -------
    even, odd : ndarray of shape (frame_length // 2, n_filters), dtype float32
        What the sum and the difference are multiplied by; read-only. The length of a frame is
        the power of two from the longest filter on.
    """
    lengths = 1 / np.array(bandwidths)[:, np.newaxis]
    frame_length = 2 ** max(int(np.ceil(np.log2(lengths.max()))), 1)
    time = np.arange(frame_length) - (frame_length - 1) / 2
    n_samples = 2 * (lengths // 2) + 1
    windows = np.where(2 * np.abs(time) < n_samples, 1 + np.cos(2 * np.pi * time / n_samples), 0)
    tones = np.exp(2j * np.pi * np.array(frequencies)[:, np.newaxis] * time)
    filters = tones * windows / n_samples

    spectra = scipy.fft.fft(filters.astype(np.complex64))[:, : frame_length // 2 + 1]
    sizes = np.abs(spectra)
    ascending = np.sort(sizes)
    shares = np.cumsum(ascending / sizes.sum(axis=1, keepdims=True), axis=1)
    smallest = np.take_along_axis(
        ascending, np.argmin(shares < _SPARSITY, axis=1)[:, np.newaxis], axis=1
    )
    spectra *= sizes >= smallest

    # The sum over bins of spectrum times transformed frame, as a sum over samples.
    taps = scipy.fft.fft(spectra, n=frame_length) * (np.sqrt(lengths) / frame_length)
    half = slice(1, frame_length // 2 + 1)
    even = np.ascontiguousarray(taps.real[:, half].T, dtype=np.float32)
    odd = np.ascontiguousarray(taps.imag[:, half].T, dtype=np.float32)
    even.flags.writeable = odd.flags.writeable = False
    return even, odd


def _stretch_magnitudes(
    samples: np.ndarray, n_frames: int, hop_length: int, octaves: list[_Octave]
) -> np.ndarray:
    """Return the magnitudes of the first frames of some samples, silent before and after."""
    magnitudes = np.empty((n_frames, len(octaves), octaves[0].even.shape[1]), dtype=np.float32)
    decimation = 1
    for position, octave in enumerate(octaves, 1):
        samples = _decimated(samples, octave.decimation // decimation)
        decimation = octave.decimation
        half, hop = len(octave.even), hop_length // decimation
        padded = np.zeros(2 * half + (n_frames - 1) * hop, dtype=np.float32)
        inside = samples[: len(padded) - half]
        padded[half : half + len(inside)] = inside
        all_frames = np.lib.stride_tricks.sliding_window_view(padded, 2 * half)[::hop]
        n_block_frames = -(-_BLOCK_SAMPLES // (2 * half))
        for start in range(0, n_frames, n_block_frames):
            block = slice(start, start + n_block_frames)
            frames = all_frames[block]
            left = frames[:, 1 : half + 1]
            right = np.concatenate([frames[:, :1], frames[:, :half:-1]], axis=1)
            energies = ((left + right) @ octave.even) ** 2
            energies += ((left - right) @ octave.odd) ** 2
            magnitudes[block, -position] = np.sqrt(decimation * energies)
    return magnitudes.reshape(n_frames, -1)


def _decimated(samples: np.ndarray, factor: int) -> np.ndarray:
    """Return a signal at a fraction of its rate."""
    if factor == 1:
        return samples
    n_samples = -(-len(samples) // factor)
    decimated = soxr.resample(samples, factor, 1)[:n_samples]
    missing = n_samples - len(decimated)
    return np.pad(decimated, (0, missing)) if missing else decimated


class ConstantQExtractor(FeatureExtractor):
    """Base of the features of the constant-Q transform.

    A feature of your own is a subclass with ``value_names`` and ``block_values``; further values
    that need all frames come from ``finish``. Extractors of equal settings share the transform.

    Parameters
    ----------
    hop_length : int, default=512
        Samples from one frame to the next. Quick where it can be halved once an octave.
    fmin : float or None, default=None
        Frequency of the lowest bin in Hz, before tuning; None for the note C1, 32.7 Hz.
    n_octaves : int, default=7
        Octaves from there; up to 7 from C1 at 11,025 Hz, 6 at 8000 Hz.
    bins_per_octave : int, default=36
        Bins of an octave.
    tuning : float or None, default=None
        Deviation from A440 in fractions of a bin; None to estimate it for each signal.
    summary : tuple of str or None, default=("mean", "std")
        Statistics over the frames, see `sklearn_audio.summaries`. None gives the frames.

    Examples
    --------
    The octave with most energy:

    >>> import numpy as np
    >>> from sklearn_audio.features import ConstantQExtractor
    >>> class LoudestOctaveExtractor(ConstantQExtractor):
    ...     def value_names(self):
    ...         return ["loudest_octave"]
    ...     def block_values(self, magnitudes):
    ...         octaves = magnitudes.reshape(-1, self.n_octaves, self.bins_per_octave)
    ...         energies = (octaves**2).sum(axis=2)
    ...         return energies.argmax(axis=1)[:, np.newaxis] + 1
    >>> a4 = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> LoudestOctaveExtractor(summary=["median"], sample_rate=22050).fit_transform([a4])
    array([[4.]], dtype=float32)
    """

    hop_length: int = 512
    fmin: float | None = None
    n_octaves: int = 7
    bins_per_octave: int = 36
    tuning: float | None = None
    summary: Sequence[str] | None = ("mean", "std")

    _parameter_constraints = {
        **FeatureExtractor._parameter_constraints,
        "hop_length": [Interval(Integral, 1, None, closed="left")],
        "fmin": [Interval(Real, 1e-6, None, closed="left"), None],
        "n_octaves": [Interval(Integral, 1, 30, closed="both")],
        "bins_per_octave": [Interval(Integral, 2, None, closed="left")],
        "tuning": [Interval(Real, -100, 100, closed="both"), None],
    }

    def domain(self) -> ConstantQ:
        """Return the settings of the transform; equal ones are computed once.

        Returns
        -------
        settings : ConstantQ
            From the parameters.
        """
        return ConstantQ(
            self.hop_length,
            C1 if self.fmin is None else self.fmin,
            self.n_octaves,
            self.bins_per_octave,
            self.tuning,
        )

    @abstractmethod
    def block_values(self, magnitudes: np.ndarray) -> np.ndarray:
        """Return the values of each frame of a block.

        Parameters
        ----------
        magnitudes : ndarray of shape (n_block_frames, n_bins), dtype float32
            Some frames of the transform; read-only, since all extractors share them.

        Returns
        -------
        values : ndarray of shape (n_block_frames, n_values)
            Of these frames.
        """

    def frame_times(self, n_frames: int, rate: float) -> np.ndarray:
        return np.arange(n_frames) * self.hop_length / rate

    def finish(self, values: np.ndarray) -> np.ndarray:
        """Return the frames, given the values of all blocks; as they are, unless overridden.

        Parameters
        ----------
        values : ndarray of shape (n_frames, n_values)
            What ``block_values`` returned, one block after the other.

        Returns
        -------
        frames : ndarray of shape (n_frames, n_values)
            The frames.
        """
        return values


class ConstantQSpectrogramExtractor(ConstantQExtractor):
    """Magnitudes of bins as far apart as the notes of a scale.

    Equal to the magnitudes of `librosa.cqt`.

    Parameters
    ----------
    bins_per_octave : int, default=12
        Bins of an octave.
    tuning : float or None, default=0.0
        Deviation from A440 in fractions of a bin; None to estimate it for each signal.

    See Also
    --------
    sklearn_audio.features.constant_q.constant_q_transform : The function of one signal.

    Examples
    --------
    The bin of A4 is 45 semitones above C1:

    >>> import numpy as np
    >>> from sklearn_audio import ConstantQSpectrogramExtractor
    >>> a4 = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> constant_q = ConstantQSpectrogramExtractor(summary=["median"], sample_rate=22050)
    >>> constant_q.get_feature_names_out()[constant_q.fit_transform([a4]).argmax()]
    'constant_q_45_median'
    """

    unit = "magnitude"

    bins_per_octave: int = 12
    tuning: float | None = 0.0

    def value_names(self) -> list[str]:
        return [f"constant_q_{bin_}" for bin_ in range(self.n_octaves * self.bins_per_octave)]

    def block_values(self, magnitudes: np.ndarray) -> np.ndarray:
        return magnitudes

    def value_axis(self, rate: float) -> ValueAxis:
        settings = self.domain()
        bins = np.arange(len(self.value_names()))
        frequencies = settings.fmin * 2.0 ** (bins / settings.bins_per_octave)
        return ValueAxis("frequency (Hz)", frequencies, "log")
