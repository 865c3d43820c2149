"""Cut real recordings at random points, and write how many cuts are reported into RELIABILITY.md.

    python benchmarks/truncation_campaign.py [N_CUTS] [SEED]

Sixty recordings, ten of each form, are cut at so many points each, a quarter of which are within
the last thousand bytes, where a loss is hardest to see. Needs the folder of real recordings
(SKLEARN_AUDIO_SHARED, by default ../shared/data). OGG, FLAC and MP3 are as they came;
these MP3 do not declare their length, so others are encoded anew, with the header of Xing, and so
are WAV and AIFF. A cut loses frames where fewer come than of the whole recording, and is reported
where a TruncatedAudioError comes, or, where only the very first bytes are left, another AudioError.
"""

import io
import sys
import tempfile
import time
from collections import Counter
from itertools import cycle
from pathlib import Path

import numpy as np
import soundfile
from measuring import SHARED
from reliability import write_section

from sklearn_audio import AudioError, Loader

N_RECORDINGS = 10
UNDECLARED = "MP3 without the header of Xing, as they came"


def recordings(generator):
    """Return the contents of the recordings of each form."""
    ogg, mp3, flac, esc = (
        sampled(generator, pattern)
        for pattern in ("music/*.ogg", "instruments/*/*.mp3", "speakers/*/*.flac", "esc10/*/*.flac")
    )
    rates = cycle(["CONSTANT", "VARIABLE"])
    contents = {
        "OGG, as they came": [path.read_bytes() for path in ogg],
        "FLAC, as they came": [path.read_bytes() for path in flac],
        "WAV, made of FLAC": [encoded(path, "WAV") for path in esc],
        "AIFF, made of FLAC": [encoded(path, "AIFF") for path in esc],
        "MP3 with the header of Xing, encoded anew": [
            encoded(path, "MP3", bitrate_mode=next(rates)) for path in mp3
        ],
        UNDECLARED: [path.read_bytes() for path in mp3],
    }
    for form, some in contents.items():
        # Xing stands there for a variable bit rate, Info for a constant one.
        is_declared = [b"Xing" in content[:4000] or b"Info" in content[:4000] for content in some]
        if form.startswith("MP3") and is_declared != [form != UNDECLARED] * N_RECORDINGS:
            raise RuntimeError(f"{form}: that is not so")
    return contents


def sampled(generator, pattern):
    """Return some of the recordings, by their paths."""
    paths = sorted(SHARED.glob(pattern))
    chosen = generator.choice(len(paths), N_RECORDINGS, replace=False)
    return [paths[index] for index in sorted(chosen)]


def encoded(path, form, **parameters):
    """Return the sound of a recording in another form."""
    samples, rate = soundfile.read(path)
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=form, **parameters)
    return file.getvalue()


def outcome(path, whole):
    """Return what became of a cut recording."""
    try:
        signal = Loader().transform([path])[0]
    except AudioError as error:
        return type(error).__name__
    if len(signal) < len(whole):
        return "shorter, without a word"
    is_same = np.array_equal(signal.samples, whole.samples)
    return "nothing is lost" if is_same else "different, without a word"


def cut(contents, n_cuts, generator, path):
    """Return what became of the recordings of a form, each cut at random points."""
    outcomes = Counter()
    for content in contents:
        path.write_bytes(content)
        [whole] = Loader().transform([path])
        lengths = generator.integers(len(content), size=n_cuts)
        lengths[::4] = len(content) - generator.integers(1, 1001, size=len(lengths[::4]))
        for length in lengths:
            path.write_bytes(content[:length])
            outcomes[outcome(path, whole)] += 1
    return outcomes


def main():
    """Print the figures of a campaign; the status tells whether all was right."""
    n_cuts, seed = [*map(int, sys.argv[1:]), *(200, 1)[len(sys.argv) - 1 :]]
    start = time.perf_counter()
    generator = np.random.default_rng(seed)
    lines, n_missed = [], 0
    with tempfile.TemporaryDirectory() as folder:
        for form, contents in recordings(generator).items():
            outcomes = cut(contents, n_cuts, generator, Path(folder, "cut"))
            quiet = sum(number for name, number in outcomes.items() if "without a word" in name)
            n_missed += quiet if form != UNDECLARED else 0
            n_reported = outcomes.total() - quiet - outcomes["nothing is lost"]
            counts = ", ".join(f"{number} {name}" for name, number in outcomes.most_common())
            lines.append(
                f"{form}: {len(contents)} recordings, {outcomes.total()} cuts, {n_reported} "
                f"reported ({n_reported / outcomes.total():.2%}); {counts}"
            )
            print(lines[-1], flush=True)
    lines.append(f"lost frames that are not reported, where the length is declared: {n_missed}")
    print(lines[-1])
    write_section("Truncated recordings", lines, time.perf_counter() - start)
    return int(n_missed > 0)


if __name__ == "__main__":
    sys.exit(main())
