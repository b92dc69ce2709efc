"""Test errors of the kernel predictor and of networks beside those of other classifiers.

Source: Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584), section 5: the kernel predictor is the
infinitely wide network trained to the end. Logistic regression and nearest neighbours
(scikit-learn) are a yardstick, on the same inputs of unit length. Where the groups hold more than
two classes the kernel predictor has a target of ±1 for each class, and the largest output decides.

Writes `table`, tidy: target (groups, or classes if there are more than two), method, error,
wrong and n_test, the points it counts; networks, means over seeds, from figure 2 without noise;
and `classes`: each class, its training points and the complexity of it against the rest.
"""

from pipeline import experiment
from scripts.two_layer.slice import Baselines


@experiment.program(Baselines)
def main(settings: Baselines, job: experiment.Job) -> None:
    import numpy as np
    import pandas as pd
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier

    from overparam import deep_kernels, measures
    from pipeline import files
    from pipeline.metrics import measured, save

    x, y, test_x, test_y = files.load_arrays(
        job.problem, "inputs", "labels", "test_inputs", "test_labels"
    )
    classes, test_classes = (
        array.astype(str) for array in files.load_arrays(job.problem, "classes", "test_classes")
    )
    own_kernel = deep_kernels.Kernel(*(getattr(job, key) for key in deep_kernels.Kernel._fields))
    gram = files.load_array(job.gram)
    scale = measures.scale(gram)
    factor = measures.factorise(gram)
    cross = deep_kernels.cross_gram(test_x, x, own_kernel)
    names = np.unique(classes)
    one_hot = np.where(classes[:, None] == names, 1.0, -1.0)

    def kernel(targets: np.ndarray, values: np.ndarray) -> np.ndarray:
        return values[measures.interpolate(factor, cross, targets).argmax(axis=1)]

    others = {
        "logistic regression": LogisticRegression(max_iter=1000),
        "nearest neighbours": KNeighborsClassifier(min(settings.neighbours, len(y))),
    }
    rows = []
    for target, own, true, told in (
        ("groups", np.column_stack([y, -y]), test_y, y),
        ("classes", one_hot, test_classes, classes),
    ):
        values = np.array([1.0, -1.0]) if target == "groups" else names
        guessed = {"kernel predictor": kernel(own, values)}
        guessed |= {name: model.fit(x, told).predict(test_x) for name, model in others.items()}
        rows += [
            {"target": target, "method": name, "error": np.mean(guess != true),
             "wrong": int(np.sum(guess != true)), "n_test": len(true)}
            for name, guess in guessed.items()
        ]  # fmt: skip
        if len(names) == 2:
            break
    trained = pd.read_csv(job.errors)
    trained = trained[(trained.series == "network") & (trained.portion == 0)].error
    if len(trained):
        error, count = trained.mean(), len(test_y)
        rows.insert(1, {"target": "groups", "method": "networks", "error": error,
                        "wrong": round(error * count), "n_test": count})  # fmt: skip
    table = pd.DataFrame(rows)
    files.save_table(job.table, table)
    complexities = measures.complexity(factor, one_hot, scale)
    counts = (one_hot > 0).sum(axis=0)
    files.save_table(
        job.classes, pd.DataFrame({"class": names, "n": counts, "complexity": complexities})
    )

    where = f"{job.name}, {len(test_y)} test points"
    figures = {
        f"{row.target}.{row.method.split()[0]}.error": measured(row.error, where=where)
        for row in table.itertuples()
    }
    best = table[(table.target == "groups") & table.method.isin(others)].error.min()
    kernels_own = table[(table.target == "groups") & (table.method == "kernel predictor")].error
    figures["groups.excess"] = measured(
        kernels_own.iloc[0] - best, where=where,
        unit="test error of the kernel predictor less the better of the two others",
    )  # fmt: skip
    save(job.metrics, figures)


if __name__ == "__main__":
    main()
