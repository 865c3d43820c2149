"""Kill workers of extractions two hundred times, and write what was seen into RELIABILITY.md.

    python benchmarks/worker_kill_campaign.py [N_KILLS] [SEED]

The longer campaign of the test of the same program, with another seed.
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from killed_workers import campaign
from reliability import write_section


def main():
    """Print the figures of a campaign; the status tells whether all was right."""
    n_kills, seed = [*map(int, sys.argv[1:]), *(200, 1)[len(sys.argv) - 1 :]]
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        seen = campaign(Path(folder), n_kills, seed)
    lines = [f"{name}: {number}" for name, number in seen.items()]
    write_section("Kills of workers", lines, time.perf_counter() - start)
    print("\n".join(lines))
    return int(any(seen[name] for name in ("different", "damaged", "missing")))


if __name__ == "__main__":
    sys.exit(main())
