"""Layer Grams of networks at their start, beside the recursions of their limits.

Source: Du, Lee, Li, Wang, Zhai 2019 (arXiv 1811.03804), definition 5.1 and sections 6 and 7; Lee's
survey (2019), "Deep net Infinite-Width".

Above: relative distance of a network's Gram from its limit, root mean square over networks, by
width. Below: that of the mean over networks.
"""

from pipeline import figures, style
from scripts.infinite_width.slice import Limits

COLORS = [style.BLUE, style.GREEN, style.PURPLE]
MARKERS = "os^"
PRINTED = {"color": style.VERMILLION, "marker": "X"}
GUIDE = {"linestyle": ":", "color": style.BLACK, "linewidth": 1.1}
NETS = {"softplus": "softplus", "relu": "ReLU", "convolutional": "convolutional"}


def _draw(table, means):
    figure, (*panels, below) = style.new_figure(["ABC", "DDD"], 5.2, _title(means))
    for panel, net in zip(panels, NETS, strict=True):
        _distances(panel, table[table.net == net], net)
    panels[0].set_ylabel("distance of a network")
    _means(below, means)
    named = [*NETS.values(), "means over networks"]
    style.name_panels([*panels, below], named)
    layers = sorted(table[table.net != "convolutional"].layer.unique())
    entries = [
        style.handle(f"$K_{layer}$", color=color, marker=marker, linestyle="")
        for layer, color, marker in zip(layers, COLORS, MARKERS, strict=False)
    ]
    entries.append(style.handle("as printed", linestyle="", **PRINTED))
    entries.append(style.handle("slope −½", **GUIDE))
    style.legend(figure, entries, columns=len(entries))
    return figure


def _distances(panel, own, net):
    import numpy as np

    roots = own.assign(square=own.error**2).groupby(["form", "layer", "m"]).square.mean() ** 0.5
    for layer, rms in roots["right"].groupby("layer"):
        m, values = rms.index.get_level_values("m"), rms.to_numpy()
        look = {"color": COLORS[layer % 3 - 1], "marker": MARKERS[layer % 3 - 1], "markersize": 4}
        panel.plot(m, values, linestyle="", gid=f"{net}-{layer}", **look)
        middle = np.exp(np.log(values).mean() + 0.5 * np.log(m).to_numpy().mean())
        panel.plot(m, middle * m.to_numpy() ** -0.5, gid=f"guide-{net}-{layer}", **GUIDE)
    if "printed" in own.form.unique():
        rms = roots["printed"].droplevel("layer")
        panel.plot(rms.index, rms, markersize=4, linewidth=1, gid=f"printed-{net}", **PRINTED)
    style.plain_log_axis(panel, roots.min(), roots.max())
    said = "channels $m$" if net == "convolutional" else "width $m$"
    style.widths_axis(panel, sorted(own.m.unique()), said)


def _means(panel, means):
    names = {
        ("softplus", "right"): "softplus, last layer", ("softplus", "printed"): "as printed",
        ("softplus", "sum"): "softplus, all layers", ("relu", "right"): "ReLU, last layer",
        ("relu", "printed"): "as printed", ("relu", "sum"): "ReLU, all layers",
    }  # fmt: skip
    labels = [
        f"{names.get((row.net, row.form), row.net)} ({row.networks})" for row in means.itertuples()
    ]
    places = [-place for place in range(len(means))]
    for form, look in (
        ("printed", PRINTED),
        ("right", {"color": style.BLUE, "marker": "o"}),
        ("sum", {"color": style.BLUE, "marker": "o"}),
    ):
        at = [place for place, each in zip(places, means.form, strict=True) if each == form]
        own = means[means.form == form]
        panel.plot(own.distance, at, linestyle="", gid=f"mean-{form}", **look)
    panel.set_yticks(places, labels)
    panel.set_xlim(0, None)
    panel.set_xlabel("distance of the mean")


def _title(means):
    # Of the networks for which a form is printed.
    last = means[means.net.isin(["softplus", "relu"])].groupby("form").distance
    return (
        f"Layer Grams of networks lie {100 * last.max()['right']:.0f} % or less from their limits "
        f"in the mean, and {100 * last.min()['printed']:.0f} % or more from what is printed"
    )


def _words(table, means, job):
    yield (
        "Distances are Frobenius norms over that of the limit. Above: root mean square over "
        f"{style.counted(table.seed.nunique(), 'network')} of each width; (c) the last hidden "
        f"layer. (d) Of means over networks, as many as in brackets."
    )


main = figures.program(Limits, "Layer Grams and their limits", _draw, _words)

if __name__ == "__main__":
    main()
