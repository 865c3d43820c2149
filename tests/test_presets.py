"""Unions of features: that of FMA against the published recipe, carried out with librosa."""

import re

import librosa
import numpy as np
import pytest
import scipy.fft
import scipy.stats
import soundfile
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklearn_audio import (
    AudioError,
    Loader,
    Resampler,
    fma_features,
    music_features,
    speech_features,
)
from sklearn_audio.datasets import load_percussion

STATISTICS = {
    "mean": np.mean,
    "std": np.std,
    "skew": scipy.stats.skew,
    "kurtosis": scipy.stats.kurtosis,
    "median": np.median,
    "min": np.min,
    "max": np.max,
}

# Frames are within 1e-4 of the largest of their kind, as in test_librosa_parity.py; so are those
# statistics. Standardised moments divide by a power of the deviation, which magnifies that.
TOLERANCES = {"skew": 1e-3, "kurtosis": 5e-3}


def fma_by_librosa(samples, rate):
    """Return the features of the recipe by name, each an array (n_values, n_frames)."""
    notes = {"n_chroma": 12, "n_octaves": 7, "bins_per_octave": 12}
    constant_q = np.abs(
        librosa.cqt(
            samples, sr=rate, hop_length=512, bins_per_octave=12, n_bins=7 * 12, tuning=None
        )
    )
    cens = librosa.feature.chroma_cens(C=constant_q, **notes)
    magnitude = np.abs(librosa.stft(samples, n_fft=2048, hop_length=512))
    spectrum = {"S": magnitude, "sr": rate}
    mel = librosa.feature.melspectrogram(S=magnitude**2, sr=rate)
    return {
        "chroma_stft": librosa.feature.chroma_stft(S=magnitude**2, sr=rate, n_chroma=12),
        "chroma_cqt": librosa.feature.chroma_cqt(C=constant_q, **notes),
        "chroma_cens": cens,
        "tonnetz": librosa.feature.tonnetz(chroma=cens),
        "mfcc": librosa.feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=20),
        "rms": librosa.feature.rms(S=magnitude),
        "zcr": librosa.feature.zero_crossing_rate(samples, frame_length=2048, hop_length=512),
        "spectral_centroid": librosa.feature.spectral_centroid(**spectrum),
        "spectral_bandwidth": librosa.feature.spectral_bandwidth(**spectrum),
        "spectral_contrast": librosa.feature.spectral_contrast(**spectrum, n_bands=6),
        "spectral_rolloff": librosa.feature.spectral_rolloff(**spectrum),
    }


SIZES = {
    "chroma_stft": 12,
    "chroma_cqt": 12,
    "chroma_cens": 12,
    "tonnetz": 6,
    "mfcc": 20,
    "rms": 1,
    "zcr": 1,
    "spectral_centroid": 1,
    "spectral_bandwidth": 1,
    "spectral_contrast": 7,
    "spectral_rolloff": 1,
}


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["Vibe_Ace", "trumpet", "sweet-waltz"])
def test_fma_features_are_those_of_the_recipe(shared_data, name):
    [path] = (shared_data / "music").glob(f"*{name}*.ogg")
    samples, rate = soundfile.read(path, dtype="float32", frames=10 * 22050)
    [row] = fma_features(sample_rate=rate).fit_transform([samples])
    assert row.shape == (518,)
    start = 0
    for feature, values in fma_by_librosa(samples, rate).items():
        largest = np.abs(values).max()
        for statistic, function in STATISTICS.items():
            expected = function(values, axis=1)
            found = row[start : start + len(expected)]
            scale = 1 + np.abs(expected) if statistic in TOLERANCES else largest
            error = np.abs(found - expected) / scale
            assert error.max() <= TOLERANCES.get(statistic, 1e-4), (feature, statistic)
            start += len(expected)
    assert start == 518


def test_fma_features_are_named_as_they_were_published():
    names = fma_features().get_feature_names_out()
    assert len(names) == len(set(names)) == 518
    assert [re.match(r"(\w+)__", name)[1] for name in names] == [
        feature for feature, size in SIZES.items() for _ in range(7 * size)
    ]
    assert [name.rsplit("_", 1)[1] for name in names if name.startswith("rms")] == [*STATISTICS]


@pytest.mark.parametrize(
    ("features", "n_columns"), [(music_features, 150), (speech_features, 96), (fma_features, 518)]
)
def test_each_set_has_as_many_finite_columns_as_it_says(features, n_columns):
    union = features(sample_rate=16000)
    noise = np.random.default_rng(0).normal(size=(2, 20000))
    rows = union.fit_transform(noise)
    assert rows.shape == (2, n_columns)
    assert rows.dtype == np.float32
    assert np.isfinite(rows).all()
    assert f"{n_columns} columns" in features.__doc__ or f"{n_columns} features" in features.__doc__
    assert len(union.get_feature_names_out()) == n_columns


@pytest.mark.parametrize("features", [music_features, speech_features, fma_features])
def test_silence_and_clicks_have_rows_too(features):
    click = np.zeros(16000)
    click[8000] = 1
    rows = features(sample_rate=16000).fit_transform([np.zeros(16000), click, click[:7999]])
    assert np.isfinite(rows).all()


def test_spectrum_is_computed_once_a_precision_and_setting(monkeypatch):
    transform, lengths = scipy.fft.rfft, []

    def counting_transform(frames, *args, **kwargs):
        lengths.append((frames.dtype, *frames.shape))
        return transform(frames, *args, **kwargs)

    monkeypatch.setattr(scipy.fft, "rfft", counting_transform)
    noise = np.random.default_rng(0).normal(size=22050).astype(np.float32)
    fma_features(sample_rate=22050).set_params(
        chroma_cqt="drop", chroma_cens="drop", tonnetz="drop"
    ).fit_transform([noise])
    assert lengths == [(np.float32, 2048, 44), (np.float64, 2048, 44)]


def test_parts_are_changed_like_those_of_any_union():
    union = music_features().set_params(mfcc__n_mfcc=13, beat="drop")
    assert clone(union).get_params()["mfcc__n_mfcc"] == 13
    names = union.get_feature_names_out()
    assert not any(name.startswith("beat") for name in names)
    assert len(names) == 150 - 6 - 2 * 2 * 7


def test_speech_needs_the_rate_it_is_made_for():
    percussion = load_percussion()
    batch = Loader().fit_transform(percussion.paths[:2])
    with pytest.raises(AudioError, match="Hz, but sample_rate=16000"):
        speech_features().fit_transform(batch)
    rows = speech_features().fit_transform(Resampler(16000).fit_transform(batch))
    assert rows.shape == (2, 96)


@pytest.mark.parametrize("sample_rate", [None, "high", np.nan, np.inf, -16000, 0, 50, 999])
def test_speech_at_an_impossible_rate_is_refused_at_once(sample_rate):
    with pytest.raises(AudioError, match=rf"rate.*{sample_rate}"):
        speech_features(sample_rate=sample_rate)


@pytest.mark.filterwarnings("ignore:.* bands hold no bin:UserWarning")
def test_speech_at_the_lowest_rate_has_rows():
    assert speech_features(sample_rate=1000).fit_transform(np.zeros((1, 3000))).shape == (1, 96)


def test_classifies_in_a_pipeline():
    percussion = load_percussion()
    chosen = np.arange(0, len(percussion.paths), 3)
    paths = np.asarray(percussion.paths, dtype=object)[chosen]
    model = make_pipeline(Loader(), Resampler(22050), music_features(), StandardScaler(), SVC(C=10))
    model.fit(paths, percussion.target[chosen])
    assert model.score(paths, percussion.target[chosen]) == 1
