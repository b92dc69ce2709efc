"""Singular values of what training nodes gather, and the ranks that are missing.

Source: Xu, Zhang, Jegelka, Kawaguchi 2021 (arXiv 2105.04550), theorem 1.
"""

from pipeline import figures, style
from scripts.graph_nets.slice import Condition

LOOKS = [style.BLUE, style.GREEN, style.VERMILLION]
FLOOR = 1e-18  # below it a value that is exactly 0 would not be seen
NAMED = 4


def _draw(table, breaking):
    figure, (panel,) = style.new_figure(["A"], 3.2, _title(table, breaking))
    own = table[table.seed == 0]
    for (depth, line), color in zip(own.groupby("H"), LOOKS, strict=False):
        values = line.value.clip(lower=FLOOR)
        look = {"color": color, "marker": ".", "markersize": 4, "linewidth": 1}
        panel.plot(line["index"], values, gid=f"values-{depth}", label=f"H = {depth}", **look)
    panel.set(yscale="log", xlabel="singular value", ylabel="value")
    panel.legend(frameon=False, loc="lower left")
    return figure


def _title(table, breaking):
    own = table[(table.seed == 0) & (table["H"] > 0)]
    missing = own.missing.max()
    if not missing:
        return "The theorem's condition holds: no singular value is 0"
    nodes = breaking[(breaking.seed == 0) & (breaking.operator == "gcn") & (breaking["H"] > 0)].node
    named = sorted(nodes.unique())
    said = style.enumerated([str(node) for node in named[:NAMED]])
    more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
    return (
        f"From one layer on {style.counted(missing, 'singular value')} of {own['index'].max()} "
        f"{'is' if missing == 1 else 'are'} 0, because of nodes {said}{more}"
    )


def _words(table, breaking, job):
    yield (
        "Singular values of the features that training nodes gather in H layers, largest first; "
        "the first seed where graphs are drawn."
    )


main = figures.program(Condition, "Which nodes break the condition", _draw, _words)

if __name__ == "__main__":
    main()
