"""Players, and files of sound."""

import io

import numpy as np
import pytest
import scipy.io.wavfile
import soundfile

from sklearn_audio import AudioError, Loader, PreEmphasis, Signal, play, write_audio
from sklearn_audio.datasets import load_percussion


@pytest.fixture
def sine():
    """Return five seconds of 220 Hz at 22,050 Hz, of amplitude 0.5."""
    return 0.5 * np.sin(2 * np.pi * 220 * np.arange(5 * 22050) / 22050)


def content_of(player):
    """Return the samples and the rate of a player."""
    return soundfile.read(io.BytesIO(player.data))


def test_a_player_holds_the_samples_to_half_a_step_of_16_bits(sine):
    samples, rate = content_of(play(sine, sample_rate=22050))
    assert rate == 22050
    np.testing.assert_allclose(samples, sine, atol=0.5001 / 2**15)


def test_a_player_of_a_batch_plays_what_comes_behind_its_steps():
    batch = Loader().transform(load_percussion().paths).then(PreEmphasis())
    samples, _ = content_of(play(batch, 30))
    expected = batch[30].samples
    peak = max(1, np.abs(expected).max())
    np.testing.assert_allclose(samples, expected / peak, atol=1 / 2**15)


def test_a_soft_signal_stays_soft_and_one_beyond_full_scale_is_not_clipped(sine):
    soft, _ = content_of(play(Signal(0.01 * sine, 22050)))
    assert np.abs(soft).max() == pytest.approx(0.005, abs=1e-4)
    loud, _ = content_of(play(Signal(6 * sine, 22050)))
    np.testing.assert_allclose(loud, 2 * sine, atol=1.5 / 2**15)


@pytest.mark.parametrize(
    ("rate", "played"), [(1000, 8000), (9000, 11025), (44100, 44100), (96000, 48000)]
)
def test_a_rate_that_browsers_do_not_play_is_resampled(rate, played):
    tone = 0.5 * np.sin(2 * np.pi * 100 * np.arange(2 * rate) / rate)
    samples, found = content_of(play(tone, sample_rate=rate))
    assert found == played
    assert len(samples) == pytest.approx(2 * played, abs=1)
    peak = np.abs(np.fft.rfft(samples)).argmax() * found / len(samples)
    assert peak == pytest.approx(100, abs=0.5)


def test_a_player_needs_one_signal_of_known_rate(sine):
    with pytest.raises(AudioError, match=r"sample_rate \(Hz\) is missing"):
        play(sine)
    with pytest.raises(AudioError, match=r"one signal is wanted, not a str\. For a recording"):
        play("bark.wav")
    with pytest.raises(AudioError, match="cannot be played"):
        play(Signal([0.0, 1.0], 1e-3))


@pytest.mark.parametrize("ending", [".wav", ".flac", ".aiff", ".aif", ".W64"])
def test_written_and_read_again_samples_differ_by_half_a_step_of_16_bits(sine, ending, tmp_path):
    path = tmp_path / f"sine{ending}"
    write_audio(path, sine, 22050)
    [signal] = Loader(formats="all").transform([path])
    assert signal.rate == 22050
    np.testing.assert_allclose(signal.samples, sine, atol=0.5001 / 2**15)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ending", [".mp3", ".ogg", ".oga"])
def test_lossy_files_have_the_length_and_the_pitch_of_the_signal(sine, ending, tmp_path):
    path = tmp_path / f"sine{ending}"
    write_audio(path, Signal(sine, 22050))
    [signal] = Loader().transform([path])
    assert len(signal) == len(sine)
    error = signal.samples - sine
    assert np.sqrt(np.mean(error**2)) < 0.02 * np.sqrt(np.mean(sine**2))


@pytest.mark.parametrize(
    ("subtype", "n_bits"), [("PCM_U8", 8), ("PCM_16", 16), ("PCM_24", 24), ("PCM_32", 32)]
)
def test_integers_of_any_size_are_rounded(sine, subtype, n_bits, tmp_path):
    write_audio(tmp_path / "sine.wav", sine, 22050, subtype=subtype)
    samples, _ = soundfile.read(tmp_path / "sine.wav", dtype="float64")
    errors = (samples - sine.astype(np.float32)) * 2 ** (n_bits - 1)
    assert np.abs(errors).max() <= 0.5
    assert soundfile.info(tmp_path / "sine.wav").subtype == subtype


def test_full_scale_is_the_largest_integer(tmp_path):
    write_audio(tmp_path / "full.wav", [1.0, -1.0], 8000)
    samples, _ = soundfile.read(tmp_path / "full.wav", dtype="int16")
    assert samples.tolist() == [32767, -32768]


def test_floating_point_files_hold_every_bit(tmp_path):
    noise = np.random.default_rng(0).normal(size=300_000).astype(np.float32)
    write_audio(tmp_path / "noise.wav", noise, 44100, subtype="FLOAT")
    [signal] = Loader().transform([tmp_path / "noise.wav"])
    np.testing.assert_array_equal(signal.samples, noise)


def test_samples_beyond_full_scale_are_refused_before_anything_is_written(sine, tmp_path):
    path = tmp_path / "loud.wav"
    message = r"loud\.wav: its peak is 1\.5, .* clipping='scale' .* or 'clip'"
    with pytest.raises(AudioError, match=message):
        write_audio(path, 3 * sine, 22050)
    assert list(tmp_path.iterdir()) == []


def test_samples_beyond_full_scale_are_clipped_or_scaled_where_that_is_asked_for(sine, tmp_path):
    loud = 3 * sine
    for clipping, expected in (
        ("clip", np.clip(loud, -1, 1)),
        ("scale", loud / np.abs(loud).max()),
    ):
        write_audio(tmp_path / "loud.wav", loud, 22050, clipping=clipping)
        [signal] = Loader().transform([tmp_path / "loud.wav"])
        np.testing.assert_allclose(signal.samples, expected, atol=1 / 2**15)


def test_what_is_within_full_scale_is_not_scaled(tmp_path):
    write_audio(tmp_path / "soft.wav", [0.25, -0.5, 0.0], 8000, clipping="scale")
    samples, _ = soundfile.read(tmp_path / "soft.wav")
    assert samples.tolist() == [0.25, -0.5, 0.0]


def test_a_file_that_is_there_is_replaced_only_when_all_is_written(sine, tmp_path):
    path = tmp_path / "sine.flac"
    write_audio(path, sine, 22050)
    before = path.read_bytes()
    with pytest.raises(AudioError, match=r"1000000 Hz as FLAC .* cannot be written"):
        write_audio(path, sine, 1_000_000)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "arguments", "error", "message"),
    [
        ("a.wav", {}, AudioError, r"sample_rate \(Hz\) is missing"),
        ("a.xyz", {"sample_rate": 8000}, AudioError, r"its ending '\.xyz' names no format"),
        ("a", {"sample_rate": 8000}, AudioError, "its ending '' names no format"),
        ("a.raw", {"sample_rate": 8000}, AudioError, r"its ending '\.raw' names no format"),
        ("a.sd2", {"sample_rate": 8000}, AudioError, r"its ending '\.sd2' names no format"),
        ("a.wav", {"sample_rate": 3e9}, AudioError, "files have a whole number below"),
        ("a.wav", {"sample_rate": 0.5}, AudioError, "files have a whole number below"),
        (
            "a.mp3",
            {"sample_rate": 9000},
            AudioError,
            "its rate is 9000 Hz, and MP3 has 8000, 11025",
        ),
        ("a.ogg", {"sample_rate": 200_001}, AudioError, r"200001 Hz, and OGG has up to 200000"),
        ("a.wav", {"sample_rate": 8000.5}, AudioError, r"8000\.5 Hz, and files have a whole"),
        ("b/a.wav", {"sample_rate": 8000}, FileNotFoundError, "there is no such folder"),
        (
            "a.flac",
            {"sample_rate": 8000, "subtype": "FLOAT"},
            AudioError,
            "subtype='FLOAT' is none of FLAC, which has PCM_S8, PCM_16, PCM_24",
        ),
        (
            "a.wav",
            {"sample_rate": 8000, "clipping": "wrap"},
            ValueError,
            "clipping='wrap'; 'raise', 'clip' or 'scale' is wanted",
        ),
    ],
)
def test_what_cannot_be_written_is_refused(name, arguments, error, message, tmp_path):
    with pytest.raises(error, match=message):
        write_audio(tmp_path / name, [0.0, 0.5], **arguments)
    assert list(tmp_path.iterdir()) == []


def test_scipy_reads_what_is_written(sine, tmp_path):
    write_audio(tmp_path / "sine.wav", sine, 22050)
    rate, samples = scipy.io.wavfile.read(tmp_path / "sine.wav")
    assert rate == 22050
    assert samples.dtype == np.int16
    np.testing.assert_allclose(samples / 2**15, sine, atol=1 / 2**15)


@pytest.mark.parametrize(
    ("name", "rate", "subtype"),
    [
        ("a.svx", 96_000, None),
        ("a.wve", 22_050, "ALAW"),
        ("a.htk", 22_050, None),
        ("a.wav", 22_050, "IMA_ADPCM"),
    ],
)
def test_a_format_that_changes_the_rate_or_the_length_is_refused(
    sine, name, rate, subtype, tmp_path
):
    with pytest.raises(AudioError, match="do not fit this format: the file"):
        write_audio(tmp_path / name, sine, rate, subtype=subtype)
    assert not (tmp_path / name).exists()


def test_a_link_stays_a_link(sine, tmp_path):
    (tmp_path / "link.wav").symlink_to(tmp_path / "sine.wav")
    write_audio(tmp_path / "link.wav", sine, 22050)
    assert (tmp_path / "link.wav").is_symlink()
    assert soundfile.info(tmp_path / "sine.wav").frames == len(sine)


def test_a_stretch_is_played(sine):
    samples, rate = content_of(play(sine, sample_rate=22050, start=1, end=1.5))
    assert len(samples) == rate / 2
    np.testing.assert_allclose(samples, sine[22050 : 22050 + 11025], atol=0.5001 / 2**15)


def test_a_rate_in_the_place_of_the_index_is_refused(sine):
    with pytest.raises(
        ValueError, match=r"index=22050, but this is no SignalBatch.* sample_rate=22050"
    ):
        play(sine, 22050)


def test_samples_of_integers_are_warned_of(tmp_path):
    with pytest.warns(UserWarning, match="the samples are int16"):
        write_audio(tmp_path / "a.wav", np.array([1, -1, 0], dtype=np.int16), 8000)
