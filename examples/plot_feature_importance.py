"""
Which features a model needs
============================

A union of six extractors gives many columns. Shuffled one by one, hardly any of them seems to
matter, because its neighbours say nearly the same. Shuffled together, all columns of an extractor
at once, they tell which extractors the model would miss.
"""

# %%
# A model of six extractors
# -------------------------
#
# It is fitted on one half of the percussion sounds that come with the package. The other half is
# held out: with its own training data, what a model has learned by heart seems important.

from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_audio import (
    ChromaExtractor,
    DurationExtractor,
    FeatureUnion,
    Loader,
    MFCCExtractor,
    RMSExtractor,
    SpectralContrastExtractor,
    ZeroCrossingRateExtractor,
)
from sklearn_audio.datasets import load_percussion

percussion = load_percussion()
train, test, train_target, test_target = train_test_split(
    percussion.paths,
    percussion.target,
    test_size=0.5,
    stratify=percussion.target,
    random_state=0,
)
model = make_pipeline(
    Loader(),
    FeatureUnion(
        [
            ("mfcc", MFCCExtractor(n_mfcc=13, n_deltas=1)),
            ("contrast", SpectralContrastExtractor()),
            ("chroma", ChromaExtractor()),
            ("level", RMSExtractor()),
            ("zero crossings", ZeroCrossingRateExtractor()),
            ("duration", DurationExtractor()),
        ]
    ),
    StandardScaler(),
    LogisticRegression(C=0.1),
)
model.fit(train, train_target)

# %%
# Its accuracy on the held-out half, from which all that follows is taken away:

print(f"accuracy {model.score(test, test_target):.2f} on {len(test)} recordings")

# %%
# Extractor by extractor
# ----------------------
#
# A bar says how much the accuracy drops where every recording is given the columns of another
# one. The features are computed once; only the scaler and the classifier run again for each of
# the 20 permutations.

from sklearn_audio.inspection import feature_importance_by_group

display = feature_importance_by_group(model, test, test_target, n_repeats=20, random_state=0)

# %%
# With 46 recordings, one of them is worth 0.02: bars of that size, with a line through them that
# crosses zero, may be luck. And a small bar does not say that an extractor is of no use. Where
# two say the same, each makes up for the other.

# %%
# Without the others to make up for it
# ------------------------------------
#
# The opposite question is how far each extractor gets alone. It needs a fit for each of them.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import clone

alone = {}
for name, extractor in model["featureunion"].transformer_list:
    single = make_pipeline(Loader(), clone(extractor), StandardScaler(), clone(model[-1]))
    alone[name] = single.fit(train, train_target).score(test, test_target)

order = np.argsort(display.importances.importances_mean)
names = [display.group_names[position] for position in order]
accuracies = [alone[name] for name in names] + [model.score(test, test_target)]
largest = np.bincount(test_target).max() / len(test)

figure, ax = plt.subplots(figsize=(8, 4), layout="constrained")
colors = ["#0072B2"] * len(names) + ["#D55E00"]
bars = ax.barh([*names, "all together"], accuracies, height=0.6, color=colors)
ax.bar_label(bars, fmt="%.2f", padding=3)
ax.axvline(largest, color="black", linestyle=":", label="always the largest family")
ax.set(xlabel="accuracy on the held-out half", xlim=(0, 1))
_ = ax.legend(loc="lower right")

# %%
# An extractor that is good alone and small in the first picture is one that others can replace.
