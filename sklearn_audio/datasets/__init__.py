"""Recordings and signals to start with: load_* read what is here, fetch_* download, make_* compute.

Every function returns a `sklearn.utils.Bunch`. Recordings come as ``paths``, a sorted list that
goes straight into `sklearn_audio.Loader`, with ``target``, an integer label a path, and
``target_names``, the name of each label.
"""

from .folders import load_audio_files
from .percussion import load_percussion
from .spoken_digits import fetch_spoken_digits
from .tones import make_tones

__all__ = ["fetch_spoken_digits", "load_audio_files", "load_percussion", "make_tones"]
