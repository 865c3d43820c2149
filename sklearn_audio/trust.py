"""What of the package a saved model may hold, for readers that load nothing else."""

from __future__ import annotations

from sklearn.base import BaseEstimator


def trusted_types() -> list[str]:
    """Return the names of the package's own classes that a fitted pipeline may hold.

    A pickled model is code that runs when it is loaded. The package skops loads a model of its
    own format without running any, and makes objects only of scikit-learn, numpy and scipy, and
    of the classes that it is told to trust. These are all public estimators of this package and
    what their parameters may be.

    Returns
    -------
    names : list of str
        Qualified names, sorted.

    See Also
    --------
    skops.io.load : Takes them as ``trusted``.

    Examples
    --------
    >>> from sklearn_audio import trusted_types
    >>> "sklearn_audio.loading.loader.Loader" in trusted_types()
    True
    """
    import sklearn_audio

    public = (getattr(sklearn_audio, name) for name in sklearn_audio.__all__)
    classes = (value for value in public if isinstance(value, type))
    parameters = (sklearn_audio.AudioLimits, sklearn_audio.RowStore)
    return sorted(
        f"{one.__module__}.{one.__qualname__}"
        for one in classes
        if issubclass(one, (BaseEstimator, *parameters))
    )
