"""The rate of theorem 3.1 at every step, and the edge of stability at 2/λ_max(H∞).

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 3.1 and eq. (7). Left: the smallest
decrease of the loss in a step of each network, over the theorem's ηλ₀/2. Middle and right: losses
against the learning rate, the largest and the last over the first, of linear dynamics and networks.
"""

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import Stability

ABOVE = 20  # how far above networks and start a panel of losses reaches: linear dynamics leave it
LOOKS = {
    "network": {"color": style.BLUE, "marker": "o", "markeredgewidth": 0, "label": "networks"},
    "linear": {"color": style.BLACK, "label": "linear dynamics (7)"} | series.SERIES["prediction"],
}
KEPT, MISSED = "network that keeps the rate", "network that does not"


def _draw(found, swept):
    figure, panels = style.new_figure(["ABC"], 3.1, _title(swept))
    _draw_rates(panels[0], found)
    for panel, column in zip(panels[1:], ("peak", "end"), strict=True):
        for name, look in LOOKS.items():
            own = swept[swept.series == name]
            style.band(panel, own, "factor", column, gid=f"{name}-{column}", **look)
        _draw_edge(panel, swept.factor.min())
        highest = swept[swept.series == "network"][column].max()
        lowest = max(swept[column].min(), 1e-6) / 4
        panel.set(yscale="log", ylim=(lowest, ABOVE * max(1, highest)))
    panels[1].set_ylabel(r"$\max_k\Phi(k)/\Phi(0)$")
    panels[2].set_ylabel(r"$\Phi(K)/\Phi(0)$")
    style.name_panels(panels, ["smallest decrease", "largest loss", "last loss"])
    style.shared_legend(figure, panels, columns=3)
    return figure


def _draw_edge(panel, left):
    """The edge of stability and the loss at the start, each with its name beside it."""
    panel.axvline(2, color=style.GREY, linewidth=1, gid="edge")
    panel.axhline(1, color=style.GREY, linewidth=0.6)
    beside = {"textcoords": "offset points", "color": style.GREY}
    panel.annotate(
        r"$\eta = 2/\lambda_{\max}$", (2, 1), (-3, -3), ha="right", va="top",
        xycoords=panel.get_xaxis_transform(), **beside,
    )  # fmt: skip
    panel.annotate("loss at start", (left, 1), (0, -3), va="top", **beside)
    panel.set_xlabel(r"$\eta\,\lambda_{\max}$")


def _title(swept):
    """From which rate on the medians in the panel of largest losses lie above the start."""
    medians = swept.groupby(["series", "factor"], as_index=False).peak.median()
    rising = medians[medians.peak > 1].groupby("series").factor.min()
    said = [
        rf"exceeds its start from $\eta\lambda_{{\max}}={rising[name]:g}$ on"
        if name in rising
        else "never exceeds its start"
        for name in LOOKS
    ]
    return f"The loss of networks (median) {said[0]}, that of linear dynamics {said[1]}"


def _draw_rates(panel, found):
    """The smallest decrease over the theorem's; where the loss rises in some step it has no place
    on the logarithmic axis, and a tick of its own."""
    import seaborn

    share = (1 - found.ratio) / (1 - found.bound)
    rising = min(0.1, share[share > 0].min() / 3) if (share > 0).any() else 0.1
    rates = [*dict.fromkeys(found.rate)]
    aside = 0.5 * (found.repetition + 0.5) / (found.repetition.max() + 1) - 0.25
    shown = found.assign(
        share=share.where(share > 0, rising), place=found.rate.map(rates.index) + aside,
        kept=(found.excess <= 0).map({True: KEPT, False: MISSED}),
    )  # fmt: skip
    seaborn.scatterplot(
        shown, x="share", y="place", style="kept", hue="kept", style_order=[KEPT, MISSED],
        hue_order=[KEPT, MISSED], markers=["o", "X"], palette=[style.BLUE, style.PURPLE], s=22,
        ax=panel, gid="rates",
    )  # fmt: skip
    promised = {"gid": "promise", "label": "rate of theorem 3.1"}
    panel.axvline(1, color=style.BLACK, linewidth=1, linestyle=":", **promised)
    panel.set_xscale("log")
    panel.set_xlim(rising / 3, 3 * max(1, shown.share.max()))
    panel.set_xticks(
        [rising, 1, 10, 100, 1000], ["rises in\na step", "1", "10", "$10^2$", "$10^3$"]
    )
    panel.tick_params(axis="x", which="minor", bottom=False)
    panel.set_yticks(range(len(rates)), [rf"${_said(rate)}$" for rate in rates])
    # Lines between the rates: the networks of a row have one rate, whatever their height in it.
    panel.set_yticks([at + 0.5 for at in range(len(rates) - 1)], minor=True)
    panel.tick_params(axis="y", which="minor", left=False)
    panel.grid(visible=False, axis="y", which="major")
    panel.grid(visible=True, axis="y", which="minor")
    panel.set(xlabel="decrease over\nthat of theorem 3.1", ylabel="learning rate η")


def _words(found, swept, job):
    seeds = style.counted(found.repetition.nunique(), "seed")
    yield (
        f"True labels, {job.training}; {seeds}. Φ(k): loss after k of K steps; "
        "λ₀, λ_max: extreme eigenvalues of H^∞. (a) Least 1 − Φ(k+1)/Φ(k) over theorem 3.1's "
        "ηλ₀/2. (b), (c) Median, range."
    )


def _said(rate):
    """A learning rate by its name in the table, as LaTeX."""
    if rate == "theorem":
        return r"\lambda_0/n^2"
    own = "(H(0))" if rate.startswith("own") else ""
    return f"{rate.removeprefix('own').removeprefix('rate')}/\\lambda_{{\\max}}{own}"


main = figures.program(Stability, "Stability, {name}", _draw, _words)

if __name__ == "__main__":
    main()
