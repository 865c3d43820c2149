"""Pictures need packages that features do not."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys
sys.modules[{missing!r}] = None  # as if it were not installed
import numpy as np
from sklearn_audio import MFCCExtractor, play, report
from sklearn_audio.plotting import SpectrogramDisplay
MFCCExtractor(sample_rate=8000).fit_transform(np.ones((1, 8000)))
try:
    {statement}
except ImportError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("missing", "statement"),
    [
        ("matplotlib", "SpectrogramDisplay.from_signal(np.ones(8000), 8000)"),
        ("librosa", "SpectrogramDisplay.from_signal(np.ones(8000), 8000)"),
        ("IPython", "play(np.ones(8000), sample_rate=8000)"),
        ("jinja2", "report([{'array': np.ones(8000), 'sampling_rate': 8000}])._repr_html_()"),
    ],
)
def test_what_is_missing_is_named_with_the_extra_that_brings_it(missing, statement):
    program = PROGRAM.format(missing=missing, statement=statement)
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout == (
        f"{missing} is needed for this and is not installed. It comes with the extra plot: "
        'pip install "sklearn-audio[plot]"\n'
    )
