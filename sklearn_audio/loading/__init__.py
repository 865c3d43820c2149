"""The door from files to signals."""

from .limits import AudioLimits
from .loader import Loader
from .scanning import scan

__all__ = ["AudioLimits", "Loader", "scan"]
