import inspect

import librosa
import numpy as np
import pytest

from sklearn_audio import AudioError, OnsetStrengthExtractor
from sklearn_audio.features.onset import onset_strength

RATE = 16000


def frames_of(samples, **parameters):
    extractor = OnsetStrengthExtractor(summary=None, sample_rate=RATE, **parameters)
    [frames] = extractor.fit_transform([samples])
    return frames[:, 0]


@pytest.fixture
def clicks():
    """Return two seconds of silence with clicks at 0.5, 1 and 1.25 seconds."""
    samples = np.zeros(2 * RATE, dtype=np.float32)
    samples[[8000, 16000, 20000]] = 1
    return samples


def test_strength_is_the_mean_or_median_rise_of_the_bands():
    level = np.array([[-80.0, -80, -80], [-20, -50, -80], [-30, -30, -76]])
    assert onset_strength(level, center=False).tolist() == [0, 30, 8]
    assert onset_strength(level, center=False, aggregate="median").tolist() == [0, 30, 4]
    assert onset_strength(level, center=False, lag=2).tolist() == [0, 0, 104 / 3]


def test_a_tone_that_moves_to_the_next_band_is_no_onset_after_the_maximum_filter():
    level = np.array([[-80.0, -20, -80], [-20, -80, -80], [-80, -80, -20]])
    assert onset_strength(level, center=False).tolist() == [0, 20, 20]
    assert onset_strength(level, center=False, max_size=3).tolist() == [0, 0, 20]


def test_vibrato_counts_less_after_the_maximum_filter():
    time = np.arange(2 * RATE) / RATE
    vibrato = np.sin(2 * np.pi * 880 * time + 20 * np.sin(2 * np.pi * 6 * time))
    inner = slice(10, -10)  # the beginning of the tone is an onset with any filter
    plain, filtered = (frames_of(vibrato, max_size=size)[inner].mean() for size in (1, 3))
    assert filtered < 0.6 * plain


def test_a_gain_of_20_decibels_is_a_rise_of_20_decibels():
    # An impulse each 64 samples has the same spectrum in each frame.
    impulses = np.zeros(RATE)
    impulses[::64] = 0.05
    impulses[8000:] *= 10
    frames = frames_of(impulses, n_fft=512, hop_length=64, n_mels=20, lag=16)
    # Frames 129 to 137 are wholly behind the change, those 16 before wholly before it; 4 frames
    # are the delay by half a frame.
    np.testing.assert_allclose(frames[133:142], 20, rtol=1e-3)
    np.testing.assert_allclose(frames[[100, 200]], 0, atol=1e-3)


def test_onsets_of_centred_frames_are_where_they_sound(clicks):
    frames = frames_of(clicks, n_fft=512, hop_length=400)
    assert np.flatnonzero(frames > 10).tolist() == [20, 40, 50]


def test_onsets_of_other_frames_are_in_the_first_frame_that_holds_them(clicks):
    frames = frames_of(clicks, n_fft=512, hop_length=400, center=False)
    # Frame 19 ends at sample 19 * 400 + 512, in the rise of the window.
    assert np.flatnonzero(frames > 10).tolist() == [19, 39, 49]


def test_frames_that_are_not_centred_are_those_of_librosa(noise):
    spectrogram = librosa.feature.melspectrogram(y=noise, sr=RATE, center=False)
    expected = librosa.onset.onset_strength(S=librosa.power_to_db(spectrogram), center=False)
    np.testing.assert_allclose(frames_of(noise, center=False), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("n_samples", [1, 2, 512, 1600])
def test_signals_shorter_than_the_lag_and_the_delay_have_no_onset(n_samples, noise):
    frames = frames_of(noise[:n_samples], lag=4)
    assert frames.tolist() == [0] * (1 + n_samples // 512)


@pytest.mark.parametrize("samples", [np.zeros(9000), np.ones(9000)], ids=["silence", "DC"])
def test_what_never_begins_has_no_onset(samples):
    frames = frames_of(samples, pad_mode="edge")
    np.testing.assert_allclose(frames, 0, atol=1e-4)  # rounding, in dB


def test_the_rate_is_needed(noise):
    with pytest.raises(AudioError, match="rate of this signal is not known"):
        OnsetStrengthExtractor().fit_transform([noise])


def test_functions_have_the_defaults_of_the_extractor():
    parameters = inspect.signature(onset_strength).parameters
    defaults = {name: parameters[name].default for name in parameters if name != "level"}
    assert defaults == {name: OnsetStrengthExtractor().get_params()[name] for name in defaults}


@pytest.mark.parametrize(
    "parameters",
    [{"lag": 0}, {"max_size": 0}, {"aggregate": "max"}, {"n_mels": 0}, {"fmin": -1}, {"fmax": 0}],
    ids=str,
)
def test_wrong_parameters_are_refused(parameters, noise):
    [name] = parameters
    with pytest.raises(ValueError, match=f"'{name}' parameter of OnsetStrengthExtractor"):
        OnsetStrengthExtractor(**parameters).fit([noise])


def test_names():
    names = OnsetStrengthExtractor().get_feature_names_out()
    assert names.tolist() == ["onset_strength_mean", "onset_strength_std"]
