"""A signal before and after a step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from sklearn.pipeline import make_pipeline

from ..extras import required
from ..kinds import as_signal
from ..pipelines import loaded, steps_of
from ..signals import located
from .display import SignalDisplay, set_time_axis
from .spectrogram import SpectrogramDisplay, set_frequency_axis
from .waveform import WaveformDisplay

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure


class BeforeAfterDisplay:
    """Two pictures of a signal, the one above as it was and the one below as it became.

    Parameters
    ----------
    before, after : WaveformDisplay or SpectrogramDisplay
        The pictures.
    title : str, default=""
        What was done.

    Attributes
    ----------
    before_, after_ : WaveformDisplay or SpectrogramDisplay
        The same, drawn.
    axes_ : ndarray of matplotlib.axes.Axes of shape (2,)
        Where they were drawn, the signal before first.
    figure_ : matplotlib.figure.Figure
        Their figure.

    See Also
    --------
    before_after : Makes one.
    """

    axes_: np.ndarray
    figure_: Figure | SubFigure
    before_: SignalDisplay
    after_: SignalDisplay

    def __init__(self, before: Any, after: Any, *, title: str = "") -> None:
        self.before = before
        self.after = after
        self.title = title

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def plot(self, axes: Sequence[Axes] | None = None) -> Self:
        """Draw.

        Parameters
        ----------
        axes : sequence of two matplotlib.axes.Axes or None, default=None
            Where; None for a new figure.

        Returns
        -------
        display : BeforeAfterDisplay
            The same.
        """
        if axes is None:
            # Shared, so that what became softer, shorter or darker is seen to be so.
            _, axes = required("matplotlib.pyplot").subplots(
                2, 1, figsize=(8, 4.5), sharex=True, sharey=True, layout="constrained"
            )
        self.axes_ = np.array(axes)
        above, below = self.axes_
        limits = []
        for ax, display in ((above, self.before), (below, self.after)):
            display.plot(ax)
            limits.append((*ax.get_xlim(), *ax.get_ylim()))
        left, right, bottom, top = np.transpose(limits)
        for ax, display in ((above, self.before), (below, self.after)):
            ax.set_ylim(bottom.min(), top.max())
            set_time_axis(ax, left.min(), right.max())
            if isinstance(display, SpectrogramDisplay):
                set_frequency_axis(ax, display.scale, top.max())
        self.before_, self.after_ = self.before, self.after
        self.figure_ = above.figure
        above.set(title="before", xlabel="")
        below.set(title=f"after {self.title}".rstrip())
        return self


def before_after(
    steps: Any,
    X: Any,
    index: int = 0,
    *,
    kind: Literal["waveform", "spectrogram"] = "waveform",
    sample_rate: float | None = None,
    axes: Sequence[Axes] | None = None,
    **options: Any,
) -> BeforeAfterDisplay:
    """Draw a signal before and after steps.

    Parameters
    ----------
    steps : SignalTransformer, list of these, or Pipeline
        What the signal goes through. Of a Pipeline, the steps that it begins with; a Loader comes
        before both pictures.
    X : any kind of signals, or recordings
        What the first of them is given.
    index : int, default=0
        Which signal of X, counted from 0, or from the end where it is negative.
    kind : {"waveform", "spectrogram"}, default="waveform"
        What is drawn. Each spectrogram is in dB below its own loudest point.
    sample_rate : float or None, default=None
        In Hz; needed for plain arrays, unless one of the steps is told it.
    axes : sequence of two matplotlib.axes.Axes or None, default=None
        Where; None for a new figure.
    **options : dict
        As in `WaveformDisplay.from_signal` (``start`` and ``end``, for example) or
        `SpectrogramDisplay.from_signal`.

    Returns
    -------
    display : BeforeAfterDisplay
        Drawn.

    Raises
    ------
    AudioError
        For a recording that cannot be read, and a signal of unknown rate.

    Examples
    --------
    >>> from sklearn_audio import Loader, PreEmphasis
    >>> from sklearn_audio.datasets import load_percussion
    >>> from sklearn_audio.plotting import before_after
    >>> batch = Loader().transform(load_percussion().paths)
    >>> display = before_after(PreEmphasis(), batch, 3)
    >>> [ax.get_title() for ax in display.axes_]
    ['before', 'after PreEmphasis']
    """
    if kind not in ("waveform", "spectrogram"):
        raise ValueError(f"kind={kind!r}; 'waveform' or 'spectrogram' is wanted")
    display: Any = WaveformDisplay if kind == "waveform" else SpectrogramDisplay
    chain = make_pipeline(*steps) if isinstance(steps, (list, tuple)) else steps
    shown = list(steps_of(chain))
    if not shown:
        raise ValueError(
            f"{type(steps).__name__} has no step to look at; a step such as PreEmphasis(), a list "
            "of steps or a Pipeline that begins with steps is wanted"
        )
    batch = loaded(chain, X)
    position = batch.position_of(index)
    told = (getattr(step, "sample_rate", None) for step in shown)
    rate = next((each for each in (sample_rate, *told) if each is not None), None)
    signal = batch[position]
    before = as_signal(signal, rate if signal.rate is None else sample_rate)
    after = before
    with located(batch.sources[position], position):
        for step in shown:
            step.validate_parameters()
            after = step.process(after)
    pictures = (display.computed(each, **options) for each in (before, after))
    title = ", ".join(type(step).__name__ for step in shown)
    return BeforeAfterDisplay(*pictures, title=title).plot(axes)
