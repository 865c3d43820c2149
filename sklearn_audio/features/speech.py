"""The front end of speech recognisers: what the features of Kaldi and HTK have in common.

*Conventions.* Times are in seconds. Frame t starts at ``t`` hops, and a transform has the next
power of two as its length. Samples count as integers of 16 bit, full scale is 32768. From each
frame its mean is taken, then the share ``preemphasis`` of the sample before (of itself for the
first), then it is windowed; bands are triangles on the mel scale itself, not in Hz; logarithms are
natural. This is ``compute-mfcc-feats`` of Kaldi (D. Povey et al., 2011) without dither, and HCopy
of the HTK book (S. Young et al., 3.4).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from numbers import Integral, Real

import numpy as np
import scipy.fft
from scipy.sparse import csr_array

from ..base import FeatureExtractor, Interval, StrOptions
from ..signals import Signal
from .filter_banks import band_limits, triangular_filter_bank
from .framing import frame_blocks, frame_times
from .mel import hertz_to_mel

# What a sample of 1 counts as: samples are integers of 16 bit to speech recognisers.
_FULL_SCALE = 32768.0
# All are symmetric; that of D. Povey is much like Hamming's, but 0 at its ends.
_WINDOWS: dict[str, Callable[[int], np.ndarray]] = {
    "povey": lambda length: np.hanning(length) ** 0.85,
    "hamming": np.hamming,
    "hann": np.hanning,
    "blackman": np.blackman,
    "boxcar": np.ones,
}


@lru_cache(maxsize=64)
def speech_filter_bank(
    rate: float, n_fft: int, *, n_mels: int = 23, fmin: float = 20.0, fmax: float | None = None
) -> csr_array:
    """Return triangles of height 1 that are evenly spaced and straight on the mel scale of HTK.

    Parameters
    ----------
    rate : float
        Rate of the signal in Hz.
    n_fft : int
        Samples of a frame.
    n_mels : int, default=23
        Number of bands.
    fmin, fmax : float, default=20.0 and None
        Lower edge of the lowest and upper edge of the highest band in Hz; ``fmax=None`` is half
        the rate.

    Returns
    -------
    weights : csr_array of shape (n_mels, n_fft // 2 + 1), dtype float32
        Kept and shared: not to be changed.
    """
    lowest, highest = hertz_to_mel(band_limits(rate, fmin, fmax), htk=True)
    bins = hertz_to_mel(np.fft.rfftfreq(n_fft, 1 / rate), htk=True)
    return triangular_filter_bank(bins, np.linspace(lowest, highest, n_mels + 2))


def sine_lifter(n_coefficients: int, lifter: float) -> np.ndarray:
    """Return the weights ``1 + lifter / 2 * sin(pi * n / lifter)`` of coefficients n.

    Parameters
    ----------
    n_coefficients : int
        The 0th included.
    lifter : float
        The coefficient at which they are 1 again; 0 for no weights.

    Returns
    -------
    weights : ndarray of shape (n_coefficients,), dtype float32
        1 for the 0th.

    Examples
    --------
    >>> from sklearn_audio.features.speech import sine_lifter
    >>> sine_lifter(3, 22).round(2)
    array([1.  , 2.57, 4.1 ], dtype=float32)
    """
    if lifter == 0:
        return np.ones(n_coefficients, dtype=np.float32)
    n = np.arange(n_coefficients)
    return (1 + lifter / 2 * np.sin(np.pi * n / lifter)).astype(np.float32)


def scaled_log(energies: np.ndarray, *, floor: float, power: float = 2) -> np.ndarray:
    """Return the natural logarithms of energies, as if samples were integers of 16 bit.

    Parameters
    ----------
    energies : ndarray
        Of samples of full scale 1.
    floor : float
        Smaller energies, of integers, count as this.
    power : float, default=2
        Exponent of the samples in the energies.

    Returns
    -------
    levels : ndarray
        Of the same shape and dtype.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.speech import scaled_log
    >>> scaled_log(np.array([1.0, 0.0]), floor=1.0) / np.log(2)
    array([30.,  0.])
    """
    # Added to the logarithm, the scale cannot make large numbers overflow.
    scale = _FULL_SCALE**power
    return np.log(np.maximum(energies, floor / scale)) + np.log(scale).astype(energies.dtype)


@dataclass(frozen=True)
class SpeechBlock:
    """Some frames of speech.

    Parameters
    ----------
    power : ndarray of shape (n_block_frames, n_fft // 2 + 1), dtype float32
        Power spectrum.
    energy : ndarray of shape (n_block_frames,), dtype float32
        Sum of squares, before pre-emphasis and window.
    rate : float
        Rate of the signal in Hz.
    n_fft : int
        Length of the transform.
    """

    power: np.ndarray
    energy: np.ndarray
    rate: float
    n_fft: int


@dataclass(frozen=True)
class SpeechFrames:
    """The domain of the features of speech recognisers; extractors of equal settings share it.

    Parameters
    ----------
    frame_duration, hop_duration : float
        Of a frame, and from one frame to the next, in seconds.
    window : str
        Shape of the window.
    preemphasis : float
        Share of the sample before that is taken from each sample of a frame.
    remove_dc_offset : bool
        Whether the mean of each frame is taken from it before.
    snip_edges : bool
        Whether frames lie within the signal; otherwise it is mirrored at its ends.
    """

    frame_duration: float
    hop_duration: float
    window: str
    preemphasis: float
    remove_dc_offset: bool
    snip_edges: bool

    def frames(self, signal: Signal, extractors: Sequence[SpeechExtractor]) -> list[np.ndarray]:
        """Return what each extractor makes of a signal.

        Parameters
        ----------
        signal : Signal
            The signal.
        extractors : sequence of SpeechExtractor
            They share the spectrum.

        Returns
        -------
        frames : list of ndarray of shape (n_frames, n_values), dtype float32
            One an extractor.
        """
        blocks: list[list[np.ndarray]] = [[] for _ in extractors]
        for block in self.blocks(signal):
            for extractor, values in zip(extractors, blocks, strict=True):
                values.append(extractor.block_values(block))
        return [np.concatenate(values).astype(np.float32, copy=False) for values in blocks]

    def lengths(self, rate: float) -> tuple[int, int]:
        """Return the samples of a frame, and from one frame to the next.

        Parameters
        ----------
        rate : float
            Rate of the signal in Hz.

        Returns
        -------
        frame_length, hop_length : int
            At least 1.
        """
        # Products such as 0.01 * 44100 may be below a whole number by a rounding.
        frame_length, hop_length = (
            max(1, int(round(rate * duration, 6)))
            for duration in (self.frame_duration, self.hop_duration)
        )
        return frame_length, hop_length

    def blocks(self, signal: Signal) -> Iterator[SpeechBlock]:
        """Yield the spectrum, a block of frames at a time.

        Parameters
        ----------
        signal : Signal
            The signal.

        Yields
        ------
        block : SpeechBlock
            The next frames.
        """
        rate = signal.known_rate
        frame_length, hop_length = self.lengths(rate)
        n_fft = max(2, 1 << (frame_length - 1).bit_length())
        window = _WINDOWS[self.window](frame_length).astype(np.float32)
        samples = signal.samples
        if not self.snip_edges:
            samples = _mirrored(samples, frame_length, hop_length)
        elif len(samples) < frame_length:
            samples = np.pad(samples, (0, frame_length - len(samples)))
        for block in frame_blocks(
            samples, frame_length=frame_length, hop_length=hop_length, center=False
        ):
            offset = block.mean(axis=1, keepdims=True) if self.remove_dc_offset else 0
            frames = block - offset
            energy = np.einsum("ts,ts->t", frames, frames)
            frames[:, 1:] -= self.preemphasis * frames[:, :-1]
            frames[:, 0] *= 1 - self.preemphasis
            transform = scipy.fft.rfft(frames * window, n_fft)
            yield SpeechBlock(transform.real**2 + transform.imag**2, energy, rate, n_fft)


def _mirrored(samples: np.ndarray, frame_length: int, hop_length: int) -> np.ndarray:
    """Return a signal continued by its mirror image, so that frame t is in the middle of hop t."""
    n_frames = max(1, (len(samples) + hop_length // 2) // hop_length)
    before = frame_length // 2 - hop_length // 2
    after = (n_frames - 1) * hop_length + frame_length - before - len(samples)
    margins = (max(before, 0), max(after, 0))
    return np.pad(samples, margins, mode="symmetric")[max(-before, 0) :]


class SpeechExtractor(FeatureExtractor):
    """Base of the features of speech recognisers.

    Parameters
    ----------
    frame_duration : float, default=0.025
        Duration of a frame in seconds.
    hop_duration : float, default=0.01
        From one frame to the next, in seconds.
    window : {"povey", "hamming", "hann", "blackman", "boxcar"}, default="povey"
        Shape of the window, symmetric. Povey's is a Hann window to the power of 0.85.
    preemphasis : float, default=0.97
        Share of the sample before that is taken from each sample of a frame.
    remove_dc_offset : bool, default=True
        Take the mean of each frame from it before that.
    snip_edges : bool, default=True
        Only frames that lie within the signal, and one with silence after it where the signal is
        shorter than a frame; otherwise it is mirrored at its ends, and there is a frame a hop.
    n_mels : int, default=23
        Number of mel bands.
    fmin : float, default=20.0
        Lower edge of the lowest band in Hz.
    fmax : float or None, default=None
        Upper edge of the highest band in Hz; None for half the rate.
    summary : tuple of str or None, default=("mean", "std")
        Statistics over the frames, see `sklearn_audio.summaries`. None gives the frames.
    """

    frame_duration: float = 0.025
    hop_duration: float = 0.010
    window: str = "povey"
    preemphasis: float = 0.97
    remove_dc_offset: bool = True
    snip_edges: bool = True
    n_mels: int = 23
    fmin: float = 20.0
    fmax: float | None = None
    summary: Sequence[str] | None = ("mean", "std")

    _parameter_constraints = {
        **FeatureExtractor._parameter_constraints,
        "frame_duration": [Interval(Real, 0, 60, closed="right")],
        "hop_duration": [Interval(Real, 0, 3600, closed="right")],
        "window": [StrOptions(set(_WINDOWS))],
        "preemphasis": [Interval(Real, 0, 1, closed="both")],
        "remove_dc_offset": ["boolean"],
        "snip_edges": ["boolean"],
        "n_mels": [Interval(Integral, 1, 4096, closed="both")],
        "fmin": [Interval(Real, 0, None, closed="left")],
        "fmax": [Interval(Real, 0, None, closed="neither"), None],
    }

    def domain(self) -> SpeechFrames:
        """Return how the signal is framed and transformed; what is equal is computed once.

        Returns
        -------
        settings : SpeechFrames
            From the parameters.
        """
        return SpeechFrames(
            self.frame_duration,
            self.hop_duration,
            self.window,
            self.preemphasis,
            self.remove_dc_offset,
            self.snip_edges,
        )

    def log_bands(self, block: SpeechBlock, *, floor: float, use_power: bool = True) -> np.ndarray:
        """Return the logarithms of the energies in mel bands.

        Parameters
        ----------
        block : SpeechBlock
            Some frames.
        floor : float
            Smaller energies count as this.
        use_power : bool, default=True
            Sum powers in the bands, otherwise magnitudes.

        Returns
        -------
        levels : ndarray of shape (n_block_frames, n_mels), dtype float32
            Natural logarithms.
        """
        weights = speech_filter_bank(
            block.rate, block.n_fft, n_mels=self.n_mels, fmin=self.fmin, fmax=self.fmax
        )
        spectrum = block.power if use_power else np.sqrt(block.power)
        return scaled_log((weights @ spectrum.T).T, floor=floor, power=2 if use_power else 1)

    def frame_times(self, n_frames: int, rate: float) -> np.ndarray:
        frame_length, hop_length = self.domain().lengths(rate)
        # A mirrored signal has a frame in the middle of each hop.
        middle = frame_length if self.snip_edges else hop_length
        return frame_times(n_frames, rate, frame_length=middle, hop_length=hop_length, center=False)

    @abstractmethod
    def block_values(self, block: SpeechBlock) -> np.ndarray:
        """Return the values of each frame of a block.

        Parameters
        ----------
        block : SpeechBlock
            Some frames.

        Returns
        -------
        values : ndarray of shape (n_block_frames, n_values)
            Of these frames.
        """
