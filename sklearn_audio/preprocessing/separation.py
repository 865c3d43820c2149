"""Parting what sounds on, harmonic, from what strikes, percussive.

*Conventions.* In a spectrogram a held tone is a line along time and a stroke one along frequency.
A running median along time keeps the one and drops the other, and the median along frequency does
the opposite; each bin is given to the two parts as the medians there compare (D. Fitzgerald,
Harmonic/percussive separation using median filtering, DAFx 2010). With a margin, what is neither
clearly the one nor the other is left out of both (J. Driedger, M. Müller and S. Disch, Extending
harmonic-percussive separation of audio signals, ISMIR 2014). Transform and inverse are those of
`librosa.stft` and `librosa.istft`, with a Hann window and centred frames.
"""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
import scipy.fft

from ..base import Interval, SignalTransformer
from ..features.framing import frame_blocks
from ..features.spectrum import padded_window
from ..parameters import with_inherited_parameters
from ..signals import Signal

# A long signal is separated in stretches of so many frames, 24 s in the default setting.
_STRETCH_LENGTH = 1024


def running_median(values: np.ndarray, size: int, *, axis: int) -> np.ndarray:
    """Return the median of a window around each value, along one axis.

    Equal to `scipy.ndimage.median_filter` with ``mode="reflect"`` and the size 1 along the other
    axis.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_columns)
        What to filter.
    size : int
        Values of a window. Beyond the ends, values are mirrored.
    axis : int
        Along which the windows lie.

    Returns
    -------
    medians : ndarray of shape (n_rows, n_columns)
        Of the same dtype.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.preprocessing.separation import running_median
    >>> running_median(np.array([[1.0, 9.0, 2.0, 3.0, 8.0]]), 3, axis=1)
    array([[1., 2., 3., 3., 8.]])
    """
    from scipy.ndimage import median_filter  # slow to import, and needed only here

    rows = np.moveaxis(values, axis, -1)
    half = size // 2
    # scipy is about ten times as fast along a single row, so all rows are laid one behind the
    # other; with mirrored ends between them, no window that counts reaches into the next row.
    mirrored = np.pad(rows, ((0, 0), (half, half)), mode="symmetric")
    medians = median_filter(mirrored.ravel(), size).reshape(mirrored.shape)
    return np.moveaxis(medians[:, half : half + rows.shape[1]], -1, axis)


def soft_mask(
    wanted: np.ndarray, others: np.ndarray, *, power: float = 2.0, of_silence: float = 0.0
) -> np.ndarray:
    """Return the share of what is wanted, ``wanted**power / (wanted**power + others**power)``.

    Equal to `librosa.util.softmask`.

    Parameters
    ----------
    wanted, others : ndarray, of the same shape
        Magnitudes, not negative.
    power : float, default=2.0
        The higher, the harder: 1 shares by magnitude, 2 by power, infinity gives 1 where more is
        wanted than not, and 0 elsewhere.
    of_silence : float, default=0.0
        The share where both are 0.

    Returns
    -------
    mask : ndarray, of the same shape
        From 0 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.preprocessing.separation import soft_mask
    >>> soft_mask(np.array([3.0, 1.0, 0.0]), np.array([1.0, 1.0, 5.0]))
    array([0.9, 0.5, 0. ])
    """
    if power == np.inf:
        return (wanted > others).astype(wanted.dtype)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        mask = 1 / (1 + (others / wanted) ** power)
    mask[np.isnan(mask)] = of_silence  # 0 / 0
    return mask


def overlap_add(frames: np.ndarray, hop_length: int) -> np.ndarray:
    """Return the sum of frames, each ``hop_length`` samples behind the one before.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, frame_length)
        The frames.
    hop_length : int
        Samples from one frame to the next.

    Returns
    -------
    samples : ndarray of shape (n_samples,)
        From the begin of the first frame to the end of the last one, or further with zeros, to a
        multiple of ``hop_length``.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.preprocessing.separation import overlap_add
    >>> overlap_add(np.array([[1, 2, 3, 4], [10, 20, 30, 40]]), hop_length=2)
    array([ 1,  2, 13, 24, 30, 40])
    """
    n_frames, frame_length = frames.shape
    starts = range(0, frame_length, hop_length)
    total = np.zeros((n_frames + len(starts) - 1, hop_length), dtype=frames.dtype)
    for position, start in enumerate(starts):
        piece = frames[:, start : start + hop_length]
        total[position : position + n_frames, : piece.shape[1]] += piece
    return total.ravel()


def harmonic_percussive(
    samples: np.ndarray,
    *,
    kernel_size: int | tuple[int, int] = 31,
    power: float = 2.0,
    margin: float = 1.0,
    n_fft: int = 2048,
    hop_length: int | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the harmonic and the percussive part of a signal.

    Equal to `librosa.effects.hpss`. Where ``hop_length`` is more than a quarter of ``n_fft``, the
    last samples, which only the end of a window reaches, fade out.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,), dtype float32
        The signal.
    kernel_size : int or tuple of two ints, default=31
        Frames of a median along time, and bins of a median along frequency.
    power : float, default=2.0
        Of the medians that are compared, see `soft_mask`.
    margin : float, default=1.0
        A part gets half of a bin where its median is so many times the other one.
    n_fft : int, default=2048
        Samples of a frame.
    hop_length : int or None, default=None
        Samples from one frame to the next, at most ``n_fft // 2``; None for ``n_fft // 4``.

    Returns
    -------
    harmonic, percussive : ndarray of shape (n_samples,), dtype float32
        With a margin of 1 and a finite power their sum is the signal.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.preprocessing.separation import harmonic_percussive
    >>> tone = np.sin(0.3 * np.arange(22050, dtype=np.float32))
    >>> click = np.zeros(22050, dtype=np.float32)
    >>> click[12000] = 5
    >>> harmonic, percussive = harmonic_percussive(tone + click)
    >>> abs(harmonic).max().round(1), abs(percussive).max().round(1)
    (np.float32(1.0), np.float32(5.0))
    """
    hop_length = n_fft // 4 if hop_length is None else hop_length
    pair = kernel_size if isinstance(kernel_size, (tuple, list)) else (kernel_size, kernel_size)
    n_frames, n_bins = pair
    # A sample depends on the frames around it, and on those that are in one median with them.
    reach = (n_frames // 2 + n_fft // hop_length + 1) * hop_length
    stretch_length = _STRETCH_LENGTH * hop_length
    power, margin = float(power), float(margin)  # numpy's own would make float64 of everything
    harmonic, percussive = np.empty_like(samples), np.empty_like(samples)
    for start in range(0, len(samples), stretch_length):
        before = min(start, reach)
        stretch = samples[start - before : start + stretch_length + reach]
        separated = _separated(stretch, n_frames, n_bins, power, margin, n_fft, hop_length)
        kept = separated[:, before : before + stretch_length]
        harmonic[start : start + stretch_length], percussive[start : start + stretch_length] = kept
    return harmonic, percussive


def _separated(
    samples: np.ndarray,
    n_frames: int,
    n_bins: int,
    power: float,
    margin: float,
    n_fft: int,
    hop_length: int,
) -> np.ndarray:
    """Return both parts of a stretch of a signal, as two rows."""
    window = padded_window("hann", n_fft, n_fft)
    blocks = frame_blocks(samples, frame_length=n_fft, hop_length=hop_length, center=True)
    spectrum = np.concatenate([scipy.fft.rfft(frames * window) for frames in blocks])
    magnitude = np.abs(spectrum)
    along_time = running_median(magnitude, n_frames, axis=0)
    along_frequency = running_median(magnitude, n_bins, axis=1)

    overlap = overlap_add(np.broadcast_to(window**2, (len(spectrum), n_fft)), hop_length)
    # Less than a quarter is left only at the end of a signal, where dividing by it would blow up
    # what the mask has left of the window's fading.
    overlap = np.maximum(overlap, 0.25)
    parts = []
    for wanted, others in ((along_time, along_frequency), (along_frequency, along_time)):
        mask = soft_mask(wanted, margin * others, power=power, of_silence=0.5 * (margin == 1))
        frames = scipy.fft.irfft(mask * spectrum, n_fft) * window
        part = overlap_add(frames, hop_length) / overlap
        parts.append(part[n_fft // 2 : n_fft // 2 + len(samples)])
    return np.array(parts)


class Separator(SignalTransformer):
    """Base of the steps that keep one part of a signal.

    Parameters
    ----------
    kernel_size : int or tuple of two ints, default=31
        Frames of the running median along time, and bins of that along frequency.
    power : float, default=2.0
        How hard the parts are divided: 1 by magnitude, 2 by power, infinity all or nothing.
    margin : float, default=1.0
        A part gets half of a bin where its median is so many times the other one.
    n_fft : int, default=2048
        Samples of a frame.
    hop_length : int or None, default=None
        Samples from one frame to the next, at most ``n_fft // 2``; None for ``n_fft // 4``.
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "kernel_size": [Interval(Integral, 1, None, closed="left"), tuple, list],
        "power": [Interval(Real, 0, np.inf, closed="right")],
        "margin": [Interval(Real, 1, 1e6, closed="both")],
        "n_fft": [Interval(Integral, 4, None, closed="left")],
        "hop_length": [Interval(Integral, 1, None, closed="left"), None],
    }

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.__doc__ = with_inherited_parameters(cls)

    def __init__(
        self,
        *,
        kernel_size: int | tuple[int, int] = 31,
        power: float = 2.0,
        margin: float = 1.0,
        n_fft: int = 2048,
        hop_length: int | None = None,
    ) -> None:
        self.kernel_size = kernel_size
        self.power = power
        self.margin = margin
        self.n_fft = n_fft
        self.hop_length = hop_length

    def parts(self, signal: Signal) -> tuple[Signal, Signal]:
        """Return the harmonic and the percussive part of a signal.

        Parameters
        ----------
        signal : Signal
            The signal.

        Returns
        -------
        harmonic, percussive : Signal
            Of the same length, at the same rate.
        """
        harmonic, percussive = harmonic_percussive(signal.samples, **self.get_params())
        return Signal(harmonic, signal.rate), Signal(percussive, signal.rate)

    def validate_parameters(self) -> None:
        super().validate_parameters()
        sizes = self.kernel_size
        if isinstance(sizes, (tuple, list)) and not (
            len(sizes) == 2 and all(isinstance(size, Integral) and int(size) > 0 for size in sizes)
        ):
            raise ValueError(
                f"kernel_size={sizes!r}; a number of frames and one of bins are wanted, or one "
                "number for both"
            )
        if self.hop_length is not None and self.hop_length > self.n_fft // 2:
            raise ValueError(
                f"hop_length={self.hop_length} is more than half of n_fft={self.n_fft}; frames "
                "have to overlap by half or more to be put together again"
            )


class HarmonicSeparator(Separator):
    """Keep of each signal what sounds on: tones without the strokes.

    Equal to `librosa.effects.harmonic`.

    See Also
    --------
    PercussiveSeparator : Keeps the other part.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import HarmonicSeparator
    >>> click = np.zeros((1, 22050), dtype=np.float32)
    >>> click[0, 12000] = 1
    >>> abs(HarmonicSeparator().fit_transform(click)).max() < 0.001
    np.True_
    """

    def process(self, signal: Signal) -> Signal:
        """Return the harmonic part of the signal.

        Parameters
        ----------
        signal : Signal
            The signal.

        Returns
        -------
        signal : Signal
            At the same rate.
        """
        return self.parts(signal)[0]


class PercussiveSeparator(Separator):
    """Keep of each signal what strikes: drums, plosives and clicks without the tones.

    Equal to `librosa.effects.percussive`.

    See Also
    --------
    HarmonicSeparator : Keeps the other part.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import PercussiveSeparator
    >>> tone = np.sin(0.3 * np.arange(22050, dtype=np.float32))[np.newaxis]
    >>> percussive = PercussiveSeparator().fit_transform(tone)
    >>> abs(percussive[:, 2048:-2048]).max() < 0.01
    np.True_
    """

    def process(self, signal: Signal) -> Signal:
        """Return the percussive part of the signal.

        Parameters
        ----------
        signal : Signal
            The signal.

        Returns
        -------
        signal : Signal
            At the same rate.
        """
        return self.parts(signal)[1]
