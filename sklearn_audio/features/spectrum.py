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

import numpy as np
import scipy.fft

from ..base import FeatureExtractor, Interval, StrOptions
from ..parameters import normalised
from ..signals import Signal
from .framing import PAD_MODES, PadMode, frame_blocks, frame_count
from .tuning import SpectralPeaks, spectral_peaks, tuning_of

# A signal that is looked at twice keeps its spectrum where that takes no more than this, 3
# minutes at 22,050 Hz in the default setting. Longer ones are transformed anew.
_KEPT_BYTES = 32 * 2**20


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
    """

    n_fft: int
    hop_length: int
    win_length: int
    window: str | tuple
    center: bool
    pad_mode: PadMode

    def frames(self, signal: Signal, extractors: Sequence[SpectrumExtractor]) -> list[np.ndarray]:
        """Return what each extractor makes of the spectrum of a signal.

        Parameters
        ----------
        signal : Signal
            The signal.
        extractors : sequence of SpectrumExtractor
            They share the spectrum.

        Returns
        -------
        frames : list of ndarray of shape (n_frames, n_values), dtype float32
            One an extractor.
        """
        spectrum = PowerSpectrum(signal, self)
        for extractor in extractors:
            extractor.survey(spectrum)
        blocks: list[list[np.ndarray]] = [[] for _ in extractors]
        for block in spectrum.blocks():
            for extractor, values in zip(extractors, blocks, strict=True):
                values.append(extractor.block_values(block))
        return [
            np.asarray(extractor.finish(np.concatenate(values), spectrum), dtype=np.float32)
            for extractor, values in zip(extractors, blocks, strict=True)
        ]


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
    """

    def __init__(self, signal: Signal, settings: STFT) -> None:
        self.signal = signal
        self.settings = settings
        self.n_fft = settings.n_fft
        self.n_frames = frame_count(
            len(signal),
            frame_length=settings.n_fft,
            hop_length=settings.hop_length,
            center=settings.center,
        )
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
        powers = self._computed_powers() if self._kept is None else self._kept
        return (SpectrumBlock(self, power) for power in powers)

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
        if 4 * self.n_frames * (self.n_fft // 2 + 1) <= _KEPT_BYTES:
            self._kept = list(self._computed_powers())
        return SpectralPeaks.joined(
            [spectral_peaks(block.power, self.rate, self.n_fft) for block in self.blocks()]
        )

    def _computed_powers(self) -> Iterator[np.ndarray]:
        settings = self.settings
        window = padded_window(settings.window, settings.win_length, settings.n_fft)
        for frames in frame_blocks(
            self.signal.samples,
            frame_length=settings.n_fft,
            hop_length=settings.hop_length,
            center=settings.center,
            pad_mode=settings.pad_mode,
        ):
            transform = scipy.fft.rfft(frames * window)
            yield transform.real**2 + transform.imag**2


class SpectrumBlock:
    """Some frames of a power spectrum.

    Parameters
    ----------
    spectrum : PowerSpectrum
        What it is a part of; has the rate, the frequencies and ``n_fft``.
    power : ndarray of shape (n_block_frames, n_fft // 2 + 1), dtype float32
        Squared magnitudes; read-only from now on, since all extractors share them.
    """

    def __init__(self, spectrum: PowerSpectrum, power: np.ndarray) -> None:
        self.spectrum = spectrum
        self.power = power
        self.power.flags.writeable = False

    @cached_property
    def magnitude(self) -> np.ndarray:
        """Magnitudes, float32, of the same shape as ``power``; computed once for all."""
        magnitude = np.sqrt(self.power)
        magnitude.flags.writeable = False
        return magnitude


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
    summary : tuple of str or None, default=("mean", "std")
        Statistics over the frames, see `sklearn_audio.summaries`. None gives the frames.

    Examples
    --------
    The crest of the spectrum, high for tones and low for noise:

    >>> import numpy as np
    >>> from sklearn_audio.features import SpectrumExtractor
    >>> class SpectralCrestExtractor(SpectrumExtractor):
    ...     def value_names(self):
    ...         return ["spectral_crest"]
    ...     def block_values(self, block):
    ...         power = block.power + 1e-10
    ...         return power.max(axis=1, keepdims=True) / power.mean(axis=1, keepdims=True)
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)
    >>> noise = np.random.default_rng(0).normal(size=8000)
    >>> SpectralCrestExtractor(summary=["median"]).fit_transform([tone, noise]).round()
    array([[577.],
           [  7.]], dtype=float32)
    """

    n_fft: int = 2048
    hop_length: int = 512
    win_length: int | None = None
    window: str | tuple = "hann"
    center: bool = True
    pad_mode: PadMode = "constant"
    summary: Sequence[str] | None = ("mean", "std")

    _parameter_constraints = {
        **FeatureExtractor._parameter_constraints,
        "n_fft": [Interval(Integral, 2, None, closed="left")],
        "hop_length": [Interval(Integral, 1, None, closed="left")],
        "win_length": [Interval(Integral, 1, None, closed="left"), None],
        "window": [str, tuple],
        "center": ["boolean"],
        "pad_mode": [StrOptions(set(PAD_MODES))],
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
def padded_window(window: str | tuple, win_length: int, n_fft: int) -> np.ndarray:
    """Return a window in the middle of a frame of zeros.

    Parameters
    ----------
    window : str or tuple
        As in `scipy.signal.get_window`; periodic.
    win_length : int
        Samples of the window.
    n_fft : int
        Samples of the frame.

    Returns
    -------
    window : ndarray of shape (n_fft,), dtype float32
        Read-only.
    """
    import scipy.signal  # slow to import, and needed only here

    try:
        shape = scipy.signal.get_window(window, win_length, fftbins=True).astype(np.float32)
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"window={window!r} of {win_length} samples is none that scipy.signal.get_window "
            f"knows ({error}); for example 'hann', 'hamming' or ('kaiser', 8.0)"
        ) from error
    before = (n_fft - win_length) // 2
    padded = np.pad(shape, (before, n_fft - win_length - before))
    padded.flags.writeable = False
    return padded
