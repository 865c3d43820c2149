import librosa
import numpy as np
import pytest
import scipy.ndimage
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from sklearn_audio import HarmonicSeparator, Loader, PercussiveSeparator
from sklearn_audio.preprocessing.separation import (
    harmonic_percussive,
    overlap_add,
    running_median,
    soft_mask,
)

pytestmark = pytest.mark.filterwarnings("ignore:n_fft=.* is too large:UserWarning")

# Both sides transform, mask and transform back in float32, each with rounding errors of a few
# 1e-7 of the loudest sample; where least of a window is left, both divide by a quarter.
ROUNDING = 1e-5

RATE = 8000
SETTINGS = [
    {},
    {"margin": 3.0},
    {"kernel_size": (17, 44), "power": 1.0},
    {"n_fft": 1000, "hop_length": 230, "margin": 1.5, "power": 3.5},
    {"n_fft": 999},
    {"n_fft": 256, "kernel_size": 9},  # long enough a signal for several stretches
]


def parts(samples, **parameters):
    X = np.asarray(samples, dtype=np.float32)[np.newaxis]
    return (
        HarmonicSeparator(**parameters).fit_transform(X)[0],
        PercussiveSeparator(**parameters).fit_transform(X)[0],
    )


def assert_parts_are_those_of_librosa(samples, **parameters):
    loudest = np.abs(samples).max()
    expected = librosa.effects.hpss(samples, **parameters)
    for part, theirs in zip(parts(samples, **parameters), expected, strict=True):
        np.testing.assert_allclose(part, theirs, rtol=0, atol=ROUNDING * loudest)


def noise(n_samples, seed=0):
    return np.random.default_rng(seed).normal(size=n_samples).astype(np.float32)


@pytest.mark.shared_data
@pytest.mark.parametrize("parameters", SETTINGS, ids=str)
def test_real_recordings_are_separated_as_by_librosa(shared_data, parameters):
    music = sorted(shared_data.glob("music/*.ogg"))
    instruments = sorted(shared_data.glob("instruments/*/*.mp3"))
    digits = sorted(shared_data.glob("spoken-digits/*.flac"))
    paths = [*music[1::6], *instruments[::400], *digits[::1000]]
    assert len(paths) >= 7

    for signal in Loader(duration=5).transform(paths):
        assert_parts_are_those_of_librosa(signal.samples, **parameters)


@pytest.mark.shared_data
def test_each_part_is_that_of_its_function_of_librosa(shared_data):
    [path] = shared_data.glob("music/*Drum-bass.ogg")
    [signal] = Loader(duration=3).transform([path])
    harmonic, percussive = parts(signal.samples)

    for part, function in [
        (harmonic, librosa.effects.harmonic),
        (percussive, librosa.effects.percussive),
    ]:
        np.testing.assert_allclose(part, function(signal.samples), rtol=0, atol=ROUNDING)


@pytest.mark.parametrize("n_samples", [1, 2, 3, 511, 512, 513, 1024, 2047, 2048, 2049])
@pytest.mark.parametrize("margin", [1.0, 2.0])
def test_short_signals_are_separated_as_by_librosa(n_samples, margin):
    # scipy's two-dimensional filter, which librosa takes, reads other memory where windows are many
    # times as long as the array; so they have 5 frames here.
    assert_parts_are_those_of_librosa(noise(n_samples), margin=margin, kernel_size=(5, 31))


@pytest.mark.parametrize("n_samples", [1, 2, 3, 511, 512, 513, 1024, 2047, 2048, 2049])
def test_the_parts_of_a_short_signal_add_up_to_it(n_samples):
    samples = noise(n_samples)

    harmonic, percussive = parts(samples)

    np.testing.assert_allclose(harmonic + percussive, samples, rtol=0, atol=2e-6)


# A stretch has 1024 frames.
@settings(deadline=None, max_examples=25)
@given(
    n_samples=st.sampled_from([4095, 4096, 4097, 4100, 4200, 8191, 8192, 8193, 12_000]),
    kernel_size=st.tuples(st.integers(1, 120), st.integers(1, 12)),
    margin=st.sampled_from([1.0, 1.7]),
    seed=st.integers(0, 100),
)
def test_long_signals_are_separated_as_if_in_one_piece(n_samples, kernel_size, margin, seed):
    samples = noise(n_samples, seed)
    parameters = {"n_fft": 16, "hop_length": 4, "kernel_size": kernel_size, "margin": margin}

    assert_parts_are_those_of_librosa(samples, **parameters)


def test_a_tone_goes_into_one_part_and_clicks_into_the_other():
    tone = np.sin(2 * np.pi * 440 * np.arange(4 * RATE) / RATE)
    clicks = np.zeros(4 * RATE)
    clicks[RATE // 2 :: RATE] = 5.0

    harmonic, percussive = parts(tone + clicks)

    middle = slice(2048, -2048)  # its begin and its end are strokes of the tone
    np.testing.assert_allclose(harmonic[middle], tone[middle], atol=0.05)
    np.testing.assert_allclose(percussive[middle], clicks[middle], atol=0.05)


def test_with_a_margin_noise_is_in_neither_part():
    samples = noise(4 * RATE)

    levels = {
        margin: [np.sqrt(np.mean(part**2)) for part in parts(samples, margin=margin)]
        for margin in (1.0, 5.0)
    }

    assert min(levels[1.0]) > 0.5
    assert max(levels[5.0]) < 0.1


@pytest.mark.shared_data
@pytest.mark.parametrize(
    "parameters", [{}, {"power": 1.0, "kernel_size": (5, 40)}, {"n_fft": 999, "hop_length": 100}]
)
def test_the_parts_of_a_recording_add_up_to_it(shared_data, parameters):
    paths = sorted(shared_data.glob("instruments/*/*.mp3"))[::500]

    for signal in Loader().transform(paths):
        harmonic, percussive = parts(signal.samples, **parameters)
        np.testing.assert_allclose(harmonic + percussive, signal.samples, rtol=0, atol=1e-6)


@pytest.mark.parametrize("margin", [1.0, 3.0])
@pytest.mark.parametrize("power", [0.5, 2.0, np.inf])
@pytest.mark.parametrize("n_samples", [1, 5000, 600_000])
def test_silence_stays_silence(n_samples, power, margin):
    for part in parts(np.zeros(n_samples), power=power, margin=margin):
        np.testing.assert_array_equal(part, np.zeros(n_samples))


@pytest.mark.parametrize("samples", [np.ones(9000), np.sign(noise(9000)), np.eye(1, 9000, 4000)[0]])
@pytest.mark.parametrize("margin", [1.0, 3.0])
def test_full_scale_and_single_clicks_are_separated_as_by_librosa(samples, margin):
    assert_parts_are_those_of_librosa(samples.astype(np.float32), margin=margin)


def test_a_quiet_signal_is_separated_like_a_loud_one():
    samples = noise(9000)

    for quiet, loud in zip(parts(samples * 2.0**-60), parts(samples), strict=True):
        np.testing.assert_allclose(quiet * 2.0**60, loud, rtol=0, atol=1e-6)


@pytest.mark.parametrize("n_samples", [5000, 5119, 5120])
def test_with_half_overlap_the_last_samples_fade_out(n_samples):
    """The end of the last window is 1e-6, by which librosa divides there."""
    samples = noise(n_samples)

    expected = librosa.effects.hpss(samples, hop_length=1024)
    for part, theirs in zip(parts(samples, hop_length=1024), expected, strict=True):
        kept = slice(0, 4096 + 512)
        np.testing.assert_allclose(part[kept], theirs[kept], rtol=0, atol=ROUNDING * 4)
        assert np.abs(part).max() <= np.abs(samples).max()


# Few different values, so that many are equal.
small_arrays = arrays(
    np.float32, array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.integers(-4, 4)
)


@settings(deadline=None)
@given(small_arrays, st.integers(1, 40))
def test_running_medians_are_the_middle_of_sorted_windows(values, size):
    mirrored = np.pad(values, ((0, 0), (size // 2, size // 2)), mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(mirrored, size, axis=1)
    expected = np.sort(windows, axis=2)[:, : values.shape[1], size // 2]

    np.testing.assert_array_equal(running_median(values, size, axis=1), expected)
    np.testing.assert_array_equal(running_median(values.T, size, axis=0), expected.T)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("size", [1, 2, 30, 31])
def test_running_medians_of_a_large_array_are_those_of_scipy(axis, size):
    values = np.abs(noise(300 * 200).reshape(300, 200))
    expected = scipy.ndimage.median_filter(values, size=(size, 1) if axis == 0 else (1, size))

    np.testing.assert_array_equal(running_median(values, size, axis=axis), expected)


magnitudes = arrays(
    np.float32, 20, elements=st.floats(0, 2.0**50, width=32).map(lambda x: x // 1e-3)
)


@settings(deadline=None)
@given(magnitudes, magnitudes, st.sampled_from([0.3, 1.0, 2.0, 7.0, np.inf]), st.booleans())
def test_masks_are_those_of_librosa(wanted, others, power, split_zeros):
    mask = soft_mask(wanted, others, power=power, of_silence=0.5 * split_zeros * (power < np.inf))

    expected = librosa.util.softmask(wanted, others, power=power, split_zeros=split_zeros)
    np.testing.assert_allclose(mask, expected, rtol=1e-5, atol=1e-7)


@given(st.integers(1, 9), st.integers(1, 12), st.integers(1, 14))
def test_frames_are_added_where_they_belong(n_frames, frame_length, hop_length):
    frames = np.arange(1.0, 1 + n_frames * frame_length).reshape(n_frames, frame_length)
    expected = np.zeros((n_frames + 1) * (hop_length + frame_length))
    for position, frame in enumerate(frames):
        expected[position * hop_length :][:frame_length] += frame

    total = overlap_add(frames, hop_length)

    np.testing.assert_array_equal(total, expected[: len(total)])
    assert not expected[len(total) :].any()


def test_the_function_gives_what_the_steps_give():
    samples = noise(9000)
    parameters = {"kernel_size": (9, 15), "margin": 1.3, "n_fft": 512}

    expected = parts(samples, **parameters)

    np.testing.assert_array_equal(harmonic_percussive(samples, **parameters), expected)


@pytest.mark.parametrize("estimator", [HarmonicSeparator, PercussiveSeparator])
@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"kernel_size": 0}, r"'kernel_size' parameter of .* must be an int"),
        ({"kernel_size": 2.5}, r"'kernel_size' parameter of .* must be an int"),
        ({"kernel_size": (31, 0)}, r"kernel_size=\(31, 0\); a number of frames and one of bins"),
        ({"kernel_size": (1, 2, 3)}, r"kernel_size=\(1, 2, 3\); a number of frames"),
        ({"power": 0}, r"'power' parameter of .* must be a float in the range \(0.0, inf\]"),
        ({"margin": 0.9}, r"'margin' parameter of .* must be a float in .* \[1.0, 1000000.0\]"),
        ({"n_fft": 3}, r"'n_fft' parameter of .* must be an int in the range \[4, inf\)"),
        ({"hop_length": 0}, r"'hop_length' parameter of .* must be an int"),
        ({"hop_length": 1025}, r"hop_length=1025 is more than half of n_fft=2048"),
    ],
)
def test_wrong_parameters_are_refused(estimator, parameters, message):
    with pytest.raises(ValueError, match=message):
        estimator(**parameters).fit([[0.0, 1.0]])
