"""Which points of a data set are used: groups, sizes, order, and inputs that H∞ cannot bear.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), appendix A: two classes, labels ±1,
inputs scaled to unit length; H∞ is singular exactly when two inputs are parallel (Du et al. 2018).
"""

import numpy as np

from overparam.errors import Refusal

# Unit vectors closer than this count as parallel: λ_min is then below 10⁻⁷, and what a Cholesky
# factor in float64 says about such a matrix is mostly rounding.
PARALLEL = 1e-7


def signs(classes: np.ndarray, groups: tuple[list[str], list[str]]) -> np.ndarray:
    """+1 for a class of the first group, −1 for one of the second, 0 for others: (n,) float64."""
    names = classes.astype(str)
    return np.isin(names, groups[0]).astype(float) - np.isin(names, groups[1])


def check_classes(classes: np.ndarray, groups: tuple[list[str], list[str]], what: str) -> None:
    """Raises Refusal for a class of the groups that no point has; what: the key to name."""
    known = sorted(set(classes.astype(str)))
    for name in (*groups[0], *groups[1]):
        if name not in known:
            raise Refusal(f"{what}: found class {name!r}, expected one of {', '.join(known)}")


def unit_rows(inputs: np.ndarray) -> np.ndarray:
    """Rows scaled to ‖x‖₂ = 1 in float64: (n, d) of any number type gives (n, d).

    Raises Refusal for a row that is zero or not finite, naming its position.
    """
    inputs = inputs.astype(np.float64)
    lengths = np.linalg.norm(inputs, axis=1)
    wrong = np.flatnonzero(~(np.isfinite(lengths) & (lengths > 0)))
    if len(wrong):
        raise Refusal(
            f"inputs: row {wrong[0]} has length {lengths[wrong[0]]}, expected a positive number"
        )
    inputs /= lengths[:, None]
    return inputs


def irregular(inputs: np.ndarray, indices: np.ndarray, parallel: bool = True) -> dict[int, str]:
    """Positions of rows that H∞ cannot bear, and why: zero, too large or too small to be
    scaled to unit length in float64, or parallel to an earlier row.

    inputs: (n, d), not yet scaled. indices: (n,) what the rows are called, their places in the
        source's file. parallel: whether to look for parallel rows too; test points may well be
        parallel to others.
    """
    with np.errstate(over="ignore", under="ignore"):
        lengths = np.linalg.norm(inputs.astype(np.float64), axis=1)
    zero = ~inputs.any(axis=1)
    usable = np.isfinite(lengths) & (lengths > 0)
    found = {
        int(at): "is zero" if zero[at] else f"has length {lengths[at]}: scale the inputs"
        for at in np.flatnonzero(~usable)
    }
    if parallel:
        others = np.flatnonzero(usable)
        for first, second in others[parallel_pairs(unit_rows(inputs[others]))]:
            found.setdefault(int(second), f"is parallel to point {indices[first]}")
    return dict(sorted(found.items()))


def parallel_pairs(unit: np.ndarray, tile: int = 1024) -> np.ndarray:
    """Pairs i < j of unit rows that point the same way: (n, d) gives (pairs, 2), sorted.

    Opposite rows are no such pair: the kernel of antipodal inputs is 0, and H∞ stays regular.
    """
    found = [np.empty((0, 2), dtype=int)]
    for start in range(0, len(unit), tile):
        for other in range(start, len(unit), tile):
            left, right = unit[start : start + tile], unit[other : other + tile]
            # ‖x − y‖² = 2 − 2 xᵀy loses half the digits: it only proposes candidates.
            i, j = np.nonzero(left @ right.T > 1 - 1e-9)
            ahead = start + i < other + j
            i, j = i[ahead], j[ahead]
            close = np.linalg.norm(left[i] - right[j], axis=1) < PARALLEL
            found.append(np.column_stack([start + i[close], other + j[close]]))
    pairs = np.concatenate(found)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def choose(
    classes: np.ndarray,
    groups: tuple[list[str], list[str]],
    n: int,
    balanced: bool,
    stratified: bool,
    order: np.ndarray,
    what: str,
) -> np.ndarray:
    """Positions of n points of the two groups, ascending.

    classes: (p,) class of each candidate. groups: classes of the two groups, as text.
    balanced: n/2 points of each group. stratified: every class keeps its share.
    order: (p,) positions in the order in which they are taken.
    what: the key to name in messages, e.g. `data.digits.train`.

    Raises Refusal, with the number there is, if the candidates do not suffice.
    """
    names = classes.astype(str)[order]
    parts = list(groups) if balanced else [[*groups[0], *groups[1]]]
    chosen = []
    for part in parts:
        here = order[np.isin(names, part)]
        share = n // len(parts)
        if len(here) < share:
            half = f", {share} for each of the two groups," if balanced else ""
            raise Refusal(
                f"{what}.n: found {n}{half} expected at most {len(here)} points of classes "
                f"{', '.join(part)}: lower n" + (", or set balanced to false" if balanced else "")
            )
        chosen.append(_stratified(classes, here, share) if stratified else here[:share])
    return np.sort(np.concatenate(chosen))


def _stratified(classes: np.ndarray, here: np.ndarray, n: int) -> np.ndarray:
    """The first n of `here`, every class in proportion (largest remainders round up)."""
    _, members = np.unique(classes[here].astype(str), return_inverse=True)
    exact = n * np.bincount(members) / len(here)
    quotas = np.floor(exact).astype(int)
    up = np.argsort(quotas - exact, kind="stable")[: n - quotas.sum()]
    quotas[up] += 1
    taken = [here[members == index][:quota] for index, quota in enumerate(quotas)]
    return np.concatenate(taken)
