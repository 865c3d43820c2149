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
Each section is written by the command that it names.
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
    known = page.read_text() if page.exists() else PREFACE
    sections = re.split(r"^(?=## )", known, flags=re.M)
    kept = [one for one in sections if not one.startswith(f"## {title}\n")]
    page.write_text("\n".join(one.rstrip() + "\n" for one in [*kept, section]))
