"""Take the picture of a report in the README, in Debian's chromium.

python tools/picture_of_report.py docs/images/report.png
"""

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from selenium import webdriver

from sklearn_audio import report
from sklearn_audio.datasets import load_audio_files, load_percussion

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--window-size=1000,1250",
]


def main(output):
    """Make the report of the percussion, with a copy in another class and a missing file."""
    with tempfile.TemporaryDirectory() as folder:
        original = Path(load_percussion().paths[0]).parents[1]
        copied = shutil.copytree(original, Path(folder, "percussion"))
        shutil.copy(
            copied / "acoustic_drum" / "drum_cymbal_closed.ogg", copied / "tabla" / "tin.ogg"
        )
        data = load_audio_files(copied)
        page = report(
            [*data.paths, str(copied / "tabla" / "gone.ogg")],
            [*data.target, 4],
            title="Percussion",
            display_labels=data.target_names,
            progress=False,
        ).to_html(Path(folder, "report.html"))
        options = webdriver.ChromeOptions()
        for flag in [*FLAGS, f"--user-data-dir={folder}/profile"]:
            options.add_argument(flag)
        options.binary_location = shutil.which("chromium")
        driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
        try:
            driver.get(page.as_uri())
            top = picture_of(driver)
            driver.execute_script("document.querySelector('#examples').scrollIntoView()")
            examples = picture_of(driver)
        finally:
            driver.quit()
    both = Image.new("RGB", (top.width + examples.width, top.height))
    both.paste(top, (0, 0))
    both.paste(examples, (top.width, 0))
    smaller = both.resize((1200, both.height * 1200 // both.width), Image.Resampling.LANCZOS)
    smaller.quantize(256, Image.Quantize.MAXCOVERAGE).save(output, optimize=True)


def picture_of(driver):
    """Return what the window shows."""
    return Image.open(io.BytesIO(driver.get_screenshot_as_png())).convert("RGB")


if __name__ == "__main__":
    main(sys.argv[1])
