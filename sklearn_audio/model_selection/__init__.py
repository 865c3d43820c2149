"""Tools for tuning and evaluating models of sound."""

from .prefetching import Prefetched, prefetch

__all__ = ["Prefetched", "prefetch"]
