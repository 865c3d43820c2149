"""
A tour of the displays
======================

Waveforms, spectrograms and features over time, each drawn by one line, by the convention of
scikit-learn's displays: ``from_signal`` for a signal, ``from_estimator`` for what a pipeline
makes of it.
"""

# %%
# A melody
# --------
#
# Four notes of a broken chord, C4, E4, G4 and C5, each with five harmonics, and a little noise. A
# signal shows itself, with its sound.

import numpy as np

from sklearn_audio import Signal

rate = 22050
time = np.arange(round(0.5 * rate)) / rate
notes = [261.63, 329.63, 392.00, 523.25]  # Hz
tones = [
    sum(np.sin(2 * np.pi * k * note * time) / k for k in range(1, 6)) * np.exp(-4 * time)
    for note in notes
]
noise = 0.002 * np.random.default_rng(0).normal(size=round(2.6 * rate))
samples = 0.4 * np.concatenate([np.zeros(round(0.3 * rate)), *tones, np.zeros(round(0.3 * rate))])
melody = Signal(samples + noise, rate)
melody

# %%
# Waveforms
# ---------
#
# All of it, and a stretch so short that samples can be seen, with the points where it crosses
# zero.

import matplotlib.pyplot as plt

from sklearn_audio.plotting import WaveformDisplay

figure, axes = plt.subplots(2, 1, figsize=(8, 5), layout="constrained")
WaveformDisplay.from_signal(melody, ax=axes[0])
zoom = WaveformDisplay.from_signal(melody, start=0.4, end=0.408, zero_crossings=True, ax=axes[1])
print(zoom.n_zero_crossings, "zero crossings")

# %%
# Spectrograms
# ------------
#
# The axis of frequencies may be linear, which shows that harmonics are equally far from each
# other, logarithmic, on which an octave is as long everywhere, or that of mel bands, which is
# what most features begin with.

from sklearn_audio.plotting import SpectrogramDisplay

figure, axes = plt.subplots(3, 1, figsize=(8, 9), layout="constrained")
for ax, scale in zip(axes, ["linear", "log", "mel"], strict=True):
    SpectrogramDisplay.from_signal(melody, scale=scale, ax=ax)
    ax.set_title(f'scale="{scale}"')

# %%
# Features
# --------
#
# Frames of several values are an image, with the axis that belongs to them. One value a frame is
# a curve over the waveform, with its numbers on the right. Before and behind the melody is only
# noise: chroma and centroid, which do not ask how loud a frame is, tell of that noise there.

from sklearn_audio import (
    ChromaExtractor,
    MelSpectrogramExtractor,
    MFCCExtractor,
    SpectralCentroidExtractor,
)
from sklearn_audio.plotting import FeatureDisplay

# sphinx_gallery_thumbnail_number = 3
extractors = {
    "mel spectrogram": MelSpectrogramExtractor(n_mels=64),
    "MFCC": MFCCExtractor(n_mfcc=13, n_deltas=0),
    "chroma": ChromaExtractor(),
    "spectral centroid": SpectralCentroidExtractor(),
}
figure, axes = plt.subplots(4, 1, figsize=(8, 12), layout="constrained")
for ax, (name, extractor) in zip(axes, extractors.items(), strict=True):
    FeatureDisplay.from_signal(melody, extractor=extractor, ax=ax)
    ax.set_title(name)

# %%
# What a pipeline sees
# --------------------
#
# ``from_estimator`` takes a pipeline and its X, and shows a signal behind the steps. Here it is a
# recording that the pipeline brings to 8 kHz, so nothing is left above 4 kHz.

from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklearn_audio import Loader, PreEmphasis, Resampler, make_union
from sklearn_audio.datasets import load_percussion

paths = load_percussion().paths
index = next(i for i, path in enumerate(paths) if path.endswith("elec_chime.ogg"))
model = make_pipeline(
    Loader(),
    Resampler(8000),
    PreEmphasis(),
    make_union(MFCCExtractor(n_fft=512, hop_length=128), ChromaExtractor()),
    StandardScaler(),
    SVC(),
)

figure, axes = plt.subplots(2, 1, figsize=(8, 6), layout="constrained")
SpectrogramDisplay.from_estimator(model, paths, index, n_fft=512, hop_length=128, ax=axes[0])
display = FeatureDisplay.from_estimator(model, paths, index, feature="mfccextractor", ax=axes[1])

# %%
# Before and after
# ----------------
#
# What a step does is seen by comparing. The trimmer cuts the silence off both ends, and
# pre-emphasis makes high frequencies louder.

from sklearn_audio import SignalBatch, SilenceTrimmer
from sklearn_audio.plotting import before_after

display = before_after(SilenceTrimmer(top_db=30), SignalBatch([melody]))

# %%

display = before_after(PreEmphasis(), SignalBatch([melody]), kind="spectrogram", scale="mel")
