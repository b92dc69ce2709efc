"""Loss per eigen-direction: the residual along groups of eigenvectors, and eq. (8).

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), eq. (8). A panel for each labelling, a
colour for each group of eigenvectors: networks as lines (median, and a band from smallest to
largest over seeds), the prediction dashed. All groups together are twice the loss over ‖y‖².
"""

from pipeline import figures, style
from scripts.two_layer import series
from scripts.two_layer.slice import Directions


def _draw(found):
    kinds = [kind for kind in series.LABELLINGS if kind in set(found.labels)]
    figure, panels = style.new_figure(["ABC"[: len(kinds)]], 3.3, _title(found))
    groups = found[["first", "last"]].drop_duplicates().sort_values("first")
    colors = dict(zip(groups["first"], style.shades(len(groups)), strict=True))
    for kind, panel in zip(kinds, panels, strict=True):
        for first, color in colors.items():
            own = found[(found.labels == kind) & (found["first"] == first)]
            for curve, opacity in (("network", 0.22), ("prediction", 0.12)):
                line = {"color": color, "gid": f"{curve}-{kind}-{first}"} | series.SERIES[curve]
                style.band(panel, own, "k", curve, opacity=opacity, **line)
        style.decades_axis(panel, "gradient step $k$", found.k.max(), zero=True)
        panel.set(ylim=(0, 1.02), ylabel=r"left, share of $\Vert y\Vert^2$")
    style.name_panels(panels, [series.LABELLINGS[kind].name for kind in kinds])
    named = [
        style.handle(f"$i$ = {own.first}" + (f" to {own.last}" if own.last > own.first else ""),
                     color=colors[own.first])
        for own in groups.itertuples(index=False)
    ]  # fmt: skip
    grey = {"color": style.GREY}
    named.append(style.banded_handle("networks", **grey | series.SERIES["network"]))
    named.append(style.handle("eq. (8)", **grey | series.SERIES["prediction"]))
    style.legend(figure, named, columns=3)
    return figure


def _title(found):
    """Along which group most of each labelling lies, and when networks have learned half of it."""
    said = []
    for kind, own in found.groupby("labels", sort=False):
        medians = own.groupby(["k", "first", "last"]).network.median()
        first, last = medians[0].idxmax()
        left = medians[:, first, last]
        half = left.index[left <= left[0] / 2]
        when = f"half gone at step {half[0]}" if len(half) else f"not half gone at {left.index[-1]}"
        said.append(
            f"{series.LABELLINGS[kind].name} lie mostly along i = {first} to {last}, {when}"
        )
    said[0] = said[0].capitalize()
    return "; ".join(said)


def _words(found, job):
    seeds = style.counted(found.repetition.nunique(), "seed")
    yield (
        "Σ (v_iᵀ(y − u(k)))² over a group of eigenvectors v_i of H^∞, largest eigenvalue λ_i "
        f"first, over ‖y‖². Networks: {job.training}; median and range of {seeds}. Eq. (8): "
        "Σ (1 − ηλ_i)^2k (v_iᵀy)²."
    )


main = figures.program(Directions, "Loss per eigen-direction, {name}", _draw, _words)

if __name__ == "__main__":
    main()
