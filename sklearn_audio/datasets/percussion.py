"""A small set of percussion sounds that comes with the package."""

from __future__ import annotations

from pathlib import Path

from sklearn.utils import Bunch

from .folders import load_audio_files

_FOLDER = Path(__file__).parent / "data" / "percussion"

_DESCRIPTION = """\
Percussion
==========

92 single strokes and notes of five families, each at most 1.5 s long, one channel, 22050 Hz,
Ogg Vorbis:

=============  ==========  =======================================================
family         recordings  what it holds
=============  ==========  =======================================================
acoustic_drum  20          every part of a drum kit: kicks, snares, toms, cymbals
bass           9           notes of a bass, mostly synthesised
bass_drum      12          kicks, mostly electronic
electronic     25          drum machine and synthesiser sounds
tabla          26          strokes on the two drums of a tabla
=============  ==========  =======================================================

It is there to try things on, not to compare methods by. It is small, a kick is found in three of
the families, and almost all of a family was recorded by one person with one equipment, which a
model hears as well. The shortest sound lasts 19 ms.

The recordings are by members of freesound.org, who gave them to the public domain (CC0 1.0), and
were collected for Sonic Pi. The file LICENSES beside them names the author and the page of each.
"""


def load_percussion() -> Bunch:
    """Load the paths of 92 short percussion sounds that come with the package.

    Five families, of 9 to 26 recordings each: acoustic drums, bass, bass drums, electronic and
    tabla. Each recording is at most 1.5 s long, one channel, 22050 Hz, Ogg Vorbis. They are in
    the public domain (CC0 1.0); the file LICENSES beside them names each author.

    Returns
    -------
    Bunch
        What is found under each name, as an item or as an attribute:

        paths : list of str of length 92
            Absolute and sorted.
        target : ndarray of int of shape (92,)
            Index into ``target_names``.
        target_names : list of str
            The five families, sorted.
        DESCR : str
            What the recordings are, whose, and what they are good for.

    See Also
    --------
    load_audio_files : The same for a folder of your own.
    fetch_spoken_digits : A larger set, downloaded once.

    Examples
    --------
    >>> from sklearn_audio.datasets import load_percussion
    >>> data = load_percussion()
    >>> len(data.paths), data.target_names
    (92, ['acoustic_drum', 'bass', 'bass_drum', 'electronic', 'tabla'])
    """
    data = load_audio_files(_FOLDER)
    return Bunch(
        paths=data.paths,
        target=data.target,
        target_names=data.target_names,
        DESCR=_DESCRIPTION,
    )
