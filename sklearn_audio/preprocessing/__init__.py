"""Steps: transformers from signal to signal, a module a step."""

from .emphasis import DeEmphasis, PreEmphasis
from .length import FixedLength
from .normalization import MinMaxNormalizer, PeakNormalizer, RMSNormalizer
from .resampling import Resampler
from .trimming import SilenceTrimmer

__all__ = [
    "DeEmphasis",
    "FixedLength",
    "MinMaxNormalizer",
    "PeakNormalizer",
    "PreEmphasis",
    "RMSNormalizer",
    "Resampler",
    "SilenceTrimmer",
]
