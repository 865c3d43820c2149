import numpy as np
import pytest
import scipy.signal
from gammatone.filters import erb_space
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.base import clone

from sklearn_audio import (
    AudioError,
    BFCCExtractor,
    GFCCExtractor,
    LFCCExtractor,
    MelSpectrogramExtractor,
    MFCCExtractor,
    OnsetStrengthExtractor,
    make_union,
)
from sklearn_audio.features.filter_banks import (
    bark_filter_bank,
    erb_to_hertz,
    gammatone_filter_bank,
    hertz_to_bark,
    hertz_to_erb,
    linear_filter_bank,
    triangular_filter_bank,
)

RATE = 16000


def bins(n_fft, rate=RATE):
    return np.arange(n_fft // 2 + 1) * rate / n_fft


def test_bark_scale_is_hermanskys():
    # 6 ln(w / 1200 pi + sqrt((w / 1200 pi) ** 2 + 1)) of the angular frequency w, H. Hermansky
    # (1990), equation 3.
    frequencies = np.array([0.0, 50.0, 600.0, 1000.0, 8000.0, 20000.0])
    ratio = 2 * np.pi * frequencies / (1200 * np.pi)
    expected = 6 * np.log(ratio + np.sqrt(ratio**2 + 1))
    np.testing.assert_allclose(hertz_to_bark(frequencies), expected, rtol=1e-12)
    # The lower critical bands of E. Zwicker (1961).
    np.testing.assert_allclose(hertz_to_bark([100, 200, 300, 400]), [1, 2, 3, 4], atol=0.25)


def test_erb_scale_is_that_of_glasberg_and_moore():
    frequencies = np.array([0.0, 100.0, 1000.0, 4000.0, 10000.0])
    # Their number of ERBs, 21.4 log10(1 + 0.00437 f), whose constants are rounded.
    expected = 21.4 * np.log10(1 + 0.00437 * frequencies)
    np.testing.assert_allclose(hertz_to_erb(frequencies), expected, rtol=5e-3)
    # One step on the scale is as wide as their bandwidth at its middle.
    lower, upper = erb_to_hertz(hertz_to_erb(frequencies[1:]) + np.array([[-0.5], [0.5]]))
    bandwidths = 24.7 * (4.37 * frequencies[1:] / 1000 + 1)
    np.testing.assert_allclose(upper - lower, bandwidths, rtol=1e-3)


# No deadline: the first example pays for imports.
@settings(deadline=None)
@given(frequency=st.floats(0, 1e5))
def test_erb_scale_and_back_is_the_same_frequency(frequency):
    # Two inverse functions in float64.
    assert erb_to_hertz(hertz_to_erb(frequency)) == pytest.approx(frequency, rel=1e-12)


def test_linear_bands_have_equal_width_and_share_each_bin():
    weights = linear_filter_bank(RATE, 1024, n_bands=15).toarray()
    assert weights.dtype == np.float32
    # 16 edges of 500 Hz, 32 bins apart: every triangle is the same, and its area is 32 bins.
    np.testing.assert_array_equal(weights.argmax(axis=1), 32 * np.arange(1, 16))
    np.testing.assert_allclose(weights.max(axis=1), 1, rtol=1e-6)  # float32
    np.testing.assert_allclose(weights.sum(axis=1), 32, rtol=1e-6)
    np.testing.assert_allclose(weights[:, 32:-32].sum(axis=0), 1, rtol=1e-6)


def test_linear_bands_end_at_fmin_and_fmax():
    used = np.flatnonzero(linear_filter_bank(RATE, 1024, fmin=1000, fmax=2000, n_bands=4).sum(0))
    frequencies = bins(1024)[used]
    assert 1000 < frequencies.min() <= 1000 + RATE / 1024
    assert 2000 > frequencies.max() >= 2000 - RATE / 1024


def test_triangles_of_equal_area_have_the_area_1():
    points = np.linspace(0, 10, 10001)
    weights = triangular_filter_bank(points, np.array([0.0, 1.0, 4.0, 9.0]), norm="slaney")
    # Sums of 1000 steps a unit.
    np.testing.assert_allclose(weights.sum(axis=1) / 1000, 1, rtol=1e-5)


def test_a_band_without_a_bin_warns():
    with pytest.warns(UserWarning, match="1 of 3 bands hold no bin .* the first is band 1"):
        triangular_filter_bank(np.array([0.0, 2.0, 4.0]), np.array([1.0, 2.0, 2.5, 3.0, 5.0]))


# Essentia 2.1b6, TriangularBarkBands(inputSize=513, sampleRate=16000, numberBands=20,
# highFrequencyBound=8000, normalize="unit_max", weighting="linear") of unit spectra.
BANDS_OF_ESSENTIA = {
    (5, 31): 0.5541,
    (5, 32): 0.7317,
    (5, 33): 0.9630,
    (5, 34): 1.0,
    (12, 136): 0.8220,
    (12, 137): 0.9062,
    (12, 138): 0.9983,
    (19, 468): 0.9173,
    (19, 469): 0.9447,
    (19, 470): 0.9728,
}


def test_critical_bands_are_those_of_essentia():
    weights = bark_filter_bank(RATE, 1024, n_bands=20)
    assert weights.dtype == np.float32
    for place, weight in BANDS_OF_ESSENTIA.items():
        assert weights[place] == pytest.approx(weight, abs=1e-4)  # its digits


@pytest.mark.parametrize("n_bands", [10, 40])
def test_critical_bands_are_a_bark_wide_and_steeper_above(n_bands):
    weights = bark_filter_bank(RATE, 16384, n_bands=n_bands)
    barks = hertz_to_bark(bins(16384))
    centers = np.linspace(0, hertz_to_bark(8000), n_bands)
    for band in (n_bands // 3, n_bands // 2):
        level = 10 * np.log10(weights[band])
        flat = barks[level > -1e-3]
        # The bins are 0.01 Bark apart, or less.
        np.testing.assert_allclose(flat[[0, -1]], centers[band] + [-0.5, 0.5], atol=0.02)
        assert np.interp(centers[band] - 1.5, barks, level) == pytest.approx(-10, abs=0.1)
        assert np.interp(centers[band] + 1.5, barks, level) == pytest.approx(-25, abs=0.1)


def test_gammatone_centers_are_slaneys():
    weights = gammatone_filter_bank(RATE, 65536, n_bands=20, fmin=100.0, fmax=6000.0)
    centers = erb_space(100, 6000, 20)[::-1]
    # The peak of a filter of finite width is not quite at its centre; bins are 0.24 Hz apart.
    np.testing.assert_allclose(bins(65536)[weights.argmax(axis=1)], centers, rtol=2e-3, atol=0.3)
    nearest = np.abs(bins(65536) - centers[:, np.newaxis]).argmin(axis=1)
    np.testing.assert_allclose(weights[np.arange(20), nearest], 1, rtol=1e-3)


def test_gammatone_weights_are_power_responses_of_the_filters_of_scipy():
    weights = gammatone_filter_bank(RATE, 1024, n_bands=10, fmin=500.0)
    for center, power in zip(erb_space(500, RATE / 2, 10)[::-1], weights, strict=True):
        coefficients = scipy.signal.gammatone(center, "iir", fs=RATE)
        _, response = scipy.signal.freqz(*coefficients, worN=bins(1024), fs=RATE)
        # Scipy's filter is a quotient of polynomials of order 8, which costs some digits.
        np.testing.assert_allclose(power, np.abs(response) ** 2, rtol=1e-3, atol=1e-7)


def test_gammatone_filters_are_an_erb_wide():
    weights = gammatone_filter_bank(RATE, 32768, n_bands=30, fmin=200.0, fmax=5000.0)
    centers = erb_space(200, 5000, 30)[::-1]
    widths = weights.sum(axis=1) * RATE / 32768
    # The constant 1.019 is rounded, and a digital filter is a bit off where the rate is near.
    np.testing.assert_allclose(widths, 24.7 * (4.37 * centers / 1000 + 1), rtol=0.01)


def test_gammatone_energy_is_that_of_the_filtered_signal(noise):
    # The filter in time, and its band of the spectrum of a whole Hann window of stationary noise.
    extractor = GFCCExtractor(
        n_gfcc=8, n_bands=8, fmin=500.0, fmax=6000.0, sample_rate=RATE, n_fft=512, hop_length=64
    )
    weights = extractor.filter_bank(RATE, 512)
    _, power = scipy.signal.welch(noise, RATE, "hann", 512, 448, scaling="density", detrend=False)
    energies = weights @ power * RATE / 512
    for center, energy in zip(erb_space(500, 6000, 8)[::-1], energies, strict=True):
        filtered = scipy.signal.lfilter(*scipy.signal.gammatone(center, "iir", fs=RATE), noise)
        # Two estimates from one second of noise.
        assert np.mean(filtered**2) == pytest.approx(energy, rel=0.1)


@pytest.mark.parametrize(
    "bank", [bark_filter_bank, gammatone_filter_bank, linear_filter_bank], ids=lambda b: b.__name__
)
def test_banks_have_a_row_a_band_and_a_column_a_bin(bank):
    for n_fft in (255, 256):
        weights = bank(RATE, n_fft, n_bands=7)
        assert weights.shape == (7, 129 if n_fft == 256 else 128)
        assert weights.min() >= 0
        assert weights.max() <= 1 + 1e-6  # float32


@pytest.mark.parametrize(
    "extractor", [LFCCExtractor, BFCCExtractor, GFCCExtractor, MelSpectrogramExtractor]
)
def test_an_empty_range_of_frequencies_is_an_error(extractor, noise):
    message = r"X\[0\]: bands from fmin=9000 Hz to fmax=8000 Hz at a rate of 16000 Hz"
    with pytest.raises(AudioError, match=message):
        extractor(fmin=9000.0, sample_rate=RATE).fit_transform([noise])


def test_equal_banks_are_applied_once_in_a_union(monkeypatch, noise):
    products = []
    product = csr_array.__matmul__

    def counting_product(weights, other):
        products.append(weights.shape[0])
        return product(weights, other)

    monkeypatch.setattr(csr_array, "__matmul__", counting_product)
    extractors = [
        MFCCExtractor(sample_rate=RATE),
        MelSpectrogramExtractor(sample_rate=RATE),
        OnsetStrengthExtractor(sample_rate=RATE),
        MelSpectrogramExtractor(n_mels=40, sample_rate=RATE),
        MelSpectrogramExtractor(power=1.0, sample_rate=RATE),
    ]
    together = make_union(*extractors).fit_transform([noise])
    assert sorted(products) == [40, 128, 128]  # 128 bands of power, and of magnitudes
    alone = [clone(extractor).fit_transform([noise]) for extractor in extractors]
    np.testing.assert_array_equal(together, np.hstack(alone))
