"""The least eigenvalue of the limits' last layer kernel, by depth.

Source: Du, Lee, Li, Wang, Zhai 2019 (arXiv 1811.03804), theorems 5.1 and 6.1.
"""

from pipeline import figures, style
from scripts.infinite_width.slice import Definiteness

LOOKS = {
    "softplus": {"color": style.VERMILLION, "marker": "s"},
    "sigmoid": {"color": style.PURPLE, "marker": "D"},
    "erf": {"color": style.BLUE, "marker": "o"},
    "tanh": {"color": style.GREEN, "marker": "^"},
}


def _draw(table):
    figure, panels = style.new_figure(["AB"], 3.2, _title(table))
    for panel, net in zip(panels, ("dense", "residual"), strict=True):
        for name, look in LOOKS.items():
            own = table[(table.net == net) & (table.activation == name)]
            scale = own.H**2 if net == "residual" else 1
            panel.plot(own.H, own.least * scale, gid=f"{net}-{name}", markersize=4, **look)
        panel.set(yscale="log", xlabel="hidden layers $H$")
        panel.set_xticks(range(0, table["H"].max() + 1, 4))
        panel.set_xlim(0, table["H"].max() + 1)
    dense, residual = panels
    dense.set_ylabel("$\\lambda_{\\min}(K^{(H)})$")
    residual.set_ylabel("$H^2\\lambda_{\\min}(K^{(H)})$")
    style.name_panels(panels, ["fully connected", "residual, times $H^2$"])
    entries = [style.handle(name, **look) for name, look in LOOKS.items()]
    style.legend(figure, entries, columns=len(entries))
    return figure


def _title(table):
    own = (
        table[(table.net == "dense") & (table.activation == "softplus")]
        .set_index("H")
        .least.dropna()
    )
    first, last = own.index.min(), own.index.max()
    return (
        f"From {first} to {last} layers the least eigenvalue of softplus networks falls from "
        f"{style.number(own[first])} to {style.number(own[last])}; of odd activations it does not"
    )


def _words(table, job):
    yield (
        "Least eigenvalue of the last hidden layer's kernel in the limit of wide networks, "
        "c = c_σ, c_res = 1. Nothing is drawn at random but the choice of points."
    )


main = figures.program(Definiteness, "Least eigenvalues by depth", _draw, _words)

if __name__ == "__main__":
    main()
