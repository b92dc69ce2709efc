"""A run on a file of your own: what is in it, and a configuration that puts the theory to it.

Reads points x (n, d) and classes y (n,). Writes config/runs/NAME.yaml, which says which classes are
set against each other and which experiments run; `make RUN=NAME` runs it, edited or not. Of a .csv
columns are standardised: inputs that are not centred point one way, and the kernel sees directions
alone.
"""

import csv
from typing import TYPE_CHECKING, Any, get_args

from overparam.errors import Refusal
from pipeline import cli

if TYPE_CHECKING:
    import numpy as np

    from pipeline.datasets import Points

# Points trained on at most: the run then takes some minutes on two cores.
TRAINED, TESTED = 400, 2000
LEAST = 5  # points
SHOWN = 8  # classes in a message
SHARE = 0.6  # of the points, where the file has no test points of its own


@cli.program
@cli.option("--file", "path", envvar="FILE", required=True, help="Your .npz or .csv.")
@cli.option("--label", envvar="LABEL", default="label", help="Of a .csv: the class's column.")
@cli.option("--classes", envvar="CLASSES", default="", help="Two of them: setosa,versicolor.")
@cli.option("--ignore", envvar="IGNORE", default="", help="Of a .csv: columns to leave out.")
@cli.option(
    "--standardize",
    envvar="STANDARDIZE",
    help="What is done before points are scaled to unit length; columns of a .csv, unless told.",
)
@cli.option("--name", envvar="NAME", default="mine", help="Name of the run.")
def main(
    path: str, label: str, classes: str, ignore: str, standardize: str | None, name: str
) -> None:  # fmt: skip
    import numpy as np

    from overparam import notes, points
    from pipeline.own_data import read_own
    from pipeline.style import counted
    from scripts.runs import configs, overlay
    from workflow.settings.data import Problem

    configs.check_free(name)
    ways = get_args(Problem.model_fields["standardize"].annotation)
    if standardize and standardize not in ways:
        raise Refusal(f"STANDARDIZE: found {standardize!r}, expected one of {', '.join(ways)}")
    if path.lower().endswith(".npz") and label != "label":
        raise Refusal(f"LABEL: found {label!r}, expected none: an .npz has its classes in y")
    if "-" in name:  # a run may have it, its data may not
        raise Refusal(f"NAME: found {name!r}, expected a letter, then letters, digits or _")
    ignored = [column.strip() for column in ignore.split(",") if column.strip()]
    train, test = read_own(path, label, ignored)
    n, d = train.inputs.shape
    size = f"{counted(n, 'point')}, {counted(d, 'input')} each"
    print(f"{path}: {size}; classes {_listed(train.classes)}")
    groups = _groups(train.classes, classes, path)
    mine: dict[str, Any] = {
        "source": "file", "file": path, "label_column": label, "ignore_columns": ignored,
        "groups": groups, "selection": "stratified", "degenerate": "drop",
        "standardize": standardize or ("columns" if path.lower().endswith(".csv") else "none"),
    }  # fmt: skip
    how = str(mine["standardize"])
    pool = train.inputs[np.flatnonzero(points.signs(train.classes, groups))]

    def usable(side: "Points", parallel: bool = True) -> tuple[np.ndarray, dict[str, str]]:
        """Classes of the points that can be used, and why others cannot, by name."""
        chosen = np.flatnonzero(points.signs(side.classes, groups))
        inputs = points.standardised(side.inputs[chosen], pool, how)
        names, of = side.names(chosen), side.classes[chosen]
        found = points.irregular(inputs, names, parallel=parallel, classes=of)
        return np.delete(of, [*found]), {names[at]: why for at, why in found.items()}

    left, wrong = usable(train)
    known = (train.called.tolist(), train.columns.tolist())
    seen = notes.notable(*train[:2], known, groups, mine["standardize"], wrong)
    for line in (*train.notes, *seen):
        print(f"{path}: {line}")
    sides = [left]
    if test is not None:
        left, wrong = usable(test, parallel=False)
        for line in (*notes.dropped(wrong), *notes.repeated(train.inputs, test.inputs)):
            print(f"{path}: {line}")
        sides.append(left)
    sizes = _sizes(*(len(classes) for classes in sides), path=path)
    for side in sides:
        _check_groups(side, groups, test is None, path)
    mine |= {key: {"n": n} for key, n in sizes.items()}
    settings: dict[str, Any] = {"run": name, "only": [name], "data": {name: mine}}
    settings |= _experiments(name, sizes["train"])
    configs.validate(settings)
    overlay.write(name, settings, f"on {path}")
    said = " and ".join(
        f"{n} {side}" for side, n in zip(("training", "test"), sizes.values(), strict=True)
    )
    print(f"{path}: {said} points; settings: config/runs/{name}.yaml")


def _experiments(problem: str, n: int) -> dict[str, Any]:
    """By family, the experiments for data of one's own; subsets are a quarter, a half, all. Of a
    balanced set they are balanced too, so their numbers are even."""
    from workflow.settings.run import MODELS

    chosen: dict[str, Any] = {}
    for family, model in MODELS.items():
        for name, experiment in model.classes.items():
            if experiment.own_data:
                sizes = experiment.model_fields.get("n")
                subsets = (
                    {"n": sorted({n // 8 * 2, n // 4 * 2, n})}
                    if sizes and isinstance(sizes.default, list)
                    else {}
                )
                if not subsets or n >= 8:
                    own = {"problems": [problem]} | subsets
                    chosen.setdefault(family, {})[name] = own
    return chosen


def _listed(classes: "np.ndarray") -> str:
    """Each class and its points; of many the most frequent."""
    from collections import Counter

    counts = Counter(classes.astype(str).tolist())
    shown = [f"{name} ({count})" for name, count in sorted(counts.most_common(SHOWN))]
    return ", ".join(shown) + (f" and {len(counts) - SHOWN} more" if len(counts) > SHOWN else "")


def _groups(found: "np.ndarray", asked: str, path: str) -> tuple[list[str], list[str]]:
    """The two classes asked for, those that there are, or the most frequent against the rest."""
    import numpy as np

    names, counts = np.unique(found.astype(str), return_counts=True)
    if asked:
        pair = [name.strip() for name in next(csv.reader([asked], skipinitialspace=True))]
        if len(pair) != 2 or not {*pair} <= {*names} or pair[0] == pair[1]:
            raise Refusal(
                f"CLASSES: found {asked!r}, expected two of {path}'s classes, with a comma between "
                f'them, a name that has one in "quotes": {_listed(found)}'
            )
        return [pair[0]], [pair[1]]
    if len(names) < 2:
        raise Refusal(
            f"{path}: found one class, {_listed(found)}, expected two or more: correct LABEL"
        )
    if len(names) == len(found) >= LEAST:
        raise Refusal(
            f"{path}: found as many classes as points, expected several points of each: name the "
            "column of the class by LABEL"
        )
    first, *others = [str(names[at]) for at in np.argsort(-counts, kind="stable")]
    if others[1:]:
        print(f"{path}: {first} (+1) against all others (−1); CLASSES=a,b takes two classes alone")
    return [first], sorted(others)


def _check_groups(
    classes: "np.ndarray", groups: tuple[list[str], list[str]], split: bool, path: str
) -> None:
    """Refuse a group without a usable point; split: or without one to test with beside it."""
    import numpy as np

    for group in groups:
        count = int(np.isin(classes.astype(str), group).sum())
        if count < 1 + split:
            raise Refusal(
                f"{path}: class {', '.join(group)} has {count} usable point{'s' * (count != 1)}, "
                f"expected {1 + split} or more: add some, or take two other classes by CLASSES=a,b"
            )


def _sizes(points: int, tested: int | None = None, *, path: str) -> dict[str, int]:
    """How many points to train on and to test with."""
    train = min(round(SHARE * points) if tested is None else points, TRAINED)
    test = min(points - train if tested is None else tested, TESTED)
    if (tested is None and points < LEAST) or train < 2 or test < 2:
        if tested is not None and train >= 2:
            raise Refusal(f"{path}: x_test: found {tested} usable test points, expected 2 or more")
        raise Refusal(f"{path}: found {points} usable points, expected {LEAST} or more: add some")
    return {"train": train, "test": test}


if __name__ == "__main__":
    main()
