"""Features: extractors, and in their modules the pure functions of arrays that they are made of."""

from .cepstral import MFCCExtractor
from .chroma import ChromaExtractor
from .envelope import (
    AttackTimeExtractor,
    CrestFactorExtractor,
    DurationExtractor,
    DynamicRangeExtractor,
    EnvelopeExtractor,
    SilenceRatioExtractor,
    TemporalCentroidExtractor,
)
from .loudness import LoudnessExtractor, MomentaryLoudnessExtractor
from .mel import MelSpectrogramExtractor
from .spectral import SpectralCentroidExtractor, SpectralRolloffExtractor
from .spectrum import PowerSpectrum, SpectrumBlock, SpectrumExtractor
from .temporal import RMSExtractor, ZeroCrossingRateExtractor
from .waveform import FramedWaveformExtractor, WaveformExtractor

__all__ = [
    "AttackTimeExtractor",
    "ChromaExtractor",
    "CrestFactorExtractor",
    "DurationExtractor",
    "DynamicRangeExtractor",
    "EnvelopeExtractor",
    "FramedWaveformExtractor",
    "LoudnessExtractor",
    "MFCCExtractor",
    "MelSpectrogramExtractor",
    "MomentaryLoudnessExtractor",
    "PowerSpectrum",
    "RMSExtractor",
    "SilenceRatioExtractor",
    "SpectralCentroidExtractor",
    "SpectralRolloffExtractor",
    "SpectrumBlock",
    "SpectrumExtractor",
    "TemporalCentroidExtractor",
    "WaveformExtractor",
    "ZeroCrossingRateExtractor",
]
