"""Which learning rate equation (8) would need to give the losses that the paper published.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), figure 1 (a, c) and eq. (8).

(a) For each labelling and step, the η at which (8) has the published loss: one horizontal line for
all labellings if the networks had followed (8). (b) The loss that (8) predicts at the rate
inferred, over the published one.
"""

from pipeline import figures, files, style
from scripts.two_layer import series
from scripts.two_layer.slice import Published

LINES = {
    "stated": (":", r"$\eta$ stated"),
    "stable up to 2/λ_max": ((0, (6, 2)), r"$2/\lambda_{\max}$: stable below"),
    "inferred": ("-.", r"$\eta$ inferred"),
}


def _load(job):
    from scripts.two_layer import paper

    numbers = paper.load(job.published)
    (eigenvalues,) = files.load_arrays(job.spectrum, "eigenvalues")
    rates = {
        "stated": numbers.stated.eta,
        "stable up to 2/λ_max": float(2 / eigenvalues[0]),
        "inferred": paper.dataset(numbers, job.dataset).inferred_eta,
    }
    compared = figures.table(job.table)
    return compared.assign(ratio=compared.ours / compared.paper), rates


def _title(compared):
    """How far apart the rates of the labellings lie, at the step where they do least."""
    needed = compared[compared.quantity == "effective_eta"]
    medians = needed.groupby(["at", "labels"]).ours.median().unstack()
    least = (medians.max(axis=1) / medians.min(axis=1)).min()
    return (
        "Eq. (8) gives the published losses at no one learning rate: labellings need rates "
        f"that differ by a factor of {style.number(least)} or more"
    )


def _draw(compared, rates):
    figure, panels = style.new_figure(["AB"], 3.3, _title(compared))
    for panel, quantity, column in zip(
        panels, ("effective_eta", "loss"), ("ours", "ratio"), strict=True
    ):
        own = compared[compared.quantity == quantity]
        for kind, look in series.LABELLINGS.items():
            line = {"color": look.color, "marker": look.marker, "markersize": 3.5}
            style.band(
                panel, own[own.labels == kind], "at", column, gid=f"{quantity}-{kind}", **line
            )
        panel.set_xscale("log")
        panel.set_xlabel("gradient step $k$")
    for what, rate in rates.items():
        panels[0].axhline(rate, color=style.GREY, linestyle=LINES[what][0], linewidth=1.1)
    panels[0].set_yscale("log")
    panels[1].axhline(1, color=style.GREY, linestyle=":", linewidth=1)
    panels[1].set_ylim(0, None)
    panels[0].set_ylabel(r"effective $\eta$")
    panels[1].set_ylabel("eq. (8) / published loss")
    style.name_panels(panels, [r"$\eta$ that (8) would need", r"(8) at the inferred $\eta$"])
    entries = [
        style.handle(look.name, color=look.color, marker=look.marker, markersize=3.5)
        for look in series.LABELLINGS.values()
    ]
    entries += [
        style.handle(label, color=style.GREY, linestyle=line, linewidth=1.1)
        for line, label in LINES.values()
    ]
    style.legend(figure, entries, columns=3)
    return figure


def _words(compared, rates, job):
    listed = [f"{style.number(rate)} {what}" for what, rate in rates.items()]
    yield (
        "(a) The η at which eq. (8) has the published loss Φ/n; random labels: median and range "
        f"of our draws. Grey: η = {style.enumerated(listed)}. (b) Its loss at the inferred η."
    )
    yield figures.HOW_TO_READ


main = figures.program(Published, "Published losses, {name}", _draw, _words, load=_load)

if __name__ == "__main__":
    main()
