"""Read damaged files of rare formats, and write what became of them into RELIABILITY.md.

    python benchmarks/rare_formats_campaign.py [N_FILES] [SEED]

They are read by Loader(formats='all'). Each is a short sound that libsndfile has encoded in a
format or encoding that a Loader refuses by default, with bytes changed, sizes that lie, or its end
cut. Crashes and hangs are a known risk of formats='all' and no failure of the campaign; an untyped
error is one.
"""

import io
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from malformed import LIES, changed, one_of, truncation
from reliability import write_section
from watched_reading import AT_ONCE, harm, read_all, summary

from sklearn_audio import AudioError, Loader

N_FRAMES = 3000
HEADER_BYTES = 128


def originals():
    """Return whole recordings of each format and encoding that is refused by default."""
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, N_FRAMES)
    found = {}
    # What libsndfile writes of SD2 beside its file would lie in the working directory, and make it
    # take every MP3 for SD2.
    for form in soundfile.available_formats().keys() - {"SD2"}:
        for encoding in soundfile.available_subtypes(form):
            file = io.BytesIO()
            try:
                soundfile.write(file, sound, 8000, format=form, subtype=encoding)
                Loader(formats="all").transform([file.getvalue()])[0]
            except (soundfile.SoundFileError, TypeError, AudioError):
                continue  # it cannot be written, or not be read again
            try:
                Loader().transform([file.getvalue()])[0]
            except AudioError:
                found[f"{form} {encoding}"] = file.getvalue()
    return found


def few_bytes_changed(generator, name, content):
    return changed(generator, content, int(generator.integers(1, 5)))


def many_bytes_changed(generator, name, content):
    return changed(generator, content, int(generator.integers(5, 101)))


def header_bytes_changed(generator, name, content):
    length = min(HEADER_BYTES, len(content))
    return changed(generator, content, int(generator.integers(1, 5)), length)


def lying_sizes(generator, name, content):
    n_bytes = int(one_of(generator, (2, 4, 8)))
    lie = int(one_of(generator, (*LIES, len(content), len(content) + 1))) % 2 ** (8 * n_bytes)
    where = int(generator.integers(4, HEADER_BYTES))
    field = lie.to_bytes(n_bytes, one_of(generator, ("little", "big")))
    return content[:where] + field + content[where + n_bytes :]


MUTATIONS = (
    truncation,
    few_bytes_changed,
    many_bytes_changed,
    header_bytes_changed,
    lying_sizes,
)


def outcomes_of(recordings, numbers, seed, folder):
    """Return what became of some damaged recordings."""
    names = sorted(recordings)
    jobs, about = [], []
    for number in numbers:
        generator = np.random.default_rng([seed, number])
        name = names[number % len(names)]
        mutation = MUTATIONS[number // len(names) % len(MUTATIONS)]
        path = folder / f"{number}.audio"
        path.write_bytes(mutation(generator, name, recordings[name]))
        jobs.append(["path", str(path), "all"])
        about.append({"format": name.split()[0], "mutation": mutation.__name__.replace("_", " ")})
    outcomes = read_all(jobs)
    for outcome, told in zip(outcomes, about, strict=True):
        outcome.update(told, whole_frames=0)  # of many of them nobody can tell where they end
        if outcome["kind"] in ("crash", "hang", "untyped") or "differs" in outcome:
            outcome["content"] = Path(outcome["job"][1]).read_bytes().hex()
    return outcomes


def main():
    """Write the counts, print what did harm; the status tells whether an error was untyped."""
    n_files, seed = [*map(int, sys.argv[1:]), *(10_000, 1)[len(sys.argv) - 1 :]]
    start = time.perf_counter()
    recordings = originals()
    outcomes = []
    for first in range(0, n_files, 2 * AT_ONCE):
        with tempfile.TemporaryDirectory() as folder:
            numbers = range(first, min(first + 2 * AT_ONCE, n_files))
            outcomes += outcomes_of(recordings, numbers, seed, Path(folder))
    lines = [f"formats and encodings: {len(recordings)}", *summary(outcomes)[:-1]]
    write_section("Rare formats with formats='all'", lines, time.perf_counter() - start)
    print("\n".join(lines))
    found = harm(outcomes)
    for name, some in found.items():
        for outcome in some[:20]:
            print(f"{name}: {json.dumps(outcome)}")
    return int(bool(found["untyped errors"]))


if __name__ == "__main__":
    sys.exit(main())
