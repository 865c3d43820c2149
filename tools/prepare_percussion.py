"""Make the recordings of `sklearn_audio.datasets.load_percussion`.

They come from Debian's package sonic-pi-samples, whose copyright file says of each recording who
made it, where it was published and under which licence. A recording is taken if it belongs to one
of the families below and that file puts it under CC0; every other one is named and left out.

    python tools/prepare_percussion.py /usr/share/sonic-pi/samples

needs soundfile and soxr. Running it again makes the same sounds, but not the same bytes: each Ogg
stream bears a random serial number.
"""

from __future__ import annotations

import argparse
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

FAMILIES = {
    "bass": "bass",
    "bd": "bass_drum",
    "drum": "acoustic_drum",
    "elec": "electronic",
    "tabla": "tabla",
}
SAMPLE_RATE = 22050  # Hz
LONGEST = 1.5  # seconds
FADE = 0.01  # seconds

DESTINATION = Path(__file__).parents[1] / "sklearn_audio" / "datasets" / "data" / "percussion"

LICENSES_HEAD = """\
The recordings in this folder are in the public domain under CC0 1.0 Universal:
https://creativecommons.org/publicdomain/zero/1.0/

Members of freesound.org made and published them; Sonic Pi (https://sonic-pi.net) collected and
trimmed them; Debian's package sonic-pi-samples, from which they were taken, lists authors and
pages as below. What was changed here, by tools/prepare_percussion.py:

- channels averaged to one,
- resampled from 44100 to 22050 Hz (soxr, high quality),
- what is longer than 1.5 s cut there, with a fade-out of 10 ms,
- written as Ogg Vorbis.

"""


@dataclass(frozen=True)
class Origin:
    """What the copyright file says of one recording."""

    author: str
    year: str
    page: str
    license: str


def read_origins(copyright_file: Path) -> dict[str, Origin]:
    """Return the origin of every sample by its file name, from a Debian copyright file."""
    origins = {}
    for paragraph in copyright_file.read_text(encoding="utf-8").split("\n\n"):
        fields = dict(re.findall(r"^(\w+): +(.+)$", paragraph, flags=re.MULTILINE))
        file_name = fields.get("Files", "").rpartition("etc/samples/")[2]
        if file_name.endswith(".flac"):
            year, _, author = fields["Copyright"].partition(" ")
            origins[file_name] = Origin(
                author=author,
                year=year,
                page=fields.get("Source", "no page given"),
                license=fields["License"],
            )
    return origins


def shorten(samples: np.ndarray) -> np.ndarray:
    """Cut a signal to the longest allowed, fading out what is cut."""
    longest = round(LONGEST * SAMPLE_RATE)
    if len(samples) <= longest:
        return samples
    shortened = samples[:longest].copy()
    fade = round(FADE * SAMPLE_RATE)
    shortened[-fade:] *= np.linspace(1, 0, fade)
    return shortened


def convert(source: Path, destination: Path) -> None:
    """Write one recording as it is shipped."""
    channels, rate = soundfile.read(source, dtype="float32", always_2d=True)
    samples = soxr.resample(channels.mean(axis=1), rate, SAMPLE_RATE, quality="HQ")
    destination.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(destination, shorten(samples), SAMPLE_RATE, format="OGG", subtype="VORBIS")


def main(samples: Path, copyright_file: Path) -> None:
    """Convert every recording of the families and write whose they are."""
    origins = read_origins(copyright_file)
    for family in FAMILIES.values():
        shutil.rmtree(DESTINATION / family, ignore_errors=True)
    lines = []
    for source in sorted(samples.glob("*.flac")):
        prefix = source.name.split("_")[0]
        if prefix not in FAMILIES:
            continue
        origin = origins.get(source.name)
        if origin is None or origin.license != "CC0":
            print(f"left out: {source.name}, which {copyright_file} does not put under CC0")
            continue
        converted = f"{FAMILIES[prefix]}/{source.stem}.ogg"
        convert(source, DESTINATION / converted)
        lines.append(f"{converted}\n    {origin.author}, {origin.year}, {origin.page}\n")
    (DESTINATION / "LICENSES").write_text(LICENSES_HEAD + "".join(sorted(lines)), encoding="utf-8")
    print(f"{len(lines)} recordings in {DESTINATION}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("samples", type=Path, help="the samples of Debian's sonic-pi-samples")
    parser.add_argument(
        "--copyright",
        type=Path,
        help="its copyright file; by default where the package puts it relative to the samples",
    )
    arguments = parser.parse_args()
    main(
        arguments.samples,
        arguments.copyright
        or arguments.samples.parents[1] / "doc" / "sonic-pi-samples" / "copyright",
    )
