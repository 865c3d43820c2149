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
# # 1 Sound as data
#
# Sound is air pressure that changes over time. A microphone turns the pressure into a voltage, and
# the computer measures that voltage many times a second. Each measurement is a **sample**, and
# their number a second is the **rate**, in Hz. A recording is thus a long row of numbers, and
# everything that scikit-learn can do with numbers can be done with sound.
#
# This notebook loads a recording and looks at it in four ways. Then it goes the way back: it makes
# a tone out of numbers, plays it and saves it.

# %%
import matplotlib.pyplot as plt
import numpy as np

from sklearn_audio import Loader, play, write_audio
from sklearn_audio.datasets import load_percussion
from sklearn_audio.plotting import SpectrogramDisplay, WaveformDisplay

# %% [markdown]
# ## Load a recording
#
# The package brings 92 short recordings of percussion, so that there is something to try things on.
# `paths` tells where the files are.

# %%
percussion = load_percussion()
print(len(percussion.paths), "recordings of", percussion.target_names)
print(percussion.paths[47])

# %% [markdown]
# A `Loader` turns paths into a `SignalBatch`. That is only a plan. No file has been opened yet, so
# a batch of a million recordings takes no more memory than the list of their paths.

# %%
batch = Loader().transform(percussion.paths)
print(batch)

# %% [markdown]
# Ask for one signal, and this one is read. A notebook shows it as a small picture with a player.

# %%
signal = batch[47]
signal

# %% [markdown]
# A signal has **samples** and a **rate**. The samples are numbers of the type float32. Full scale
# is from -1 to 1; a lossy format such as Ogg may overshoot it a little, as it does here. The
# duration follows from the number of samples and the rate:
#
# $$\text{duration} = \frac{\text{number of samples}}{\text{rate}}$$

# %%
print("samples ", signal.samples)
print("how many", len(signal))
print("rate    ", signal.rate, "Hz")
print("duration", round(signal.duration, 3), "s")
assert signal.duration == len(signal) / signal.rate

# %% [markdown]
# `play` gives a player. It does not make soft recordings louder, so a soft one is soft.

# %%
play(signal)

# %% [markdown]
# ## The waveform: when is it loud?
#
# The samples over time. This chime is struck once and dies away.

# %%
waveform = WaveformDisplay.from_signal(signal)

# %% [markdown]
# Closer up, single vibrations are seen. Each dot is a sample; between two of them lie $1 / 22050$
# s, which is 0.045 ms.

# %%
closer = WaveformDisplay.from_signal(signal, start=0.2, end=0.206)

# %% [markdown]
# ## The spectrogram: which frequencies, and when?
#
# A waveform hides which tones are in a sound. The **spectrum** shows them. It is computed of a
# short piece of the signal, a **frame** of 2048 samples, by the Fourier transform. Then the frame
# moves on by 512 samples, and the next spectrum is computed. Side by side they are the
# **spectrogram**.
#
# The energy of a sound spans many powers of ten, and the ear hears ratios rather than differences.
# So colours are levels in decibels. With the power $P$ and the largest power $P_{\max}$ of the
# picture,
#
# $$L = 10 \log_{10} \frac{P}{P_{\max}} \text{ dB.}$$
#
# A level of -10 dB is a tenth of the largest power, -20 dB a hundredth.

# %%
spectrogram = SpectrogramDisplay.from_signal(signal)

# %% [markdown]
# The horizontal lines are the partial tones of the chime. They last longer than the noise of the
# stroke at the beginning.
#
# ## Frequency as the ear has it
#
# The ear hears ratios of frequencies: from 200 to 400 Hz is an octave, and so is from 2000 to 4000
# Hz. On a **logarithmic axis** both are equally long. Low frequencies get more room, and something
# soft near 50 Hz is seen that the picture above hides.

# %%
logarithmic = SpectrogramDisplay.from_signal(signal, scale="log")

# %% [markdown]
# The **mel scale** was measured with listeners who were asked when a tone is half as high as
# another. It is nearly linear below 1000 Hz and logarithmic above. A mel spectrogram adds up the
# energy in bands that are equally wide on this scale. Here 128 bands replace 1025 frequencies. Most
# classifiers of sound look at something like this picture.

# %%
mel = SpectrogramDisplay.from_signal(signal, scale="mel")

# %% [markdown]
# ## The way back: make a sound
#
# A pure tone of frequency $f$ is a sine:
#
# $$x[n] = a \sin\left(2 \pi f \frac{n}{r}\right)$$
#
# with the amplitude $a$, the rate $r$, and $n = 0, 1, 2, \dots$ Five seconds at 22,050 Hz are
# 110,250 samples. The tone of 220 Hz is the A below middle C.

# %%
rate = 22050
frequency = 220
time = np.arange(5 * rate) / rate
sine = 0.5 * np.sin(2 * np.pi * frequency * time)
print(len(sine), "samples")

# %% [markdown]
# It vibrates so often that the whole of it is a block of colour. A hundredth of a second holds 2.2
# periods. A plain array knows no rate, so the rate has to be told.

# %%
figure, (whole, part) = plt.subplots(2, 1, figsize=(8, 4.5), layout="constrained")
WaveformDisplay.from_signal(sine, rate, ax=whole)
WaveformDisplay.from_signal(sine, rate, start=1.0, end=1.01, ax=part)
whole.set_title("five seconds")
part.set_title("ten milliseconds of it")
plt.show()

# %%
play(sine, sample_rate=rate)

# %% [markdown]
# ## Save it, and load it again
#
# `write_audio` writes a file. The ending of its name tells the format. WAV holds integers of 16
# bits, from -32,768 to 32,767. So every sample is rounded to a multiple of $1 / 32768$. Rounding
# moves a sample by at most half a step.

# %%
write_audio("sine.wav", sine, rate)
loaded = Loader().transform(["sine.wav"])[0]
print(loaded)

step = 1 / 2**15
difference = np.abs(loaded.samples - sine).max()
print(f"largest difference: {difference / step:.4f} steps")
assert difference <= 0.501 * step  # the samples of a signal are float32, which rounds a little too

# %% [markdown]
# ## Which frequency is it?
#
# Suppose that nobody had told us. The Fourier transform of the whole file finds it. Five seconds
# tell frequencies apart that differ by $1 / 5$ Hz.

# %%
power = np.abs(np.fft.rfft(loaded.samples)) ** 2
frequencies = np.fft.rfftfreq(len(loaded), 1 / loaded.rate)
peak = frequencies[power.argmax()]
print("strongest frequency:", round(float(peak), 1), "Hz")
assert np.isclose(peak, 220)

level = 10 * np.log10(np.maximum(power / power.max(), 1e-15))
figure, axes = plt.subplots(figsize=(8, 3), layout="constrained")
axes.plot(frequencies, level, color="#0072B2", linewidth=0.6)
axes.annotate("220 Hz", (peak, 0), xytext=(600, -8), arrowprops={"arrowstyle": "->"})
axes.set(xlabel="frequency (Hz)", ylabel="level (dB)", xlim=(0, 2000))
plt.show()

# %% [markdown]
# The short lines at the bottom, more than 110 dB below the tone, are what rounding to 16 bits has
# added.
#
# Next, in `2_preprocessing`: what to do with a signal before its features are computed.
