"""Print the peak resident memory, in MB, of 15 features of some recordings.

python benchmarks/memory.py folder n_files
"""

import re
import sys
from pathlib import Path

from sklearn_audio import (
    ChromaExtractor,
    Loader,
    MelSpectrogramExtractor,
    MFCCExtractor,
    RMSExtractor,
    SpectralCentroidExtractor,
    SpectralRolloffExtractor,
    ZeroCrossingRateExtractor,
    make_union,
)


def fifteen_features():
    """Return seven extractors in two settings, and one more."""
    return make_union(
        *[
            extractor(n_fft=n_fft, hop_length=n_fft // 4)
            for n_fft in (1024, 2048)
            for extractor in (
                ChromaExtractor,
                MelSpectrogramExtractor,
                MFCCExtractor,
                SpectralCentroidExtractor,
                SpectralRolloffExtractor,
            )
        ],
        *[
            extractor(frame_length=frame_length)
            for frame_length in (1024, 2048)
            for extractor in (RMSExtractor, ZeroCrossingRateExtractor)
        ],
        SpectralRolloffExtractor(roll_percent=0.1),
    )


def megabytes(field):
    """Return the memory of this process: VmRSS, what it has now, or VmHWM, the most it ever had."""
    # Not getrusage: its maximum is inherited from the process that started this one.
    status = Path("/proc/self/status").read_text()
    return int(re.search(rf"{field}:\s+(\d+) kB", status)[1]) / 1024


if __name__ == "__main__":
    folder, n_files = Path(sys.argv[1]), int(sys.argv[2])
    # Memory has to hold one signal, so the longest is always among them; the others are
    # spread over the folder.
    longest, *paths = sorted(folder.rglob("*.mp3"), key=lambda path: -path.stat().st_size)
    chosen = [longest, *(paths[k * len(paths) // (n_files - 1)] for k in range(n_files - 1))]
    features = fifteen_features().fit_transform(Loader().fit_transform(chosen))
    assert features.shape[0] == n_files
    print(megabytes("VmHWM"))
