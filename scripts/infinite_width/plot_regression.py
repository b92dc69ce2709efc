"""What kernels learn, with how many samples.

Source: Lee's survey (2019), "What is learnable?" and "Teacher network".

Left: powers of one coordinate by K1 and, the cubic, by the kernel with biases. Right: teachers.
"""

from pipeline import figures, style
from scripts.infinite_width.slice import Regression

POWERS = {
    ("linear", "plain"): {"color": style.BLUE, "marker": "o"},
    ("quadratic", "plain"): {"color": style.GREEN, "marker": "^"},
    ("quartic", "plain"): {"color": style.PURPLE, "marker": "D"},
    ("cubic", "plain"): {"color": style.VERMILLION, "marker": "s"},
    ("cubic", "biased"): {"color": style.VERMILLION, "marker": "s", "linestyle": "--",
                          "markerfacecolor": "none"},
}  # fmt: skip
TEACHERS = {
    "tanh": {"color": style.GREEN, "marker": "^"},
    "softplus": {"color": style.BLUE, "marker": "o"},
    "relu": {"color": style.VERMILLION, "marker": "s"},
}
FLOOR = {"color": style.BLACK, "linestyle": ":", "linewidth": 1.1}
OTHER = {"linestyle": "--", "markerfacecolor": "none"}


def _draw(table):
    figure, panels = style.new_figure(["AB"], 3.4, _title(table))
    sizes = sorted(table.n.unique())
    means = table.groupby(["target", "kernel", "n"]).error.mean()
    powers, teachers = panels
    for (target, kernel), look in POWERS.items():
        said = f"{target}, biases" if kernel == "biased" else target
        own = means[target, kernel]
        powers.plot(own.index, own, markersize=4, gid=f"{target}-{kernel}", label=said, **look)
    powers.plot(sizes, means["cubic", "linear"], gid="floor", **FLOOR)
    for target, look in TEACHERS.items():
        for kernel, more in (("biased", {}), ("smooth", OTHER)):
            own = means[target, kernel]
            said = target if kernel == "biased" else None
            teachers.plot(own.index, own, markersize=4, gid=f"{target}-{kernel}", label=said,
                          **look, **more)  # fmt: skip
    teachers.plot([], [], color=style.BLACK, marker="o", label="by $1/(2 - x^\\top y)$", **OTHER)
    for panel in panels:
        style.widths_axis(panel, sizes, "samples $n$")
        panel.set_yscale("log")
        panel.legend(frameon=False, fontsize="small")
    powers.set_ylabel("relative error on new points")
    style.name_panels(panels, ["powers of $x_1$ by $K_1$", "teachers"])
    return figure


def _title(table):
    last = table[table.n == table.n.max()].groupby(["target", "kernel"]).error.mean()
    return (
        f"With {table.n.max()} samples K₁ is {style.number(100 * last['cubic', 'plain'])} % off "
        f"the cubic and {style.number(100 * last['quadratic', 'plain'])} % off the square; with "
        f"biases the cubic's error is {style.number(100 * last['cubic', 'biased'])} %"
    )


def _words(table, job):
    yield (
        "Root mean square errors over the targets' own, means over seeds. (a) Dashed: the whole "
        "kernel with biases; dotted: what the best linear function leaves of the cubic. (b) Full: "
        "the whole ReLU kernel with biases."
    )


main = figures.program(Regression, "What kernels learn", _draw, _words)

if __name__ == "__main__":
    main()
