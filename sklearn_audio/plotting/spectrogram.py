"""The spectrogram of a signal."""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from ..base import ValueAxis
from ..extras import required
from ..features.decibels import relative_level
from ..features.framing import frame_times
from ..features.mel import MelSpectrogramExtractor
from ..features.spectrum import PowerSpectrum, SpectrumExtractor
from ..kinds import as_signal
from ..signals import Signal, stretch
from .display import SignalDisplay, set_time_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.colorbar import Colorbar

# More columns than a picture has dots across: of a longer signal each shows several frames, by
# their maximum, so that a click is seen, and no spectrogram of hours is held in memory.
MOST_COLUMNS = 2000


class SpectrogramDisplay(SignalDisplay):
    """The power spectrum of a signal over time, in dB below its loudest point.

    Parameters
    ----------
    level : ndarray of shape (n_frequencies, n_columns)
        In dB, at most 0.
    frequencies : ndarray of shape (n_frequencies,)
        In Hz.
    times : ndarray of shape (n_columns,)
        The middle of each column, in seconds.
    duration : float
        Of the signal, in seconds.
    start : float, default=0.0
        Where it begins, in seconds.
    scale : {"linear", "log", "mel"}, default="linear"
        Of the axis of frequencies.

    Attributes
    ----------
    image_ : matplotlib.collections.QuadMesh
        The picture.
    colorbar_ : matplotlib.colorbar.Colorbar
        Its scale of levels.
    ax_ : matplotlib.axes.Axes
        Where it was drawn.
    figure_ : matplotlib.figure.Figure
        Its figure.

    See Also
    --------
    FeatureDisplay : Any feature over time.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.plotting import SpectrogramDisplay
    >>> sine = np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)
    >>> display = SpectrogramDisplay.from_signal(sine, 8000, n_fft=256, hop_length=64)
    >>> print(display.frequencies[display.level[:, 50].argmax()])
    1000.0
    """

    image_: QuadMesh
    colorbar_: Colorbar

    def __init__(
        self,
        level: np.ndarray,
        frequencies: np.ndarray,
        times: np.ndarray,
        duration: float,
        *,
        start: float = 0.0,
        scale: Literal["linear", "log", "mel"] = "linear",
    ) -> None:
        self.level = level
        self.frequencies = frequencies
        self.times = times
        self.duration = duration
        self.start = start
        self.scale = scale

    @classmethod
    def from_signal(
        cls,
        y: Any,
        sample_rate: float | None = None,
        *,
        start: float | None = None,
        end: float | None = None,
        scale: Literal["linear", "log", "mel"] = "linear",
        n_fft: int = 2048,
        hop_length: int = 512,
        n_mels: int = 128,
        top_db: float = 80.0,
        ax: Axes | None = None,
    ) -> Self:
        """Compute the spectrogram of a signal and draw it.

        Parameters
        ----------
        y : array-like of shape (n_samples,), or Signal
            The signal.
        sample_rate : float or None, default=None
            In Hz; needed for an array.
        start, end : float or None, default=None
            A stretch to look at closely, in seconds; None for the beginning and the end.
        scale : {"linear", "log", "mel"}, default="linear"
            Of the axis of frequencies. With "mel" the spectrum is that of mel bands.
        n_fft : int, default=2048
            Samples of a frame.
        hop_length : int, default=512
            Samples from one frame to the next.
        n_mels : int, default=128
            Number of bands, for ``scale="mel"``.
        top_db : float, default=80.0
            What is further below the loudest point, in dB, looks the same.
        ax : matplotlib.axes.Axes or None, default=None
            Where; None for a new figure.

        Returns
        -------
        display : SpectrogramDisplay
            Drawn. Of a signal of more than 2000 frames each column is the maximum of several.

        Raises
        ------
        AudioError
            Where the rate is not known.
        ValueError
            For parameters that do not fit.
        """
        signal = as_signal(y, sample_rate)
        return cls.computed(
            signal,
            start=start,
            end=end,
            scale=scale,
            n_fft=n_fft,
            hop_length=hop_length,
            n_mels=n_mels,
            top_db=top_db,
        ).plot(ax)

    @classmethod
    def computed(
        cls,
        signal: Signal,
        *,
        start: float | None = None,
        end: float | None = None,
        scale: Literal["linear", "log", "mel"] = "linear",
        n_fft: int = 2048,
        hop_length: int = 512,
        n_mels: int = 128,
        top_db: float = 80.0,
    ) -> Self:
        """Return what is shown, not drawn yet.

        Parameters
        ----------
        signal : Signal
            Of known rate.
        start, end : float or None
            As in ``from_signal``.
        scale : str
            As in ``from_signal``.
        n_fft, hop_length, n_mels : int
            As in ``from_signal``.
        top_db : float
            As in ``from_signal``.

        Returns
        -------
        display : SpectrogramDisplay
            Not drawn.
        """
        if scale not in ("linear", "log", "mel"):
            raise ValueError(f"scale={scale!r}; 'linear', 'log' or 'mel' is wanted")
        if not (isinstance(top_db, Real) and 0 < top_db < np.inf):
            raise ValueError(f"top_db={top_db!r}; a positive number of dB is wanted")
        extractor: SpectrumExtractor
        if scale == "mel":
            extractor = MelSpectrogramExtractor(n_mels=n_mels, n_fft=n_fft, hop_length=hop_length)
        else:
            extractor = _PowerSpectrogram(n_fft=n_fft, hop_length=hop_length)
        extractor.validate_parameters()
        signal, first = stretch(signal, start, end)
        rate = signal.known_rate
        spectrum = PowerSpectrum(signal, extractor.domain())
        pooled = -(-spectrum.n_frames // MOST_COLUMNS)
        power = np.concatenate(list(_maxima(spectrum, extractor, pooled))).T
        axis = extractor.value_axis(rate)
        times = frame_times(
            power.shape[1],
            rate,
            frame_length=(pooled - 1) * hop_length,
            hop_length=pooled * hop_length,
            center=False,
        )
        return cls(
            relative_level(power, exponent=2, top_db=top_db),
            spectrum.frequencies if axis is None else axis.positions,
            first + times,
            len(signal) / rate,
            start=first,
            scale=scale,
        )

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None, default=None
            Where; None for a new figure.

        Returns
        -------
        display : SpectrogramDisplay
            The same.
        """
        ax = self._use(ax, size=(8, 3.5))
        axis = ValueAxis("frequency (Hz)", self.frequencies, self.scale)
        # Up to 0 dB also where there is silence alone, which is dark then.
        lowest = min(float(self.level.min()), -1.0)
        limits = (self.start, self.start + self.duration)
        self.image_ = draw_image(
            ax, self.level, self.times, limits, axis, cmap="magma", vmin=lowest, vmax=0.0
        )
        if self.scale != "mel":
            ax.set_ylim(0, self.frequencies[-1])  # half the rate, in the middle of the last bin
        set_time_axis(ax, *limits)
        self.colorbar_ = ax.figure.colorbar(self.image_, ax=ax, label="level (dB)")
        return self


class _PowerSpectrogram(SpectrumExtractor):
    """The power spectrum itself."""

    def value_names(self) -> list[str]:
        return [f"power_{bin_}" for bin_ in range(self.n_fft // 2 + 1)]

    def block_values(self, block: Any) -> np.ndarray:
        return block.power


def _maxima(
    spectrum: PowerSpectrum, extractor: SpectrumExtractor, pooled: int
) -> Iterator[np.ndarray]:
    """Yield the largest values of consecutive frames, so many of them a column."""
    rest = np.empty((0, 0), dtype=np.float32)
    for block in spectrum.blocks():
        values = extractor.block_values(block)
        rest = np.concatenate([rest, values]) if len(rest) else values
        n_whole = len(rest) // pooled * pooled
        if n_whole:
            yield rest[:n_whole].reshape(-1, pooled, rest.shape[1]).max(axis=1)
            rest = rest[n_whole:]
    if len(rest):
        yield rest.max(axis=0, keepdims=True)


def draw_image(
    ax: Axes,
    values: np.ndarray,
    times: np.ndarray,
    limits: tuple[float, float],
    axis: ValueAxis | None,
    **options: Any,
) -> QuadMesh:
    """Draw frames as an image over time.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where.
    values : ndarray of shape (n_values, n_frames)
        The frames, one a column.
    times : ndarray of shape (n_frames,)
        The middle of each column in seconds.
    limits : tuple of two float
        Where the signal begins and ends, in seconds.
    axis : ValueAxis or None
        Where the values lie; None to number them.
    **options : dict
        As in `matplotlib.axes.Axes.pcolormesh`.

    Returns
    -------
    image : matplotlib.collections.QuadMesh
        The picture.
    """
    display = required("librosa.display")
    rows = _edges(np.arange(len(values)) if axis is None else axis.positions)
    if axis is not None:
        rows = np.maximum(rows, 0)  # no band lies below 0 Hz
    columns = _edges(times)
    # The first and the last frame stand for what is left of the signal.
    columns[0], columns[-1] = min(columns[0], limits[0]), max(columns[-1], limits[1])
    image = display.specshow(
        values,
        x_coords=columns,
        y_coords=rows,
        x_axis="time",
        y_axis=None if axis is None else axis.scale,
        ax=ax,
        rasterized=True,
        **options,
    )
    if axis is not None:
        set_frequency_axis(ax, axis.scale, rows[-1])
    ax.set(ylim=(rows[0], rows[-1]), ylabel="" if axis is None else axis.label)
    return image


def set_frequency_axis(ax: Axes, scale: str, highest: float) -> None:
    """Label an axis of frequencies, or of anything else that has a scale.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where.
    scale : {"linear", "log", "mel"}
        How it is drawn.
    highest : float
        Where it ends.
    """
    ticker = required("matplotlib.ticker")
    if scale == "mel" and highest > 1024:
        octaves = range(9, int(np.log2(highest)) + 1)
        ax.yaxis.set_major_locator(ticker.FixedLocator([0, *(2**octave for octave in octaves)]))
    elif scale == "mel":  # below 1000 Hz it is linear
        ax.yaxis.set_major_locator(ticker.AutoLocator())
    elif scale == "log" and highest < 1024:
        # librosa's is linear below 65 Hz, where such signals have all that they have.
        ax.set_yscale("symlog", base=2, linthresh=highest / 64)
        ax.yaxis.set_major_formatter(ticker.ScalarFormatter())


def _edges(middles: np.ndarray) -> np.ndarray:
    """Return where the columns of a picture begin, and the end of the last one."""
    if len(middles) == 1:
        return middles[0] + np.array([-0.5, 0.5])
    between = (middles[1:] + middles[:-1]) / 2
    first, last = 2 * middles[0] - between[0], 2 * middles[-1] - between[-1]
    return np.concatenate([[first], between, [last]])
