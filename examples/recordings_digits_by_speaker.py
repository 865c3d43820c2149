"""
Spoken digits, and voices never heard before
============================================

The same model on the same recordings gets two very different marks. Random folds have every
speaker both in training and in test. Folds by speaker ask what one wants to know of a program
that strangers will talk to.
"""

# %%
# The recordings
# --------------
#
# The Free Spoken Digit Dataset, by Zohar Jackson and contributors, CC BY-SA 4.0: six speakers say
# each of the ten digits 50 times, 3000 recordings of about 0.4 s at 8 kHz. A file is named
# ``digit_speaker_index``. ``fetch_spoken_digits`` downloads the set as WAV. Here it is read from
# the subfolder ``spoken-digits`` of a folder that the environment variable
# ``SKLEARN_AUDIO_SHARED`` names; all files lie in it side by side.

import os
from pathlib import Path

from sklearn_audio.datasets import load_audio_files

folder = Path(os.environ["SKLEARN_AUDIO_SHARED"]) / "spoken-digits"
digits = load_audio_files(folder, target_pattern=r"^(\d)_", group_pattern=r"^\d_([a-z]+)_")
speakers = sorted(set(digits.groups))
print(len(digits.paths), "recordings by", ", ".join(speakers))

# %%
# One digit, two voices
# ---------------------
#
# What tells "six" from "seven" has to be found in spite of what tells one voice from another.

import matplotlib.pyplot as plt

from sklearn_audio import Loader
from sklearn_audio.plotting import SpectrogramDisplay

batch = Loader().transform(digits.paths)
names = [Path(path).stem for path in digits.paths]

figure, axes = plt.subplots(2, 2, figsize=(10, 5.5), sharey=True, layout="constrained")
for row, digit in zip(axes, [6, 7], strict=True):
    for ax, speaker in zip(row, ["jackson", "theo"], strict=True):
        signal = batch[names.index(f"{digit}_{speaker}_0")]
        SpectrogramDisplay.from_signal(signal, n_fft=256, hop_length=64, ax=ax)
        ax.set(title=f'"{digit}" said by {speaker}')

# %%
# Rows once, folds as often as we like
# ------------------------------------
#
# Steps and extractors learn nothing, so a row depends on its own recording alone, and no fold has
# to compute it anew. What does learn, the scaler and the classifier, is fitted in each fold.

from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklearn_audio import MFCCExtractor

mfcc = MFCCExtractor(n_mfcc=20, n_deltas=1, n_fft=256, hop_length=80, n_mels=40)
rows = mfcc.fit_transform(batch)
classifier = make_pipeline(StandardScaler(), SVC(C=10))
print("rows:", rows.shape)

# %%
# Two ways to cut folds
# ---------------------
#
# Both predict every recording once, by a model that was not fitted on it. Only what else that
# model has heard differs.

from sklearn.metrics import accuracy_score
from sklearn.model_selection import LeaveOneGroupOut, StratifiedKFold, cross_val_predict

random_folds = StratifiedKFold(6, shuffle=True, random_state=0)
predicted = {
    "random folds": cross_val_predict(classifier, rows, digits.target, cv=random_folds),
    "one speaker left out": cross_val_predict(
        classifier, rows, digits.target, groups=digits.groups, cv=LeaveOneGroupOut()
    ),
}
for name, labels in predicted.items():
    print(f"{name}: accuracy {accuracy_score(digits.target, labels):.3f}")

# %%
# What is taken for what
# ----------------------

from sklearn.metrics import ConfusionMatrixDisplay

figure, axes = plt.subplots(1, 2, figsize=(10, 5), layout="constrained")
for ax, (name, labels) in zip(axes, predicted.items(), strict=True):
    ConfusionMatrixDisplay.from_predictions(
        digits.target, labels, cmap="Blues", colorbar=False, ax=ax
    )
    ax.set(title=name, xlabel="predicted digit", ylabel="spoken digit")

# %%
# Speaker by speaker
# ------------------
#
# An average over speakers hides how differently they fare. Whoever sounds least like the others
# is the one to look at, and the next speaker to record is one who sounds like that.

import numpy as np

accuracies = {
    name: [
        accuracy_score(digits.target[mine], labels[mine])
        for mine in (digits.groups == speaker for speaker in speakers)
    ]
    for name, labels in predicted.items()
}

# sphinx_gallery_thumbnail_number = 3
figure, ax = plt.subplots(figsize=(8, 4), layout="constrained")
positions = np.arange(len(speakers))
for shift, color, (name, values) in zip(
    [-0.2, 0.2], ["#999999", "#0072B2"], accuracies.items(), strict=True
):
    bars = ax.bar(positions + shift, values, width=0.38, color=color, label=name)
    ax.bar_label(bars, fmt="%.2f", padding=2)
ax.axhline(0.1, color="black", linewidth=1, linestyle=":", label="guessing")
ax.set(xlabel="speaker", ylabel="accuracy", ylim=(0, 1.1))
ax.set_xticks(positions, speakers)
figure.legend(loc="outside upper center", ncols=3, frameon=False)

print(f"The gap: {np.mean(accuracies['random folds']):.2f} against", end=" ")
print(f"{np.mean(accuracies['one speaker left out']):.2f}")

# %%
# With recordings of your own, give ``load_audio_files`` a ``group_pattern`` for whatever must not
# be split: the speaker, the animal, the instrument, the day. Then choose the model by folds that
# respect it: ``cross_val_score(..., groups=data.groups, cv=GroupKFold())``.
