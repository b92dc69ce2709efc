"""A prepared problem: two groups of classes, labels ±1, inputs of unit length.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), appendix A.

Writes `inputs` (n, d) and `test_inputs` (n_test, d) float64, ‖x‖₂ = 1; `labels` (n,) and
`test_labels` (n_test,), +1 and −1; `indices` and `test_indices`, the points' places in the
source's file; `classes` and `test_classes`, what the source calls them; `left_out`, the points that
were dropped, as messages call them; `notes`, what a person should know of the data, a line each. A
source without a test set of its own gives test points out of what training left.
"""

from pipeline import cli


@cli.program
@cli.option("--name", required=True, help="Name of the problem: its seeds and messages use it.")
@cli.option(
    "--source",
    type=cli.choice("mnist", "cifar10", "digits", "file"),
    required=True,
    help="The data set, or a file of one's own.",
)
@cli.option(
    "--raw", type=cli.InputFile(), multiple=True, required=True, help="Files of the source."
)
@cli.option("--data", default="data", help="Folder below which those files lie.")
@cli.option("--registry", type=cli.InputFile(), required=True, help="Hashes of the files, .yaml.")
@cli.option("--positive", multiple=True, required=True, help="A class labelled +1; repeatable.")
@cli.option("--negative", multiple=True, required=True, help="A class labelled −1; repeatable.")
@cli.option(
    "--standardize",
    type=cli.choice("none", "columns", "images"),
    required=True,
    help="Centre and scale columns, or centre each point, before lengths are made 1.",
)
@cli.option(
    "--selection",
    type=cli.choice("first", "random", "stratified"),
    required=True,
    help="first (file order), at random, or so that classes keep their shares.",
)
@cli.option("--train-n", type=cli.count(), required=True, help="Training points n.")
@cli.option("--train-balanced/--no-train-balanced", required=True, help="n/2 of each group.")
@cli.option("--test-n", type=cli.count(), required=True, help="Test points.")
@cli.option("--test-balanced/--no-test-balanced", required=True, help="Half of each group.")
@cli.option(
    "--degenerate",
    type=cli.choice("refuse", "drop"),
    required=True,
    help="refuse or drop zero and parallel inputs, and opposites beyond what H∞ can bear.",
)
@cli.option("--split", default=0, help="Which draw of the points.")
@cli.option("--seed", type=int, required=True, help="Master seed of the run.")
@cli.option("--problem", type=cli.OutputFile(), required=True, help="Prepared problem, .npz.")
def main(
    name: str, source: str, raw: tuple[str, ...], data: str, registry: str,
    positive: tuple[str, ...], negative: tuple[str, ...], standardize: str, selection: str,
    train_n: int, train_balanced: bool, test_n: int, test_balanced: bool,
    degenerate: str, split: int, seed: int, problem: str,
) -> None:  # fmt: skip
    from pathlib import Path

    import numpy as np

    from overparam import notes, points
    from overparam.errors import Refusal
    from overparam.seeds import generator
    from pipeline import archives, datasets, files

    groups = (list(positive), list(negative))
    rng = generator(seed, name, "points", split)
    place = Path(raw[0]) if source in ("digits", "file") else Path(data)
    pool, test_pool = datasets.read(source, place, archives.load_registry(registry))
    own = pool if source == "file" else None

    points.check_classes(pool.classes, groups, f"data.{name}.groups")
    if standardize != "none":
        of_groups = pool.inputs[points.signs(pool.classes, groups) != 0]
        pool, test_pool = (
            side and side._replace(inputs=points.standardised(side.inputs, of_groups, standardize))
            for side in (pool, test_pool)
        )

    dropped: dict[str, str] = {}

    def select(
        side: datasets.Points, candidates: np.ndarray, n: int, balanced: bool, what: str
    ) -> np.ndarray:
        key = f"data.{name}.{what}"
        training = what == "train"
        if degenerate == "drop":
            names = side.names(candidates)
            classes = side.classes[candidates]
            wrong = points.irregular(side.inputs[candidates], names, training, classes)
            dropped.update({names[position]: reason for position, reason in wrong.items()})
            candidates = np.delete(candidates, list(wrong))
        order = candidates if selection == "first" else rng.permutation(candidates)
        stratified = selection == "stratified"
        chosen = points.choose(side.classes, groups, n, balanced, stratified, order, key)
        points.check_both(side.classes[chosen], groups, key)
        names = side.names(chosen)
        wrong = points.irregular(side.inputs[chosen], names, training, side.classes[chosen])
        if wrong:
            listed = "; ".join(f"{names[at]} {why}" for at, why in list(wrong.items())[:5])
            points_that = "point that makes" if len(wrong) == 1 else "points that make"
            raise Refusal(
                f"{key}: found {len(wrong)} {points_that} H∞ singular or cannot be scaled "
                f"({listed}), expected none: set data.{name}.degenerate to 'drop', or remove them"
            )
        return chosen

    candidates = np.flatnonzero(points.signs(pool.classes, groups))
    train = select(pool, candidates, train_n, train_balanced, "train")
    if test_pool is None:
        # Without what was dropped: a repeated training point would be known already.
        left = np.isin(pool.names(candidates), [*dropped], invert=True)
        test_pool, rest = pool, np.setdiff1d(candidates[left], train)
    else:
        rest = np.flatnonzero(points.signs(test_pool.classes, groups))
    test = select(test_pool, rest, test_n, test_balanced, "test")
    if own:
        names = (own.called.tolist(), own.columns.tolist())
        seen = notes.notable(own.inputs, own.classes, names, groups, standardize, dropped)
        told = [*own.notes, *seen]
        if test_pool is not pool:
            told += notes.repeated(pool.inputs, test_pool.inputs)
    else:
        told = notes.dropped(dropped)
    told = [f"data.{name}: {note}" for note in told]
    for note in told:
        cli.log.warning(note)

    files.save_arrays(
        problem,
        {
            "inputs": points.unit_rows(pool.inputs[train]),
            "labels": points.signs(pool.classes[train], groups),
            "left_out": np.array([*dropped], dtype=np.str_),
            "notes": np.array(told, dtype=np.str_),
            "indices": train,
            "classes": pool.classes[train],
            "test_inputs": points.unit_rows(test_pool.inputs[test]),
            "test_labels": points.signs(test_pool.classes[test], groups),
            "test_indices": test,
            "test_classes": test_pool.classes[test],
        },
    )


if __name__ == "__main__":
    main()
