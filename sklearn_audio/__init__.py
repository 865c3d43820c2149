"""Sound for scikit-learn: every preprocessing step and every feature is an estimator."""

from importlib.metadata import version

from .errors import AudioError
from .features import (
    AttackTimeExtractor,
    BFCCExtractor,
    ChromaExtractor,
    CrestFactorExtractor,
    DurationExtractor,
    DynamicRangeExtractor,
    GFCCExtractor,
    LFCCExtractor,
    LogMelSpectrogramExtractor,
    LoudnessExtractor,
    MelSpectrogramExtractor,
    MFCCExtractor,
    MomentaryLoudnessExtractor,
    PCENExtractor,
    RMSExtractor,
    SilenceRatioExtractor,
    SpectralCentroidExtractor,
    SpectralRolloffExtractor,
    TemporalCentroidExtractor,
    ZeroCrossingRateExtractor,
)
from .frames import CepstralNormalizer, Delta, FrameStacker, Summarizer
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
    "BFCCExtractor",
    "CepstralNormalizer",
    "ChromaExtractor",
    "CrestFactorExtractor",
    "DeEmphasis",
    "Delta",
    "DurationExtractor",
    "DynamicRangeExtractor",
    "FeatureUnion",
    "FixedLength",
    "FrameStacker",
    "GFCCExtractor",
    "LFCCExtractor",
    "Loader",
    "LogMelSpectrogramExtractor",
    "LoudnessExtractor",
    "MFCCExtractor",
    "MelSpectrogramExtractor",
    "MinMaxNormalizer",
    "MomentaryLoudnessExtractor",
    "PCENExtractor",
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
