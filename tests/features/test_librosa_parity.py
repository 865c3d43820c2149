"""Every feature equals its librosa function: the measure of what the extractors compute.

A new feature is one line in FEATURES, and one in SETTINGS for each way of using it.
"""

import math
from functools import partial

import librosa
import numpy as np
import pytest
import soundfile
from gammatone.fftweight import fft_weights

from sklearn_audio import (
    BeatExtractor,
    BFCCExtractor,
    ChromaCENSExtractor,
    ChromaCQTExtractor,
    ChromaExtractor,
    ChromaVQTExtractor,
    ConstantQSpectrogramExtractor,
    FourierTempogramExtractor,
    GFCCExtractor,
    LFCCExtractor,
    LogMelSpectrogramExtractor,
    MelSpectrogramExtractor,
    MFCCExtractor,
    OnsetStrengthExtractor,
    PCENExtractor,
    PolynomialExtractor,
    RMSExtractor,
    SpectralBandwidthExtractor,
    SpectralCentroidExtractor,
    SpectralContrastExtractor,
    SpectralFlatnessExtractor,
    SpectralRMSExtractor,
    SpectralRolloffExtractor,
    TempoExtractor,
    TempogramExtractor,
    TempogramRatioExtractor,
    TonnetzExtractor,
    YINExtractor,
    ZeroCrossingRateExtractor,
)

# librosa multiplies memory that it has not set, now and then, by way of scipy.
pytestmark = pytest.mark.filterwarnings(
    "ignore:invalid value encountered in cast:RuntimeWarning:scipy.signal"
)

pytestmark = [
    # librosa warns about signals shorter than a frame, which most digits are, and about silence.
    pytest.mark.filterwarnings("ignore:n_fft=.* is too large:UserWarning"),
    pytest.mark.filterwarnings("ignore:Trying to estimate tuning from empty:UserWarning"),
]

RATE = 22050

# Both sides compute in float32, and what is near 0 comes from cancellation of larger values. So
# the error is measured against the largest value of its kind (band, coefficient, ...) in the
# recording; where all of a kind are next to nothing, one rounding of the largest of any is left.
TOLERANCE = 1e-4
ROUNDING = np.finfo(np.float32).eps


def librosa_mfcc(y, sr, n_mfcc=13, n_deltas=2, **parameters):
    mfcc = librosa.feature.mfcc(y=y, sr=sr, n_mfcc=n_mfcc, **parameters)
    # librosa's default mode refuses fewer than 9 frames.
    mode = "interp" if mfcc.shape[1] >= 9 else "nearest"
    deltas = [
        librosa.feature.delta(mfcc, order=order, mode=mode) for order in range(1, n_deltas + 1)
    ]
    return np.concatenate([mfcc, *deltas])


def librosa_log_mel(y, sr, top_db=80.0, **parameters):
    energies = librosa.feature.melspectrogram(y=y, sr=sr, **parameters)
    return librosa.power_to_db(energies, top_db=top_db)


PCEN = ("gain", "bias", "power", "time_constant", "eps")


def librosa_pcen(y, sr, hop_length=512, full_scale=2.0**31, **parameters):
    pcen = {name: parameters.pop(name) for name in PCEN if name in parameters}
    magnitudes = librosa.feature.melspectrogram(
        y=y, sr=sr, hop_length=hop_length, power=1, **parameters
    )
    scaled = full_scale * magnitudes.astype(np.float64)
    return librosa.pcen(scaled, sr=sr, hop_length=hop_length, **pcen)


def linear_bank(sr, n_fft, n_bands=128, fmin=0.0, fmax=None):
    """Return triangles between evenly spaced frequencies, as torchaudio's LFCC has them."""
    edges = np.linspace(fmin, sr / 2 if fmax is None else fmax, n_bands + 2)
    bins = np.arange(n_fft // 2 + 1) * sr / n_fft
    return np.stack([np.interp(bins, edges[k : k + 3], [0, 1, 0]) for k in range(n_bands)])


def bark_bank(sr, n_fft, n_bands=24, fmin=0.0, fmax=None):
    """Return fft2barkmx of D. Ellis' rastamat."""
    bark = 6 * np.arcsinh(np.arange(n_fft // 2 + 1) * sr / n_fft / 600)
    lowest, highest = 6 * np.arcsinh(np.array([fmin, sr / 2 if fmax is None else fmax]) / 600)
    bands = []
    for k in range(n_bands):
        center = lowest + k * (highest - lowest) / (n_bands - 1)
        low, high = bark - center - 0.5, bark - center + 0.5
        bands.append(10 ** np.minimum(0, np.minimum(high, -2.5 * low)))
    return np.stack(bands)


def gammatone_bank(sr, n_fft, n_bands=64, fmin=50.0, fmax=None):
    """Return the power responses of the filters of J. Heeris' package gammatone."""
    fmax = sr / 2 if fmax is None else fmax
    response, _ = fft_weights(n_fft, sr, n_bands, 1, fmin, fmax, n_fft // 2 + 1)
    return response**2


def librosa_cepstrum(bank, n_name):
    """Return the reference of a cepstrum: librosa's MFCC of the bands of another filter bank."""

    def reference(y, sr, n_fft=2048, hop_length=512, n_deltas=2, **parameters):
        n_mfcc = parameters.pop(n_name, 13)
        names = ("n_bands", "fmin", "fmax")
        weights = bank(sr, n_fft, **{n: parameters.pop(n) for n in names if n in parameters})
        dct = {n: parameters.pop(n) for n in ("lifter", "norm", "dct_type") if n in parameters}
        stft = librosa.stft(y, n_fft=n_fft, hop_length=hop_length, **parameters)
        level = librosa.power_to_db(weights @ np.abs(stft) ** 2)
        return librosa_mfcc(None, sr, n_mfcc=n_mfcc, n_deltas=n_deltas, S=level, **dct)

    return reference


def librosa_rms(y, sr, **parameters):
    return librosa.feature.rms(y=y, **parameters)


def librosa_spectral_rms(y, sr, n_fft=2048, hop_length=512, **parameters):
    spectrum = np.abs(librosa.stft(y, n_fft=n_fft, hop_length=hop_length, **parameters))
    return librosa.feature.rms(S=spectrum, frame_length=n_fft)


def librosa_zero_crossing_rate(y, sr, **parameters):
    return librosa.feature.zero_crossing_rate(y, **parameters)


def librosa_fourier_tempogram(y, sr, **parameters):
    return np.abs(librosa.feature.fourier_tempogram(y=y, sr=sr, **parameters))


def librosa_onset_strength(y, sr, aggregate="mean", **parameters):
    average = {"mean": np.mean, "median": np.median}[aggregate]
    strength = librosa.onset.onset_strength(y=y, sr=sr, aggregate=average, **parameters)
    return strength[np.newaxis]


def librosa_spectral_contrast(y, sr, n_bands=None, **parameters):
    n_bands = octaves_below_half(sr) if n_bands is None else n_bands
    return librosa.feature.spectral_contrast(y=y, sr=sr, n_bands=n_bands, **parameters)


def contrast_extractor(sample_rate, **parameters):
    parameters = {"n_bands": octaves_below_half(sample_rate), **parameters}
    return SpectralContrastExtractor(sample_rate=sample_rate, **parameters)


def octaves_below_half(rate):
    """Return librosa's default of bands, or as many as there are at 8 kHz."""
    return 6 if rate > 2 * 6400 else 4


def librosa_spectral_flatness(y, sr, **parameters):
    return librosa.feature.spectral_flatness(y=y, **parameters)


def librosa_yin(y, sr, **parameters):
    defaults = {"fmin": librosa.note_to_hz("C2"), "fmax": librosa.note_to_hz("C7")}
    settings = {**defaults, "hop_length": 512, **parameters}
    return librosa.yin(y, sr=sr, **settings)[np.newaxis]


def librosa_constant_q(y, sr, n_octaves, bins_per_octave=12, **parameters):
    n_bins = n_octaves * bins_per_octave
    transform = librosa.cqt(y, sr=sr, n_bins=n_bins, bins_per_octave=bins_per_octave, **parameters)
    return np.abs(transform)


def librosa_chroma_vqt(y, sr, intervals="equal", **parameters):
    return librosa.feature.chroma_vqt(y=y, sr=sr, intervals=intervals, **parameters)


def librosa_tonnetz(y, sr, chroma="cqt", **parameters):
    if chroma == "cens":
        chroma = librosa.feature.chroma_cens(y=y, sr=sr, **parameters)
        return librosa.feature.tonnetz(chroma=chroma)
    return librosa.feature.tonnetz(y=y, sr=sr, **parameters)


def six_octaves(extractor, reference, **parameters):
    """Return both without the octave that 8000 Hz have no room for."""

    def longer_reference(y, sr, **others):
        # librosa refuses one sample where it halves the rate first. Silence follows it anyway.
        y = np.pad(y, (0, max(2 - len(y), 0)))
        return reference(y=y, sr=sr, **{"n_octaves": 6, **parameters, **others})

    return partial(extractor, n_octaves=6, **parameters), longer_reference


FEATURES = {
    "mfcc": (MFCCExtractor, librosa_mfcc),
    "mel": (MelSpectrogramExtractor, librosa.feature.melspectrogram),
    "log mel": (LogMelSpectrogramExtractor, librosa_log_mel),
    "pcen": (PCENExtractor, librosa_pcen),
    "lfcc": (LFCCExtractor, librosa_cepstrum(linear_bank, "n_lfcc")),
    "bfcc": (BFCCExtractor, librosa_cepstrum(bark_bank, "n_bfcc")),
    "gfcc": (GFCCExtractor, librosa_cepstrum(gammatone_bank, "n_gfcc")),
    "chroma": (ChromaExtractor, librosa.feature.chroma_stft),
    "constant Q": six_octaves(ConstantQSpectrogramExtractor, librosa_constant_q),
    "chroma cqt": six_octaves(ChromaCQTExtractor, librosa.feature.chroma_cqt, norm=None),
    "chroma cens": six_octaves(ChromaCENSExtractor, librosa.feature.chroma_cens),
    "chroma vqt": six_octaves(ChromaVQTExtractor, librosa_chroma_vqt, norm=None),
    "tonnetz": six_octaves(TonnetzExtractor, librosa_tonnetz),
    "centroid": (SpectralCentroidExtractor, librosa.feature.spectral_centroid),
    "rolloff": (SpectralRolloffExtractor, librosa.feature.spectral_rolloff),
    "bandwidth": (SpectralBandwidthExtractor, librosa.feature.spectral_bandwidth),
    "contrast": (contrast_extractor, librosa_spectral_contrast),
    "flatness": (SpectralFlatnessExtractor, librosa_spectral_flatness),
    "polynomial": (PolynomialExtractor, librosa.feature.poly_features),
    "rms": (RMSExtractor, librosa_rms),
    "spectral rms": (SpectralRMSExtractor, librosa_spectral_rms),
    "zero crossings": (ZeroCrossingRateExtractor, librosa_zero_crossing_rate),
    "onset strength": (OnsetStrengthExtractor, librosa_onset_strength),
    "tempogram": (TempogramExtractor, librosa.feature.tempogram),
    "Fourier tempogram": (FourierTempogramExtractor, librosa_fourier_tempogram),
    "tempogram ratio": (TempogramRatioExtractor, librosa.feature.tempogram_ratio),
    "yin": (YINExtractor, librosa_yin),
}

# A rolloff is the frequency of a bin: where a sum meets the threshold within rounding, a frame
# may fall to the next bin. So it is where YIN takes one of two periods, or moves a period by a
# parabola or not at all; and librosa's compiled parabola rounds as float32 in a process that saw
# float32 first, and as float64 in one that saw float64 first: of 5950 frames of music none or 7
# differ. All others are continuous, and no frame may differ.
SHARE_OF_OTHER_FRAMES = {"rolloff": 1e-3, "yin": 3e-3}

# Per-channel energy normalization makes each band as loud as all others, and lossy coding leaves
# bands that hold nothing but the rounding of float32. Frames that are divided by their sum become
# equally loud likewise. A little noise is put under the recordings.
NEED_NOISE = {"pcen", "tonnetz"}
NOISE = 1e-4


def librosa_tempo(y, sr):
    return librosa.feature.tempo(y=y, sr=sr)


def librosa_beats(y, sr):
    tempo, beats = librosa.beat.beat_track(y=y, sr=sr)
    strength = librosa.onset.onset_strength(y=y, sr=sr, aggregate=np.median)[beats]
    intervals = np.diff(librosa.frames_to_time(beats, sr=sr))
    spread = [
        part(values) if len(values) else 0
        for values in (intervals, strength)
        for part in (np.mean, np.std)
    ]
    return np.concatenate([np.atleast_1d(tempo), [len(beats) * sr / len(y)], spread])


# Features of the whole signal, which have one row in place of frames.
WHOLE = {
    "tempo": (TempoExtractor, librosa_tempo),
    "beat": (BeatExtractor, librosa_beats),
}
COLLECTIONS = {
    "music": ("music/*.ogg", 15),
    "instruments": ("instruments/*/*.mp3", 15),
    "digits": ("spoken-digits/*.flac", 30),
}

SETTINGS = [
    ("mfcc", {"n_fft": 1024, "hop_length": 100}),
    ("mfcc", {"n_fft": 1000, "win_length": 333, "window": ("kaiser", 8.0), "n_mels": 40}),
    ("mfcc", {"center": False}),
    ("mfcc", {"n_mfcc": 20, "n_mels": 40, "fmin": 100.0, "fmax": 7000.0, "htk": True}),
    ("mfcc", {"n_mels": 26, "mel_norm": None, "n_deltas": 0}),
    ("mfcc", {"dct_type": 1, "n_deltas": 3}),
    ("mfcc", {"dct_type": 3, "norm": None}),
    ("mfcc", {"lifter": 22, "pad_mode": "reflect"}),
    ("mel", {"n_fft": 4096, "hop_length": 1000, "pad_mode": "edge"}),
    ("mel", {"n_mels": 64, "fmin": 50.0, "fmax": 8000.0}),
    ("mel", {"htk": True, "norm": None, "n_mels": 80}),
    ("mel", {"power": 1.0}),
    ("mel", {"power": 1.5}),
    ("mel", {"win_length": 1200, "window": ("tukey", 0.5), "center": False}),
    ("log mel", {"n_mels": 40, "hop_length": 256}),
    ("log mel", {"top_db": 60.0, "n_fft": 1024}),
    ("log mel", {"top_db": 30.0, "htk": True}),
    ("pcen", {"hop_length": 200, "n_mels": 40}),
    ("pcen", {"gain": 0.8, "bias": 10.0, "power": 0.25}),
    ("pcen", {"power": 0.0, "eps": 1e-3}),
    ("pcen", {"time_constant": 0.06, "full_scale": 1000.0}),
    ("lfcc", {"n_lfcc": 20, "n_bands": 20, "fmin": 1000.0, "fmax": 8000.0}),
    ("lfcc", {"lifter": 22, "n_fft": 512, "hop_length": 160, "win_length": 400}),
    ("bfcc", {"n_bfcc": 20, "n_bands": 40, "fmin": 100.0, "fmax": 7000.0}),
    ("bfcc", {"norm": None, "n_deltas": 1, "n_fft": 1024}),
    ("gfcc", {"n_gfcc": 30, "n_bands": 32, "fmin": 80.0, "fmax": 5000.0}),
    ("gfcc", {"dct_type": 3, "n_fft": 1024, "hop_length": 441}),
    ("chroma", {"n_fft": 4096, "hop_length": 1024}),
    ("chroma", {"n_chroma": 24}),
    ("chroma", {"n_chroma": 36, "tuning": -0.25}),
    ("chroma", {"norm": 1}),
    ("chroma", {"norm": 2, "win_length": 1500}),
    ("chroma", {"norm": None, "window": "blackman"}),
    ("chroma", {"tuning": 0.3, "center": False}),
    ("chroma", {"pad_mode": "reflect"}),
    ("constant Q", {"n_octaves": 7, "bins_per_octave": 36, "tuning": None}),
    ("constant Q", {"hop_length": 441}),  # an odd number cannot be halved
    ("constant Q", {"hop_length": 64, "fmin": 100.0, "n_octaves": 3}),
    ("constant Q", {"hop_length": 4096, "n_octaves": 5, "tuning": -0.3}),
    ("constant Q", {"fmin": 261.6, "n_octaves": 1, "bins_per_octave": 2}),
    ("chroma cqt", {"n_octaves": 7, "norm": np.inf}),
    ("chroma cqt", {"n_octaves": 7, "norm": 1}),
    ("chroma cqt", {"n_octaves": 7, "norm": 2, "threshold": 0.5}),
    ("chroma cqt", {"n_octaves": 7, "bins_per_octave": 12}),
    ("chroma cqt", {"n_chroma": 24, "bins_per_octave": 24, "tuning": 0.25}),
    ("chroma cqt", {"fmin": 110.0, "n_octaves": 4}),
    ("chroma cqt", {"window": (0.2, 0.6, 0.2)}),
    ("chroma cqt", {"window": (0.1, 0.2, 0.3, 0.4), "hop_length": 1024}),
    ("chroma cens", {"n_octaves": 7, "bins_per_octave": 12}),
    ("chroma cens", {"win_len_smooth": None}),
    ("chroma cens", {"win_len_smooth": 10, "smoothing_window": "hamming"}),
    ("chroma cens", {"norm": 1, "smoothing_window": ("kaiser", 4.0), "n_chroma": 6}),
    ("chroma vqt", {"intervals": "ji5"}),
    ("chroma vqt", {"intervals": "pythagorean", "gamma": None}),
    ("chroma vqt", {"intervals": "ji7", "bins_per_octave": 24, "gamma": 5.0}),
    ("chroma vqt", {"intervals": (1.0, 1.1, 1.3, 1.5, 1.8), "fmin": 50.0}),
    ("chroma vqt", {"hop_length": 500, "n_octaves": 3, "norm": 1, "threshold": 0.1}),
    ("tonnetz", {"n_octaves": 7}),
    ("tonnetz", {"n_octaves": 7, "bins_per_octave": 12, "chroma": "cens"}),
    ("tonnetz", {"n_chroma": 36}),
    ("centroid", {"n_fft": 511, "hop_length": 128}),
    ("centroid", {"win_length": 800, "window": ("gaussian", 200)}),
    ("centroid", {"center": False}),
    ("centroid", {"pad_mode": "edge"}),
    ("rolloff", {"roll_percent": 0.1}),
    ("rolloff", {"roll_percent": 0.5, "n_fft": 1024, "hop_length": 256}),
    ("rolloff", {"win_length": 1000, "window": "hamming", "center": False}),
    ("rolloff", {"pad_mode": "symmetric"}),
    ("bandwidth", {"p": 1}),
    ("bandwidth", {"p": 3, "norm": False, "n_fft": 1024}),
    ("bandwidth", {"norm": False, "center": False}),
    ("bandwidth", {"pad_mode": "reflect"}),
    ("contrast", {"n_bands": 4, "fmin": 300.0}),
    ("contrast", {"quantile": 0.1, "n_fft": 4096}),
    ("contrast", {"quantile": 0.3, "n_bands": 2}),
    ("contrast", {"linear": True, "n_bands": 5}),
    ("contrast", {"center": False}),
    ("contrast", {"pad_mode": "reflect"}),
    ("flatness", {"amin": 1e-6}),
    ("flatness", {"power": 1.0, "precision": "double"}),
    ("flatness", {"power": 1.5, "n_fft": 512, "hop_length": 256}),
    ("flatness", {"win_length": 800}),
    ("polynomial", {"order": 0}),
    ("polynomial", {"order": 2}),
    ("polynomial", {"order": 3, "n_fft": 1024}),
    ("polynomial", {"center": False}),
    ("rms", {"frame_length": 1000, "hop_length": 250, "pad_mode": "reflect"}),
    ("rms", {"frame_length": 501, "pad_mode": "edge"}),
    ("rms", {"center": False}),
    ("spectral rms", {"n_fft": 511, "window": "blackman"}),
    ("spectral rms", {"n_fft": 1024, "win_length": 800, "center": False}),
    ("zero crossings", {"frame_length": 1000, "hop_length": 1500}),
    ("zero crossings", {"center": False}),
    ("onset strength", {"n_fft": 1024, "hop_length": 128, "lag": 3}),
    ("onset strength", {"max_size": 4, "n_mels": 80, "fmin": 30.0, "fmax": 8000.0}),
    ("onset strength", {"aggregate": "median", "window": "hamming", "win_length": 1500}),
    ("onset strength", {"n_fft": 512, "n_mels": 40, "pad_mode": "reflect"}),
    ("tempogram", {"win_length": 101, "window": "hamming", "norm": None}),
    ("tempogram", {"win_length": 200, "hop_length": 256, "norm": 1}),
    ("tempogram", {"window": ("kaiser", 4.0), "norm": 2}),
    ("Fourier tempogram", {"win_length": 101, "window": "blackman"}),
    ("Fourier tempogram", {"win_length": 500, "hop_length": 256}),
    ("tempogram ratio", {"win_length": 200, "start_bpm": 80, "std_bpm": 0.3}),
    ("tempogram ratio", {"max_tempo": 100.0, "hop_length": 1000, "norm": None}),
    ("tempogram ratio", {"max_tempo": None, "window": "boxcar", "start_bpm": 200}),
    ("yin", {"frame_length": 1500, "hop_length": 400}),
    ("yin", {"frame_length": 4096, "fmin": 30.0, "fmax": 8000.0, "pad_mode": "reflect"}),
    ("yin", {"fmin": 100.0, "fmax": 400.0, "center": False}),
    ("yin", {"trough_threshold": 0.4, "pad_mode": "edge"}),
    ("yin", {"trough_threshold": 0.001, "fmax": 11025.0}),
]


def decoded(path):
    """Return name, samples and rate of the first ten seconds of a recording."""
    rate = soundfile.info(path).samplerate
    samples, _ = soundfile.read(path, frames=10 * rate, dtype="float32", always_2d=True)
    return path.name, samples.mean(axis=1), rate


def prepared(sound, feature):
    name, samples, rate = sound
    if feature in NEED_NOISE:
        noise = NOISE * np.random.default_rng(0).normal(size=len(samples))
        samples = samples + noise.astype(np.float32)
    return name, samples, rate


@pytest.fixture(scope="session")
def recordings(shared_data):
    """Return evenly chosen recordings of each collection, each decoded once."""
    chosen = {}
    for collection, (pattern, count) in COLLECTIONS.items():
        paths = sorted(shared_data.glob(pattern))
        chosen[collection] = [decoded(path) for path in paths[:: len(paths) // count][:count]]
        assert len(chosen[collection]) == count
    return chosen


@pytest.fixture(scope="module")
def glissando():
    """Return two seconds of a rising tone with overtones, noise and a pause."""
    time = np.arange(2 * RATE) / RATE
    phase = 2 * np.pi * (220 * time + 200 * time**2)
    samples = sum(np.sin(harmonic * phase) / harmonic for harmonic in (1, 2, 3))
    samples += 0.01 * np.random.default_rng(0).normal(size=len(time))
    samples[15000:25000] = 0
    return "glissando", samples.astype(np.float32), RATE


@pytest.fixture(
    scope="module",
    params=[(name, kind) for name in FEATURES for kind in COLLECTIONS],
    ids=" of ".join,
)
def expectations(request, recordings):
    """Return a feature, and librosa's frames of each recording of a collection."""
    feature, collection = request.param
    _, reference = FEATURES[feature]
    sounds = [prepared(sound, feature) for sound in recordings[collection]]
    expected = [(sound, reference(y=sound[1], sr=sound[2]).T) for sound in sounds]
    return feature, expected


@pytest.mark.shared_data
def test_frames_of_recordings_are_those_of_librosa(expectations):
    feature, expected_of_sounds = expectations
    n_frames = n_others = 0
    for sound, expected in expected_of_sounds:
        n_others += count_other_frames(frames_of(feature, sound), expected, sound)
        n_frames += len(expected)
    assert n_others <= SHARE_OF_OTHER_FRAMES.get(feature, 0) * n_frames


@pytest.mark.shared_data
def test_rows_of_recordings_are_mean_and_deviation_of_the_frames_of_librosa(expectations):
    feature, expected_of_sounds = expectations
    extractor, _ = FEATURES[feature]
    for (name, samples, rate), frames in expected_of_sounds:
        [row] = extractor(sample_rate=rate).fit_transform([samples])
        expected = np.concatenate([frames.mean(axis=0), frames.std(axis=0)])
        assert row.shape == expected.shape
        assert (np.abs(row - expected) <= np.tile(tolerance(frames), 2)).all(), name


@pytest.mark.shared_data
@pytest.mark.parametrize("collection", COLLECTIONS)
@pytest.mark.parametrize("feature", WHOLE)
def test_rows_of_features_of_the_whole_signal_are_those_of_librosa(feature, collection, recordings):
    extractor, reference = WHOLE[feature]
    for name, samples, rate in recordings[collection]:
        [row] = extractor(sample_rate=rate).fit_transform([samples])
        expected = reference(y=samples, sr=rate)
        np.testing.assert_allclose(row, expected, rtol=TOLERANCE, atol=1e-6, err_msg=name)


@pytest.mark.parametrize(("feature", "parameters"), SETTINGS, ids=str)
def test_parameters_mean_what_they_mean_in_librosa(feature, parameters, glissando):
    assert_equal_to_librosa(feature, prepared(glissando, feature), **parameters)


@pytest.mark.shared_data
@pytest.mark.parametrize(("feature", "parameters"), SETTINGS, ids=str)
def test_parameters_mean_what_they_mean_in_librosa_for_music(feature, parameters, recordings):
    assert_equal_to_librosa(feature, prepared(recordings["music"][3], feature), **parameters)


@pytest.mark.parametrize("n_samples", [1, 2, 511, 512, 2047, 2048, 2049, 63 * 512, 64 * 512])
@pytest.mark.parametrize("feature", FEATURES)
def test_signals_about_as_long_as_a_frame_or_a_block_are_those_of_librosa(
    feature, n_samples, glissando
):
    _, samples, rate = prepared(glissando, feature)
    assert_equal_to_librosa(feature, (f"{n_samples} samples", samples[:n_samples], rate))


@pytest.mark.parametrize("feature", FEATURES)
def test_silence_is_what_it_is_in_librosa(feature):
    assert_equal_to_librosa(feature, ("silence", np.zeros(5000, dtype=np.float32), RATE))


def assert_equal_to_librosa(feature, sound, **parameters):
    _, samples, rate = sound
    _, reference = FEATURES[feature]
    # librosa transforms in double precision, whatever is wanted of us.
    theirs = {name: value for name, value in parameters.items() if name != "precision"}
    expected = reference(y=samples, sr=rate, **theirs).T
    n_others = count_other_frames(frames_of(feature, sound, **parameters), expected, sound)
    assert n_others <= math.ceil(SHARE_OF_OTHER_FRAMES.get(feature, 0) * len(expected))


def frames_of(feature, sound, **parameters):
    _, samples, rate = sound
    extractor, _ = FEATURES[feature]
    [frames] = extractor(summary=None, sample_rate=rate, **parameters).fit_transform([samples])
    return frames


def count_other_frames(frames, expected, sound):
    assert frames.shape == expected.shape, sound[0]
    assert frames.dtype == np.float32
    return np.count_nonzero((np.abs(frames - expected) > tolerance(expected)).any(axis=1))


def tolerance(expected):
    """Return the error allowed for each value of a frame."""
    largest = np.abs(expected).max(axis=0)
    return TOLERANCE * largest + ROUNDING * largest.max()
