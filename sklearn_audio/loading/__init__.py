"""The door from files to signals."""

from .limits import AudioLimits
from .loader import Loader

__all__ = ["AudioLimits", "Loader"]
