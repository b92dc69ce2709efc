"""One learning rate at every width: where the kernel's limit fails.

Source: Lee's survey (2019), "NTK Parametrization vs Standard Parametrization".

Left: the largest loss over that at the start. Right: change of the kernel. Both against ηλ_max.
"""

from pipeline import figures, style
from scripts.infinite_width.slice import LearningRate

LOOKS = {
    "erf": {"color": style.BLUE, "marker": "o"},
    "relu": {"color": style.VERMILLION, "marker": "s"},
}
EDGE = {"color": style.BLACK, "linestyle": ":", "linewidth": 1.1}
MOST = {"peak": 1e6, "change": 1e3}  # above, all is one: the network diverges
SAID = {"peak": "largest loss over the first", "change": "change of the kernel"}


def _draw(table):
    figure, panels = style.new_figure(["AB"], 3.2, _title(table))
    for panel, (key, most) in zip(panels, MOST.items(), strict=True):
        for name, look in LOOKS.items():
            own = table[table.activation == name]
            panel.plot(own.eta_lambda, own[key].clip(upper=most), linestyle="", markersize=4,
                       markerfacecolor="none", gid=f"{key}-{name}", **look)  # fmt: skip
        panel.axvline(2, gid=f"edge-{key}", **EDGE)
        panel.set(xscale="log", yscale="log", xlabel="$\\eta\\lambda_{\\max}$ at the start")
        panel.set_ylabel(SAID[key])
        ticks = [each for each in (0.5, 1, 2, 4, 8) if each < table.eta_lambda.max() * 1.3]
        panel.set_xticks(ticks, [f"{each:g}" for each in ticks])
        panel.set_xticks([], minor=True)
    style.name_panels(panels, ["losses", "kernels"])
    entries = [style.handle(name, linestyle="", **look) for name, look in LOOKS.items()]
    entries.append(style.handle("2", **EDGE))
    style.legend(figure, entries, columns=len(entries))
    return figure


def _title(table):
    left = (table.peak >= 10) | (table.change >= 0.5)
    if not left.any() or left.all():
        return "One learning rate at every width"
    stays, leaves = table[~left].eta_lambda.max(), table[left].eta_lambda.min()
    return (
        f"At one learning rate networks stay near their kernel up to "
        f"ηλ_max = {style.number(stays)} and leave it from {style.number(leaves)} on"
    )


def _words(table, job):
    yield (
        "Standard parametrisation, one η for all widths; a mark for each network. (a) The largest "
        f"loss, (b) ‖Θ̂ − Θ̂₀‖/‖Θ̂₀‖ after the last step; marks at {MOST['peak']:.0e} and "
        f"{MOST['change']:.0e} are of networks that diverge."
    )


main = figures.program(LearningRate, "One learning rate", _draw, _words)

if __name__ == "__main__":
    main()
