"""Sound for scikit-learn: every preprocessing step and every feature is an estimator."""

from importlib.metadata import version

from .errors import AudioError
from .features import (
    ChromaExtractor,
    LoudnessExtractor,
    MelSpectrogramExtractor,
    MFCCExtractor,
    MomentaryLoudnessExtractor,
    RMSExtractor,
    SpectralCentroidExtractor,
    SpectralRolloffExtractor,
    ZeroCrossingRateExtractor,
)
from .frames import Summarizer
from .loading import Loader
from .preprocessing import (
    DeEmphasis,
    FixedLength,
    MinMaxNormalizer,
    PeakNormalizer,
    PreEmphasis,
    Resampler,
    RMSNormalizer,
    SilenceTrimmer,
)
from .signals import Signal, SignalBatch
from .union import FeatureUnion, make_union

__version__ = version("sklearn-audio")

__all__ = [
    "AudioError",
    "ChromaExtractor",
    "DeEmphasis",
    "FeatureUnion",
    "FixedLength",
    "Loader",
    "LoudnessExtractor",
    "MFCCExtractor",
    "MelSpectrogramExtractor",
    "MinMaxNormalizer",
    "MomentaryLoudnessExtractor",
    "PeakNormalizer",
    "PreEmphasis",
    "RMSExtractor",
    "RMSNormalizer",
    "Resampler",
    "Signal",
    "SignalBatch",
    "SilenceTrimmer",
    "SpectralCentroidExtractor",
    "SpectralRolloffExtractor",
    "Summarizer",
    "ZeroCrossingRateExtractor",
    "make_union",
]
