"""Text of claims and captions as HTML: $LaTeX$ as MathML, **strong**, `code`; the rest escaped."""

import re
from html import escape
from typing import TYPE_CHECKING

from overparam.errors import Refusal

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# Symbols in the midst of words, such as λ_max, ‖D‖_F, H^∞ (or H∞), m^(−1/2), 2^k, 10^−7 or 2e-07.
LOW = re.compile(r"((?<![A-Za-z_])[A-Za-zΑ-Ωα-ω]|‖)_(max|min|[A-Za-z0-9*])(?![A-Za-z0-9_])")
HIGH = re.compile(r"(?:\^|(?<=\bH)(?=∞))(?:\(([^()]+)\)|(∞|[−-]?\d+(?:\.\d+)?|[a-z](?![A-Za-z])))")
TENS = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)e(-?)\+?0*(\d+)\b")
BREAKS = {*"=≠≈<>≤≥∼→∈+−±·,"}
MARKS = re.compile(r"\$(?P<math>[^$]*)\$|\*\*(?P<strong>.+?)\*\*|`(?P<code>[^`]+)`", re.DOTALL)
# What mathematics is made of in MathML Core, and what latex2mathml says of it. Anything else came
# through from the text, since that package escapes nothing.
ELEMENTS = {
    "math", "menclose", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom",
    "mroot", "mrow", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd",
    "mtext", "mtr", "munder", "munderover",
}  # fmt: skip
ATTRIBUTES = {
    "accent", "accentunder", "columnalign", "columnlines", "columnspacing", "depth", "display",
    "displaystyle", "fence", "form", "height", "largeop", "linethickness", "lspace", "mathvariant",
    "maxsize", "minsize", "movablelimits", "notation", "rowlines", "rowspacing", "rspace",
    "scriptlevel", "separator", "stretchy", "symmetric", "voffset", "width",
}  # fmt: skip
# How many parts those have that need a certain number: half a fraction is drawn as nothing.
PARTS = {
    "mfrac": 2, "mover": 2, "mroot": 2, "msub": 2, "msubsup": 3, "msup": 2, "munder": 2,
    "munderover": 3,
}  # fmt: skip


def html(text: str, owner: str) -> str:
    """One paragraph; Refusal names `owner`, such as `claim A8`, and the text it cannot read."""
    parts, end = [], 0
    for mark in MARKS.finditer(text):
        parts.append(_plain(text[end : mark.start()], text, owner))
        end = mark.end()
        kind, inner = mark.lastgroup, mark[mark.lastgroup]
        if kind == "math":
            parts.append(mathml(inner, owner))
        elif kind == "strong":
            parts.append(f"<strong>{html(inner, owner)}</strong>")
        else:
            parts.append(f"<code>{escape(inner)}</code>")
    parts.append(_plain(text[end:], text, owner))
    # No line ends between a formula and the comma after it, nor the bracket before.
    return re.sub(r"(?<=[^\s>])(?=<span data)|(?<=</span>)(?=[^\s<])", "\u2060", "".join(parts))


def _plain(piece: str, text: str, owner: str) -> str:
    if "$" in piece:
        raise Refusal(f"{owner}: found a $ without its pair, expected $LaTeX$, in: {text}")
    low = LOW.sub(r"<var>\1</var><sub>\2</sub>", TENS.sub(_ten, escape(piece)))
    return HIGH.sub(lambda high: f"<sup>{(high[1] or high[2]).replace('-', '−')}</sup>", low)


def _ten(found: re.Match[str]) -> str:
    """2·10^-7 for 2e-07."""
    return ("" if found[1] == "1" else f"{found[1]}·") + f"10^{found[2]}{found[3]}"


def mathml(latex: str, owner: str) -> str:
    """A formula as MathML, in pieces between which a line may break: after = or +, or a comma.

    Browsers break no line within a piece; a search finds the formula's LaTeX.
    """
    from xml.etree import ElementTree

    pieces = [ElementTree.Element("mrow")]
    for element in tree(latex, owner)[0]:
        pieces[-1].append(element)
        if (element.text in BREAKS or element.tag == "mspace") and len(pieces[-1]) > 1:
            pieces.append(ElementTree.Element("mrow"))
    drawn = [ElementTree.tostring(piece, encoding="unicode") for piece in pieces if len(piece)]
    lines = "<wbr>".join(f"<math>{piece}</math>" for piece in drawn)
    return f'<span data-latex="{escape(latex.strip())}">{lines}</span>'


def tree(latex: str, owner: str) -> "Element":
    """A formula as MathML's elements; Refusal if anything but mathematics is in it."""
    from xml.etree import ElementTree

    from latex2mathml.converter import convert

    braces = re.sub(r"\\[{}\\]", "", latex)
    if not latex.strip() or braces.count("{") != braces.count("}"):
        raise _unread(latex, owner, "braces that pair around something")
    try:
        root = ElementTree.fromstring(convert(latex.strip()))
    except Exception as problem:  # latex2mathml has no common ancestor for what it raises
        said = re.sub(r"Error$", "", type(problem).__name__)
        raise _unread(latex, owner, f"LaTeX that parses ({said})") from None
    for element in root.iter():
        _check(element, latex, owner)
    return root


def _check(element: "Element", latex: str, owner: str) -> None:
    """Known mathematics alone; its namespace dropped, which HTML does not need."""
    element.tag = element.tag.rpartition("}")[2]
    unknown = {element.tag} - ELEMENTS | set(element.attrib) - ATTRIBUTES
    if unknown:
        raise _unread(latex, owner, f"mathematics alone, no {', '.join(sorted(unknown))}")
    if len(element) != PARTS.get(element.tag, len(element)):
        raise _unread(latex, owner, f"LaTeX that parses ({element.tag} lacks a part)")
    # An unknown command comes back as it was written.
    if "\\" in (element.text or ""):
        raise _unread(latex, owner, f"known commands, not {element.text}")


def _unread(latex: str, owner: str, expected: str) -> Refusal:
    return Refusal(f"{owner}: found the formula ${latex}$, expected {expected}: correct its text")
