"""A page on a set of recordings: what is in it, what is wrong with it, and how it sounds."""

from .findings import Finding
from .reports import Report, report

__all__ = ["Finding", "Report", "report"]
