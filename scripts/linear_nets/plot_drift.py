"""How far gradient descent moves the imbalance, against the learning rate.

Source: Xu, Min, Tarmoun, Mallada, Vidal 2023 (AISTATS, PMLR 206), eq. (12), lemmas A.3 and C.3.

Left: the change of D, in the first step and in all. Right: each seed's change over its own bound.
Lines: medians over seeds, in bands from least to largest.
"""

from pipeline import figures, style
from scripts.linear_nets.slice import Drift

# Slope, label and line of each change.
CHANGES = {
    "step": (2, "first step", {"color": style.BLUE, "linestyle": "-"}),
    "total": (1, "whole descent", {"color": style.VERMILLION, "linestyle": (0, (5, 1.5))}),
}
GUIDE = {"linestyle": ":", "color": style.BLACK, "linewidth": 1.1}
BOUND = {"linestyle": "-", "color": style.BLACK, "linewidth": 1.1}


def _draw(drifts):
    figure, (changes, ratios) = style.new_figure(["AB"], 3.3, _title(drifts))
    drifts = drifts.assign(rate=0.5**drifts.halving)
    for key, (slope, _, line) in CHANGES.items():
        style.band(changes, drifts, "rate", key, gid=f"change-{key}", **line)
        own = drifts.assign(ratio=drifts[key] / drifts[f"{key}_bound"])
        style.band(ratios, own, "rate", "ratio", gid=f"ratio-{key}", **line)
        middle = drifts.groupby("rate")[key].median()
        guide = middle.iloc[0] * (middle.index / middle.index[0]) ** slope
        changes.plot(middle.index, guide, gid=f"guide-{key}", zorder=4, **GUIDE)
    ratios.axhline(1, gid="bound", **BOUND)
    for panel in (changes, ratios):
        panel.set_xscale("log", base=2)
        panel.set_yscale("log")
        panel.set_xlabel("$\\eta / \\eta_{\\max}$")
    changes.set_ylabel("$\\Vert D(t) - D(0)\\Vert_F$")
    ratios.set_ylabel("change / bound")
    titles = ["change of the imbalance", "each seed over its own bound"]
    style.name_panels([changes, ratios], titles)
    entries = [style.banded_handle(said, **line) for _, said, line in CHANGES.values()]
    entries.append(style.handle("slopes 2 and 1", **GUIDE))
    entries.append(style.handle("the bound", **BOUND))
    style.legend(figure, entries, columns=4)
    return figure


def _title(drifts):
    """The exponents of η, as the claims have them: of the four smallest rates."""
    import numpy as np

    smallest = drifts[drifts.halving > drifts.halving.max() - 4]
    medians = smallest.groupby("halving")[[*CHANGES]].median()
    slopes = {key: -np.polyfit(medians.index, np.log2(medians[key]), 1)[0] for key in CHANGES}
    return (
        f"The imbalance moves as $\\eta^{{{slopes['step']:.2f}}}$ in the first step, as "
        f"$\\eta^{{{slopes['total']:.2f}}}$ in a whole descent"
    )


def _words(drifts, job):
    bounds = drifts.groupby("halving").total_bound.median()
    yield (
        "Layers W₁ (n × h), W₂ (h × m), from Gaussian starts; D = W₁ᵀW₁ − W₂W₂ᵀ: imbalance; η_max: "
        "largest learning rate of the theorem of Xu et al. 2023. (b) Over their lemmas' bounds: "
        f"C.3 (step), A.3 (descent; {style.number(bounds[0] / bounds[1])} times larger at η_max "
        "than at η_max/2). Medians; bands: range over seeds."
    )


main = figures.program(Drift, "Imbalance under gradient descent", _draw, _words)

if __name__ == "__main__":
    main()
