"""MFCC of long and of short signals, and each feature alone, by this project and its peers."""

import librosa
import numpy as np
import scipy.fft
import soundfile
from measuring import (
    RATE,
    at_least,
    at_most,
    digit_files,
    medians,
    relative_difference,
    table,
    thirty_seconds,
)
from peers import HOP_LENGTH, N_FFT, afx, mfcc_functions, opensmile, same_numbers

from sklearn_audio import (
    ChromaCQTExtractor,
    ChromaExtractor,
    HarmonicSeparator,
    MFCCExtractor,
    PYINExtractor,
    RMSExtractor,
    Signal,
    SpectralBandwidthExtractor,
    SpectralCentroidExtractor,
    SpectralContrastExtractor,
    SpectralFlatnessExtractor,
    SpectralRolloffExtractor,
    TempogramExtractor,
    TonnetzExtractor,
    YINExtractor,
    ZeroCrossingRateExtractor,
)
from sklearn_audio.features.spectrum import PowerSpectrum

FLOOR = "bare scipy.fft.rfft of its frames"


def frames_of(samples):
    """Return the frames that are transformed, one after the other in memory."""
    padded = np.pad(samples, N_FFT // 2)
    frames = librosa.util.frame(padded, frame_length=N_FFT, hop_length=HOP_LENGTH)
    return np.ascontiguousarray(frames.T)


def bench_mfcc():
    """MFCC of 30 s beside all peers and the bare transform."""
    samples = thirty_seconds()
    frames = frames_of(samples)
    extractor = MFCCExtractor(n_deltas=0, summary=None, sample_rate=RATE)
    peers = mfcc_functions(RATE)
    seconds = medians(
        {
            "sklearn_audio": lambda: extractor.transform([samples]),
            FLOOR: lambda: scipy.fft.rfft(frames),
            **{name: lambda mfcc=mfcc: mfcc(samples) for name, mfcc in peers.items()},
        }
    )
    ours, expected = seconds["sklearn_audio"], peers["librosa"](samples)
    differences = {"sklearn_audio": extractor.transform([samples])[0].T} | {
        name: peers[name](samples) for name in same_numbers(peers)
    }
    return (
        table("MFCC (13 coefficients) of 30 s at 22,050 Hz", seconds, "sklearn_audio")
        + at_most(1.6, ours / seconds[FLOOR], "times as long as the bare transform")
        + at_least(3, seconds["librosa"] / ours, "times as fast as librosa")
        + (at_least(3, seconds["afx-audio"] / ours, "times as fast as afx-audio") if afx else "")
        + _fastest(seconds)
        + "\nLargest relative difference to librosa: "
        + ", ".join(
            f"{name} {relative_difference(values, expected):.0e}"
            for name, values in differences.items()
        )
        + ". kaldi-native-fbank and python_speech_features do the same work with mel scales and "
        "logarithms of their own.\n"
    )


def short_signals(n_signals=200):
    """Return half a second of each of some digits, at 8 kHz; shorter ones are repeated."""
    paths = digit_files()
    paths = paths[:: len(paths) // n_signals][:n_signals]
    return np.array(
        [np.resize(soundfile.read(path, dtype="float32")[0], 4000) for path in paths],
        dtype=np.float32,
    )


def bench_short_mfcc():
    """MFCC of half a second at 8 kHz, time a signal."""
    signals = short_signals()
    all_frames = [frames_of(samples) for samples in signals]
    extractor = MFCCExtractor(n_deltas=0, sample_rate=8000)

    def by_peer(mfcc):
        def rows():
            return [np.r_[frames.mean(axis=1), frames.std(axis=1)] for frames in map(mfcc, signals)]

        return rows

    seconds = medians(
        {
            "sklearn_audio": lambda: extractor.transform(signals),
            "sklearn_audio, one call a signal": lambda: [
                extractor.transform([samples]) for samples in signals
            ],
            FLOOR: lambda: [scipy.fft.rfft(frames) for frames in all_frames],
            **{name: by_peer(mfcc) for name, mfcc in mfcc_functions(8000).items()},
        }
    )
    ours = seconds["sklearn_audio"]
    title = f"MFCC of 0.5 s at 8 kHz, mean and std, a batch of {len(signals)} signals"
    return (
        table(title, seconds, "sklearn_audio", len(signals))
        + at_least(3, seconds["librosa"] / ours, "times as fast as librosa")
        + _fastest(seconds)
    )


def _fastest(seconds):
    peers = {
        name: value
        for name, value in seconds.items()
        if name != FLOOR and not name.startswith("sklearn_audio")
    }
    best = min(peers, key=peers.get)
    return at_least(
        1, peers[best] / seconds["sklearn_audio"], f"times as fast as {best}, the fastest peer"
    )


def bench_each():
    """Each feature of 30 s alone, beside librosa."""
    samples = thirty_seconds()
    feature = librosa.feature
    pitch = {"fmin": librosa.note_to_hz("C2"), "fmax": librosa.note_to_hz("C7")}
    spectral = {"sample_rate": RATE, "summary": None}

    def by_extractor(extractor):
        return lambda: extractor.transform([samples])

    def by_librosa(function, **parameters):
        return lambda: function(y=samples, sr=RATE, **parameters)

    pairs = {
        "mfcc": (
            by_extractor(MFCCExtractor(n_deltas=0, **spectral)),
            by_librosa(feature.mfcc, n_mfcc=13),
        ),
        "chroma_stft": (by_extractor(ChromaExtractor(**spectral)), by_librosa(feature.chroma_stft)),
        "spectral_centroid": (
            by_extractor(SpectralCentroidExtractor(**spectral)),
            by_librosa(feature.spectral_centroid),
        ),
        "spectral_bandwidth": (
            by_extractor(SpectralBandwidthExtractor(**spectral)),
            by_librosa(feature.spectral_bandwidth),
        ),
        "spectral_contrast": (
            by_extractor(SpectralContrastExtractor(**spectral)),
            by_librosa(feature.spectral_contrast),
        ),
        "spectral_flatness": (
            by_extractor(SpectralFlatnessExtractor(summary=None)),
            lambda: feature.spectral_flatness(y=samples),
        ),
        "spectral_rolloff": (
            by_extractor(SpectralRolloffExtractor(**spectral)),
            by_librosa(feature.spectral_rolloff),
        ),
        "rms": (by_extractor(RMSExtractor(summary=None)), lambda: feature.rms(y=samples)),
        "zero_crossing_rate": (
            by_extractor(ZeroCrossingRateExtractor(summary=None)),
            lambda: feature.zero_crossing_rate(samples),
        ),
        "tuning estimate": (
            lambda: PowerSpectrum(Signal(samples, RATE), ChromaExtractor().domain()).tuning(12),
            by_librosa(librosa.estimate_tuning, bins_per_octave=12),
        ),
        "chroma_cqt": (
            by_extractor(ChromaCQTExtractor(**spectral)),
            by_librosa(feature.chroma_cqt),
        ),
        "tonnetz": (by_extractor(TonnetzExtractor(**spectral)), by_librosa(feature.tonnetz)),
        "tempogram": (
            by_extractor(TempogramExtractor(**spectral)),
            by_librosa(feature.tempogram),
        ),
        "harmonic part (a step)": (
            by_extractor(HarmonicSeparator()),
            lambda: librosa.effects.harmonic(samples),
        ),
        "yin": (by_extractor(YINExtractor(**spectral)), by_librosa(librosa.yin, **pitch)),
        "pyin": (by_extractor(PYINExtractor(**spectral)), by_librosa(librosa.pyin, **pitch)),
    }
    seconds = medians(
        {
            (name, whose): function
            for name, pair in pairs.items()
            for whose, function in zip(("ours", "librosa"), pair, strict=True)
        }
    )
    times_as_fast = {name: seconds[name, "librosa"] / seconds[name, "ours"] for name in pairs}
    lines = [
        "### Each feature alone, 30 s at 22,050 Hz",
        "",
        "| feature | sklearn_audio (ms) | librosa (ms) | times as fast as librosa |",
        "|---|---|---|---|",
        *(
            f"| {name} | {seconds[name, 'ours'] * 1e3:.1f} | {seconds[name, 'librosa'] * 1e3:.1f} "
            f"| {ratio:.2f} |"
            for name, ratio in times_as_fast.items()
        ),
    ]
    slowest = min(times_as_fast, key=times_as_fast.get)
    return (
        "\n".join(lines)
        + "\n"
        + at_least(
            1, times_as_fast[slowest], f"times as fast as librosa, each ({slowest} is the worst)"
        )
        + _opensmile_line(samples)
    )


def _opensmile_line(samples):
    if opensmile is None:
        return ""
    smile = opensmile.Smile(
        feature_set=opensmile.FeatureSet.eGeMAPSv02,
        feature_level=opensmile.FeatureLevel.Functionals,
    )
    (seconds,) = medians({"eGeMAPSv02": lambda: smile.process_signal(samples, RATE)}).values()
    return (
        f"\nFor scale only: the 88 eGeMAPSv02 functionals of the same 30 s take opensmile "
        f"{seconds * 1e3:.0f} ms. They are other features (pitch, jitter, formants, loudness) at "
        "other frames, so no ratio is given.\n"
    )
