"""Spectrograms, compared with librosa's."""

import librosa
import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

from sklearn_audio import Loader, Resampler, SpectralCentroidExtractor
from sklearn_audio.datasets import load_percussion
from sklearn_audio.plotting import SpectrogramDisplay

RATE = 22050


@pytest.fixture(scope="module")
def samples():
    """Return a second of falling tone with noise under it, so that no bin is empty."""
    time = np.arange(RATE) / RATE
    generator = np.random.default_rng(0)
    tone = np.sin(2 * np.pi * (3000 * time - 1000 * time**2))
    return (tone + 1e-2 * generator.normal(size=RATE)).astype(np.float32)


def test_linear_levels_are_those_of_librosa_below_the_loudest(samples):
    display = SpectrogramDisplay.from_signal(samples, RATE)
    magnitudes = np.abs(librosa.stft(samples.astype(np.float64)))
    expected = librosa.amplitude_to_db(magnitudes, ref=np.max, top_db=80)
    # Single precision, 80 dB below the loudest.
    np.testing.assert_allclose(display.level, expected, atol=0.02)
    np.testing.assert_allclose(display.frequencies, librosa.fft_frequencies(sr=RATE), rtol=1e-6)
    np.testing.assert_allclose(
        display.times, librosa.frames_to_time(np.arange(expected.shape[1]), sr=RATE)
    )


def test_mel_levels_are_those_of_librosa_below_the_loudest(samples):
    display = SpectrogramDisplay.from_signal(samples, RATE, scale="mel", n_mels=64)
    power = librosa.feature.melspectrogram(y=samples.astype(np.float64), sr=RATE, n_mels=64)
    expected = librosa.power_to_db(power, ref=np.max, top_db=80)
    np.testing.assert_allclose(display.level, expected, atol=0.02)
    centres = librosa.mel_frequencies(n_mels=66, fmax=RATE / 2)[1:-1]
    np.testing.assert_allclose(display.frequencies, centres)


@pytest.mark.parametrize("scale", ["linear", "log", "mel"])
def test_the_picture_has_labels_with_units_and_the_range_of_the_signal(samples, scale):
    display = SpectrogramDisplay.from_signal(samples, RATE, scale=scale)
    ax = display.ax_
    assert ax.get_xlabel() == "time (s)"
    assert ax.get_ylabel() == "frequency (Hz)"
    assert display.colorbar_.ax.get_ylabel() == "level (dB)"
    assert ax.get_xlim() == (0, 1)
    assert 0 <= ax.get_ylim()[0] < 100
    assert 10_000 < ax.get_ylim()[1] <= RATE / 2
    assert (ax.get_yscale() == "linear") == (scale == "linear")
    np.testing.assert_array_equal(display.image_.get_array(), display.level)
    assert display.image_.get_clim() == (display.level.min(), 0)


def test_silence_is_dark():
    display = SpectrogramDisplay.from_signal(np.zeros(RATE), RATE, top_db=60)
    assert np.unique(display.level).tolist() == [-60]


def test_a_long_signal_shows_the_loudest_of_several_frames_in_each_column():
    generator = np.random.default_rng(0)
    samples = 1e-3 * generator.normal(size=3_000_000).astype(np.float32)
    samples[2_000_000] = 1.0  # a click
    display = SpectrogramDisplay.from_signal(samples, RATE, n_fft=512)
    assert display.level.shape == (257, 1954)  # 5860 frames, three in each
    loudest = display.level.max(axis=0).argmax()
    column = 3 * 512 / RATE
    assert display.times[loudest] == pytest.approx(2_000_000 / RATE, abs=column)
    magnitudes = np.abs(librosa.stft(samples, n_fft=512, hop_length=512))
    columns = np.pad(magnitudes, [(0, 0), (0, 2)]).reshape(257, -1, 3).max(axis=2)
    expected = librosa.amplitude_to_db(columns, ref=np.max, top_db=80)
    np.testing.assert_allclose(display.level, expected, atol=0.02)


def test_a_signal_shorter_than_a_frame_is_one_column():
    display = SpectrogramDisplay.from_signal(np.ones(10), RATE)
    assert display.level.shape == (1025, 1)


def test_an_estimator_shows_what_comes_behind_its_steps():
    paths = load_percussion().paths
    pipeline = make_pipeline(Loader(), Resampler(8000), SpectralCentroidExtractor())
    display = SpectrogramDisplay.from_estimator(pipeline, paths, 3, n_fft=512)
    assert display.frequencies[-1] == 4000


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"scale": "bark"}, "scale='bark'; 'linear', 'log' or 'mel' is wanted"),
        ({"top_db": 0}, "top_db=0; a positive number of dB is wanted"),
        ({"n_fft": 1}, "'n_fft' parameter .* must be an int in the range"),
    ],
)
def test_wrong_parameters_are_refused(samples, parameters, message):
    with pytest.raises(ValueError, match=message):
        SpectrogramDisplay.from_signal(samples, RATE, **parameters)


def click_at(seconds, *, duration=4.0, rate=8000):
    """Return noise with a click."""
    samples = 1e-4 * np.random.default_rng(0).normal(size=round(duration * rate))
    samples[round(seconds * rate)] = 1.0
    return samples


def column_of_loudest(image):
    """Return where the loudest column of an image begins and ends, in seconds."""
    edges = image.get_coordinates()[0, :, 0]
    loudest = int(np.asarray(image.get_array()).max(axis=0).argmax())
    return edges[loudest], edges[loudest + 1]


@pytest.mark.parametrize("start", [None, 1.25])
def test_a_click_is_drawn_at_its_time(start):
    display = SpectrogramDisplay.from_signal(
        click_at(3.0), 8000, n_fft=256, hop_length=64, start=start
    )
    left, right = column_of_loudest(display.image_)
    assert left - 0.001 <= 3.0 <= right + 0.001
    assert display.ax_.get_xlim() == (start or 0, 4)
    edges = display.image_.get_coordinates()[0, :, 0]
    assert edges[0] <= (start or 0)
    assert edges[-1] >= 4


def test_a_click_in_a_long_signal_is_drawn_at_its_time():
    display = SpectrogramDisplay.from_signal(
        click_at(300.0, duration=400.0), 8000, n_fft=256, hop_length=64
    )
    assert display.level.shape[1] <= 2000
    left, right = column_of_loudest(display.image_)
    assert left - 0.032 <= 300.0 <= right + 0.032  # half a frame


@pytest.mark.parametrize(
    ("rate", "scale"), [(100, "mel"), (800, "mel"), (100, "log"), (500_000, "mel")]
)
def test_signals_of_any_rate_have_labels_of_frequency(rate, scale):
    noise = np.random.default_rng(0).normal(size=2 * rate)
    display = SpectrogramDisplay.from_signal(
        noise, rate, scale=scale, n_mels=8, n_fft=512, hop_length=128
    )
    display.figure_.canvas.draw()
    low, high = display.ax_.get_ylim()
    inside = [tick for tick in display.ax_.get_yticks() if low <= tick <= high]
    assert len(inside) >= 4
    assert max(inside) >= high / 2
