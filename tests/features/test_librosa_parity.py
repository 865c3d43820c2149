"""Every feature equals its librosa function: the measure of what the extractors compute.

A new feature is one line in FEATURES, and one in SETTINGS for each way of using it.
"""

import librosa
import numpy as np
import pytest
import soundfile

from sklearn_audio import (
    ChromaExtractor,
    MelSpectrogramExtractor,
    MFCCExtractor,
    RMSExtractor,
    SpectralCentroidExtractor,
    SpectralRolloffExtractor,
    ZeroCrossingRateExtractor,
)

# librosa warns about recordings that are shorter than a frame, which the digits are.
pytestmark = pytest.mark.filterwarnings("ignore:n_fft=.* is too large:UserWarning")

RATE = 22050

# Both sides compute in float32, and values near 0 come from cancellation of larger ones. So the
# error is measured against the largest value of the same kind in the recording.
TOLERANCE = 1e-4


def librosa_mfcc(y, sr, n_mfcc=13, n_deltas=2, **parameters):
    mfcc = librosa.feature.mfcc(y=y, sr=sr, n_mfcc=n_mfcc, **parameters)
    # librosa refuses to look at 9 frames where there are fewer, but for this mode.
    mode = "interp" if mfcc.shape[1] >= 9 else "nearest"
    deltas = [
        librosa.feature.delta(mfcc, order=order, mode=mode) for order in range(1, n_deltas + 1)
    ]
    return np.concatenate([mfcc, *deltas])


FEATURES = {
    "mfcc": (MFCCExtractor, librosa_mfcc),
    "mel": (MelSpectrogramExtractor, librosa.feature.melspectrogram),
    "chroma": (ChromaExtractor, librosa.feature.chroma_stft),
    "centroid": (SpectralCentroidExtractor, librosa.feature.spectral_centroid),
    "rolloff": (SpectralRolloffExtractor, librosa.feature.spectral_rolloff),
    "rms": (RMSExtractor, lambda y, sr, **parameters: librosa.feature.rms(y=y, **parameters)),
    "zero crossings": (
        ZeroCrossingRateExtractor,
        lambda y, sr, **parameters: librosa.feature.zero_crossing_rate(y, **parameters),
    ),
}

# A rolloff is the frequency of a bin, so where a sum meets the threshold within rounding, a
# frame may fall to the next bin. Everything else is continuous.
SHARE_OF_OTHER_BINS = {"rolloff": 1e-3}

COLLECTIONS = {
    "music": "music/*.ogg",
    "instruments": "instruments/*/*.mp3",
    "digits": "spoken-digits/*.flac",
}
RECORDINGS_OF = {"music": 15, "instruments": 15, "digits": 30}

SETTINGS = [
    ("mfcc", {"n_fft": 1024, "hop_length": 100}),
    ("mfcc", {"n_fft": 1000, "win_length": 333, "window": ("kaiser", 8.0)}),
    ("mfcc", {"center": False}),
    ("mfcc", {"n_mfcc": 20, "n_mels": 40, "fmin": 100.0, "fmax": 7000.0, "htk": True}),
    ("mfcc", {"n_mels": 26, "mel_norm": None, "n_deltas": 0}),
    ("mfcc", {"dct_type": 1, "n_deltas": 3}),
    ("mfcc", {"dct_type": 3, "norm": None}),
    ("mfcc", {"lifter": 22, "pad_mode": "reflect"}),
    ("mel", {"n_fft": 4096, "hop_length": 1000, "pad_mode": "edge"}),
    ("mel", {"n_mels": 64, "fmin": 50.0, "fmax": 8000.0}),
    ("mel", {"htk": True, "norm": None}),
    ("mel", {"power": 1.0}),
    ("mel", {"power": 1.5}),
    ("mel", {"win_length": 1200, "window": ("tukey", 0.5), "center": False}),
    ("chroma", {"n_fft": 4096, "hop_length": 1024}),
    ("chroma", {"n_chroma": 24}),
    ("chroma", {"n_chroma": 36, "tuning": -0.25}),
    ("chroma", {"norm": 1}),
    ("chroma", {"norm": 2, "win_length": 1500}),
    ("chroma", {"norm": None, "window": "blackman"}),
    ("chroma", {"tuning": 0.3, "center": False}),
    ("chroma", {"pad_mode": "reflect"}),
    ("centroid", {"n_fft": 512, "hop_length": 128}),
    ("centroid", {"win_length": 800, "window": ("gaussian", 200)}),
    ("centroid", {"center": False}),
    ("centroid", {"pad_mode": "edge"}),
    ("rolloff", {"roll_percent": 0.1}),
    ("rolloff", {"roll_percent": 0.5, "n_fft": 1024, "hop_length": 256}),
    ("rolloff", {"win_length": 1000, "window": "hamming", "center": False}),
    ("rolloff", {"pad_mode": "reflect"}),
    ("rms", {"frame_length": 1000, "hop_length": 250, "pad_mode": "reflect"}),
    ("rms", {"frame_length": 501, "pad_mode": "edge"}),
    ("rms", {"center": False}),
    ("zero crossings", {"frame_length": 1000, "hop_length": 1500}),
    ("zero crossings", {"center": False}),
]


@pytest.fixture(scope="session")
def recordings(shared_data):
    """Return up to ten seconds of evenly chosen recordings: {collection: [(name, y, rate)]}."""
    return {
        collection: [
            decoded(path) for path in evenly_chosen(shared_data, collection)
        ]
        for collection in COLLECTIONS
    }


def evenly_chosen(shared_data, collection):
    paths = sorted(shared_data.glob(COLLECTIONS[collection]))
    step = len(paths) // RECORDINGS_OF[collection]
    return paths[::step]


def decoded(path, seconds=10):
    rate = soundfile.info(path).samplerate
    samples, rate = soundfile.read(path, frames=seconds * rate, dtype="float32", always_2d=True)
    return path.name, samples.mean(axis=1), rate


@pytest.fixture(scope="session")
def glissando():
    """Return two seconds of a rising tone with overtones, noise and a pause."""
    time = np.arange(2 * RATE) / RATE
    phase = 2 * np.pi * (220 * time + 200 * time**2)
    samples = sum(np.sin(harmonic * phase) / harmonic for harmonic in (1, 2, 3))
    samples += 0.01 * np.random.default_rng(0).normal(size=len(time))
    samples[15000:25000] = 0
    return "glissando", samples.astype(np.float32), RATE


@pytest.fixture(
    scope="module", params=[(name, kind) for name in FEATURES for kind in COLLECTIONS], ids=" of ".join
)
def comparison(request, recordings):
    """Return a feature, and what librosa makes of each recording of a collection."""
    feature, collection = request.param
    reference = FEATURES[feature][1]
    return feature, [
        (recording, reference(y=recording[1], sr=recording[2]).T)
        for recording in recordings[collection]
    ]


@pytest.mark.shared_data
def test_frames_of_recordings_are_those_of_librosa(comparison):
    feature, expectations = comparison
    extractor = FEATURES[feature][0]
    n_frames = n_other_bins = 0
    for (name, samples, rate), expected in expectations:
        [frames] = extractor(summary=None, sample_rate=rate).fit_transform([samples])
        n_other_bins += count_different_frames(frames, expected, name)
        n_frames += len(frames)
    assert len(expectations) >= 15
    assert n_other_bins <= SHARE_OF_OTHER_BINS.get(feature, 0) * n_frames


@pytest.mark.shared_data
def test_rows_of_recordings_are_the_mean_and_deviation_of_librosa_frames(comparison):
    feature, expectations = comparison
    extractor = FEATURES[feature][0]
    for (name, samples, rate), expected in expectations:
        [row] = extractor(sample_rate=rate).fit_transform([samples])
        statistics = np.array([expected.mean(axis=0), expected.std(axis=0)])
        error = np.abs(row.reshape(2, -1) - statistics).max(axis=0)
        print(feature, (error/np.abs(expected).max(axis=0)).max())
        assert (error <= TOLERANCE * np.abs(expected).max(axis=0)).all(), name


@pytest.mark.parametrize(("feature", "parameters"), SETTINGS, ids=str)
def test_parameters_mean_what_they_mean_in_librosa(feature, parameters, glissando):
    assert_equal_to_librosa(feature, parameters, glissando)


@pytest.mark.shared_data
@pytest.mark.parametrize(("feature", "parameters"), SETTINGS, ids=str)
def test_parameters_mean_what_they_mean_in_librosa_for_music(feature, parameters, recordings):
    assert_equal_to_librosa(feature, parameters, recordings["music"][3])


def assert_equal_to_librosa(feature, parameters, recording):
    name, samples, rate = recording
    extractor, reference = FEATURES[feature]
    expected = reference(y=samples, sr=rate, **parameters).T
    extractor = extractor(summary=None, sample_rate=rate, **parameters)
    [frames] = extractor.fit_transform([samples])
    n_different = count_different_frames(frames, expected, name)
    assert n_different <= SHARE_OF_OTHER_BINS.get(feature, 0) * len(frames)


def count_different_frames(frames, expected, name):
    assert frames.shape == expected.shape, name
    error = np.abs(frames - expected) 
    print("ERR", (error/np.abs(expected).max(axis=0)).max(), (error/np.abs(expected).max()).max(), name)
    return np.count_nonzero((error > TOLERANCE * np.abs(expected).max(axis=0)).any(axis=1))
