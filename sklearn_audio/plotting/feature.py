"""The frames of a feature over time."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import clone
from sklearn.preprocessing import StandardScaler

from ..base import FeatureExtractor, ValueAxis
from ..features.decibels import relative_level
from ..kinds import as_signal
from ..pipelines import loaded, named_branch, through
from ..signals import Signal, SignalBatch, stretch
from .display import GREY, ORANGE, SignalDisplay, set_time_axis
from .spectrogram import MOST_COLUMNS, draw_image
from .waveform import WaveformDisplay

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.colorbar import Colorbar
    from matplotlib.lines import Line2D

# Energies span many powers of ten, so they are shown in dB, as far below the loudest.
_LEVELS = {"power": 2.0, "magnitude": 1.0}
_TOP_DB = 80.0
_MOST_NAMES = 16
_MOST_DEVIATIONS = 3.0
# What varies by less, as a share of the largest value, does so by rounding.
_ROUNDING = 1e-6
_RANGE = r"-?[\d.]+ to [\d.]+"


class FeatureDisplay(SignalDisplay):
    """The frames of an extractor over time.

    Several values a frame are an image: bands over frequency, lags over time, and anything else by
    the names of its values. Energies are shown in dB below the loudest. Coefficients differ in size
    by far, so each is shown by its standard deviations from its own mean.

    One value a frame is a curve over the waveform, scaled so that its minimum and maximum fill the
    picture; the axis on the right has its numbers.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, n_values)
        What the extractor makes of the signal.
    times : ndarray of shape (n_frames,)
        The middle of each frame in seconds.
    signal : Signal
        The signal.
    names : list of str
        Those of the values.
    unit : str, default=""
        That of the values.
    axis : ValueAxis or None, default=None
        Where the values lie; None where they have names only.
    start : float, default=0.0
        Where the signal begins, in seconds.

    Attributes
    ----------
    image_ : matplotlib.collections.QuadMesh or None
        The picture of several values a frame.
    colorbar_ : matplotlib.colorbar.Colorbar or None
        Its scale.
    line_ : matplotlib.lines.Line2D or None
        The curve of one value a frame.
    waveform_ : WaveformDisplay or None
        What is behind the curve.
    ax_ : matplotlib.axes.Axes
        Where it was drawn. Of a curve, the axes of the waveform; those of the curve are
        ``line_.axes``.
    figure_ : matplotlib.figure.Figure
        Its figure.

    See Also
    --------
    SpectrogramDisplay : The spectrum itself.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import SpectralCentroidExtractor
    >>> from sklearn_audio.plotting import FeatureDisplay
    >>> sine = np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)
    >>> centroid = SpectralCentroidExtractor(n_fft=512, hop_length=128)
    >>> display = FeatureDisplay.from_signal(sine, 8000, extractor=centroid)
    >>> display.frames.shape
    (63, 1)
    >>> display.line_.axes.get_ylabel()
    'spectral centroid (Hz)'
    """

    image_: QuadMesh | None
    colorbar_: Colorbar | None
    line_: Line2D | None
    waveform_: WaveformDisplay | None

    def __init__(
        self,
        frames: np.ndarray,
        times: np.ndarray,
        signal: Signal,
        names: list[str],
        *,
        unit: str = "",
        axis: ValueAxis | None = None,
        start: float = 0.0,
    ) -> None:
        self.frames = frames
        self.times = times
        self.signal = signal
        self.names = names
        self.unit = unit
        self.axis = axis
        self.start = start

    @classmethod
    def from_signal(
        cls,
        y: Any,
        sample_rate: float | None = None,
        *,
        extractor: FeatureExtractor,
        value: str | None = None,
        start: float | None = None,
        end: float | None = None,
        ax: Axes | None = None,
    ) -> Self:
        """Compute the frames of a signal and draw them.

        Parameters
        ----------
        y : array-like of shape (n_samples,), or Signal
            The signal.
        sample_rate : float or None, default=None
            In Hz; needed for an array.
        extractor : FeatureExtractor
            What is computed; its ``summary`` does not matter.
        value : str or None, default=None
            One value of the frames, as a curve; None for all. Where the values differ in their
            unit, None is the first.
        start, end : float or None, default=None
            A stretch to look at closely, in seconds; None for the beginning and the end. Its frames
            are computed of nothing else.
        ax : matplotlib.axes.Axes or None, default=None
            Where; None for a new figure.

        Returns
        -------
        display : FeatureDisplay
            Drawn.

        Raises
        ------
        AudioError
            Where the rate is not known, or the extractor cannot use the signal.
        ValueError
            For an extractor that describes the whole signal, and where it has no such value.
        """
        if isinstance(extractor, type):
            raise TypeError(f"extractor is a class; an extractor is wanted: {extractor.__name__}()")
        if not isinstance(extractor, FeatureExtractor):
            raise TypeError(
                f"extractor is a {type(extractor).__name__}; an extractor such as MFCCExtractor() "
                "is wanted. For one of a pipeline use FeatureDisplay.from_estimator"
            )
        if "summary" not in extractor.get_params(deep=False):
            raise ValueError(
                f"{type(extractor).__name__} describes the whole signal in one row and has no "
                "frames to show. Print what its transform gives"
            )
        signal, first = stretch(as_signal(y, sample_rate), start, end)
        [frames] = clone(extractor).set_params(summary=None).transform(SignalBatch([signal]))
        rate = signal.known_rate
        names = extractor.value_names()
        units = extractor.units()
        if value is None and len(set(units)) > 1:
            value = names[0]
        axis = extractor.value_axis(rate)
        if axis is not None and len(axis.positions) != len(names):
            axis = None  # a class of somebody's, which made something else of the bands
        if value is not None:
            if value not in names:
                raise ValueError(f"value={value!r}; one of {', '.join(names)} is wanted")
            position = names.index(value)
            frames, axis = frames[:, [position]], None
            names, units = [value], [units[position]]
        unit = units[0]
        exponent = _LEVELS.get(unit)
        if exponent is not None and len(names) > 1:
            exponent = getattr(extractor, "power", exponent)
            frames, unit = relative_level(frames, exponent=exponent, top_db=_TOP_DB), "dB"
        times = extractor.frame_times(len(frames), rate)
        display = cls(frames, first + times, signal, names, unit=unit, axis=axis, start=first)
        return display.plot(ax)

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, index: int = 0, *, feature: str | None = None, **options: Any
    ) -> Self:
        """Draw the frames of an extractor of a pipeline, of one signal behind its steps.

        Parameters
        ----------
        estimator : estimator
            A Pipeline with an extractor or a union, a search over one, or an extractor alone. It
            need not be fitted.
        X : any kind of signals, or recordings
            What the estimator is given.
        index : int, default=0
            Which signal of X, counted from 0, or from the end where it is negative.
        feature : str or None, default=None
            The name of the extractor in the union, such as "mfccextractor"; None where there is
            only one.
        **options : dict
            As in ``from_signal``.

        Returns
        -------
        display : FeatureDisplay
            Drawn.

        Raises
        ------
        AudioError
            For a recording that cannot be read, and a signal of unknown rate.
        ValueError
            Where there is no such extractor, listing all.
        """
        _, branch = named_branch(estimator, feature)
        batch = through(loaded(estimator, X), branch.steps)
        signal = batch[batch.position_of(index)].with_rate(branch.extractor.sample_rate)
        return cls.from_signal(signal, extractor=branch.extractor, **options)

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None, default=None
            Where; None for a new figure.

        Returns
        -------
        display : FeatureDisplay
            The same.
        """
        self.image_ = self.colorbar_ = self.line_ = self.waveform_ = None
        if len(self.names) == 1:
            self._plot_curve(ax)
        else:
            self._plot_image(ax)
        return self

    def _plot_curve(self, ax: Axes | None) -> None:
        rate = self.signal.known_rate
        ax = self._use(ax, size=(8, 3))
        self.waveform_ = WaveformDisplay(self.signal.samples, rate, start=self.start).plot(ax)
        for behind in (self.waveform_.line_, self.waveform_.area_):
            if behind is not None:
                behind.set(color=GREY, alpha=0.6)
        over = ax.twinx()
        values = self.frames[:, 0]
        if self.names == ["f0"]:
            values = np.where(values > 0, values, np.nan)  # no pitch is none of 0 Hz
        marker = "." if len(values) == 1 else None
        [self.line_] = over.plot(self.times, values, color=ORANGE, linewidth=1.5, marker=marker)
        over.set_ylabel(_with_unit(self.names[0].replace("_", " "), self.unit), color=ORANGE)
        over.tick_params(axis="y", colors=ORANGE)

    def _plot_image(self, ax: Axes | None) -> None:
        ax = self._use(ax, size=(8, 3.5))
        # Of levels the loudest of several frames is shown, so that a click is seen.
        are_levels = self.axis is not None and self.unit == "dB"
        shown, times = _pooled(self.frames, self.times, loudest=are_levels)
        label = _with_unit("level" if self.unit == "dB" else "value", self.unit)
        options: dict[str, Any] = {"cmap": "magma"}
        limits = (self.start, self.start + len(self.signal) / self.signal.known_rate)
        if self.axis is None and shown.min() < 0 < shown.max():
            # Two colours for two directions.
            deviations = self.frames.std(axis=0, dtype=np.float64)
            varies = deviations > _ROUNDING * np.abs(self.frames).max()
            if varies.any() and not re.fullmatch(_RANGE, self.unit):
                # Of coefficients the first is so much larger that all others would look alike.
                shown = np.where(varies, StandardScaler().fit_transform(shown), 0)
                label = "standard deviations"
            largest = min(float(np.abs(shown).max()), _MOST_DEVIATIONS)
            options = {"cmap": "RdBu_r", "vmin": -largest, "vmax": largest}
        self.image_ = draw_image(ax, shown.T, times, limits, self.axis, **options)
        set_time_axis(ax, *limits)
        if self.axis is None:
            _name_values(ax, self.names)
        self.colorbar_ = ax.figure.colorbar(self.image_, ax=ax, label=label)


def _pooled(
    frames: np.ndarray, times: np.ndarray, *, loudest: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return no more frames than a picture has columns: the loudest of several, or their mean."""
    n_pooled = -(-len(frames) // MOST_COLUMNS)
    if n_pooled == 1:
        return frames, times
    starts = np.arange(0, len(frames), n_pooled)
    counts = np.diff(starts, append=len(frames))
    means = np.add.reduceat(times, starts) / counts
    if loudest:
        return np.maximum.reduceat(frames, starts), means
    return np.add.reduceat(frames, starts) / counts[:, np.newaxis], means


def _with_unit(label: str, unit: str) -> str:
    return f"{label} ({unit})" if unit else label


def _name_values(ax: Axes, names: list[str]) -> None:
    """Name the rows of an image, without what all their names begin with."""
    parts = [name.split("_") for name in names]
    columns = enumerate(zip(*parts, strict=False))
    n_common = next((n for n, words in columns if len(set(words)) > 1), 0)
    prefix = " ".join(parts[0][:n_common])
    labels = [_shown("_".join(words[n_common:])) for words in parts]
    # Coefficients and their derivatives are counted anew, each from 0.
    step = -(-len(names) // _MOST_NAMES)
    kinds = [label.rstrip("0123456789") for label in labels]
    named = [row for row, kind in enumerate(kinds) if (row - kinds.index(kind)) % step == 0]
    # The last one of a kind has no room where the next kind begins close above it.
    named = [row for row, above in pairwise([*named, len(names) + step]) if above - row > step / 2]
    ax.set_yticks(named, [labels[row] for row in named])
    ax.set_ylabel(prefix or "value")


def _shown(name: str) -> str:
    """Return the rest of a name as it is written: pitch classes, and derivatives over time."""
    if name.removesuffix("_sharp") in set("cdefgab"):
        return name[0].upper() + ("♯" if name.endswith("_sharp") else "")
    for written, sign in (("delta2_", "ΔΔ "), ("delta_", "Δ ")):
        if name.startswith(written):
            return sign + name.removeprefix(written)
    return name.replace("_", " ")
