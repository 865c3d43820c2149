import numpy as np
import pytest

from sklearn_audio.datasets import make_tones


def amplitude_spectrum(signal, rate):
    amplitudes = np.abs(np.fft.rfft(signal)) * 2 / len(signal)
    return np.fft.rfftfreq(len(signal), 1 / rate), amplitudes


def test_what_comes_back():
    data = make_tones(7, duration=0.1, random_state=0)

    assert data.signals.shape == (7, 2205)
    assert data.signals.dtype == np.float32
    assert data.sample_rate == 22050
    assert data.frequencies.tolist() == [220.0, 440.0, 880.0]
    assert data.target_names == ["220 Hz", "440 Hz", "880 Hz"]
    assert np.issubdtype(data.target.dtype, np.integer)
    assert sorted(data.target.tolist()) == [0, 0, 0, 1, 1, 2, 2]
    assert data.DESCR == (
        "7 harmonic tones at 22050 Hz; the class is the pitch: 220 Hz, 440 Hz, 880 Hz."
    )


def test_strongest_line_is_the_fundamental_of_the_class():
    data = make_tones(
        30, frequencies=[100, 250, 1234], sample_rate=8000, duration=1, random_state=0
    )

    for signal, target in zip(data.signals, data.target, strict=True):
        frequencies, amplitudes = amplitude_spectrum(signal, data.sample_rate)
        assert frequencies[amplitudes.argmax()] == data.frequencies[target]


def test_harmonic_k_has_amplitude_1_over_k():
    data = make_tones(1, frequencies=[100], sample_rate=8000, duration=1, n_harmonics=5, noise=0)

    _, amplitudes = amplitude_spectrum(data.signals[0], 8000)

    lines = np.flatnonzero(amplitudes > 1e-4)
    assert lines.tolist() == [100, 200, 300, 400, 500]  # one Hz a bin
    np.testing.assert_allclose(amplitudes[lines] / amplitudes[100], 1 / np.arange(1, 6), rtol=1e-4)


def test_harmonics_above_half_the_rate_are_left_out_not_folded_back():
    data = make_tones(1, frequencies=[300], sample_rate=1000, duration=1, n_harmonics=9, noise=0)

    _, amplitudes = amplitude_spectrum(data.signals[0], 1000)

    assert np.flatnonzero(amplitudes > 1e-4).tolist() == [300]


def test_peak_is_random_and_does_not_tell_the_class():
    data = make_tones(1500, noise=0, duration=0.05, random_state=0)

    peaks = np.abs(data.signals).max(axis=1)

    assert 0.1 <= peaks.min() < 0.11
    assert 0.89 < peaks.max() <= 0.9
    for target in range(3):
        assert peaks[data.target == target].mean() == pytest.approx(0.5, abs=0.06)


def test_noise_is_its_standard_deviation():
    noisy = make_tones(1, noise=0.05, duration=2, random_state=3).signals
    clean = make_tones(1, noise=0, duration=2, random_state=3).signals

    assert (noisy - clean).std() == pytest.approx(0.05, rel=0.02)
    assert (noisy - clean).mean() == pytest.approx(0, abs=0.001)


def test_random_state():
    first = make_tones(5, random_state=1)
    again = make_tones(5, random_state=np.random.RandomState(1))
    other = make_tones(5, random_state=2)

    np.testing.assert_array_equal(first.signals, again.signals)
    np.testing.assert_array_equal(first.target, again.target)
    assert not np.array_equal(first.signals, other.signals)


def test_ragged():
    even = make_tones(50, duration=0.1, random_state=0)
    ragged = make_tones(50, duration=0.1, ragged=True, random_state=0)

    lengths = [len(signal) for signal in ragged.signals]
    assert isinstance(ragged.signals, list)
    assert len(set(lengths)) > 25
    assert 1103 <= min(lengths) < 1200
    assert 2100 < max(lengths) <= 2205
    np.testing.assert_array_equal(ragged.target, even.target)
    for cut, whole in zip(ragged.signals, even.signals, strict=True):
        assert cut.dtype == np.float32
        np.testing.assert_array_equal(cut, whole[: len(cut)])


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"n_signals": 0}, ValueError, "n_signals == 0, must be >= 1"),
        ({"n_signals": 2.5}, TypeError, "n_signals must be an instance of int, not float"),
        ({"sample_rate": 0}, ValueError, "sample_rate == 0, must be >= 1"),
        ({"duration": 0}, ValueError, "duration == 0, must be > 0"),
        ({"duration": 1e-6}, ValueError, "duration=1e-06 s is shorter than one sample"),
        ({"n_harmonics": 0}, ValueError, "n_harmonics == 0, must be >= 1"),
        ({"noise": -1}, ValueError, "noise == -1, must be >= 0"),
        ({"frequencies": []}, ValueError, "one or more numbers in Hz, one a class"),
        ({"frequencies": 440}, ValueError, "one or more numbers in Hz, one a class"),
        ({"frequencies": [0]}, ValueError, r"above 0 and below .* 11025 Hz; got \[0\.0\]"),
        ({"frequencies": [440, 11025]}, ValueError, "below half the sample rate, 11025 Hz"),
        ({"frequencies": [np.nan]}, ValueError, r"got \[nan\]"),
    ],
)
def test_parameter_out_of_range(parameters, error, message):
    with pytest.raises(error, match=message):
        make_tones(**parameters)
