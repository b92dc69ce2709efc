"""A run on a file of your own: what is in it, and a configuration that puts the theory to it.

Reads points x (n, d) and classes y (n,). Writes config/runs/NAME.yaml, which says which classes are
set against each other and which experiments run; `make RUN=NAME` runs it, edited or not. Of a .csv
columns are standardised: inputs that are not centred point one way, and the kernel sees directions
alone.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from overparam.errors import Refusal
from pipeline import cli

if TYPE_CHECKING:
    import numpy as np

    from pipeline.datasets import Points

# Points trained on at most: the run then takes some minutes on two cores.
TRAINED, TESTED = 400, 2000
SHARE = 0.6  # of the points, where the file has no test points of its own


@cli.program
@cli.option("--file", "path", envvar="FILE", required=True, help="Your .npz or .csv.")
@cli.option("--label", envvar="LABEL", default="label", help="Of a .csv: the class's column.")
@cli.option("--classes", envvar="CLASSES", default="", help="Two of them: setosa,versicolor.")
@cli.option("--name", envvar="NAME", default="mine", help="Name of the run.")
def main(path: str, label: str, classes: str, name: str) -> None:
    import numpy as np

    from overparam import points
    from pipeline.own_data import read_own
    from scripts.runs import configs, overlay

    configs.check_free(name)
    train, test = read_own(path, label)
    table = path.lower().endswith(".csv")
    groups = _groups(train.classes, classes, path)
    mine = {
        "source": "file", "file": path, "label_column": label, "groups": groups,
        "standardize": "columns" if table else "none", "selection": "stratified",
        "degenerate": "drop",
    }  # fmt: skip
    signs = points.signs(train.classes, groups)
    chosen = train.inputs[signs != 0]
    chosen = points.standardised(chosen, chosen, mine["standardize"])
    wrong = points.irregular(chosen, np.flatnonzero(signs))
    for line in _noticed(path, train, groups, wrong, table):
        print(line)
    sizes = _sizes(len(chosen) - len(wrong), None if test is None else len(test.classes), path)
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
    """By family, the experiments for data of one's own; subsets are a quarter, a half, all."""
    from workflow.settings.run import MODELS

    chosen: dict[str, Any] = {}
    for family, model in MODELS.items():
        for name, experiment in model.classes.items():
            if experiment.own_data:
                subsets = (
                    {"n": sorted({n // 4, n // 2, n})} if "n" in experiment.model_fields else {}
                )
                if not subsets or n >= 8:
                    own = {"problems": [problem]} | subsets
                    chosen.setdefault(family, {})[name] = own
    return chosen


def _groups(found: "np.ndarray", asked: str, path: str) -> tuple[list[str], list[str]]:
    """The two classes asked for, those that there are, or the most frequent against the rest."""
    import numpy as np

    names, counts = np.unique(found.astype(str), return_counts=True)
    listed = ", ".join(f"{name} ({count})" for name, count in zip(names, counts, strict=True))
    if asked:
        pair = [name.strip() for name in asked.split(",")]
        if len(pair) != 2 or not {*pair} <= {*names} or pair[0] == pair[1]:
            raise Refusal(f"CLASSES: found {asked!r}, expected two of {path}'s classes: {listed}")
        return [pair[0]], [pair[1]]
    if len(names) < 2:
        raise Refusal(f"{path}: found one class, {listed}, expected two or more")
    if len(names) > 2:
        print(f"{path}: classes {listed}; CLASSES=a,b takes two of them")
    first = str(names[counts.argmax()])
    return [first], [str(name) for name in names if name != first]


def _noticed(
    path: str, train: "Points", groups: Sequence[Sequence[str]], wrong: Mapping[int, str],
    table: bool,
) -> list[str]:  # fmt: skip
    """What a person should know of the file before it is used."""
    import numpy as np

    from pipeline.style import counted

    n, d = train.inputs.shape
    said = [f"{path}: {n} points, {d} inputs each; +1: {', '.join(groups[0])}; −1: "
            f"{', '.join(groups[1])}"]  # fmt: skip
    used = np.isin(train.classes.astype(str), [*groups[0], *groups[1]])
    if not used.all():
        others = ", ".join(np.unique(train.classes[~used].astype(str))[:5])
        said.append(f"{path}: {np.sum(~used)} points of other classes are not used: {others}")
    if wrong:
        why = next(iter(wrong.values()))
        said.append(f"{path}: {counted(len(wrong), 'point')} left out, the first because it {why}")
    steps = np.diff(train.inputs.astype(float), axis=0)
    counting = np.flatnonzero((np.abs(steps) == 1).all(axis=0)) if table and n > 2 else []
    said += [
        f"{path}: input {at + 1} counts the rows: if it is an id, leave that column out"
        for at in counting
    ]
    return said


def _sizes(points: int, tested: int | None, path: str) -> dict[str, int]:
    """How many points to train on and to test with."""
    train = min(points if tested else round(SHARE * points), TRAINED)
    test = min(tested if tested else points - train, TESTED)
    if train < 2 or test < 2:
        raise Refusal(f"{path}: found {points} usable points, expected five or more")
    return {"train": train, "test": test}


if __name__ == "__main__":
    main()
