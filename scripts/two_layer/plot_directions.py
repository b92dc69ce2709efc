"""Loss per eigen-direction: the residual along groups of eigenvectors, and eq. (8).

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), eq. (8). A panel for each labelling, a
colour for each group of eigenvectors: networks as lines, the prediction dashed (medians, and bands
from smallest to largest over seeds). All groups together are twice the loss over ‖y‖².
"""

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import Directions

LEAST = 1e-4  # of ‖y‖²: of what is left less is not drawn


def _draw(found):
    kinds = series.looks(found.labels)
    rows = series.in_rows(len(kinds))
    figure, panels = style.new_figure(rows, 2.5 * len(rows) + 0.8, _title(found))
    groups = found[["first", "last"]].drop_duplicates().sort_values("first")
    colors = dict(zip(groups["first"], style.shades(len(groups)), strict=True))
    for kind, panel in zip(kinds, panels, strict=True):
        for first, color in colors.items():
            own = found[(found.labels == kind) & (found["first"] == first)]
            for curve in ("network", "prediction"):
                line = {"color": color, "gid": f"{curve}-{kind}-{first}"} | series.SERIES[curve]
                style.band(panel, own, "k", curve, **line)
        style.decades_axis(panel, "gradient step $k$", found.k.max(), zero=True)
        panel.set(yscale="log", ylim=(LEAST, 1.5), ylabel=r"left, share of $\Vert y\Vert^2$")
    style.name_panels(panels, [look.name for look in kinds.values()])
    named = [
        style.handle(f"$i$ = {own.first}" + (f" to {own.last}" if own.last > own.first else ""),
                     color=colors[own.first])
        for own in groups.itertuples(index=False)
    ]  # fmt: skip
    grey = {"color": style.GREY}
    for curve, said in (("network", "networks"), ("prediction", "eq. (8)")):
        named.append(style.banded_handle(said, **grey | series.SERIES[curve]))
    style.legend(figure, named, columns=3)
    return figure


def _title(found):
    """Where networks and eq. (8) are furthest apart, by how much, and how near elsewhere."""
    medians = found.groupby(["labels", "first", "last", "k"])[["network", "prediction"]].median()
    apart = (medians.network - medians.prediction).abs()
    kind, first, last, k = apart.idxmax()
    (look,) = series.looks([kind]).values()
    network, prediction = (style.number(100 * left) for left in medians.loc[apart.idxmax()])
    elsewhere = apart.drop((kind, first, last)).max()
    return (
        f"With {look.name} networks leave eq. (8) along i = {first} to {last}: "
        f"{network} % of ‖y‖² is left at step {k}, not {prediction} %; elsewhere they differ by at "
        f"most {style.number(100 * elsewhere)} % of it"
    )


def _words(found, job):
    seeds = style.counted(found.repetition.nunique(), "seed")
    yield (
        "Σ (v_iᵀ(y − u(k)))² over eigenvectors v_i of H^∞, largest eigenvalue λ_i first, in groups "
        f"about equal in log i, over ‖y‖². Networks: {job.training}; median, range of {seeds}. "
        "Eq. (8): Σ (1 − ηλ_i)^2k (v_iᵀy)²."
    )


main = figures.program(Directions, "Loss per eigen-direction, {name}", _draw, _words)

if __name__ == "__main__":
    main()
