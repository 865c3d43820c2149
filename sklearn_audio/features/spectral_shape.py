"""The shape of the spectrum in one number a frame, as papers on timbre describe it.

*Conventions.* Definitions are those of G. Peeters, *A large set of audio features for sound
description*, 2004 (the CUIDADO report), and of G. Peeters et al., *The Timbre Toolbox*, 2011,
unless another source is named, on magnitudes, not power. Bins are counted from that at 0 Hz. A
silent frame has the value 0 in each of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real

import numpy as np

from .spectral import divided, total_of
from .spectrum import SpectrumBlock, SpectrumExtractor


def spectral_flux(magnitude: np.ndarray, previous: np.ndarray | None = None) -> np.ndarray:
    """Return how much the spectrum changes from frame to frame: the length of the difference.

    ``sqrt(sum((magnitude[t] - magnitude[t - 1]) ** 2))`` (A. Lerch, *An Introduction to Audio
    Content Analysis*, 2012, section 3.3.2, without the division by the number of bins).

    Parameters
    ----------
    magnitude : ndarray of shape (n_frames, n_bins)
        Magnitudes of the spectrum.
    previous : ndarray of shape (n_bins,) or None, default=None
        The frame before the first one; None where there is none.

    Returns
    -------
    flux : ndarray of shape (n_frames,)
        Of the unit of the magnitudes; 0 for the first frame of all.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.spectral_shape import spectral_flux
    >>> spectral_flux(np.array([[0.0, 1.0], [3.0, 5.0], [3.0, 5.0]]))
    array([0., 5., 0.])
    """
    before = magnitude[:1] if previous is None else previous[np.newaxis]
    change = np.diff(np.concatenate([before, magnitude]), axis=0)
    return np.sqrt(total_of(change**2))


def spectral_entropy(power: np.ndarray) -> np.ndarray:
    """Return how evenly the energy is spread over the bins: 0 for one bin, 1 for all alike.

    The entropy of the power spectrum taken as probabilities, divided by that of a flat one (H.
    Misra, S. Ikbal, H. Bourlard and H. Hermansky, *Spectral entropy based feature for robust ASR*,
    2004).

    Parameters
    ----------
    power : ndarray of shape (n_frames, n_bins)
        Power spectrum.

    Returns
    -------
    entropy : ndarray of shape (n_frames,)
        From 0 to 1; 0 for a silent frame.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.spectral_shape import spectral_entropy
    >>> spectral_entropy(np.array([[2.0, 2.0, 2.0, 2.0], [4.0, 4.0, 0.0, 0.0]]))
    array([1. , 0.5])
    """
    share = divided(power, total_of(power)[:, np.newaxis])
    surprise = -np.log(np.where(share > 0, share, 1))
    return total_of(share * surprise) / np.log(power.shape[1])


def standardised_moment(
    magnitude: np.ndarray, frequencies: np.ndarray, *, order: int
) -> np.ndarray:
    """Return the moment of some order around the centroid, by the spread to that power.

    Parameters
    ----------
    magnitude : ndarray of shape (n_frames, n_bins)
        Magnitudes of the spectrum.
    frequencies : ndarray of shape (n_bins,)
        Frequency of each bin, in any unit.
    order : int
        3 for the skewness, 4 for the kurtosis.

    Returns
    -------
    moment : ndarray of shape (n_frames,), dtype float64
        Without unit; 0 for a frame that is silent or has one bin only.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.spectral_shape import standardised_moment
    >>> standardised_moment(np.array([[1.0, 4.0, 1.0]]), np.arange(3.0), order=4)
    array([3.])
    """
    weights = magnitude.astype(np.float64)
    weights = divided(weights, total_of(weights)[:, np.newaxis])
    frequencies = frequencies.astype(np.float64)
    deviation = frequencies - (weights @ frequencies)[:, np.newaxis]
    product = weights * deviation * deviation
    variance = total_of(product)
    # What is left of the spread of one bin is rounding.
    variance[variance < (1e-7 * frequencies[-1]) ** 2] = 0
    for _ in range(order - 2):
        product *= deviation
    return divided(total_of(product), variance ** (order / 2))


def spectral_slope(magnitude: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    """Return the slope of the line through the spectrum, by its sum.

    Least squares over frequency, divided by the sum of the magnitudes.

    Parameters
    ----------
    magnitude : ndarray of shape (n_frames, n_bins)
        Magnitudes of the spectrum.
    frequencies : ndarray of shape (n_bins,)
        Frequency of each bin in Hz.

    Returns
    -------
    slope : ndarray of shape (n_frames,), dtype float64
        Per Hz; negative where high frequencies are weaker.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.spectral_shape import spectral_slope
    >>> spectral_slope(np.array([[3.0, 2.0, 1.0]]), np.array([0.0, 100.0, 200.0])).round(6)
    array([-0.001667])
    """
    centred = frequencies.astype(np.float64) - np.mean(frequencies, dtype=np.float64)
    weights = magnitude.astype(np.float64)
    return divided(weights @ (centred / (centred @ centred)), total_of(weights))


def spectral_crest(magnitude: np.ndarray) -> np.ndarray:
    """Return the highest magnitude by the mean: high for tones, low for noise.

    Parameters
    ----------
    magnitude : ndarray of shape (n_frames, n_bins)
        Magnitudes of the spectrum.

    Returns
    -------
    crest : ndarray of shape (n_frames,)
        From 1, all bins alike, to the number of bins; 0 for a silent frame.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.spectral_shape import spectral_crest
    >>> spectral_crest(np.array([[1.0, 4.0, 1.0, 2.0]]))
    array([2.])
    """
    return divided(magnitude.max(axis=1), total_of(magnitude) / magnitude.shape[1])


def spectral_decrease(magnitude: np.ndarray) -> np.ndarray:
    """Return how steeply the spectrum falls from its lowest bin, low frequencies counting more.

    ``sum((magnitude[k] - magnitude[0]) / k) / sum(magnitude[k])`` over the bins k from 1 up.

    Parameters
    ----------
    magnitude : ndarray of shape (n_frames, n_bins)
        Magnitudes of the spectrum.

    Returns
    -------
    decrease : ndarray of shape (n_frames,), dtype float64
        Without unit; negative where the lowest bin is the strongest.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.spectral_shape import spectral_decrease
    >>> spectral_decrease(np.array([[4.0, 2.0, 2.0]]))
    array([-0.75])
    """
    lowest, others = magnitude[:, 0], magnitude[:, 1:].astype(np.float64)
    weights = 1 / np.arange(1, magnitude.shape[1])
    return divided(others @ weights - lowest * weights.sum(), total_of(others))


def band_shares(power: np.ndarray, frequencies: np.ndarray, edges: Sequence[float]) -> np.ndarray:
    """Return which part of the energy of each frame lies in each band.

    Parameters
    ----------
    power : ndarray of shape (n_frames, n_bins)
        Power spectrum.
    frequencies : ndarray of shape (n_bins,)
        Frequency of each bin in Hz.
    edges : sequence of float
        Lower edges of the bands in Hz, rising; the last band has no end.

    Returns
    -------
    shares : ndarray of shape (n_frames, len(edges))
        From 0 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.spectral_shape import band_shares
    >>> band_shares(np.array([[1.0, 1.0, 2.0]]), np.array([0.0, 100.0, 200.0]), [0, 150])
    array([[0.5, 0.5]])
    """
    band = np.searchsorted(edges, frequencies, side="right") - 1
    membership = (band[:, np.newaxis] == np.arange(len(edges))).astype(power.dtype)
    return divided(power @ membership, total_of(power)[:, np.newaxis])


class SpectralFluxExtractor(SpectrumExtractor):
    """How much the spectrum changes from frame to frame: high at onsets, low in held tones.

    The length of the difference of the magnitudes of two frames (A. Lerch, *An Introduction to
    Audio Content Analysis*, 2012); of their unit. The first frame has the value 0.

    Parameters
    ----------
    sample_rate : float or None, default=None
        Rate that the signals must have, in Hz, where it is given; not needed.

    See Also
    --------
    sklearn_audio.features.spectral_shape.spectral_flux : The function of one spectrum.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import SpectralFluxExtractor
    >>> click = np.zeros(8000)
    >>> click[4000] = 1
    >>> SpectralFluxExtractor(summary=["max", "median"]).fit_transform([click]).round()
    array([[20.,  0.]], dtype=float32)
    """

    unit = "magnitude"

    def value_names(self) -> list[str]:
        return ["spectral_flux"]

    def block_values(self, block: SpectrumBlock) -> np.ndarray:
        return spectral_flux(block.magnitude, block.previous)[:, np.newaxis]


class SpectralEntropyExtractor(SpectrumExtractor):
    """How evenly the energy is spread over the spectrum: 0 for a pure tone, towards 1 for noise.

    The entropy of the power spectrum, divided by that of a flat one (H. Misra, S. Ikbal, H.
    Bourlard and H. Hermansky, 2004). A silent frame has the value 0.

    Parameters
    ----------
    sample_rate : float or None, default=None
        Rate that the signals must have, in Hz, where it is given; not needed.

    See Also
    --------
    sklearn_audio.features.spectral_shape.spectral_entropy : The function of one spectrum.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import SpectralEntropyExtractor
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)
    >>> noise = np.random.default_rng(0).normal(size=16000)
    >>> SpectralEntropyExtractor(summary=["median"]).fit_transform([tone, noise]).round(2)
    array([[0.13],
           [0.94]], dtype=float32)
    """

    unit = "0 to 1"

    def value_names(self) -> list[str]:
        return ["spectral_entropy"]

    def block_values(self, block: SpectrumBlock) -> np.ndarray:
        return spectral_entropy(block.power)[:, np.newaxis]


class SpectralSkewnessExtractor(SpectrumExtractor):
    """How lopsided the spectrum lies around its centroid.

    The third standardised moment (G. Peeters, 2004), without unit: above 0 where the greater part
    lies below the centroid and a long tail above it. A silent frame has the value 0.

    See Also
    --------
    sklearn_audio.features.spectral_shape.standardised_moment : The function of one spectrum.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import SpectralSkewnessExtractor
    >>> noise = np.random.default_rng(0).normal(size=16000)
    >>> dull = np.convolve(noise, np.ones(4))
    >>> skewness = SpectralSkewnessExtractor(summary=["median"], sample_rate=16000)
    >>> skewness.fit_transform([noise, dull]).round(1)
    array([[0.],
           [1.]], dtype=float32)
    """

    def value_names(self) -> list[str]:
        return ["spectral_skewness"]

    def block_values(self, block: SpectrumBlock) -> np.ndarray:
        frequencies = block.spectrum.frequencies
        return standardised_moment(block.magnitude, frequencies, order=3)[:, np.newaxis]


class SpectralKurtosisExtractor(SpectrumExtractor):
    """How peaked the spectrum is around its centroid: 1.8 for a flat one, 3 for a bell.

    The fourth standardised moment (G. Peeters, 2004), without unit. A silent frame has the value 0.

    See Also
    --------
    sklearn_audio.features.spectral_shape.standardised_moment : The function of one spectrum.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import SpectralKurtosisExtractor
    >>> noise = np.random.default_rng(0).normal(size=16000)
    >>> dull = np.convolve(noise, np.ones(4))
    >>> kurtosis = SpectralKurtosisExtractor(summary=["median"], sample_rate=16000)
    >>> kurtosis.fit_transform([noise, dull]).round(1)
    array([[1.8],
           [2.7]], dtype=float32)
    """

    def value_names(self) -> list[str]:
        return ["spectral_kurtosis"]

    def block_values(self, block: SpectrumBlock) -> np.ndarray:
        frequencies = block.spectrum.frequencies
        return standardised_moment(block.magnitude, frequencies, order=4)[:, np.newaxis]


class SpectralSlopeExtractor(SpectrumExtractor):
    """How fast the spectrum falls towards high frequencies.

    The slope of the line through the magnitudes, by their sum, per Hz (G. Peeters, 2004). Unlike
    the slope of `PolynomialExtractor` it does not change with the level. A silent frame has the
    value 0.

    See Also
    --------
    sklearn_audio.features.spectral_shape.spectral_slope : The function of one spectrum.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import SpectralSlopeExtractor
    >>> noise = np.random.default_rng(0).normal(size=16000)
    >>> dull = np.convolve(noise, np.ones(4))
    >>> slope = SpectralSlopeExtractor(summary=["median"], sample_rate=16000)
    >>> (1e6 * slope.fit_transform([noise, dull, 2 * dull])).round(2)
    array([[ 0.  ],
           [-0.29],
           [-0.29]], dtype=float32)
    """

    unit = "1 / Hz"

    def value_names(self) -> list[str]:
        return ["spectral_slope"]

    def block_values(self, block: SpectrumBlock) -> np.ndarray:
        return spectral_slope(block.magnitude, block.spectrum.frequencies)[:, np.newaxis]


class SpectralCrestExtractor(SpectrumExtractor):
    """How far the strongest bin stands out: high for tones, low for noise.

    The highest magnitude by the mean (G. Peeters, 2004), without unit, from 1 to the number of
    bins. A silent frame has the value 0.

    Parameters
    ----------
    sample_rate : float or None, default=None
        Rate that the signals must have, in Hz, where it is given; not needed.

    See Also
    --------
    sklearn_audio.features.spectral_shape.spectral_crest : The function of one spectrum.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import SpectralCrestExtractor
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)
    >>> noise = np.random.default_rng(0).normal(size=16000)
    >>> SpectralCrestExtractor(summary=["median"]).fit_transform([tone, noise]).round()
    array([[512.],
           [  3.]], dtype=float32)
    """

    unit = "ratio"

    def value_names(self) -> list[str]:
        return ["spectral_crest"]

    def block_values(self, block: SpectrumBlock) -> np.ndarray:
        return spectral_crest(block.magnitude)[:, np.newaxis]


class SpectralDecreaseExtractor(SpectrumExtractor):
    """How steeply the spectrum falls from its lowest bin, low frequencies counting more.

    Without unit (G. Peeters, 2004); below 0 where the lowest bin is the strongest. A silent frame
    has the value 0.

    Parameters
    ----------
    sample_rate : float or None, default=None
        Rate that the signals must have, in Hz, where it is given; not needed.

    See Also
    --------
    sklearn_audio.features.spectral_shape.spectral_decrease : The function of one spectrum.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import SpectralDecreaseExtractor
    >>> noise = np.random.default_rng(0).normal(size=16000)
    >>> decrease = SpectralDecreaseExtractor(summary=["mean"])
    >>> decrease.fit_transform([noise, noise + 1]).round(2)
    array([[ 0.  ],
           [-0.27]], dtype=float32)
    """

    def value_names(self) -> list[str]:
        return ["spectral_decrease"]

    def block_values(self, block: SpectrumBlock) -> np.ndarray:
        return spectral_decrease(block.magnitude)[:, np.newaxis]


class BandEnergyExtractor(SpectrumExtractor):
    """How the energy is spread over bands: the share of each, whatever the level.

    The power in a band by the power of the frame, from 0 to 1. A silent frame is all 0, and so
    are bands above half the rate.

    Parameters
    ----------
    edges : tuple of float, default=(0, 200, 400, 800, 1600, 3200, 6400)
        Lower edges of the bands in Hz, rising; the last band has no end.

    See Also
    --------
    SpectralContrastExtractor : Peaks and valleys in the same octaves.
    sklearn_audio.features.spectral_shape.band_shares : The function of one spectrum.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import BandEnergyExtractor
    >>> tones = [np.sin(2 * np.pi * f * np.arange(16000) / 16000) for f in (100, 1000)]
    >>> bands = BandEnergyExtractor(edges=(0, 500, 2000), summary=["median"], sample_rate=16000)
    >>> bands.fit_transform(tones).round(3)
    array([[1., 0., 0.],
           [0., 1., 0.]], dtype=float32)
    >>> bands.get_feature_names_out().tolist()
    ['energy_above_0_median', 'energy_above_500_median', 'energy_above_2000_median']
    """

    unit = "0 to 1"

    edges: tuple[float, ...] = (0, 200, 400, 800, 1600, 3200, 6400)

    _parameter_constraints = {
        **SpectrumExtractor._parameter_constraints,
        "edges": [tuple, list, np.ndarray],
    }

    def value_names(self) -> list[str]:
        return [f"energy_above_{edge:g}" for edge in self.edges]

    def block_values(self, block: SpectrumBlock) -> np.ndarray:
        return band_shares(block.power, block.spectrum.frequencies, self.edges)

    def validate_parameters(self) -> None:
        super().validate_parameters()
        numbers = all(isinstance(edge, Real) and 0 <= edge < np.inf for edge in self.edges)
        if len(self.edges) == 0 or not numbers or np.any(np.diff(self.edges) <= 0):
            raise ValueError(
                f"edges={self.edges!r}; rising frequencies in Hz from 0 up are wanted, such as "
                "(0, 500, 2000)"
            )
