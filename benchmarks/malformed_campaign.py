"""Read as many malformed files as wanted, and write what became of them into RELIABILITY.md.

    python benchmarks/malformed_campaign.py [N_FILES] [SEED] [--formats all]

The longer campaign of the test of the same program, with another seed. With formats="all" decoders
are reached that are not hardened, so what crashes then is a known risk.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from reliability import write_section
from watched_reading import harm, read_all, summary

# The outcomes of so many are held at once.
AT_ONCE = 50_000


def main():
    """Write the counts and print what did harm; the status tells whether anything did."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("n_files", nargs="?", type=int, default=100_000)
    parser.add_argument("seed", nargs="?", type=int, default=1)
    parser.add_argument("--formats", choices=("common", "all"), default="common")
    arguments = parser.parse_args()
    start = time.perf_counter()
    outcomes = []
    for first in range(0, arguments.n_files, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, arguments.n_files))
        jobs = [["malformed", arguments.seed, number, arguments.formats] for number in numbers]
        for outcome in read_all(jobs, n_workers=os.cpu_count() or 1):
            outcome.pop("row", None)
            outcome.pop("reason", None)
            outcomes.append(outcome)
    lines = summary(outcomes)
    title = "Malformed files"
    if arguments.formats == "all":
        title += " with formats='all'"
    write_section(title, lines, time.perf_counter() - start)
    print("\n".join(lines))
    found = harm(outcomes)
    for name, some in found.items():
        for outcome in some[:20]:
            print(f"{name}: {json.dumps(outcome)}")
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main())
