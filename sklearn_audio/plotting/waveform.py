"""The waveform of a signal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ..extras import required
from ..features.temporal import zero_crossings as positions_of_crossings
from ..kinds import as_signal
from ..markup import outline
from ..signals import Signal, stretch
from .display import BLUE, ORANGE, SignalDisplay, set_time_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection
    from matplotlib.lines import Line2D

# A longer signal is drawn as the area between its lowest and highest samples, in so many columns,
# more than a picture has dots across. No peak is lost.
_LONGEST_LINE = 1_000_000
_COLUMNS = 4000
# So few samples are drawn as dots too.
_MOST_DOTS = 200
# More marks would be a solid bar.
_MOST_MARKS = 2000


class WaveformDisplay(SignalDisplay):
    """The samples of a signal over time.

    A signal of more than a million samples is drawn as its outline, quickly.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        The samples.
    sample_rate : float
        In Hz.
    start : float, default=0.0
        Time of the first sample in seconds.
    zero_crossings : bool, default=False
        Mark where the sign changes.

    Attributes
    ----------
    n_zero_crossings : int
        How often the sign changes, as `sklearn_audio.features.temporal.zero_crossings` counts.
    line_ : matplotlib.lines.Line2D or None
        The waveform; None where it is drawn as an area.
    area_ : matplotlib.collections.PolyCollection or None
        The outline of a long signal.
    crossings_ : matplotlib.lines.Line2D or None
        The marks, where they are wanted.
    ax_ : matplotlib.axes.Axes
        Where it was drawn.
    figure_ : matplotlib.figure.Figure
        Its figure.

    See Also
    --------
    SpectrogramDisplay : Its frequencies.
    before_after : Two of them, around a step.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.plotting import WaveformDisplay
    >>> sine = np.sin(2 * np.pi * 220 * np.arange(22050) / 22050)
    >>> display = WaveformDisplay.from_signal(sine, 22050, start=0.1, end=0.12, zero_crossings=True)
    >>> display.n_zero_crossings
    8
    """

    area_: PolyCollection | None
    line_: Line2D | None
    crossings_: Line2D | None

    def __init__(
        self,
        samples: np.ndarray,
        sample_rate: float,
        *,
        start: float = 0.0,
        zero_crossings: bool = False,
    ) -> None:
        self.samples = samples
        self.sample_rate = sample_rate
        self.start = start
        self.zero_crossings = zero_crossings

    @classmethod
    def from_signal(
        cls,
        y: Any,
        sample_rate: float | None = None,
        *,
        start: float | None = None,
        end: float | None = None,
        zero_crossings: bool = False,
        ax: Axes | None = None,
    ) -> Self:
        """Draw a signal, or a stretch of it.

        Parameters
        ----------
        y : array-like of shape (n_samples,), or Signal
            The signal.
        sample_rate : float or None, default=None
            In Hz; needed for an array.
        start, end : float or None, default=None
            A stretch to look at closely, in seconds; None for the beginning and the end.
        zero_crossings : bool, default=False
            Mark where the sign changes. They are counted in the stretch only.
        ax : matplotlib.axes.Axes or None, default=None
            Where; None for a new figure.

        Returns
        -------
        display : WaveformDisplay
            Drawn.

        Raises
        ------
        AudioError
            Where the rate is not known, or no sample lies in the stretch.
        """
        return cls.computed(
            as_signal(y, sample_rate), start=start, end=end, zero_crossings=zero_crossings
        ).plot(ax)

    @classmethod
    def computed(
        cls,
        signal: Signal,
        *,
        start: float | None = None,
        end: float | None = None,
        zero_crossings: bool = False,
    ) -> Self:
        """Return what is shown, not drawn yet.

        Parameters
        ----------
        signal : Signal
            Of known rate.
        start, end, zero_crossings : float, float, bool
            As in ``from_signal``.

        Returns
        -------
        display : WaveformDisplay
            Not drawn.
        """
        shown, first = stretch(signal, start, end)
        return cls(shown.samples, shown.known_rate, start=first, zero_crossings=zero_crossings)

    @property
    def n_zero_crossings(self) -> int:
        return len(positions_of_crossings(self.samples))

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None, default=None
            Where; None for a new figure.

        Returns
        -------
        display : WaveformDisplay
            The same.
        """
        ax = self._use(ax, size=(8, 2.5))
        self.line_ = self.area_ = self.crossings_ = None
        n_samples = len(self.samples)
        end = self.start + n_samples / self.sample_rate
        if n_samples > _LONGEST_LINE:
            lowest, highest = outline(self.samples, _COLUMNS)
            times = np.linspace(self.start, end, len(lowest), endpoint=False)
            self.area_ = ax.fill_between(times, lowest, highest, color=BLUE, linewidth=0.5)
        else:
            [self.line_] = ax.plot(
                self.start + np.arange(n_samples) / self.sample_rate,
                self.samples,
                color=BLUE,
                linewidth=0.6 if n_samples > _MOST_DOTS else 1.2,
                marker="." if n_samples <= _MOST_DOTS else None,
            )
        set_time_axis(ax, self.start, end)
        ax.set_ylabel("amplitude")
        if self.zero_crossings:
            self._mark_crossings(ax)
        return self

    def _mark_crossings(self, ax: Axes) -> None:
        n_crossings = self.n_zero_crossings
        label = f"{n_crossings} zero crossing" + ("" if n_crossings == 1 else "s")
        times = self._times_of_crossings() if n_crossings <= _MOST_MARKS else np.empty(0)
        if n_crossings > _MOST_MARKS:
            label += ", too many to be marked"
        ax.axhline(0, color=required("matplotlib").rcParams["axes.edgecolor"], linewidth=0.5)
        size = 14 if len(self.samples) <= _MOST_DOTS else 8
        [self.crossings_] = ax.plot(
            times, np.zeros(len(times)), "|", color=ORANGE, markersize=size, label=label
        )
        # Above the picture, where it hides nothing.
        ax.legend(loc="lower right", bbox_to_anchor=(1, 1), frameon=False)

    def _times_of_crossings(self) -> np.ndarray:
        """Return where the line between two samples crosses zero, in seconds."""
        before = positions_of_crossings(self.samples)
        step = np.float64(self.samples[before + 1]) - self.samples[before]
        return self.start + (before - self.samples[before] / step) / self.sample_rate
