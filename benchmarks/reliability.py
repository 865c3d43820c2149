"""The page of the campaigns: each writes its own section, and leaves those of the others."""

import datetime
import os
import platform
import re
import shlex
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import soundfile

PAGE = Path(__file__).with_name("RELIABILITY.md")
PREFACE = """# Reliability

The last figures of the long campaigns. Shorter ones of the same programs are part of the tests.
Each section is written by the command that it names. What they show, and what they do not:

- *Malformed files* shows that short recordings of five formats, damaged at random in eleven ways,
  end in a row or in an AudioError, the same by path and by bytes, without a crash, a hang, a
  warning or an untyped error. It does not show that each such row is right: where a format has no
  checksum (WAV, AIFF, most of MP3), changed bytes are other samples, and nobody can tell. Nor
  does it show what somebody could do who searches libsndfile for weaknesses; chance does not.
- *Malformed files with formats='all'* shows the same where decoders of rare formats may be reached
  too, as far as damage to the five formats leads there.
- *Rare formats with formats='all'* begins with files that are refused by default. It shows what
  comes of them where that is asked for: a crash there is a known risk, and is only counted. Many of
  the rows are of cut files, since of a rare format this package does not know what it declares;
  libsndfile prints while it reads some SDS files, which cannot be held back.
- *Kills* shows that a process that is killed (SIGKILL) at any moment leaves a row store of which
  every row is right, and with which the extraction is finished. It does not show what a loss of
  power does, where the system itself forgets what was written, nor a file system of a network.
- *Kills of workers* shows that an extraction over processes goes on with new ones when some are
  killed, and that no row is missing or wrong. The kills are at least a hundred recordings apart: a
  recording at which workers die again and again is another matter, and is told as such.
- *Truncated recordings* shows that a real recording that is cut at any point is reported, where its
  header or its pages tell how long it was. An MP3 that does not declare its length and is cut at
  the beginning of a frame cannot be told from a whole one, and the share of such cuts is given. It
  does not show anything of recordings that were cut before they were encoded.
- *Fuzzing of the containers* shows that no bytes that a fuzzer has found, guided by the lines of
  this package that they reach, make the package's own reading of headers raise anything but an
  AudioError, or take long. libsndfile is run behind it, but not watched for what is reached in it.
  What a longer run would find it does not show.
"""


def write_section(title, counts, seconds, page=PAGE):
    """Write the counts of a campaign, lines of text, in the place of those of the last one."""
    versions = f"libsndfile {soundfile.__libsndfile_version__}, numpy {np.__version__}"
    section = "\n".join(
        [
            f"## {title}",
            "",
            f"{datetime.date.today().isoformat()}, {seconds:.0f} s on "
            f"{platform.system()} {platform.machine()} with {os.cpu_count()} cores; sklearn_audio "
            f"{version('sklearn-audio')}, Python {platform.python_version()}, {versions}.",
            "",
            f"    python benchmarks/{shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])}",
            "",
            *(f"- {line}" for line in counts),
            "",
        ]
    )
    known = page.read_text() if page.exists() else ""
    sections = re.split(r"^(?=## )", known, flags=re.M)[1:]
    kept = [one for one in sections if not one.startswith(f"## {title}\n")]
    page.write_text("\n".join(one.rstrip() + "\n" for one in [PREFACE, *kept, section]))
