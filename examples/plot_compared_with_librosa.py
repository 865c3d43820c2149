"""
The same features, by hand and in a union
=========================================

Six features of a few recordings: a loop around librosa, the same loop with the spectrum shared by
hand, and a union of extractors. The numbers are the same; the lines and the seconds are not.
"""

# %%
# Four recordings
# ---------------
#
# Tones with noise, ten seconds each, written to a folder.

import tempfile
from pathlib import Path

from sklearn_audio import write_audio
from sklearn_audio.datasets import make_tones

tones = make_tones(4, duration=10, noise=0.05, random_state=0)
folder = Path(tempfile.mkdtemp())
paths = [str(folder / f"tone_{number}.wav") for number in range(4)]
for path, samples in zip(paths, tones.signals, strict=True):
    write_audio(path, samples, tones.sample_rate, clipping="scale")

# %%
# By hand
# -------
#
# What is written again for each project: load, compute, take statistics, and keep the order of
# the columns for the next set of recordings.

import librosa
import numpy as np
import soundfile


def by_hand(paths):
    rows = []
    for path in paths:
        y, rate = soundfile.read(path, dtype="float32")
        mfcc = librosa.feature.mfcc(y=y, sr=rate, n_mfcc=13)
        features = [
            np.concatenate([mfcc, librosa.feature.delta(mfcc)]),
            librosa.feature.chroma_stft(y=y, sr=rate),
            librosa.feature.spectral_centroid(y=y, sr=rate),
            librosa.feature.spectral_rolloff(y=y, sr=rate),
            librosa.feature.spectral_flatness(y=y),
            librosa.feature.zero_crossing_rate(y),
        ]
        statistics = [(frames.mean(axis=1), frames.std(axis=1)) for frames in features]
        rows.append(np.concatenate([value for both in statistics for value in both]))
    return np.array(rows)


# %%
# By hand, and careful
# --------------------
#
# All but the last feature begin with the same spectrum. Whoever knows which function wants
# magnitudes and which one wants power, computes it once.


def by_hand_shared(paths):
    rows = []
    for path in paths:
        y, rate = soundfile.read(path, dtype="float32")
        magnitude = np.abs(librosa.stft(y))
        power = magnitude**2
        mel = librosa.feature.melspectrogram(S=power, sr=rate)
        mfcc = librosa.feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=13)
        features = [
            np.concatenate([mfcc, librosa.feature.delta(mfcc)]),
            librosa.feature.chroma_stft(S=power, sr=rate),
            librosa.feature.spectral_centroid(S=magnitude, sr=rate),
            librosa.feature.spectral_rolloff(S=magnitude, sr=rate),
            librosa.feature.spectral_flatness(S=magnitude),
            librosa.feature.zero_crossing_rate(y),
        ]
        statistics = [(frames.mean(axis=1), frames.std(axis=1)) for frames in features]
        rows.append(np.concatenate([value for both in statistics for value in both]))
    return np.array(rows)


# %%
# As a union
# ----------
#
# The order of the columns is that of the extractors, and they have names. The spectrum is shared,
# because the extractors agree on its settings.

from sklearn_audio import (
    ChromaExtractor,
    Loader,
    MFCCExtractor,
    SpectralCentroidExtractor,
    SpectralFlatnessExtractor,
    SpectralRolloffExtractor,
    ZeroCrossingRateExtractor,
    make_union,
)


def as_union(paths):
    union = make_union(
        MFCCExtractor(n_mfcc=13, n_deltas=1),
        ChromaExtractor(),
        SpectralCentroidExtractor(),
        SpectralRolloffExtractor(),
        SpectralFlatnessExtractor(),
        ZeroCrossingRateExtractor(),
    )
    return union.fit_transform(Loader().transform(paths))


# %%
# The same numbers
# ----------------
#
# To a ten-thousandth of each value, and to 0.001 for coefficients around zero. Single precision
# gives no more.

rows = as_union(paths)
np.testing.assert_allclose(rows, by_hand(paths), rtol=1e-4, atol=1e-3)
np.testing.assert_allclose(rows, by_hand_shared(paths), rtol=1e-4, atol=1e-3)
print(f"{rows.shape[1]} columns of {rows.shape[0]} recordings agree")

# %%
# Lines and seconds
# -----------------
#
# All three have run once, so librosa has compiled what it compiles. The seconds are those that
# the processor was busy with one thread, medians of five runs that take turns.

import inspect
import statistics
import time

import matplotlib.pyplot as plt
from threadpoolctl import threadpool_limits

functions = {"by hand": by_hand, "spectrum shared": by_hand_shared, "union": as_union}
seconds = {name: [] for name in functions}
with threadpool_limits(1):
    for name, function in 5 * list(functions.items()):
        start = time.process_time()
        function(paths)
        seconds[name].append(time.process_time() - start)
medians = {name: statistics.median(each) for name, each in seconds.items()}
lines = {
    name: len(inspect.getsource(function).splitlines()) for name, function in functions.items()
}

figure, axes = plt.subplots(1, 2, figsize=(9, 3.5), sharey=True, layout="constrained")
colors = ["#999999", "#56B4E9", "#E69F00"]
for ax, values, text in [
    (axes[0], lines, "lines of code"),
    (axes[1], medians, "processor time for 40 s of sound (s)"),
]:
    bars = ax.barh(list(values), list(values.values()), color=colors)
    ax.bar_label(bars, fmt="{:.3g}", padding=3)
    ax.set(xlabel=text, xlim=(0, 1.2 * max(values.values())))
axes[0].invert_yaxis()

for name in ["by hand", "spectrum shared"]:
    print(f"union: {medians[name] / medians['union']:.1f} times as fast as {name}")

# %%
# This is one run on one machine, that on which this page was made. On another one, with other
# features or other lengths, the ratio is another one; this script measures it.

for path in paths:
    Path(path).unlink()
folder.rmdir()
