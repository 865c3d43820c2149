"""Print how many features of the spectrum there are, and what they take of a long recording, in MB.

python benchmarks/long_recording.py file loader|array [name of a class ...]

The recording is read by the Loader or stands in memory before. Two figures follow the number of
extractors: the memory with everything imported, and the peak. Names of classes measure these alone.
"""

import inspect
import sys

import numpy as np
import soundfile
from memory import megabytes

import sklearn_audio
from sklearn_audio import Loader, make_union
from sklearn_audio.features import SpectrumExtractor


def spectrum_extractors(names):
    """Return one of each extractor of the spectrum, in its default setting; all without names."""
    classes = [getattr(sklearn_audio, name) for name in names or sklearn_audio.__all__]
    return [
        each() for each in classes if inspect.isclass(each) and issubclass(each, SpectrumExtractor)
    ]


def in_memory(file):
    """Return a recording as the Loader takes it from memory."""
    samples, rate = soundfile.read(file, dtype="float32")
    return {"array": samples, "sampling_rate": rate}


if __name__ == "__main__":
    file, source, *names = sys.argv[1:]
    extractors = spectrum_extractors(names)
    union = make_union(*extractors)
    # A second of silence has all imported that is imported when it is needed first.
    silence = {"array": np.zeros(22050, dtype=np.float32), "sampling_rate": 22050}
    union.fit_transform(Loader().fit_transform([silence]))
    imported = megabytes("VmRSS")
    recording = in_memory(file) if source == "array" else file
    row = union.transform(Loader().transform([recording]))
    assert np.isfinite(row).all()
    print(len(extractors), imported, megabytes("VmHWM"))
