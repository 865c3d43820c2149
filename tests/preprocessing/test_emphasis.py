import librosa
import numpy as np
import pytest
import soundfile
from conftest import RATE, as_kind
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sklearn_audio import DeEmphasis, PreEmphasis, Signal, SignalBatch

# Samples as a 16-bit recording has them.
pcm_signals = arrays(np.int16, st.integers(2, 500)).map(lambda pcm: np.float32(pcm / 2**15))
coefficients = st.floats(0, 0.99)

# Emphasized samples are at most 4 in magnitude, where float32 is spaced 2 ** -22.
EMPHASIZED = {"rtol": 0, "atol": 2**-22}
# Undoing it adds up rounding errors of 2 ** -22 with the weights coef ** k, whose sum is below
# 1 / (1 - coef) = 100.
RESTORED = {"rtol": 0, "atol": 100 * 2**-22}


def emphasized(samples, coef):
    return PreEmphasis(coef=coef).fit_transform(samples[np.newaxis])[0]


def restored(samples, coef):
    return DeEmphasis(coef=coef).fit_transform(samples[np.newaxis])[0]


@settings(deadline=None)
@given(pcm_signals, coefficients)
def test_emphasis_is_that_of_librosa(samples, coef):
    expected = librosa.effects.preemphasis(samples, coef=coef)

    np.testing.assert_allclose(emphasized(samples, coef), expected, **EMPHASIZED)


@settings(deadline=None)
@given(pcm_signals, coefficients)
def test_restoring_is_that_of_librosa(samples, coef):
    expected = librosa.effects.deemphasis(samples, coef=coef)

    # librosa computes in float32 what is as large as 100 here, and adds up its rounding errors.
    np.testing.assert_allclose(restored(samples, coef), expected, rtol=0, atol=1e-3)


@settings(deadline=None)
@given(pcm_signals, coefficients)
def test_restoring_undoes_the_emphasis(samples, coef):
    round_trip = restored(emphasized(samples, coef), coef)

    np.testing.assert_allclose(round_trip, samples, **RESTORED)


@pytest.mark.parametrize("coef", [0.0, 0.5, 0.95, 0.97])
@pytest.mark.shared_data
def test_real_recordings_are_emphasized_and_restored(shared_data, coef):
    paths = sorted(shared_data.glob("spoken-digits/*.flac"))[::300]
    for path in paths:
        samples, _ = soundfile.read(path, dtype="float32")
        loud = emphasized(samples, coef)
        expected = librosa.effects.preemphasis(samples, coef=coef)
        np.testing.assert_allclose(loud, expected, **EMPHASIZED)
        np.testing.assert_allclose(restored(loud, coef), samples, **RESTORED)


def test_coefficient_0_changes_all_but_the_first_sample():
    samples = np.float32([0.5, 0.25, -0.25])

    assert emphasized(samples, 0).tolist() == [1.25, 0.25, -0.25]


def test_coefficient_1_gives_differences():
    assert emphasized(np.float32([0.5, 0.25, -0.25, 1]), 1)[1:].tolist() == [-0.25, -0.5, 1.25]


def test_a_single_sample_is_doubled_and_halved_again():
    assert emphasized(np.float32([0.5]), 0.97).tolist() == [1.0]
    assert restored(np.float32([1.0]), 0.97).tolist() == [0.5]


def test_inverse_transform_restores_every_kind(kind, equal_signals):
    emphasis = PreEmphasis(coef=0.9)
    X = as_kind(equal_signals, kind)

    round_trip = emphasis.inverse_transform(emphasis.fit_transform(X))

    if kind == "batch":
        assert [type(step) for step in round_trip.steps] == [PreEmphasis, DeEmphasis]
        round_trip = [signal.samples for signal in round_trip]
    np.testing.assert_allclose(np.array(round_trip), equal_signals, **RESTORED)


def test_a_batch_keeps_its_rates():
    batch = SignalBatch([Signal([0.0, 1.0], RATE), Signal([0.0, 1.0, 0.0], 44100)])

    assert [signal.rate for signal in PreEmphasis().fit_transform(batch)] == [RATE, 44100]


@pytest.mark.parametrize("estimator", [PreEmphasis, DeEmphasis])
@pytest.mark.parametrize("coef", [-0.1, 1.1, np.nan, "much", None])
def test_coefficients_outside_of_0_to_1_are_refused(estimator, coef):
    with pytest.raises(ValueError, match=r"The 'coef' parameter of .* in the range \[0.0, 1.0\]"):
        estimator(coef=coef).fit([[0.0, 1.0]])
