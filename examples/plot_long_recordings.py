"""
Half an hour, one second at a time
==================================

A recorder that hangs in a tree for a night writes a file of hours. It is read in segments, each
by seeking, and what is held at any time is one segment and the rows of all. Here whistles are
looked for in half an hour of wind.
"""

# %%
# A long recording
# ----------------
#
# It is computed, so that it is known where the calls are: noise of low frequencies that swells
# and fades, and whistles of 0.6 s that rise from 1.8 to 2.6 kHz. The wind is far louder than they
# are.

import tempfile
from pathlib import Path

import numpy as np
from scipy.signal import chirp, lfilter

from sklearn_audio import write_audio

rate, minutes, n_calls = 8000, 30, 40
random = np.random.default_rng(0)
n_samples = rate * 60 * minutes

gusts = np.interp(np.arange(n_samples), np.linspace(0, n_samples, 90), random.uniform(0.1, 1, 90))
noise = random.standard_normal(n_samples, dtype=np.float32)
wind = lfilter([0.02], [1, -0.98], noise) * gusts
recording = (wind + 0.002 * random.standard_normal(n_samples)).astype(np.float32)

time = np.arange(round(0.6 * rate)) / rate
call = 0.03 * np.hanning(len(time)) * chirp(time, 1800, time[-1], 2600)
called_at = np.sort(random.uniform(0, 60 * minutes - 1, n_calls))
for start in np.round(called_at * rate).astype(int):
    recording[start : start + len(call)] += call

path = Path(tempfile.mkdtemp()) / "night.wav"
write_audio(path, recording, rate)
print(f"{minutes} minutes, {path.stat().st_size / 1e6:.0f} MB")

# %%
# The whole of it
# ---------------
#
# Of more samples than a picture has dots, a ``WaveformDisplay`` draws the outline, so that no
# peak is lost. Of the calls nothing is to be seen.

from sklearn_audio.plotting import WaveformDisplay

display = WaveformDisplay.from_signal(recording, rate)

# %%
# A table of segments
# -------------------
#
# ``path``, ``start`` and ``end`` in seconds: that is all a ``Loader`` needs. Nothing is read yet;
# asked for one segment, the batch reads that one.

import pandas as pd

from sklearn_audio import Loader

starts = np.arange(60 * minutes)
segments = pd.DataFrame({"path": str(path), "start": starts, "end": starts + 1})
batch = Loader().transform(segments)
batch[600]

# %%
# Two features of each
# --------------------
#
# The level, and the largest share of its power that a frame has between 1.5 and 3 kHz. Python is
# asked for the most memory that it held meanwhile.

import tracemalloc

from sklearn_audio import BandEnergyExtractor, RMSExtractor, make_union

features = make_union(
    RMSExtractor(frame_length=1024, summary=["mean"]),
    BandEnergyExtractor(edges=(0, 1500, 3000), n_fft=1024, summary=["max"]),
)
tracemalloc.start()
table = features.set_output(transform="pandas").fit_transform(batch)
_, peak = tracemalloc.get_traced_memory()
tracemalloc.stop()
print(f"{len(table)} segments; at most {peak / 1e6:.1f} MB were held,", end=" ")
print(f"where the recording as float32 has {recording.nbytes / 1e6:.0f} MB")

# %%
# Where the calls are
# -------------------
#
# What is far from the usual is found: shares above the median by eight times the usual deviation
# from it. Seconds in a row are one event. The level, below, follows the wind.

import matplotlib.pyplot as plt

level = 20 * np.log10(table["rmsextractor__rms_mean"])
share = 100 * table["bandenergyextractor__energy_above_1500_max"]
threshold = share.median() + 8 * (share - share.median()).abs().median()
is_loud = (share > threshold).to_numpy()
begins = np.flatnonzero(is_loud & np.diff(is_loud, prepend=False))

figure, axes = plt.subplots(2, 1, figsize=(9, 5.5), sharex=True, layout="constrained")
axes[0].plot(starts / 60, share, color="#0072B2", linewidth=0.8)
axes[0].axhline(threshold, color="black", linestyle=":", label="threshold")
axes[0].plot(begins / 60, share[begins], "v", color="#D55E00", label="found")
axes[0].plot(
    called_at / 60, np.full(n_calls, 0.6), "|", color="#009E73", ms=12, mew=2, label="call"
)
axes[0].set(yscale="log", ylim=(0.4, 150), ylabel="share of 1.5 to 3 kHz (%)")
axes[1].plot(starts / 60, level, color="#0072B2", linewidth=0.8)
# sphinx_gallery_thumbnail_number = 2
axes[1].set(xlabel="time (min)", ylabel="level (dB of full scale)", xlim=(0, minutes))
_ = figure.legend(loc="outside upper center", ncols=3, frameon=False)

# %%
# Since the calls are known, both sorts of mistakes can be counted.

distance = np.abs(begins[:, np.newaxis] + 0.5 - (called_at + 0.3))
print(f"{(distance.min(axis=0) < 1.5).sum()} of {n_calls} calls were found, and", end=" ")
print(f"{(distance.min(axis=1) >= 1.5).sum()} of {len(begins)} events are none")

# %%
# A close look
# ------------
#
# The strongest event, read again with some seconds around it.

from sklearn_audio.plotting import SpectrogramDisplay

strongest = int(share.argmax())
around = pd.DataFrame({"path": [str(path)], "start": [strongest - 2], "end": [strongest + 3]})
[signal] = Loader().transform(around)
display = SpectrogramDisplay.from_signal(signal, n_fft=512, hop_length=64)
display.ax_.set_title(f"from {strongest - 2} to {strongest + 3} s")

path.unlink()
path.parent.rmdir()
