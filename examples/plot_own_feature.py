"""
A feature of your own
=====================

A class of about fifteen lines: the names of its values, a function of a block of the power
spectrum, and its parameters as fields. Parallel evaluation, the spectrum that all features share,
statistics, DataFrames and pictures come with it.
"""

# %%
# How strong the strongest frequency is
# -------------------------------------
#
# A cymbal is noise of many frequencies, a tabla rings at a few. The share of the power that lies
# in the strongest bins tells them apart. A block holds the power spectrum of some frames, one a
# row.

import numpy as np

from sklearn_audio.features import SpectrumExtractor


class PeakShareExtractor(SpectrumExtractor):
    """The share of the power of a frame that its strongest bins above ``fmin`` Hz hold."""

    n_peaks: int = 8
    fmin: float = 50.0

    def value_names(self):
        return ["peak_share"]

    def block_values(self, block):
        heard = block.power[:, block.spectrum.frequencies >= self.fmin]
        strongest = np.sort(heard, axis=1)[:, -self.n_peaks :]
        total = heard.sum(axis=1) + 1e-10  # silence has no peaks
        return (strongest.sum(axis=1) / total)[:, np.newaxis]


# %%
# A picture of it
# ---------------
#
# ``FeatureDisplay`` draws the frames of any extractor, this one too, over the waveform.

import matplotlib.pyplot as plt

from sklearn_audio import Loader
from sklearn_audio.datasets import load_percussion
from sklearn_audio.plotting import FeatureDisplay

percussion = load_percussion()
batch = Loader().transform(percussion.paths)
stems = [path.rpartition("/")[2] for path in percussion.paths]

figure, axes = plt.subplots(2, 1, figsize=(8, 5), layout="constrained")
for ax, name in zip(axes, ["drum_cymbal_hard.ogg", "tabla_tun1.ogg"], strict=True):
    display = FeatureDisplay.from_signal(
        batch[stems.index(name)], extractor=PeakShareExtractor(), ax=ax
    )
    display.line_.axes.set_ylim(0, 1.05)
    ax.set_title(name)

# %%
# Rows, and their names
# ---------------------
#
# Statistics over the frames are chosen as for any other extractor. Here are their means in each
# family.

import pandas as pd

share = PeakShareExtractor(summary=["median", "q10", "q90"])
table = share.set_output(transform="pandas").fit_transform(batch)
family = pd.Series(percussion.target, name="family").map(dict(enumerate(percussion.target_names)))
table.groupby(family).mean().round(3)

# %%
# In a union, in a search
# -----------------------
#
# Beside MFCC it costs no second transform: extractors of equal ``n_fft``, ``hop_length`` and
# window share one spectrum. Its fields are parameters, so a search takes them like all others.

from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklearn_audio import MFCCExtractor, make_union

model = make_pipeline(
    Loader(),
    make_union(MFCCExtractor(n_deltas=0), share.set_output(transform="default")),
    StandardScaler(),
    SVC(C=10),
)
search = GridSearchCV(
    model,
    [
        {"featureunion__peakshareextractor": ["drop"]},
        {"featureunion__peakshareextractor__n_peaks": [2, 8, 32]},
    ],
    cv=StratifiedKFold(4, shuffle=True, random_state=0),
)
search.fit(percussion.paths, percussion.target)

labels = ["MFCC alone", *(f"with {n} peaks" for n in [2, 8, 32])]
folds = np.array([search.cv_results_[f"split{fold}_test_score"] for fold in range(4)])

figure, ax = plt.subplots(figsize=(7, 3.5), layout="constrained")
ax.plot(labels, folds.T, "o", color="#999999", alpha=0.7)
ax.plot(labels, folds.mean(axis=0), "_", color="#0072B2", markersize=40, markeredgewidth=3)
ax.set(
    ylabel="accuracy",
    title="Four folds (grey) and their mean (blue)",
    ylim=(0, 1),
    xlim=(-0.5, 3.5),
)
for label, mean in zip(labels, folds.mean(axis=0), strict=True):
    print(f"{label}: {mean:.3f}")

# %%
# Whether it helps is a matter of the sounds. Where the means differ by less than the folds do,
# more recordings are needed to say so. The class itself belongs into a module of yours: from
# there a saved model finds it again, and the rows of a ``Loader(memory=...)`` are kept.
