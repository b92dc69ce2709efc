"""Small settings of the slice's programs, and how to run them."""

import json

from pipeline import experiment
from scripts.linear_nets import drift, figure1, figure2, identities, phase, rates, table
from scripts.linear_nets import slice as declared
from tests.scripts.programs import call, options

SMALL = {
    "identities": (identities, {"n": [2, 3], "m": [3, 2], "h": 9, "pairs": 5, "seeds": 2}),
    "phase": (phase, {"until": 2.0}),
    "drift": (drift, {"h": 200, "halvings": 4, "seeds": 2}),
    "rates": (rates, {"n": [2, 3], "m": [3, 2], "h": 60, "steps": 8, "seeds": 2}),
    "figure1": (figure1, {"n": 6, "h": 9, "steps": 20, "seeds": 3}),
    "figure2": (figure2, {"n": 4, "m": 3, "h": 100, "steps": 10, "seeds": 2}),
    "table": (table, {
        "N": 40, "n": 5, "m": 4, "h": 30, "most": 60, "seeds": 2,
        "initialisations": ["he", "uniform"], "widths": [30],
    }),
}  # fmt: skip
# The set-up of figure 1 in it, as the source's would be named.
FIGURE1 = {"n": 6, "m": 1, "noise": 0.04, "c₁": 0.8, "c₂": 1.2, "steps": 20}


def tables(name, folder):
    """Where the tables of an experiment lie."""
    listed = experiment.declared(declared)[name].tables
    return {table: folder / f"{table}.csv" for table in listed}


def measure(name, folder, **changed):
    """Figures of a program, and where its table lies."""
    program, settings = SMALL[name]
    paths = {"metrics": folder / "metrics.json", **tables(name, folder)}
    assert call(program, *options(**settings | changed, **paths)) == 0
    return json.loads(paths["metrics"].read_text()), paths.get("table")
