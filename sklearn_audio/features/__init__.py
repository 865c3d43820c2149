"""Features: extractors, and in their modules the pure functions of arrays that they are made of."""

from .cepstral import MFCCExtractor
from .chroma import ChromaExtractor
from .loudness import LoudnessExtractor, MomentaryLoudnessExtractor
from .mel import MelSpectrogramExtractor
from .spectral import SpectralCentroidExtractor, SpectralRolloffExtractor
from .spectrum import PowerSpectrum, SpectrumBlock, SpectrumExtractor
from .temporal import RMSExtractor, ZeroCrossingRateExtractor
from .waveform import FramedWaveformExtractor, WaveformExtractor

__all__ = [
    "ChromaExtractor",
    "FramedWaveformExtractor",
    "LoudnessExtractor",
    "MFCCExtractor",
    "MelSpectrogramExtractor",
    "MomentaryLoudnessExtractor",
    "PowerSpectrum",
    "RMSExtractor",
    "SpectralCentroidExtractor",
    "SpectralRolloffExtractor",
    "SpectrumBlock",
    "SpectrumExtractor",
    "WaveformExtractor",
    "ZeroCrossingRateExtractor",
]
