import librosa
import numpy as np
import pytest
import soundfile
from conftest import RATE
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_audio import Loader, Signal, SignalBatch, SilenceTrimmer

SETTINGS = [
    {},
    {"top_db": 20},
    {"top_db": 35.5, "frame_length": 512, "hop_length": 128},
    {"top_db": 50, "frame_length": 4096, "hop_length": 1000},
    {"top_db": 10, "frame_length": 999, "hop_length": 77},
]


def padded_noise(n_before, n_samples, n_behind, seed=0):
    noise = np.random.default_rng(seed).normal(scale=0.1, size=n_samples)
    return np.pad(noise, (n_before, n_behind)).astype(np.float32)


@pytest.mark.shared_data
@pytest.mark.parametrize("parameters", SETTINGS)
@pytest.mark.parametrize(
    "pattern", ["music/*.ogg", "spoken-digits/*_7.flac", "instruments/c*/*.mp3"]
)
def test_it_is_librosas_trim_on_real_recordings(shared_data, pattern, parameters):
    paths = sorted(shared_data.glob(pattern))[:60:4]
    batch = Loader(duration=10).transform(paths)

    trimmed = SilenceTrimmer(**parameters).fit_transform(batch)

    assert len(paths) == 15 or pattern == "music/*.ogg"
    for signal, whole in zip(trimmed, batch, strict=True):
        expected, _ = librosa.effects.trim(whole.samples, **parameters)
        np.testing.assert_array_equal(signal.samples, expected)
        assert signal.rate == whole.rate


# A frame of at least two hops covers every sample twice, so that something is always left.
@settings(deadline=None)
@given(
    st.tuples(st.integers(0, 5000), st.integers(1, 5000), st.integers(0, 5000)),
    st.sampled_from([20, 40, 60, 80.5]),
    st.sampled_from([256, 500, 2048]),
    st.sampled_from([50, 64, 128]),
)
def test_it_is_librosas_trim_whatever_the_silence(parts, top_db, frame_length, hop_length):
    samples = padded_noise(*parts)
    parameters = {"top_db": top_db, "frame_length": frame_length, "hop_length": hop_length}

    [trimmed] = SilenceTrimmer(**parameters).fit_transform(samples[np.newaxis])

    expected, _ = librosa.effects.trim(samples, **parameters)
    np.testing.assert_array_equal(trimmed, expected)


def test_all_that_sounds_is_kept_and_little_more():
    samples = padded_noise(10_000, 8000, 10_000)

    [trimmed] = SilenceTrimmer().fit_transform(samples[np.newaxis])

    assert np.count_nonzero(trimmed) == np.count_nonzero(samples)
    assert 8000 <= len(trimmed) <= 8000 + 2 * 2048  # a frame at most at either end


def test_silence_within_is_kept():
    samples = np.concatenate([padded_noise(0, 4096, 20_000), padded_noise(0, 4096, 0)])

    [trimmed] = SilenceTrimmer().fit_transform(samples[np.newaxis])

    np.testing.assert_array_equal(trimmed, samples)


def test_what_is_top_db_below_the_loudest_frame_is_silence():
    # Steps of 30 dB: 1, 0.0316, 0.001.
    samples = np.repeat(np.float32([0.001, 1, 10**-1.5]), 20_480)

    lengths = {
        top_db: len(SilenceTrimmer(top_db=top_db).fit_transform(samples[np.newaxis])[0])
        for top_db in (25, 40, 70)
    }

    assert lengths[70] == 3 * 20_480
    # Two frames of 2048 that reach into the loud part, in steps of 512.
    assert abs(lengths[40] - 2 * 20_480) <= 2 * 2048
    assert abs(lengths[25] - 20_480) <= 2 * 2048


@pytest.mark.parametrize("value", [0.0, 1e-7, 0.5])
def test_a_constant_signal_stays_whole(value):
    samples = np.full((1, 10_000), value, dtype=np.float32)

    [trimmed] = SilenceTrimmer().fit_transform(samples)

    np.testing.assert_array_equal(trimmed, samples[0])


def test_a_2d_array_comes_back_as_a_list_of_different_lengths():
    samples = np.array([padded_noise(0, 8192, 8192), padded_noise(4096, 12_288, 0)])

    trimmed = SilenceTrimmer().fit_transform(samples)

    assert type(trimmed) is list
    assert [len(part) for part in trimmed] == [9216, 12_800]


def test_a_batch_stays_a_batch():
    batch = SignalBatch([Signal(padded_noise(0, 8192, 8192), RATE)])

    trimmed = SilenceTrimmer().fit_transform(batch)

    assert [(len(signal), signal.rate) for signal in trimmed] == [(9216, RATE)]


@pytest.mark.shared_data
def test_a_trimmed_recording_is_a_part_of_the_recording(shared_data):
    path = next(shared_data.glob("instruments/guitar/*.mp3"))
    whole, _ = soundfile.read(path, dtype="float32")

    [signal] = SilenceTrimmer(top_db=30).fit_transform(Loader().transform([path]))

    assert 0 < len(signal) < len(whole)
    first = np.flatnonzero(whole == signal.samples[0])
    assert any(np.array_equal(whole[at : at + len(signal)], signal.samples) for at in first)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"top_db": 0}, r"'top_db' parameter of SilenceTrimmer must be .* \(0.0, 1000000.0\]"),
        ({"top_db": None}, r"'top_db' parameter of SilenceTrimmer must be"),
        ({"frame_length": 1}, r"'frame_length' parameter of SilenceTrimmer must be an int"),
        ({"frame_length": 512.0}, r"'frame_length' parameter of SilenceTrimmer must be an int"),
        ({"hop_length": 0}, r"'hop_length' parameter of SilenceTrimmer must be an int"),
    ],
)
def test_wrong_parameters_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        SilenceTrimmer(**parameters).fit([[0.0, 1.0]])
