import inspect

import librosa
import numpy as np
import pytest

from sklearn_audio import BeatExtractor
from sklearn_audio.features.beat import beat_frames

RATE = 8000
NAMES = [
    "tempo",
    "beat_rate",
    "beat_interval_mean",
    "beat_interval_std",
    "beat_strength_mean",
    "beat_strength_std",
]


def values_of(samples, **parameters):
    extractor = BeatExtractor(n_fft=512, hop_length=100, sample_rate=RATE, **parameters)
    [row] = extractor.fit_transform([samples])
    return dict(zip(NAMES, row.tolist(), strict=True))


def clicks(times):
    """Return ten seconds with clicks at some times in seconds."""
    samples = np.zeros(10 * RATE, dtype=np.float32)
    samples[np.round(np.asarray(times) * RATE).astype(int)] = 1
    return samples


def test_beats_of_clicks_are_the_clicks():
    values = values_of(clicks(np.arange(0.5, 10, 0.5)))
    assert values["tempo"] == 120
    assert values["beat_rate"] == pytest.approx(1.9)
    assert values["beat_interval_mean"] == 0.5
    assert values["beat_interval_std"] == 0
    assert values["beat_strength_mean"] > 20
    assert values["beat_strength_std"] < 1


def test_intervals_are_those_of_clicks_that_become_faster():
    times = np.round(80 * np.cumsum(np.linspace(0.53, 0.47, 19))) / 80  # 80 frames a second
    values = values_of(clicks(times))
    assert values["beat_interval_mean"] == pytest.approx(np.diff(times).mean())
    assert values["beat_interval_std"] == pytest.approx(np.diff(times).std())


def test_a_missing_click_is_a_beat_without_strength():
    times = np.delete(np.arange(0.5, 10, 0.5), 10)
    values = values_of(clicks(times))
    assert values["beat_rate"] == pytest.approx(1.9)
    assert values["beat_interval_std"] == 0
    strength = values["beat_strength_mean"] * 19 / 18
    expected = strength * np.sqrt(18) / 19  # deviation of 18 equal values and a 0
    assert values["beat_strength_std"] == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("n_samples", [1, 2, 50, 1000, 80000])
def test_silence_has_no_beats(n_samples):
    assert set(values_of(np.zeros(n_samples)).values()) == {0}


def test_one_click_is_one_beat_without_interval():
    values = values_of(clicks([5]))
    assert values["beat_rate"] == pytest.approx(0.1)
    assert values["beat_interval_mean"] == values["beat_interval_std"] == 0
    assert values["beat_strength_mean"] > 20


@pytest.mark.parametrize("n_samples", [1, 100, 101, 300, 700, 1500])
def test_very_short_signals_have_finite_values(n_samples, noise):
    assert np.isfinite(list(values_of(noise[:n_samples]).values())).all()


@pytest.mark.parametrize("parameters", [{}, {"tightness": 5.0}, {"trim": False}], ids=str)
@pytest.mark.parametrize("tempo", [40.0, 99.0, 200.0, 333.0])
def test_beats_of_an_envelope_are_those_of_librosa(tempo, parameters):
    generator = np.random.default_rng(0)
    for n_frames in (2, 5, 30, 400, 1000):
        onset_envelope = generator.exponential(size=n_frames) ** 2
        onset_envelope[0] = 0  # librosa leaves the first frame out of some sums
        expected = librosa.beat.beat_track(
            onset_envelope=onset_envelope, bpm=tempo, sr=RATE, hop_length=200, **parameters
        )[1]
        found = beat_frames(onset_envelope, tempo, RATE, hop_length=200, **parameters)
        np.testing.assert_array_equal(found, expected)


def test_a_tempo_faster_than_the_frames_is_a_beat_each_frame_at_most():
    onset_envelope = np.tile([0.0, 1.0], 20)
    beats = beat_frames(onset_envelope, 1e6, RATE)
    assert (np.diff(beats) >= 1).all()


def test_beats_of_one_frame_are_none():
    assert beat_frames(np.ones(1), 120.0, RATE).tolist() == []


def test_names_are_those_of_the_values():
    assert BeatExtractor().get_feature_names_out().tolist() == NAMES


@pytest.mark.parametrize("parameters", [{"tightness": 0}, {"trim": "yes"}], ids=str)
def test_wrong_parameters_are_refused(parameters, noise):
    [name] = parameters
    with pytest.raises(ValueError, match=f"'{name}' parameter of BeatExtractor"):
        BeatExtractor(**parameters).fit([noise])


def test_functions_have_the_defaults_of_the_extractor():
    parameters = inspect.signature(beat_frames).parameters
    defaults = {
        name: parameter.default
        for name, parameter in parameters.items()
        if parameter.default is not parameter.empty
    }
    assert defaults == {name: BeatExtractor().get_params()[name] for name in defaults}
