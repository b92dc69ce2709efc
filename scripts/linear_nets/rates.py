"""Every step of gradient descent against its bounds, from many kinds of starts.

Source: Xu, Tarmoun, Min, Mallada, Vidal 2023 (AISTATS, PMLR 206): the lemma of eq. (18) to (20),
the theorem of eq. (25), proposition 3.1. For n < m, n = m and n > m, each with starts close to
their target that are balanced (D = 0) or not, and with Gaussian layers; each of the step rules f0,
ft, rho_hat and rho, with η ≤ η_max. Steps with L ≤ 10⁻²⁴ L(0) are left to rounding.

Writes the figures alone; a value is the worst over all steps.
"""

from overparam.house import cli

RATIOS = (1.0, 2.0)  # of the starts close to their target: the first is balanced
NOISE = 0.01
SEARCHED = 20  # points of a descent by exact line search
FALLING = {"condition", "proposition"}  # of which the worst is the smallest


@cli.program
@cli.option("--name", default="linear", help="Name of the problem, an axis of every seed.")
@cli.option("--n", type=cli.count(), multiple=True, default=[3, 5, 7], help="Rows of W, a shape.")
@cli.option("--m", type=cli.count(), multiple=True, default=[7, 5, 3], help="Its columns.")
@cli.option("--h", type=cli.count(), default=1000, help="Width of the hidden layer.")
@cli.option("--c1", default=0.5, help="How far α may fall, as a share of α₀, in (0, 1).")
@cli.option("--c2", default=1.5, help="How far β may grow, as a multiple of β₀, above 1.")
@cli.option("--rules", multiple=True, default=["f0", "ft", "rho_hat", "rho"], help="Step rules.")
@cli.option("--steps", default=200, help="Gradient steps of a descent, at most.")
@cli.option("--seeds", type=cli.count(), default=10, help="Repetitions.")
@cli.option("--seed", default=0, help="Master seed of the run.")
@cli.option("--metrics", type=cli.OutputFile(), required=True, help="Measured figures, .json.")
def main(
    name: str, n: tuple[int, ...], m: tuple[int, ...], h: int, c1: float, c2: float,
    rules: tuple[str, ...], steps: int, seeds: int, seed: int, metrics: str,
) -> None:  # fmt: skip
    from collections.abc import Iterator
    from itertools import islice, pairwise

    import numpy as np

    from overparam.house.metrics import measured, save
    from overparam.linear_nets import bounds, draws, dynamics
    from overparam.linear_nets import rates as bound
    from overparam.linear_nets import steps as chosen
    from overparam.seeds import generator

    def starts(rows: int, columns: int) -> Iterator[draws.Started]:
        rngs = [generator(seed, name, "rates", rows, columns, one) for one in range(seeds)]
        for ratio in RATIOS:
            yield draws.conditioned(rngs, rows, columns, h, NOISE, ratio)
        yield draws.scaled_gaussians(rngs, rows, columns, h, 1.0)

    def descent(given: bound.Problem, w1: np.ndarray, w2: np.ndarray, name: str) -> np.ndarray:
        """Every step's excess in the chain, condition, uniform ratio, and against 1 − 1/κ."""
        begun = bound.start(given, w1, w2)
        least, found = 1 - 1 / given.condition, []
        choose = chosen.rule(name, given, begun, c1, c2)
        taken = islice(dynamics.descend(given, w1, w2, choose), steps + 1)
        for (at, eta), (after, _) in pairwise(taken):
            kept = after.loss > bounds.ROUNDING * begun.loss
            if not kept.any():
                break
            links = bounds.chain(given, begun, at, eta, c1, c2)
            found.append(np.where(kept, [
                bounds.excess(after.loss / at.loss, links), bounds.condition(given, at, eta),
                bounds.uniform_ratios(begun, after, c1, c2).max(axis=0), links[-1] - least,
            ], np.nan))  # fmt: skip
        return np.stack(found)

    def faster(given: bound.Problem, w1: np.ndarray, w2: np.ndarray) -> np.ndarray:
        """The least of L(t+1)/L(t) minus 1 − 1/κ over a few steps of exact line search."""
        searched = dynamics.descend(given, w1, w2, lambda at: dynamics.line_search(at, given))
        losses = np.stack([at.loss for at, _ in islice(searched, SEARCHED)])
        return np.min(losses[1:] / losses[:-1], axis=0) - (1 - 1 / given.condition)

    found = [
        descent(*start, rule)
        for shape in zip(n, m, strict=True)
        for start in starts(*shape)
        for rule in rules
    ]
    shapes = ", ".join(f"({a}, {b})" for a, b in zip(n, m, strict=True))
    taken = sum(int(np.isfinite(one[:, 0]).sum()) for one in found)
    where = f"(n, m) = {shapes}, h = {h}, {', '.join(rules)}, {taken} steps"
    keys = ("chain", "condition", "bounds", "proposition")
    figures = {}
    for at, key in enumerate(keys):
        worst = np.nanmin if key in FALLING else np.nanmax
        each = worst([worst(one[:, at], axis=0) for one in found], axis=0)
        figures[key] = measured(worst(each), per_seed=each, where=where)
    quick = np.min([
        faster(*start) for shape in zip(n, m, strict=True) for start in starts(*shape)
    ], axis=0)  # fmt: skip
    figures["faster"] = measured(
        quick.min(), per_seed=quick, where=f"(n, m) = {shapes}, h = {h}, exact line search"
    )
    save(metrics, figures)


if __name__ == "__main__":
    main()
