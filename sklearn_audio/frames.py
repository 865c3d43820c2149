"""Transformers of frames: what comes behind an extractor with ``summary=None``.

*Conventions.* The frames of a signal are an array (n_frames, n_values); those of several signals
are a list of such arrays, or one array (n_signals, n_frames, n_values).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Self

import numpy as np
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from .base import AudioTransformer, in_output_container
from .errors import AudioError
from .summaries import statistic_names, summarize, validate_summary


class Summarizer(AudioTransformer):
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

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn how many values a frame has.

        Parameters
        ----------
        X : list of ndarray of shape (n_frames, n_values)
            Frames.
        y : None
            Ignored.

        Returns
        -------
        self : Summarizer
            This transformer.

        Raises
        ------
        AudioError
            For X without signals, or for something other than frames.
        """
        self.validate_parameters()
        validate_summary(self.summary)
        widths = [frames.shape[1] for frames in _validated_frames(X)]
        if not widths:
            raise AudioError("X holds no signals; the frames of at least one are needed")
        self.n_features_in_ = widths[0]
        names = getattr(X, "value_names", [])
        self._value_names = (
            names if len(names) == widths[0] else [f"value_{index}" for index in range(widths[0])]
        )
        return self

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
        rows = np.empty((len(X), len(self.get_feature_names_out())), dtype=np.float32)
        for position, frames in enumerate(_validated_frames(X)):
            if frames.shape[1] != self.n_features_in_:
                raise AudioError(
                    f"a frame has {frames.shape[1]} values, but {self.n_features_in_} in fit",
                    position=position,
                )
            rows[position] = summarize(frames, self.summary)
        return in_output_container(self, rows, X)

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> np.ndarray:
        """Return the name of each column.

        Parameters
        ----------
        input_features : sequence of str or None, default=None
            Names of the values of a frame, as a Pipeline hands them on. By default those of the
            frames in fit, which know theirs where they come from an extractor, or ``value_0``,
            ``value_1``, ...

        Returns
        -------
        names : ndarray of str, dtype object
            ``value_statistic`` for each.
        """
        check_is_fitted(self)
        if input_features is None:
            input_features = self._value_names
        if len(input_features) != self.n_features_in_:
            raise ValueError(
                f"{len(input_features)} names for the {self.n_features_in_} values of a frame"
            )
        return np.asarray(statistic_names(input_features, self.summary), dtype=object)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.requires_fit = True
        return tags


def _validated_frames(X: Any) -> Iterator[np.ndarray]:
    if not isinstance(X, (list, tuple, np.ndarray)):
        raise AudioError(f"X is a {type(X).__name__}; a list of the frames of signals is wanted")
    for position, item in enumerate(X):
        frames = np.asarray(item)
        if frames.ndim != 2 or len(frames) == 0 or frames.dtype.kind not in "fiu":
            raise AudioError(
                f"frames are arrays (n_frames, n_values) of numbers with at least one frame; this "
                f"one has the shape {frames.shape} and the dtype {frames.dtype}. Extractors give "
                "frames with summary=None",
                position=position,
            )
        if not np.isfinite(frames).all():
            raise AudioError("its frames hold NaN or infinite values", position=position)
        yield frames
