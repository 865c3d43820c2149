"""Frames that know what comes before and after them."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np

from ..base import Interval
from ..features.cepstral import delta
from .base import FrameTransformer


class Delta(FrameTransformer):
    """Append to each frame how its values change over time.

    Derivatives by a local polynomial fit, equal to `librosa.feature.delta`. Behind a
    `CepstralNormalizer` or any other transformer of frames this is what `MFCCExtractor` does by
    itself. Where a signal has fewer than ``width`` frames, its first and last are repeated.

    Parameters
    ----------
    n_deltas : int, default=2
        How many derivatives follow the values: 1 for deltas, 2 for deltas and delta-deltas.
    width : int, default=9
        Frames that a derivative looks at, an odd number above ``n_deltas``.

    Attributes
    ----------
    n_features_in_ : int
        Number of values of a frame.

    See Also
    --------
    FrameStacker : Appends the neighbouring frames themselves.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import Delta
    >>> [frames] = Delta(n_deltas=1, width=3).fit_transform([np.array([[1.0], [3.0], [5.0]])])
    >>> frames.round(3)
    array([[1., 2.],
           [3., 2.],
           [5., 2.]], dtype=float32)
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "n_deltas": [Interval(Integral, 1, None, closed="left")],
        "width": [Interval(Integral, 3, None, closed="left")],
    }

    def __init__(self, *, n_deltas: int = 2, width: int = 9) -> None:
        self.n_deltas = n_deltas
        self.width = width

    def process(self, frames: np.ndarray) -> np.ndarray:
        """Return the frames of one signal with their derivatives.

        Parameters
        ----------
        frames : ndarray of shape (n_frames, n_values)
            The frames.

        Returns
        -------
        frames : ndarray of shape (n_frames, (1 + n_deltas) * n_values)
            The values, then their first derivatives, and so on.
        """
        orders = range(1, self.n_deltas + 1)
        deltas = [delta(frames, order=order, width=self.width) for order in orders]
        return np.concatenate([frames, *deltas], axis=1)

    def names_out(self, value_names: Sequence[str]) -> Sequence[str]:
        """Return the names of the values and of their derivatives.

        Parameters
        ----------
        value_names : sequence of str
            The names of the values.

        Returns
        -------
        names : list of str
            ``value``, ``value_delta``, ``value_delta2``, and so on.
        """
        suffixes = ["", "_delta", *(f"_delta{order}" for order in range(2, self.n_deltas + 1))]
        return [f"{name}{suffix}" for suffix in suffixes for name in value_names]

    def validate_parameters(self) -> None:
        super().validate_parameters()
        if self.width % 2 == 0 or self.width <= self.n_deltas:
            raise ValueError(
                f"width={self.width} for n_deltas={self.n_deltas}; an odd number of frames above "
                "the number of derivatives is wanted"
            )


class FrameStacker(FrameTransformer):
    """Put each frame side by side with its neighbours: a window of context.

    What acoustic models of speech look at (in Kaldi ``splice-feats``, with the same defaults).
    Before the first frame stands the first, and after the last the last. With ``n_after=0`` it is
    `librosa.feature.stack_memory` with ``mode="edge"``, in the order of time.

    Parameters
    ----------
    n_before : int, default=4
        How many frames before.
    n_after : int, default=4
        How many frames after.
    hop : int, default=1
        Frames from one window to the next.

    Attributes
    ----------
    n_features_in_ : int
        Number of values of a frame.

    See Also
    --------
    Delta : The change of the values, in fewer numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import FrameStacker
    >>> stacker = FrameStacker(n_before=1, n_after=1)
    >>> stacker.fit_transform([np.array([[1.0], [2.0], [3.0]])])
    [array([[1., 1., 2.],
           [1., 2., 3.],
           [2., 3., 3.]], dtype=float32)]
    >>> stacker.get_feature_names_out().tolist()
    ['value_0_before_1', 'value_0', 'value_0_after_1']
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "n_before": [Interval(Integral, 0, None, closed="left")],
        "n_after": [Interval(Integral, 0, None, closed="left")],
        "hop": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(self, *, n_before: int = 4, n_after: int = 4, hop: int = 1) -> None:
        self.n_before = n_before
        self.n_after = n_after
        self.hop = hop

    def process(self, frames: np.ndarray) -> np.ndarray:
        """Return the windows of the frames of one signal.

        Parameters
        ----------
        frames : ndarray of shape (n_frames, n_values)
            The frames.

        Returns
        -------
        windows : ndarray of shape (n_windows, (n_before + 1 + n_after) * n_values)
            Every ``hop``-th frame, from the first on, with its neighbours in the order of time.
        """
        continued = np.pad(frames, ((self.n_before, self.n_after), (0, 0)), mode="edge")
        width = self.n_before + 1 + self.n_after
        windows = np.lib.stride_tricks.sliding_window_view(continued, width, axis=0)[:: self.hop]
        return windows.transpose(0, 2, 1).reshape(len(windows), -1)

    def names_out(self, value_names: Sequence[str]) -> Sequence[str]:
        """Return the names of the values of a window.

        Parameters
        ----------
        value_names : sequence of str
            The names of the values of a frame.

        Returns
        -------
        names : list of str
            From ``value_before_4`` by way of ``value`` to ``value_after_4``, for example.
        """
        before = [f"_before_{distance}" for distance in range(self.n_before, 0, -1)]
        after = [f"_after_{distance}" for distance in range(1, self.n_after + 1)]
        return [f"{name}{suffix}" for suffix in [*before, "", *after] for name in value_names]
