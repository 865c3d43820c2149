"""Many features of 30 s at once: how much one shared transform is worth."""

import librosa
import numpy as np
import scipy.fft
from measuring import RATE, at_least, at_most, medians, relative_difference, table, thirty_seconds
from one_feature import FLOOR, frames_of
from peers import N_MFCC, afx

from sklearn_audio import (
    ChromaExtractor,
    MFCCExtractor,
    RMSExtractor,
    SpectralBandwidthExtractor,
    SpectralCentroidExtractor,
    SpectralContrastExtractor,
    SpectralFlatnessExtractor,
    SpectralRolloffExtractor,
    ZeroCrossingRateExtractor,
    make_union,
)

FRAMING = {"frame_size": 2048, "hop_length": 512}
# In the order of the columns of nine_extractors, by the names that afx-audio gives them.
NINE = {
    "mfcc": {"n_mfcc": N_MFCC},
    "chroma_stft": {},
    "spectral_centroid": {},
    "spectral_bandwidth": {},
    "spectral_contrast": {},
    "spectral_flatness": {},
    "spectral_rolloff": {},
    "rms_energy": {},
    "zcr": {},
}


def nine_extractors(rate=None, tuning=None, **contrast):
    """Return the nine extractors; the parameters are those of chroma and contrast."""
    return [
        MFCCExtractor(n_mfcc=N_MFCC, n_deltas=0, sample_rate=rate),
        ChromaExtractor(tuning=tuning, sample_rate=rate),
        SpectralCentroidExtractor(sample_rate=rate),
        SpectralBandwidthExtractor(sample_rate=rate),
        SpectralContrastExtractor(sample_rate=rate, **contrast),
        SpectralFlatnessExtractor(sample_rate=rate),
        SpectralRolloffExtractor(sample_rate=rate),
        RMSExtractor(sample_rate=rate),
        ZeroCrossingRateExtractor(sample_rate=rate),
    ]


def nine_by_librosa(samples, rate, tuning=None):
    """Return the frames of the nine features, each with a transform of its own."""
    feature = librosa.feature
    return [
        feature.mfcc(y=samples, sr=rate, n_mfcc=N_MFCC),
        feature.chroma_stft(y=samples, sr=rate, tuning=tuning),
        feature.spectral_centroid(y=samples, sr=rate),
        feature.spectral_bandwidth(y=samples, sr=rate),
        feature.spectral_contrast(y=samples, sr=rate),
        feature.spectral_flatness(y=samples),
        feature.spectral_rolloff(y=samples, sr=rate),
        feature.rms(y=samples),
        feature.zero_crossing_rate(samples),
    ]


def nine_by_librosa_shared(samples, rate):
    """Return the frames of the nine features, with one transform shared by hand."""
    feature = librosa.feature
    magnitude = np.abs(librosa.stft(samples))
    power = magnitude**2
    mel = librosa.power_to_db(feature.melspectrogram(S=power, sr=rate))
    return [
        feature.mfcc(S=mel, n_mfcc=N_MFCC),
        feature.chroma_stft(S=power, sr=rate),
        feature.spectral_centroid(S=magnitude, sr=rate),
        feature.spectral_bandwidth(S=magnitude, sr=rate),
        feature.spectral_contrast(S=magnitude, sr=rate),
        feature.spectral_flatness(S=magnitude),
        feature.spectral_rolloff(S=magnitude, sr=rate),
        feature.rms(y=samples),
        feature.zero_crossing_rate(samples),
    ]


def nine_by_afx(samples, rate):
    """Return the frames of the nine features; it shares its transform by itself."""
    afx.clear_stft_cache()
    return [
        afx.FEATURE_MAP[name](samples, rate, **FRAMING, **parameters)[name]
        for name, parameters in NINE.items()
    ]


def mean_and_std(all_frames):
    """Return a row of the mean and the standard deviation of each feature."""
    rows = [
        np.r_[frames.mean(axis=1), frames.std(axis=1)] for frames in map(np.atleast_2d, all_frames)
    ]
    return np.concatenate(rows)


def bench_nine():
    """Nine features of 30 s in one union, one by one, and by the peers."""
    samples = thirty_seconds()
    frames = frames_of(samples)
    extractors = nine_extractors(RATE)
    union = make_union(*extractors)
    shared = make_union(*nine_extractors(RATE, precision="single"))
    untuned = make_union(*nine_extractors(RATE, tuning=0.0))
    ours = "sklearn_audio, in one union"
    single = "the same, contrast in single precision"
    functions = {
        ours: lambda: union.transform([samples]),
        single: lambda: shared.transform([samples]),
        "the same, chroma with tuning=0": lambda: untuned.transform([samples]),
        "sklearn_audio, one by one": lambda: [each.transform([samples]) for each in extractors],
        "librosa, one by one": lambda: mean_and_std(nine_by_librosa(samples, RATE)),
        "librosa, spectrum shared by hand": lambda: mean_and_std(
            nine_by_librosa_shared(samples, RATE)
        ),
    }
    if afx:
        functions["afx-audio, chroma with tuning=0"] = lambda: mean_and_std(
            nine_by_afx(samples, RATE)
        )
    functions[FLOOR] = lambda: scipy.fft.rfft(frames)
    seconds = medians(functions)

    # Contrast has a transform in double precision of its own, unless it is told to share.
    targets = ""
    for name, case in {ours: "", single: ", contrast in single precision"}.items():
        times_as_fast = seconds["librosa, one by one"] / seconds[name]
        targets += at_least(8, times_as_fast, f"times as fast as librosa one by one{case}")
        if afx:
            times_as_fast = seconds["afx-audio, chroma with tuning=0"] / seconds[name]
            targets += at_least(4, times_as_fast, f"times as fast as afx-audio{case}")
        times_as_long = seconds[name] / seconds[FLOOR]
        targets += at_most(5, times_as_long, f"times as long as the bare transform{case}")
    differences = _differences("sklearn_audio", extractors_frames(samples), samples, tuning=None)
    if afx:
        targets += at_least(
            1,
            seconds["afx-audio, chroma with tuning=0"] / seconds["the same, chroma with tuning=0"],
            "times as fast as afx-audio, both without an estimate of the tuning",
        )
        differences += _differences("afx-audio", nine_by_afx(samples, RATE), samples, tuning=0.0)
    return (
        table(
            "Nine features of 30 s (mfcc, chroma, centroid, bandwidth, contrast, flatness, "
            "rolloff, rms, zcr; mean and std)",
            seconds,
            ours,
        )
        + "\nContrast is computed from a transform in double precision, as by librosa, unless told "
        "otherwise: two transforms, then, or one. afx-audio has all nine and shares one transform; "
        "it never estimates the tuning. A difference of the rolloff is one bin, 10.8 Hz.\n"
        + targets
        + differences
    )


def extractors_frames(samples):
    """Return the frames of the nine extractors in the layout of librosa."""
    extractors = [each.set_params(summary=None) for each in nine_extractors(RATE)]
    return [each.transform([samples])[0].T for each in extractors]


def _differences(whose, all_frames, samples, tuning):
    expected = nine_by_librosa(samples, RATE, tuning)
    figures = ", ".join(
        f"{name} {relative_difference(np.atleast_2d(frames), reference):.0e}"
        for name, frames, reference in zip(NINE, all_frames, expected, strict=True)
    )
    return f"\nLargest relative difference of {whose} to librosa: {figures}.\n"
