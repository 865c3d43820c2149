"""Frames of comparable values."""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
from sklearn.preprocessing import StandardScaler

from ..base import StrOptions
from .base import FrameTransformer


def mean_and_deviation(frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of each value over the frames of a signal.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, n_values)
        At least one frame.

    Returns
    -------
    mean, deviation : ndarray of shape (n_values,), dtype float64
        The deviation is that of the population (ddof 0), and 1 for a value that is constant but
        for rounding.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.frames.normalization import mean_and_deviation
    >>> mean_and_deviation(np.array([[1.0, 7.0], [5.0, 7.0]]))
    (array([3., 7.]), array([2., 1.]))
    """
    frames = np.asarray(frames, dtype=np.float64)
    mean = frames.mean(axis=0)
    deviation = frames.std(axis=0)
    constant = deviation <= len(frames) * np.finfo(np.float64).eps * np.abs(mean)
    return mean, np.where(constant, 1, deviation)


class CepstralNormalizer(FrameTransformer):
    """Bring each value of the frames to mean 0 and standard deviation 1.

    Cepstral mean and variance normalisation: a channel, such as a telephone or a microphone,
    filters all of a recording alike, which adds a constant to its cepstral coefficients. Over the
    frames of each signal this constant falls out (O. Viikki and K. Laurila, 1998). Over the
    frames of all signals of ``fit`` it stays, and the values only become comparable.

    A value that is constant becomes 0, or stays what it is with ``with_mean=False``; so does a
    signal of one frame, over which every value is constant.

    Parameters
    ----------
    over : {"signal", "corpus"}, default="signal"
        What mean and standard deviation are taken over: the frames of each signal, or those of
        all signals of ``fit``.
    with_mean : bool, default=True
        Subtract the mean.
    with_std : bool, default=True
        Divide by the standard deviation.

    Attributes
    ----------
    n_features_in_ : int
        Number of values of a frame.
    mean_, scale_ : ndarray of shape (n_values,)
        Mean and standard deviation over the corpus; only with ``over="corpus"``.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import CepstralNormalizer
    >>> frames = [np.array([[1.0], [3.0]]), np.array([[11.0], [13.0]])]
    >>> CepstralNormalizer(with_std=False).fit_transform(frames)
    [array([[-1.],
           [ 1.]], dtype=float32), array([[-1.],
           [ 1.]], dtype=float32)]
    >>> CepstralNormalizer(over="corpus", with_std=False).fit_transform(frames)
    [array([[-6.],
           [-4.]], dtype=float32), array([[4.],
           [6.]], dtype=float32)]
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "over": [StrOptions({"signal", "corpus"})],
        "with_mean": ["boolean"],
        "with_std": ["boolean"],
    }

    def __init__(
        self,
        *,
        over: Literal["signal", "corpus"] = "signal",
        with_mean: bool = True,
        with_std: bool = True,
    ) -> None:
        self.over = over
        self.with_mean = with_mean
        self.with_std = with_std

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn how many values a frame has, and mean and deviation over a corpus.

        Parameters
        ----------
        X : list of ndarray of shape (n_frames, n_values)
            Frames.
        y : None
            Ignored.

        Returns
        -------
        self : CepstralNormalizer
            This transformer.

        Raises
        ------
        AudioError
            For X without signals, or for something other than frames of equally many values.
        """
        super().fit(X)
        if self.over == "corpus":
            scaler = StandardScaler()
            for frames in self.frames_of(X):
                if np.isnan(frames).all():
                    continue  # of a signal that failed
                scaler.partial_fit(frames.astype(np.float64))  # squares may not fit into float32
            self.mean_, self.scale_ = scaler.mean_, scaler.scale_
        return self

    def process(self, frames: np.ndarray) -> np.ndarray:
        """Return the normalised frames of one signal.

        Parameters
        ----------
        frames : ndarray of shape (n_frames, n_values)
            The frames.

        Returns
        -------
        frames : ndarray of shape (n_frames, n_values)
            As many frames of as many values.
        """
        of_corpus = self.over == "corpus"
        mean, scale = (self.mean_, self.scale_) if of_corpus else mean_and_deviation(frames)
        centred = frames - mean if self.with_mean else frames
        return centred / scale if self.with_std else centred
