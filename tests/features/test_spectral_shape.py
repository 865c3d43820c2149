"""Compared with scipy's statistics of the spectrum taken as probabilities, and with formulas."""

import numpy as np
import pytest
import scipy.signal
import scipy.stats

from sklearn_audio import (
    BandEnergyExtractor,
    SpectralCrestExtractor,
    SpectralDecreaseExtractor,
    SpectralEntropyExtractor,
    SpectralFluxExtractor,
    SpectralKurtosisExtractor,
    SpectralSkewnessExtractor,
    SpectralSlopeExtractor,
)
from sklearn_audio.features.spectral_shape import standardised_moment

RATE = 16000
N_FFT = 512
HOP = 256
FREQUENCIES = np.fft.rfftfreq(N_FFT, 1 / RATE)
SETTINGS = {
    "n_fft": N_FFT,
    "hop_length": HOP,
    "center": False,
    "summary": None,
    "sample_rate": RATE,
}
EXTRACTORS = [
    BandEnergyExtractor,
    SpectralCrestExtractor,
    SpectralDecreaseExtractor,
    SpectralEntropyExtractor,
    SpectralFluxExtractor,
    SpectralKurtosisExtractor,
    SpectralSkewnessExtractor,
    SpectralSlopeExtractor,
]


@pytest.fixture(scope="module")
def dull_noise(noise):
    """Return noise that has most of its energy at low frequencies."""
    return scipy.signal.lfilter([1], [1, -0.8], noise).astype(np.float32)


@pytest.fixture(scope="module")
def magnitudes(dull_noise):
    """Return its spectrum by scipy, frames by bins."""
    _, _, spectrum = scipy.signal.stft(
        dull_noise, RATE, nperseg=N_FFT, noverlap=N_FFT - HOP, boundary=None, padded=False
    )
    # scipy divides by the sum of the window.
    return np.abs(spectrum.T) * scipy.signal.get_window("hann", N_FFT).sum()


def frames_of(extractor, samples, **parameters):
    [frames] = extractor(**{**SETTINGS, **parameters}).fit_transform([samples])
    return frames


def as_distributions(weights):
    numbers = np.arange(len(FREQUENCIES))
    return [scipy.stats.rv_discrete(values=(numbers, frame / frame.sum())) for frame in weights]


# Single-precision spectra against scipy's in double: 1e-4 where nothing cancels.


def test_skewness_and_kurtosis_are_those_of_the_magnitudes_as_probabilities(dull_noise, magnitudes):
    skewness, kurtosis = np.array(
        [distribution.stats(moments="sk") for distribution in as_distributions(magnitudes)]
    ).T
    found = frames_of(SpectralSkewnessExtractor, dull_noise)
    np.testing.assert_allclose(found[:, 0], skewness, rtol=1e-4, atol=1e-4)
    found = frames_of(SpectralKurtosisExtractor, dull_noise)
    np.testing.assert_allclose(found[:, 0], kurtosis + 3, rtol=1e-4)  # scipy's is the excess


def test_entropy_is_that_of_the_power_as_probabilities(dull_noise, magnitudes):
    expected = scipy.stats.entropy(magnitudes**2, axis=1) / np.log(len(FREQUENCIES))
    found = frames_of(SpectralEntropyExtractor, dull_noise)
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-4)


def test_slope_is_that_of_the_line_by_the_sum(dull_noise, magnitudes):
    expected = [
        scipy.stats.linregress(FREQUENCIES, frame).slope / frame.sum() for frame in magnitudes
    ]
    found = frames_of(SpectralSlopeExtractor, dull_noise)
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-4)


def test_crest_and_decrease_are_those_of_the_formulas(dull_noise, magnitudes):
    found = frames_of(SpectralCrestExtractor, dull_noise)
    np.testing.assert_allclose(
        found[:, 0], magnitudes.max(axis=1) / magnitudes.mean(axis=1), rtol=1e-4
    )
    expected = [
        sum((frame[k] - frame[0]) / k for k in range(1, len(frame))) / sum(frame[1:])
        for frame in magnitudes
    ]
    found = frames_of(SpectralDecreaseExtractor, dull_noise)
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("n_samples", [2000, 16000, 64000])  # one block of frames, and several
def test_flux_is_the_length_of_the_difference_from_frame_to_frame(n_samples):
    samples = np.random.default_rng(1).normal(size=n_samples).astype(np.float32)
    _, _, spectrum = scipy.signal.stft(
        samples, RATE, nperseg=N_FFT, noverlap=N_FFT - HOP, boundary=None, padded=False
    )
    magnitude = np.abs(spectrum) * scipy.signal.get_window("hann", N_FFT).sum()
    expected = np.linalg.norm(np.diff(magnitude, axis=1), axis=0)
    [first, *others] = frames_of(SpectralFluxExtractor, samples)[:, 0]
    assert first == 0
    np.testing.assert_allclose(others, expected, rtol=1e-4)


def test_bands_hold_the_shares_of_the_energy(dull_noise, magnitudes):
    edges = (0, 500, 1000, 4000)
    power = magnitudes**2
    expected = [
        power[:, (low <= FREQUENCIES) & (high > FREQUENCIES)].sum(axis=1) / power.sum(axis=1)
        for low, high in zip(edges, (*edges[1:], np.inf), strict=True)
    ]
    found = frames_of(BandEnergyExtractor, dull_noise, edges=edges)
    np.testing.assert_allclose(found, np.transpose(expected), rtol=1e-4)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)  # float32


def test_bands_above_half_the_rate_are_empty(noise):
    found = frames_of(BandEnergyExtractor, noise, edges=(0, 4000, 8000.1, 16000))
    assert (found[:, :2] > 0).all()
    assert (found[:, 2:] == 0).all()


@pytest.mark.parametrize(
    "edges", [(), (500, 100), (0, 100, 100), (-1, 100), ("low", "high"), (0, np.nan), ([0, 1],)]
)
def test_edges_that_do_not_rise_are_refused(edges, noise):
    with pytest.raises(ValueError, match=r"rising frequencies in Hz from 0 up are wanted"):
        BandEnergyExtractor(edges=edges, sample_rate=RATE).fit([noise])


def test_kurtosis_knows_a_flat_spectrum_and_a_bell():
    numbers = np.arange(2001.0)
    flat = np.ones((1, 2001))
    bell = np.exp(-0.5 * ((numbers - 1000) / 100) ** 2)[np.newaxis]
    # 9/5 for a uniform distribution (of 2001 points: 1e-6 less), 3 for the normal one.
    assert standardised_moment(flat, numbers, order=4) == pytest.approx(1.8, rel=1e-5)
    assert standardised_moment(bell, numbers, order=4) == pytest.approx(3, rel=1e-5)


def test_a_single_bin_has_neither_skewness_nor_kurtosis():
    magnitude = np.zeros((1, 1025), dtype=np.float32)
    magnitude[0, 700] = 0.3
    frequencies = np.linspace(0, 11025, 1025).astype(np.float32)
    assert standardised_moment(magnitude, frequencies, order=3) == 0
    assert standardised_moment(magnitude, frequencies, order=4) == 0


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_silence_is_0(extractor):
    assert (frames_of(extractor, np.zeros(5000)) == 0).all()


@pytest.mark.parametrize("extractor", [each for each in EXTRACTORS if "Flux" not in each.__name__])
def test_level_does_not_matter(extractor, dull_noise):
    # By a power of two, which rounds nothing.
    np.testing.assert_array_equal(
        frames_of(extractor, dull_noise), frames_of(extractor, 8 * dull_noise)
    )


def test_flux_has_the_unit_of_the_samples(dull_noise):
    np.testing.assert_array_equal(
        8 * frames_of(SpectralFluxExtractor, dull_noise),
        frames_of(SpectralFluxExtractor, 8 * dull_noise),
    )


@pytest.mark.parametrize("extractor", EXTRACTORS)
@pytest.mark.parametrize("n_samples", [1, 511, 512, 513])
def test_short_signals_give_finite_frames(extractor, n_samples, dull_noise):
    frames = frames_of(extractor, dull_noise[:n_samples], center=True)
    assert len(frames) == 1 + n_samples // HOP
