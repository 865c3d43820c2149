import numpy as np
import pytest
import soundfile
import soxr
from conftest import RATE
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sklearn_audio import AudioError, Loader, Resampler, Signal, SignalBatch

RATES = [8000, 11025, 16000, 22050, 44100, 48000]
QUALITIES = ["VHQ", "HQ", "MQ", "LQ", "QQ"]

# Samples as a 16-bit recording has them.
pcm_signals = arrays(np.int16, st.integers(100, 2000)).map(lambda pcm: np.float32(pcm / 2**15))


@settings(deadline=None)
@given(pcm_signals, st.sampled_from(RATES), st.sampled_from(RATES), st.sampled_from(QUALITIES))
def test_it_is_soxr(samples, rate, target_rate, quality):
    resampler = Resampler(target_rate, quality=quality, sample_rate=rate)

    [resampled] = resampler.fit_transform(samples[np.newaxis])

    expected = soxr.resample(samples, rate, target_rate, quality=quality)
    np.testing.assert_array_equal(resampled, expected, strict=True)


@pytest.mark.shared_data
@pytest.mark.parametrize("quality", QUALITIES)
def test_it_is_soxr_on_real_recordings(shared_data, quality):
    paths = sorted(shared_data.glob("music/*.ogg"))[:3]

    batch = Resampler(16000, quality=quality).fit_transform(Loader(duration=5).transform(paths))

    for path, signal in zip(paths, batch, strict=True):
        samples, rate = soundfile.read(path, dtype="float32", stop=5 * 22050)
        if samples.ndim == 2:
            samples = samples.mean(axis=1)
        expected = soxr.resample(samples, rate, 16000, quality=quality)
        np.testing.assert_array_equal(signal.samples, expected)
        assert signal.rate == 16000


def test_signals_of_the_rate_are_left_as_they_are(equal_signals, monkeypatch):
    def never(*args, **kwargs):
        raise AssertionError("soxr was called")

    monkeypatch.setattr(soxr, "resample", never)

    same = Resampler(float(RATE), sample_rate=RATE).fit_transform(equal_signals)

    np.testing.assert_array_equal(same, equal_signals)


@pytest.mark.parametrize("target_rate", [16000, 22050, 96000])
@pytest.mark.parametrize("quality", QUALITIES)
def test_a_tone_keeps_its_frequency_and_level(target_rate, quality):
    second = 0.5 * np.sin(2 * np.pi * 440 * np.arange(44100) / 44100)

    [resampled] = Resampler(target_rate, quality=quality, sample_rate=44100).fit_transform([second])

    amplitudes = np.abs(np.fft.rfft(resampled)) * 2 / target_rate
    assert len(resampled) == target_rate
    assert amplitudes.argmax() == 440  # a bin is 1 Hz wide
    assert amplitudes.max() == pytest.approx(0.5, rel=0.01)  # a few samples fade at both ends


def test_what_the_new_rate_cannot_hold_is_filtered_out():
    second = np.sin(2 * np.pi * 6000 * np.arange(44100) / 44100)

    [resampled] = Resampler(8000, sample_rate=44100).fit_transform([second])

    # Not folded back to 2000 Hz; HQ damps by some 120 dB, but for both ends.
    assert np.abs(resampled[500:-500]).max() < 1e-5


def test_signals_of_different_rates_come_to_one():
    batch = SignalBatch([Signal(np.zeros(rate), rate) for rate in RATES])

    resampled = Resampler(16000).fit_transform(batch)

    assert [signal.rate for signal in resampled] == [16000] * len(RATES)
    # soxr.resample rounds the length of one second to a sample.
    assert all(abs(len(signal) - 16000) <= 1 for signal in resampled)


def test_a_target_rate_that_is_a_whole_number_is_one_afterwards():
    [signal] = Resampler(16000.0).fit_transform(SignalBatch([Signal(np.zeros(100), RATE)]))

    assert repr(signal.rate) == "16000"


def test_plain_arrays_need_a_sample_rate():
    with pytest.raises(AudioError, match=r"X\[0\]: the sampling rate .* is not known.*sample_rate"):
        Resampler(16000).fit_transform(np.ones((2, 100)))


def test_a_sample_rate_may_not_contradict_a_batch():
    batch = SignalBatch([Signal(np.zeros(100), 44100)])
    resampled = Resampler(16000, sample_rate=RATE).fit_transform(batch)

    with pytest.raises(AudioError, match=r"its rate is 44100 Hz, but sample_rate=8000"):
        resampled[0]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"target_rate": 0}, r"'target_rate' parameter of Resampler must be .* \(0.0, inf\)"),
        ({"target_rate": -8000}, r"'target_rate' parameter of Resampler must be"),
        ({"target_rate": None}, r"'target_rate' parameter of Resampler must be"),
        ({"target_rate": "8 kHz"}, r"'target_rate' parameter of Resampler must be"),
        ({"target_rate": 8000, "quality": "best"}, r"'quality' parameter of Resampler must be"),
        ({"target_rate": 8000, "sample_rate": 0}, r"'sample_rate' parameter of Resampler must be"),
    ],
)
def test_wrong_parameters_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        Resampler(**parameters).fit([[0.0, 1.0]])
