"""The report as a reader meets it: opened from disk in Chromium, which has no network."""

import base64
import io
import itertools
import json
from functools import partial

import matplotlib.image
import numpy as np
import pytest
from selenium.webdriver.support.wait import WebDriverWait

from scripts.ledger import report, report_document
from tests import ledger_sample as sample
from tests.loopback import Loopback
from tests.scripts.programs import call
from tests.workflow import repository
from workflow.slices import SLICES

NARROW, WIDE = (375, 800), (1400, 1000)
READABLE = 4.5  # WCAG 2.1, AA: text against what lies behind it

# Each text that is seen, its colour and the opaque colour behind it.
TEXTS = """
const colour = (text) => {
  const numbers = text.match(/[\\d.]+/g).map(Number);
  return numbers.length === 3 ? [...numbers, 1] : numbers;
};
const behind = (element) => {
  const layers = [];
  for (let at = element; at; at = at.parentElement) {
    layers.push(colour(getComputedStyle(at).backgroundColor));
    if (layers.at(-1)[3] === 1) break;
  }
  return layers.reverse().reduce((below, [r, g, b, a]) =>
    [r, g, b].map((value, at) => a * value + (1 - a) * below[at]), [255, 255, 255]);
};
const texts = [];
for (const element of document.querySelectorAll("body *")) {
  const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  if (!own || !element.checkVisibility() || element.matches("script, option")) continue;
  const style = getComputedStyle(element);
  texts.push({text: element.textContent.trim().slice(0, 40), tag: element.tagName,
    size: parseFloat(style.fontSize), formula: Boolean(element.closest("math, sub, sup")),
    colour: colour(style.color).slice(0, 3), behind: behind(element)});
}
const field = document.querySelector("#search");
texts.push({text: "placeholder", tag: "INPUT", size: 15, formula: false,
  colour: colour(getComputedStyle(field, "::placeholder").color).slice(0, 3),
  behind: behind(field)});
return texts;
"""
# What sticks out of the page to the right: nothing can be moved sideways.
OUTSIDE = """
return [...document.querySelectorAll("body *:not(.unseen)")].filter((element) => {
  const box = element.getBoundingClientRect();
  return box.width && box.right > innerWidth + 0.5 && element.checkVisibility();
}).map((element) => `${element.tagName} ${element.className} ${element.textContent.slice(0, 30)}`);
"""


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    made = sample.ledger(folder)
    assert call(report, *sample.options(folder, made, sample.draw(folder))) == 0
    return made | {"file": (folder / "report.html").as_uri()}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The page that a whole run makes: the small one's."""
    tree = repository.fresh(tmp_path_factory.mktemp("run"))
    done = tree.make("quick")
    assert done.returncode == 0, done.stderr
    claims = json.loads((tree / "results/test/report.json").read_text())["claims"]
    drawn = [path for path in tree.files("figures") if path.endswith(".svg")]
    page = {"file": (tree / "results/test/report.html").as_uri(), "drawn": len(drawn)}
    return page | {"claims": claims}


@pytest.fixture
def page(browser, content):
    """The report, opened afresh, wide and light; it must leave no message in the console."""
    look(browser, WIDE, "light")
    opened(browser, content)
    yield browser
    assert browser.get_log("browser") == []


def opened(browser, content):
    browser.get("about:blank")
    browser.get_log("browser")
    browser.get_log("performance")
    browser.get(content["file"])


def look(browser, size, scheme):
    """The size of the window and the colours that the reader prefers."""
    width, height = size
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
    )
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": features})


def css(page, selector):
    return page.find_elements("css selector", selector)


def one(page, selector):
    (found,) = css(page, selector)
    return found


def shown(page):
    """The ids of the claims that can be seen, as they are or by opening what they are folded in."""
    return page.execute_script(
        "return [...document.querySelectorAll('.claim')].filter((e) => !e.closest('[hidden]'))"
        ".map((e) => e.id).sort()"
    )


def in_view(page):
    """The ids of the claims that are seen without opening anything."""
    return page.execute_script(
        "return [...document.querySelectorAll('.claim')].filter((e) => e.checkVisibility())"
        ".map((e) => e.id).sort()"
    )


def unfold(page):
    """Open all that folds, the rows themselves too."""
    page.execute_script("document.querySelectorAll('details').forEach((e) => { e.open = true; })")


def ids(content, **values):
    """The ids of the claims with these values."""
    return sorted(
        claim["id"]
        for claim in content["claims"]
        if all(claim[key] == value for key, value in values.items())
    )


def verdict(page, name):
    return one(page, f".tally button[data-verdict={report_document.VERDICTS[name].slug}]")


def search(page, words):
    field = one(page, "#search")
    field.clear()
    field.send_keys(words)


# --- opening -----------------------------------------------------------------------------------


def test_it_opens_from_disk_and_asks_for_nothing(page, content):
    assert page.title == "Claims and figures: run digits"
    assert shown(page) == ids(content)
    messages = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    asked = [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
    assert content["file"] in asked
    assert all(url == content["file"] or url.startswith("data:") for url in asked)


def test_the_network_is_off(browser):
    """Or the test above would prove less: not even this computer's own server is reached."""
    from selenium.common.exceptions import WebDriverException

    with Loopback({"page": b"reached"}) as server:
        with pytest.raises(WebDriverException, match="ERR_"):
            browser.get(server.url("page"))
        assert server.requests == []


def test_it_is_whole_without_its_program(browser, content):
    look(browser, WIDE, "light")
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        opened(browser, content)
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert shown(browser) == ids(content)
    assert not one(browser, ".controls").is_displayed()


# --- filters, search, links --------------------------------------------------------------------


@pytest.mark.parametrize("name", report_document.VERDICTS)
def test_a_verdict_can_be_singled_out(name, page, content):
    button = verdict(page, name)
    button.click()
    wanted = ids(content, verdict=name)
    assert in_view(page) == wanted
    assert button.get_attribute("aria-pressed") == "true"
    assert one(page, "#shown").text == f"{len(wanted)} of {len(content['claims'])} claims"
    button.click()
    assert shown(page) == ids(content)
    assert one(page, "#shown").text == f"{len(content['claims'])} claims"
    assert len(in_view(page)) < len(content["claims"])


def test_several_verdicts_add_up(page, content):
    verdict(page, "missed").click()
    verdict(page, "refuted").click()
    both = {*ids(content, verdict="missed"), *ids(content, verdict="refuted")}
    assert set(shown(page)) == both
    one(page, "#clear").click()
    assert shown(page) == ids(content)


def test_a_theme_and_a_verdict_narrow_each_other(page, content):
    one(page, "#theme").send_keys("Training")
    assert shown(page) == ids(content, group="Training")
    # The spectrum's heading stays for its figure, which shows a claim about training too.
    headings = [e.text for e in css(page, ".group > h2") if e.is_displayed()]
    assert headings == ["Spectrum", "Training"]
    verdict(page, "holds").click()
    assert shown(page) == ids(content, group="Training", verdict="holds")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("antipodal", ["A3b", "A3c"]),
        ("ANTIPODAL   pairs", ["A3c"]),
        ("a19", ["A19", "A19b"]),
        (r"\arccos", ["A1"]),
        ("lemma C.3", ["A2"]),
        ("workstation", ["A4"]),
    ],
)
def test_search(words, found, page):
    search(page, words)
    assert in_view(page) == found
    assert one(page, "#shown").text.startswith(f"{len(found)} of ")


def test_a_search_that_finds_nothing_says_so(page, content):
    search(page, "zebra")
    assert shown(page) == []
    assert one(page, "#none").is_displayed()
    assert not any(figure.is_displayed() for figure in css(page, "figure"))
    one(page, "#none button").click()
    assert shown(page) == ids(content)
    assert not one(page, "#none").is_displayed()


def test_a_figure_stays_with_any_claim_that_it_shows(page):
    """A6 is about training; its figure stands with the spectrum, whose claims are hidden here."""
    search(page, "plain starts cross")
    assert shown(page) == ["A6"]
    (figure,) = [figure for figure in css(page, "figure") if figure.is_displayed()]
    assert "A6" in figure.get_attribute("data-claims").split()
    link = one(page, "#A6 .notes a")
    assert link.get_attribute("href").endswith(f"#{figure.get_attribute('id')}")


def test_a_link_leads_to_a_claim_that_a_filter_hides(page):
    verdict(page, "missed").click()
    page.execute_script("location.hash = 'A19b'")  # folded away below A19
    assert "A19b" in in_view(page)
    assert one(page, "#A19b .notes").is_displayed()
    page.execute_script("location.hash = 'A19'")
    top = page.execute_script("return document.querySelector('#A19').getBoundingClientRect().top")
    bar = page.execute_script(
        "return document.querySelector('.controls').getBoundingClientRect().bottom"
    )
    assert bar <= top < WIDE[1]


def test_all_rows_come_into_view_and_fold_away_together(page, content):
    button, few = one(page, "#unfold"), in_view(page)
    button.click()
    assert in_view(page) == ids(content) != few
    button.click()
    assert in_view(page) == few


# --- figures -----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=str)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_figure_is_seen_and_holds_a_picture(size, scheme, page):
    look(page, size, scheme)
    assert pictures(page, size, scheme == "light") == len(sample.FIGURES)


def pictures(page, size, light=True):
    """How many figures there are, each of which is seen and not empty."""
    images = css(page, "figure[data-claims] img")
    for image in images:
        assert page.execute_script(
            "const e = arguments[0]; return e.complete && e.naturalWidth > 100"
            " && e.naturalHeight > 50 && e.checkVisibility()",
            image,
        )
        # As drawn on the screen.
        seen = WebDriverWait(page, 20).until(partial(painted, image), image.get_attribute("alt"))
        height, width, colours, counts = seen
        assert width > min(0.8 * size[0], 600)
        assert height > 100
        # Lines on a card, which is white but in the dark.
        assert (colours[counts.argmax()] == 0xFFFFFF) == light
        assert colours[counts.argmax()] >= 0xA0A0A0
        assert 0.5 < counts.max() / counts.sum() < 0.99
    return len(images)


def painted(image, page):
    """Height, width and colours of a figure as seen; None as long as it is blank.

    A browser shows the page first and a picture when it has decoded it: until then, the frame
    holds nothing but its scroll bar, in 19 greys.
    """
    frame = image.find_element("xpath", "..")
    pixels = matplotlib.image.imread(io.BytesIO(frame.screenshot_as_png))[..., :3]
    packed = np.rint(255 * pixels).astype(int) @ [65536, 256, 1]
    colours, counts = np.unique(packed, return_counts=True)
    return (*packed.shape, colours, counts) if len(colours) > 50 else None


# --- reading -----------------------------------------------------------------------------------


@pytest.mark.parametrize("unfolded", [False, True])
@pytest.mark.parametrize("size", [(320, 700), NARROW, (768, 1000), WIDE], ids=str)
def test_nothing_sticks_out_of_the_page(size, unfolded, page):
    look(page, size, "light")
    if unfolded:
        unfold(page)
    width = page.execute_script("return document.documentElement.scrollWidth")
    assert width <= size[0]
    assert page.execute_script(OUTSIDE) == []


def test_a_wide_window_shows_claim_and_numbers_side_by_side(page):
    def box(selector):
        return one(page, f"#A8 {selector}").rect

    says, numbers = box(".statement"), box(".value")
    assert says["x"] + says["width"] <= numbers["x"]
    assert 300 < says["width"] < 900
    look(page, NARROW, "light")
    says, numbers = box(".statement"), box(".value")
    assert says["y"] + says["height"] <= numbers["y"]


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=str)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_large_enough_and_stands_out(size, scheme, page):
    look(page, size, scheme)
    unfold(page)
    verdict(page, "holds").click()
    verdict(page, "missed").click()
    texts = page.execute_script(TEXTS)
    assert len(texts) > 150
    faint = [
        (text["text"], text["tag"], round(contrast(text["colour"], text["behind"]), 2))
        for text in texts
        if contrast(text["colour"], text["behind"]) < READABLE
    ]
    assert faint == []
    assert [text for text in texts if text["size"] < 12 and not text["formula"]] == []
    body = page.execute_script("return getComputedStyle(document.body).backgroundColor")
    light = luminance([float(part) for part in body[4:-1].split(",")])
    assert light > 0.8 if scheme == "light" else light < 0.05


def luminance(colour):
    """Relative luminance of an sRGB colour of 0 to 255, as WCAG defines it."""
    parts = np.asarray(colour) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(first, second):
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_measured_as_defined():
    assert contrast([0, 0, 0], [255, 255, 255]) == pytest.approx(21)
    assert contrast([118, 118, 118], [255, 255, 255]) == pytest.approx(4.54, abs=0.01)


def test_formulas_are_drawn(page):
    boxes = page.execute_script(
        "return [...document.querySelectorAll('.statement math')].map((e) => "
        "[e.getBoundingClientRect().width, e.getBoundingClientRect().height])"
    )
    assert len(boxes) >= 20
    assert min(min(box) for box in boxes) > 4


# --- keyboard and screen readers ---------------------------------------------------------------


def test_the_keyboard_reaches_filters_and_details(page, content):
    from selenium.webdriver import ActionChains, Keys

    reached = []
    for _ in range(400):
        ActionChains(page).send_keys(Keys.TAB).perform()
        at = page.execute_script(
            "const e = document.activeElement, s = getComputedStyle(e);"
            "return [e.tagName, e.id || e.dataset.verdict || e.closest('[id]')?.id || '',"
            " e.matches('summary') ? 'summary' : '', s.outlineStyle,"
            " e.getBoundingClientRect().bottom > 0]"
        )
        if at[0] == "BODY":
            break
        reached.append(at)
    # Where the focus is can always be seen.
    assert [at for at in reached if at[3] == "none" or not at[4]] == []
    names = [at[1] for at in reached]
    verdicts = [verdict.slug for verdict in report_document.VERDICTS.values()]
    assert [name for name in names if name in verdicts] == verdicts
    assert [name for name in names if name in {"search", "theme", "unfold"}] == [
        "search", "theme", "unfold",
    ]  # fmt: skip
    summaries = [at[1] for at in reached if at[2] and at[1] in ids(content)]
    assert sorted(summaries) == in_view(page)


def test_keys_press_and_open(page, content):
    from selenium.webdriver import Keys

    verdict(page, "vacuous").send_keys(Keys.SPACE)
    assert shown(page) == ids(content, verdict="vacuous")
    assert not one(page, "#A21 .notes").is_displayed()
    one(page, "#A21 summary").send_keys(Keys.ENTER)
    assert one(page, "#A21 .notes").is_displayed()


def test_the_first_key_offers_to_skip_to_the_claims(page):
    from selenium.webdriver import ActionChains, Keys

    ActionChains(page).send_keys(Keys.TAB).perform()
    link = page.switch_to.active_element
    assert link.text == "Skip to the claims"
    assert link.rect["y"] >= 0
    link.send_keys(Keys.ENTER)
    assert page.switch_to.active_element.get_attribute("id") == "claims"


def test_all_that_can_be_used_or_is_shown_has_a_name(page):
    for selector in (
        "button",
        "input",
        "select",
        "summary",
        "a",
        "figure img",
        "figure",
        "section",
    ):
        elements = [e for e in css(page, selector) if e.is_displayed()]
        assert elements, selector
        nameless = [e.get_attribute("outerHTML")[:80] for e in elements if not e.accessible_name]
        assert nameless == []


def test_names_tell_things_apart(page, content):
    one(page, "#unfold").click()
    for id in ids(content):
        assert one(page, f"#{id} summary").accessible_name.startswith(f"Claim {id} ")
    assert one(page, "#shown").aria_role == "status"
    assert one(page, "#search").aria_role == "searchbox"
    assert one(page, "#search").accessible_name == "Search"
    assert one(page, "#theme").accessible_name == "Theme"


def test_headings_step_down_one_by_one(page):
    levels = page.execute_script(
        "return [...document.querySelectorAll('h1,h2,h3,h4')].map((e) => Number(e.tagName[1]))"
    )
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


# --- paper -------------------------------------------------------------------------------------


def test_paper_has_everything_but_the_controls(page, content):
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    hidden = page.execute_script(
        "return [...document.querySelectorAll('.notes, figure img, .statement, .value')]"
        ".filter((e) => !e.checkVisibility({contentVisibilityAuto: true})).length"
    )
    assert hidden == 0
    assert not one(page, ".controls").is_displayed()
    printed = page.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    assert base64.b64decode(printed["data"]).startswith(b"%PDF")
    # And the details are closed again afterwards.
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert css(page, "details[open]") == []


# --- the page of a run -------------------------------------------------------------------------


def test_a_whole_run_is_seen_on_few_screens(browser, made):
    look(browser, (1400, 900), "light")
    opened(browser, made)
    first = css(browser, "figure img")[0].rect
    assert first["y"] + first["height"] < 2 * 900
    assert one(browser, "#headlines").rect["y"] < 900
    one(browser, "#unfold").click()
    assert len(in_view(browser)) == len(made["claims"])
    # Every claim and figure, unfolded.
    most = 15 * 900 * len(SLICES)
    assert browser.execute_script("return document.documentElement.scrollHeight") <= most


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=str)
def test_the_page_of_a_whole_run_shows_its_figures_and_fits(size, browser, made):
    look(browser, size, "light")
    opened(browser, made)
    charts = css(browser, "#verdicts img")
    assert len(charts) == 1
    assert pictures(browser, size) + len(charts) == made["drawn"] > 5
    unfold(browser)
    assert in_view(browser) == shown(browser)
    assert shown(browser) == ids(made)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= size[0]
    assert browser.execute_script(OUTSIDE) == []
    assert browser.get_log("browser") == []
