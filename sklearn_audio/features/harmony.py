"""Pitch classes and tonal centroids of the constant-Q transform: which notes, which harmony.

*Conventions.* The first pitch class is C, whatever the lowest bin is. A bin counts for the pitch
class nearest to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from numbers import Integral, Real
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from ..base import Interval, Options, StrOptions
from ..parameters import normalised
from .chroma import PITCH_CLASSES
from .constant_q import C1, ConstantQ, ConstantQExtractor
from .intervals import INTERVALS
from .norms import divided_by_norm
from .spectrum import padded_window

# What counts of a share of the frame's energy is how many of these it exceeds.
_CENS_STEPS = (0.05, 0.1, 0.2, 0.4)


@lru_cache(maxsize=64)
def pitch_class_weights(
    n_octaves: int,
    bins_per_octave: int,
    *,
    n_chroma: int = 12,
    fmin: float = C1,
    window: tuple[float, ...] | None = None,
) -> np.ndarray:
    """Return the weights that turn the bins of a constant-Q transform into pitch classes.

    Equal to `librosa.filters.cq_to_chroma`, transposed.

    Parameters
    ----------
    n_octaves, bins_per_octave : int
        Octaves of the transform, and bins of each.
    n_chroma : int, default=12
        Pitch classes of an octave; a divisor of ``bins_per_octave``.
    fmin : float, default=32.7
        Frequency of the lowest bin in Hz.
    window : tuple of float or None, default=None
        By what each pitch class is spread over neighbouring bins; the middle is the bin itself.

    Returns
    -------
    weights : ndarray of shape (n_octaves * bins_per_octave, n_chroma), dtype float32
        Read-only.
    """
    merged = bins_per_octave // n_chroma
    semitones_above_c = np.mod(12 * (np.log2(fmin) - np.log2(440)) + 9, 12)  # 440 Hz is A
    lowest = int(np.round(semitones_above_c * n_chroma / 12))
    classes = (np.arange(n_octaves * bins_per_octave) + merged // 2) // merged + lowest
    weights = np.eye(n_chroma)[classes % n_chroma]
    if window is not None:
        weights = np.array([np.convolve(column, window, mode="same") for column in weights.T]).T
    weights = weights.astype(np.float32)
    weights.flags.writeable = False
    return weights


def energy_normalized_chroma(
    chroma: np.ndarray,
    *,
    norm: float | None = 2,
    win_len_smooth: int | None = 41,
    smoothing_window: str | tuple = "hann",
) -> np.ndarray:
    """Return chroma whose loudness and articulation do not count: CENS.

    Each frame is told in shares of its sum, these in four steps, and the steps are smoothed over
    time, as in M. Müller and S. Ewert, *Chroma Toolbox* (2011). Equal to
    `librosa.feature.chroma_cens` of energies; only where a share is that of a step but for rounding
    may frames near it differ.

    Parameters
    ----------
    chroma : ndarray of shape (n_frames, n_chroma), dtype float32
        Energy of each pitch class.
    norm : {numpy.inf, 1, 2} or None, default=2
        Each frame is divided by this norm at last.
    win_len_smooth : int or None, default=41
        Frames over which is smoothed; None not to smooth.
    smoothing_window : str or tuple, default="hann"
        By what they are weighted, as in `scipy.signal.get_window`.

    Returns
    -------
    chroma : ndarray of shape (n_frames, n_chroma), dtype float32
        Silent frames are 0, unless there is sound near them.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.harmony import energy_normalized_chroma
    >>> loud, soft = [[8.0, 6.0, 0.0]], [[0.9, 0.6, 0.1]]
    >>> energy_normalized_chroma(np.float32(loud + soft), norm=None, win_len_smooth=None)
    array([[1.  , 1.  , 0.  ],
           [1.  , 0.75, 0.25]], dtype=float32)
    """
    shares = divided_by_norm(chroma, 1)
    exceeded = np.array([shares > step for step in _CENS_STEPS])
    steps = exceeded.mean(axis=0, dtype=np.float32)
    if win_len_smooth is not None:
        import scipy.ndimage  # slow to import, and needed only here
        import scipy.signal

        # The first and the last value of a window are often 0, and do not count.
        window = scipy.signal.get_window(smoothing_window, win_len_smooth + 2, fftbins=False)
        steps = scipy.ndimage.convolve1d(steps, window / window.sum(), axis=0, mode="constant")
    return divided_by_norm(steps, norm)


def tonal_centroids(chroma: np.ndarray) -> np.ndarray:
    """Return where chroma lies on circles of fifths, of minor thirds and of major thirds.

    The definition is that of C. Harte, M. Sandler and M. Gasser, *Detecting Harmonic Change in
    Musical Audio* (2006). Equal to `librosa.feature.tonnetz` of a chroma.

    Parameters
    ----------
    chroma : ndarray of shape (n_frames, n_chroma), dtype float32
        Energy of each pitch class.

    Returns
    -------
    centroids : ndarray of shape (n_frames, 6), dtype float32
        Two coordinates for each circle, whose radii are 1, 1 and 0.5.

    Examples
    --------
    C alone is on top of each circle:

    >>> import numpy as np
    >>> from sklearn_audio.features.harmony import tonal_centroids
    >>> tonal_centroids(np.eye(1, 12, dtype=np.float32))
    array([[0. , 1. , 0. , 1. , 0. , 0.5]], dtype=float32)
    """
    semitones = np.linspace(0, 12, chroma.shape[1], endpoint=False)
    circles = [(1, 7 / 6), (1, 3 / 2), (0.5, 2 / 3)]
    coordinates = [
        radius * function(np.pi * turns * semitones)
        for radius, turns in circles
        for function in (np.sin, np.cos)
    ]
    return divided_by_norm(chroma, 1) @ np.array(coordinates, dtype=np.float32).T


class _PitchClassExtractor(ConstantQExtractor):
    """Base of the features of pitch classes.

    Parameters
    ----------
    n_chroma : int, default=12
        Pitch classes of an octave; ``bins_per_octave`` is a multiple of it.
    window : sequence of float or None, default=None
        By what each pitch class is spread over neighbouring bins; the middle is the bin itself.
    """

    n_chroma: int = 12
    window: Sequence[float] | None = None

    _parameter_constraints = {
        **ConstantQExtractor._parameter_constraints,
        "n_chroma": [Interval(Integral, 2, None, closed="left")],
        "window": ["array-like", None],
    }

    def block_values(self, magnitudes: np.ndarray) -> np.ndarray:
        return magnitudes @ pitch_class_weights(
            self.n_octaves,
            self.bins_per_octave,
            n_chroma=self.n_chroma,
            fmin=self.domain().fmin,
            window=normalised(self.window),
        )

    def validate_parameters(self) -> None:
        super().validate_parameters()
        if self.bins_per_octave % self.n_chroma:
            raise ValueError(
                f"bins_per_octave={self.bins_per_octave} is no multiple of "
                f"n_chroma={self.n_chroma}; each pitch class takes as many bins as any other"
            )
        n_bins = self.n_octaves * self.bins_per_octave
        if self.window is not None:
            window = normalised(self.window)
            if not (_are_numbers(window) and 0 < len(window) <= n_bins):
                raise ValueError(
                    f"window={self.window!r}; numbers are wanted, at most one for each of the "
                    f"{n_bins} bins, for example [0.5, 1, 0.5]"
                )


class ChromaCQTExtractor(_PitchClassExtractor):
    """Energy by pitch class, from bins that are as far apart as notes.

    The bins of the constant-Q transform, tuned to the recording, summed over octaves, and each
    frame divided by its largest value. Equal to `librosa.feature.chroma_cqt`. It tells low
    notes apart that `ChromaExtractor` cannot. A silent frame is all 0.

    Parameters
    ----------
    norm : {numpy.inf, 1, 2} or None, default=numpy.inf
        Each frame is divided by this norm: its maximum, sum, or length; None leaves energies.
    threshold : float, default=0.0
        Energies below count as 0.

    See Also
    --------
    sklearn_audio.ChromaExtractor : The same of a Fourier transform, which is quicker.
    ChromaCENSExtractor : Smoothed, for the harmony of longer passages.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import ChromaCQTExtractor
    >>> a1 = np.sin(2 * np.pi * 55 * np.arange(22050) / 22050)
    >>> chroma = ChromaCQTExtractor(summary=["mean"], sample_rate=22050)
    >>> chroma.get_feature_names_out()[chroma.fit_transform([a1]).argmax()]
    'chroma_cqt_a_mean'
    """

    unit = "0 to 1"

    norm: float | None = np.inf
    threshold: float = 0.0

    _parameter_constraints = {
        **_PitchClassExtractor._parameter_constraints,
        "norm": [Options(Real, {1, 2, np.inf}), None],
        "threshold": [Interval(Real, -1e30, 1e30, closed="both")],
    }

    def value_names(self) -> list[str]:
        return _names("chroma_cqt", self.n_chroma)

    def block_values(self, magnitudes: np.ndarray) -> np.ndarray:
        return _thresholded(super().block_values(magnitudes), self.threshold, self.norm)


class ChromaCENSExtractor(_PitchClassExtractor):
    """Energy by pitch class, whatever the loudness and articulation: CENS.

    The bins of the constant-Q transform, tuned to the recording, summed over octaves, told in four
    steps of their share, smoothed over time, and each frame divided by its length. Equal to
    `librosa.feature.chroma_cens`. Made for matching recordings of the same music. A silent frame
    is all 0, unless there is sound near it.

    Parameters
    ----------
    norm : {numpy.inf, 1, 2} or None, default=2
        Each frame is divided by this norm: its maximum, sum, or length; None leaves it.
    win_len_smooth : int or None, default=41
        Frames over which is smoothed; None not to smooth.
    smoothing_window : str or tuple, default="hann"
        By what they are weighted, as in `scipy.signal.get_window`.

    See Also
    --------
    sklearn_audio.features.harmony.energy_normalized_chroma : The function of one chroma.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import ChromaCENSExtractor
    >>> time = np.arange(22050) / 22050
    >>> notes = np.sin(2 * np.pi * 440 * time) + 0.5 * np.sin(2 * np.pi * 622.25 * time)
    >>> chroma = ChromaCENSExtractor(summary=["median"], sample_rate=22050)
    >>> chroma.get_feature_names_out()[chroma.fit_transform([notes])[0] > 0.5].tolist()
    ['chroma_cens_d_sharp_median', 'chroma_cens_a_median']
    """

    unit = "0 to 1"

    norm: float | None = 2
    win_len_smooth: int | None = 41
    smoothing_window: str | tuple = "hann"

    _parameter_constraints = {
        **_PitchClassExtractor._parameter_constraints,
        "norm": [Options(Real, {1, 2, np.inf}), None],
        "win_len_smooth": [Interval(Integral, 1, None, closed="left"), None],
        "smoothing_window": [str, tuple],
    }

    def value_names(self) -> list[str]:
        return _names("chroma_cens", self.n_chroma)

    def finish(self, values: np.ndarray) -> np.ndarray:
        return energy_normalized_chroma(
            values,
            norm=self.norm,
            win_len_smooth=self.win_len_smooth,
            smoothing_window=normalised(self.smoothing_window),
        )

    def validate_parameters(self) -> None:
        super().validate_parameters()
        if self.win_len_smooth is not None:
            n_frames = self.win_len_smooth + 2
            padded_window(normalised(self.smoothing_window), n_frames, n_frames)


class ChromaVQTExtractor(ConstantQExtractor):
    """Energy by the notes of any scale, from bins that are as far apart as these.

    The bins of a variable-Q transform summed over octaves, and each frame divided by its largest
    value. Equal to `librosa.feature.chroma_vqt`. A silent frame is all 0.

    Parameters
    ----------
    intervals : {"equal", "pythagorean", "ji3", "ji5", "ji7"} or array-like, default="equal"
        The notes of an octave: a system of tuning (``"ji5"`` is the just intonation of fifths and
        thirds), or ascending ratios from 1 up to, but not including, 2.
    gamma : float or None, default=0.0
        By how many Hz all filters are wider than those of constant Q, so that low notes are told
        apart in time; None for bandwidths in proportion to those of hearing.
    bins_per_octave : int, default=12
        Notes of an octave; where ``intervals`` are ratios, their number counts.
    norm : {numpy.inf, 1, 2} or None, default=numpy.inf
        Each frame is divided by this norm: its maximum, sum, or length; None leaves energies.
    threshold : float, default=0.0
        Energies below count as 0.
    tuning : float or None, default=0.0
        Deviation from A440 in fractions of a bin; None to estimate it for each signal.

    See Also
    --------
    sklearn_audio.features.intervals.intervals_of_octave : The ratios of the systems of tuning.

    Examples
    --------
    A pentatonic scale on C:

    >>> import numpy as np
    >>> from sklearn_audio import ChromaVQTExtractor
    >>> scale = [1, 9 / 8, 5 / 4, 3 / 2, 5 / 3]
    >>> chroma = ChromaVQTExtractor(intervals=scale, summary=["median"], sample_rate=22050)
    >>> e3 = np.sin(2 * np.pi * 5 * 32.7 * np.arange(22050) / 22050)
    >>> chroma.get_feature_names_out()[chroma.fit_transform([e3]).argmax()]
    'chroma_vqt_2_median'
    """

    unit = "0 to 1"

    intervals: str | ArrayLike = "equal"
    gamma: float | None = 0.0
    bins_per_octave: int = 12
    norm: float | None = np.inf
    threshold: float = 0.0
    tuning: float | None = 0.0

    _parameter_constraints = {
        **ConstantQExtractor._parameter_constraints,
        "intervals": [StrOptions(set(INTERVALS)), "array-like"],
        "gamma": [Interval(Real, 0, None, closed="left"), None],
        "norm": [Options(Real, {1, 2, np.inf}), None],
        "threshold": [Interval(Real, -1e30, 1e30, closed="both")],
    }

    def domain(self) -> ConstantQ:
        intervals = normalised(self.intervals)
        n_bins = self.bins_per_octave if isinstance(intervals, str) else len(intervals)
        return replace(
            super().domain(), bins_per_octave=n_bins, intervals=intervals, gamma=self.gamma
        )

    def value_names(self) -> list[str]:
        return _names("chroma_vqt", self.domain().bins_per_octave)

    def block_values(self, magnitudes: np.ndarray) -> np.ndarray:
        domain = self.domain()
        weights = pitch_class_weights(
            domain.n_octaves,
            domain.bins_per_octave,
            n_chroma=domain.bins_per_octave,
            fmin=domain.fmin,
        )
        return _thresholded(magnitudes @ weights, self.threshold, self.norm)

    def validate_parameters(self) -> None:
        super().validate_parameters()
        if isinstance(self.intervals, str):
            return
        intervals = normalised(self.intervals)
        ascending = _are_numbers(intervals) and (np.diff(intervals, prepend=0) > 0).all()
        if not (ascending and len(intervals) > 1 and intervals[0] >= 1 and intervals[-1] < 2):
            raise ValueError(
                f"intervals={self.intervals!r}; at least two ascending ratios from 1 up to, but "
                "not including, 2 are wanted, for example [1, 9 / 8, 5 / 4, 3 / 2, 5 / 3]"
            )


class TonnetzExtractor(_PitchClassExtractor):
    """Tonal centroids: where the harmony lies on the circles of fifths and thirds.

    The bins of the constant-Q transform, tuned to the recording, summed to pitch classes, whose
    centroid has two coordinates on each of three circles: of fifths, of minor thirds and of major
    thirds. Equal to `librosa.feature.tonnetz`. A silent frame is all 0.

    Parameters
    ----------
    chroma : {"cqt", "cens"}, default="cqt"
        Whether the energies by pitch class are those of `ChromaCQTExtractor`, or the smooth ones
        of `ChromaCENSExtractor` in its default setting.

    See Also
    --------
    sklearn_audio.features.harmony.tonal_centroids : The function of one chroma.

    Examples
    --------
    A C is on top of all circles:

    >>> import numpy as np
    >>> from sklearn_audio import TonnetzExtractor
    >>> c4 = np.sin(2 * np.pi * 261.63 * np.arange(22050) / 22050)
    >>> tonnetz = TonnetzExtractor(summary=["median"], sample_rate=22050)
    >>> tonnetz.fit_transform([c4]).round(1) + 0
    array([[0. , 0.9, 0. , 0.9, 0. , 0.5]], dtype=float32)
    """

    unit = "-1 to 1"

    chroma: Literal["cqt", "cens"] = "cqt"

    _parameter_constraints = {
        **_PitchClassExtractor._parameter_constraints,
        "chroma": [StrOptions({"cqt", "cens"})],
    }

    def value_names(self) -> list[str]:
        return [
            f"tonnetz_{circle}_{axis}" for circle in ("fifth", "minor", "major") for axis in "xy"
        ]

    def finish(self, values: np.ndarray) -> np.ndarray:
        return tonal_centroids(
            energy_normalized_chroma(values) if self.chroma == "cens" else values
        )


def _are_numbers(values: Any) -> bool:
    return isinstance(values, tuple) and all(
        isinstance(value, Real) and np.isfinite(float(value)) for value in values
    )


def _names(prefix: str, n_chroma: int) -> list[str]:
    classes = PITCH_CLASSES if n_chroma == 12 else range(n_chroma)
    return [f"{prefix}_{pitch_class}" for pitch_class in classes]


def _thresholded(chroma: np.ndarray, threshold: float, norm: float | None) -> np.ndarray:
    return divided_by_norm(np.where(chroma < threshold, np.float32(0), chroma), norm)
