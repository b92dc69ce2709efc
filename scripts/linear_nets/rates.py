"""Every step of gradient descent against its bounds, from many kinds of starts.

Source: Xu, Min, Tarmoun, Mallada, Vidal 2023 (AISTATS, PMLR 206): the lemma of eq. (18) to (20),
the theorem of eq. (25), proposition 3.1, eq. (33). For n < m, n = m and n > m, each with starts
close to their target that are balanced (D = 0) or not, and with Gaussian layers. Each of the step
rules f0, ft, rho_hat and rho with η ≤ η_max, of which the theorem speaks; the chain of rates also
with the η that minimises ρ or ρ̂ whatever η_max is, in four times as many steps: these get to the
end. Steps to L ≤ 10⁻²⁴ L(0) are left to rounding.

Writes the figures alone; a value is the worst over all steps.
"""

from pipeline import experiment
from scripts.linear_nets.slice import Rates

# Starts close to their target: the scale of W1, and X's largest singular value over its least.
CLOSE = {"balanced": (1.0, 2.0), "balanced, κ = 1": (1.0, 1.0), "imbalanced": (2.0, 2.0)}
BALANCED = [kind for kind, (ratio, _) in CLOSE.items() if ratio == 1]
NOISE = 0.01
SEARCHED = 20  # points of a descent by exact line search
FALLING = {"condition", "proposition"}  # of which the worst is the smallest
PLAIN = {"rho_hat", "rho"}  # rules that are also tried over all η
LONGER = 4  # times as many steps for these, at most


@experiment.program(Rates)
def main(settings: Rates, job: experiment.Job) -> None:
    from collections.abc import Iterator
    from itertools import islice, pairwise

    import numpy as np

    from overparam.linear_nets import bounds, draws, dynamics
    from overparam.linear_nets import rates as bound
    from overparam.linear_nets import steps as chosen
    from overparam.seeds import generator
    from pipeline.metrics import measured, save

    h, c1, c2 = job.h, settings.c1, settings.c2
    rules, steps, seeds = settings.rules, settings.steps, settings.seeds

    def starts(rows: int, columns: int) -> Iterator[tuple[str, draws.Started]]:
        rngs = [generator(job.seed, job.name, "rates", rows, columns, at) for at in range(seeds)]
        for kind, (ratio, spread) in CLOSE.items():
            # The layer on the shorter side is the larger one: else α₀ is next to 0.
            scale = ratio if rows <= columns else 1 / ratio
            yield kind, draws.conditioned(rngs, rows, columns, h, NOISE, scale, spread)
        yield "Gaussian", draws.scaled_gaussians(rngs, rows, columns, h, 1.0)

    def descent(start: draws.Started, rule: str, reading: str) -> tuple[np.ndarray, np.ndarray]:
        """Every step's excess in the chain, condition, uniform ratio, and f above 1 − 1/κ; and
        log₁₀ L/L(0) of each seed's last step."""
        given, w1, w2 = start
        begun = bound.start(given, w1, w2)
        least, found, reached = 1 - 1 / given.condition, [], np.zeros(seeds)
        choose = chosen.rule(rule, given, begun, c1, c2, reading)
        most = LONGER * steps if reading == "plain" else steps
        taken = islice(dynamics.descend(given, w1, w2, choose), most + 1)
        for (at, eta), (after, _) in pairwise(taken):
            kept = after.loss > bounds.ROUNDING * begun.loss
            if not kept.any():
                break
            links = bounds.chain(given, begun, at, eta, c1, c2)
            found.append(np.where(kept, [
                bounds.excess(after.loss / at.loss, links), bounds.condition(given, at, eta),
                bounds.uniform_ratios(begun, at, c1, c2).max(axis=0), links[-1] - least,
            ], np.nan))  # fmt: skip
            reached = np.where(kept, np.log10(after.loss / begun.loss), reached)
        return np.stack(found), reached

    def in_the_end(start: draws.Started) -> tuple[np.ndarray, np.ndarray]:
        """The least f at L = 0: above 1 − 1/κ, and its distance from eq. (33), each (seeds,)."""
        given, w1, w2 = start
        begun = bound.start(given, w1, w2)
        last = bound.uniform(given, begun, 0 * begun.loss, c1, c2)
        least = last.at(last.best())
        return least - (1 - 1 / given.condition), np.abs(least - bound.limit(given, begun, c1, c2))

    def faster(given: bound.Problem, w1: np.ndarray, w2: np.ndarray) -> np.ndarray:
        """The least of L(t+1)/L(t) minus 1 − 1/κ over a few steps of exact line search."""
        searched = dynamics.descend(given, w1, w2, lambda at: dynamics.line_search(at, given))
        losses = np.stack([at.loss for at, _ in islice(searched, SEARCHED)])
        return np.min(losses[1:] / losses[:-1], axis=0) - (1 - 1 / given.condition)

    shapes = list(zip(settings.n, settings.m, strict=True))
    begun = {(shape, kind): start for shape in shapes for kind, start in starts(*shape)}
    readings = [
        *((rule, "capped") for rule in rules),
        *((rule, "plain") for rule in rules if rule in PLAIN),
    ]
    found = {
        (key, *used): descent(start, *used) for key, start in begun.items() for used in readings
    }
    listed = ", ".join(f"({a}, {b})" for a, b in shapes)
    size = f"(n, m) = {listed}, h = {h}, c₁ = {c1:g}, c₂ = {c2:g}"
    # The theorem speaks of η ≤ η_max alone; the chain is tried beyond it too.
    capped = {key: run for key, run in found.items() if key[-1] == "capped"}
    figures = {}
    for at, key in enumerate(("chain", "condition", "bounds", "proposition")):
        used = found if key == "chain" else capped
        worst = np.nanmin if key in FALLING else np.nanmax
        each = worst([worst(excess[:, at], axis=0) for excess, _ in used.values()], axis=0)
        taken = sum(int(np.isfinite(excess[:, 0]).sum()) for excess, _ in used.values())
        figures[key] = measured(
            worst(each), per_seed=each, where=f"{size}, {', '.join(rules)}, {taken} steps; "
            f"log₁₀ L/L(0) at the last step judged: {_reached(used)}",
        )  # fmt: skip
    above, apart = (
        np.stack(by_start) for by_start in zip(*map(in_the_end, begun.values()), strict=True)
    )
    figures["proposition.end"] = measured(
        above.min(), per_seed=above.min(axis=0), where=f"{size}, least f at L = 0"
    )
    figures["limit"] = measured(
        apart.max(), per_seed=apart.max(axis=0), where=f"{size}, least f at L = 0"
    )
    beyond = np.min(
        [
            bounds.beta_from_p1(bound.start(*start), *start[1:])
            for (_, kind), start in begun.items()
            if kind in BALANCED
        ],
        axis=0,
    )
    figures["beta_from_p1"] = measured(
        beyond.min(), per_seed=beyond, where=f"{size}, {' and '.join(BALANCED)}, at the start"
    )
    quick = np.min([faster(*start) for start in begun.values()], axis=0)
    figures["faster"] = measured(quick.min(), per_seed=quick, where=f"{size}, exact line search")
    save(job.metrics, figures)


def _reached(found) -> str:
    """How far the farthest rule took its least far seed, by kind of start, shape after shape."""
    last = {}
    for ((shape, kind), *_), (_, reached) in found.items():
        here = last.setdefault(kind, {})
        here[shape] = min(here.get(shape, 0.0), reached.max())
    return "; ".join(
        f"{kind} {', '.join(f'{decades:.1f}' for decades in by_shape.values())}"
        for kind, by_shape in last.items()
    )


if __name__ == "__main__":
    main()
