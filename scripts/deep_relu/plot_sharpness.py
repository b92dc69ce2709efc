"""Where gradient descent goes from learning rates that are too large at the start.

Source: Allen-Zhu, Li, Song 2019 (arXiv 1811.03962), theorem 1.

ηλ_max in the mean over the last steps, against that at the start: a mark for each network.
"""

from pipeline import figures, style
from scripts.deep_relu.slice import Sharpness

MARK = {"color": style.BLUE, "marker": "o", "markersize": 4, "linestyle": ""}
BAR = {"color": style.BLACK, "linewidth": 1.2, "zorder": 3}
MOST = {"color": style.BLACK, "marker": "_", "markersize": 5, "linestyle": "", "zorder": 3}
SAME = {"color": style.BLACK, "linestyle": ":", "linewidth": 1.1}
EDGE = {"color": style.VERMILLION, "linestyle": "--", "linewidth": 1.1}


def _draw(table):
    import numpy as np

    figure, (panel,) = style.new_figure(["A"], 3.4, _title(table))
    found = table[np.isfinite(table["mean"])]
    # Networks side by side, so that none hides another.
    beside = 1 + 0.012 * (found.network - table.network.mean())
    panel.vlines(found.over * beside, found["mean"], found.most, gid="most", **BAR)
    panel.plot(found.over * beside, found.most, **MOST)
    panel.plot(found.over * beside, found["mean"], gid="mean", label="a network", **MARK)
    ends = np.array([table.over.min() / 1.2, table.over.max() * 1.2])
    least, most = (found["mean"].min(), found.most.max()) if len(found) else (0.5, 2)
    panel.plot(ends, ends, gid="same", label="as at the start", **SAME)
    panel.axhline(2, gid="edge", label="2, the edge of stability", **EDGE)
    style.widths_axis(panel, sorted(table.over.unique()), r"$\eta\lambda_{\max}$ at the start")
    panel.set_xlim(*ends)
    style.plain_log_axis(panel, min(least, ends[0]) / 1.1, max(most, 2) * 1.5)
    panel.set_ylabel(r"$\eta\lambda_{\max}$ at the end")
    panel.legend(frameon=False, loc="lower right")
    return figure


def _title(table):
    import numpy as np

    over = table.over.max()
    found = table[(table.over == over) & np.isfinite(table["mean"])]["mean"]
    if found.empty:
        return f"From {style.number(over / 2)} times the largest stable rate no network converges"
    return (
        f"From {style.number(over / 2)} times the largest stable learning rate networks move to "
        f"where it is {found.min() / 2:.2f} to {found.max() / 2:.2f} times"
    )


def _words(table, job):
    import numpy as np

    from scripts.deep_relu.sharpness import LAST

    there = np.isfinite(table["mean"]).sum()
    out = f"; of {len(table)} descents {there} converged and are shown" * int(there < len(table))
    yield (
        "Squared loss, learning rate η, λ_max of the tangent kernel of the network as it is. "
        f"Marks: mean over the last {LAST} steps; thin lines: up to the largest there. Networks "
        f"stand side by side{out}."
    )


main = figures.program(Sharpness, "Large learning rates", _draw, _words)

if __name__ == "__main__":
    main()
