"""Test error of trained networks and the bound's complexity against the width m.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), theorem 5.1: the bound knows no m. Left:
test 0–1 error; right: loss Φ/n and training error where the networks stopped. A dot for each seed,
medians joined; the complexity √(2 yᵀ(H∞)⁻¹y/n) of the same labels stands in the caption.
"""

from overparam.house import cli, files, style
from scripts.two_layer import looks

ERROR = {"color": style.BLUE, "marker": "o", "linestyle": "-"}
TRAIN = {"color": style.VERMILLION, "marker": "s", "linestyle": (0, (3.2, 1.8))}
LOSS = {"color": style.GREEN, "marker": "^", "linestyle": (0, (1, 1.2))}


@cli.program
@cli.option("--name", required=True, help="Name of the problem.")
@cli.option("--about", required=True, help="The problem in words, for the caption.")
@cli.option("--training", required=True, help="Initialisation, labels and steps in words.")
@cli.option("--how-to-read", required=True, help="How to read the figure, for the caption.")
@cli.option("--table", type=cli.InputFile(), required=True, help="A row per network, .csv.")
@cli.option("--style", "sheet", type=cli.InputFile(), required=True, help="Style, .mplstyle.")
@cli.option("--svg", type=cli.OutputFile(), required=True, help="The figure, .svg.")
@cli.option("--png", type=cli.OutputFile(), required=True, help="The figure, .png.")
@cli.option("--caption", type=cli.OutputFile(), required=True, help="What is drawn, .md.")
def main(
    name: str, about: str, training: str, how_to_read: str, table: str, sheet: str, svg: str,
    png: str, caption: str,
) -> None:  # fmt: skip
    import pandas as pd

    found = pd.read_csv(table)
    with style.applied(sheet):
        style.save_figure(_draw(found), svg, png)
    words = [
        f"**Width and test error, {name}** ({about}).",
        *_words(found, training),
        f"**How to read it.** {how_to_read}",
    ]
    files.save_text(caption, "\n\n".join(words) + "\n")


def _draw(found):
    figure, panels = style.new_figure(["AB"], 2.8)
    sizes = sorted(found.width.unique())
    looks.seeds(panels[0], found, "width", "error", "error", **ERROR)
    looks.seeds(panels[1], found, "width", "train_error", "train", **TRAIN)
    looks.seeds(panels[1], found, "width", "loss", "loss", **LOSS)
    for panel, label in zip(panels, ("test 0–1 error", "at the last step"), strict=True):
        style.widths_axis(panel, sizes, "width $m$")
        panel.set_ylabel(label)
    panels[0].set_ylim(0, max(0.05, found.error.max() * 1.25))
    panels[1].set_ylim(0, None)
    style.name_panels(panels, ["test error", "training"])
    entries = [
        style.handle("test error", **ERROR),
        style.handle("training error", **TRAIN),
        style.handle("loss Φ/n", **LOSS),
    ]
    style.legend(figure, entries, columns=3)
    return figure


def _words(found, training):
    seeds = style.counted(found.repetition.nunique(), "seed")
    yield (
        f"Networks of {style.counted(found.width.nunique(), 'width')} m, {training}; {seeds}, "
        "whose labels are the same at every width. Medians joined, dots for single seeds. (a) Test "
        "0–1 error. (b) Training error and loss Φ/n where they stop, at step "
        f"{style.span(found.steps)}."
    )
    means = found.groupby("width").error.mean()
    yield (
        f"Here the mean test error is {style.number(means.iloc[0])} at m = {means.index[0]} and "
        f"{style.number(means.iloc[-1])} at m = {means.index[-1]}, between "
        f"{style.number(means.min())} and {style.number(means.max())} at all of them; the "
        f"complexity √(2 yᵀ(H^∞)⁻¹y/n) is {style.spread(found.complexity, 'mean')} at any m."
    )


if __name__ == "__main__":
    main()
