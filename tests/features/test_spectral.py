import inspect

import numpy as np
import pytest
import scipy.stats

from sklearn_audio import (
    AudioError,
    PolynomialExtractor,
    SpectralBandwidthExtractor,
    SpectralCentroidExtractor,
    SpectralContrastExtractor,
    SpectralFlatnessExtractor,
    SpectralRolloffExtractor,
)
from sklearn_audio.features.spectral import (
    octave_bands,
    peaks_and_valleys,
    polynomial_coefficients,
    spectral_bandwidth,
    spectral_centroid,
    spectral_flatness,
    spectral_rolloff,
)

RATE = 16000
BIN = RATE / 2048
EXTRACTORS = [SpectralBandwidthExtractor, SpectralCentroidExtractor, SpectralRolloffExtractor]
# Tones in the middle of a bin, in frames wholly inside the tone: their spectrum is that of the
# window, three bins of which the middle one is the tone.
TONES = [64 * BIN, 128 * BIN, 500 * BIN, 900 * BIN]


def inner_frames(extractor, samples):
    extractor.set_params(center=False, summary=None, sample_rate=RATE)
    [frames] = extractor.fit_transform([samples])
    return frames


@pytest.mark.parametrize("frequency", TONES)
def test_centroid_of_a_tone_is_its_frequency(tone, frequency):
    frames = inner_frames(SpectralCentroidExtractor(), tone(frequency, rate=RATE))
    # The float32 transform leaves some 1e-7 of the tone in each of the 1025 bins.
    np.testing.assert_allclose(frames, frequency, rtol=0.01)


@pytest.mark.parametrize("frequency", TONES)
def test_rolloff_of_a_tone_is_its_frequency(tone, frequency):
    samples = tone(frequency, rate=RATE)
    # The three bins of a tone hold 25, 50 and 25 % of its magnitude.
    assert (inner_frames(SpectralRolloffExtractor(roll_percent=0.5), samples) == frequency).all()
    assert (inner_frames(SpectralRolloffExtractor(), samples) == frequency + BIN).all()


def test_centroid_of_two_equal_tones_is_between_them(tone):
    samples = tone(100 * BIN, rate=RATE) + tone(300 * BIN, rate=RATE)
    np.testing.assert_allclose(
        inner_frames(SpectralCentroidExtractor(), samples), 200 * BIN, rtol=0.01
    )


def test_centroid_and_rolloff_of_white_noise_divide_the_band(noise):
    # White noise has its energy evenly from 0 to half the rate. 28 frames vary by some per cent.
    assert inner_frames(SpectralCentroidExtractor(), noise).mean() == pytest.approx(4000, rel=0.02)
    for percent in (0.1, 0.5, 0.85):
        rolloff = inner_frames(SpectralRolloffExtractor(roll_percent=percent), noise)
        assert rolloff.mean() == pytest.approx(percent * 8000, rel=0.05)


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_level_does_not_matter(extractor, noise):
    # By a power of two, which rounds nothing.
    np.testing.assert_array_equal(
        inner_frames(extractor(), noise), inner_frames(extractor(), 4 * noise)
    )


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_silence_is_0_hertz(extractor):
    extractor = extractor(sample_rate=RATE, summary=["min", "max"])
    assert extractor.fit_transform([np.zeros(5000)]).tolist() == [[0, 0]]


def test_silent_frames_between_sounds_are_0_hertz(tone):
    samples = tone(1000, rate=RATE)
    samples[4000:12000] = 0
    for extractor in EXTRACTORS:
        frames = inner_frames(extractor(), samples)
        assert (frames[8:20] == 0).all()  # those from sample 4096 to 11776
        assert (frames[:3] > 5).all()


def test_names_are_those_of_the_values():
    for extractor, name in [
        (SpectralCentroidExtractor, "spectral_centroid"),
        (SpectralRolloffExtractor, "spectral_rolloff"),
    ]:
        assert extractor().get_feature_names_out().tolist() == [f"{name}_mean", f"{name}_std"]
        assert extractor(summary=None).get_feature_names_out().tolist() == [name]


def test_functions_have_the_defaults_of_the_extractors():
    default = inspect.signature(spectral_rolloff).parameters["roll_percent"].default
    assert default == SpectralRolloffExtractor().roll_percent


def test_functions_take_any_spectrum():
    magnitude = np.array([[1.0, 0.0, 3.0], [0.0, 0.0, 0.0]])
    frequencies = np.array([0.0, 100.0, 200.0])
    assert spectral_centroid(magnitude, frequencies).tolist() == [150, 0]
    assert spectral_rolloff(magnitude, frequencies, roll_percent=0.2).tolist() == [0, 0]
    assert spectral_rolloff(magnitude, frequencies, roll_percent=0.3).tolist() == [200, 0]


def test_a_share_that_is_reached_exactly_is_reached():
    frequencies = np.array([0.0, 100.0, 200.0])
    assert spectral_rolloff(np.array([[1.0, 1.0, 2.0]]), frequencies, roll_percent=0.5) == [100]


@pytest.mark.parametrize("roll_percent", [0.0, 1.0, -0.5, 85, "half"])
def test_a_share_that_is_none_is_refused(roll_percent, noise):
    extractor = SpectralRolloffExtractor(roll_percent=roll_percent, sample_rate=RATE)
    with pytest.raises(ValueError, match=r"'roll_percent' .* in the range \(0(\.0)?, 1(\.0)?\)"):
        extractor.fit([noise])


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_plain_arrays_need_a_rate(extractor, noise):
    with pytest.raises(AudioError, match=r"rate of this signal is not known.*sample_rate \(Hz\)"):
        extractor().fit_transform([noise])


@pytest.mark.parametrize("p", [1, 2, 3])
def test_bandwidth_of_two_equal_tones_is_half_their_distance(tone, p):
    samples = tone(100 * BIN, rate=RATE) + tone(300 * BIN, rate=RATE)
    # Whatever the power: both are as far from the centroid. The three bins of each tone, and the
    # rounding of the others, widen it a little.
    frames = inner_frames(SpectralBandwidthExtractor(p=p), samples)
    np.testing.assert_allclose(frames, 100 * BIN, rtol=0.02)


def test_bandwidth_is_that_of_the_defining_sum(noise):
    # In float64, for a narrow and a wide spectrum; the shortcut for p=2 must lose no digits.
    frequencies = np.linspace(0, 11025, 1025).astype(np.float32)
    wide = np.abs(np.random.default_rng(1).normal(size=1025)).astype(np.float32)
    narrow = np.where(np.abs(np.arange(1025) - 1000) <= 1, wide, np.float32(0))
    for magnitude in (wide, narrow):
        weights = magnitude / np.float64(magnitude.sum(dtype=np.float64))
        centroid = weights @ frequencies.astype(np.float64)
        expected = np.sqrt(weights @ (frequencies - centroid) ** 2)
        [bandwidth] = spectral_bandwidth(magnitude[np.newaxis], frequencies)
        assert bandwidth == pytest.approx(expected, rel=1e-5)  # float32 magnitudes and their sum


@pytest.mark.parametrize("p", [3, 50])
def test_bandwidth_of_a_large_power_is_that_of_the_defining_sum(p):
    # Halves at both ends: both are as far from the centroid, whatever the power.
    frequencies = np.linspace(0, 11025, 1025).astype(np.float32)
    magnitude = np.zeros((1, 1025), dtype=np.float32)
    magnitude[0, [0, -1]] = 7
    assert spectral_bandwidth(magnitude, frequencies, p=p) == pytest.approx(11025 / 2)


def test_bandwidth_without_norm_grows_with_the_level(noise):
    extractor = SpectralBandwidthExtractor(norm=False)
    one, four = inner_frames(extractor, noise), inner_frames(extractor, 4 * noise)
    np.testing.assert_allclose(four, 2 * one, rtol=1e-6)  # the square root of 4; float32


def test_flatness_of_white_noise_is_that_of_theory(noise):
    # The power of a bin of white noise is exponentially distributed: its geometric mean is
    # exp(-Euler's constant) = 0.561 times the arithmetic mean. 28 frames of 1025 bins.
    flatness = inner_frames(SpectralFlatnessExtractor(), noise)
    assert flatness.mean() == pytest.approx(np.exp(-np.euler_gamma), rel=0.02)


def test_flatness_is_geometric_over_arithmetic_mean():
    power = np.random.default_rng(0).uniform(0.1, 1, size=(4, 50))
    expected = scipy.stats.gmean(power, axis=1) / power.mean(axis=1)
    np.testing.assert_allclose(spectral_flatness(power), expected, rtol=1e-12)  # float64


def test_flatness_of_silence_is_1():
    rows = SpectralFlatnessExtractor(summary=["min", "max"]).fit_transform([np.zeros(5000)])
    np.testing.assert_allclose(rows, 1, rtol=1e-5)  # float32


@pytest.mark.parametrize("order", [0, 1, 2, 4])
def test_polynomial_is_that_of_polyfit(order, noise):
    frequencies = np.linspace(0, 8000, 200)
    magnitude = np.abs(np.random.default_rng(order).normal(size=(3, 200)))
    expected = [np.polyfit(frequencies, frame, order) for frame in magnitude]
    np.testing.assert_allclose(
        polynomial_coefficients(magnitude, frequencies, order=order), expected, rtol=1e-9
    )


def test_polynomial_is_named_by_the_powers():
    assert PolynomialExtractor(order=2, summary=["mean"]).get_feature_names_out().tolist() == [
        "poly_2_mean",
        "poly_1_mean",
        "poly_0_mean",
    ]


def test_contrast_is_the_ratio_of_peaks_and_valleys_in_decibels():
    magnitude = np.array([[8.0, 1.0, 4.0, 2.0, 0.5, 0.25]])
    [[peak_low, peak_high, valley_low, valley_high]] = peaks_and_valleys(
        magnitude, (octave_bands(8, 10, fmin=2, n_bands=1))
    )
    # Bins of 0.8 Hz: up to 2 Hz lie 8, 1 and 4, of which the last belongs to the octave above.
    assert (peak_low, valley_low) == (8, 1)
    assert (peak_high, valley_high) == (4, 0.25)


def test_bands_of_the_contrast_follow_on_each_other():
    bands = octave_bands(22050, 2048)
    assert [band.first for band in bands[1:]] == [band.stop for band in bands[:-1]]
    assert (bands[0].first, bands[-1].stop) == (0, 1025)
    # 2 % of a band's bins, at least one: the last holds those from 6400 Hz.
    assert [band.n_extremes for band in bands] == [1, 1, 1, 2, 3, 6, 9]


def test_contrast_of_tones_is_higher_than_that_of_noise(tone, noise):
    tones = sum(tone(frequency, rate=RATE) for frequency in range(99, 8000, 99))
    extractor = SpectralContrastExtractor(n_bands=5)
    assert (inner_frames(extractor, tones).mean(axis=0)[2:] > 25).all()
    assert (inner_frames(extractor, noise).mean(axis=0)[2:] < 15).all()


def test_contrast_beyond_half_the_rate_tells_how_many_octaves_there_are(noise):
    with pytest.raises(AudioError, match=r"half the rate of 8000 Hz\. Use n_bands=5 at most"):
        SpectralContrastExtractor(sample_rate=8000).fit_transform([noise])
    SpectralContrastExtractor(sample_rate=8000, n_bands=5).fit_transform([noise])
    with pytest.raises(AudioError, match=r"half the rate of 300 Hz\. Use a lower fmin"):
        SpectralContrastExtractor(sample_rate=300).fit_transform([noise])


def test_contrast_of_bands_without_bins_tells_what_to_do(noise):
    message = "from 0 to 200 Hz holds no bin of a spectrum with n_fft=64 at 16000 Hz"
    with pytest.raises(AudioError, match=message):
        SpectralContrastExtractor(n_fft=64, sample_rate=RATE, n_bands=5).fit_transform([noise])


def test_double_precision_leaves_less_rounding_beside_a_tone(tone):
    # In the middle of a bin, and in a window that leaves next to nothing beside it: what else is in
    # the spectrum is rounding, of the float32 samples alone or of the transform too.
    samples = tone(100 * BIN, rate=RATE)
    rounding = {}
    for precision in ("single", "double"):
        extractor = SpectralFlatnessExtractor(
            amin=1e-20, power=1.0, precision=precision, window="blackmanharris"
        )
        rounding[precision] = np.median(inner_frames(extractor, samples))
    assert 0 < 10 * rounding["double"] < rounding["single"]
