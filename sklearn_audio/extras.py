"""Packages that only pictures, players and pages need."""

from __future__ import annotations

import sys
import warnings
from importlib import import_module
from types import ModuleType


def required(name: str) -> ModuleType:
    """Import a module of an optional package.

    Parameters
    ----------
    name : str
        Such as ``"matplotlib.pyplot"``.

    Returns
    -------
    module : module
        The module.

    Raises
    ------
    ImportError
        Where the package is not installed, saying how to install it.

    Examples
    --------
    >>> from sklearn_audio.extras import required
    >>> required("matplotlib").__name__
    'matplotlib'
    """
    loaded = sys.modules.get(name)
    if loaded is not None:
        return loaded
    try:
        with warnings.catch_warnings():
            # librosa imports bars of progress, which are then text.
            warnings.filterwarnings("ignore", message="IProgress not found")
            return import_module(name)
    except ModuleNotFoundError as error:
        package = name.split(".")[0]
        if (error.name or "").split(".")[0] != package:
            raise  # something that the package itself needs is missing
        raise ImportError(
            f"{package} is needed for this and is not installed. It comes with the extra plot: "
            'pip install "sklearn-audio[plot]"',
            name=package,
        ) from error
