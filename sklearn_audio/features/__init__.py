"""Features: extractors, and in their modules the pure functions of arrays that they are made of."""

from .cepstral import (
    BFCCExtractor,
    CepstralExtractor,
    GFCCExtractor,
    LFCCExtractor,
    MFCCExtractor,
)
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
from .filter_banks import FilterBankExtractor
from .loudness import LoudnessExtractor, MomentaryLoudnessExtractor
from .mel import (
    LogMelSpectrogramExtractor,
    MelExtractor,
    MelSpectrogramExtractor,
    PCENExtractor,
)
from .spectral import SpectralCentroidExtractor, SpectralRolloffExtractor
from .spectrum import PowerSpectrum, SpectrumBlock, SpectrumExtractor
from .temporal import RMSExtractor, ZeroCrossingRateExtractor
from .waveform import FramedWaveformExtractor, WaveformExtractor

__all__ = [
    "AttackTimeExtractor",
    "BFCCExtractor",
    "CepstralExtractor",
    "ChromaExtractor",
    "CrestFactorExtractor",
    "DurationExtractor",
    "DynamicRangeExtractor",
    "EnvelopeExtractor",
    "FilterBankExtractor",
    "FramedWaveformExtractor",
    "GFCCExtractor",
    "LFCCExtractor",
    "LogMelSpectrogramExtractor",
    "LoudnessExtractor",
    "MFCCExtractor",
    "MelExtractor",
    "MelSpectrogramExtractor",
    "MomentaryLoudnessExtractor",
    "PCENExtractor",
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
