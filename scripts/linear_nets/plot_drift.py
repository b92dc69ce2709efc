"""How far gradient descent moves the imbalance, against the learning rate.

Source: Xu, Min, Tarmoun, Mallada, Vidal 2023 (AISTATS, PMLR 206), eq. (12), lemmas A.3 and C.3.

Left: the first step's change of D. Right: the whole change. Dots: seeds; dashed: their bounds.
"""

from pipeline import figures, style
from scripts.linear_nets.slice import Drift

COLORS = {"step": style.BLUE, "total": style.VERMILLION}
SLOPES = {"step": 2, "total": 1}
BOUND = {"linestyle": (0, (3.2, 1.8)), "color": style.BLACK, "linewidth": 1.1}
GUIDE = {"linestyle": ":", "color": style.GREY, "linewidth": 1.1}


def _draw(drifts):
    figure, panels = style.new_figure(["AB"], 3.0)
    halvings = sorted(drifts.halving.unique())
    rates = [0.5**halving for halving in halvings]
    for panel, (key, slope) in zip(panels, SLOPES.items(), strict=True):
        for _, own in drifts.groupby("seed"):
            panel.plot(
                0.5**own.halving, own[key], "o", color=COLORS[key], alpha=0.45, markersize=3,
                markeredgewidth=0,
            )  # fmt: skip
        middle = drifts.groupby("halving")[[key, f"{key}_bound"]].median().loc[halvings]
        panel.plot(rates, middle[f"{key}_bound"], gid=f"bound-{key}", **BOUND)
        end = middle[key].iloc[-1]
        guide = [end * (rate / rates[-1]) ** slope for rate in rates]
        panel.plot(rates, guide, gid=f"guide-{key}", **GUIDE)
        panel.set_xscale("log", base=2)
        panel.set_yscale("log")
        panel.set_xlabel("$\\eta / \\eta_{\\max}$")
    panels[0].set_ylabel("$\\Vert D(1) - D(0)\\Vert_F$")
    panels[1].set_ylabel("$\\Vert D(T) - D(0)\\Vert_F$")
    style.name_panels(panels, ["in one step, slope 2", "in all, slope 1"])
    dot = {"marker": "o", "linestyle": "none", "markersize": 3}
    entries = [
        style.handle("a seed's first step", color=COLORS["step"], **dot),
        style.handle("a seed's whole descent", color=COLORS["total"], **dot),
        style.handle("bound of the lemma, median", **BOUND),
        style.handle("slope 2 and slope 1", **GUIDE),
    ]
    style.legend(figure, entries, columns=2)
    return figure


def _words(drifts, job):
    yield (
        "Gradient descent from Gaussian starts at η_max, η_max/2, η_max/4 …, until the loss has "
        "fallen to 10⁻⁸ of its start. The flow would keep D where it is. (a) The first step's "
        "change of D = W1ᵀW1 − W2W2ᵀ, and lemma C.3's bound. (b) The change until the end, and "
        "lemma A.3's bound. Dots: seeds; dashed: medians of the bounds; dotted: guides of slope 2 "
        "and 1."
    )
    yield figures.HOW_TO_READ
    least, most = ((drifts[key] / drifts[f"{key}_bound"]).max() for key in ("step", "total"))
    yield (
        f"Here a first step moves D by at most {style.number(least)} of its bound, a whole descent "
        f"by at most {style.number(most)}."
    )


main = figures.program(Drift, "Drift of the imbalance", _draw, _words)

if __name__ == "__main__":
    main()
