"""Cepstral coefficients: the shape of the spectrum in a few uncorrelated numbers.

*Conventions.* The energies of a filter bank, their level in dB, and the cosine transform of a
frame's levels over the bands. Coefficient 0 is the overall level; the lower the number, the
broader the shape it tells of. What differs is the filter bank.
"""

from __future__ import annotations

from functools import lru_cache
from math import factorial
from numbers import Integral, Real
from typing import ClassVar

import numpy as np
import scipy.fft
from scipy.sparse import csr_array

from ..base import Interval, Options, StrOptions
from .decibels import power_to_decibels
from .filter_banks import (
    FilterBankExtractor,
    bark_filter_bank,
    gammatone_filter_bank,
    linear_filter_bank,
    loudest_energy,
)
from .mel import mel_filter_bank
from .spectrum import KEPT_BYTES, PowerSpectrum, SpectrumBlock

_DELTA_WIDTH = 9


@lru_cache(maxsize=64)
def cosine_matrix(
    n_bands: int, n_coefficients: int, *, dct_type: int = 2, norm: str | None = "ortho"
) -> np.ndarray:
    """Return the first coefficients of the discrete cosine transform as a matrix.

    Parameters
    ----------
    n_bands : int
        Length of what is transformed.
    n_coefficients : int
        How many coefficients are kept.
    dct_type : {1, 2, 3}, default=2
        Type of the transform.
    norm : {"ortho"} or None, default="ortho"
        Its normalisation, as in `scipy.fft.dct`.

    Returns
    -------
    cosines : ndarray of shape (n_bands, n_coefficients), dtype float32
        What levels are multiplied by. Kept and shared: read-only.

    Examples
    --------
    >>> from sklearn_audio.features.cepstral import cosine_matrix
    >>> cosine_matrix(2, 2)
    array([[ 0.70710677,  0.70710677],
           [ 0.70710677, -0.70710677]], dtype=float32)
    """
    cosines = scipy.fft.dct(np.eye(n_bands), type=dct_type, norm=norm, axis=1)
    cosines = cosines[:, :n_coefficients].astype(np.float32)
    cosines.flags.writeable = False
    return cosines


def delta(frames: np.ndarray, *, order: int = 1, width: int = 9) -> np.ndarray:
    """Return the change of each value over time, by a local polynomial fit.

    Equal to `librosa.feature.delta` (Savitzky-Golay). That has no value for fewer frames than
    ``width``; there the first and the last frame are repeated instead, as in the HTK book.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, n_values)
        Values over time.
    order : int, default=1
        Order of the derivative, and of the polynomial.
    width : int, default=9
        Frames that the polynomial is fitted to, an odd number above ``order``.

    Returns
    -------
    change : ndarray of shape (n_frames, n_values), dtype float64
        Per frame, to the power of ``order``.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.cepstral import delta
    >>> delta(np.arange(10.0)[:, np.newaxis]).ravel().round(6)
    array([1., 1., 1., 1., 1., 1., 1., 1., 1., 1.])
    """
    from scipy.ndimage import correlate1d  # slow to import, and needed only here

    half = width // 2
    frames = frames.astype(np.result_type(frames, np.float32), copy=False)
    is_short = len(frames) < width
    if is_short:
        frames = np.pad(frames, [(half, half), (0, 0)], mode="edge")
    change = correlate1d(frames, _derivative_weights(order, width), axis=0, output=np.float64)
    # A polynomial's derivative of its own order is constant: the first fit is valid for the first
    # half of its frames too, and the last for its last half.
    first, last = half, len(frames) - half - 1
    change[:first], change[last + 1 :] = change[first], change[last]
    return change[first : last + 1] if is_short else change


@lru_cache(maxsize=64)
def _derivative_weights(order: int, width: int) -> np.ndarray:
    """Return what frames are multiplied by for the derivative of the polynomial fitted to them."""
    half = width // 2
    powers = np.vander(np.arange(-half, half + 1), order + 1)
    return factorial(order) * np.linalg.pinv(powers)[0]


class CepstralExtractor(FilterBankExtractor):
    """Base of the cepstral coefficients: the cosine transform of the levels of bands.

    Energies in bands, their level in dB (at most 80 dB below the loudest of the signal), and the
    discrete cosine transform over the bands. A cepstrum of your own is a subclass with
    ``filter_bank`` and the names of the parameters that count its coefficients and its bands.

    Parameters
    ----------
    n_deltas : int, default=2
        How many derivatives over time follow them: 0 for none, 2 for deltas and delta-deltas.
        They look at 9 frames; a signal of fewer frames is continued by its first and last.
    dct_type : {1, 2, 3}, default=2
        Type of the cosine transform.
    norm : {"ortho"} or None, default="ortho"
        Normalisation of the cosine transform.
    lifter : float, default=0
        Where above 0, coefficient n is weighted by ``1 + lifter / 2 * sin(pi * (n + 1) / lifter)``.

    Examples
    --------
    Levels of pairs of bins:

    >>> import numpy as np
    >>> from sklearn_audio.features import CepstralExtractor
    >>> class PairCepstrumExtractor(CepstralExtractor):
    ...     coefficients = "n_pcc"
    ...     bands = "n_pairs"
    ...     n_pcc: int = 3
    ...     n_pairs: int = 5
    ...     def filter_bank(self, rate, n_fft):
    ...         return np.arange(n_fft // 2 + 1) // 2 == np.arange(self.n_pairs)[:, np.newaxis]
    >>> pairs = PairCepstrumExtractor(n_fft=16, n_deltas=0, summary=["mean"], sample_rate=8000)
    >>> pairs.get_feature_names_out().tolist()
    ['pcc_0_mean', 'pcc_1_mean', 'pcc_2_mean']
    >>> pairs.fit_transform(np.random.default_rng(0).normal(size=(4, 8000))).shape
    (4, 3)
    """

    # Names of parameters: how many coefficients there are, and of how many bands.
    coefficients: ClassVar[str]
    bands: ClassVar[str]

    n_deltas: int = 2
    dct_type: int = 2
    norm: str | None = "ortho"
    lifter: float = 0

    _parameter_constraints = {
        **FilterBankExtractor._parameter_constraints,
        "n_deltas": [Interval(Integral, 0, _DELTA_WIDTH - 1, closed="both")],
        "dct_type": [Options(Integral, {1, 2, 3})],
        "norm": [StrOptions({"ortho"}), None],
        "lifter": [Options(Real, {0}), Interval(Real, 1e-3, 1e6, closed="both")],
    }

    def value_names(self) -> list[str]:
        name = self.coefficients.removeprefix("n_")
        orders = [name, f"{name}_delta"] + [
            f"{name}_delta{order}" for order in range(2, self.n_deltas + 1)
        ]
        return [
            f"{order}_{coefficient}"
            for order in orders[: self.n_deltas + 1]
            for coefficient in range(getattr(self, self.coefficients))
        ]

    def levels(self, energies: np.ndarray, loudest: float) -> np.ndarray:
        """Return the levels of bands: in dB, unless overridden.

        Parameters
        ----------
        energies : ndarray of shape (n_frames, n_bands), dtype float32
            Of the whole signal, or of some of its frames.
        loudest : float
            The largest energy of the whole signal.

        Returns
        -------
        levels : ndarray of shape (n_frames, n_bands), dtype float32
            What is transformed.
        """
        return power_to_decibels(energies, loudest=loudest)

    def survey(self, spectrum: PowerSpectrum) -> None:
        if self._is_long(spectrum):
            loudest_energy(spectrum, self.filter_bank(spectrum.rate, spectrum.n_fft))

    def block_values(self, block: SpectrumBlock) -> np.ndarray:
        energies = super().block_values(block)
        if not self._is_long(block.spectrum):
            return energies
        weights = self.filter_bank(block.spectrum.rate, block.spectrum.n_fft)
        return self._cepstrum(energies, loudest_energy(block.spectrum, weights))

    def _is_long(self, spectrum: PowerSpectrum) -> bool:
        """Tell whether a signal has so many frames that not all of their bands are kept.

        The loudest of them is then looked for in a pass of its own, as in `PowerSpectrum.tuning`.
        """
        return 4 * spectrum.n_frames * getattr(self, self.bands) > KEPT_BYTES

    def _cepstrum(self, energies: np.ndarray, loudest: float) -> np.ndarray:
        cosines = cosine_matrix(
            energies.shape[1],
            getattr(self, self.coefficients),
            dct_type=self.dct_type,
            norm=self.norm,
        )
        return self.levels(energies, loudest) @ cosines

    def finish(self, values: np.ndarray, spectrum: PowerSpectrum) -> np.ndarray:
        is_long = self._is_long(spectrum)
        cepstrum = values if is_long else self._cepstrum(values, float(values.max()))
        if self.lifter > 0:
            quefrency = np.arange(1, cepstrum.shape[1] + 1, dtype=np.float32)
            cepstrum *= 1 + self.lifter / 2 * np.sin(np.pi * quefrency / self.lifter)
        n_frames, n_coefficients = cepstrum.shape
        frames = np.empty((n_frames, 1 + self.n_deltas, n_coefficients), dtype=np.float32)
        frames[:, 0] = cepstrum
        for order in range(1, self.n_deltas + 1):
            frames[:, order] = delta(cepstrum, order=order)
        return frames.reshape(n_frames, -1)

    def validate_parameters(self) -> None:
        super().validate_parameters()
        n_coefficients, n_bands = getattr(self, self.coefficients), getattr(self, self.bands)
        if n_coefficients > n_bands:
            raise ValueError(
                f"{self.coefficients}={n_coefficients} coefficients of {self.bands}={n_bands} "
                "bands; there are no more coefficients than bands"
            )
        if self.dct_type == 1 and n_bands == 1:
            raise ValueError(f"dct_type=1 needs at least two bands; {self.bands}=1 was given")


class MFCCExtractor(CepstralExtractor):
    """Mel-frequency cepstral coefficients with their deltas.

    The shape of the spectrum in a few uncorrelated numbers: mel bands, their level in dB (at
    most 80 dB below the loudest of the signal), and the discrete cosine transform over the bands
    (S. Davis and P. Mermelstein, 1980). Equal to `librosa.feature.mfcc` and, for the deltas,
    `librosa.feature.delta`. With the defaults a frame has 13 + 13 + 13 = 39 values.

    Parameters
    ----------
    n_mfcc : int, default=13
        Number of coefficients, the 0th (overall level) included.
    n_mels : int, default=128
        Number of mel bands.
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

    unit = "dB"

    coefficients = "n_mfcc"
    bands = "n_mels"

    n_mfcc: int = 13
    n_mels: int = 128
    htk: bool = False
    mel_norm: str | None = "slaney"

    _parameter_constraints = {
        **CepstralExtractor._parameter_constraints,
        "n_mfcc": [Interval(Integral, 1, None, closed="left")],
        "n_mels": [Interval(Integral, 1, 4096, closed="both")],
        "htk": ["boolean"],
        "mel_norm": [StrOptions({"slaney"}), None],
    }

    def filter_bank(self, rate: float, n_fft: int) -> csr_array:
        return mel_filter_bank(
            rate,
            n_fft,
            n_mels=self.n_mels,
            fmin=self.fmin,
            fmax=self.fmax,
            htk=self.htk,
            norm=self.mel_norm,
        )


class LFCCExtractor(CepstralExtractor):
    """Linear-frequency cepstral coefficients with their deltas.

    As `MFCCExtractor`, of triangular bands that are evenly spaced in Hz, so that high frequencies
    are looked at as closely as low ones: for bird song, for spoofed speech (M. Sahidullah et al.,
    2015). Equal to `torchaudio.transforms.LFCC` with the same settings of the spectrum.

    Parameters
    ----------
    n_lfcc : int, default=13
        Number of coefficients, the 0th (overall level) included.
    n_bands : int, default=128
        Number of bands.

    See Also
    --------
    MFCCExtractor : The same on the mel scale.
    sklearn_audio.features.filter_banks.linear_filter_bank : The bands.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import LFCCExtractor
    >>> noise = np.random.default_rng(0).normal(size=(2, 22050))
    >>> LFCCExtractor(n_lfcc=20, n_bands=20, sample_rate=22050).fit_transform(noise).shape
    (2, 120)
    """

    unit = "dB"

    coefficients = "n_lfcc"
    bands = "n_bands"

    n_lfcc: int = 13
    n_bands: int = 128

    _parameter_constraints = {
        **CepstralExtractor._parameter_constraints,
        "n_lfcc": [Interval(Integral, 1, None, closed="left")],
        "n_bands": [Interval(Integral, 1, 4096, closed="both")],
    }

    def filter_bank(self, rate: float, n_fft: int) -> csr_array:
        return linear_filter_bank(rate, n_fft, n_bands=self.n_bands, fmin=self.fmin, fmax=self.fmax)


class BFCCExtractor(CepstralExtractor):
    """Bark-frequency cepstral coefficients with their deltas.

    As `MFCCExtractor`, of the critical bands of the ear on the Bark scale (H. Hermansky, 1990),
    which are a Bark wide with skirts of 10 dB per Bark below and 25 dB per Bark above, however
    many there are.

    Parameters
    ----------
    n_bfcc : int, default=13
        Number of coefficients, the 0th (overall level) included.
    n_bands : int, default=24
        Number of bands.
    fmin : float, default=0.0
        Centre of the lowest band in Hz.
    fmax : float or None, default=None
        Centre of the highest band in Hz; None for half the rate.

    See Also
    --------
    MFCCExtractor : The same on the mel scale.
    sklearn_audio.features.filter_banks.bark_filter_bank : The bands.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import BFCCExtractor
    >>> noise = np.random.default_rng(0).normal(size=(2, 22050))
    >>> BFCCExtractor(sample_rate=22050).fit_transform(noise).shape
    (2, 78)
    """

    unit = "dB"

    coefficients = "n_bfcc"
    bands = "n_bands"

    n_bfcc: int = 13
    n_bands: int = 24

    _parameter_constraints = {
        **CepstralExtractor._parameter_constraints,
        "n_bfcc": [Interval(Integral, 1, None, closed="left")],
        "n_bands": [Interval(Integral, 1, 4096, closed="both")],
    }

    def filter_bank(self, rate: float, n_fft: int) -> np.ndarray:
        return bark_filter_bank(rate, n_fft, n_bands=self.n_bands, fmin=self.fmin, fmax=self.fmax)


class GFCCExtractor(CepstralExtractor):
    """Gammatone-frequency cepstral coefficients with their deltas.

    As `MFCCExtractor`, of the power that leaves gammatone filters on the ERB scale. With levels
    in dB these are the gammatone cepstral coefficients of X. Valero and F. Alias (2012); with
    cubic roots of magnitudes, the law of loudness, those of Y. Shao et al. (2009), which are
    said to be more robust in noise.

    Parameters
    ----------
    n_gfcc : int, default=13
        Number of coefficients, the 0th (overall level) included.
    n_bands : int, default=64
        Number of filters.
    fmin : float, default=50.0
        Centre of the lowest filter in Hz.
    fmax : float or None, default=None
        Where the filter after the highest would have its centre, in Hz; None for half the rate.
    compression : {"log", "cubic_root"}, default="log"
        Levels in dB, at most 80 dB below the loudest of the signal, or cubic roots of magnitudes.

    See Also
    --------
    MFCCExtractor : The same on the mel scale.
    sklearn_audio.features.filter_banks.gammatone_filter_bank : The filters.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import GFCCExtractor
    >>> noise = np.random.default_rng(0).normal(size=(2, 22050))
    >>> GFCCExtractor(compression="cubic_root", sample_rate=22050).fit_transform(noise).shape
    (2, 78)
    """

    unit = "dB"

    coefficients = "n_gfcc"
    bands = "n_bands"

    n_gfcc: int = 13
    n_bands: int = 64
    fmin: float = 50.0
    compression: str = "log"

    _parameter_constraints = {
        **CepstralExtractor._parameter_constraints,
        "n_gfcc": [Interval(Integral, 1, None, closed="left")],
        "n_bands": [Interval(Integral, 1, 4096, closed="both")],
        "compression": [StrOptions({"log", "cubic_root"})],
    }

    def filter_bank(self, rate: float, n_fft: int) -> np.ndarray:
        return gammatone_filter_bank(
            rate, n_fft, n_bands=self.n_bands, fmin=self.fmin, fmax=self.fmax
        )

    def levels(self, energies: np.ndarray, loudest: float) -> np.ndarray:
        if self.compression == "log":
            return super().levels(energies, loudest)
        return np.cbrt(np.sqrt(energies))
