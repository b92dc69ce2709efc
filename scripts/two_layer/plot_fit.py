"""Steps until every training label is fitted: true labels against random ones.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), section 1, after Zhang et al. 2017. The
training error of each network against the step; a dot where the last label is fitted.
"""

from pipeline import cli, files, style
from scripts.two_layer import looks


@cli.program
@cli.option("--name", required=True, help="Name of the problem.")
@cli.option("--about", required=True, help="The problem in words, for the caption.")
@cli.option("--training", required=True, help="Points, widths and learning rate in words.")
@cli.option("--how-to-read", required=True, help="How to read the figure, for the caption.")
@cli.option("--table", type=cli.InputFile(), required=True, help="A row per network, .csv.")
@cli.option("--curves", type=cli.InputFile(), required=True, help="Training errors, .csv.")
@cli.option("--style", "sheet", type=cli.InputFile(), required=True, help="Style, .mplstyle.")
@cli.option("--svg", type=cli.OutputFile(), required=True, help="The figure, .svg.")
@cli.option("--png", type=cli.OutputFile(), required=True, help="The figure, .png.")
@cli.option("--caption", type=cli.OutputFile(), required=True, help="What is drawn, .md.")
def main(
    name: str, about: str, training: str, how_to_read: str, table: str, curves: str, sheet: str,
    svg: str, png: str, caption: str,
) -> None:  # fmt: skip
    import pandas as pd

    found, drawn = (pd.read_csv(path, dtype={"labels": str}) for path in (table, curves))
    with style.applied(sheet):
        style.save_figure(_draw(found, drawn), svg, png)
    words = [
        f"**Fitting every label, {name}** ({about}).",
        *_words(found, training),
        f"**How to read it.** {how_to_read}",
    ]
    files.save_text(caption, "\n\n".join(words) + "\n")


def _draw(found, drawn):
    figure, (panel,) = style.new_figure(["A"], 2.9)
    for (kind, repetition), own in drawn[drawn.k > 0].groupby(["labels", "repetition"]):
        look = looks.LABELLINGS[kind]
        line = {"color": look.color, "linewidth": 1.1, "drawstyle": "steps-post"}
        panel.plot(own.k, own.error, **line, gid=f"{kind}-{repetition}")
    for kind, own in found[found.steps.notna()].groupby("labels"):
        look = looks.LABELLINGS[kind]
        panel.plot(
            own.steps, [0] * len(own), look.marker, color=look.color, markersize=6, clip_on=False,
            zorder=5, gid=f"fitted-{kind}",
        )  # fmt: skip
    style.decades_axis(panel, "gradient step $k$", drawn.k.max())
    panel.set(ylabel="training error", ylim=(0, None))
    panel.set_title("training error, a line for each network", loc="left")
    entries = [
        style.handle(f"{look.name}; mark: all fitted", color=look.color, marker=look.marker)
        for look in (looks.LABELLINGS[kind] for kind in ("true", "random"))
    ]
    style.legend(figure, entries, columns=2)
    return figure


def _words(found, training):
    seeds = style.counted(found.repetition.nunique(), "seed")
    yield (
        f"Networks trained on {training}; {seeds} of the initialisation (and of random labels). "
        "The share of training labels whose sign the network does not have; a mark where it is 0 "
        "for the first time."
    )
    said = []
    for kind, own in found.groupby("labels", sort=False):
        missed = int(own.steps.isna().sum())
        taken = f"at step {style.spread(own.steps, 'median')}"
        late = f", {missed} of them not at all" if missed else ""
        said.append(f"{looks.LABELLINGS[kind].name} are fitted {taken}{late}")
    yield f"Here, in the median (smallest to largest), {style.enumerated(said)}."


if __name__ == "__main__":
    main()
