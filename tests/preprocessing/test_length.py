import librosa
import numpy as np
import pytest
from conftest import RATE
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_audio import AudioError, FixedLength, Signal, SignalBatch

lengths = st.integers(1, 300)
alignments = st.sampled_from(["start", "center", "end"])


def ramp(n_samples):
    """Return samples that tell where they were, none of them 0."""
    return np.arange(1, n_samples + 1, dtype=np.float32)


def fixed(samples, length, **parameters):
    """Return samples at 1000 Hz brought to a length in samples."""
    step = FixedLength(length / 1000, sample_rate=1000, **parameters)
    return step.fit_transform(samples[np.newaxis])[0]


@settings(deadline=None)
@given(lengths, lengths)
def test_aligned_at_the_start_it_is_librosas_fix_length(n_samples, length):
    expected = librosa.util.fix_length(ramp(n_samples), size=length)

    np.testing.assert_array_equal(fixed(ramp(n_samples), length), expected)


@settings(deadline=None)
@given(lengths, lengths)
def test_aligned_at_the_end_it_is_librosas_fix_length_backwards(n_samples, length):
    expected = librosa.util.fix_length(ramp(n_samples)[::-1], size=length)[::-1]

    np.testing.assert_array_equal(fixed(ramp(n_samples), length, align="end"), expected)


@settings(deadline=None)
@given(lengths, st.integers(0, 300))
def test_a_shorter_signal_in_the_center_is_librosas_pad_center(n_samples, missing):
    length = n_samples + missing
    expected = librosa.util.pad_center(ramp(n_samples), size=length)

    np.testing.assert_array_equal(fixed(ramp(n_samples), length, align="center"), expected)


@settings(deadline=None)
@given(lengths, st.integers(0, 300))
def test_of_a_longer_signal_the_center_is_kept(length, surplus):
    kept = fixed(ramp(length + surplus), length, align="center")

    cut_before, cut_behind = kept[0] - 1, length + surplus - kept[-1]
    assert cut_before + cut_behind == surplus
    assert abs(cut_before - cut_behind) <= 1
    np.testing.assert_array_equal(np.diff(kept), 1)


@settings(deadline=None)
@given(lengths, st.integers(0, 900))
def test_wrapping_from_the_start_is_numpys_resize(n_samples, missing):
    length = n_samples + missing

    wrapped = fixed(ramp(n_samples), length, mode="wrap")

    np.testing.assert_array_equal(wrapped, np.resize(ramp(n_samples), length))


@settings(deadline=None)
@given(lengths, st.integers(0, 900), alignments)
def test_wrapping_repeats_the_signal_before_and_behind(n_samples, missing, align):
    length = n_samples + missing
    before = {"start": 0, "center": missing // 2, "end": missing}[align]

    wrapped = fixed(ramp(n_samples), length, mode="wrap", align=align)

    expected = ramp(n_samples).take(np.arange(length) - before, mode="wrap")
    np.testing.assert_array_equal(wrapped, expected)


@pytest.mark.parametrize("mode", ["pad", "wrap", "error"])
@pytest.mark.parametrize(
    ("align", "expected"), [("start", [1, 2]), ("center", [3, 4]), ("end", [5, 6])]
)
def test_align_says_which_part_of_a_longer_signal_is_kept(mode, align, expected):
    assert fixed(ramp(6), 2, mode=mode, align=align).tolist() == expected


@pytest.mark.parametrize("mode", ["pad", "wrap", "error"])
@pytest.mark.parametrize("align", ["start", "center", "end"])
def test_a_signal_of_the_length_stays(mode, align):
    assert fixed(ramp(5), 5, mode=mode, align=align).tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("align", ["start", "center", "end"])
def test_mode_error_refuses_a_shorter_signal_and_says_what_is_missing(align):
    with pytest.raises(
        AudioError, match=r"^X\[0\]: the signal has 4000 samples, 4000 fewer than the 8000 wanted"
    ):
        FixedLength(1.0, mode="error", align=align, sample_rate=RATE).fit_transform(
            np.ones((1, 4000))
        )


def test_the_duration_is_rounded_to_whole_samples():
    assert len(fixed(ramp(9), 4.4)) == 4
    assert len(fixed(ramp(9), 4.6)) == 5


def test_a_batch_brings_its_rates_along():
    batch = SignalBatch([Signal(ramp(100), 8000), Signal(ramp(100), 44100)])

    answer = FixedLength(0.5).fit_transform(batch)

    assert [(len(signal), signal.rate) for signal in answer] == [(4000, 8000), (22050, 44100)]


def test_plain_arrays_need_a_sample_rate():
    with pytest.raises(AudioError, match=r"X\[0\]: the sampling rate .* is not known.*sample_rate"):
        FixedLength(1.0).fit_transform(np.ones((2, 100)))


def test_a_sample_rate_may_not_contradict_a_batch():
    batch = FixedLength(1.0, sample_rate=16000).fit_transform(
        SignalBatch([Signal(ramp(100), 8000)])
    )

    with pytest.raises(AudioError, match=r"its rate is 8000 Hz, but sample_rate=16000"):
        batch[0]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"duration": 0}, r"'duration' parameter of FixedLength must be .* \(0.0, inf\)"),
        ({"duration": -1.0}, r"'duration' parameter of FixedLength must be .* \(0.0, inf\)"),
        ({"duration": "long"}, r"'duration' parameter of FixedLength must be"),
        ({"duration": 1, "mode": "stretch"}, r"'mode' parameter of FixedLength must be a str"),
        ({"duration": 1, "align": "left"}, r"'align' parameter of FixedLength must be a str"),
        ({"duration": 1, "sample_rate": 0}, r"'sample_rate' parameter of FixedLength must be"),
    ],
)
def test_wrong_parameters_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        FixedLength(**parameters).fit([[0.0, 1.0]])
