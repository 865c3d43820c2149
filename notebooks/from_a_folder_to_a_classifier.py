# ---
# jupyter:
#   jupytext:
#     text_representation:
#       format_name: percent
# ---

# %% [markdown]
# # From a folder to a classifier
#
# The recordings are those that come with the package: 92 strokes in five families. Replace the next
# line by `load_audio_files("a/folder")` for your own, one subfolder a class.

# %%
import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklearn_audio import ChromaExtractor, Loader, MFCCExtractor, PreEmphasis, Resampler, make_union
from sklearn_audio.datasets import load_percussion

percussion = load_percussion()
print({name: int(np.sum(percussion.target == k)) for k, name in enumerate(percussion.target_names)})

# %% [markdown]
# ## One recording
#
# A batch is a plan. Asked for one signal, it carries the plan out for that one.

# %%
batch = make_pipeline(Loader(), Resampler(16000), PreEmphasis()).fit_transform(percussion.paths)
print(batch)
signal = batch[0]
figure, axes = plt.subplots(figsize=(8, 2.5), layout="constrained")
axes.plot(np.arange(len(signal)) / signal.rate, signal.samples, linewidth=0.5)
axes.set(xlabel="time (s)", ylabel="sample", title="after pre-emphasis")
plt.show()

# %% [markdown]
# ## Its features, as a table

# %%
union = make_union(MFCCExtractor(n_deltas=1), ChromaExtractor())
table = union.set_output(transform="pandas").fit_transform(batch)
print(table.iloc[:3, :4].round(2))
assert table.shape == (92, 2 * (26 + 12))

# %% [markdown]
# ## Search over a parameter of a feature and one of the classifier

# %%
model = make_pipeline(
    Loader(),
    Resampler(16000),
    PreEmphasis(),
    make_union(MFCCExtractor(n_deltas=1), ChromaExtractor()),
    StandardScaler(),
    SVC(C=10),
)
folds = StratifiedKFold(3, shuffle=True, random_state=0)
search = GridSearchCV(
    model,
    {
        "featureunion__mfccextractor__n_mfcc": [13, 20],
        "featureunion__mfccextractor__summary": [("mean", "std"), ("mean", "std", "min", "max")],
    },
    cv=folds,
)
search.fit(percussion.paths, percussion.target)
print(search.best_params_, round(search.best_score_, 2))
assert search.best_score_ > 0.6

# %%
predicted = cross_val_predict(search.best_estimator_, percussion.paths, percussion.target, cv=folds)
ConfusionMatrixDisplay.from_predictions(
    percussion.target,
    predicted,
    display_labels=percussion.target_names,
    xticks_rotation="vertical",
    cmap="Blues",
)
plt.show()
