"""Test errors of kernel regression, by depth."""

from pipeline import figures, style
from scripts.infinite_width.slice import Accuracy

LOOKS = {
    "nngp": ("$\\Sigma^{(L)}$", {"color": style.BLUE, "marker": "o"}),
    "ntk": ("$\\Theta$", {"color": style.VERMILLION, "marker": "s", "linestyle": "--"}),
}


def _draw(table):
    figure, (panel,) = style.new_figure(["A"], 2.8, _title(table))
    for kernel, (said, look) in LOOKS.items():
        own = table[table.kernel == kernel]
        panel.plot(own.depth, 100 * own.error, gid=kernel, label=said, **look)
    panel.set(xlabel="hidden layers $L$", ylabel="test error, %")
    panel.set_xticks(sorted(table.depth.unique()))
    panel.set_ylim(0, 130 * max(table.error.max(), 0.001))
    panel.legend(frameon=False, loc="upper left", ncols=2)
    return figure


def _title(table):
    errors = 100 * table.error
    return f"Test errors lie between {errors.min():.2f} and {errors.max():.2f} % at every depth"


def _words(table, job):
    yield "Regression on one-hot labels with kernels of ReLU networks, c = 2, without biases."


main = figures.program(Accuracy, "Kernel regression on {name}", _draw, _words)

if __name__ == "__main__":
    main()
