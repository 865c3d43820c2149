"""A signal before and after steps."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import scipy.signal
from sklearn.pipeline import make_pipeline

from sklearn_audio import (
    AudioError,
    FixedLength,
    Loader,
    MFCCExtractor,
    PreEmphasis,
    Resampler,
    Signal,
    SignalBatch,
    SilenceTrimmer,
    write_audio,
)
from sklearn_audio.datasets import load_percussion
from sklearn_audio.plotting import SpectrogramDisplay, before_after


@pytest.fixture(scope="module")
def batch():
    return Loader().transform(load_percussion().paths)


def test_pre_emphasis_is_seen_above_and_below(batch):
    display = before_after(PreEmphasis(coef=0.97), batch, 3)
    samples = batch[3].samples
    above, below = (ax.lines[0].get_ydata() for ax in display.axes_)
    np.testing.assert_array_equal(above, samples)
    expected = scipy.signal.lfilter([1, -0.97], [1], samples)
    # The first sample has none before it, and conventions differ.
    np.testing.assert_allclose(below[1:], expected[1:], atol=1e-6)
    assert [ax.get_title() for ax in display.axes_] == ["before", "after PreEmphasis"]
    assert display.before_.ax_ is display.axes_[0]


def test_both_pictures_have_the_same_scales(batch):
    display = before_after(PreEmphasis(), batch, 3)
    above, below = display.axes_
    assert above.get_ylim() == below.get_ylim()
    trimmed = before_after(SilenceTrimmer(top_db=20), batch, 3)
    assert len(trimmed.after_.samples) < len(trimmed.before_.samples)
    for ax in trimmed.axes_:
        assert ax.get_xlim()[1] == pytest.approx(batch[3].duration)


def test_steps_may_be_a_list_or_a_pipeline_with_a_loader(batch):
    paths = load_percussion().paths
    pipeline = make_pipeline(Loader(), Resampler(8000), PreEmphasis(), MFCCExtractor())
    one = before_after(pipeline, paths, 3)
    other = before_after([Resampler(8000), PreEmphasis()], batch, 3)
    np.testing.assert_array_equal(one.after_.samples, other.after_.samples)
    np.testing.assert_array_equal(one.before_.samples, batch[3].samples)
    assert one.axes_[1].get_title() == "after Resampler, PreEmphasis"


def test_spectrograms_show_what_resampling_takes_away(batch):
    display = before_after(Resampler(8000), batch, 3, kind="spectrogram", n_fft=512)
    assert isinstance(display.after_, SpectrogramDisplay)
    assert display.before_.frequencies[-1] == 11025
    assert display.after_.frequencies[-1] == 4000
    assert display.axes_[1].get_ylim()[1] == 11025


def test_a_stretch_is_that_of_both(batch):
    display = before_after(PreEmphasis(), batch, 3, start=0.1, end=0.12)
    assert [len(each.samples) for each in (display.before_, display.after_)] == [441, 441]


def test_what_has_no_steps_is_refused(batch):
    with pytest.raises(ValueError, match="MFCCExtractor has no step to look at; a step such as"):
        before_after(MFCCExtractor(), batch)
    with pytest.raises(ValueError, match="kind='chroma'; 'waveform' or 'spectrogram' is wanted"):
        before_after(PreEmphasis(), batch, kind="chroma")


def test_plain_arrays_have_the_rate_that_is_told():
    tone = np.sin(2 * np.pi * 100 * np.arange(22050) / 22050)
    told = before_after(PreEmphasis(), [tone, tone], 1, sample_rate=22050)
    assert told.before_.sample_rate == told.after_.sample_rate == 22050
    by_step = before_after(Resampler(8000, sample_rate=22050), tone[np.newaxis])
    assert (by_step.before_.sample_rate, by_step.after_.sample_rate) == (22050, 8000)
    with pytest.raises(AudioError, match=r"sample_rate \(Hz\) is missing"):
        before_after(PreEmphasis(), [tone])


def test_the_recording_is_decoded_once_and_an_error_names_it(batch, opened, tmp_path):
    before_after(PreEmphasis(), batch, 3)
    assert opened == [load_percussion().paths[3]]
    write_audio(tmp_path / "short.wav", np.ones(3), 8000)
    signals = Loader().transform([load_percussion().paths[0], tmp_path / "short.wav"])
    with pytest.raises(AudioError, match=r"short\.wav \(X\[1\]\)"):
        before_after(Resampler(1), signals, 1)


@pytest.mark.parametrize(("n_seconds", "kept"), [(3600, 0.05), (4000, 65.0)])
def test_times_of_both_are_those_of_the_longer_one(n_seconds, kept):
    signals = SignalBatch([Signal(np.zeros(100 * n_seconds), 100)])
    display = before_after(FixedLength(kept), signals)
    display.figure_.canvas.draw()
    for ax in display.axes_:
        assert ax.get_xlim() == (0, n_seconds)
        assert 4 <= len(ax.get_xticks()) <= 11


def test_a_stretch_of_spectrograms_is_that_of_both(batch):
    display = before_after(PreEmphasis(), batch, 3, kind="spectrogram", start=0.05, end=0.15)
    assert [ax.get_xlim() for ax in display.axes_] == [pytest.approx((0.05, 0.15), abs=1e-4)] * 2


def test_it_draws_into_the_axes_that_are_given(batch):
    figure, axes = plt.subplots(2, 1)
    display = before_after(PreEmphasis(), batch, 3, axes=axes)
    assert list(display.axes_) == list(axes)
    assert display.figure_ is figure
    above, below = axes
    assert above.get_ylim() == below.get_ylim()  # although they share nothing
