"""Steps until every training label is fitted: true labels against random ones.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), section 1, after Zhang et al. 2017. The
training error of each network against the step; a dot where the last label is fitted.
"""

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import Fit


def _draw(found, drawn):
    figure, (panel,) = style.new_figure(["A"], 2.9)
    for (kind, repetition), own in drawn[drawn.k > 0].groupby(["labels", "repetition"]):
        look = series.LABELLINGS[kind]
        line = {"color": look.color, "linewidth": 1.1, "drawstyle": "steps-post"}
        panel.plot(own.k, own.error, **line, gid=f"{kind}-{repetition}")
    for kind, own in found[found.steps.notna()].groupby("labels"):
        look = series.LABELLINGS[kind]
        panel.plot(
            own.steps, [0] * len(own), look.marker, color=look.color, markersize=6, clip_on=False,
            zorder=5, gid=f"fitted-{kind}",
        )  # fmt: skip
    style.decades_axis(panel, "gradient step $k$", drawn.k.max())
    panel.set(ylabel="training error", ylim=(0, None))
    panel.set_title("training error, a line for each network", loc="left")
    entries = [
        style.handle(f"{look.name}; mark: all fitted", color=look.color, marker=look.marker)
        for look in (series.LABELLINGS[kind] for kind in ("true", "random"))
    ]
    style.legend(figure, entries, columns=2)
    return figure


def _words(found, _, job):
    seeds = style.counted(found.repetition.nunique(), "seed")
    yield (
        f"Networks trained on {job.training}; {seeds} of the initialisation (and of random "
        "labels). The share of training labels whose sign the network does not have; a mark where "
        "it is 0 for the first time."
    )
    said = []
    for kind, own in found.groupby("labels", sort=False):
        missed = int(own.steps.isna().sum())
        taken = f"at step {style.spread(own.steps, 'median')}"
        late = f", {missed} of them not at all" if missed else ""
        said.append(f"{series.LABELLINGS[kind].name} are fitted {taken}{late}")
    yield f"Here, in the median (smallest to largest), {style.enumerated(said)}."


main = figures.program(Fit, "Fitting every label, {name}", _draw, _words)

if __name__ == "__main__":
    main()
