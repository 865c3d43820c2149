"""Labels and groups as a user gives them, as the names that a report shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd


def class_names(
    y: Any, n_recordings: int, display_labels: Sequence[str] | None = None
) -> pd.Categorical:
    """Return the class of each recording.

    Parameters
    ----------
    y : array-like of shape (n_recordings,)
        Labels, ints or strings; what is missing (None, NaN) is no label.
    n_recordings : int
        How many there have to be.
    display_labels : sequence of str or None, default=None
        Name of each int in y, as in ``target_names``; None for the labels themselves.

    Returns
    -------
    classes : Categorical of length n_recordings
        The categories are in the order of `display_labels`, otherwise sorted.

    Raises
    ------
    ValueError
        For a wrong number of labels, labels that are no classes, and names that do not fit them.

    Examples
    --------
    >>> from sklearn_audio.reporting.labels import class_names
    >>> list(class_names([1, 0, 1], 3, ["bark", "howl"]))
    ['howl', 'bark', 'howl']
    """
    values = _one_a_recording(y, n_recordings, "y")
    labels = pd.Series([_without_point(value) for value in values], dtype=object)
    if display_labels is None:
        return _categorical(labels, "y")
    names = [str(name) for name in display_labels]
    if len(set(names)) < len(names):
        raise ValueError(f"display_labels={names} names two classes alike; make them distinct")
    for label in labels.dropna().unique():
        if not isinstance(label, (int, np.integer, np.bool_)) or not 0 <= label < len(names):
            raise ValueError(
                f"y holds {label!r}, and display_labels has {len(names)} names: ints from 0 to "
                f"{len(names) - 1} are wanted. Leave display_labels out where y holds names"
            )
    codes = [-1 if pd.isna(label) else int(label) for label in labels]
    return pd.Categorical.from_codes(codes, categories=pd.Index(names, dtype=object))


def _without_point(label: Any) -> Any:
    """Return a label; ints that became floats, because some are missing, are ints again."""
    if not isinstance(label, (float, np.floating)) or np.isnan(label):
        return label
    if label % 1 != 0:
        raise ValueError(
            f"y holds {label}, and a report is on classes: ints or strings are wanted. Leave y "
            "out, or cut it into classes by pandas.cut"
        )
    return int(label)


def group_names(groups: Any, n_recordings: int) -> pd.Categorical:
    """Return the group of each recording.

    Parameters
    ----------
    groups : array-like of shape (n_recordings,)
        Anything that is sorted and told apart; what is missing (None, NaN) is no group.
    n_recordings : int
        How many there have to be.

    Returns
    -------
    groups : Categorical of length n_recordings
        The categories are sorted.

    Raises
    ------
    ValueError
        For a wrong number of groups.

    Examples
    --------
    >>> from sklearn_audio.reporting.labels import group_names
    >>> list(group_names([10, 9], 2).categories)
    ['9', '10']
    """
    return _categorical(_one_a_recording(groups, n_recordings, "groups"), "groups")


def _one_a_recording(values: Any, n_recordings: int, name: str) -> pd.Series:
    if np.ndim(values) == 2 and np.shape(values)[1] == 1:
        values = np.asarray(values, dtype=object).ravel()
    if np.ndim(values) != 1:
        raise ValueError(
            f"{name} has the shape {np.shape(values)}; one value a recording is wanted, of "
            f"shape ({n_recordings},)"
        )
    if len(values) != n_recordings:
        raise ValueError(
            f"{name} has {len(values)} values and X has {n_recordings} recordings; one value a "
            "recording is wanted, in the same order"
        )
    # By position, as in scikit-learn: the index of a Series plays no part.
    return pd.Series(list(values), dtype=object)


def _categorical(values: pd.Series, name: str) -> pd.Categorical:
    """Return values as text, with categories that are sorted as the values are."""
    distinct = values.dropna().unique()
    try:
        ordered = sorted(distinct)
    except TypeError:
        kinds = ", ".join(sorted({type(value).__name__ for value in distinct}))
        raise ValueError(
            f"{name} mixes values that cannot be sorted ({kinds}); make all of one kind, for "
            "example strings"
        ) from None
    categories = pd.Index(dict.fromkeys(map(str, ordered)), dtype=object)
    texts = values.map(str, na_action="ignore")
    return pd.Categorical(texts, categories=categories)
