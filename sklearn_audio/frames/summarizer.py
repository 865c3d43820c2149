"""From the frames of a signal to its row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..base import in_output_container
from ..summaries import statistic_names, summarize, validate_summary
from .base import FrameTransformer


class Summarizer(FrameTransformer):
    """Turn the frames of each signal into a row of statistics.

    What an extractor does by itself with ``summary=(...)``, as a step of its own, so that other
    transformers of frames can stand between the two.

    Parameters
    ----------
    summary : tuple of str, default=("mean", "std")
        Statistics over the frames, see `sklearn_audio.summaries`.

    Attributes
    ----------
    n_features_in_ : int
        Number of values of a frame.

    See Also
    --------
    CepstralNormalizer, Delta, FrameStacker : What may stand before it.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import Summarizer
    >>> frames = [np.array([[1.0], [3.0]]), np.array([[5.0]])]
    >>> Summarizer(summary=["mean", "max"]).fit_transform(frames)
    array([[2., 3.],
           [5., 5.]], dtype=float32)
    """

    _parameter_constraints: dict[str, list[Any]] = {"summary": [tuple, list]}

    def __init__(self, *, summary: Sequence[str] = ("mean", "std")) -> None:
        self.summary = summary

    def process(self, frames: np.ndarray) -> np.ndarray:
        """Return the statistics of the frames of one signal.

        Parameters
        ----------
        frames : ndarray of shape (n_frames, n_values)
            The frames.

        Returns
        -------
        row : ndarray of shape (len(summary) * n_values,), dtype float32
            All values of the first statistic, then all of the second, and so on.
        """
        return summarize(frames, self.summary)

    def names_out(self, value_names: Sequence[str]) -> Sequence[str]:
        """Return the names of the columns.

        Parameters
        ----------
        value_names : sequence of str
            The names of the values of a frame.

        Returns
        -------
        names : list of str
            ``value_statistic`` for each.
        """
        return statistic_names(value_names, self.summary)

    def transform(self, X: Any) -> Any:
        """Return one row a signal.

        Parameters
        ----------
        X : list of ndarray of shape (n_frames, n_values)
            Frames.

        Returns
        -------
        X_rows : ndarray of shape (n_signals, len(summary) * n_values), dtype float32
            One row a signal, or a DataFrame after ``set_output``.

        Raises
        ------
        AudioError
            For something other than frames, or another number of values than in fit.
        """
        check_is_fitted(self)
        rows = [np.ravel(row) for row in self.processed(X)]
        n_columns = len(self.summary) * self.n_features_in_
        return in_output_container(
            self, np.array(rows, dtype=np.float32).reshape(len(rows), n_columns), X
        )

    def validate_parameters(self) -> None:
        super().validate_parameters()
        validate_summary(self.summary)
