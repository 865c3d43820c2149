import librosa
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sklearn_audio import AudioError
from sklearn_audio.features.framing import PAD_MODES, frame_blocks, frame_count


def padded_frames(samples, *, frame_length, hop_length, center, pad_mode):
    """Return all frames at once, by numpy.pad and librosa."""
    padded = np.pad(samples, frame_length // 2, mode=pad_mode) if center else samples
    return librosa.util.frame(padded, frame_length=frame_length, hop_length=hop_length).T


def assert_blocks_are_the_padded_frames(samples, *, block_length, **framing):
    blocks = list(frame_blocks(samples, block_length=block_length, **framing))
    expected = padded_frames(samples, **framing)
    np.testing.assert_array_equal(np.concatenate(blocks), expected)
    assert [len(block) for block in blocks[:-1]] == [block_length] * (len(blocks) - 1)
    assert 1 <= len(blocks[-1]) <= block_length


# No deadline: the first example pays for imports and compilation.
@settings(deadline=None, max_examples=300)
@given(
    n_samples=st.integers(1, 200),
    frame_length=st.integers(2, 40),
    hop_length=st.integers(1, 60),
    center=st.booleans(),
    pad_mode=st.sampled_from(sorted(PAD_MODES)),
    block_length=st.integers(1, 9),
)
def test_blocks_are_the_frames_of_the_padded_signal(
    n_samples, frame_length, hop_length, center, pad_mode, block_length
):
    assume(center or n_samples >= frame_length)
    assert_blocks_are_the_padded_frames(
        np.arange(1.0, n_samples + 1),
        frame_length=frame_length,
        hop_length=hop_length,
        center=center,
        pad_mode=pad_mode,
        block_length=block_length,
    )


@pytest.mark.parametrize("pad_mode", sorted(PAD_MODES))
@pytest.mark.parametrize("n_samples", [1, 100_000])
def test_one_sample_and_a_long_signal_are_framed_alike(n_samples, pad_mode):
    assert_blocks_are_the_padded_frames(
        np.arange(1.0, n_samples + 1),
        frame_length=2048,
        hop_length=512,
        center=True,
        pad_mode=pad_mode,
        block_length=64,
    )


# No deadline: see above.
@settings(deadline=None)
@given(
    n_samples=st.integers(1, 300),
    frame_length=st.integers(2, 50),
    hop_length=st.integers(1, 60),
    center=st.booleans(),
)
def test_frame_count_is_the_number_of_frames(n_samples, frame_length, hop_length, center):
    assume(center or n_samples >= frame_length)
    framing = {"frame_length": frame_length, "hop_length": hop_length, "center": center}
    blocks = frame_blocks(np.zeros(n_samples), **framing)
    assert frame_count(n_samples, **framing) == sum(len(block) for block in blocks)


def test_blocks_are_read_only_views_of_the_signal():
    samples = np.arange(10_000.0)
    blocks = list(frame_blocks(samples, frame_length=100, hop_length=50, center=False))
    assert len(blocks) > 1
    for block in blocks:
        assert np.shares_memory(block, samples)
        assert not block.flags.writeable


def test_only_the_ends_of_a_continued_signal_are_copied():
    samples = np.arange(30_000.0)
    first, *middle, last = frame_blocks(samples, frame_length=100, hop_length=50, center=True)
    assert len(middle) > 1
    assert all(np.shares_memory(block, samples) for block in middle)
    assert not np.shares_memory(first, samples)
    assert not np.shares_memory(last, samples)


def test_too_short_a_signal_tells_what_to_do():
    message = "has 99 samples, fewer than the 100 of one frame.*shorter frames, center=True"
    with pytest.raises(AudioError, match=message):
        frame_count(99, frame_length=100, hop_length=50, center=False)
    with pytest.raises(AudioError, match=message):
        next(frame_blocks(np.zeros(99), frame_length=100, hop_length=50, center=False))


def test_a_signal_of_exactly_one_frame_is_one_frame():
    assert frame_count(100, frame_length=100, hop_length=50, center=False) == 1
    assert frame_count(149, frame_length=100, hop_length=50, center=False) == 1
    assert frame_count(150, frame_length=100, hop_length=50, center=False) == 2
