"""What a person should know of their own data before they trust what comes of it: a line each."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from overparam import kernels, points
from overparam.errors import listed

SHOWN = 3  # of many columns or points
LEAST = 10  # points from which whole numbers that all differ are no accident
MOST = 0.9  # of the inputs' squared length in a column, of the trace in an eigenvalue
MEASURED = 1000  # points whose kernel is looked at

Groups = tuple[list[str], list[str]]


def notable(
    inputs: np.ndarray,
    classes: np.ndarray,
    names: tuple[Sequence[str], Sequence[str]],
    groups: Groups,
    standardize: str,
    left_out: Mapping[str, str],
) -> list[str]:
    """Of inputs (n, d), not yet scaled, and their classes (n,), what one should know.

    names: what the n points and the d inputs are called. left_out: the points that are dropped, and
    why.
    """
    called, columns = names
    used = (points.signs(classes, groups) != 0) & ~np.isin(called, [*left_out])
    return [
        *_numbering(inputs, columns),
        *_shared(inputs, columns, standardize),
        *_unused(classes, groups),
        *dropped(left_out),
        *_directions(inputs[used], columns, standardize),
    ]


def _numbering(inputs: np.ndarray, names: Sequence[str]) -> Iterator[str]:
    """Columns that may be the points' numbers."""
    n = len(inputs)
    for column, name in zip(inputs.T, names, strict=True):
        steps = np.diff(column.astype(np.float64))
        if n > 2 and ((steps == 1).all() or (steps == -1).all()):
            how = "counts the rows"
        elif n >= LEAST and _whole(column) and len(np.unique(column)) == n:
            how = "is another whole number in each row"
        else:
            continue
        yield (
            f"{name} {how}, and is an input: if it only names the points, leave it out (of a .csv "
            "by IGNORE, or ignore_columns)"
        )


def _whole(column: np.ndarray) -> bool:
    """Whether all are whole numbers; floats of 2⁵³ and more all are."""
    return bool(np.all((column == np.floor(column)) & (abs(column.astype(np.float64)) < 2**53)))


def repeated(train: np.ndarray, test: np.ndarray) -> list[str]:
    """Whether test inputs are training inputs, (n, d) and (n_test, d), in a line."""
    known = {row.tobytes() for row in np.asarray(train, np.float64)}
    count = sum(row.tobytes() in known for row in np.asarray(test, np.float64))
    if not count:
        return []
    return [f"{count} of {len(test)} test points are training points: test errors say too little"]


def _shared(inputs: np.ndarray, names: Sequence[str], standardize: str) -> Iterator[str]:
    """Coordinates that all inputs share; one that is 0 changes no direction."""
    first = inputs[0]
    same = np.flatnonzero((inputs == first).all(axis=0) & (first != 0))
    if len(same) and len(inputs) > 1:
        some = listed([f"{names[int(at)]} is {first[at]:g}" for at in same], SHOWN)
        effect = (
            "becomes 0, since columns are standardised"
            if standardize == "columns"
            else "pulls all inputs together"
        )
        yield f"{some} in every row: such a coordinate {effect}"


def _unused(classes: np.ndarray, groups: Groups) -> Iterator[str]:
    names, counts = np.unique(classes.astype(str), return_counts=True)
    others = np.flatnonzero(~np.isin(names, [*groups[0], *groups[1]]))
    if len(others):
        some = listed([f"{names[at]} ({counts[at]} points)" for at in others], SHOWN)
        yield f"not used, since of neither group: {some}"


def dropped(reasons: Mapping[str, str]) -> list[str]:
    """What each dropped point is called, and why it is dropped, in a line."""
    if not reasons:
        return []
    some = listed([f"{name} {reason}" for name, reason in reasons.items()], SHOWN, "; ")
    return [f"{len(reasons)} point{'s' * (len(reasons) > 1)} left out: {some}"]


def _directions(inputs: np.ndarray, names: Sequence[str], standardize: str) -> list[str]:
    """Inputs (n, d) that one column, or the mean of all, makes point one way."""
    found: list[str] = []
    if not len(inputs):
        return found
    inputs = points.standardised(inputs, inputs, standardize).astype(np.float64)
    with np.errstate(over="ignore", under="ignore"):
        lengths = np.linalg.norm(inputs, axis=1)
    # Points that nobody uses may be zero, or too large to be scaled.
    inputs = inputs[np.isfinite(lengths) & (lengths > 0)]
    if not len(inputs):
        return found
    squares = (inputs**2).sum(axis=0)
    if len(squares) > 1 and squares.max() > MOST * squares.sum():
        largest, share = names[int(squares.argmax())], 100 * squares.max() / squares.sum()
        found.append(
            f"{largest} holds {share:.1f} % of the inputs' squared length, so that it decides "
            "where they point"
        )
    n = min(len(inputs), MEASURED)
    unit = points.unit_rows(inputs[np.linspace(0, len(inputs) - 1, n).astype(int)])
    eigenvalues = np.linalg.eigvalsh(kernels.relu_gram(unit))
    if eigenvalues[-1] > MOST * eigenvalues.sum():
        share = 100 * eigenvalues[-1] / eigenvalues.sum()
        found.append(
            f"λ₁ holds {share:.1f} % of the trace of H^∞: inputs point one way, and little is left "
            "to tell the classes by"
        )
    if found and standardize == "none":
        found[-1] += "; standardize: columns (make mine: STANDARDIZE=columns) mends that"
    return found
