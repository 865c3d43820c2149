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
# # 3 Features
#
# A second of sound has 22,050 samples, and two recordings of the same thing agree in none of them.
# A classifier needs fewer numbers that say more: **features**.
#
# An **extractor** makes them in two stages. It cuts the signal into short overlapping **frames**
# and computes some values of each. Then it sums up each value over all frames by statistics, such
# as mean and standard deviation. The result is one **row** for a recording, however long it is.
#
# This notebook computes four features step by step: zero crossings, spectral rolloff, MFCC and
# chroma.

# %%
import librosa
import matplotlib.pyplot as plt
import numpy as np
import scipy.fft
import scipy.signal

from sklearn_audio import (
    ChromaExtractor,
    Loader,
    MFCCExtractor,
    Signal,
    SpectralRolloffExtractor,
    ZeroCrossingRateExtractor,
    play,
)
from sklearn_audio.datasets import load_percussion
from sklearn_audio.plotting import FeatureDisplay, SpectrogramDisplay, WaveformDisplay

# Colours that people who see no red or no green can tell apart.
BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"

batch = Loader().transform(load_percussion().paths)
signal = batch[10]  # a snare drum
signal

# %% [markdown]
# ## Zero crossings
#
# The simplest feature: how often does the waveform change its sign? A low tone crosses zero seldom,
# noise crosses it all the time. So the rate of crossings tells tone from noise, and voiced speech
# from hissing.
#
# First the eye. Between samples 5600 and 5700 each crossing has a mark.

# %%
first, last = 5600, 5700
zoom = WaveformDisplay.from_signal(
    signal, start=first / signal.rate, end=last / signal.rate, zero_crossings=True
)

# %% [markdown]
# Then the count, in four ways. A crossing lies where two neighbours differ in their sign. librosa
# has a function for it. (With `pad=False` the first sample counts as no crossing.) The extractor
# gives the crossings of a frame as a share of its samples, so with one frame of 100 samples it
# counts the same.

# %%
part = signal.samples[first:last]
by_hand = np.sum(np.signbit(part[1:]) != np.signbit(part[:-1]))
by_librosa = librosa.zero_crossings(part, pad=False).sum()

one_frame = ZeroCrossingRateExtractor(frame_length=100, hop_length=100, center=False, summary=None)
[frames] = one_frame.transform([part])
by_extractor = 100 * frames[0, 0]

print("marks in the picture", zoom.n_zero_crossings)
print("by hand             ", by_hand)
print("by librosa          ", by_librosa)
print("by the extractor    ", round(float(by_extractor)))
assert zoom.n_zero_crossings == by_hand == by_librosa == round(float(by_extractor))

# %% [markdown]
# `summary=None` gave the frames. `FeatureDisplay` draws those of the whole recording over the
# waveform.

# %%
display = FeatureDisplay.from_signal(signal, extractor=ZeroCrossingRateExtractor())

# %% [markdown]
# With `summary`, which is mean and standard deviation unless you say otherwise, there is one row
# for each recording. In pandas the columns have their names.

# %%
rows = ZeroCrossingRateExtractor().set_output(transform="pandas").fit_transform(batch)
rows.head(3)

# %% [markdown]
# ## Spectral rolloff
#
# Below which frequency lies 85 % of the magnitude of the spectrum? With the magnitude $M_k$ at the
# frequency $f_k$, the rolloff is the smallest $f_r$ for which
#
# $$\sum_{k \le r} M_k \ge 0.85 \sum_k M_k.$$
#
# It tells how high a sound reaches. With 0.1 in place of 0.85 it tells how low it reaches, and with
# 0.5 where its middle is.

# %%
figure, axes = plt.subplots(2, 1, figsize=(8, 5), sharex=True, layout="constrained")
for ax, share in zip(axes, (0.85, 0.1), strict=True):
    FeatureDisplay.from_signal(
        signal, extractor=SpectralRolloffExtractor(roll_percent=share), ax=ax
    )
    ax.set_title(f"{share:.0%} of the magnitude lies below the line")
axes[0].set_xlabel("")
plt.show()

# %% [markdown]
# The two curves have different axes, on the right. Both fall as the drum dies away: its high
# frequencies go first.
#
# ## MFCC in three stages
#
# **Mel-frequency cepstral coefficients** describe the shape of the spectrum, the timbre, in about a
# dozen numbers. For decades they were *the* feature of speech recognition. We compute them by hand,
# and compare with the extractor at the end.
#
# ### Stage 1: framing and windowing
#
# The signal is continued by half a frame of zeros on both sides, and cut into frames of 2048
# samples. A new frame begins every 512 samples, so each sample is in four frames.
#
# A frame begins and ends in the middle of a vibration. The Fourier transform takes these two edges
# for jumps, and jumps have all frequencies. So the frame is multiplied by a **window** that goes to
# 0 at both ends, the Hann window:
#
# $$w[n] = \frac{1}{2} \left(1 - \cos \frac{2 \pi n}{2048}\right)$$

# %%
n_fft, hop_length = 2048, 512
padded = np.pad(signal.samples, n_fft // 2)
frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop_length]
window = scipy.signal.get_window("hann", n_fft)
windowed = frames * window
print(frames.shape[0], "frames of", frames.shape[1], "samples")

figure, axes = plt.subplots(1, 2, figsize=(9, 2.6), sharey=True, layout="constrained")
milliseconds = 1000 * np.arange(n_fft) / signal.rate
axes[0].plot(milliseconds, frames[5], color=BLUE, linewidth=0.8)
axes[0].set(title="a frame", ylabel="amplitude")
axes[1].plot(milliseconds, windowed[5], color=BLUE, linewidth=0.8, label="windowed frame")
axes[1].plot(milliseconds, window * np.abs(frames[5]).max(), color=ORANGE, label="window (scaled)")
axes[1].set_title("the same, windowed")
axes[1].legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
for ax in axes:
    ax.set_xlabel("time (ms)")
plt.show()

# %% [markdown]
# The power spectrum of each frame is the squared magnitude of its Fourier transform,
# $P[k] = |X[k]|^2$, at 1025 frequencies.

# %%
power = np.abs(scipy.fft.rfft(windowed)) ** 2
frequencies = np.fft.rfftfreq(n_fft, 1 / signal.rate)
print(power.shape)

# %% [markdown]
# ### Stage 2: mel bands
#
# 1025 frequencies are more than the ear tells apart. They are added up in 128 bands that are
# equally wide on the mel scale. It is linear below 1000 Hz and logarithmic above:
#
# $$m(f) = \begin{cases} \dfrac{3 f}{200} & f < 1000 \text{ Hz} \\[1ex]
# 15 + 27 \log_{6.4} \dfrac{f}{1000} & f \ge 1000 \text{ Hz} \end{cases}$$


# %%
def hertz_to_mel(f):
    return np.where(
        f < 1000, 3 * f / 200, 15 + 27 * np.log(np.maximum(f, 1000) / 1000) / np.log(6.4)
    )


def mel_to_hertz(m):
    return np.where(m < 15, 200 * m / 3, 1000 * 6.4 ** ((m - 15) / 27))


n_mels = 128
edges = mel_to_hertz(np.linspace(0, hertz_to_mel(signal.rate / 2), n_mels + 2))
lower, centre, upper = (edges[i : i + n_mels, np.newaxis] for i in range(3))

# %% [markdown]
# Each band is a triangle. It begins at the centre of the band before, and ends at the centre of the
# band behind it. High bands are wide, so they would collect more; dividing by the width makes all
# triangles equal in area.

# %%
rising = (frequencies - lower) / (centre - lower)
falling = (upper - frequencies) / (upper - centre)
triangles = np.maximum(0, np.minimum(rising, falling)) * 2 / (upper - lower)

figure, axes = plt.subplots(figsize=(8, 2.8), layout="constrained")
for position, band in enumerate(range(7, n_mels, 10)):
    axes.plot(frequencies, triangles[band], color=(BLUE, ORANGE)[position % 2])
axes.set(
    xlabel="frequency (Hz)",
    ylabel="weight",
    title="every tenth band",
    xlim=(0, signal.rate / 2),
    ylim=(0, None),
)
plt.show()

# %% [markdown]
# The energies in the bands are one product of matrices. Then the **logarithm**, since the ear hears
# ratios: levels in dB, cut off 80 dB below the loudest.

# %%
mel_power = power @ triangles.T
level = 10 * np.log10(np.maximum(mel_power, 1e-10))
level = np.maximum(level, level.max() - 80)
print(level.shape)

# %%
display = SpectrogramDisplay.from_signal(signal, scale="mel")

# %% [markdown]
# ### Stage 3: the cepstrum
#
# Neighbouring bands rise and fall together, so the 128 levels say much the same thing many times.
# The **discrete cosine transform** (DCT) takes the levels $L_m$ of a frame as a curve over the
# bands and writes it as a sum of cosines. Its coefficients hardly depend on each other:
#
# $$c_k = s_k \sum_{m=0}^{127} L_m \cos\left(\frac{\pi k}{128} \left(m + \frac{1}{2}\right)\right),
# \qquad s_0 = \sqrt{\tfrac{1}{128}}, \quad s_k = \sqrt{\tfrac{2}{128}}$$
#
# It is the spectrum of a (log) spectrum, and somebody turned the word round: **cepstrum**. The
# first coefficients hold the broad shape. The fine detail is in the others, and is left out.

# %%
n_mfcc = 13
mfcc = scipy.fft.dct(level, type=2, norm="ortho")[:, :n_mfcc]

figure, axes = plt.subplots(1, 2, figsize=(9, 2.8), layout="constrained")
bands = np.arange(n_mels)
for k, style, color in ((0, ":", BLUE), (1, "-", ORANGE), (2, "--", GREEN)):
    cosine = np.cos(np.pi * k * (bands + 0.5) / n_mels)
    axes[0].plot(bands, cosine, style, color=color, label=f"k = {k}")
axes[0].set(title="the first three cosines", xlabel="mel band", ylabel="weight")
axes[0].legend(loc="lower left")
kept = np.pad(mfcc[5], (0, n_mels - n_mfcc))
axes[1].plot(bands, level[5], color="#999999", label="levels of a frame")
axes[1].plot(bands, scipy.fft.idct(kept, type=2, norm="ortho"), color=ORANGE, label="13 cosines")
axes[1].set(title="what 13 coefficients keep", xlabel="mel band", ylabel="level (dB)")
axes[1].legend(loc="lower left")
plt.show()

# %% [markdown]
# ### The same by the extractor
#
# `n_deltas=0` gives the 13 coefficients alone, and `summary=None` the frames.

# %%
extractor = MFCCExtractor(n_mfcc=13, n_deltas=0, summary=None, sample_rate=signal.rate)
[by_extractor] = extractor.transform([signal.samples])
np.testing.assert_allclose(by_extractor, mfcc, rtol=1e-4, atol=1e-2)
print("largest difference:", f"{np.abs(by_extractor - mfcc).max():.1e}", "dB")

# %% [markdown]
# The values of the extractor are of the type float32 and those by hand float64, which explains the
# rest.
#
# ### How they change: 39 values
#
# Speech is change. To the 13 coefficients one usually adds their slope over time, the **deltas**,
# and the slope of the slope, the **delta-deltas**. A line is fitted to 9 frames around each frame,
# and a parabola for the second. (Such a fit is called Savitzky-Golay filter.) That makes 39 values
# a frame.

# %%
delta = scipy.signal.savgol_filter(mfcc, 9, polyorder=1, deriv=1, axis=0)
delta2 = scipy.signal.savgol_filter(mfcc, 9, polyorder=2, deriv=2, axis=0)
all_values = np.hstack([mfcc, delta, delta2])

with_deltas = MFCCExtractor(n_mfcc=13, n_deltas=2, summary=None, sample_rate=signal.rate)
[by_extractor] = with_deltas.transform([signal.samples])
np.testing.assert_allclose(by_extractor, all_values, rtol=1e-4, atol=1e-2)
print(by_extractor.shape[1], "values in each of", by_extractor.shape[0], "frames")

# %% [markdown]
# The first coefficient is the overall level, and much larger than all others. So that each is seen,
# the picture shows them by their standard deviations from their own means.

# %%
display = FeatureDisplay.from_signal(signal, extractor=MFCCExtractor())

# %% [markdown]
# ## Chroma: the notes of a melody
#
# Two notes an octave apart bear the same name: they belong to the same **pitch class**. There are
# twelve, C, C♯, D and so on to B. Chroma adds up the energy of each pitch class over all octaves.
# It says what is played, whatever the instrument.
#
# We need a melody. Counted in semitones from A4, which is 440 Hz, a note $n$ has the frequency
#
# $$f = 440 \cdot 2^{n / 12} \text{ Hz.}$$

# %%
rate = 22050
names = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"]
melody = ["C", "D", "E", "C", "C", "D", "E", "C", "E", "F", "G", "E", "F", "G"]
beats = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 2]


def note(name, n_beats):
    """Return a sine of a pitch class of the octave from C4, which fades in and out."""
    time = np.arange(n_beats * rate // 2) / rate
    semitones = names.index(name) - names.index("A")
    fade = np.minimum(1, 50 * np.minimum(time, time[::-1]))
    return 0.5 * fade * np.sin(2 * np.pi * 440 * 2 ** (semitones / 12) * time)


frere_jacques = Signal(
    np.concatenate([note(*one) for one in zip(melody, beats, strict=True)]), rate
)
play(frere_jacques)

# %%
display = FeatureDisplay.from_signal(frere_jacques, extractor=ChromaExtractor())

# %% [markdown]
# The melody can be read like a score. But next to each note another one glows, although only sines
# were played. A frame of 2048 samples tells frequencies apart that differ by some
# $22050 / 2048 \approx 11$ Hz, and from C4 to C♯4 are only 16 Hz. Longer frames see frequencies
# more sharply, and time less so:

# %%
sharper = ChromaExtractor(n_fft=8192)
display = FeatureDisplay.from_signal(frere_jacques, extractor=sharper)

# %% [markdown]
# In the middle of each note the strongest pitch class is the one that was played:

# %%
middles = (np.cumsum(beats) - np.array(beats) / 2) / 2  # in seconds; two beats a second
heard = []
for middle in middles:
    frame = np.abs(display.times - middle).argmin()
    heard.append(names[display.frames[frame].argmax()])
print("played", *melody)
print("heard ", *heard)
assert heard == melody

# %% [markdown]
# The package has many more extractors. They are used in the same way, and `FeatureDisplay` draws
# them all.
#
# Next, in `4_from_a_folder_to_a_classifier`: features of a whole folder, and what is learned from
# them.
