import inspect

import numpy as np
import pytest

from sklearn_audio import AudioError, RMSExtractor, Signal, SignalBatch, ZeroCrossingRateExtractor
from sklearn_audio.features.temporal import root_mean_square, zero_crossing_rate

RATE = 16000
EXTRACTORS = [RMSExtractor, ZeroCrossingRateExtractor]


def inner_frames(extractor, samples):
    [frames] = extractor.set_params(center=False, summary=None).fit_transform([samples])
    return frames


@pytest.mark.parametrize("amplitude", [1.0, 0.25])
def test_rms_of_a_sine_is_its_amplitude_by_the_root_of_two(tone, amplitude):
    # 1000 Hz: 2048 samples are 128 whole periods. float32 sums round to some 1e-6.
    frames = inner_frames(RMSExtractor(), amplitude * tone(1000, rate=RATE))
    np.testing.assert_allclose(frames, amplitude / np.sqrt(2), rtol=1e-5)


def test_rms_of_a_square_wave_is_its_amplitude():
    square = np.tile(np.repeat([1.0, -1.0], 8), 500)
    assert (inner_frames(RMSExtractor(), square) == 1).all()
    assert (inner_frames(RMSExtractor(), -0.5 * square) == 0.5).all()


def test_half_a_frame_of_padding_costs_half_the_energy():
    samples = np.ones(4096)
    frames = root_mean_square(samples)
    assert frames[0] == pytest.approx(np.sqrt(0.5))
    assert root_mean_square(samples, pad_mode="edge")[0] == 1


@pytest.mark.parametrize("frequency", [250, 500, 1000, 2000])
def test_zero_crossing_rate_of_a_tone_is_twice_its_frequency(frequency):
    # Half a sample aside of the zeros, so that no sample is 0. A frame counts the changes
    # between its samples, at most one fewer than there are half periods.
    samples = np.sin(2 * np.pi * frequency * (np.arange(RATE) + 0.5) / RATE)
    frames = inner_frames(ZeroCrossingRateExtractor(), samples)
    np.testing.assert_allclose(frames, 2 * frequency / RATE, atol=1 / 2048)


def test_an_alternating_signal_crosses_zero_between_all_samples():
    samples = np.tile([1.0, -1.0], 2048)
    assert (inner_frames(ZeroCrossingRateExtractor(), samples) == 2047 / 2048).all()


def test_a_signal_of_one_sign_never_crosses_zero(noise):
    for samples in (np.abs(noise) + 0.1, -np.abs(noise) - 0.1):
        extractor = ZeroCrossingRateExtractor(summary=["max"])
        assert extractor.fit_transform([samples]).tolist() == [[0]]


def test_zero_counts_as_positive():
    def crossings(samples):
        rate = zero_crossing_rate(np.array(samples), frame_length=4, center=False)
        return (4 * rate).tolist()

    assert crossings([1.0, 0.0, 1.0, 0.0]) == [0]
    assert crossings([-1.0, 0.0, -1.0, 0.0]) == [3]
    assert crossings([-0.0, 0.0, -0.0, 0.0]) == [0]
    assert crossings([1.0, -1e-11, 1.0, -1e-11]) == [0]
    assert crossings([1.0, -1e-9, 1.0, -1e-9]) == [3]


def test_continuing_a_signal_adds_no_zero_crossing():
    # The default continues the signal by its last sample, which is negative.
    rate = zero_crossing_rate(np.array([-1.0, -1.0, -1.0, -1.0]), frame_length=4, hop_length=2)
    assert rate.tolist() == [0, 0, 0]


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_silence_is_0(extractor):
    assert extractor().fit_transform([np.zeros(5000)]).tolist() == [[0, 0]]


@pytest.mark.parametrize(
    ("extractor", "value"), [(RMSExtractor, 0.5), (ZeroCrossingRateExtractor, 0)]
)
def test_one_sample_is_one_frame(extractor, value):
    parameters = {"pad_mode": "edge"} if extractor is RMSExtractor else {}
    [frames] = extractor(summary=None, **parameters).fit_transform([[-0.5]])
    assert frames.tolist() == [[value]]


def test_rms_follows_the_level_and_zero_crossings_do_not(noise):
    np.testing.assert_array_equal(
        inner_frames(RMSExtractor(), 2 * noise), 2 * inner_frames(RMSExtractor(), noise)
    )
    np.testing.assert_array_equal(
        inner_frames(ZeroCrossingRateExtractor(), 2 * noise),
        inner_frames(ZeroCrossingRateExtractor(), noise),
    )


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_no_rate_is_needed_and_none_changes_anything(extractor, noise):
    np.testing.assert_array_equal(
        extractor().fit_transform([noise]), extractor(sample_rate=8000).fit_transform([noise])
    )


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_a_rate_that_is_given_may_not_contradict_a_batch(extractor, noise):
    batch = SignalBatch([Signal(noise, RATE)])
    with pytest.raises(AudioError, match="its rate is 16000 Hz, but sample_rate=8000 was given"):
        extractor(sample_rate=8000).fit_transform(batch)


def test_names_are_those_of_the_values():
    for extractor, name in [
        (RMSExtractor, "rms"),
        (ZeroCrossingRateExtractor, "zero_crossing_rate"),
    ]:
        assert extractor().get_feature_names_out().tolist() == [f"{name}_mean", f"{name}_std"]
        assert extractor(summary=None).get_feature_names_out().tolist() == [name]


@pytest.mark.parametrize(
    ("function", "extractor"),
    [(root_mean_square, RMSExtractor), (zero_crossing_rate, ZeroCrossingRateExtractor)],
)
def test_functions_have_the_defaults_of_the_extractors(function, extractor):
    parameters = inspect.signature(function).parameters
    defaults = {name: parameters[name].default for name in parameters if name != "samples"}
    assert defaults == {name: extractor().get_params()[name] for name in defaults}


def test_zero_crossings_have_no_choice_of_padding():
    with pytest.raises(TypeError, match="pad_mode"):
        ZeroCrossingRateExtractor(pad_mode="constant")


def test_padding_that_is_unknown_is_refused(noise):
    with pytest.raises(ValueError, match=r"'pad_mode' parameter of RMSExtractor.*'wrap'"):
        RMSExtractor(pad_mode="wrap").fit([noise])
