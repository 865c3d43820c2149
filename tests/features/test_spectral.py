import inspect

import numpy as np
import pytest

from sklearn_audio import AudioError, SpectralCentroidExtractor, SpectralRolloffExtractor
from sklearn_audio.features.spectral import spectral_centroid, spectral_rolloff

RATE = 16000
BIN = RATE / 2048
EXTRACTORS = [SpectralCentroidExtractor, SpectralRolloffExtractor]
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
        assert (frames[:3] > 900).all()


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
