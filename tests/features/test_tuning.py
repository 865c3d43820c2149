import librosa
import numpy as np
import pytest
import soundfile

from sklearn_audio import ChromaExtractor, Signal
from sklearn_audio.features import PowerSpectrum
from sklearn_audio.features.tuning import SpectralPeaks, spectral_peaks, tuning_of

RATE = 22050
# librosa warns where there is no peak at all.
pytestmark = pytest.mark.filterwarnings("ignore:Trying to estimate tuning from empty:UserWarning")


def tuning(samples, bins_per_octave=12, rate=RATE, **parameters):
    settings = ChromaExtractor(**parameters).domain()
    return PowerSpectrum(Signal(samples, rate), settings).tuning(bins_per_octave)


def power_spectrum(samples, n_fft=2048, hop_length=512):
    stft = librosa.stft(samples, n_fft=n_fft, hop_length=hop_length)
    return np.abs(stft) ** 2


@pytest.mark.parametrize("deviation", [-0.4, -0.15, 0.0, 0.3, 0.45])
@pytest.mark.parametrize("semitone", [0, 5, 14])
def test_a_tone_tells_its_deviation_from_a440(tone, semitone, deviation):
    samples = tone(440 * 2 ** ((semitone + deviation) / 12), rate=RATE, seconds=3)
    # In steps of 0.01. A parabola through three bins of a Hann window's power misses its peak by
    # up to a tenth of a bin, 1 Hz or some 0.04 semitones at 440 Hz.
    assert tuning(samples) == pytest.approx(deviation, abs=0.05)


def test_deviation_is_told_in_fractions_of_a_bin_of_the_octave(tone):
    samples = tone(440 * 2 ** (0.1 / 12), rate=RATE)
    assert tuning(samples, 36) == pytest.approx(3 * tuning(samples, 12), abs=0.03)


def test_silence_is_in_tune():
    assert tuning(np.zeros(5000)) == 0


def test_a_rate_too_low_for_any_pitch_is_in_tune(noise):
    # Half the rate is below the lowest pitch that counts, 150 Hz.
    assert tuning(noise, rate=200) == 0


def test_no_peaks_are_in_tune():
    empty = np.empty(0, dtype=np.float32)
    assert tuning_of(SpectralPeaks(empty, empty), 12) == 0


def test_peaks_of_at_least_the_median_height_decide():
    deviations = np.array([0.1, 0.1, 0.1, 0.3, 0.3, -0.2, -0.4])
    heights = np.array([1.0, 1.0, 1.0, 3.0, 5.0, 5.0, 5.0])  # their median is 3
    frequencies = 440 * 2 ** (deviations / 12)
    peaks = SpectralPeaks(frequencies.astype(np.float32), heights)
    # A histogram tells the lower edge of its bin of 0.01.
    assert tuning_of(peaks, 12) == pytest.approx(0.3, abs=0.0101)


@pytest.mark.parametrize("bins_per_octave", [12, 24, 36])
def test_tuning_is_that_of_librosa(tone, bins_per_octave):
    chord = sum(tone(440 * 2 ** ((note + 0.17) / 12), rate=RATE) for note in (0, 4, 7))
    expected = librosa.estimate_tuning(
        S=power_spectrum(chord), sr=RATE, bins_per_octave=bins_per_octave
    )
    assert tuning(chord, bins_per_octave) == pytest.approx(expected, abs=1e-9)  # float64


@pytest.mark.shared_data
@pytest.mark.parametrize("pattern", ["*trumpet*", "*Vibe_Ace*", "*waltz*", "*humpback*"])
def test_tuning_of_music_is_that_of_librosa(shared_data, pattern):
    [path] = (shared_data / "music").glob(pattern + ".ogg")
    samples, rate = soundfile.read(path, frames=5 * RATE, dtype="float32")
    expected = librosa.estimate_tuning(S=power_spectrum(samples), sr=rate, bins_per_octave=12)
    assert tuning(samples, rate=rate) == pytest.approx(expected, abs=1e-9)  # float64


@pytest.mark.parametrize(("rate", "n_fft"), [(22050, 2048), (8000, 512), (22050, 301)])
def test_peaks_are_those_of_librosa(noise, rate, n_fft):
    power = power_spectrum(noise, n_fft=n_fft)
    pitches, heights = librosa.piptrack(S=power, sr=rate, n_fft=n_fft)
    found = pitches > 0
    peaks = spectral_peaks(np.ascontiguousarray(power.T), rate, n_fft)
    # float32
    np.testing.assert_allclose(peaks.frequencies, pitches[found], rtol=1e-5)
    np.testing.assert_allclose(peaks.heights, heights[found], rtol=1e-5)
    assert len(peaks.frequencies) > 100


def test_tuning_is_estimated_once_a_signal(monkeypatch, noise):
    histogram, calls = np.histogram, []

    def counting_histogram(*args, **kwargs):
        calls.append(args)
        return histogram(*args, **kwargs)

    monkeypatch.setattr(np, "histogram", counting_histogram)
    ChromaExtractor(hop_length=64, sample_rate=16000).fit_transform([noise])
    assert len(calls) == 1
