"""Pictures of signals and of their features, by the convention of scikit-learn's displays.

*Conventions.* ``from_signal`` and ``from_estimator`` compute, keep what they computed as attributes
and draw; ``plot`` draws again, into other axes where they are given. Nothing is shown: a notebook
does that by itself, a script by `matplotlib.pyplot.show` or `savefig`. Time is in seconds from the
beginning of the signal, frequency in Hz, level in dB below the loudest of the picture.
"""

from .comparison import BeforeAfterDisplay, before_after
from .feature import FeatureDisplay
from .spectrogram import SpectrogramDisplay
from .waveform import WaveformDisplay

__all__ = [
    "BeforeAfterDisplay",
    "FeatureDisplay",
    "SpectrogramDisplay",
    "WaveformDisplay",
    "before_after",
]
