"""A run on a file of your own: what is in it, and a configuration that puts the theory to it.

Reads points x (n, d) and classes y (n,). Writes config/runs/NAME.yaml, which says which classes are
set against each other and which experiments run; `make RUN=NAME` runs it, edited or not. Of a .csv
columns are standardised: inputs that are not centred point one way, and the kernel sees directions
alone. An .npz with an array `edges` is a graph: its experiments are those on graphs.
"""

from typing import TYPE_CHECKING, Any

from overparam.errors import Refusal
from pipeline import cli

if TYPE_CHECKING:
    import numpy as np

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
    type=cli.choice("", "none", "columns", "images"),
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
    from pipeline.own_graph import is_graph
    from pipeline.style import counted
    from scripts.runs import configs, overlay

    configs.check_free(name)
    if "-" in name:  # a run may have it, its data may not
        raise Refusal(f"NAME: found {name!r}, expected a letter, then letters, digits or _")
    if is_graph(path):
        if given := classes or ignore or standardize:
            raise Refusal(
                f"CLASSES, IGNORE, STANDARDIZE: found {given!r}, expected none of them: {path} is "
                "a graph, of which all classes and features are used as they are"
            )
        settings = _graph_settings(path, name)
        configs.validate(settings)
        overlay.write(name, settings, f"on {path}")
        print(f"{path}: settings: config/runs/{name}.yaml")
        return
    ignored = [column.strip() for column in ignore.split(",") if column.strip()]
    train, test = read_own(path, label, ignored)
    n, d = train.inputs.shape
    size = f"{counted(n, 'point')}, {counted(d, 'input')} each"
    print(f"{path}: {size}; classes {_listed(train.classes)}")
    groups = _groups(train.classes, classes, path)
    mine = {
        "source": "file", "file": path, "label_column": label, "ignore_columns": ignored,
        "groups": groups, "selection": "stratified", "degenerate": "drop",
        "standardize": standardize or ("columns" if path.lower().endswith(".csv") else "none"),
    }  # fmt: skip
    chosen = np.flatnonzero(points.signs(train.classes, groups))
    names, inputs = train.names(chosen), train.inputs[chosen]
    pool, how = inputs, str(mine["standardize"])
    inputs = points.standardised(inputs, pool, how)
    found = points.irregular(inputs, names, classes=train.classes[chosen])
    wrong = {names[at]: why for at, why in found.items()}
    known = (train.called.tolist(), train.columns.tolist())
    seen = notes.notable(*train[:2], known, groups, mine["standardize"], wrong)
    for line in (*train.notes, *seen):
        print(f"{path}: {line}")
    usable = [train.classes[chosen][~np.isin(names, [*wrong])]]
    if test is not None:
        chosen_test = np.flatnonzero(points.signs(test.classes, groups))
        inputs = points.standardised(test.inputs[chosen_test], pool, how)
        wrong_test = points.irregular(inputs, called := test.names(chosen_test), parallel=False)
        for line in notes.dropped({called[at]: why for at, why in wrong_test.items()}):
            print(f"{path}: {line}")
        usable.append(np.delete(test.classes[chosen_test], [*wrong_test]))
    sizes = _sizes(*(len(classes) for classes in usable), path=path)
    for side in usable:
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


def _graph_settings(path: str, name: str) -> dict[str, Any]:
    """A run on a graph: its experiments by family, on all features or on principal components."""
    from pipeline import own_graph
    from pipeline.style import counted
    from workflow.settings.run import MODELS

    graph = own_graph.read(path)
    sizes = (counted(len(graph.x), "node"), counted(len(graph.edges), "edge"))
    features = counted(graph.x.shape[1], "feature")
    print(
        f"{path}: {', '.join(sizes)}, {features} each; {len(graph.train)} training nodes, of "
        f"classes {_listed(graph.classes[graph.y[graph.train]])}"
    )
    for line in graph.notes:
        print(f"{path}: {line}")
    own = {"source": "file", "file": path}
    names = {"components": name, "all": f"{name}_all"}
    graphs = {name: own, names["all"]: own | {"components": None}}
    chosen: dict[str, Any] = {}
    for family, model in MODELS.items():
        for each, experiment in model.classes.items():
            if experiment.own_graph:
                listed = {"graphs": [names[experiment.own_graph]]}
                chosen.setdefault(family, {"graphs": graphs})[each] = listed
    return {"run": name, "only": [*graphs], **chosen}


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
        pair = [name.strip() for name in asked.split(",")]
        if len(pair) != 2 or not {*pair} <= {*names} or pair[0] == pair[1]:
            raise Refusal(
                f"CLASSES: found {asked!r}, expected two of {path}'s classes: {_listed(found)}"
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
        raise Refusal(f"{path}: found {points} usable points, expected {LEAST} or more")
    return {"train": train, "test": test}


if __name__ == "__main__":
    main()
