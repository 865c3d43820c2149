import subprocess
import sys

import sklearn_audio.datasets


def test_public_names():
    assert sklearn_audio.datasets.__all__ == sorted(sklearn_audio.datasets.__all__)
    for name in sklearn_audio.datasets.__all__:
        assert callable(getattr(sklearn_audio.datasets, name))


def test_import_takes_nothing_that_only_a_download_or_a_decoder_needs():
    program = (
        "import sys, sklearn.utils, sklearn_audio\n"  # these may have their own reasons
        "before = set(sys.modules)\n"
        "import sklearn_audio.datasets\n"
        "costly = {'librosa', 'pandas', 'pooch', 'requests', 'soundfile', 'soxr', 'tqdm'}\n"
        "print(*costly & (set(sys.modules) - before))\n"
    )

    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert run.stdout.split() == []
