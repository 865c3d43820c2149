"""What transformers of frames share: validation and names."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, Self

import numpy as np
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from ..base import AudioTransformer, Frames
from ..errors import AudioError, NonFiniteAudioError
from ..signals import located


class FrameTransformer(AudioTransformer):
    """Base of the transformers from frames to frames.

    A subclass has keyword parameters and the method ``process``, and ``names_out`` where its
    frames hold other values than those that came.

    Attributes
    ----------
    n_features_in_ : int
        Number of values of a frame.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.frames import FrameTransformer
    >>> class Doubler(FrameTransformer):
    ...     def process(self, frames):
    ...         return 2 * frames
    >>> Doubler().fit_transform([np.array([[1.0, 2.0]])])
    [array([[2., 4.]], dtype=float32)]
    """

    @abstractmethod
    def process(self, frames: np.ndarray) -> np.ndarray:
        """Return what becomes of the frames of one signal.

        Parameters
        ----------
        frames : ndarray of shape (n_frames, n_values)
            At least one frame.

        Returns
        -------
        processed : ndarray of shape (n_frames_out, n_values_out)
            At least one frame.
        """

    def names_out(self, value_names: Sequence[str]) -> Sequence[str]:
        """Return the names of the values that come out.

        Parameters
        ----------
        value_names : sequence of str
            The names of those that come in.

        Returns
        -------
        names : sequence of str
            The same ones, unless a subclass says otherwise.
        """
        return value_names

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
        self : FrameTransformer
            This transformer.

        Raises
        ------
        AudioError
            For X without signals, or for something other than frames of equally many values.
        """
        self.validate_parameters()
        widths = [frames.shape[1] for frames in _validated_frames(X)]
        if not widths:
            raise AudioError("X holds no signals; the frames of at least one are needed")
        for position, width in enumerate(widths):
            if width != widths[0]:
                raise AudioError(
                    f"a frame has {width} values, but {widths[0]} in X[0]", position=position
                )
        self.n_features_in_ = widths[0]
        names = getattr(X, "value_names", [])
        self._value_names = (
            names if len(names) == widths[0] else [f"value_{index}" for index in range(widths[0])]
        )
        return self

    def transform(self, X: Any) -> Any:
        """Process frames.

        Parameters
        ----------
        X : list of ndarray of shape (n_frames, n_values)
            Frames.

        Returns
        -------
        X_processed : Frames
            A list of float32 arrays of shape (n_frames_out, n_values_out).

        Raises
        ------
        AudioError
            For something other than frames, or another number of values than in fit.
        """
        check_is_fitted(self)
        return Frames(self.processed(X), self.get_feature_names_out().tolist())

    def processed(self, X: Any) -> list[np.ndarray]:
        """Return what becomes of the frames of each signal.

        Parameters
        ----------
        X : list of ndarray of shape (n_frames, n_values)
            Frames.

        Returns
        -------
        processed : list of ndarray, dtype float32
            What `process` makes of each; a frame of NaN for a signal that failed.

        Raises
        ------
        AudioError
            Naming the signal, also where something made of its frames is not finite.
        """
        processed = []
        failed = np.full((1, len(self.get_feature_names_out())), np.nan, dtype=np.float32)
        for position, frames in enumerate(self.frames_of(X)):
            if np.isnan(frames).all():
                processed.append(failed)
                continue
            with located(None, position):
                with np.errstate(over="ignore"):  # what is too large for float32 is found below
                    made = np.array(self.process(frames), dtype=np.float32)
                if not np.isfinite(made).all():
                    raise NonFiniteAudioError(
                        f"{type(self).__name__} made values that are NaN, infinite or too large "
                        "for float32 of its frames. Look whether they are far from those in fit, "
                        "or scale the recordings to a full scale of 1"
                    )
                processed.append(made)
        return processed

    def frames_of(self, X: Any) -> Iterator[np.ndarray]:
        """Yield the frames of each signal, after a look at whether they are what fit has seen.

        Parameters
        ----------
        X : list of ndarray of shape (n_frames, n_values)
            Frames.

        Yields
        ------
        frames : ndarray of shape (n_frames, n_values)
            Of one signal.
        """
        for position, frames in enumerate(_validated_frames(X)):
            if frames.shape[1] != self.n_features_in_:
                raise AudioError(
                    f"a frame has {frames.shape[1]} values, but {self.n_features_in_} in fit",
                    position=position,
                )
            yield frames

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> np.ndarray:
        """Return the names of the values that come out.

        Parameters
        ----------
        input_features : sequence of str or None, default=None
            Names of the values of a frame, as a Pipeline hands them on. By default those of the
            frames in fit, which know theirs where they come from an extractor, or ``value_0``,
            ``value_1``, ...

        Returns
        -------
        names : ndarray of str, dtype object
            One a value, or one a column of rows.
        """
        check_is_fitted(self)
        if input_features is None:
            input_features = self._value_names
        if len(input_features) != self.n_features_in_:
            raise ValueError(
                f"{len(input_features)} names for the {self.n_features_in_} values of a frame"
            )
        return np.asarray(self.names_out(input_features), dtype=object)

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
        # NaN compares false, so this finds it too. NaN alone stands for a signal that failed.
        if not np.isnan(frames).all() and not (np.abs(frames) <= np.finfo(np.float32).max).all():
            raise NonFiniteAudioError(
                "its frames hold NaN, infinite values, or values too large for float32",
                position=position,
            )
        yield frames
