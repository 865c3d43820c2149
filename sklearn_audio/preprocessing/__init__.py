"""Steps: transformers from signal to signal, a module a step."""

from .emphasis import DeEmphasis, PreEmphasis
from .length import FixedLength
from .normalization import MinMaxNormalizer, PeakNormalizer, RMSNormalizer
from .resampling import Resampler
from .separation import HarmonicSeparator, PercussiveSeparator
from .trimming import SilenceTrimmer

__all__ = [
    "DeEmphasis",
    "FixedLength",
    "HarmonicSeparator",
    "MinMaxNormalizer",
    "PeakNormalizer",
    "PercussiveSeparator",
    "PreEmphasis",
    "RMSNormalizer",
    "Resampler",
    "SilenceTrimmer",
]
