"""Features: extractors, and in their modules the pure functions of arrays that they are made of."""

from .beat import BeatExtractor
from .cepstral import (
    BFCCExtractor,
    CepstralExtractor,
    GFCCExtractor,
    LFCCExtractor,
    MFCCExtractor,
)
from .chroma import ChromaExtractor
from .constant_q import ConstantQExtractor, ConstantQSpectrogramExtractor
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
from .harmony import (
    ChromaCENSExtractor,
    ChromaCQTExtractor,
    ChromaVQTExtractor,
    TonnetzExtractor,
)
from .htk import HTKMFCCExtractor
from .kaldi import KaldiFilterBankExtractor, KaldiMFCCExtractor
from .loudness import LoudnessExtractor, MomentaryLoudnessExtractor
from .mel import (
    LogMelSpectrogramExtractor,
    MelExtractor,
    MelSpectrogramExtractor,
    PCENExtractor,
)
from .onset import OnsetStrengthExtractor, RhythmExtractor
from .pitch import PYINExtractor, YINExtractor
from .spectral import (
    PolynomialExtractor,
    SpectralBandwidthExtractor,
    SpectralCentroidExtractor,
    SpectralContrastExtractor,
    SpectralFlatnessExtractor,
    SpectralRMSExtractor,
    SpectralRolloffExtractor,
)
from .spectral_shape import (
    BandEnergyExtractor,
    SpectralCrestExtractor,
    SpectralDecreaseExtractor,
    SpectralEntropyExtractor,
    SpectralFluxExtractor,
    SpectralKurtosisExtractor,
    SpectralSkewnessExtractor,
    SpectralSlopeExtractor,
)
from .spectrum import PowerSpectrum, SpectrumBlock, SpectrumExtractor
from .speech import SpeechExtractor
from .tempo import TempoExtractor, TempogramRatioExtractor
from .tempogram import FourierTempogramExtractor, TempogramExtractor
from .temporal import RMSExtractor, ZeroCrossingRateExtractor
from .waveform import FramedWaveformExtractor, WaveformExtractor

__all__ = [
    "AttackTimeExtractor",
    "BFCCExtractor",
    "BandEnergyExtractor",
    "BeatExtractor",
    "CepstralExtractor",
    "ChromaCENSExtractor",
    "ChromaCQTExtractor",
    "ChromaExtractor",
    "ChromaVQTExtractor",
    "ConstantQExtractor",
    "ConstantQSpectrogramExtractor",
    "CrestFactorExtractor",
    "DurationExtractor",
    "DynamicRangeExtractor",
    "EnvelopeExtractor",
    "FilterBankExtractor",
    "FourierTempogramExtractor",
    "FramedWaveformExtractor",
    "GFCCExtractor",
    "HTKMFCCExtractor",
    "KaldiFilterBankExtractor",
    "KaldiMFCCExtractor",
    "LFCCExtractor",
    "LogMelSpectrogramExtractor",
    "LoudnessExtractor",
    "MFCCExtractor",
    "MelExtractor",
    "MelSpectrogramExtractor",
    "MomentaryLoudnessExtractor",
    "OnsetStrengthExtractor",
    "PCENExtractor",
    "PYINExtractor",
    "PolynomialExtractor",
    "PowerSpectrum",
    "RMSExtractor",
    "RhythmExtractor",
    "SilenceRatioExtractor",
    "SpectralBandwidthExtractor",
    "SpectralCentroidExtractor",
    "SpectralContrastExtractor",
    "SpectralCrestExtractor",
    "SpectralDecreaseExtractor",
    "SpectralEntropyExtractor",
    "SpectralFlatnessExtractor",
    "SpectralFluxExtractor",
    "SpectralKurtosisExtractor",
    "SpectralRMSExtractor",
    "SpectralRolloffExtractor",
    "SpectralSkewnessExtractor",
    "SpectralSlopeExtractor",
    "SpectrumBlock",
    "SpectrumExtractor",
    "SpeechExtractor",
    "TempoExtractor",
    "TempogramExtractor",
    "TempogramRatioExtractor",
    "TemporalCentroidExtractor",
    "TonnetzExtractor",
    "WaveformExtractor",
    "YINExtractor",
    "ZeroCrossingRateExtractor",
]
