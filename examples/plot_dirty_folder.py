"""
A dirty folder
==============

Folders that people collect hold halves of recordings, silence, copies, and things that are no
recordings at all. What is found before a single feature is computed, and what becomes of the
rest.
"""

# %%
# A folder as one finds it
# ------------------------
#
# Twelve good recordings, and one of each sort of trouble.

import shutil
import tempfile
from pathlib import Path

import numpy as np

from sklearn_audio import Loader, write_audio
from sklearn_audio.datasets import load_percussion

folder = Path(tempfile.mkdtemp())
strokes = Loader().transform(load_percussion().paths[::8])
for position, stroke in enumerate(strokes):
    write_audio(folder / f"stroke_{position:02}.wav", stroke, clipping="scale")

whole = (folder / "stroke_00.wav").read_bytes()
(folder / "cut.wav").write_bytes(whole[: len(whole) // 2])
(folder / "empty.wav").write_bytes(b"")
(folder / "page.mp3").write_text("<!DOCTYPE html><title>404 Not Found</title>")
shutil.copy(folder / "stroke_01.wav", folder / "stroke_01_copy.wav")
write_audio(folder / "silent.wav", np.zeros(22050), 22050)
write_audio(folder / "clipped.wav", 20 * strokes[2].samples, 22050, clipping="clip")

paths = sorted(str(path) for path in folder.iterdir())
print(len(paths), "files")

# %%
# Look before you compute
# -----------------------
#
# ``scan`` decodes each file once and tells what it is. A file that a ``Loader`` would refuse is a
# row like any other, with the kind of the error and its message.

from sklearn_audio import scan

table = scan(paths, progress=False)
table.insert(0, "file", [Path(path).name for path in paths])
table[["file", "ok", "kind", "duration", "peak", "clipped_share", "silent_share", "duplicate_of"]]

# %%
# Each message says what came and how to mend it.

import textwrap

for name, message in table.loc[~table["ok"], ["file", "message"]].itertuples(index=False):
    print(textwrap.fill(f"{name}: {message}", 80))

# %%
# What deserves a look
# --------------------
#
# Errors cannot be overlooked. Silence, clipping and copies can, because nothing fails of them:
# silence has features like any sound, and a copy in training and test makes a model look better
# than it is.

import matplotlib.pyplot as plt

trouble = table["kind"].copy()
trouble[table["clipped_share"] > 0.01] = "clipped"
trouble[table["silent_share"] > 0.9] = "silent"
copied = table["duplicate_of"].dropna()
trouble[copied.index] = "copy of " + table["file"].loc[copied].to_numpy()
is_good = trouble.isna()

figure, ax = plt.subplots(figsize=(9, 6), layout="constrained")
declared = table["declared_duration"].fillna(0)
ax.barh(table["file"], declared, color="white", edgecolor="black", hatch="////", label="declared")
for good, color in [(True, "#0072B2"), (False, "#D55E00")]:
    mine = is_good == good
    label = "there, good" if good else "there, to be looked at"
    ax.barh(table["file"][mine], table["duration"][mine].fillna(0), color=color, label=label)
for row in table.index[~is_good]:
    end = (declared[row], table["file"][row])
    ax.annotate(trouble[row], end, xytext=(6, 0), textcoords="offset points", va="center")
ax.set(xlabel="duration (s)")
ax.invert_yaxis()
_ = figure.legend(loc="outside upper center", ncols=3, frameon=False)

# %%
# Go on without them
# ------------------
#
# With ``on_error="nan"`` a recording that cannot be used is a row of NaN where it belongs, one
# warning counts them, and ``failures`` lists them. All other rows are as they would be without
# it.

import warnings

from sklearn_audio import MFCCExtractor

batch = Loader(on_error="nan").transform(paths)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    rows = MFCCExtractor(n_deltas=0).fit_transform(batch)
print(textwrap.fill(str(caught[-1].message).replace(f"{folder}/", ""), 80))
batch.failures.assign(source=[Path(source).name for source in batch.failures["source"]])

# %%
# What is left to train with
# --------------------------
#
# The rows of errors go, and so do copies and silence. Whether clipped recordings stay depends on
# whether there will be such ones where the model is used.

usable = ~np.isnan(rows).any(axis=1)
print(usable.sum(), "of", len(paths), "files have rows,", end=" ")

keep = usable & table["duplicate_of"].isna() & ~(table["silent_share"] > 0.9)
print(keep.sum(), "of them are neither copies nor silent")

shutil.rmtree(folder)
