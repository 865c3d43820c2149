"""
Environmental sounds on the official folds
==========================================

ESC-10 comes with folds, and with results of others on these folds. That is what makes a number
comparable: the same recordings, cut in the same way.
"""

# %%
# The recordings
# --------------
#
# ESC-10, by Karol J. Piczak, CC BY 3.0 (the authors of the clips, members of freesound.org, are
# named in its file ``LICENSE``): ten classes, 40 recordings of 5 s of each. It is read from the
# subfolder ``esc10`` of a folder that the environment variable ``SKLEARN_AUDIO_SHARED`` names.
# ``esc10.csv`` there has the columns ``filename``, ``fold`` and ``category``, and the recordings,
# at 16 kHz, are in ``audio``. Clips that were cut from one recording are in one fold.

import os
from pathlib import Path

import pandas as pd

folder = Path(os.environ["SKLEARN_AUDIO_SHARED"]) / "esc10"
table = pd.read_csv(folder / "esc10.csv")
table["path"] = [str(folder / "audio" / name) for name in table["filename"]]
names = sorted(table["category"].unique())
print(table.groupby("category")["fold"].value_counts().unstack())

# %%
# Six classes to look at
# ----------------------
#
# A bark is short, rain and waves are noise of every frequency, a rooster is a melody.

import matplotlib.pyplot as plt

from sklearn_audio import Loader
from sklearn_audio.plotting import SpectrogramDisplay

shown = ["dog", "rooster", "rain", "sea_waves", "clock_tick", "helicopter"]
figure, axes = plt.subplots(3, 2, figsize=(10, 8), sharex=True, sharey=True, layout="constrained")
for ax, name in zip(axes.flat, shown, strict=True):
    path = table.loc[table["category"] == name, "path"].iloc[0]
    [signal] = Loader().transform([path])
    SpectrogramDisplay.from_signal(signal, scale="mel", ax=ax)
    ax.set_title(name.replace("_", " "))
    ax.label_outer()

# %%
# Features that do not mind silence
# ---------------------------------
#
# A sneeze is shorter than 5 s, and the rest of the clip is silence. Quantiles over the frames
# tell of loud and of silent ones; a mean alone would mix both.

from sklearn_audio import (
    MFCCExtractor,
    SpectralFlatnessExtractor,
    SpectralRolloffExtractor,
    ZeroCrossingRateExtractor,
    make_union,
)

summary = ("mean", "std", "q10", "median", "q90")
features = make_union(
    MFCCExtractor(n_mfcc=20, n_deltas=1, n_fft=1024, summary=summary),
    SpectralFlatnessExtractor(n_fft=1024, summary=summary),
    SpectralRolloffExtractor(n_fft=1024, summary=summary),
    ZeroCrossingRateExtractor(frame_length=1024, summary=summary),
)
rows = features.fit_transform(Loader().transform(table["path"]))
print("rows:", rows.shape)

# %%
# Fold by fold
# ------------
#
# ``PredefinedSplit`` takes the folds from the table. Each is predicted by a model that was fitted
# on the other four.

from sklearn.metrics import accuracy_score
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

predicted = cross_val_predict(
    make_pipeline(StandardScaler(), SVC(C=10)),
    rows,
    table["category"],
    cv=PredefinedSplit(table["fold"]),
)
accuracies = [
    accuracy_score(fold["category"], predicted[fold.index]) for _, fold in table.groupby("fold")
]
mean = sum(accuracies) / len(accuracies)
print("accuracy of each fold:", *(f"{accuracy:.3f}" for accuracy in accuracies))
print(f"mean: {mean:.3f}")

# %%
# Beside the published results
# ----------------------------
#
# K. J. Piczak, *ESC: Dataset for Environmental Sound Classification* (Proceedings of the 23rd ACM
# International Conference on Multimedia, 2015) gives the accuracies 0.667 for k nearest
# neighbours, 0.675 for a support vector machine, 0.727 for a random forest, and 0.957 for people
# who listen. The dots show how much the folds differ: a method that is better by less than that
# may be so by luck.

results = {
    "k-NN": 0.667,
    "SVM": 0.675,
    "random forest": 0.727,
    "this example": mean,
    "human listeners": 0.957,
}
colors = ["#56B4E9" if name == "this example" else "#999999" for name in results]

figure, ax = plt.subplots(figsize=(8, 4), layout="constrained")
bars = ax.barh(list(results), list(results.values()), color=colors, height=0.7)
ax.bar_label(bars, fmt=" %.3f ", label_type="center", color="black", weight="bold")
ax.plot(accuracies, ["this example"] * 5, "o", color="#E69F00", mec="black", label="each fold")
ax.set(xlabel="accuracy, mean of the five folds", xlim=(0, 1), title="ESC-10; grey: published")
ax.spines[["top", "right"]].set_visible(False)
_ = figure.legend(loc="outside lower right", frameon=False)

# %%
# What is taken for what
# ----------------------

from sklearn.metrics import ConfusionMatrixDisplay

figure, ax = plt.subplots(figsize=(7, 6.5), layout="constrained")
display = ConfusionMatrixDisplay.from_predictions(
    table["category"],
    predicted,
    labels=names,
    display_labels=[name.replace("_", " ") for name in names],
    xticks_rotation="vertical",
    cmap="Blues",
    colorbar=False,
    ax=ax,
)
_ = ax.set(xlabel="predicted", ylabel="heard")
