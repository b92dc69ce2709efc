"""The report of a run's claims: what the page holds, what it refuses, and that it is safe."""

import base64
import hashlib
import json
import re
from collections import Counter
from html import unescape
from html.parser import HTMLParser

import pytest

from overparam.errors import Refusal
from pipeline.claims import VERDICTS
from scripts.ledger import html_text, report, report_document
from tests import ledger_sample as sample
from tests.scripts.programs import call

HOSTILE = "<evil onerror=alert(1)> & \"quotes\" 'too' </script><script>evil()</script> {{ 7 * 7 }}"


def test_every_verdict_has_its_meaning():
    assert {*report_document.VERDICTS} == {*VERDICTS}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A folder with the sample's figures and captions, and the options that name them."""
    folder = tmp_path_factory.mktemp("figures")
    return folder, sample.draw(folder)


@pytest.fixture(scope="module")
def page(drawn, tmp_path_factory):
    return build(sample.ledger(drawn[0]), drawn, tmp_path_factory.mktemp("page"))


@pytest.fixture
def content(drawn):
    """The sample's ledger, for a test to change."""
    return sample.ledger(drawn[0])


def build(content, drawn, folder, *more):
    """The text of the page."""
    options = sample.options(folder, content, drawn[1])
    assert call(report, *options, *more) == 0
    return (folder / "report.html").read_text("utf-8")


def refused(content, drawn, folder, capsys):
    """The message with which a ledger is refused; no page is left."""
    assert call(report, *sample.options(folder, content, drawn[1])) == 1
    assert not (folder / "report.html").exists()
    return capsys.readouterr().err


class Tags(HTMLParser):
    """Every start tag of a page with its attributes, and what is read: all text but programs."""

    def __init__(self, page):
        super().__init__()
        self.found, self.text, self._silent = [], [], False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        self._silent = tag in {"script", "style"}

    def handle_endtag(self, tag):
        self._silent = False

    def handle_data(self, data):
        if not self._silent:
            self.text.append(data)


def read(html):
    """What a reader sees of a piece of the page, without marks."""
    return " ".join(" ".join(Tags(html).text).split())


def article(page, id):
    return re.search(rf'<details [^>]*id="{re.escape(id)}".*?</details>', page, re.DOTALL)[0]


def row(content, id):
    return next(claim for claim in content["claims"] if claim["id"] == id)


def test_every_claim_has_a_row_with_all_that_was_found(page, content):
    assert len(content["claims"]) >= 20
    assert {claim["verdict"] for claim in content["claims"]} == set(report_document.VERDICTS)
    for claim in content["claims"]:
        own = article(page, claim["id"])
        verdict = report_document.VERDICTS[claim["verdict"]]
        text = read(own)
        assert f'class="verdict {verdict.slug}"' in own
        assert f"{verdict.symbol} {verdict.name}" in text
        keys = ["place", "expected", "measured", "spread", "why", "statement", "printed"]
        if claim["measured"]:
            keys += ["first_expected", "changed_because", "because", "metric"]
        for key in keys:
            plain = re.sub(r"\$[^$]*\$", "\0", claim[key] or "").split("\0")
            told = [read(html_text.html(piece, key)).strip(" .,:;") for piece in plain]
            assert all(piece in text for piece in told), key
        for formula in re.findall(r"\$([^$]*)\$", claim["statement"]):
            assert f'data-latex="{formula}"' in unescape(own)
        if claim["n_seeds"]:
            assert f"{claim['n_seeds']} seeds" in text


def test_verdicts_are_told_apart_without_colour():
    assert len({verdict.symbol for verdict in report_document.VERDICTS.values()}) == len(
        report_document.VERDICTS
    )


def test_verdicts_are_counted_and_can_be_filtered(page, content):
    counts = Counter(claim["verdict"] for claim in content["claims"])
    for verdict in report_document.VERDICTS.values():
        button = re.search(rf'<button [^>]*data-verdict="{verdict.slug}".*?</button>', page)[0]
        assert read(button).endswith(f"{verdict.name} {counts[verdict.name]}")
        assert "disabled" not in button


def test_a_verdict_that_no_claim_has_cannot_be_asked_for(content, drawn, tmp_path):
    content["claims"] = [row(content, "A1")]
    page = build(content, drawn, tmp_path)
    assert re.search(r'data-verdict="missed"[^>]* disabled', page)
    assert not re.search(r'data-verdict="holds"[^>]* disabled', page)


def test_rows_say_what_was_known_when_they_were_written(page):
    assert "missed known since 2020-01-01" in read(article(page, "A15"))
    assert "Written after the expectation had been measured" in read(article(page, "A19b"))
    assert page.count("known since") == page.count("Written after") == 1


def test_a_false_print_stands_beside_its_corrected_form(page):
    own = article(page, "A3b")
    assert "As printed" in own
    assert 'href="#A3c"' in own


def test_the_first_screen_has_the_headlines_that_the_run_decides(page, content):
    first = page[page.index('class="headlines"') : page.index("<nav")]
    for id in sample.HEADLINES:
        assert f'href="#{id}"' in first
    listed, idle = read(first).split("Not run here:")
    assert row(content, "A8")["measured"] in listed
    assert idle.split() == ["A4", "."]
    anchor = re.search(r'href="#(figure-\d+)" aria-label="Equation', first)[1]
    assert f'<img data-figure="{anchor}" alt="">' in first
    assert f'<figure id="{anchor}"' in page


def test_the_chart_of_verdicts_is_the_first_figure(content, drawn, tmp_path):
    chart = drawn[0] / "figure2_digits.svg"
    page = build(content, drawn, tmp_path, "--verdicts", chart)
    figure = page[page.index("<figure") : page.index("</figure>")]
    assert base64.b64encode(chart.read_bytes()).decode() in figure
    assert page.index("<figure") < page.index('id="headlines"')


def test_rows_below_the_first_of_their_number_and_those_not_run_fold_away(page):
    folds = re.findall(r'<details class="fold">.*?</details>\s*</details>', page, re.DOTALL)
    titles = [read(re.search("<summary>.*?</summary>", fold)[0]) for fold in folds]
    assert "2 more about A3" in titles
    assert "1 not run here" in titles
    folded = {id for fold in folds for id in re.findall(r'class="claim[^>]* id="(\w+)"', fold)}
    assert {"A3b", "A3c", "A4"} <= folded
    assert not {"A3", "A5", "A15"} & folded


def test_a_missed_row_stays_in_view(content, drawn, tmp_path):
    row(content, "A3c")["verdict"] = "missed"
    page = build(content, drawn, tmp_path)
    (fold,) = re.findall(
        r'<details class="fold">\s*<summary>1 more about A3<.*?</details>', page, re.DOTALL
    )
    assert 'id="A3b"' in fold
    assert 'id="A3c"' not in fold


def test_figures_stand_once_and_where_they_are_named_first(page, content, drawn):
    images = [a for tag, a in Tags(page).found if tag == "img" and "src" in a]
    assert len(images) == len(sample.FIGURES) == 6
    for name, image in zip(sample.FIGURES, images, strict=True):
        svg = (drawn[0] / f"{name}.svg").read_bytes()
        assert image["src"] == f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"
        assert page.count(image["src"]) == 1
        assert image["alt"]
    # Figure 1 is named under the spectrum, and seen by a claim about training from there.
    figure = re.search(r'<figure [^>]*data-claims="A5 A5b A6".*?</figure>', page, re.DOTALL)
    assert page.index('<h2 id="theme-3-title"') < figure.start() < page.index('id="A5"')
    anchor = re.search(r'id="(.*?)"', figure[0])[1]
    assert f'href="#{anchor}"' in article(page, "A6")
    assert row(content, "A6")["group"] != row(content, "A5")["group"]


def test_what_a_caption_says_is_not_said_again_in_a_row(page):
    said = "The dots fall along the dotted guide"
    assert read(page).count(said) == 1
    assert said not in article(page, "A2")
    # A caption without these words leaves them to the row.
    assert "Solid lies on dashed at every step" in read(article(page, "A8"))


def test_every_link_leads_somewhere_and_every_id_is_unique(page):
    found = Tags(page).found
    ids = Counter(attributes["id"] for _, attributes in found if "id" in attributes)
    assert set(ids.values()) == {1}
    inner = {
        attributes["href"][1:]
        for _, attributes in found
        if attributes.get("href", "").startswith("#")
    }
    assert len(inner) > 25
    assert inner <= set(ids)
    named = [
        name
        for _, attributes in found
        for key in ("aria-labelledby", "aria-describedby")
        for name in attributes.get(key, "").split()
    ]
    assert set(named) <= set(ids)


def test_nothing_is_loaded(page):
    for tag, attributes in Tags(page).found:
        assert not {"srcset", "data", "poster", "background", "action", "style"} & set(attributes)
        assert not any(key.startswith("on") for key in attributes)
        assert attributes.get("src", "data:").startswith("data:")
        if tag == "a":
            assert re.match(r"#|https://example\.org/", attributes["href"])
        else:
            assert attributes.get("href", "data:").startswith("data:")
        assert tag not in {"iframe", "object", "embed", "base", "form", "video", "audio"}
    css = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    assert "url(" not in css
    assert "@import" not in css


def test_the_page_forbids_itself_to_load_or_run_anything_else(page):
    policy = unescape(re.search(r'Content-Security-Policy" content="(.*?)"', page)[1])
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    for tag, kind in (("style", "style-src"), ("script", "script-src")):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[kind] == f"'sha256-{digest}'"


def test_notes_on_the_data_stand_above_the_claims(content, drawn, tmp_path):
    page = build(content | {"notes": ["data.toy: 1 point left out"]}, drawn, tmp_path)
    assert page.index("<li>data.toy: 1 point left out</li>") < page.index('id="claims"')


def test_hostile_text_stays_text(content, drawn, tmp_path):
    texts = (
        "group", "place", "statement", "metric", "unit", "where", "expected", "first_expected",
        "changed_because", "because", "measured", "spread", "why", "printed", "how_to_read",
        "after", "known_since",
    )  # fmt: skip
    row(content, "A8").update(dict.fromkeys(texts, HOSTILE))
    content["run"] = HOSTILE
    content["source"]["001"] |= {"title": HOSTILE, "authors": [HOSTILE]}
    content["provenance"] |= {"commit": HOSTILE, "versions": {HOSTILE: HOSTILE}}
    content["provenance"]["computer"][HOSTILE] = HOSTILE
    caption, figure = tmp_path / "hostile.md", tmp_path / "hostile.svg"
    caption.write_text(f"**{HOSTILE}** {HOSTILE}\n\n{HOSTILE}\n")
    figure.write_bytes((drawn[0] / "controls.svg").read_bytes())
    row(content, "A8")["figure"] = str(figure)
    page = build(content, drawn, tmp_path, "--caption", caption, "--figure", figure)
    tags = Tags(page)
    assert "evil" not in {tag for tag, _ in tags.found}
    assert [tag for tag, _ in tags.found].count("script") == 1
    assert not any(key.startswith("on") for _, attributes in tags.found for key in attributes)
    assert read(page).count(HOSTILE) > len(texts)
    assert "49" not in read(article(page, "A8"))


def test_a_hostile_formula_is_refused(content, drawn, tmp_path, capsys):
    row(content, "A8")["statement"] = r"$\text{<img src=x onerror=alert(1)>}$"
    assert "claim A8" in refused(content, drawn, tmp_path, capsys)


def test_equal_inputs_give_equal_bytes(page, content, drawn, tmp_path):
    options = list(zip(drawn[1][::2], drawn[1][1::2], strict=True))
    other = [word for pair in reversed(options) for word in pair]
    assert build(content, (drawn[0], other), tmp_path) == page


def test_a_figure_that_no_claim_names_stands_at_the_end(content, drawn, tmp_path):
    more = tmp_path / "more.svg"
    more.write_bytes((drawn[0] / "controls.svg").read_bytes())
    (tmp_path / "more.md").write_text("**More** to see.\n\nNobody claims it.\n")
    files = ("--figure", more, "--caption", tmp_path / "more.md")
    page = build(content, drawn, tmp_path, *files)
    assert read(page[page.index('id="others"') :]).count("More to see. Nobody claims it.") == 1


def test_the_end_tells_what_made_the_run(page):
    end = read(page[page.index("<footer>") :])
    provenance = sample.provenance()
    assert provenance["commit"] in end
    assert provenance["date"] in end
    assert "Seed 0" in end
    for name, version in provenance["versions"].items():
        assert f"{name} {version}" in end
    for value in provenance["computer"].values():
        assert str(value) in end


def test_a_page_without_figures(content, drawn, tmp_path):
    for claim in content["claims"]:
        claim["figure"] = None
    assert call(report, *sample.options(tmp_path, content, [])) == 0
    assert "<img" not in (tmp_path / "report.html").read_text("utf-8")


def test_several_sources_are_told_apart(content, drawn, tmp_path):
    another = {"title": "Another", "authors": ["X", "Y"], "year": 2023, "also": "Third, a talk"}
    content["source"]["004"] = another
    row(content, "A33")["source"] = "004"
    page = build(content, drawn, tmp_path)
    assert "X, Y (2023): Another ; also Third, a talk" in read(page)
    assert re.findall(r"Learnable functions (\w+)(?= et al\.)", read(page)) == ["One", "X"]


def test_a_single_claim_is_enough(content, drawn, tmp_path):
    content["claims"] = [row(content, "A1")]
    assert "1 claim in 1 theme," in read(build(content, drawn, tmp_path))


@pytest.mark.parametrize(
    ("id", "change", "words"),
    [
        ("A8", {"verdict": "fine"}, ["claim A8: verdict", "'fine'", "not run"]),
        ("A8", {"expected": None}, ["claim A8: expected", "None", "string"]),
        ("A8", {"id": "figure-1"}, ["claim figure-1: id", "figure-1"]),
        ("A8", {"id": "A19"}, ["claim A19: found twice"]),
        ("A8", {"source": "009"}, ["claim A8: source", "'009'", "001"]),
        ("A3b", {"corrected": "A99"}, ["claim A3b: corrected", "'A99'"]),
        ("A8", {"figure": "figures/none.svg"}, ["claim A8", "figure figures/none.svg"]),
        ("A8", {"statement": r"so $\frac{1}{2$."}, ["claim A8", r"$\frac{1}{2$", "brace"]),
        ("A8", {"statement": r"$\frac{1}$"}, ["claim A8", r"$\frac{1}$", "parses"]),
        ("A8", {"because": r"as $\nosuch x$"}, ["claim A8", r"$\nosuch x$", r"\nosuch"]),
        ("A8", {"how_to_read": "costs $5"}, ["A8", "costs $5", "pair"]),
        ("A8", {"statement": "empty $$"}, ["claim A8", "$$"]),
        ("A8", {"statement": "$a & b$"}, ["claim A8", "$a & b$"]),
        ("A8", {"statement": r"$\href{javascript:alert(1)}{x}$"}, ["claim A8", "no href"]),
    ],
)
def test_bad_rows_are_refused_by_name(id, change, words, content, drawn, tmp_path, capsys):
    row(content, id).update(change)
    said = refused(content, drawn, tmp_path, capsys)
    assert [word for word in words if word not in said] == [], said
    assert "Traceback" not in said


def test_a_row_without_a_verdict_is_named(content, drawn, tmp_path, capsys):
    del row(content, "A8")["verdict"]
    assert "claim A8: verdict: missing" in refused(content, drawn, tmp_path, capsys)


def test_a_link_that_would_run_is_refused(content, drawn, tmp_path, capsys):
    content["source"]["001"]["link"] = "javascript:alert(1)"
    said = refused(content, drawn, tmp_path, capsys)
    assert "source: 001: link" in said
    assert "https://" in said


@pytest.mark.parametrize("text", ["not json", "[1]", '{"claims": 3}', '{"claims": [3]}'])
def test_another_file_is_refused(text, drawn, tmp_path, capsys):
    options = sample.options(tmp_path, {}, drawn[1])
    (tmp_path / "report.json").write_text(text)
    assert call(report, *options) == 1
    assert f"{tmp_path / 'report.json'}:" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text", ["", "<svg", "<html/>", '<svg xmlns="http://www.w3.org/2000/svg"/>']
)
def test_a_figure_that_is_no_picture_is_refused(text, content, drawn, tmp_path, capsys):
    picture = tmp_path / "none.svg"
    picture.write_text(text)
    row(content, "A1")["figure"] = str(picture)
    options = sample.options(tmp_path, content, [*drawn[1], "--figure", str(picture)])
    assert call(report, *options) == 1
    assert f"{picture}: found" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("**so $x$** it", "<strong>so "),
        ("`a<b`", "<code>a&lt;b</code>"),
        ("$a < b$", "<mo>&lt;</mo>"),
        (r"$\{x\}$", "<mi>x</mi>"),
        (r"$\lambda_{\max}$", "<mi>λ</mi>"),
        ("1/λ_max, ‖D‖_F", "1/<var>λ</var><sub>max</sub>, ‖D<var>‖</var><sub>F</sub>"),
        ("(H^∞)^−1 10^1.6.", "(H<sup>∞</sup>)<sup>−1</sup> 10<sup>1.6</sup>."),
        ("λ_min(H∞), ‖A‖_*", "<sub>min</sub>(H<sup>∞</sup>), ‖A<var>‖</var><sub>*</sub>"),
        ("m^(-1/2) 1/2^k", "m<sup>−1/2</sup> 1/2<sup>k</sup>"),
        ("1e-09 to 2.5e-8.", "10<sup>−9</sup> to 2.5·10<sup>−8</sup>."),
        ("line1e-9 A1e", "line1e-9 A1e"),
        ("`a_b` line_search", "<code>a_b</code> line_search"),
    ],
)
def test_text_as_html(text, html):
    assert html in html_text.html(text, "claim A1")


def test_formulas_of_the_planned_kinds_parse():
    for formula in (
        r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
        r"\begin{cases} 1 & x > 0 \\ 0 \end{cases}",
        r"\left\|x\right\|", r"\overline{u}", r"\binom{n}{k}", r"\text{if } x", r"10\,000",
        r"\underbrace{x}_{y}", r"\lim_{k\to\infty}", r"\quad x~y", r"\mathcal{N}(0,\kappa^2 I)",
        r"\boldsymbol{x}", r"\widetilde{W}", r"x \mapsto \lfloor x \rfloor", r"\displaystyle\sum_i",
    ):  # fmt: skip
        html = html_text.mathml(formula, "claim A1")
        assert html.startswith("<span data-latex=")
        assert "\\" not in re.sub(r'data-latex="[^"]*"', "", html)


def test_a_line_may_break_after_a_relation_and_not_before_a_comma():
    html = html_text.html("where $a = b + c$, so", "claim A1")
    assert re.sub("<[^w][^>]*>", "", html) == "where a=<wbr>b+<wbr>c\u2060, so"


def test_a_formula_names_what_it_belongs_to():
    with pytest.raises(Refusal, match=re.escape("claim A7: found the formula $x^$, expected")):
        html_text.html("see $x^$", "claim A7")


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.2, "under 1 s"), (3.44, "3.4 s"), (89, "89 s"), (141, "2.4 min"), (9000, "2.5 h")],
)
def test_durations(seconds, told):
    assert report.duration(seconds) == told


def test_the_sample_is_what_a_run_writes(content):
    """As JSON, with the keys that the model knows."""
    assert json.loads(json.dumps(content)) == content
    assert all(set(claim) == set(report_document.Claim.model_fields) for claim in content["claims"])
