"""
Fifteen instruments of an orchestra
===================================

Single notes, as MP3: how instruments look, where they lie on a map, and which ones a classifier
confuses that is tested on notes it has not been given, neither loud nor soft.
"""

# %%
# The recordings
# --------------
#
# Samples of the Philharmonia Orchestra, London, CC BY-SA 3.0 (they may not be sold or offered as
# they are): 15 instruments, 60 notes of each, MP3 at 44.1 kHz. They are read from the subfolder
# ``instruments`` of a folder that the environment variable ``SKLEARN_AUDIO_SHARED`` names. It has
# one subfolder an instrument, and a file is named after the note, its length and its loudness,
# such as ``banjo/banjo_A3_very-long_forte_normal.mp3``.
#
# Every third recording is enough here. The group is the note: the same note played loud and soft
# must not be split between training and test.

import os
from pathlib import Path

import numpy as np

from sklearn_audio.datasets import load_audio_files

folder = Path(os.environ["SKLEARN_AUDIO_SHARED"]) / "instruments"
notes = load_audio_files(folder, group_pattern=r"/(.+_[A-G]s?\d)_")
paths, target, groups = notes.paths[::3], notes.target[::3], notes.groups[::3]
names = notes.target_names
print(len(paths), "recordings of", len(names), "instruments,", len(set(groups)), "notes")

# %%
# How they look
# -------------
#
# A plucked string is struck at once and fades, a bow and a breath hold the note.

import matplotlib.pyplot as plt
from sklearn.pipeline import make_pipeline

from sklearn_audio import FixedLength, Loader, Resampler, SilenceTrimmer
from sklearn_audio.plotting import SpectrogramDisplay

steps = make_pipeline(Loader(), Resampler(22050), SilenceTrimmer(), FixedLength(1.5))

shown = [
    "guitar/guitar_As3_very-long_forte_normal.mp3",
    "cello/cello_Cs4_15_fortissimo_arco-normal.mp3",
    "flute/flute_B4_1_forte_normal.mp3",
    "trombone/trombone_Cs4_long_fortissimo_normal.mp3",
]
figure, axes = plt.subplots(2, 2, figsize=(10, 6), sharex=True, sharey=True, layout="constrained")
for ax, name in zip(axes.flat, shown, strict=True):
    display = SpectrogramDisplay.from_estimator(steps, [folder / name], scale="mel", ax=ax)
    instrument, note, *_ = Path(name).name.split("_")
    ax.set_title(f"{instrument}, {note.replace('s', '♯')}")

# %%
# A row for each note
# -------------------
#
# Timbre by MFCC, peaks and valleys of the spectrum by contrast, brightness by the centroid, and
# how the note begins.

from sklearn_audio import (
    AttackTimeExtractor,
    MFCCExtractor,
    SpectralCentroidExtractor,
    SpectralContrastExtractor,
    make_union,
)

features = make_union(
    MFCCExtractor(n_mfcc=20, n_deltas=1),
    SpectralContrastExtractor(),
    SpectralCentroidExtractor(),
    AttackTimeExtractor(),
)
rows = features.fit_transform(steps.fit_transform(paths))
print("rows:", rows.shape)

# %%
# A map
# -----
#
# Linear discriminant analysis looks for the two directions that tell the instruments apart best.
# They are found on one half of the notes, and the dots are those of the other half. Instruments
# are coloured by family and named where the middle of their dots is.

from matplotlib.patheffects import withStroke
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.preprocessing import StandardScaler

families = {
    "plucked strings": ("#D55E00", "s", ["banjo", "guitar", "mandolin"]),
    "bowed strings": ("#0072B2", "o", ["cello", "double bass"]),
    "double reeds": ("#009E73", "^", ["bassoon", "contrabassoon", "cor anglais", "oboe"]),
    "other woodwind": ("#CC79A7", "v", ["bass clarinet", "clarinet", "flute", "saxophone"]),
    "brass": ("#E69F00", "D", ["french horn", "trombone"]),
}

halves = StratifiedGroupKFold(2, shuffle=True, random_state=0)
train, test = next(halves.split(rows, target, groups))
projection = make_pipeline(
    StandardScaler(), LinearDiscriminantAnalysis(solver="eigen", shrinkage="auto", n_components=2)
)
places = projection.fit(rows[train], target[train]).transform(rows[test])

# sphinx_gallery_thumbnail_number = 2
halo = [withStroke(linewidth=3, foreground="white")]
figure, ax = plt.subplots(figsize=(9, 7), layout="constrained")
for family, (color, marker, members) in families.items():
    mine = np.isin(target[test], [names.index(name) for name in members])
    ax.scatter(*places[mine].T, s=22, c=color, marker=marker, alpha=0.6, label=family)
for label, name in enumerate(names):
    middle = places[target[test] == label].mean(axis=0)
    ax.annotate(name, middle, ha="center", weight="bold", path_effects=halo)
figure.legend(loc="outside upper center", ncols=5, frameon=False)
_ = ax.set(xlabel="first direction", ylabel="second direction", xticks=[], yticks=[])

# %%
# Which instruments are confused
# ------------------------------
#
# Five folds, in which no note is both in training and in test.

from sklearn.metrics import ConfusionMatrixDisplay, accuracy_score
from sklearn.model_selection import cross_val_predict
from sklearn.svm import SVC

predicted = cross_val_predict(
    make_pipeline(StandardScaler(), SVC(C=10)),
    rows,
    target,
    groups=groups,
    cv=StratifiedGroupKFold(5, shuffle=True, random_state=0),
)
accuracy = accuracy_score(target, predicted)
print(f"accuracy {accuracy:.2f}; guessing gives {1 / len(names):.2f}")

figure, ax = plt.subplots(figsize=(8, 7.5), layout="constrained")
ConfusionMatrixDisplay.from_predictions(
    target,
    predicted,
    display_labels=names,
    xticks_rotation="vertical",
    cmap="Blues",
    colorbar=False,
    ax=ax,
)
_ = ax.set(
    xlabel="predicted", ylabel="played", title=f"{len(paths)} notes, accuracy {accuracy:.2f}"
)

# %%
# What was learned is these fifteen instruments, each played by one musician in one room. How well
# another oboe would be recognised, only recordings of another oboe can tell.
