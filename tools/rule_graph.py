"""Draw the workflow in README.md: `snakemake --rulegraph | python -m tools.rule_graph`.

The rules that all experiments share are as Snakemake has them; those of a family of experiments,
one for each experiment and figure, are one box.
"""

import re
import sys
from pathlib import Path

from workflow.settings.run import MODELS

README = Path("README.md")
BLOCK = re.compile(r"<!-- rules -->.*?<!-- end of rules -->", re.DOTALL)
SHARED = re.compile(r"^(?:use rule job as|rule) (\w+)", re.MULTILINE)
# Families by what the names of their rules begin with; the empty one comes last.
PREFIXES = sorted(
    ((name if model.prefix is None else model.prefix, name) for name, model in MODELS.items()),
    reverse=True,
)


def drawn(dot: str) -> str:
    """Snakemake's graph of rules as a Mermaid flowchart, between its marks."""
    texts = (path.read_text("utf-8") for path in sorted(Path("workflow/rules").glob("*.smk")))
    shared = {rule for text in texts for rule in SHARED.findall(text)}
    nodes = dict(re.findall(r'(\d+)\[label = "(\w+)', dot))
    edges = {
        (_box(nodes[tail], shared), _box(nodes[head], shared))
        for tail, head in re.findall(r"(\d+) -> (\d+)", dot)
        if nodes[head] != "all"
    }
    edges = {(tail, head) for tail, head in edges if tail != head}
    if not edges:
        sys.exit("found no graph of rules: what does `snakemake --rulegraph` say?")
    told = [f"  {tail} --> {head}" for tail, head in sorted(_shortest(edges))]
    boxes = [f'  {name}["{name}: experiments and figures"]' for name in sorted(MODELS)]
    lines = ["<!-- rules -->", "", "```mermaid", "flowchart LR", *boxes, *told, "```", ""]
    return "\n".join([*lines, "<!-- end of rules -->"])


def _box(rule: str, shared: set[str]) -> str:
    if rule in shared:
        return rule
    return next(name for begin, name in PREFIXES if rule.removeprefix("plot_").startswith(begin))


def _shortest(edges: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The edges that no longer way replaces."""

    def leads(start: str, end: str) -> bool:
        return any(head == end or leads(head, end) for tail, head in edges if tail == start)

    return {
        (tail, head)
        for tail, head in edges
        if not any(leads(step, head) for start, step in edges if start == tail and step != head)
    }


def main() -> None:
    """Write README.md anew."""
    block = drawn(sys.stdin.read())
    README.write_text(BLOCK.sub(lambda _: block, README.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
