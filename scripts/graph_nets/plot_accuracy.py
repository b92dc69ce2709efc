"""Test accuracy of graph networks by depth, beside kernel ridge regression; no source says it."""

from pipeline import figures, style
from scripts.graph_nets.slice import Accuracy

LOOKS = {
    ("linear", "plain"): ("linear", {"color": style.BLUE, "marker": "o"}),
    ("linear", "skips"): ("linear, skips", {"color": style.BLUE, "marker": "o", "linestyle": "--"}),
    ("relu", "plain"): ("ReLU", {"color": style.VERMILLION, "marker": "s"}),
    ("relu", "skips"): (
        "ReLU, skips",
        {"color": style.VERMILLION, "marker": "s", "linestyle": "--"},
    ),
    ("kernel", "plain"): ("kernel ridge", {"color": style.BLACK, "marker": "x"}),
}


def _draw(table):
    figure, (right, times) = style.new_figure(["AB"], 3.2, _title(table))
    for (kind, net), (_, look) in LOOKS.items():
        own = table[(table.kind == kind) & (table.net == net)]
        middle = own.groupby("H")[["accuracy", "t"]].median()
        right.plot(middle.index, middle.accuracy, gid=f"accuracy-{kind}-{net}", **look)
        if kind != "kernel":
            times.plot(middle.index, middle.t, gid=f"time-{kind}-{net}", **look)
    depths = sorted(table["H"].unique())
    right.set(xlabel="layers $H$", xticks=depths, ylabel="test accuracy")
    times.set(xlabel="layers $H$", xticks=depths, ylabel="time $t$ to one loss", yscale="log")
    style.name_panels([right, times], ["nodes that were not trained on", "training"])
    entries = [style.handle(said, **look) for said, look in LOOKS.values()]
    style.legend(figure, entries, columns=len(entries))
    return figure


def _title(table):
    middle = table.groupby(["kind", "net", "H"]).accuracy.median()
    kernel, networks = middle.kernel.max(), middle.drop("kernel").max()
    return (
        f"Networks are right at {style.number(100 * networks)} % of the test nodes at most, kernel "
        f"ridge regression at {style.number(100 * kernel)} %"
    )


def _words(table, job):
    yield (
        "Medians over seeds. Networks of one depth stop at one loss, L* + (‖Y‖² − L*)/10 of linear "
        "ones without skip connections; of runs that have not come there the last step counts. "
        "The kernel's penalty is chosen by cross-validation on the training nodes."
    )


main = figures.program(Accuracy, "Test accuracy and ReLUs", _draw, _words)

if __name__ == "__main__":
    main()
