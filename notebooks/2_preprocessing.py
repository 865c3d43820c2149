# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 2 Preprocessing
#
# Recordings of the same thing differ in ways that do not matter: one is louder, one has a higher
# rate, one begins with a second of silence. A classifier would have to learn that none of this
# counts. It is easier to take the differences out first.
#
# In this package that is done by **steps**. A step takes a signal and gives a signal. It is a
# transformer of scikit-learn, so steps stand in a `Pipeline` like a `StandardScaler`.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.pipeline import make_pipeline

from sklearn_audio import (
    AudioError,
    Loader,
    MinMaxNormalizer,
    PeakNormalizer,
    PreEmphasis,
    Resampler,
    RMSNormalizer,
    Signal,
    SignalBatch,
    SilenceTrimmer,
    SpectralCentroidExtractor,
    play,
)
from sklearn_audio.datasets import load_percussion
from sklearn_audio.plotting import FeatureDisplay, SpectrogramDisplay, before_after

batch = Loader().transform(load_percussion().paths)
CYMBAL, SOFT_SNARE, BASS, SNARE = 7, 11, 25, 49

# %% [markdown]
# ## Normalisation: the same loudness
#
# This stroke on a snare drum is soft.

# %%
play(batch[SOFT_SNARE])

# %% [markdown]
# `MinMaxNormalizer` shifts and scales the signal so that its smallest sample becomes -1 and its
# largest 1:
#
# $$y[n] = 2 \, \frac{x[n] - \min x}{\max x - \min x} - 1$$
#
# `before_after` draws a signal before a step and after it.

# %%
display = before_after(MinMaxNormalizer(), batch, SOFT_SNARE)

# %% [markdown]
# The shift has a fault: silence, which was at 0, is no longer at 0. `PeakNormalizer` only scales,
# so that the largest distance from 0 is 1. But a single click can be the peak of a soft recording.
# `RMSNormalizer` looks at all samples, at the **root mean square**:
#
# $$\text{RMS} = \sqrt{\frac{1}{N} \sum_n x[n]^2}$$
#
# It is the closest of the three to what the ear calls loud. Its level is told in dB below full
# scale, $20 \log_{10} \text{RMS}$, and -20 dB leaves room for peaks.


# %%
def measures(signal):
    """Return what the three normalisers bring to the same value."""
    samples = signal.samples
    return {
        "smallest": samples.min(),
        "largest": samples.max(),
        "mean": samples.mean(),
        "RMS level (dB)": 20 * np.log10(np.sqrt(np.mean(samples**2))),
    }


normalizers = [MinMaxNormalizer(), PeakNormalizer(), RMSNormalizer(target_level=-20)]
rows = {"as it is": measures(batch[SOFT_SNARE])}
for normalizer in normalizers:
    rows[type(normalizer).__name__] = measures(normalizer.transform(batch)[SOFT_SNARE])
pd.DataFrame(rows).T.round(3)

# %% [markdown]
# Does it matter for features? That depends on the feature. The **spectral centroid** is the centre
# of gravity of the spectrum. With the magnitude $M_k$ at the frequency $f_k$,
#
# $$\text{centroid} = \frac{\sum_k f_k M_k}{\sum_k M_k}.$$
#
# It says how bright a sound is. A factor stands above and below the line and cancels out, so the
# centroid does not care about loudness. Here it is drawn along the waveform; its axis is on the
# right.

# %%
centroid = SpectralCentroidExtractor()
display = FeatureDisplay.from_signal(batch[SOFT_SNARE], extractor=centroid)

# %%
one = batch[[SOFT_SNARE]]
mean = SpectralCentroidExtractor(summary=["mean"])
for steps in ([], *[[normalizer] for normalizer in normalizers]):
    [[hertz]] = make_pipeline(*steps, mean).transform(one)
    name = type(steps[0]).__name__ if steps else "as it is"
    print(f"{name:16} mean centroid {hertz:5.0f} Hz")

# %% [markdown]
# Only `MinMaxNormalizer` changes it. Its shift is energy at 0 Hz that was not there before, and
# where the drum has become soft, this energy pulls the centroid down. So if you want the same peak,
# take `PeakNormalizer`.
#
# ## Pre-emphasis: more of the high frequencies
#
# In speech and in many other sounds the high frequencies are much weaker than the low ones, though
# they tell one consonant from another. Pre-emphasis raises them. From each sample it takes 0.97
# times the sample before:
#
# $$y[t] = x[t] - 0.97 \, x[t-1]$$
#
# A slow vibration hardly changes from one sample to the next, so the difference is small. A quick
# one changes a lot.

# %%
display = before_after(PreEmphasis(coef=0.97), batch, BASS)

# %%
display = before_after(PreEmphasis(coef=0.97), batch, BASS, kind="spectrogram", scale="log")

# %% [markdown]
# After it, the waveform is much softer, because most of a bass is low. The levels of each
# spectrogram are measured from its own loudest point. Below, the low tones are no longer far above
# all others, and the high frequencies of the stroke stand out.
#
# How much is a frequency raised? For a frequency $f$ and the rate $r$ the factor is
#
# $$|H(f)| = \left| 1 - 0.97 \, e^{-2 \pi i f / r} \right|.$$

# %%
signal, emphasized = batch[BASS], PreEmphasis().transform(batch)[BASS]
frequencies = np.linspace(0, signal.rate / 2, 500)
gain = np.abs(1 - 0.97 * np.exp(-2j * np.pi * frequencies / signal.rate))

figure, axes = plt.subplots(figsize=(8, 2.8), layout="constrained")
axes.plot(frequencies, 20 * np.log10(gain), color="#0072B2")
axes.axhline(0, color="#999999", linewidth=0.8)
axes.set(xlabel="frequency (Hz)", ylabel="gain (dB)", xlim=(0, signal.rate / 2))
plt.show()

by_hand = signal.samples[1:] - np.float32(0.97) * signal.samples[:-1]
assert np.array_equal(emphasized.samples[1:], by_hand)

# %% [markdown]
# ## Resampling: one rate for all
#
# Extractors look at a certain number of samples at a time. At another rate these last another time
# and hold other frequencies. So all recordings have to have one rate, and extractors refuse signals
# of different rates. A lower rate also saves time.
#
# A rate of $r$ can only hold frequencies below $r / 2$. What happens to higher ones? Take a tone
# that rises from 0 to 11,000 Hz, and keep every second sample.

# %%
rate = 22050
time = np.arange(3 * rate) / rate
# The frequency is the derivative of the phase: 11000 * time / 3.
sweep = 0.5 * np.sin(2 * np.pi * 11000 * time**2 / 6)

every_second = sweep[::2]
resampled = Resampler(rate / 2).transform(SignalBatch([Signal(sweep, rate)]))[0]

figure, axes = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
for ax, title, shown in (
    (axes[0], "the tone, at 22,050 Hz", Signal(sweep, rate)),
    (axes[1], "every second sample", Signal(every_second, rate / 2)),
    (axes[2], "Resampler", resampled),
):
    SpectrogramDisplay.from_signal(shown, ax=ax)
    ax.set_title(title)
plt.show()

# %% [markdown]
# In the middle the tone turns round at $11025 / 2 = 5512.5$ Hz and comes down again. This is
# **aliasing**: the samples that are left fit a wrong, lower frequency. From a frequency $f$ between
# $r / 2$ and $r$ comes $r - f$. Once it is there, nothing tells it from a real tone, and you hear
# it:

# %%
play(every_second, sample_rate=rate / 2)

# %% [markdown]
# `Resampler` takes out what the new rate cannot hold, before it drops samples. On the right the
# tone stops where it has to.
#
# The same with a recording of a snare drum, from 22,050 to 8000 Hz. What is lost is lost: above
# 4000 Hz there is nothing any more. The columns have become wider, because 512 samples last longer
# at a lower rate. For speech 16,000 Hz is usual, for music 22,050 Hz or more.

# %%
display = before_after(Resampler(8000), batch, SNARE, kind="spectrogram")

# %% [markdown]
# ## Trimming silence
#
# Recordings often begin before the sound and end after it. Statistics over the whole recording,
# such as a mean, then tell of the silence. `SilenceTrimmer` looks at the RMS of short frames and
# cuts off both ends where it is a number of dB below the loudest frame. Silence in the middle
# stays.
#
# Here half a second of soft noise is put before the cymbal, and a second behind it.

# %%
cymbal = batch[CYMBAL]
generator = np.random.default_rng(0)
noise = 0.0005 * generator.normal(size=round(1.5 * cymbal.rate)).astype(np.float32)
half_second = cymbal.rate // 2
padded = np.concatenate([noise[:half_second], cymbal.samples, noise[half_second:]])
untrimmed = SignalBatch([Signal(padded, cymbal.rate)])

display = before_after(SilenceTrimmer(top_db=40), untrimmed)

# %%
for top_db in (60, 40, 20):
    trimmed = SilenceTrimmer(top_db=top_db).transform(untrimmed)[0]
    print(f"top_db={top_db}: {untrimmed[0].duration:.2f} s become {trimmed.duration:.2f} s")

# %% [markdown]
# With 60 dB the noise counts as sound, and nothing is cut off. With 20 dB the end of the cymbal is
# cut off too. Look at a few of your own recordings before you choose.
#
# ## Steps in a Pipeline
#
# Steps are put one after the other, in the order in which they should happen.

# %%
steps = make_pipeline(
    Loader(),
    Resampler(16000),
    SilenceTrimmer(top_db=40),
    PreEmphasis(),
    RMSNormalizer(),
)
prepared = steps.fit_transform(load_percussion().paths)
print(prepared)

# %% [markdown]
# "Not read yet": the batch is still a plan, now with four steps. Each signal goes through them when
# somebody asks for it. Steps learn nothing from the data, so it does not matter whether a recording
# is in the training or in the test set.

# %%
prepared[SNARE]

# %%
display = before_after(steps, load_percussion().paths, SNARE, kind="spectrogram")

# %% [markdown]
# And this shows that nothing is read before it is needed: a file that does not exist is no error as
# long as nobody wants its samples.

# %%
plan = steps.transform(["no/such/file.wav"])
print(len(plan), "signal planned")
try:
    print(plan[0])
except AudioError as error:
    print(type(error).__name__, "-", error)

# %% [markdown]
# Next, in `3_features`: from a signal to a few numbers that describe it.
