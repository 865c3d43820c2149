import librosa
import numpy as np
import pytest

from sklearn_audio.features.intervals import INTERVALS, intervals_of_octave


@pytest.mark.parametrize("bins_per_octave", [1, 2, 5, 12, 19, 24, 36])
@pytest.mark.parametrize("system", sorted(INTERVALS))
def test_intervals_are_those_of_librosa(system, bins_per_octave):
    expected = librosa.interval_frequencies(
        bins_per_octave, fmin=1, intervals=system, bins_per_octave=bins_per_octave
    )
    np.testing.assert_allclose(intervals_of_octave(system, bins_per_octave), expected, rtol=1e-12)


def test_equal_intervals_are_equal():
    ratios = np.array([*intervals_of_octave("equal", 19), 2.0])
    np.testing.assert_allclose(ratios[1:] / ratios[:-1], 2 ** (1 / 19))


def test_pythagorean_intervals_are_stacked_fifths():
    fifths = [1, 3 / 2, 9 / 8, 27 / 16, 81 / 64, 243 / 128, 729 / 512]
    np.testing.assert_allclose(intervals_of_octave("pythagorean", 7), sorted(fifths))


def test_just_intonation_is_made_of_small_primes():
    assert any(np.isclose(intervals_of_octave("ji5"), 5 / 4))
    assert not any(np.isclose(intervals_of_octave("ji3"), 5 / 4))
    assert any(np.isclose(intervals_of_octave("ji7", 36), 7 / 4))
    assert not any(np.isclose(intervals_of_octave("ji5", 36), 7 / 4))
