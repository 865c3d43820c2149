"""What is known of a set of recordings, as tables; how it looks is for others.

*Conventions.* A table of recordings is that of `sklearn_audio.scan` with two more columns, label
and group, both categorical. Recordings are known by their position in it. The unusable ones are
counted where recordings are counted; of how they last and sound nothing is known.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas import DataFrame, Series


def in_decibels(magnitudes: Series | np.ndarray | float) -> np.ndarray:
    """Return magnitudes in dB of full scale.

    Parameters
    ----------
    magnitudes : array-like
        Peaks or roots of mean squares, full scale at 1.

    Returns
    -------
    level : ndarray
        In dBFS; -inf for 0, NaN for what is not known.

    Examples
    --------
    >>> from sklearn_audio.reporting.facts import in_decibels
    >>> in_decibels([1.0, 0.1, 0.0]).tolist()
    [0.0, -20.0, -inf]
    """
    with np.errstate(divide="ignore"):
        return 20 * np.log10(np.asarray(magnitudes, dtype=float))


def by_class(table: DataFrame) -> DataFrame:
    """Return what is known of each class.

    Parameters
    ----------
    table : DataFrame
        Of recordings.

    Returns
    -------
    classes : DataFrame
        A row a class, in the order of the categories and by their names, with the columns n,
        n_unusable, n_groups, seconds (of all together), median_seconds and median_rms.
    """
    groups = table.assign(unusable=~table["ok"]).groupby("label", observed=False)
    return DataFrame(
        {
            "n": groups.size(),
            "n_unusable": groups["unusable"].sum(),
            "n_groups": groups["group"].nunique(),
            "seconds": groups["duration"].sum(),
            "median_seconds": groups["duration"].median(),
            "median_rms": groups["rms"].median(),
        }
    )


def classes_of_groups(table: DataFrame) -> Series:
    """Return in how many classes each group has recordings.

    Parameters
    ----------
    table : DataFrame
        Of recordings.

    Returns
    -------
    n_classes : Series of int
        By the name of the group.
    """
    pairs = table[["group", "label"]].dropna().drop_duplicates()
    return pairs["group"].value_counts(sort=False)


def groups_by_classes(table: DataFrame, groups: list[str], classes: list[str]) -> DataFrame:
    """Return how many recordings of each class some groups have.

    Parameters
    ----------
    table : DataFrame
        Of recordings.
    groups, classes : list of str
        Which ones, in the order wanted.

    Returns
    -------
    counts : DataFrame of int
        A row a group and a column a class.
    """
    some = table[table["group"].isin(groups) & table["label"].isin(classes)]
    counts = some[["group", "label"]].astype(object).value_counts().unstack(fill_value=0)
    return counts.reindex(index=groups, columns=classes, fill_value=0)


def copies(table: DataFrame) -> list[np.ndarray]:
    """Return the recordings that are there more than once.

    Those that cannot be used are left out: every empty file would be a copy of all others.

    Parameters
    ----------
    table : DataFrame
        Of recordings.

    Returns
    -------
    copies : list of ndarray of int
        The positions of all recordings of the same content, for each that has more than one.
    """
    first = _first_of_its_content(table)
    again = first[first.duplicated(keep=False)]
    return [np.asarray(positions) for positions in again.groupby(again).groups.values()]


def in_several(table: DataFrame, column: str) -> np.ndarray:
    """Return the recordings whose content stands under several labels, or in several groups.

    Parameters
    ----------
    table : DataFrame
        Of recordings.
    column : {"label", "group"}
        Of which of the two.

    Returns
    -------
    positions : ndarray of int
        Of all such recordings, the first of each content too.
    """
    first = _first_of_its_content(table)
    again = first[first.duplicated(keep=False)]
    names = table[column].reset_index(drop=True).loc[again.index]
    n_names = names.astype(object).groupby(again).transform("nunique")
    return again.index.to_numpy()[n_names.to_numpy() > 1]


def _first_of_its_content(table: DataFrame) -> Series:
    """Return the position of the first recording of the same content, of those that are usable."""
    positions = pd.RangeIndex(len(table))
    first = table["duplicate_of"].set_axis(positions).fillna(positions.to_series())
    return first[table["ok"].to_numpy()].astype(int)


def guessed_right(table: DataFrame, column: str) -> tuple[float, float]:
    """Return how often a class is guessed right from one fact of how it was recorded.

    The guess is the class that is most frequent among recordings of the same value.

    Parameters
    ----------
    table : DataFrame
        Of recordings.
    column : str
        Such as "rate".

    Returns
    -------
    share : float
        Of the usable recordings with a label, from 0 to 1.
    without : float
        The same where nothing is known: the share of the largest class.
    """
    known = table.loc[table["ok"], [column, "label"]].dropna().astype({"label": object})
    if known.empty:
        return 0.0, 0.0
    counts = known.value_counts()
    right = counts.groupby(level=0).max().sum()
    return float(right / len(known)), float(known["label"].value_counts().max() / len(known))
