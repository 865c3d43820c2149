"""The 518 values that were published with the FMA data set, of 30 s."""

import librosa
import numpy as np
import scipy.stats
from measuring import RATE, at_least, medians, relative_difference, table, thirty_seconds

from sklearn_audio import fma_features


def fma_frames(samples, rate):
    """Return the frames of the 11 features by their names, with both transforms shared by hand.

    One constant-Q and one Fourier transform, as in M. Defferrard et al., *FMA: A Dataset for Music
    Analysis* (2017).
    """
    feature = librosa.feature
    constant_q = np.abs(librosa.cqt(samples, sr=rate, bins_per_octave=12, n_bins=84, tuning=None))
    cens = feature.chroma_cens(C=constant_q, bins_per_octave=12)
    magnitude = np.abs(librosa.stft(samples))
    mel = feature.melspectrogram(S=magnitude**2, sr=rate)
    return {
        "chroma_stft": feature.chroma_stft(S=magnitude**2, sr=rate),
        "chroma_cqt": feature.chroma_cqt(C=constant_q, bins_per_octave=12),
        "chroma_cens": cens,
        "tonnetz": feature.tonnetz(chroma=cens),
        "mfcc": feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=20),
        "rms": feature.rms(S=magnitude),
        "zcr": feature.zero_crossing_rate(samples),
        "spectral_centroid": feature.spectral_centroid(S=magnitude, sr=rate),
        "spectral_bandwidth": feature.spectral_bandwidth(S=magnitude, sr=rate),
        "spectral_contrast": feature.spectral_contrast(S=magnitude, sr=rate),
        "spectral_rolloff": feature.spectral_rolloff(S=magnitude, sr=rate),
    }


def seven_statistics(frames):
    """Return seven statistics of frames of shape (n_values, n_frames), one row each."""
    return np.array(
        [
            np.mean(frames, axis=1),
            np.std(frames, axis=1),
            scipy.stats.skew(frames, axis=1),
            scipy.stats.kurtosis(frames, axis=1),
            np.median(frames, axis=1),
            np.min(frames, axis=1),
            np.max(frames, axis=1),
        ]
    )


def bench_fma():
    """All 518 values, beside librosa with both transforms shared by hand."""
    samples = thirty_seconds()
    features = fma_features(sample_rate=RATE)

    def by_librosa():
        return {
            name: seven_statistics(frames) for name, frames in fma_frames(samples, RATE).items()
        }

    ours, theirs = "sklearn_audio, fma_features()", "librosa, both transforms shared by hand"
    seconds = medians({ours: lambda: features.transform([samples]), theirs: by_librosa})
    expected = by_librosa()
    differences = {
        name: relative_difference(branch.transform([samples]), expected[name].reshape(1, -1))
        for name, branch in features.transformer_list
    }
    assert sum(statistics.size for statistics in expected.values()) == 518
    return (
        table("The 518 values of the FMA data set, of 30 s", seconds, ours)
        + at_least(3, seconds[theirs] / seconds[ours], "times as fast as librosa")
        + "\nLargest relative difference to librosa: "
        + ", ".join(f"{name} {difference:.0e}" for name, difference in differences.items())
        + ".\n"
    )
