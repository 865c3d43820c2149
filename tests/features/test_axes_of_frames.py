"""When frames are, and where their values lie, by sounds whose time and pitch are known."""

import re
from pathlib import Path

import librosa
import numpy as np
import pytest

import sklearn_audio
from sklearn_audio import (
    ConstantQSpectrogramExtractor,
    FourierTempogramExtractor,
    KaldiFilterBankExtractor,
    KaldiMFCCExtractor,
    LogMelSpectrogramExtractor,
    MFCCExtractor,
    MomentaryLoudnessExtractor,
    RMSExtractor,
    SpectralRMSExtractor,
    TempogramExtractor,
    TempogramRatioExtractor,
)
from sklearn_audio.base import FeatureExtractor
from sklearn_audio.features import WaveformExtractor

RATE = 16000
PAGES = sorted((Path(__file__).parents[2] / "docs").rglob("features.md"))


def frames_of(extractor, samples):
    """Return the frames of a signal and their times."""
    [frames] = extractor.set_params(summary=None, sample_rate=RATE).transform([samples])
    return frames, extractor.frame_times(len(frames), RATE)


@pytest.mark.parametrize(
    ("extractor", "column"),
    [
        (RMSExtractor(frame_length=512, hop_length=128), 0),
        (RMSExtractor(frame_length=512, hop_length=128, center=False), 0),
        (SpectralRMSExtractor(n_fft=512, hop_length=128), 0),
        (SpectralRMSExtractor(n_fft=512, hop_length=128, center=False), 0),
        (KaldiMFCCExtractor(remove_dc_offset=False, preemphasis=0.0), 0),
        (KaldiMFCCExtractor(snip_edges=False, remove_dc_offset=False, preemphasis=0.0), 0),
        (MomentaryLoudnessExtractor(), 0),
        (ConstantQSpectrogramExtractor(hop_length=128, fmin=440, n_octaves=4), -1),
    ],
    ids=lambda value: re.sub(r"\s+", " ", str(value)),
)
def test_the_frames_of_a_burst_lie_around_its_time(extractor, column):
    samples = np.zeros(2 * RATE)
    burst = np.hanning(64) * np.sin(2 * np.pi * 3000 * np.arange(64) / RATE)
    samples[20_000:20_064] = burst
    frames, times = frames_of(extractor, samples)
    energy = np.exp(frames[:, column].astype(np.float64)) if frames.min() < 0 else frames[:, column]
    weights = np.maximum(energy - np.median(energy), 0)
    hop = times[1] - times[0]
    # Frames that hold the burst lie evenly around it, to half a hop where they all count the same.
    assert np.average(times, weights=weights) == pytest.approx(20_032 / RATE, abs=0.6 * hop)


def test_times_of_centred_frames_are_those_of_librosa():
    expected = librosa.frames_to_time(np.arange(100), sr=RATE, hop_length=160)
    np.testing.assert_allclose(
        SpectralRMSExtractor(hop_length=160).frame_times(100, RATE), expected
    )
    with_fft = librosa.frames_to_time(np.arange(100), sr=RATE, hop_length=160, n_fft=400)
    beginning_at_zero = SpectralRMSExtractor(n_fft=400, hop_length=160, center=False)
    np.testing.assert_allclose(beginning_at_zero.frame_times(100, RATE), with_fft)


@pytest.mark.parametrize("htk", [False, True])
def test_mel_bands_lie_where_librosa_has_them(htk):
    axis = LogMelSpectrogramExtractor(n_mels=40, fmin=100, fmax=6000, htk=htk).value_axis(RATE)
    expected = librosa.mel_frequencies(n_mels=42, fmin=100, fmax=6000, htk=htk)[1:-1]
    np.testing.assert_allclose(axis.positions, expected)
    assert (axis.label, axis.scale) == ("frequency (Hz)", "mel")


def test_bins_of_the_constant_q_transform_lie_where_librosa_has_them():
    axis = ConstantQSpectrogramExtractor(n_octaves=6).value_axis(RATE)
    expected = librosa.cqt_frequencies(72, fmin=librosa.note_to_hz("C1"))
    np.testing.assert_allclose(axis.positions, expected)
    assert axis.scale == "log"


@pytest.mark.parametrize(
    "extractor", [KaldiFilterBankExtractor(n_mels=60), LogMelSpectrogramExtractor(n_mels=60)]
)
@pytest.mark.parametrize("frequency", [1000.0, 3000.0, 6000.0])
def test_a_tone_is_loudest_in_the_band_at_its_frequency(extractor, frequency):
    tone = np.sin(2 * np.pi * frequency * np.arange(RATE) / RATE)
    frames, _ = frames_of(extractor, tone)
    positions = extractor.value_axis(RATE).positions
    loudest = np.median(frames, axis=0).argmax()
    assert loudest == np.abs(positions - frequency).argmin()


def test_clicks_repeat_after_their_lag_and_at_their_tempo():
    samples = np.zeros(20 * RATE)
    samples[:: RATE // 2] = 1  # 120 a minute
    frames, _ = frames_of(TempogramExtractor(hop_length=160, win_length=500), samples)
    axis = TempogramExtractor(hop_length=160, win_length=500).value_axis(RATE)
    means = frames[500:-500].mean(axis=0)
    assert axis.positions[20 + means[20:].argmax()] == pytest.approx(0.5, abs=0.01)
    fourier = FourierTempogramExtractor(hop_length=160, win_length=500)
    frames, _ = frames_of(fourier, samples)
    means = frames[500:-500].mean(axis=0)
    tempi = fourier.value_axis(RATE).positions
    slow = np.flatnonzero((tempi > 60) & (tempi < 180))
    assert tempi[slow[means[slow].argmax()]] == pytest.approx(120, abs=6)  # a bin is 12 wide


def test_values_without_a_scale_have_names_only():
    assert MFCCExtractor().value_axis(RATE) is None
    assert TempogramRatioExtractor().value_axis(RATE) is None


def test_a_feature_that_does_not_say_how_it_frames_says_so():
    class Peak(WaveformExtractor):
        def value_names(self):
            return ["peak"]

        def signal_values(self, signal):
            return [[np.abs(signal.samples).max()]]

    with pytest.raises(NotImplementedError, match="Peak does not say when its frames are"):
        Peak().frame_times(3, RATE)


def test_units_are_those_of_the_table_of_features():
    [page] = PAGES
    rows = re.findall(r"^\| [^|`]*`(\w+)`[^|]*\| [^|]*\|([^|]*)\|", page.read_text(), re.M)
    extractors = {
        name: getattr(sklearn_audio, name)
        for name in sklearn_audio.__all__
        if isinstance(getattr(sklearn_audio, name), type)
        and issubclass(getattr(sklearn_audio, name), FeatureExtractor)
    }
    assert {name: unit.strip() for name, unit in rows} == {
        # Units of several values are told once each.
        name: ", ".join(dict.fromkeys(extractor().units()))
        for name, extractor in extractors.items()
    }
