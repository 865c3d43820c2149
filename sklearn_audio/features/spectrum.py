"""The power spectrum that extractors share, computed in blocks of frames.

*Conventions.* The spectrum of a frame is the squared magnitude of the discrete Fourier transform
of its windowed samples, ``n_fft // 2 + 1`` bins at ``k * rate / n_fft`` Hz, not normalised. Window,
padding and framing are those of `librosa.stft`. A block holds a few dozen frames, so that it is
still in the processor's cache when every extractor has had its share; nothing holds the whole
spectrogram of a long signal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from numbers import Integral
from typing import Any

import numpy as np
import scipy.fft

from ..base import FeatureExtractor, Interval, StrOptions
from ..errors import NonFiniteAudioError
from ..parameters import normalised
from ..signals import LARGEST_SAMPLE, Signal
from .framing import BLOCK_LENGTH, PAD_MODES, PadMode, frame_blocks, frame_count, frame_times
from .tuning import SpectralPeaks, spectral_peaks, tuning_of

# A signal that is looked at twice keeps its spectrum where that takes no more than this, 3
# minutes at 22,050 Hz in the default setting. Longer ones are transformed anew.
KEPT_BYTES = 32 * 2**20
# No sum of squares of smaller magnitudes is too large for float32, by Parseval's theorem.
_LARGEST_MAGNITUDE = float(np.sqrt(np.finfo(np.float32).max))


@dataclass(frozen=True)
class STFT:
    """The settings of a short-time Fourier transform, as in `librosa.stft`.

    Extractors with equal settings share the spectrum.

    Parameters
    ----------
    n_fft : int
        Samples of a frame.
    hop_length : int
        Samples from one frame to the next.
    win_length : int
        Samples of the window, in the middle of the frame.
    window : str or tuple
        Its shape, as in `scipy.signal.get_window`.
    center : bool
        Whether frame t is centred at ``t * hop_length``.
    pad_mode : str
        How the signal is continued at its ends where ``center`` is true.
    precision : str
        "single" or "double": of the floating-point numbers that are transformed.
    """

    n_fft: int
    hop_length: int
    win_length: int
    window: str | tuple
    center: bool
    pad_mode: PadMode
    precision: str = "single"

    def frames(
        self, signal: Signal, extractors: Sequence[SpectrumExtractor]
    ) -> Iterator[np.ndarray]:
        """Yield what each extractor makes of the spectrum of a signal.

        Parameters
        ----------
        signal : Signal
            The signal.
        extractors : sequence of SpectrumExtractor
            They share the spectrum.

        Yields
        ------
        frames : ndarray of shape (n_frames, n_values), dtype float32
            Those of one extractor after the other; nothing is held of what was yielded before.
        """
        spectrum = PowerSpectrum(signal, self)
        for extractor in extractors:
            extractor.survey(spectrum)
        values: list[np.ndarray] = []
        stop = 0
        for block in spectrum.blocks():
            start, stop = stop, stop + len(block.magnitude)
            for index, extractor in enumerate(extractors):
                block_values = extractor.block_values(block)
                if start == 0:
                    shape = (spectrum.n_frames, block_values.shape[1])
                    values.append(np.empty(shape, block_values.dtype, order="F"))
                values[index][start:stop] = block_values
        for extractor in extractors:
            yield np.asarray(extractor.finish(values.pop(0), spectrum), dtype=np.float32)


class PowerSpectrum:
    """The power spectrum of one signal; it is computed as its blocks are asked for.

    Parameters
    ----------
    signal : Signal
        The signal.
    settings : STFT
        The settings of the transform.

    Attributes
    ----------
    rate : float
        Rate of the signal in Hz; an AudioError where it is not known.
    n_fft : int
        Samples of a frame.
    n_frames : int
        Number of frames.
    frequencies : ndarray of shape (n_fft // 2 + 1,), dtype float32
        Frequency of each bin in Hz.
    loudest : dict
        Largest energies, kept by `sklearn_audio.features.filter_banks.loudest_energy`.
    """

    def __init__(self, signal: Signal, settings: STFT) -> None:
        self.signal = signal
        self.settings = settings
        self.n_fft = settings.n_fft
        if self.n_fft * LARGEST_SAMPLE > _LARGEST_MAGNITUDE:
            peak = max(signal.samples.max(), -signal.samples.min())
            if self.n_fft * float(peak) > _LARGEST_MAGNITUDE:
                raise NonFiniteAudioError(
                    f"the power spectrum of samples up to {peak:g} with n_fft={self.n_fft} may be "
                    "too large for float32. Scale the recording to a full scale of 1"
                )
        self.n_frames = frame_count(
            len(signal),
            frame_length=settings.n_fft,
            hop_length=settings.hop_length,
            center=settings.center,
        )
        self.loudest: dict[int, tuple[Any, float]] = {}
        self._kept: list[np.ndarray] | None = None
        self._tunings: dict[int, float] = {}

    @property
    def rate(self) -> float:
        return self.signal.known_rate

    @cached_property
    def frequencies(self) -> np.ndarray:
        return np.fft.rfftfreq(self.n_fft, 1 / self.rate).astype(np.float32)

    def blocks(self) -> Iterator[SpectrumBlock]:
        """Yield the spectrum, a block of frames at a time.

        Yields
        ------
        block : SpectrumBlock
            The next frames.
        """
        previous = None
        for magnitude in self._computed_magnitudes() if self._kept is None else self._kept:
            yield SpectrumBlock(self, magnitude, previous)
            previous = magnitude[-1]

    def tuning(self, bins_per_octave: int) -> float:
        """Return the deviation from A440 tuning, as `librosa.estimate_tuning` does.

        It takes a pass over the whole spectrum, so extractors ask for it in their ``survey``.

        Parameters
        ----------
        bins_per_octave : int
            In whose fractions the deviation is told.

        Returns
        -------
        tuning : float
            From -0.5 up to, but not including, 0.5; 0.0 where there is no pitch at all.
        """
        if bins_per_octave not in self._tunings:
            self._tunings[bins_per_octave] = tuning_of(self._peaks, bins_per_octave)
        return self._tunings[bins_per_octave]

    @cached_property
    def _peaks(self) -> SpectralPeaks:
        if 4 * self.n_frames * (self.n_fft // 2 + 1) <= KEPT_BYTES:
            self._kept = list(self._computed_magnitudes())
        return SpectralPeaks.joined(
            [spectral_peaks(block.power, self.rate, self.n_fft) for block in self.blocks()]
        )

    def _computed_magnitudes(self) -> Iterator[np.ndarray]:
        settings = self.settings
        window = padded_window(
            settings.window, settings.win_length, settings.n_fft, settings.precision
        )
        windowed = np.empty((BLOCK_LENGTH, settings.n_fft), dtype=window.dtype)
        for frames in frame_blocks(
            self.signal.samples,
            frame_length=settings.n_fft,
            hop_length=settings.hop_length,
            center=settings.center,
            pad_mode=settings.pad_mode,
        ):
            product = np.multiply(frames, window, out=windowed[: len(frames)])
            # The bins of a frame lie apart in memory and the frames of a bin together: sums over
            # bins and sparse filter banks are then sums of whole rows.
            transform = scipy.fft.rfft(product.T, axis=0)
            yield np.abs(transform.astype(np.complex64, copy=False)).T


class SpectrumBlock:
    """Some frames of a power spectrum.

    Parameters
    ----------
    spectrum : PowerSpectrum
        What it is a part of; has the rate, the frequencies and ``n_fft``.
    magnitude : ndarray of shape (n_block_frames, n_fft // 2 + 1), dtype float32
        Magnitudes; read-only from now on, since all extractors share them. In memory the frames
        of a bin lie together.
    previous : ndarray of shape (n_fft // 2 + 1,) or None, default=None
        Magnitudes of the frame before the block; None for the first one of a signal.

    Attributes
    ----------
    bands : dict
        Energies in bands, kept by `sklearn_audio.features.filter_banks.band_energies`.
    """

    def __init__(
        self,
        spectrum: PowerSpectrum,
        magnitude: np.ndarray,
        previous: np.ndarray | None = None,
    ) -> None:
        self.spectrum = spectrum
        self.magnitude = magnitude
        self.previous = previous
        self.bands: dict[tuple[int, float], tuple[Any, np.ndarray]] = {}
        self.magnitude.flags.writeable = False

    @cached_property
    def power(self) -> np.ndarray:
        """Squared magnitudes, float32, of the same shape; computed once for all."""
        power = np.square(self.magnitude)
        power.flags.writeable = False
        return power

    def powered(self, exponent: float) -> np.ndarray:
        """Return the magnitudes to some power: 1 for magnitude, 2 for power.

        Parameters
        ----------
        exponent : float
            Of the magnitudes.

        Returns
        -------
        powered : ndarray of shape (n_block_frames, n_fft // 2 + 1), dtype float32
            Read-only where it is shared.

        Raises
        ------
        NonFiniteAudioError
            Where they are too large for float32.
        """
        if exponent == 2:
            return self.power
        if exponent == 1:
            return self.magnitude
        with np.errstate(over="ignore"):
            powered = self.magnitude**exponent
        if np.isinf(powered).any():
            raise NonFiniteAudioError(
                f"power={exponent:g} of magnitudes up to {self.magnitude.max():g} is too large for "
                "float32. Use a lower power, or scale the recording to a full scale of 1"
            )
        return powered


class SpectrumExtractor(FeatureExtractor):
    """Base of the features of the power spectrum.

    A feature of your own is a subclass with ``value_names`` and ``block_values``. What it gets
    for nothing: parallel evaluation, one transform however many features, statistics, names,
    DataFrames, a place in every Pipeline and grid search.

    Parameters
    ----------
    n_fft : int, default=2048
        Samples of a frame.
    hop_length : int, default=512
        Samples from one frame to the next.
    win_length : int or None, default=None
        Samples of the window; None for ``n_fft``.
    window : str or tuple, default="hann"
        Shape of the window, as in `scipy.signal.get_window`.
    center : bool, default=True
        Centre frame t at sample ``t * hop_length``.
    pad_mode : {"constant", "edge", "reflect", "symmetric"}, default="constant"
        How a signal is continued at its ends where ``center`` is true.
    precision : {"single", "double"}, default="single"
        Of the numbers that are transformed. In single precision, what lies 120 dB or more below
        the loudest bin of a frame drowns in rounding; double takes about twice as long.
    summary : tuple of str or None, default=("mean", "std")
        Statistics over the frames, see `sklearn_audio.summaries`. None gives the frames.

    Examples
    --------
    The crest of the spectrum, high for tones and low for noise:

    >>> import numpy as np
    >>> from sklearn_audio.features import SpectrumExtractor
    >>> class PowerCrestExtractor(SpectrumExtractor):
    ...     def value_names(self):
    ...         return ["power_crest"]
    ...     def block_values(self, block):
    ...         power = block.power + 1e-10
    ...         return power.max(axis=1, keepdims=True) / power.mean(axis=1, keepdims=True)
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)
    >>> noise = np.random.default_rng(0).normal(size=8000)
    >>> PowerCrestExtractor(summary=["median"]).fit_transform([tone, noise]).round()
    array([[577.],
           [  7.]], dtype=float32)
    """

    n_fft: int = 2048
    hop_length: int = 512
    win_length: int | None = None
    window: str | tuple = "hann"
    center: bool = True
    pad_mode: PadMode = "constant"
    precision: str = "single"
    summary: Sequence[str] | None = ("mean", "std")

    _parameter_constraints = {
        **FeatureExtractor._parameter_constraints,
        "n_fft": [Interval(Integral, 2, None, closed="left")],
        "hop_length": [Interval(Integral, 1, None, closed="left")],
        "win_length": [Interval(Integral, 1, None, closed="left"), None],
        "window": [str, tuple],
        "center": ["boolean"],
        "pad_mode": [StrOptions(set(PAD_MODES))],
        "precision": [StrOptions({"single", "double"})],
    }

    def domain(self) -> STFT:
        """Return the settings of the transform; equal ones are computed once.

        Returns
        -------
        settings : STFT
            From the parameters.
        """
        return STFT(
            self.n_fft,
            self.hop_length,
            self.n_fft if self.win_length is None else self.win_length,
            normalised(self.window),
            self.center,
            self.pad_mode,
            self.precision,
        )

    def survey(self, spectrum: PowerSpectrum) -> None:
        """Ask for what takes a pass of its own over the spectrum, before the blocks come.

        Parameters
        ----------
        spectrum : PowerSpectrum
            The spectrum of the signal.
        """

    def block_values(self, block: SpectrumBlock) -> np.ndarray:
        """Return the values of each frame of a block.

        Parameters
        ----------
        block : SpectrumBlock
            Some frames of the spectrum.

        Returns
        -------
        values : ndarray of shape (n_block_frames, n_values)
            Of these frames.
        """
        raise NotImplementedError(f"{type(self).__name__} has no block_values")

    def finish(self, values: np.ndarray, spectrum: PowerSpectrum) -> np.ndarray:
        """Return the frames, given the values of all blocks; as they are, unless overridden.

        Parameters
        ----------
        values : ndarray of shape (n_frames, n_values)
            What ``block_values`` returned, one block after the other.
        spectrum : PowerSpectrum
            The spectrum of the signal; has the rate.

        Returns
        -------
        frames : ndarray of shape (n_frames, n_values)
            The frames.
        """
        return values

    def frame_times(self, n_frames: int, rate: float) -> np.ndarray:
        return frame_times(
            n_frames,
            rate,
            frame_length=self.n_fft,
            hop_length=self.hop_length,
            center=self.center,
        )

    def validate_parameters(self) -> None:
        super().validate_parameters()
        settings = self.domain()
        if settings.win_length > settings.n_fft:
            raise ValueError(
                f"win_length={settings.win_length} is longer than n_fft={settings.n_fft}; "
                "the window has to fit into the frame"
            )
        padded_window(settings.window, settings.win_length, settings.n_fft)


@lru_cache(maxsize=64)
def padded_window(
    window: str | tuple, win_length: int, n_fft: int, precision: str = "single"
) -> np.ndarray:
    """Return a window in the middle of a frame of zeros.

    Parameters
    ----------
    window : str or tuple
        As in `scipy.signal.get_window`; periodic.
    win_length : int
        Samples of the window.
    n_fft : int
        Samples of the frame.
    precision : {"single", "double"}, default="single"
        Of the numbers.

    Returns
    -------
    window : ndarray of shape (n_fft,), dtype float32 or float64
        Read-only.
    """
    import scipy.signal  # slow to import, and needed only here

    try:
        shape = scipy.signal.get_window(window, win_length, fftbins=True)
    except (ValueError, TypeError, IndexError) as error:
        raise ValueError(
            f"window={window!r} of {win_length} samples is none that scipy.signal.get_window "
            f"knows ({error}); for example 'hann', 'hamming' or ('kaiser', 8.0)"
        ) from error
    before = (n_fft - win_length) // 2
    padded = np.pad(shape.astype(precision), (before, n_fft - win_length - before))
    padded.flags.writeable = False
    return padded
