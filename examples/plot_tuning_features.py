"""
Tuning features as well as the classifier
=========================================

How many coefficients, and frames of how many samples? A search answers, and it would compute the
same rows again and again: once for each fold and each value of every other parameter. Here each
is computed once.
"""

# %%
# A pipeline with a memory
# ------------------------
#
# With ``memory`` the ``Loader`` keeps the rows that are made of its recordings in a folder, by
# the content of the recordings and by what was done to them.

import tempfile

from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklearn_audio import Loader, MFCCExtractor, RowStore
from sklearn_audio.datasets import load_percussion

percussion = load_percussion()
folder = tempfile.TemporaryDirectory(prefix="rows-")
store = RowStore(folder.name)
model = make_pipeline(Loader(memory=store), MFCCExtractor(n_deltas=0), StandardScaler(), SVC())
model

# %%
# The search
# ----------
#
# Sixteen settings of the feature, three of the classifier, five folds.

from sklearn.model_selection import GridSearchCV, StratifiedKFold

numbers, lengths = [5, 10, 20, 40], [512, 1024, 2048, 4096]
search = GridSearchCV(
    model,
    {
        "mfccextractor__n_mfcc": numbers,
        "mfccextractor__n_fft": lengths,
        "svc__C": [1, 10, 100],
    },
    cv=StratifiedKFold(5, shuffle=True, random_state=0),
)

# %%
# All rows in one pass
# --------------------
#
# ``prefetch`` decodes each recording once and computes each distinct spectrum once. The sixteen
# settings of MFCC are made of only four spectra.

from sklearn_audio.model_selection import prefetch

done = prefetch(search, percussion.paths, progress=False)
print(f"{done.n_computed} rows computed of {done.n_recordings} recordings")

# %%
# The search finds what it asks for
# ---------------------------------
#
# Every fit and every prediction of a candidate asks for the rows of its recordings.

before = store.info()
search.fit(percussion.paths, percussion.target)
after = store.info()
print(f"asked for and found: {after.hits - before.hits} rows")
print(f"asked for and not found: {after.misses - before.misses}")

# %%
# What matters
# ------------
#
# The accuracy of each setting of the feature, with the best value of C, and how much the folds
# differ. Where two settings are closer than that, the choice may be luck. And the best of many is
# always flattered by the folds that it was chosen on: how good it is, other recordings have to
# say.

import matplotlib.pyplot as plt
import pandas as pd

results = pd.DataFrame(search.cv_results_).sort_values("mean_test_score")
results = results.groupby(["param_mfccextractor__n_mfcc", "param_mfccextractor__n_fft"]).last()
accuracy = results["mean_test_score"].unstack()
spread = results["std_test_score"].unstack()

figure, ax = plt.subplots(figsize=(7, 5), layout="constrained")
image = ax.imshow(accuracy, cmap="cividis", origin="lower", aspect="auto")
for row in range(len(numbers)):
    for column in range(len(lengths)):
        value = accuracy.iloc[row, column]
        ax.text(
            column,
            row,
            f"{value:.2f}\n± {spread.iloc[row, column]:.2f}",
            ha="center",
            va="center",
            color="black" if image.norm(value) > 0.5 else "white",
        )
milliseconds = [f"{length}\n({1000 * length / 22050:.0f} ms)" for length in lengths]
ax.set_xticks(range(len(lengths)), milliseconds)
ax.set_yticks(range(len(numbers)), numbers)
ax.set(xlabel="n_fft, samples of a frame", ylabel="n_mfcc, coefficients")
figure.colorbar(image, label="accuracy, mean of five folds ± std")
print("best:", search.best_params_)

# %%
# A model that is shipped leaves the folder behind.

model = search.best_estimator_.set_params(loader__memory=None)
folder.cleanup()
