"""The page of a report works in a browser: it opens, sorts, filters and plays."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest
import soundfile
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from sklearn_audio.datasets import load_percussion
from sklearn_audio.reporting import report

MISSING = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(bool(MISSING), reason=f"{' and '.join(MISSING)} cannot be found"),
]

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1400,1000",
]
SECONDS = 60  # for what takes a moment; a test that passes waits no longer than it takes


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """Return a browser with a profile of its own."""
    options = ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in [*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = Chrome(options=options, service=Service(shutil.which("chromedriver")))
    yield browser
    browser.quit()


@pytest.fixture(scope="module")
def percussion(tmp_path_factory):
    """Return a report on the set that comes with the package, with a copy and a missing file."""
    data = load_percussion()
    X = [*data.paths, "missing.wav", data.paths[3]]
    y = [*data.target, 0, 4]
    found = report(
        X, y, title="Percussion", display_labels=data.target_names, n_examples=2, progress=False
    )
    return found, X, found.to_html(tmp_path_factory.mktemp("page") / "percussion.html")


@pytest.fixture
def opened(browser):
    """Return a function that opens a page, of a width and in a scheme of colours."""

    def open_page(path, width=1400, scheme="light"):
        for kind in ("browser", "performance"):
            browser.get_log(kind)  # what was before is not about this page
        size = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        browser.get(path.as_uri())
        return browser

    return open_page


@pytest.fixture
def artefacts(tmp_path):
    """Return the folder in which screenshots are kept."""
    folder = Path(os.environ.get("SKLEARN_AUDIO_ARTEFACTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def column(page, name):
    """Return the text of the cells of the rows that are shown, and the head of the column."""
    heads = page.find_elements(By.CSS_SELECTOR, "#all thead th")
    [head] = [each for each in heads if each.text.startswith(name)]
    cells = page.execute_script(
        "return Array.from(document.querySelectorAll('#all tbody tr:not([hidden])'),"
        " row => row.cells[arguments[0].cellIndex].textContent)",
        head,
    )
    return cells, head


def numbers(cells):
    return [float(cell.replace("\N{MINUS SIGN}", "-")) for cell in cells]


def with_loaded_players(page):
    players = page.find_elements(By.TAG_NAME, "audio")
    WebDriverWait(page, SECONDS).until(
        lambda _: page.execute_script(
            "return Array.from(document.querySelectorAll('audio'))"
            ".every(player => player.readyState >= HTMLMediaElement.HAVE_METADATA)"
        )
    )
    return players


def requested(page):
    """Return the addresses that the page asked for; the browser itself asks for more."""
    events = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    return {
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
        and event["params"]["documentURL"] == page.current_url
    }


def test_page_opens_without_a_word_in_the_console_and_without_the_network(percussion, opened):
    _, _, path = percussion

    page = opened(path)
    with_loaded_players(page)

    assert page.title == "Percussion"
    assert page.get_log("browser") == []
    addresses = requested(page)
    assert path.as_uri() in addresses
    assert {each for each in addresses if not each.startswith("data:")} == {path.as_uri()}


def test_players_last_as_long_as_the_recordings(percussion, opened):
    _, X, path = percussion

    page = opened(path)
    with_loaded_players(page)

    shown = page.execute_script(
        "return Array.from(document.querySelectorAll('figure:has(audio)'), figure =>"
        " [figure.querySelector('bdi').textContent, figure.querySelector('audio').duration])"
    )
    assert len(shown) == 10
    for name, seconds in shown:
        [recording] = {each for each in X if each.endswith(f"/{name}")}
        info = soundfile.info(recording)
        # Browsers tell microseconds; a sample at 8 kHz, the lowest rate of a player, is 125.
        assert seconds == pytest.approx(info.frames / info.samplerate, abs=1 / 8000)


def test_a_player_plays(percussion, opened):
    _, _, path = percussion
    page = opened(path)

    player = with_loaded_players(page)[0]
    player.send_keys(Keys.SPACE)  # browsers play nothing before somebody does something

    WebDriverWait(page, SECONDS).until(
        lambda _: page.execute_script("return arguments[0].currentTime > 0.1", player)
    )


def test_numbers_are_sorted_as_numbers_and_what_is_missing_comes_last(percussion, opened):
    found, _, path = percussion
    page = opened(path)
    before, head = column(page, "Clipped %")
    assert head.get_attribute("aria-sort") is None
    known = [cell for cell in before if cell]
    assert numbers(known) != sorted(numbers(known))
    assert len(before) - len(known) == 1  # the missing file

    head.find_element(By.TAG_NAME, "button").click()
    ascending, _ = column(page, "Clipped %")
    assert head.get_attribute("aria-sort") == "ascending"
    assert numbers(ascending[:-1]) == sorted(numbers(known))
    assert ascending[-1] == ""

    head.find_element(By.TAG_NAME, "button").click()
    descending, _ = column(page, "Clipped %")
    assert head.get_attribute("aria-sort") == "descending"
    assert numbers(descending[:-1]) == sorted(numbers(known), reverse=True)
    assert descending[-1] == ""
    # A row is moved as a whole.
    clipped = found.table["clipped_share"].to_numpy()
    positions = [int(cell) for cell in column(page, "#")[0]][:-1]
    assert numbers(descending[:-1]) == pytest.approx(100 * clipped[positions], abs=0.005)


def test_levels_below_zero_are_sorted_by_keyboard(percussion, opened):
    _, _, path = percussion
    page = opened(path)
    _, head = column(page, "RMS dB")

    head.find_element(By.TAG_NAME, "button").send_keys(Keys.ENTER)

    levels = numbers(column(page, "RMS dB")[0][:-1])
    assert levels == sorted(levels)
    assert levels[0] < -20 < levels[-1]
    assert len(page.find_elements(By.CSS_SELECTOR, "#all [aria-sort]")) == 1


def test_names_are_sorted_as_words(percussion, opened):
    _, _, path = percussion
    page = opened(path)

    column(page, "Class")[1].find_element(By.TAG_NAME, "button").click()

    classes, _ = column(page, "Class")
    assert classes == sorted(classes)
    assert len(set(classes)) == 5


def test_filter_shows_rows_with_the_text(percussion, opened):
    _, X, path = percussion
    page = opened(path)

    page.find_element(By.ID, "filter").send_keys("TABLA")

    positions = sorted(int(cell) for cell in column(page, "#")[0])
    assert positions == [*(i for i, each in enumerate(X[:92]) if "/tabla/" in each), 93]
    told = page.find_element(By.CSS_SELECTOR, "output").text
    assert told == f"{len(positions)} of 94 shown"
    page.find_element(By.ID, "filter").send_keys(Keys.CONTROL, "a", Keys.DELETE)
    assert len(column(page, "#")[0]) == 94


def test_a_finding_shows_its_recordings(percussion, opened):
    found, _, path = percussion
    page = opened(path)

    for finding in found.findings:
        if len(finding.positions):
            selector = f'[data-finding="{finding.name}"]'
            page.find_element(By.CSS_SELECTOR, selector).click()
            positions = sorted(int(cell) for cell in column(page, "#")[0])
            assert positions == finding.positions.tolist()
            top = page.execute_script("return document.activeElement.getBoundingClientRect().top")
            assert 0 <= top < 1000
            page.execute_script("scrollTo(0, 0)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1400])
def test_page_fits_and_is_readable(percussion, opened, artefacts, width, scheme):
    _, _, path = percussion

    page = opened(path, width, scheme)

    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    ink, paper = (
        [int(each) for each in re.findall(r"\d+", colour)[:3]]
        for colour in page.execute_script(
            "const style = getComputedStyle(document.body);"
            "return [style.color, style.backgroundColor]"
        )
    )
    assert (
        (max(ink) < 80 and min(paper) > 240)
        if scheme == "light"
        else (min(ink) > 200 and max(paper) < 40)
    )
    assert page.get_log("browser") == []
    screenshot = artefacts / f"report-{width}-{scheme}.png"
    assert page.save_screenshot(str(screenshot))
    assert screenshot.stat().st_size > 10_000


def test_frame_in_a_notebook_works_and_keeps_its_looks(percussion, opened, tmp_path):
    found, _, path = percussion
    notebook = tmp_path / "notebook.html"
    notebook.write_text(
        "<!DOCTYPE html><meta charset='utf-8'><style>* { color: red; font-size: 31px }</style>"
        f"<h1 id='classes'>Notebook</h1>{found._repr_html_()}",
        encoding="utf-8",
    )
    look = "const style = getComputedStyle(document.querySelector('h1'));" + (
        "return [style.color, style.fontSize, style.fontFamily]"
    )
    alone = opened(path, 1000).execute_script(look)

    page = opened(notebook, 1000)
    assert page.execute_script(look)[:2] == ["rgb(255, 0, 0)", "31px"]
    page.switch_to.frame(page.find_element(By.TAG_NAME, "iframe"))
    colour, size, font = page.execute_script(look)
    assert (colour, font) == (alone[0], alone[2])
    assert size != "31px"
    with_loaded_players(page)
    page.find_element(By.CSS_SELECTOR, 'nav a[href="#classes"]').click()
    assert page.find_elements(By.TAG_NAME, "audio")  # still the same page
    assert page.execute_script("return document.activeElement.textContent") == "Classes"
    page.switch_to.default_content()
    assert page.get_log("browser") == []


@pytest.mark.shared_data
def test_report_on_spoken_digits_opens(shared_data, opened, tmp_path, artefacts):
    paths = sorted((shared_data / "spoken-digits").glob("*_[0-9].flac"))
    digits = [int(path.name[0]) for path in paths]
    speakers = [path.stem.split("_")[1] for path in paths]
    found = report(paths, digits, speakers, n_examples=1, n_jobs=2, progress=False)

    page = opened(found.to_html(tmp_path / "digits.html"))

    players = with_loaded_players(page)
    seconds = page.execute_script("return arguments[0].map(each => each.duration)", players)
    names = [each.text for each in page.find_elements(By.CSS_SELECTOR, "#examples figcaption bdi")]
    frames = [soundfile.info(shared_data / "spoken-digits" / name).frames for name in names]
    assert len(names) == 10
    assert seconds == pytest.approx([each / 8000 for each in frames], abs=1 / 8000)
    assert page.get_log("browser") == []
    page.save_screenshot(str(artefacts / "report-digits.png"))
