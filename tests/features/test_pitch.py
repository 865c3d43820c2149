import inspect

import librosa
import numpy as np
import pytest
import soundfile

from sklearn_audio import AudioError, PYINExtractor, YINExtractor
from sklearn_audio.features.pitch import (
    cumulative_mean_normalised_difference,
    difference_function,
    pyin,
    yin,
)

RATE = 22050
C2, C7 = librosa.note_to_hz("C2"), librosa.note_to_hz("C7")
EXTRACTORS = [YINExtractor, PYINExtractor]

# Since its version 1.0 librosa prunes its search, unless it is told not to.
WHOLE_SEARCH = (
    {"transition_min_prob": None}
    if "transition_min_prob" in inspect.signature(librosa.pyin).parameters
    else {}
)


def harmonic(frequency, *, seconds=1.0, harmonics=range(1, 6)):
    """Return a tone whose overtones fall by 6 dB an octave."""
    time = np.arange(round(seconds * RATE)) / RATE
    return sum(np.sin(2 * np.pi * k * frequency * time + k) / k for k in harmonics)


def frames_of(extractor, samples, **parameters):
    settings = {"sample_rate": RATE, "summary": None, **parameters}
    [frames] = extractor(**settings).fit_transform([samples])
    return frames


@pytest.fixture(scope="module")
def melody():
    """Return a gliding tone, silence, noise, and a tone that leaps, a quarter second each."""
    generator = np.random.default_rng(0)
    frequency = np.repeat([300.0, 700.0, 690.0, 110.0], RATE // 5) + np.linspace(0, 60, 17640)
    phase = 2 * np.pi * np.cumsum(frequency) / RATE
    tone = np.sin(phase) + 0.5 * np.sin(2 * phase + 1) + 0.3 * np.sin(3 * phase + 2)
    parts = [tone[:6000], np.zeros(6000), 0.3 * generator.normal(size=6000), tone[6000:]]
    return (np.concatenate(parts) + 0.001 * generator.normal(size=29640)).astype(np.float32)


def test_difference_function_is_that_of_the_paper(noise):
    frames = noise[:600].reshape(3, 200).astype(np.float64)
    continued = np.pad(frames, ((0, 0), (0, 150)))
    expected = [
        ((frames - continued[:, period : period + 200]) ** 2).sum(axis=1) for period in range(150)
    ]
    expected[1] += frames[:, 0] ** 2  # as in librosa
    np.testing.assert_allclose(difference_function(frames, 149), np.transpose(expected), atol=1e-12)


def test_normalised_difference_is_relative_to_the_mean_of_shorter_periods(noise):
    frames = noise[:600].reshape(3, 200).astype(np.float64)
    difference = difference_function(frames, 149)
    expected = [
        difference[:, period] / difference[:, 1 : period + 1].mean(axis=1)
        for period in range(20, 150)
    ]
    np.testing.assert_allclose(
        cumulative_mean_normalised_difference(frames, 20, 149), np.transpose(expected)
    )


@pytest.mark.parametrize("frequency", [80, 123.4, 440, 987.65, 1900])
def test_pitch_of_a_tone_is_its_frequency(frequency):
    tone = harmonic(frequency)
    f0 = frames_of(YINExtractor, tone, center=False)
    np.testing.assert_allclose(f0, frequency, rtol=0.01)
    f0, voiced, _ = frames_of(PYINExtractor, tone, center=False).T
    assert voiced.all()
    # Pitches are told in tenths of a semitone.
    np.testing.assert_allclose(12 * np.log2(f0 / frequency), 0, atol=0.15)


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_pitch_of_overtones_alone_is_that_of_the_fundamental(extractor):
    f0 = frames_of(extractor, harmonic(200, harmonics=range(3, 8)), center=False)[:, 0]
    np.testing.assert_allclose(f0, 200, rtol=0.01)


def test_threshold_decides_between_a_period_and_its_double():
    # Every second pulse is a little lower, so that the exact period is the double one.
    pulses = np.zeros(RATE)
    pulses[::50] = 1
    pulses[50::100] = 0.8
    smooth = np.convolve(pulses, np.hanning(21))
    tolerant = frames_of(YINExtractor, smooth, center=False, trough_threshold=0.2)
    strict = frames_of(YINExtractor, smooth, center=False, trough_threshold=0.005)
    np.testing.assert_allclose(tolerant, RATE / 50, rtol=0.01)
    np.testing.assert_allclose(strict, RATE / 100, rtol=0.01)


def test_a_tone_is_voiced_silence_is_not_and_noise_is_little_probable_to_be(noise, tone):
    voiced_ratio, voiced_probability = (
        PYINExtractor(sample_rate=16000).fit_transform([tone(300), np.zeros(16000), noise])[:, 2:].T
    )
    assert voiced_ratio[0] > 0.9
    assert voiced_ratio[1] == 0
    assert voiced_probability[0] > 0.9
    assert voiced_probability[1] == 0
    assert voiced_probability[2] < 0.05


def test_pitch_is_followed_through_a_glide():
    time = np.arange(2 * RATE) / RATE
    glide = np.sin(2 * np.pi * (200 * time + 75 * time**2))
    f0, voiced, _ = frames_of(PYINExtractor, glide).T
    centers = np.arange(len(f0)) * 512 / RATE
    inner = slice(4, -4)
    assert voiced[inner].all()
    np.testing.assert_allclose(f0[inner], 200 + 150 * centers[inner], rtol=0.02)


def test_a_pitch_moves_no_faster_than_the_transition_rate():
    # Two semitones a frame at most, and one bin of rounding.
    leaping = np.concatenate([harmonic(200, seconds=0.5), harmonic(300, seconds=0.5)])
    f0, voiced, _ = frames_of(PYINExtractor, leaping, max_transition_rate=7.0).T
    both = voiced[1:] * voiced[:-1] == 1
    steps = np.abs(12 * np.log2(np.where(both, f0[1:], 1) / np.where(both, f0[:-1], 1)))
    assert np.median(f0[5:15]) == pytest.approx(200, rel=0.01)
    assert np.median(f0[-15:-5]) == pytest.approx(300, rel=0.01)
    assert steps.max() <= 1.01


def test_a_row_describes_the_voiced_frames_and_tells_how_many_they_are(melody):
    f0, voiced, probability = frames_of(PYINExtractor, melody).T
    assert 0 < voiced.sum() < len(voiced)
    assert set(voiced) == {0, 1}
    assert ((f0 > 0) == (voiced == 1)).all()
    pitch = PYINExtractor(summary=["mean", "std", "q05"], sample_rate=RATE)
    [row] = pitch.fit_transform([melody])
    heard = f0[voiced == 1].astype(np.float64)
    expected = [heard.mean(), heard.std(), np.quantile(heard, 0.05)]
    np.testing.assert_allclose(row, [*expected, voiced.mean(), probability.mean()], rtol=1e-6)
    assert pitch.get_feature_names_out().tolist() == [
        "f0_mean",
        "f0_std",
        "f0_q05",
        "voiced_ratio",
        "voiced_probability_mean",
    ]


@pytest.mark.parametrize("samples", [np.zeros(5000), np.ones(5000), [0.5]], ids=len)
def test_where_no_frame_is_voiced_all_statistics_are_0(samples):
    assert PYINExtractor(sample_rate=RATE).fit_transform([samples]).tolist() == [[0, 0, 0, 0]]


def test_names_of_frames():
    assert YINExtractor().get_feature_names_out().tolist() == ["f0_mean", "f0_std"]
    names = PYINExtractor(summary=None).get_feature_names_out().tolist()
    assert names == ["f0", "voiced", "voiced_probability"]


def test_yin_has_the_shortest_period_for_silence():
    # 10 samples: the frequency nearest to fmax, and not below it.
    assert (frames_of(YINExtractor, np.zeros(3000)) == RATE / 10).all()


@pytest.mark.parametrize("extractor", EXTRACTORS)
@pytest.mark.parametrize("exponent", [-80, 45])
def test_pitch_does_not_depend_on_the_level(extractor, exponent, melody):
    np.testing.assert_array_equal(
        frames_of(extractor, melody * np.float32(2.0**exponent), frame_length=8192),
        frames_of(extractor, melody, frame_length=8192),
    )


PYIN_SETTINGS = [
    {},
    {"frame_length": 1500, "hop_length": 400, "pad_mode": "reflect"},
    {"center": False, "fmin": 100.0, "fmax": 800.0},
    {"fmin": 32.0, "fmax": 11025.0, "pad_mode": "edge"},
    {"n_thresholds": 7, "beta_parameters": (1, 5)},
    {"boltzmann_parameter": 0.1, "no_trough_prob": 0.5},
    {"resolution": 0.3, "hop_length": 250},
    {"resolution": 1.0, "max_transition_rate": 10.0},
    {"resolution": 0.05, "fmax": 500.0},
    {"switch_prob": 0.4, "hop_length": 3000},
    {"hop_length": 20, "fmin": 250.0, "fmax": 500.0},
]


def equal_to_librosa(samples, rate, **parameters):
    """Return which frames are the same as those of librosa."""
    settings = {"fmin": C2, "fmax": C7, "hop_length": 512, **parameters}
    expected = librosa.pyin(samples, sr=rate, **settings, **WHOLE_SEARCH)
    track = pyin(samples, rate, **parameters)
    assert [values.dtype for values in track] == [values.dtype for values in expected]
    return np.all(
        [
            np.isclose(ours, theirs, rtol=1e-9, atol=1e-9, equal_nan=True)
            for ours, theirs in zip(track, expected, strict=True)
        ],
        axis=0,
    )


@pytest.mark.parametrize("parameters", PYIN_SETTINGS, ids=str)
def test_parameters_of_pyin_mean_what_they_mean_in_librosa(parameters, melody):
    assert equal_to_librosa(melody, RATE, **parameters).all()


@pytest.mark.parametrize("n_samples", [1, 511, 2048, 63 * 512])
def test_pyin_is_that_of_librosa_for_signals_about_as_long_as_a_frame_or_a_block(n_samples, melody):
    assert equal_to_librosa(np.tile(melody, 2)[:n_samples], RATE).all()


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("pattern", "count"), [("music/*.ogg", 5), ("instruments/*/*.mp3", 8), ("*-digits/*.flac", 12)]
)
def test_pyin_of_recordings_is_that_of_librosa(pattern, count, shared_data):
    paths = sorted(shared_data.glob(pattern))
    equal = []
    for path in paths[:: len(paths) // count][:count]:
        rate = soundfile.info(path).samplerate
        samples, _ = soundfile.read(path, frames=3 * rate, dtype="float32", always_2d=True)
        equal.extend(equal_to_librosa(samples.mean(axis=1), rate))
    # Two periods or paths may be the same but for rounding, and another processor rounds otherwise.
    assert np.mean(equal) >= 0.999


@pytest.mark.parametrize(("function", "extractor"), [(yin, YINExtractor), (pyin, PYINExtractor)])
def test_functions_have_the_defaults_of_the_extractors(function, extractor):
    parameters = inspect.signature(function).parameters
    defaults = {
        name: parameters[name].default for name in parameters if name not in ("samples", "rate")
    }
    assert defaults == {name: extractor().get_params()[name] for name in defaults}
    assert (defaults["fmin"], defaults["fmax"]) == (C2, C7)


@pytest.mark.parametrize("extractor", EXTRACTORS)
@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"fmax": 4001.0}, "fmax=4001 Hz at a rate of 8000 Hz; .* fmax at most half .* 4000 Hz"),
        ({"fmin": 500.0, "fmax": 400.0}, "fmin=500 Hz to fmax=400 Hz .* below fmax"),
        ({"fmin": 3.0}, "fmin=3 Hz has 2666.67 samples .* Use frame_length=5334 or more"),
    ],
)
def test_a_range_of_pitches_that_cannot_be_is_refused(extractor, parameters, message, noise):
    with pytest.raises(AudioError, match=message):
        extractor(sample_rate=8000, **parameters).fit_transform([noise])


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_the_highest_possible_pitch_is_half_the_rate(extractor, noise):
    extractor(sample_rate=8000, fmax=4000.0).fit_transform([noise])


def test_warns_where_a_frame_is_too_short_for_two_periods(noise):
    with pytest.warns(UserWarning, match=r"two periods of fmin=5 Hz .* frame_length=3202 or more"):
        YINExtractor(sample_rate=8000, fmin=5.0).fit_transform([noise])
    YINExtractor(sample_rate=8000, fmin=5.0, frame_length=3202).fit_transform([noise])


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_the_rate_is_needed(extractor, noise):
    with pytest.raises(AudioError, match="the sampling rate of this signal is not known"):
        extractor().fit_transform([noise])


@pytest.mark.parametrize("shapes", [(2,), (2, 0), (2, -1.0), ("a", "b"), [2, np.inf], (1, 2, 3)])
def test_shapes_of_the_threshold_are_two_numbers_above_0(shapes, noise):
    with pytest.raises(ValueError, match=r"beta_parameters=.* two numbers above 0 are wanted"):
        PYINExtractor(beta_parameters=shapes).fit([noise])


def test_a_range_narrower_than_a_bin_has_one_pitch():
    f0, voiced, _ = frames_of(PYINExtractor, harmonic(440), fmin=440.0, fmax=440.1).T
    assert voiced.any()
    assert (f0[voiced == 1] == 440).all()
