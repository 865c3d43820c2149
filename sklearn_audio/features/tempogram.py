"""Tempograms: how much the onsets of a signal repeat, over time and by tempo.

*Conventions.* A window moves over the onset envelope, centred at each frame in turn (P. Grosche,
M. Müller and F. Kurth, *Cyclic tempogram*, 2010). Lag k of its autocorrelation stands for the
tempo ``60 * rate / (hop_length * k)`` in beats per minute, bin k of its Fourier transform for
``60 * k * rate / (hop_length * win_length)``. Where there is no onset, all values are 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Integral, Real

import numpy as np
import scipy.fft

from ..base import Interval, Options, ValueAxis
from ..parameters import normalised
from .framing import BLOCK_LENGTH, frame_blocks
from .norms import divided_by_norm
from .onset import RhythmExtractor
from .spectrum import STFT, PowerSpectrum, padded_window


def tempogram(
    onset_envelope: np.ndarray,
    *,
    win_length: int = 384,
    window: str | tuple = "hann",
    norm: float | None = np.inf,
) -> np.ndarray:
    """Return the local autocorrelation of an onset envelope.

    Equal to `librosa.feature.tempogram`.

    Parameters
    ----------
    onset_envelope : ndarray of shape (n_frames,)
        Strength of the onsets.
    win_length : int, default=384
        Frames of the window, centred at each frame in turn. Beyond its ends the envelope is
        continued by straight lines down to 0.
    window : str or tuple, default="hann"
        Its shape, as in `scipy.signal.get_window`.
    norm : {numpy.inf, 1, 2} or None, default=numpy.inf
        What each frame is divided by: its largest value, which is that of lag 0, its sum, or its
        length; None for nothing.

    Returns
    -------
    tempogram : ndarray of shape (n_frames, win_length), dtype float32
        A value for each lag; all 0 where there is no onset.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.tempogram import tempogram
    >>> onset_envelope = np.tile([1.0, 0.0, 0.0], 30)
    >>> tempogram(onset_envelope, win_length=7, window="boxcar")[45].round(3)
    array([1.   , 0.   , 0.   , 0.667, 0.   , 0.   , 0.333], dtype=float32)
    """
    blocks = tempogram_blocks(onset_envelope, win_length=win_length, window=window, norm=norm)
    frames = np.empty((len(onset_envelope), win_length), dtype=np.float32)
    for number, block in enumerate(blocks):
        first = number * BLOCK_LENGTH
        frames[first : first + len(block)] = block
    return frames


def tempogram_blocks(
    onset_envelope: np.ndarray,
    *,
    win_length: int = 384,
    window: str | tuple = "hann",
    norm: float | None = np.inf,
) -> Iterator[np.ndarray]:
    """Yield the `tempogram`, a block of frames at a time.

    Parameters
    ----------
    onset_envelope : ndarray of shape (n_frames,)
        Strength of the onsets.
    win_length : int, default=384
        Frames of the window.
    window : str or tuple, default="hann"
        Its shape, as in `scipy.signal.get_window`.
    norm : {numpy.inf, 1, 2} or None, default=numpy.inf
        What each frame is divided by.

    Yields
    ------
    frames : ndarray of shape (n_block_frames, win_length), dtype float64
        The next frames.
    """
    for windows in _padded_windows(onset_envelope, win_length, window):
        correlation = scipy.fft.irfft(_power(windows), windows.shape[1])[:, :win_length]
        yield divided_by_norm(correlation, norm)


def mean_tempogram(
    onset_envelope: np.ndarray, *, win_length: int = 384, window: str | tuple = "hann"
) -> np.ndarray:
    """Return the mean over the frames of the `tempogram`.

    Parameters
    ----------
    onset_envelope : ndarray of shape (n_frames,)
        Strength of the onsets.
    win_length : int, default=384
        Frames of the window.
    window : str or tuple, default="hann"
        Its shape, as in `scipy.signal.get_window`.

    Returns
    -------
    mean : ndarray of shape (win_length,), dtype float64
        A value for each lag.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.tempogram import mean_tempogram
    >>> mean_tempogram(np.tile([1.0, 0.0, 0.0], 30), win_length=7)[[0, 3]].round(2)
    array([1.  , 0.28])
    """
    # Lag 0 is the energy of a window. One transform back serves all windows, since it is linear.
    power: np.ndarray | float = 0.0
    for windows in _padded_windows(onset_envelope, win_length, window):
        energy = np.einsum("ts,ts->t", windows, windows)
        silent = energy < np.finfo(energy.dtype).tiny
        power += np.where(silent, 0, 1 / np.where(silent, 1, energy)) @ _power(windows)
    return scipy.fft.irfft(power / len(onset_envelope), windows.shape[1])[:win_length]


def fourier_tempogram(
    onset_envelope: np.ndarray, *, win_length: int = 384, window: str | tuple = "hann"
) -> np.ndarray:
    """Return the magnitudes of the short-time Fourier transform of an onset envelope.

    The magnitudes of `librosa.feature.fourier_tempogram`.

    Parameters
    ----------
    onset_envelope : ndarray of shape (n_frames,)
        Strength of the onsets.
    win_length : int, default=384
        Frames of the window, centred at each frame in turn. Beyond its ends the envelope is 0.
    window : str or tuple, default="hann"
        Its shape, as in `scipy.signal.get_window`.

    Returns
    -------
    tempogram : ndarray of shape (n_tempogram_frames, win_length // 2 + 1), dtype float32
        Bin k stands for ``60 * k * rate / (hop_length * win_length)`` beats per minute. With an
        even ``win_length`` there is one frame more than in the envelope.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.tempogram import fourier_tempogram
    >>> onset_envelope = np.tile([1.0, 0.0, 0.0, 0.0], 30)
    >>> fourier_tempogram(onset_envelope, win_length=8, window="boxcar")[60].round(3)
    array([2., 0., 2., 0., 2.], dtype=float32)
    """
    shape = padded_window(normalised(window), win_length, win_length)
    blocks = frame_blocks(
        onset_envelope.astype(np.float32), frame_length=win_length, hop_length=1, center=True
    )
    return np.concatenate([np.abs(scipy.fft.rfft(frames * shape)) for frames in blocks])


def _padded_windows(
    onset_envelope: np.ndarray, win_length: int, window: str | tuple
) -> Iterator[np.ndarray]:
    """Yield the windows around each frame, a block at a time, each with as many zeros behind.

    With these an autocorrelation does not wrap around. It is computed in float64: at large lags
    the windows hardly overlap, and float32 would leave nothing but rounding there.
    """
    n_fft = scipy.fft.next_fast_len(2 * win_length - 1, real=True)
    shape = padded_window(normalised(window), win_length, win_length)
    envelope = np.pad(onset_envelope.astype(np.float64), win_length // 2, mode="linear_ramp")
    blocks = frame_blocks(
        envelope[: len(onset_envelope) + win_length - 1],
        frame_length=win_length,
        hop_length=1,
        center=False,
    )
    # The same zeros serve all blocks.
    padded = np.zeros((BLOCK_LENGTH, n_fft))
    for frames in blocks:
        np.multiply(frames, shape, out=padded[: len(frames), :win_length])
        yield padded[: len(frames)]


def _power(frames: np.ndarray) -> np.ndarray:
    """Return the power spectrum, whose transform is the autocorrelation."""
    transform = scipy.fft.rfft(frames)
    return transform.real**2 + transform.imag**2


class LocalRhythmExtractor(RhythmExtractor):
    """Base of the features of a window that moves over the onset strength.

    As in librosa, ``win_length`` and ``window`` are those of this window. That of the spectrum is
    a Hann window of ``n_fft`` samples.

    Parameters
    ----------
    win_length : int, default=384
        Frames of the window of the tempogram, centred at each frame in turn.
    window : str or tuple, default="hann"
        Its shape, as in `scipy.signal.get_window`.
    """

    win_length: int = 384
    window: str | tuple = "hann"

    _parameter_constraints = {
        **RhythmExtractor._parameter_constraints,
        "win_length": [Interval(Integral, 1, None, closed="left")],
    }

    def domain(self) -> STFT:
        return STFT(
            self.n_fft,
            self.hop_length,
            self.n_fft,
            "hann",
            self.center,
            self.pad_mode,
            self.precision,
        )

    def validate_parameters(self) -> None:
        super().validate_parameters()
        padded_window(normalised(self.window), self.win_length, self.win_length)


class TempogramExtractor(LocalRhythmExtractor):
    """How much the rhythm repeats, by lag: the local autocorrelation of the onset strength.

    Value k is that of lag k, the tempo ``60 * rate / (hop_length * k)`` beats per minute; without
    onsets all are 0. Equal to `librosa.feature.tempogram`.

    Parameters
    ----------
    norm : {numpy.inf, 1, 2} or None, default=numpy.inf
        What each frame is divided by: its largest value, which is that of lag 0, its sum, or its
        length; None for nothing.

    See Also
    --------
    TempogramRatioExtractor : The same at a few ratios to the tempo.
    sklearn_audio.features.tempogram.tempogram : The function of an onset envelope.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import TempogramExtractor
    >>> clicks = np.zeros(80000)
    >>> clicks[::6000] = 1
    >>> tempogram = TempogramExtractor(hop_length=500, sample_rate=8000, summary=["mean"])
    >>> [means] = tempogram.fit_transform([clicks])
    >>> print(1 + means[1:].argmax())  # a click each 12 frames
    12
    """

    unit = "0 to 1"

    norm: float | None = np.inf

    _parameter_constraints = {
        **LocalRhythmExtractor._parameter_constraints,
        "norm": [Options(Real, {1, 2, np.inf}), None],
    }

    def value_names(self) -> list[str]:
        return [f"tempogram_{lag}" for lag in range(self.win_length)]

    def value_axis(self, rate: float) -> ValueAxis | None:
        return ValueAxis("lag (s)", np.arange(self.win_length) * self.hop_length / rate)

    def finish(self, values: np.ndarray, spectrum: PowerSpectrum) -> np.ndarray:
        return tempogram(
            self.onset_envelope(values),
            win_length=self.win_length,
            window=self.window,
            norm=self.norm,
        )


class FourierTempogramExtractor(LocalRhythmExtractor):
    """How much the rhythm repeats, by tempo: the spectrum of the onset strength.

    Value k is the magnitude at ``60 * k * rate / (hop_length * win_length)`` beats per minute.
    The magnitudes of `librosa.feature.fourier_tempogram`; with an even ``win_length`` there is
    one frame more than in the spectrum.

    See Also
    --------
    TempogramExtractor : The autocorrelation in its place.
    sklearn_audio.features.tempogram.fourier_tempogram : The function of an onset envelope.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import FourierTempogramExtractor
    >>> clicks = np.zeros(80000)
    >>> clicks[::4000] = 1
    >>> tempogram = FourierTempogramExtractor(
    ...     win_length=120, hop_length=500, sample_rate=8000, summary=["mean"]
    ... )
    >>> [means] = tempogram.fit_transform([clicks])
    >>> print(8 + means[8:].argmax())  # a click each 8 of 120 frames
    15
    """

    unit = "dB"

    def value_names(self) -> list[str]:
        return [f"fourier_tempogram_{bin_}" for bin_ in range(self.win_length // 2 + 1)]

    def value_axis(self, rate: float) -> ValueAxis:
        per_second = np.fft.rfftfreq(self.win_length, self.hop_length / rate)
        return ValueAxis("tempo (beats / min)", 60 * per_second)

    def finish(self, values: np.ndarray, spectrum: PowerSpectrum) -> np.ndarray:
        return fourier_tempogram(
            self.onset_envelope(values), win_length=self.win_length, window=self.window
        )
