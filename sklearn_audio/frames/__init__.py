"""Transformers of frames: what comes behind an extractor with ``summary=None``.

*Conventions.* The frames of a signal are an array (n_frames, n_values); those of several signals
are a list of such arrays, or one array (n_signals, n_frames, n_values).
"""

from .base import FrameTransformer
from .context import Delta, FrameStacker
from .normalization import CepstralNormalizer
from .summarizer import Summarizer

__all__ = ["CepstralNormalizer", "Delta", "FrameStacker", "FrameTransformer", "Summarizer"]
