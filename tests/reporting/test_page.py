"""The page holds all it needs, keeps what it holds harmless, and stays small."""

import base64
import hashlib
import re
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

from sklearn_audio.datasets import load_percussion
from sklearn_audio.reporting import report
from sklearn_audio.reporting.contents import MOST_ROWS

RATE = 8000


def noise(n, n_samples=800):
    generator = np.random.default_rng(0)
    arrays = generator.uniform(-0.5, 0.5, (n, n_samples))
    return [{"array": array, "sampling_rate": RATE} for array in arrays]


@pytest.fixture(scope="module")
def percussion(taken_apart):
    """Return the set that comes with the package, and the page on it."""
    data = load_percussion()
    names = data.target_names
    found = report(data.paths, data.target, display_labels=names, n_examples=1, progress=False)
    return data, taken_apart(found.page), found


def rows_of(page, **attributes):
    [section] = page.all("section", **attributes)
    return section.all("table")[-1].rows()


def test_classes_are_those_of_pandas(percussion):
    data, page, found = percussion

    head, *rows = rows_of(page, id="classes")

    counts = pd.Series(data.target).value_counts(sort=False).sort_index()
    assert [row[0] for row in rows] == data.target_names
    assert [int(row[head.index("Recordings")]) for row in rows] == counts.tolist()
    minutes = found.table.groupby("label", observed=False)["duration"].sum() / 60
    shown = [float(row[head.index("Minutes")]) for row in rows]
    assert shown == pytest.approx(minutes.tolist(), abs=0.005)


def test_every_recording_is_a_row_with_its_numbers(percussion):
    _, page, found = percussion

    head, *rows = rows_of(page, id="recordings")

    assert sorted(int(row[0]) for row in rows) == list(range(92))
    for row in rows:
        cells = dict(zip(head, row, strict=True))
        told = found.table.iloc[int(cells["#"])]
        assert told["source"].endswith(cells["Recording"])
        assert cells["Class"] == told["label"]
        assert cells["Findings"] == told["findings"]
        assert float(cells["Seconds"]) == pytest.approx(told["duration"], abs=0.0005)
        peak = float(cells["Peak dB"].replace("\N{MINUS SIGN}", "-"))
        assert peak == pytest.approx(20 * np.log10(told["peak"]), abs=0.05)
        assert float(cells["Rate Hz"]) == told["rate"]


def test_histograms_count_every_usable_recording(percussion):
    _, page, found = percussion

    figures = page.all("figure", **{"class": "histogram"})

    assert len(figures) == 3
    for figure in figures:
        counts = [int(re.search(r": (\d+) recording", bar.text)[1]) for bar in figure.all("title")]
        assert sum(counts) == found.table["ok"].sum()


def test_groups_and_classes_are_those_of_pandas(taken_apart):
    y = np.repeat(["x", "y", "z"], [5, 3, 4])
    groups = list("aabbcabcacbd")

    page = taken_apart(report(noise(12), y, groups, n_examples=0, progress=False).page)

    head, *rows = rows_of(page, id="groups")
    expected = pd.crosstab(np.array(groups), y).loc[["a", "b", "c"]]  # d is in one class alone
    assert head == ["Group", "x", "y", "z"]
    assert [row[0] for row in rows] == ["a", "b", "c"]
    assert [[int(cell) for cell in row[1:]] for row in rows] == expected.to_numpy().tolist()


def test_copies_are_listed_with_their_labels_contradictions_first(write, taken_apart):
    X = [write("a.wav"), write("b.wav"), write("a.wav"), write("b.wav"), write("c.wav")]

    page = taken_apart(report(X, ["x", "x", "x", "y", "y"], n_examples=0, progress=False).page)

    [section] = page.all("section", id="copies")
    first, second = section.all("ul", **{"class": "copies"})[0].children[1::2]
    assert "contradiction" in first.text
    assert [each.text for each in first.all("ul")[0].all("li")] == ["b.wavx", "b.wavy"]
    assert "contradiction" not in second.text
    assert [each.text for each in second.all("ul")[0].all("li")] == ["a.wavx", "a.wavx"]


HOSTILE = '<script>alert(1)</script><img src=x onerror="f()">\'"&.wav'


def test_hostile_names_are_text(write, taken_apart):
    name = HOSTILE.replace("/", "_")
    X = [write(name), write("b.wav"), f"missing/{HOSTILE}", write(name)]

    found = report(X, [HOSTILE, "x", "x", "x"], [HOSTILE] * 4, title=HOSTILE, progress=False)
    page = taken_apart(found.page)

    [script] = page.all("script")
    assert script.text == files("sklearn_audio.reporting").joinpath("page.js").read_text("utf-8")
    images = page.all("img")
    assert all(image.attributes["src"].startswith("data:image/png") for image in images)
    names = {attribute for element in page.all() for attribute in element.attributes}
    assert not {each for each in names if each.startswith("on")}
    assert page.all("h1")[0].text == HOSTILE
    head, *rows = rows_of(page, id="recordings")
    shown = [row[head.index("Recording")] for row in rows]
    assert f"missing/{HOSTILE}" in shown
    # Of a long path the middle is left out.
    assert sum(each.endswith(HOSTILE.partition("</script>")[2]) for each in shown) == 3
    assert {row[head.index("Class")] for row in rows} == {HOSTILE, "x"}


def test_a_name_that_is_no_text_can_be_written(tmp_path, write):
    path = write("a.wav")
    hostile = f"{path}\udce9\n.wav"  # as os.fsdecode gives the byte E9

    found = report([path, hostile], progress=False)

    assert rb"\udce9\n.wav" in found.to_html(tmp_path / "page.html").read_bytes()


def test_nothing_comes_from_elsewhere(percussion):
    _, page, _ = percussion

    for element in page.all():
        for attribute in ("src", "href", "srcset", "action", "poster"):
            address = element.attributes.get(attribute)
            assert address is None or address.startswith(("data:", "#"))
    assert page.all("link") == []
    [style] = page.all("style")
    assert "url(" not in style.text
    assert "@import" not in style.text


def test_browsers_are_told_to_allow_nothing_else(percussion):
    _, page, _ = percussion

    [policy] = page.all("meta", **{"http-equiv": "Content-Security-Policy"})

    allowed = dict(each.split(maxsplit=1) for each in policy.attributes["content"].split("; "))
    assert allowed["default-src"] == "'none'"
    for tag in ("style", "script"):
        [element] = page.all(tag)
        digest = base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()
        assert allowed[f"{tag}-src"] == f"'sha256-{digest}'"


def test_links_lead_to_sections(percussion):
    _, page, _ = percussion

    ids = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
    assert len(set(ids)) == len(ids)
    assert {each.attributes["href"][1:] for each in page.all("a")} <= set(ids)
    named = {element.attributes.get("aria-labelledby") for element in page.all()} - {None}
    assert named <= set(ids)


def test_a_large_set_is_cut_and_what_deserves_a_look_stays(taken_apart):
    X = [*noise(MOST_ROWS + 1, 100), {"array": np.zeros(100), "sampling_rate": RATE}]

    found = report(X, n_examples=0, progress=False)

    page = taken_apart(found.page)
    _, *rows = rows_of(page, id="recordings")
    assert len(rows) == MOST_ROWS
    assert len(found.table) == MOST_ROWS + 2
    assert rows[0][:3] == [str(MOST_ROWS + 1), f"X[{MOST_ROWS + 1}]", "silence, short"]
    assert "2 more recordings left out" in page.all("section", id="recordings")[0].text


def test_the_largest_page_is_below_fifteen_megabytes():
    generator = np.random.default_rng(0)
    # White noise takes the most, in a picture and in a player.
    long = [
        {"array": generator.uniform(-1, 1, 48000 * 6).astype("f4"), "sampling_rate": 48000}
        for _ in range(6)
    ]
    few = report(long, list("abcdef"), n_examples=1, n_jobs=2, progress=False)
    missing = [f"/{'<&' * 100}/{number}.wav" for number in range(4000)]
    y = [f"{number % 300}{'&' * 100}" for number in range(4000)]
    many = report(missing, y, y, progress=False)

    # Of 10 s each; of 480 s in all there is room for 48, and pictures for 96.
    sounds = len(few.page) / (6 * 6) * 480
    pictures = 96 * 25_000
    assert len(many.page.encode()) + sounds + pictures < 15e6


def test_a_picture_takes_no_more_than_reckoned(percussion):
    _, page, _ = percussion

    figures = page.all("section", id="examples")[0].all("figure")
    for figure in figures:
        drawn = len(figure.all("path")[0].attributes["d"])
        assert len(figure.all("img")[0].attributes["src"]) + drawn < 25_000 + 10_000


def luminance(colour):
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("colour", "least"),
    # Of WCAG 2.2 AA: 4.5 for text, 3 for what is told by shape.
    [("ink", 4.5), ("quiet", 4.5), ("accent", 4.5), ("bar", 3), ("problem", 3), ("warning", 3)],
)
def test_colours_can_be_told_from_the_paper(scheme, colour, least):
    style = files("sklearn_audio.reporting").joinpath("page.css").read_text("utf-8")
    light, dark = re.findall(r":root \{(.*?)\}", style, re.S)
    colours = dict(re.findall(r"--(\w+): (#\w{6});", light if scheme == "light" else dark))

    for paper in ("paper", "raised"):
        lighter, darker = sorted((luminance(colours[colour]), luminance(colours[paper])))[::-1]
        assert (lighter + 0.05) / (darker + 0.05) >= least
