"""Sound for scikit-learn: every preprocessing step and every feature is an estimator."""

from importlib.metadata import version

from .errors import AudioError
from .features import (
    AttackTimeExtractor,
    ChromaExtractor,
    CrestFactorExtractor,
    DurationExtractor,
    DynamicRangeExtractor,
    LoudnessExtractor,
    MelSpectrogramExtractor,
    MFCCExtractor,
    MomentaryLoudnessExtractor,
    RMSExtractor,
    SilenceRatioExtractor,
    SpectralCentroidExtractor,
    SpectralRolloffExtractor,
    TemporalCentroidExtractor,
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
    "AttackTimeExtractor",
    "AudioError",
    "ChromaExtractor",
    "CrestFactorExtractor",
    "DeEmphasis",
    "DurationExtractor",
    "DynamicRangeExtractor",
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
    "SilenceRatioExtractor",
    "SilenceTrimmer",
    "SpectralCentroidExtractor",
    "SpectralRolloffExtractor",
    "Summarizer",
    "TemporalCentroidExtractor",
    "ZeroCrossingRateExtractor",
    "make_union",
]
