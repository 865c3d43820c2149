import librosa
import numpy as np
import pytest

from sklearn_audio.features.norms import divided_by_norm


@pytest.fixture
def frames():
    """Return frames of both signs, the first two next to nothing."""
    frames = np.random.default_rng(0).normal(size=(20, 12)).astype(np.float32)
    frames[0] = 0
    frames[1] *= 1e-42
    return frames


@pytest.mark.parametrize("norm", [np.inf, 1, 2, None])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_quotients_are_those_of_librosa(norm, dtype, frames):
    frames = frames.astype(dtype)
    expected = librosa.util.normalize(frames, norm=norm, axis=1)
    np.testing.assert_allclose(divided_by_norm(frames, norm), expected, rtol=1e-6)


def test_frames_that_are_all_but_0_stay_so(frames):
    for norm in (np.inf, 1, 2):
        np.testing.assert_array_equal(divided_by_norm(frames, norm)[:2], frames[:2])


@pytest.mark.parametrize("scale", [1e36, 1e-30])
def test_frames_whose_squares_no_float32_holds_have_length_1_too(scale, frames):
    scaled = np.float32(scale) * frames[2:]
    np.testing.assert_allclose(np.linalg.norm(divided_by_norm(scaled, 2), axis=1), 1, rtol=1e-5)
