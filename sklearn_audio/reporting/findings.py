"""What deserves a look in a set of recordings, in words.

*Conventions.* A problem makes the set wrong: a recording that cannot be used, or a label that
contradicts another. A warning is something that makes a score too good or a model learn the wrong
thing. A note may be as it should be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from pandas import DataFrame

from . import facts
from .words import LABEL_LENGTH, shown

# A recording that is only scaled to full scale has a few samples there.
CLIPPED_SHARE = 0.001
# As in scan: -60 dB of full scale.
SILENT_PEAK = 0.001
SILENT_SHARE = 0.5
# What MP3 and Vorbis make of a recording at full scale stays well below twice that.
BEYOND_PEAK = 2
DC_OFFSET = 0.01
# A frame of the extractors, by default.
FRAME_SAMPLES = 2048
# As many as there are folds in cross-validation, by default.
SMALL_CLASS = 5
# How many times as large as the smallest class the largest is, and as long as the shortest
# recording the longest.
UNEVEN = 10
# How much more often a class is guessed right where one fact of the recording is known.
SHORTCUT = 0.1

Severity = Literal["problem", "warning", "note"]


@dataclass(frozen=True, eq=False)
class Finding:
    """Something that deserves a look.

    Parameters
    ----------
    severity : {"problem", "warning", "note"}
        How bad it is.
    name : str
        What it is, in a word. It stands in the column findings of the recordings.
    title : str
        What was found, in a line.
    advice : str
        Why that matters, and what to do.
    positions : ndarray of int
        Position in X of the recordings that it is about; none where it is about the whole set.

    Examples
    --------
    >>> from sklearn_audio.reporting import Finding
    >>> print(Finding("note", "rates", "There are 2 rates.", "Put a Resampler before."))
    note: There are 2 rates. Put a Resampler before.
    """

    severity: Severity
    name: str
    title: str
    advice: str
    positions: np.ndarray = field(default_factory=lambda: np.array([], dtype=int))

    def __str__(self) -> str:
        return f"{self.severity}: {self.title} {self.advice}"


def findings_of(table: DataFrame) -> tuple[Finding, ...]:
    """Return what deserves a look, the worst first.

    Parameters
    ----------
    table : DataFrame
        Of recordings, as in `sklearn_audio.reporting.facts`.

    Returns
    -------
    findings : tuple of Finding
        Empty where all is well.
    """
    found = [*_of_content(table), *_of_sound(table), *_of_the_whole(table)]
    if table["label"].notna().any():
        found += [*_of_classes(table), *_of_shortcuts(table)]
    if table["group"].notna().any():
        found += _of_groups(table)
    severities = ["problem", "warning", "note"]
    return tuple(sorted(found, key=lambda finding: severities.index(finding.severity)))


def counted(number: int, what: str, many: str | None = None) -> str:
    """Return a number of things in words.

    Parameters
    ----------
    number : int
        How many.
    what : str
        What one of them is called.
    many : str or None, default=None
        What several are called; None for `what` with an s.

    Returns
    -------
    words : str
        Such as ``"1 class"``.

    Examples
    --------
    >>> from sklearn_audio.reporting.findings import counted
    >>> counted(1, "class", "classes"), counted(1200, "recording")
    ('1 class', '1,200 recordings')
    """
    return f"{number:,} {what if number == 1 else many or what + 's'}"


def _of_content(table: DataFrame) -> Iterator[Finding]:
    unusable = np.flatnonzero(~table["ok"])
    if len(unusable):
        kinds = table.loc[~table["ok"].to_numpy(), "kind"].value_counts()
        told = ", ".join(f"{count:,} {kind}" for kind, count in kinds.items())
        yield Finding(
            "problem",
            "unusable",
            f"{counted(len(unusable), 'recording')} cannot be used.",
            f"Refused by a Loader: {told}. Mend or leave out; with "
            'Loader(on_error="nan") such rows are NaN.',
            unusable,
        )
    contradictions = facts.in_several(table, "label")
    if len(contradictions):
        yield Finding(
            "problem",
            "contradiction",
            f"{counted(len(contradictions), 'recording')} of the same content have different "
            "labels.",
            "At most one of these labels is right.",
            contradictions,
        )
    unlabelled = np.flatnonzero(table["label"].isna())
    if 0 < len(unlabelled) < len(table):
        yield Finding(
            "problem",
            "unlabelled",
            f"{counted(len(unlabelled), 'recording')} without a label.",
            "Without a label there is no class. Label or leave out.",
            unlabelled,
        )
    sets = facts.copies(table)
    if sets:
        n_more = sum(map(len, sets)) - len(sets)
        yield Finding(
            "warning",
            "copy",
            f"{counted(n_more, 'recording')} {'is a copy' if n_more == 1 else 'are copies'} of "
            "others.",
            "With a copy in training and one in test, the score is too good. Keep one of each.",
            np.sort(np.concatenate(sets)),
        )
    astray = facts.in_several(table, "group")
    if len(astray):
        yield Finding(
            "warning",
            "several groups",
            f"{counted(len(astray), 'recording')} of the same content are in different groups.",
            "A split by groups does not keep them apart.",
            astray,
        )


def _of_sound(table: DataFrame) -> Iterator[Finding]:
    ok, peak = table["ok"].to_numpy(), table["peak"].to_numpy()
    silent = ok & (peak <= SILENT_PEAK)
    beyond = ok & (peak > BEYOND_PEAK)
    clipped = ok & ~beyond & (table["clipped_share"].to_numpy() >= CLIPPED_SHARE)
    pauses = ok & ~silent & (table["silent_share"].to_numpy() > SILENT_SHARE)
    offset = ok & (np.abs(table["dc_offset"].to_numpy()) > DC_OFFSET)
    short = ok & (table["duration"] * table["rate"] < FRAME_SAMPLES).to_numpy()
    kinds: list[tuple[Severity, str, np.ndarray, str, str]] = [
        (
            "warning",
            "silence",
            silent,
            "silent from beginning to end.",
            "Nothing is beyond -60 dBFS, so that features tell nothing of the class.",
        ),
        (
            "warning",
            "beyond full scale",
            beyond,
            "beyond twice full scale.",
            "Most likely integers were written as floating-point numbers. Divide by their full "
            "scale, 32768 for 16 bits.",
        ),
        (
            "warning",
            "clipped",
            clipped,
            "clipped.",
            "One in a thousand samples or more is at full scale. Record again at a lower "
            "level, or see whether clipping goes with a class.",
        ),
        (
            "note",
            "pauses",
            pauses,
            "silent for more than half of the time.",
            "Statistics over frames are then those of silence. A SilenceTrimmer takes away what is "
            "at the ends.",
        ),
        (
            "note",
            "offset",
            offset,
            "off centre.",
            f"The mean of the samples is beyond {DC_OFFSET:g} of full scale, which shows in "
            "features of level and waveform.",
        ),
        (
            "note",
            "short",
            short,
            f"shorter than {FRAME_SAMPLES} samples.",
            "That is a frame of most extractors; what is missing is filled with silence. A smaller "
            "n_fft suits short recordings.",
        ),
    ]
    for severity, name, which, what, advice in kinds:
        positions = np.flatnonzero(which)
        if len(positions):
            verb = "is" if len(positions) == 1 else "are"
            title = f"{counted(len(positions), 'recording')} {verb} {what}"
            yield Finding(severity, name, title, advice, positions)


def _of_the_whole(table: DataFrame) -> Iterator[Finding]:
    usable = table[table["ok"]]
    rates = sorted(usable["rate"].unique())
    if len(rates) > 1:
        yield Finding(
            "warning",
            "rates",
            f"There are {len(rates)} rates, from {rates[0]:,.0f} to {rates[-1]:,.0f} Hz.",
            "Extractors refuse a mixture. Put a Resampler before them.",
        )
    shortest, longest = usable["duration"].min(), usable["duration"].max()
    if longest > UNEVEN * shortest:
        yield Finding(
            "note",
            "durations",
            f"The longest recording lasts {longest / shortest:,.0f} times as long as the shortest.",
            "Statistics over few frames vary more. FixedLength brings all to one length.",
        )


def _of_classes(table: DataFrame) -> Iterator[Finding]:
    n_usable = table.loc[table["ok"], "label"].value_counts(sort=False)
    small = n_usable[n_usable < SMALL_CLASS]
    if len(small):
        yield Finding(
            "warning",
            "small class",
            f"{counted(len(small), 'class', 'classes')} of fewer than {SMALL_CLASS} usable "
            f"recordings: {_some(small.index)}.",
            f"Cross-validation of {SMALL_CLASS} folds then has folds without them.",
        )
    if len(n_usable) == 1:
        yield Finding(
            "warning",
            "one class",
            "There is only one class.",
            "A classifier needs two.",
        )
    elif n_usable.max() > UNEVEN * n_usable.min():
        yield Finding(
            "note",
            "imbalance",
            f"The largest class has {n_usable.max():,} usable recordings, and the smallest "
            f"{n_usable.min():,}.",
            "Accuracy hides how the small ones do: score by balanced_accuracy or f1_macro.",
        )


def _of_shortcuts(table: DataFrame) -> Iterator[Finding]:
    for column, what in (
        ("rate", "rate"),
        ("n_channels", "number of channels"),
        ("container", "format"),
    ):
        share, without = facts.guessed_right(table, column)
        if share - without >= SHORTCUT:
            yield Finding(
                "warning",
                "shortcut",
                f"The {what} gives the class away.",
                f"Guessed from the {what} alone, the class is right for {share:.0%} of the "
                f"recordings, and for {without:.0%} without it. A classifier may learn how they "
                "were made.",
            )


def _of_groups(table: DataFrame) -> Iterator[Finding]:
    ungrouped = np.flatnonzero(table["group"].isna())
    if len(ungrouped):
        yield Finding(
            "warning",
            "ungrouped",
            f"{counted(len(ungrouped), 'recording')} without a group.",
            "A split by groups needs one for each recording.",
            ungrouped,
        )
    classes = facts.by_class(table)
    lone = classes.index[classes["n_groups"] == 1]
    if len(lone):
        yield Finding(
            "warning",
            "lone group",
            f"{counted(len(lone), 'class', 'classes')} of one group alone: {_some(lone)}.",
            "A classifier may learn the group in place of the class, and no split can tell.",
        )
    n_classes = facts.classes_of_groups(table)
    n_several = int((n_classes > 1).sum())
    if n_several:
        yield Finding(
            "note",
            "groups",
            f"{n_several:,} of {counted(len(n_classes), 'group')} have recordings in several "
            "classes.",
            "Keep each group on one side of a split: StratifiedGroupKFold.",
        )


def _some(names: Any) -> str:
    """Return the first few names."""
    told = ", ".join(shown(name, LABEL_LENGTH) for name in names[:5])
    return told if len(names) <= 5 else f"{told} and {len(names) - 5:,} more"
