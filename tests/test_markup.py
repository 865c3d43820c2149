"""How signals and batches show themselves in a notebook."""

import base64
import io
import re
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile
from sklearn.pipeline import make_pipeline

from sklearn_audio import Loader, PreEmphasis, Resampler, Signal, SignalBatch, write_audio
from sklearn_audio.datasets import load_percussion
from sklearn_audio.markup import outline, player, waveform_svg


def players_of(html):
    """Return the samples and the rate of each player on a page."""
    contents = re.findall(r'<audio [^>]*src="data:audio/mpeg;base64,([^"]+)"></audio>', html)
    return [soundfile.read(io.BytesIO(base64.b64decode(content))) for content in contents]


def test_an_outline_holds_the_extremes_of_equal_stretches():
    samples = np.random.default_rng(0).normal(size=1003)
    lowest, highest = outline(samples, 100)
    stretches = [samples[k * 1003 // 100 : (k + 1) * 1003 // 100] for k in range(100)]
    assert lowest.tolist() == [stretch.min() for stretch in stretches]
    assert highest.tolist() == [stretch.max() for stretch in stretches]


def test_an_outline_of_few_samples_is_the_samples():
    lowest, highest = outline(np.array([0.5, -0.5]), 100)
    assert lowest.tolist() == highest.tolist() == [0.5, -0.5]


@pytest.mark.parametrize("samples", [[0.0], [3.0, -1.0, 0.5], np.zeros(10_000)])
def test_a_waveform_is_a_picture_inside_its_frame(samples):
    svg = ElementTree.fromstring(waveform_svg(np.array(samples), width=100, height=20))
    path = svg[0].get("d")
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
    assert 0 <= min(numbers[::2]) <= max(numbers[::2]) <= 100
    assert 0 <= min(numbers[1::2]) <= max(numbers[1::2]) <= 20


@pytest.mark.parametrize("rate", [1000, 8000, 11111, 22050, 44100, 96000])
def test_a_player_plays_as_long_as_the_signal_and_what_it_holds(rate):
    tone = 0.5 * np.sin(2 * np.pi * 100 * np.arange(2 * rate) / rate)
    [(samples, played)] = players_of(player(tone, rate))
    assert len(samples) / played == pytest.approx(2, abs=1 / 8000)
    peak = np.abs(np.fft.rfft(samples)).argmax() / 2
    assert peak == pytest.approx(100, abs=0.5)


def test_a_player_says_that_it_plays_a_part():
    html = player(np.zeros(80_000), 8000, seconds=2.5)
    [(samples, _)] = players_of(html)
    assert len(samples) == 20_000
    assert "the first 2.5 s of 10 s" in html
    assert "the first" not in player(np.zeros(20_000), 8000, seconds=2.5)


def test_a_signal_shows_its_text_its_waveform_and_a_player():
    signal = Signal(0.5 * np.sin(np.arange(16_000)), 8000)
    html = signal._repr_html_()
    assert "Signal(16000 samples, 8000 Hz, 2 s)" in html
    assert html.count("<svg") == 1
    [(samples, _)] = players_of(html)
    assert len(samples) == 16_000


def test_a_signal_without_a_rate_has_no_player():
    html = Signal([0.0, 1.0])._repr_html_()
    assert "rate not known" in html
    assert "<audio" not in html


def test_a_batch_shows_its_plan_its_duration_and_its_first_signals():
    paths = load_percussion().paths
    batch = make_pipeline(Loader(), Resampler(16000), PreEmphasis()).fit_transform(paths)
    html = batch._repr_html_()
    assert "SignalBatch of 92 signals, not read yet" in html
    assert "then PreEmphasis()" in html
    total = sum(soundfile.info(path).duration for path in paths)
    assert f"1 min {total - 60:.0f} s in all, before the steps" in html
    shown = players_of(html)
    assert [len(samples) for samples, _ in shown] == [len(batch[k]) for k in range(3)]


def test_a_batch_reads_no_more_than_its_first_signals(opened):
    batch = Loader().transform(load_percussion().paths * 3)
    html = batch._repr_html_()
    assert "in all" not in html  # of so many recordings not even the headers are read
    assert {path for path in opened if isinstance(path, str)} == set(load_percussion().paths[:3])


def test_a_batch_of_signals_in_memory_knows_its_duration():
    batch = SignalBatch([Signal(np.zeros(8000), 8000), Signal(np.zeros(4000), 8000)])
    assert "1.5 s in all" in batch._repr_html_()
    assert "in all" not in SignalBatch([Signal([0.0])])._repr_html_()
    assert (
        SignalBatch([])._repr_html_()
        == "<div><pre>SignalBatch of 0 signals, not read yet</pre></div>"
    )


def test_a_recording_that_cannot_be_read_is_told_in_its_place(tmp_path):
    (tmp_path / "empty.wav").touch()
    paths = [tmp_path / "<b>gone</b>.wav", tmp_path / "empty.wav", load_percussion().paths[0]]
    html = Loader().transform(paths)._repr_html_()
    assert "MissingAudioError: there is no such file" in html
    assert "EmptyAudioError: it is empty" in html
    assert len(players_of(html)) == 1
    assert "&lt;b&gt;gone&lt;/b&gt;.wav" in html
    assert "<b>" not in html


def test_a_recording_longer_than_ten_minutes_is_not_read_for_being_shown(tmp_path):
    write_audio(tmp_path / "long.flac", np.zeros(8000 * 660), 8000)
    html = Loader().transform([tmp_path / "long.flac"])._repr_html_()
    assert "11 min 0 s: batch[0] reads it" in html
    assert "<audio" not in html


def test_elsewhere_a_batch_is_plain_text():
    batch = Loader().transform(load_percussion().paths)
    assert repr(batch).startswith("SignalBatch of 92 signals, not read yet\n  from ")
    assert "<" not in repr(batch)
