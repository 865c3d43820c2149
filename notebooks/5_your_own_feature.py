# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 5 Your own feature
#
# You have an idea for a feature that the package does not have. It takes a class of about fifteen
# lines. You write what is special about your feature; parallel evaluation, the shared spectrum,
# statistics, names, DataFrames, pictures and a place in every grid search come with it.
#
# The idea for this notebook: **the loudest frequency**. The spectral centroid is the centre of
# gravity of the spectrum. This one is its summit.

# %%
import warnings
from numbers import Real

import numpy as np
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklearn_audio import Loader, MFCCExtractor, Signal, SignalBatch, make_union, play
from sklearn_audio.base import Interval, SignalTransformer
from sklearn_audio.datasets import load_percussion
from sklearn_audio.features import SpectrumExtractor, WaveformExtractor
from sklearn_audio.plotting import FeatureDisplay, before_after

percussion = load_percussion()
batch = Loader().transform(percussion.paths)

# %% [markdown]
# ## A feature of the spectrum
#
# First without the package. Given the power of some frames, an array with a row a frame and a
# column a frequency, the answer is one line: find the largest value of each row, and look up its
# frequency.

# %%
frequencies = np.array([0.0, 100.0, 200.0, 300.0])
power = np.array([[0.1, 0.2, 0.9, 0.1], [0.1, 0.7, 0.2, 0.1]])
frequencies[power.argmax(axis=1)]

# %% [markdown]
# A subclass of `SpectrumExtractor` makes a feature of it. It has three parts:
#
# 1. **Parameters** are fields with a type and a default. They become keywords of the class, beside
#    those that all features of the spectrum have, such as `n_fft` and `summary`.
# 2. **`value_names`** says what the values of a frame are called.
# 3. **`block_values`** computes them. It is given a block of some frames at a time: `block.power`,
#    or `block.magnitude`, and `block.spectrum.frequencies`. It returns an array with a row a frame
#    and a column a value.
#
# `unit` is for the axis of pictures.


# %%
class LoudestFrequencyExtractor(SpectrumExtractor):
    """The frequency in Hz of the strongest bin above ``fmin``."""

    unit = "Hz"

    fmin: float = 50.0

    def value_names(self):
        return ["loudest_frequency"]

    def block_values(self, block):
        frequencies = block.spectrum.frequencies
        power = np.where(frequencies >= self.fmin, block.power, 0)
        return frequencies[power.argmax(axis=1)][:, np.newaxis]


# %% [markdown]
# That is all. Does it do what it says? Test it on a signal of which you know the answer: a tone.

# %%
rate = 8000
tone = np.sin(2 * np.pi * 1000 * np.arange(rate) / rate)
loudest = LoudestFrequencyExtractor(summary=["min", "max"], sample_rate=rate)
print(loudest.fit_transform([tone]))
assert (loudest.transform([tone]) == 1000).all()

# %% [markdown]
# And what are its frames on a real recording? This is a deep stroke of the tabla, whose tone falls.

# %%
TABLA = 68
play(batch, TABLA)

# %%
display = FeatureDisplay.from_signal(batch[TABLA], extractor=LoudestFrequencyExtractor())

# %% [markdown]
# The curve falls as the ear says, but in steps. With frames of 2048 samples the spectrum has a
# value every 10.8 Hz, and nothing between. Longer frames have finer steps. `n_fft` is a parameter
# of all features of the spectrum, so yours has it too.

# %%
display = FeatureDisplay.from_signal(batch[TABLA], extractor=LoudestFrequencyExtractor(n_fft=8192))

# %% [markdown]
# ## In a union and a grid search
#
# It behaves like every other extractor, and its columns have names.

# %%
union = make_union(
    MFCCExtractor(n_deltas=0), LoudestFrequencyExtractor(summary=["median", "slope"])
)
table = union.set_output(transform="pandas").fit_transform(batch)
table.iloc[:3, -3:]

# %% [markdown]
# Its parameters can be searched like any others, and so can the question whether it is of any use
# at all: `"drop"` leaves a branch of a union out.

# %%
model = make_pipeline(
    Loader(),
    make_union(MFCCExtractor(n_deltas=0), LoudestFrequencyExtractor()),
    StandardScaler(),
    SVC(C=10),
)
search = GridSearchCV(
    model,
    {
        "featureunion__loudestfrequencyextractor": [
            "drop",
            LoudestFrequencyExtractor(fmin=50),
            LoudestFrequencyExtractor(fmin=200),
        ]
    },
    cv=StratifiedKFold(3, shuffle=True, random_state=0),
)
search.fit(percussion.paths, percussion.target)
for setting, score in zip(
    search.cv_results_["params"], search.cv_results_["mean_test_score"], strict=True
):
    print(f"{score:.3f}", *setting.values())

# %% [markdown]
# The idea does not help here: MFCC tell already whether a sound is high or low, and the low `fmin`
# even does harm. It is good to know this from a number. (These folds are drawn at random. The
# notebook before says why the numbers are too high.)
#
# ## Keep its rows: put the class into a module
#
# With `Loader(memory=...)` rows are kept on the disk, by what made them. A class that is defined in
# a notebook has no file that tells its code. If you changed it, old rows would be taken for new
# ones. So its rows are computed, but not kept, and a warning says so:

# %%
kept = Loader(memory="features-cache").transform(percussion.paths[:5])
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    LoudestFrequencyExtractor().fit_transform(kept)
for warning in caught:
    print(warning.message)
print(len(kept.memory), "rows kept")

# %% [markdown]
# When the class is finished, move it to a module, which is a file beside the notebook. Jupyter can
# write the file for you, and then you import it.

# %%
# %%writefile loudest_frequency.py
import numpy as np

from sklearn_audio.features import SpectrumExtractor


class LoudestFrequencyExtractor(SpectrumExtractor):
    """The frequency in Hz of the strongest bin above ``fmin``."""

    unit = "Hz"

    fmin: float = 50.0

    def value_names(self):
        return ["loudest_frequency"]

    def block_values(self, block):
        frequencies = block.spectrum.frequencies
        power = np.where(frequencies >= self.fmin, block.power, 0)
        return frequencies[power.argmax(axis=1)][:, np.newaxis]


# %%
import loudest_frequency

loudest_frequency.LoudestFrequencyExtractor().fit_transform(kept)
print(len(kept.memory), "rows kept")
assert len(kept.memory) == 5

# %% [markdown]
# The source of the module is a part of the key. Change the class, and its rows are computed anew.
#
# ## A feature of the waveform
#
# Some features need the samples themselves. A subclass of `WaveformExtractor` is given a whole
# signal and returns one row of values. Here is the **crest factor**, the ratio of the peak to the
# root mean square:
#
# $$\text{crest factor} = \frac{\max_n |x[n]|}{\sqrt{\frac{1}{N} \sum_n x[n]^2}}$$
#
# It is high for a click, and $\sqrt{2}$ for a sine.


# %%
class CrestFactorExtractor(WaveformExtractor):
    """The peak of a signal divided by its root mean square; 0 for silence."""

    def value_names(self):
        return ["crest_factor"]

    def signal_values(self, signal):
        samples = signal.samples.astype(float)
        rms = np.sqrt(np.mean(samples**2))
        return [[np.abs(samples).max() / rms if rms > 0 else 0]]


crest = CrestFactorExtractor()
print("sine      ", crest.transform([tone]).round(3))
print("silence   ", crest.transform([np.zeros(100)]))
assert np.allclose(crest.transform([tone]), np.sqrt(2))

by_family = crest.transform(batch)[:, 0]
for label, family in enumerate(percussion.target_names):
    print(f"{family:14} {np.median(by_family[percussion.target == label]):.1f}")

# %% [markdown]
# For silence the root mean square is 0, so think of it before you divide: a value that is not
# finite is an error that names the recording.
#
# ## A step of your own
#
# A step goes from signal to signal. It is a subclass of `SignalTransformer` with a method
# `process`. Its parameters are arguments of `__init__`, as in scikit-learn. It must not write into
# the samples that it is given, since others may look at them too.
#
# Here is an echo: the signal, and a softer copy of it a bit later,
#
# $$y[n] = x[n] + g \, x[n - d].$$


# %%
class Echo(SignalTransformer):
    """Add a softer copy of the signal that comes ``delay`` seconds later."""

    _parameter_constraints = {
        "delay": [Interval(Real, 0, None, closed="neither")],
        "gain": [Interval(Real, 0, 1, closed="both")],
    }

    def __init__(self, *, delay=0.2, gain=0.5):
        self.delay = delay
        self.gain = gain

    def process(self, signal):
        n_later = round(self.delay * signal.known_rate)
        samples = np.pad(signal.samples, (0, n_later))
        samples[n_later:] += self.gain * signal.samples
        return Signal(samples, signal.rate)


SNARE = 11
display = before_after(Echo(delay=0.25), batch, SNARE)

# %%
play(Echo(delay=0.25).transform(batch), SNARE)

# %% [markdown]
# In a Pipeline it stands where the other steps do, and nothing is computed before it is needed. The
# constraints make an error of what cannot work:

# %%
print(make_pipeline(Loader(), Echo()).fit_transform(percussion.paths))
try:
    Echo(gain=2.0).transform(SignalBatch([Signal(tone, rate)]))
except ValueError as error:
    print(error)

# %% [markdown]
# To be sure that a step or a feature is a good citizen of scikit-learn, let
# `sklearn.utils.estimator_checks.check_estimator` test it, once it is in a module.
