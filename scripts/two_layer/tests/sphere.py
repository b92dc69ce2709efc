"""Small settings of the programs on points of the sphere, and how to run them."""

import json

import pytest

from tests.scripts.programs import call, options, table

FORMULA = {"angles": 11, "samples": 20_000, "n": 24, "d": 6, "width": 60, "steps": 40,
           "starts": 300, "seeds": 2}  # fmt: skip
TARGETS = {"d": [6, 3], "n": [20, 60], "seeds": 2,
           "target": ["linear", "power2", "quadratic2", "quadratic5", "cosine0.5", "arctan1",
                      "sum", "power3", "sign"]}  # fmt: skip
SAMPLES = {"d": 3, "n": [20, 80], "test_n": 50, "seeds": 2, "target": ["linear", "sine5"]}


def run(program, folder, settings, *tables):
    """The figures and tables of a program; `target`: other functions than its own."""
    made = {name: folder / f"{name}.csv" for name in tables} | {"metrics": folder / "metrics.json"}
    told = {key: value for key, value in settings.items() if key != "target"}
    with pytest.MonkeyPatch.context() as changed:
        if "target" in settings:
            changed.setattr(program, "TARGETS", settings["target"])
        assert call(program, *options(**told, **made)) == 0
    rows = {name: table(made[name]) for name in tables}
    return json.loads(made["metrics"].read_text()), rows, made
