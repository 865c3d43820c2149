import librosa
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.preprocessing import minmax_scale

from sklearn_audio import MinMaxNormalizer, PeakNormalizer, RMSNormalizer

# Samples as a 16-bit recording has them.
pcm_signals = arrays(np.int16, st.integers(1, 500)).map(lambda pcm: np.float32(pcm / 2**15))
levels = st.floats(-80, 20)

SILENCE = np.zeros((1, 100), dtype=np.float32)


def normalized(normalizer, samples):
    return normalizer.fit_transform(samples[np.newaxis])[0]


def level_of_mean_square(samples):
    """Return the RMS level in dBFS, by its definition and in float64."""
    return 10 * np.log10(np.mean(np.float64(samples) ** 2))


@pytest.fixture(scope="module")
def recordings(shared_data):
    paths = sorted(shared_data.glob("spoken-digits/*.flac"))[::300]
    return [soundfile.read(path, dtype="float32")[0] for path in paths]


@settings(deadline=None)
@given(
    pcm_signals.filter(lambda samples: np.ptp(samples) > 0),
    st.sampled_from([(-1, 1), (0, 1), (-0.5, 2.5), [3, 4]]),
)
def test_min_max_is_minmax_scale_of_each_signal(samples, feature_range):
    scaled = normalized(MinMaxNormalizer(feature_range=feature_range), samples)

    expected = minmax_scale(np.float64(samples), tuple(feature_range))
    # A few roundings of float32 at values of up to 4.
    np.testing.assert_allclose(scaled, expected, rtol=0, atol=1e-6)


@pytest.mark.shared_data
def test_min_max_of_real_recordings(recordings):
    for samples in recordings:
        scaled = normalized(MinMaxNormalizer(), samples)
        expected = minmax_scale(np.float64(samples), (-1, 1))
        np.testing.assert_allclose(scaled, expected, rtol=0, atol=1e-6)
        assert (scaled.min(), scaled.max()) == (-1, 1)


def test_min_max_of_a_constant_signal_is_the_middle_of_the_range():
    constant = np.array([[3.0, 3.0, 3.0], [0.0, 0.0, 0.0]])

    middle = MinMaxNormalizer(feature_range=(1, 4)).fit_transform(constant)

    assert middle.tolist() == [[2.5, 2.5, 2.5], [2.5, 2.5, 2.5]]


@settings(deadline=None)
@given(pcm_signals)
def test_peak_is_librosas_normalize(samples):
    expected = librosa.util.normalize(samples)

    # One division more or less: two roundings of float32 below 1.
    np.testing.assert_allclose(normalized(PeakNormalizer(), samples), expected, rtol=0, atol=2e-7)


@pytest.mark.shared_data
def test_peak_of_real_recordings(recordings):
    for samples in recordings:
        expected = librosa.util.normalize(samples)
        np.testing.assert_allclose(
            normalized(PeakNormalizer(), samples), expected, rtol=0, atol=2e-7
        )


@pytest.mark.parametrize(
    ("target_level", "peak"), [(0, 1.0), (-20, 0.1), (20, 10.0), (-6.0206, 0.5)]
)
def test_the_peak_has_its_level_in_decibels(target_level, peak):
    samples = np.float32([0.1, -0.2, 0.05])

    scaled = normalized(PeakNormalizer(target_level=target_level), samples)

    np.testing.assert_allclose(scaled, peak * np.array([0.5, -1, 0.25]), rtol=1e-6)  # float32


@settings(deadline=None)
@given(pcm_signals.filter(lambda samples: samples.any()), levels)
def test_the_mean_square_has_its_level_in_decibels(samples, target_level):
    scaled = normalized(RMSNormalizer(target_level=target_level), samples)

    # 1e-5 dB is a relative error of 1e-6, some roundings of float32.
    assert level_of_mean_square(scaled) == pytest.approx(target_level, abs=1e-5)
    gain = 10 ** ((target_level - level_of_mean_square(samples)) / 20)
    np.testing.assert_allclose(scaled, samples * gain, rtol=1e-6)


@pytest.mark.shared_data
def test_level_of_real_recordings(recordings):
    for samples in recordings:
        assert level_of_mean_square(normalized(RMSNormalizer(), samples)) == pytest.approx(
            -20, abs=1e-5
        )


def test_square_wave_of_full_scale_has_0_and_a_sine_minus_3_decibels():
    square = np.tile(np.float32([1, -1]), 100)
    sine = np.sin(2 * np.pi * np.arange(200) / 20)

    np.testing.assert_array_equal(normalized(RMSNormalizer(target_level=0), square), square)
    louder = normalized(RMSNormalizer(target_level=0), sine)
    assert louder.max() == pytest.approx(np.sqrt(2), rel=1e-6)  # float32; and not clipped


@pytest.mark.parametrize("normalizer", [PeakNormalizer(), RMSNormalizer()])
def test_silence_stays_silence(normalizer):
    np.testing.assert_array_equal(normalizer.fit_transform(SILENCE), SILENCE)


@pytest.mark.parametrize("normalizer", [MinMaxNormalizer(), PeakNormalizer(), RMSNormalizer()])
def test_each_signal_is_scaled_by_itself(normalizer, equal_signals):
    quiet = equal_signals * np.float32([[1], [0.5], [0.25], [2], [4]])

    # Powers of two change no digits of float32.
    np.testing.assert_array_equal(
        normalizer.fit_transform(quiet), normalizer.fit_transform(equal_signals)
    )


@pytest.mark.parametrize(
    "feature_range", [(1, -1), (0, 0), (0,), (0, 1, 2), (0, np.inf), (np.nan, 1)]
)
def test_ranges_that_are_none_are_refused(feature_range):
    with pytest.raises(ValueError, match=r"feature_range=.* two numbers are wanted"):
        MinMaxNormalizer(feature_range=feature_range).fit(SILENCE)


def test_a_range_that_is_no_pair_is_refused():
    with pytest.raises(ValueError, match=r"'feature_range' parameter of MinMaxNormalizer"):
        MinMaxNormalizer(feature_range=1).fit(SILENCE)


@pytest.mark.parametrize("normalizer", [PeakNormalizer, RMSNormalizer])
@pytest.mark.parametrize("target_level", [np.inf, np.nan, "loud", None])
def test_levels_that_are_no_numbers_are_refused(normalizer, target_level):
    with pytest.raises(ValueError, match=f"'target_level' parameter of {normalizer.__name__}"):
        normalizer(target_level=target_level).fit(SILENCE)


@pytest.mark.parametrize("normalizer", [PeakNormalizer(), RMSNormalizer()])
@pytest.mark.parametrize("value", [1e-39, 1e-42])
def test_signals_too_quiet_to_divide_by_are_left_alone(normalizer, value):
    signal = np.full((1, 3), value, dtype=np.float32)
    np.testing.assert_array_equal(normalizer.fit_transform(signal), signal)


def test_ranges_of_letters_are_refused_by_name():
    with pytest.raises(ValueError, match="feature_range="):
        MinMaxNormalizer(feature_range=("a", "b")).fit([[0.0]])


def test_no_sample_leaves_the_range_by_rounding():
    signals = np.random.default_rng(0).normal(size=(200, 50)).astype(np.float32)
    scaled = MinMaxNormalizer(feature_range=(0.1, 0.7)).fit_transform(signals)
    assert scaled.min() == np.float32(0.1)
    assert scaled.max() == np.float32(0.7)
