"""Which points of a data set are used: groups, sizes, order, and inputs that H∞ cannot bear.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), appendix A: two classes, labels ±1,
inputs scaled to unit length. H∞ is singular when two inputs are parallel (Du et al. 2018) and when
inputs that have their opposite among the points are linearly dependent, so always when more than d
of them do: σ'(wᵀx)x − σ'(−wᵀx)(−x) = x for every w, and nothing else ties them. A single opposite
pair leaves it regular.
"""

from collections.abc import Sequence

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
    for name in set(groups[0]) & set(groups[1]):
        raise Refusal(f"{what}: found class {name!r} in both groups, expected it in one of them")


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


def standardised(inputs: np.ndarray, pool: np.ndarray, how: str) -> np.ndarray:
    """Inputs (n, d) centred and scaled, float64; as they are if `how` is none.

    how: columns, each less its mean over `pool` (n_pool, d) and over its standard deviation there,
    or 0 if its values there are all equal; images, each row less its own mean, likewise.
    Raises Refusal for a column whose deviation is too large for float64.
    """
    if how == "none":
        return inputs
    # The mean of equal numbers may be rounded, and they would then differ from it.
    if how == "images":
        rows = inputs - inputs.mean(axis=1, keepdims=True, dtype=np.float64)
        rows[(inputs == inputs[:, :1]).all(axis=1)] = 0
        return rows
    with np.errstate(over="ignore", invalid="ignore"):
        scale = np.where((pool != pool[0]).any(axis=0), pool.std(axis=0, dtype=np.float64), 0)
    if len(wide := np.flatnonzero(~np.isfinite(scale))):
        largest = np.abs(pool[:, wide[0]]).max()
        raise Refusal(
            f"inputs: column {wide[0] + 1}: found a value of size {largest:g}, expected values "
            "whose squares float64 holds: correct it, or scale the column"
        )
    centred = inputs - pool.mean(axis=0, dtype=np.float64)
    return np.divide(centred, scale, out=np.zeros_like(centred), where=scale > 0)


def irregular(
    inputs: np.ndarray, names: Sequence[str], parallel: bool = True,
    classes: np.ndarray | None = None,
) -> dict[int, str]:  # fmt: skip
    """Positions of rows that H∞ cannot bear, and why: zero, too large or too small to be
    scaled to unit length in float64, parallel to an earlier row, or the opposite of one when those
    before it span its direction.

    inputs: (n, d), not yet scaled. names: what the n rows are called. parallel: whether to look
        for parallel and opposite rows too; test points may well be either. classes: (n,), to say
        where two rows that point one way are of different ones.
    """
    with np.errstate(over="ignore", under="ignore"):
        lengths = np.linalg.norm(inputs.astype(np.float64), axis=1)
    zero = np.logical_not(inputs.any(axis=1))
    usable = np.isfinite(lengths) & (lengths > 0)
    found = {
        int(at): "is zero" if zero[at] else f"has length {lengths[at]}: scale the inputs"
        for at in np.flatnonzero(~usable)
    }
    if parallel:
        others = np.flatnonzero(usable)
        unit = unit_rows(inputs[others])
        same, opposite = aligned_pairs(unit)
        for first, second in others[same]:
            equal = (inputs[first] == inputs[second]).all()
            how = "repeats" if equal else "is parallel to"
            other = ""
            if classes is not None and classes[first] != classes[second]:
                other = f", of class {classes[first]} and not {classes[second]}"
            found.setdefault(int(second), f"{how} {names[first]}{other}")
        # Of points that are parallel only the first is left to have an opposite.
        kept = [pair for pair in opposite if not {*others[pair]} & found.keys()]
        for first, second in (others[kept[at]] for at in _dependent(unit, kept)):
            found[int(second)] = (
                f"is the opposite of {names[first]}, whose direction those of the "
                "opposite pairs before it span"
            )
    return dict(sorted(found.items()))


def aligned_pairs(unit: np.ndarray, tile: int = 1024) -> tuple[np.ndarray, np.ndarray]:
    """Pairs i < j of unit rows (n, d) that point the same way, and pairs that point opposite ways:
    twice (pairs, 2), sorted."""
    found = {1: [np.empty((0, 2), dtype=int)], -1: [np.empty((0, 2), dtype=int)]}
    for start in range(0, len(unit), tile):
        for other in range(start, len(unit), tile):
            left, right = unit[start : start + tile], unit[other : other + tile]
            cosines = left @ right.T
            for sign, pairs in found.items():
                # ‖x − y‖² = 2 − 2 xᵀy loses half the digits: it only proposes candidates.
                i, j = np.nonzero(sign * cosines > 1 - 1e-9)
                ahead = start + i < other + j
                i, j = i[ahead], j[ahead]
                close = np.linalg.norm(left[i] - sign * right[j], axis=1) < PARALLEL
                pairs.append(np.column_stack([start + i[close], other + j[close]]))
    same, opposite = (_sorted(np.concatenate(pairs)) for pairs in found.values())
    return same, opposite


def _sorted(pairs: np.ndarray) -> np.ndarray:
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def _dependent(unit: np.ndarray, pairs: list[np.ndarray]) -> list[int]:
    """Which pairs have a first row that is a linear combination of earlier pairs' first rows."""
    basis, found = np.empty((0, unit.shape[1])), []
    for at, (first, _) in enumerate(pairs):
        rest = unit[first]
        for _ in range(2):  # once more: rounding
            rest = rest - (rest @ basis.T) @ basis
        length = np.linalg.norm(rest)
        if length < PARALLEL:
            found.append(at)
        else:
            basis = np.vstack([basis, rest / length])
    return found


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
    if balanced and n % 2:
        raise Refusal(f"{what}.n: found {n}, expected an even number, half of it of each group")
    names = classes.astype(str)[order]
    parts = list(groups) if balanced else [[*groups[0], *groups[1]]]
    chosen = []
    for part in parts:
        here = order[np.isin(names, part)]
        share = n // len(parts)
        if len(here) < share:
            half = f", {share} for each of the two groups" if balanced else ""
            raise Refusal(
                f"{what}.n: found {n}{half}, expected at most {len(here)} points of "
                f"{_named(part)}: lower n" + (", or set balanced to false" if balanced else "")
            )
        chosen.append(_stratified(classes, here, share) if stratified else here[:share])
    return np.sort(np.concatenate(chosen))


def check_both(classes: np.ndarray, groups: tuple[list[str], list[str]], what: str) -> None:
    """Raises Refusal if no chosen point, of classes (n,), is of one of the groups."""
    for group in groups:
        if not np.isin(classes.astype(str), group).any():
            raise Refusal(
                f"{what}: found no point of {_named(group)} among the {len(classes)} chosen, "
                "expected points of both groups: set balanced to true or selection to random or "
                "stratified, or raise n"
            )


def _named(classes: list[str]) -> str:
    return f"class{'es' if len(classes) > 1 else ''} {', '.join(classes)}"


def _stratified(classes: np.ndarray, here: np.ndarray, n: int) -> np.ndarray:
    """The first n of `here`, every class in proportion (largest remainders round up)."""
    _, members = np.unique(classes[here].astype(str), return_inverse=True)
    exact = n * np.bincount(members) / len(here)
    quotas = np.floor(exact).astype(int)
    up = np.argsort(quotas - exact, kind="stable")[: n - quotas.sum()]
    quotas[up] += 1
    taken = [here[members == index][:quota] for index, quota in enumerate(quotas)]
    return np.concatenate(taken)
