import inspect

import librosa
import numpy as np
import pytest

from sklearn_audio import AudioError, TempoExtractor, TempogramRatioExtractor
from sklearn_audio.features.tempo import NOTES, tempo, tempo_weights, tempogram_ratio

RATE = 8000


def clicks(samples_of_beat, *, seconds=20):
    """Return clicks that are some samples apart."""
    samples = np.zeros(seconds * RATE, dtype=np.float32)
    samples[::samples_of_beat] = 1
    return samples


def tempo_of(samples, **parameters):
    extractor = TempoExtractor(n_fft=512, hop_length=100, sample_rate=RATE, **parameters)
    [[tempo]] = extractor.fit_transform([samples])
    return tempo


@pytest.mark.parametrize("beats_per_minute", [75, 96, 120, 150, 160])
def test_tempo_of_clicks_is_how_many_there_are_in_a_minute(beats_per_minute):
    samples_of_beat = 60 * RATE // beats_per_minute
    assert tempo_of(clicks(samples_of_beat)) == pytest.approx(60 * RATE / samples_of_beat)


def test_the_more_common_of_two_metres_is_chosen():
    samples = clicks(4000)  # 120 a minute, which may be 60 or 240 too
    samples[2000::4000] = 0.5
    assert tempo_of(samples, start_bpm=60, std_bpm=0.2) == 60
    assert tempo_of(samples, start_bpm=120, std_bpm=0.2) == 120
    assert tempo_of(samples, start_bpm=240, std_bpm=0.2) == 240


def test_tempo_is_below_the_largest():
    assert tempo_of(clicks(4000), max_tempo=120) == 60
    assert tempo_of(clicks(1000), start_bpm=480, max_tempo=None) == 480


@pytest.mark.parametrize("n_samples", [1, 100, 3000, 80000])
def test_silence_has_the_tempo_that_is_most_common(n_samples):
    assert tempo_of(np.zeros(n_samples)) == 120
    assert tempo_of(np.zeros(n_samples), start_bpm=90) == pytest.approx(60 * 80 / 53)


def test_one_click_has_a_finite_tempo():
    assert 0 < tempo_of(clicks(10**6)) < 320


def test_a_window_shorter_than_any_beat_is_refused():
    message = (
        "a window of 8 frames of 100 samples at 8000 Hz is shorter than a beat of any tempo "
        "below max_tempo=320.0"
    )
    with pytest.raises(AudioError, match=message):
        tempo_of(clicks(4000), ac_size=0.1)
    with pytest.raises(AudioError, match="a window of 3 frames of 512 samples"):
        TempogramRatioExtractor(win_length=3, sample_rate=RATE).fit_transform([clicks(4000)])


@pytest.mark.parametrize("hop_length", [300, 512])
@pytest.mark.parametrize(
    "parameters",
    [{}, {"start_bpm": 60.0, "std_bpm": 0.5}, {"ac_size": 2.0}, {"max_tempo": 100.0}],
    ids=str,
)
def test_tempo_of_an_envelope_is_that_of_librosa(hop_length, parameters):
    generator = np.random.default_rng(0)
    for _ in range(5):
        onset_envelope = generator.exponential(size=500) ** 2
        [expected] = librosa.feature.tempo(
            onset_envelope=onset_envelope, sr=RATE, hop_length=hop_length, **parameters
        )
        found = tempo(onset_envelope, RATE, hop_length=hop_length, **parameters)
        assert found == pytest.approx(expected, rel=1e-12)


def test_weights_are_a_gaussian_of_octaves():
    # 60 frames a minute: lag k is 60 / k beats a minute.
    weights = tempo_weights(9, 1000, hop_length=1000, start_bpm=30, std_bpm=1, max_tempo=60)
    expected = [0, 0, 1, np.exp(-0.5 * np.log2(2 / 3) ** 2), np.exp(-0.5), np.exp(-0.5 * 4)]
    np.testing.assert_allclose(weights[[0, 1, 2, 3, 4, 8]], expected)


def test_weights_of_tempi_that_are_far_away_do_not_vanish_all():
    weights = tempo_weights(100, RATE, hop_length=500, start_bpm=1e5, std_bpm=1e-3)
    assert weights.max() == 1
    assert np.isfinite(weights).all()


def test_ratios_are_interpolated_over_the_tempo():
    # Values that are in proportion to the tempo, and a beat that is given by the weights.
    lags = np.arange(1, 40)
    frames = np.concatenate([[0], 1 / lags])[np.newaxis]
    weights = np.zeros(40)
    weights[10] = 1
    [ratios] = tempogram_ratio(frames, weights)
    factors = np.array([4, 8 / 3, 3, 2, 4 / 3, 3 / 2, 1, 2 / 3, 3 / 4, 1 / 2, 1 / 3, 3 / 8, 0])
    # A whole note is 40 frames, more than the lags.
    np.testing.assert_allclose(ratios, factors / 10)


def test_ratios_outside_of_the_lags_are_0():
    weights = np.zeros(8)
    weights[2] = 1
    [ratios] = tempogram_ratio(np.ones((1, 8)), weights)
    # Sixteenths are half a frame, whole notes 8 frames.
    values = dict(zip(NOTES, ratios.tolist(), strict=True))
    missing = {"sixteenth", "dotted_sixteenth", "eighth_triplet", "whole"}
    assert values == {note: float(note not in missing) for note in NOTES}


def test_clicks_on_each_quarter_repeat_after_halves_and_not_after_eighths():
    ratios = TempogramRatioExtractor(
        n_fft=512, hop_length=100, summary=["median"], sample_rate=RATE
    )
    [row] = ratios.fit_transform([clicks(4000)])
    values = dict(zip(NOTES, row, strict=True))
    assert values["quarter"] > values["half"] > 0.3
    assert max(values[note] for note in ("eighth", "eighth_triplet", "dotted_quarter")) < 0.01


def test_values_are_named_by_notes():
    names = TempogramRatioExtractor(summary=None).get_feature_names_out()
    assert len(names) == 13
    assert names[[0, 6, 12]].tolist() == [
        "tempogram_ratio_sixteenth",
        "tempogram_ratio_quarter",
        "tempogram_ratio_whole",
    ]
    assert TempoExtractor().get_feature_names_out().tolist() == ["tempo"]


@pytest.mark.parametrize(
    "parameters",
    [{"start_bpm": 0}, {"std_bpm": 0}, {"ac_size": 0}, {"max_tempo": 0}, {"summary": None}],
    ids=str,
)
def test_wrong_parameters_are_refused(parameters):
    [name] = parameters
    with pytest.raises((ValueError, TypeError), match=name):
        TempoExtractor(**parameters).fit([clicks(4000)])


def test_functions_have_the_defaults_of_the_extractor():
    parameters = inspect.signature(tempo).parameters
    defaults = {
        name: parameter.default
        for name, parameter in parameters.items()
        if parameter.default is not parameter.empty
    }
    assert defaults == {name: TempoExtractor().get_params()[name] for name in defaults}
