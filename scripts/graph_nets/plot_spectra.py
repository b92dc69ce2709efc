"""σ_min(X S^H) and λ_min of Gaussian layers, by depth.

Source: Xu, Zhang, Jegelka, Kawaguchi 2021 (arXiv 2105.04550), theorem 1.
"""

from pipeline import figures, style
from scripts.graph_nets.slice import Spectra

LOOKS = {
    "gcn": {"color": style.BLUE, "marker": "o"},
    "gin": {"color": style.VERMILLION, "marker": "s"},
    "bare": {"color": style.GREEN, "marker": "^"},
}
LOST = {"linestyle": ":", "markersize": 3}
SAID = {"gcn": "gcn", "gin": "gin, $A + I$", "bare": "gcn without self loops"}


def _draw(table):
    starts = table.start.notna().any()
    figure, panels = style.new_figure(["AAB" if starts else "A"], 3.2, _title(table))
    shown = table[table.least > 0]
    for name, look in LOOKS.items():
        own = shown[shown.operator == name]
        style.band(panels[0], own, "H", "least", gid=name, **look)
        lost = table[(table.operator == name) & (table.least == 0)]
        style.band(panels[0], lost, "H", "positive", gid=f"positive-{name}", **look | LOST)
    panels[0].set(yscale="log", xlabel="layers $H$", ylabel="$\\sigma_{\\min}(XS^H)$")
    low = panels[0].get_ylim()[0]
    for name, look in LOOKS.items():
        zero = table[(table.operator == name) & (table.least == 0)]
        at = sorted(zero["H"].unique())
        panels[0].plot(at, [low] * len(at), linestyle="", clip_on=False, gid=f"zero-{name}", **look)
    panels[0].set_ylim(low, None)
    if starts:
        own = table[table.operator == "gcn"]
        style.band(panels[1], own, "H", "start", gid="start", color=style.PURPLE, marker="D")
        panels[1].set(yscale="log", xlabel="layers $H$", ylabel="$\\lambda_{\\min}(P_H^TP_H)$")
    style.name_panels(panels, ["features and graph", "Gaussian layers"])
    entries = [style.handle(SAID[name], **look) for name, look in LOOKS.items()]
    style.legend(figure, entries, columns=len(entries))
    return figure


def _title(table):
    own = table[table.operator == "gcn"]
    zero = sorted(own[own.least == 0]["H"].unique())
    if zero:
        layers = style.counted(zero[0], "layer")
        return f"The theorem's condition fails from {layers} on: $\\sigma_{{\\min}}$ of gcn is 0"
    return (
        f"$\\sigma_{{\\min}}$ of gcn {style.change(own, 'H', 'least')} with depth, and is nowhere 0"
    )


def _words(table, job):
    many = " Bands: least to largest." if table.seed.nunique() > 1 else ""
    yield (
        "Least of the min(m_x, k) singular values of what training nodes gather in H layers, "
        "nothing scaled; dotted, where it is 0: the smallest that is not. λ_min of layers as "
        f"drawn, where these are wide enough.{many}"
    )


main = figures.program(Spectra, "The theorem's condition by depth", _draw, _words)

if __name__ == "__main__":
    main()
