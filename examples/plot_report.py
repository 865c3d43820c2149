"""
A report on a set of recordings
===============================

``report`` looks at recordings, labels and groups before anything is computed of them. What it
found is a table, a list of what deserves a look, and a page that needs nothing else and can be
sent to others.
"""

# %%
# The percussion sounds, with some dirt
# -------------------------------------
#
# To 92 strokes come five files that a careless afternoon may add: half of a recording, the same
# recording again and, worse, under another label, one that was recorded far too loud, and one
# with the microphone off.

import shutil
import tempfile
from pathlib import Path

import numpy as np

from sklearn_audio import Loader, report, write_audio
from sklearn_audio.datasets import load_audio_files, load_percussion

folder = Path(tempfile.mkdtemp(prefix="percussion-"))
for path in map(Path, load_percussion().paths):
    (folder / path.parent.name).mkdir(exist_ok=True)
    shutil.copy(path, folder / path.parent.name)

stroke = (folder / "tabla" / "tabla_na.ogg").read_bytes()
(folder / "tabla" / "cut.ogg").write_bytes(stroke[: len(stroke) // 2])
(folder / "tabla" / "again.ogg").write_bytes(stroke)
(folder / "bass_drum" / "relabelled.ogg").write_bytes(stroke)

[drum] = Loader().transform([folder / "bass_drum" / "bd_808.ogg"])
write_audio(folder / "bass_drum" / "too_loud.wav", 20 * drum.samples, drum.rate, clipping="clip")
write_audio(folder / "bass_drum" / "microphone_off.wav", np.zeros(22050), 22050)

# %%
# The page
# --------
#
# It can be scrolled, sorted and searched, and the examples can be played.

data = load_audio_files(folder)
found = report(
    data.paths,
    data.target,
    title="Percussion, with some dirt",
    display_labels=data.target_names,
    n_examples=2,
    progress=False,
)
found

# %%
# What deserves a look
# --------------------
#
# The same as text, the worst first, with at most four files of each. Some of the strokes
# themselves touch full scale.

table = found.table
table["file"] = [Path(source).name for source in table["source"]]
for finding in found.findings:
    print(f"{finding.severity}: {finding.title}")
    print("   ", *table["file"].iloc[finding.positions[:4]])

# %%
# As numbers
# ----------
#
# The table has a row for each recording. It is what a program goes on with: here, how long and
# how loud the recordings are. (Silence has no level.)

import matplotlib.pyplot as plt

level = 20 * np.log10(table["rms"].where(table["rms"] > 0))
severity = np.full(len(table), "nothing")
for finding in reversed(found.findings):  # so that the worst has the last word
    severity[finding.positions] = finding.severity

figure, ax = plt.subplots(figsize=(8, 4.5), layout="constrained")
marks = {
    "nothing": ("#999999", "o"),
    "note": ("#0072B2", "s"),
    "warning": ("#E69F00", "^"),
    "problem": ("#D55E00", "X"),
}
for name, (color, marker) in marks.items():
    mine = severity == name
    ax.scatter(table["duration"][mine], level[mine], s=40, c=color, marker=marker, label=name)
ax.set(xscale="log", xlabel="duration (s)", ylabel="level (dB of full scale)")
_ = figure.legend(loc="outside right upper", title="worst finding")

# %%
# To a file
# ---------
#
# One file of HTML, with pictures and sounds in it.

page = found.to_html(folder / "percussion.html")
print(f"{page.name}: {page.stat().st_size / 1e6:.1f} MB")

shutil.rmtree(folder)
