"""Steps until every training label is fitted: true labels against random ones.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), section 1, after Zhang et al. 2017. Left:
the training error of each network against the step, from before the first on. Right: the step at
which the last label is fitted.
"""

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import Fit


def _draw(found, curves):
    figure, panels = style.new_figure(["AAB"], 2.8, _title(found))
    _draw_errors(panels[0], curves)
    _draw_steps(panels[1], found)
    last = max(curves.k.max(), found.steps.max())
    for panel in panels:
        style.decades_axis(panel, "gradient step $k$", last, zero=panel is panels[0])
    style.name_panels(panels, ["a line for each network", "all labels fitted"])
    style.shared_legend(figure, panels[:1], columns=2)
    return figure


def _title(found):
    steps = found.groupby("labels").steps.median()  # of the networks that fit
    when = {
        kind: f"at step {style.number(step)}" if step == step else "by no network"
        for kind, step in steps.items()
    }
    return f"All true labels are fitted {when['true']}, all random ones {when['random']} (medians)"


def _draw_errors(panel, curves):
    import seaborn

    curves, look = series.labelled(curves)
    look |= {"markers": False, "dashes": ["", (4, 1.2)][: len(look["hue_order"])]}
    seaborn.lineplot(
        curves, x="k", y="error", units="repetition", estimator=None, drawstyle="steps-post",
        linewidth=1.1, ax=panel, gid="error", **look,
    )  # fmt: skip
    panel.set(ylabel="training error", ylim=(0, None))


def _draw_steps(panel, found):
    import seaborn

    found, look = series.labelled(found)
    fitted = found[found.steps.notna()]
    seaborn.pointplot(
        fitted, x="steps", y="labels", hue="labels", order=look["hue_order"],
        hue_order=look["hue_order"], palette=look["palette"], markers=look["markers"],
        estimator="median", errorbar=("pi", 100), linestyle="none", err_kws={"linewidth": 1.4},
        markersize=5, ax=panel, legend=False,
    )  # fmt: skip
    medians = fitted.groupby("labels").steps.median()
    for at, name in enumerate(look["hue_order"]):
        if name in medians:
            place = {"xytext": (0, 7), "textcoords": "offset points", "ha": "center"}
            panel.annotate(style.number(medians[name]), (medians[name], at), **place)
    panel.set(ylabel="", yticks=range(len(look["hue_order"])))
    panel.set_yticks(range(len(look["hue_order"])), [n.split()[0] for n in look["hue_order"]])


def _words(found, _, job):
    seeds = style.counted(found.repetition.nunique(), "seed")
    yield (
        f"Of these points networks see {job.training}; {seeds}. (a) Training error: share of "
        "labels with the wrong sign. (b) Median, smallest to largest."
    )
    for kind, own in found.groupby("labels", sort=False):
        if missed := int(own.steps.isna().sum()):
            name = series.LABELLINGS[kind].name
            yield f"{missed} of {len(own)} never fit {name}."


main = figures.program(Fit, "Fitting every label, {name}", _draw, _words)

if __name__ == "__main__":
    main()
