"""The door from files to signals."""

from .loader import Loader

__all__ = ["Loader"]
