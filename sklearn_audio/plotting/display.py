"""What the displays of one signal share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Self

from ..extras import required
from ..pipelines import seen_signal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

# Distinct for people who see no red or no green (M. Okabe and K. Ito, 2008).
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#999999"
# Seconds from one label of an axis of time to the next, up to six hours; shorter ones are decimal.
_TIME_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600)
_MOST_TIMES = 8
_DECIMAL_SECONDS = 8.0


class SignalDisplay:
    """Base of the pictures of one signal, which have ``from_signal`` and ``plot`` of their own.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        Where it was drawn.
    figure_ : matplotlib.figure.Figure
        Its figure.
    """

    ax_: Axes
    figure_: Figure | SubFigure
    from_signal: ClassVar[Callable[..., Any]]

    @classmethod
    def from_estimator(cls, estimator: Any, X: Any, index: int = 0, **options: Any) -> Self:
        """Draw one signal as the first estimator behind the steps of a pipeline sees it.

        Parameters
        ----------
        estimator : estimator
            A Pipeline that begins with a Loader or steps, a search over one, or a single step. It
            need not be fitted.
        X : any kind of signals, or recordings
            What the estimator is given.
        index : int, default=0
            Which signal of X, counted from 0, or from the end where it is negative.
        **options : dict
            As in ``from_signal``.

        Returns
        -------
        display : SignalDisplay
            Drawn.

        Raises
        ------
        AudioError
            For a recording that cannot be read, and a signal of unknown rate.
        """
        return cls.from_signal(seen_signal(estimator, X, index), **options)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"  # the last line of a cell shows it beside the picture

    def _use(self, ax: Axes | None, *, size: tuple[float, float]) -> Axes:
        """Return the axes to draw into, and remember them."""
        self.ax_ = axes_or_new(ax, size=size)
        self.figure_ = self.ax_.figure
        return self.ax_


def axes_or_new(ax: Axes | None, *, size: tuple[float, float]) -> Axes:
    """Return axes, those of a new figure where none are given.

    Parameters
    ----------
    ax : matplotlib.axes.Axes or None
        Given by a user.
    size : tuple of two float
        Of the new figure, in inches.

    Returns
    -------
    ax : matplotlib.axes.Axes
        To draw into.
    """
    pyplot = required("matplotlib.pyplot")
    if ax is None:
        _, ax = pyplot.subplots(figsize=size, layout="constrained")
    return ax


def set_time_axis(ax: Axes, start: float, end: float) -> None:
    """Limit the horizontal axis to a stretch of time and label it.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where.
    start, end : float
        In seconds.
    """
    ticker = required("matplotlib.ticker")
    span = end - start
    locator = ticker.AutoLocator()
    if end > 60 and span > _DECIMAL_SECONDS:
        # Whole minutes and hours, which decimal steps are not.
        step = next((step for step in _TIME_STEPS if span / step <= _MOST_TIMES), None)
        locator = locator if step is None else ticker.MultipleLocator(step)
    if end <= 1 and span < 0.1:
        label, written = "time (ms)", _in_milliseconds
    elif end <= 60:
        label, written = "time (s)", _in_seconds
    elif end <= 3600:
        label, written = "time (min:s)", _in_minutes
    else:
        label, written = "time (h:min:s)", _in_hours
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ticker.FuncFormatter(written))
    ax.set(xlim=(start, end), xlabel=label)


# Functions of a module, since figures are pickled with what writes their labels.
def _in_milliseconds(time: float, _: Any) -> str:
    return f"{1000 * time:.9g}"


def _in_seconds(time: float, _: Any) -> str:
    return f"{time:.9g}"


def _in_minutes(time: float, _: Any) -> str:
    minutes, seconds = divmod(round(time, 6), 60)
    whole, _, rest = f"{seconds:.6f}".rstrip("0").partition(".")
    return f"{minutes:.0f}:{whole:>02}" + (f".{rest}" if rest else "")


def _in_hours(time: float, _: Any) -> str:
    hours, rest = divmod(round(time, 6), 3600)
    return f"{hours:.0f}:{_in_minutes(rest, None):>05}"
