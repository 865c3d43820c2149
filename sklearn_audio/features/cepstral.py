"""Mel-frequency cepstral coefficients."""

from __future__ import annotations

from numbers import Integral, Real

import numpy as np
import scipy.fft

from ..base import Interval, Options, StrOptions
from .mel import mel_bands, mel_filter_bank
from .spectrum import PowerSpectrum, SpectrumBlock, SpectrumExtractor

_DELTA_WIDTH = 9


def power_to_decibels(
    power: np.ndarray, *, floor: float = 1e-10, top_db: float = 80.0
) -> np.ndarray:
    """Return powers in dB re 1, cut off some way below the loudest.

    Equal to `librosa.power_to_db`.

    Parameters
    ----------
    power : ndarray
        Powers of a whole signal.
    floor : float, default=1e-10
        Smaller powers count as this.
    top_db : float, default=80.0
        What is further below the loudest value is raised to there, in dB.

    Returns
    -------
    level : ndarray
        In dB, of the same shape and dtype.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.cepstral import power_to_decibels
    >>> power_to_decibels(np.array([1.0, 0.01, 0.0]))
    array([  0., -20., -80.])
    """
    level = 10 * np.log10(np.maximum(power, floor))
    return np.maximum(level, level.max() - top_db)


def delta(frames: np.ndarray, *, order: int = 1) -> np.ndarray:
    """Return the change of each value over time, by a local polynomial fit over 9 frames.

    Equal to `librosa.feature.delta` (Savitzky-Golay). That has no value for fewer than 9 frames;
    there the first and the last frame are repeated instead, as in the HTK book.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, n_values)
        Values over time.
    order : int, default=1
        Order of the derivative, and of the polynomial.

    Returns
    -------
    change : ndarray of shape (n_frames, n_values)
        Per frame, to the power of ``order``.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.cepstral import delta
    >>> delta(np.arange(10.0)[:, np.newaxis]).ravel().round(6)
    array([1., 1., 1., 1., 1., 1., 1., 1., 1., 1.])
    """
    from scipy.signal import savgol_filter  # slow to import, and needed only here

    mode = "interp" if len(frames) >= _DELTA_WIDTH else "nearest"
    return savgol_filter(frames, _DELTA_WIDTH, polyorder=order, deriv=order, axis=0, mode=mode)


class MFCCExtractor(SpectrumExtractor):
    """Mel-frequency cepstral coefficients with their deltas.

    The shape of the spectrum in a few uncorrelated numbers: mel bands, their level in dB (at
    most 80 dB below the loudest of the signal), and the discrete cosine transform over the bands
    (S. Davis and P. Mermelstein, 1980). Equal to `librosa.feature.mfcc` and, for the deltas,
    `librosa.feature.delta`. With the defaults a frame has 13 + 13 + 13 = 39 values.

    Parameters
    ----------
    n_mfcc : int, default=13
        Number of coefficients, the 0th (overall level) included.
    n_deltas : int, default=2
        How many derivatives over time follow them: 0 for none, 2 for deltas and delta-deltas.
        They look at 9 frames; a signal of fewer frames is continued by its first and last.
    dct_type : {1, 2, 3}, default=2
        Type of the cosine transform.
    norm : {"ortho"} or None, default="ortho"
        Normalisation of the cosine transform.
    lifter : float, default=0
        Where above 0, coefficient n is weighted by ``1 + lifter / 2 * sin(pi * (n + 1) / lifter)``.
    n_mels : int, default=128
        Number of mel bands.
    fmin : float, default=0.0
        Lower edge of the lowest band in Hz.
    fmax : float or None, default=None
        Upper edge of the highest band in Hz; None for half the rate.
    htk : bool, default=False
        The mel scale of the HTK book in place of Slaney's.
    mel_norm : {"slaney"} or None, default="slaney"
        Bands of equal area, or of equal height 1.

    See Also
    --------
    MelSpectrogramExtractor : The bands.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import MFCCExtractor
    >>> noise = np.random.default_rng(0).normal(size=(2, 22050))
    >>> mfcc = MFCCExtractor(sample_rate=22050)
    >>> mfcc.fit_transform(noise).shape
    (2, 78)
    >>> mfcc.get_feature_names_out()[[0, 13, 77]].tolist()
    ['mfcc_0_mean', 'mfcc_delta_0_mean', 'mfcc_delta2_12_std']
    """

    n_mfcc: int = 13
    n_deltas: int = 2
    dct_type: int = 2
    norm: str | None = "ortho"
    lifter: float = 0
    n_mels: int = 128
    fmin: float = 0.0
    fmax: float | None = None
    htk: bool = False
    mel_norm: str | None = "slaney"

    _parameter_constraints = {
        **SpectrumExtractor._parameter_constraints,
        "n_mfcc": [Interval(Integral, 1, None, closed="left")],
        "n_deltas": [Interval(Integral, 0, _DELTA_WIDTH - 1, closed="both")],
        "dct_type": [Options(Integral, {1, 2, 3})],
        "norm": [StrOptions({"ortho"}), None],
        "lifter": [Interval(Real, 0, None, closed="left")],
        "n_mels": [Interval(Integral, 1, None, closed="left")],
        "fmin": [Interval(Real, 0, None, closed="left")],
        "fmax": [Interval(Real, 0, None, closed="neither"), None],
        "htk": ["boolean"],
        "mel_norm": [StrOptions({"slaney"}), None],
    }

    def value_names(self) -> list[str]:
        orders = ["mfcc", "mfcc_delta"] + [f"mfcc_delta{k}" for k in range(2, self.n_deltas + 1)]
        return [
            f"{name}_{coefficient}"
            for name in orders[: self.n_deltas + 1]
            for coefficient in range(self.n_mfcc)
        ]

    def block_values(self, block: SpectrumBlock) -> np.ndarray:
        weights = mel_filter_bank(
            block.spectrum.rate,
            block.spectrum.n_fft,
            n_mels=self.n_mels,
            fmin=self.fmin,
            fmax=self.fmax,
            htk=self.htk,
            norm=self.mel_norm,
        )
        return mel_bands(block, weights)

    def finish(self, values: np.ndarray, spectrum: PowerSpectrum) -> np.ndarray:
        level = power_to_decibels(values)
        mfcc = scipy.fft.dct(level, type=self.dct_type, norm=self.norm, axis=1)[:, : self.n_mfcc]
        if self.lifter > 0:
            quefrency = np.arange(1, self.n_mfcc + 1, dtype=mfcc.dtype)
            mfcc = mfcc * (1 + self.lifter / 2 * np.sin(np.pi * quefrency / self.lifter))
        deltas = [delta(mfcc, order=order) for order in range(1, self.n_deltas + 1)]
        return np.concatenate([mfcc, *deltas], axis=1)

    def validate_parameters(self) -> None:
        super().validate_parameters()
        if self.n_mfcc > self.n_mels:
            raise ValueError(
                f"n_mfcc={self.n_mfcc} coefficients of n_mels={self.n_mels} bands; "
                "there are no more coefficients than bands"
            )
        if self.dct_type == 1 and self.n_mels == 1:
            raise ValueError("dct_type=1 needs at least two bands; n_mels=1 was given")
