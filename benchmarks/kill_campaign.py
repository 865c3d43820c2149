"""Kill an extraction a thousand times, and write what its row store holds into RELIABILITY.md.

    python benchmarks/kill_campaign.py [N_KILLS] [SEED]

The longer campaign of the test of the same program, with another seed.
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from killed_extraction import campaign
from reliability import write_section


def main():
    """Print the figures of a campaign; the status tells whether all was right."""
    n_kills, seed = [*map(int, sys.argv[1:]), *(1000, 1)[len(sys.argv) - 1 :]]
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        seen = campaign(Path(folder), n_kills, seed)
    lines = [f"{name.replace('_', ' ')}: {number}" for name, number in seen.items()]
    write_section("Kills", lines, time.perf_counter() - start)
    print("\n".join(lines))
    return int(seen["damaged_rows"] > 0 or seen["different_values"] > 0 or seen["hits"] == 0)


if __name__ == "__main__":
    sys.exit(main())
