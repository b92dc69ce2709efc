"""The jobs of the test run, by rule, and which rules read what a rule writes."""

from tests.workflow.repository import ROOT, imported, programs

# The test run's jobs, by rule.
FIGURE1 = {f"train figure1 tiny small {labels} 0-1" for labels in ("true", "random", "worst")}
FIGURE2 = {f"train figure2 tiny nets noise{portion} 0-1" for portion in ("0.0", "0.5")}
EQUATION8 = {"train equation8 tiny m64 true 0-1"}
CAPACITY = {f"train capacity tiny small_{width} noise0.2 0-1" for width in ("m32", "m64")}
SYNTHETIC = {"formula", "targets", "samples"}
EXPERIMENTS = {
    "concentration", "draws", "start", "constants", "noise", "published", "widths",
    "frozen", "scale", "stability", "decay", "distances", "capacity", "fit",
}  # fmt: skip
UNDRAWN = {"start", "constants", "noise", "frozen", "distances"}
# The published numbers are drawn beside the paper's own data sets alone.
DRAWN = (SYNTHETIC | EXPERIMENTS) - UNDRAWN - {"published"}
LINEAR_DRAWN = {"phase", "drift", "figure1", "figure2"}
LINEAR = LINEAR_DRAWN | {"identities", "rates", "table"}
JOBS = {
    "digits": {"digits"},
    "prepare": {"prepare tiny-0", "prepare tiny-1"},
    "gram": {"gram tiny-0", "gram tiny-1"},
    "spectrum": {"spectrum tiny-0"},
    "train": FIGURE1 | EQUATION8 | FIGURE2 | CAPACITY,
    "projections": {"projections tiny"},
    "predict": {"predict tiny small"},
    "complexity": {"complexity tiny"},
    "losses": {"losses tiny"},
    "deviation": {"deviation tiny"},
    "errors": {"errors tiny"},
    "plot_figure1": {"plot_figure1 tiny"},
    "plot_equation8": {"plot_equation8 tiny"},
    "plot_figure2": {"plot_figure2 tiny"},
    **{name: {f"{name} tiny"} for name in EXPERIMENTS},
    **{name: {f"{name} synthetic"} for name in SYNTHETIC},
    **{f"plot_{name}": {f"plot_{name} tiny"} for name in DRAWN - SYNTHETIC},
    **{f"plot_{name}": {f"plot_{name} synthetic"} for name in SYNTHETIC},
    **{f"linear_{name}": {f"linear_{name} linear"} for name in LINEAR},
    **{f"plot_linear_{name}": {f"plot_linear_{name} linear"} for name in LINEAR_DRAWN},
    "collect": {"collect"},
    "assemble": {"assemble"},
    "report": {"report"},
}
# Which rules read what a rule writes.
LEDGER = {"collect", "assemble", "report"}
READERS = {
    "digits": {"prepare"},
    "prepare": {
        "gram", "train", "projections", "complexity", "deviation", "formula", "concentration",
        "draws", "start", "noise", "widths", "frozen", "scale", "stability", "decay", "distances",
        "capacity", "fit",
    },
    "gram": {"spectrum", "complexity", "draws", "constants", "frozen", "stability", "capacity"},
    "spectrum": {
        "train", "projections", "predict", "deviation", "plot_figure1", "constants", "published",
        "widths", "frozen", "scale", "stability", "decay", "distances",
    },
    "train": {"losses", "deviation", "errors", "widths", "frozen", "capacity"},
    "projections": {"predict", "plot_figure1", "published", "collect"},
    "predict": {"losses"},
    "complexity": {"errors", "noise", "published"},
    "losses": {"plot_figure1", "collect"},
    "deviation": {"plot_equation8", "collect"},
    "errors": {"plot_figure2", "collect"},
    **{name: {"collect"} for name in UNDRAWN | {"published"}},
    **{name: {f"plot_{name}", "collect"} for name in DRAWN},
    "frozen": {"plot_widths", "collect"},
    **{f"plot_{name}": {"assemble", "report"} for name in DRAWN},
    **{f"plot_{name}": {"assemble", "report"} for name in ("figure1", "equation8", "figure2")},
    **{f"linear_{name}": {"collect"} for name in LINEAR},
    **{f"linear_{name}": {f"plot_linear_{name}", "collect"} for name in LINEAR_DRAWN},
    **{f"plot_linear_{name}": {"assemble", "report"} for name in LINEAR_DRAWN},
    "collect": {"assemble"},
    "assemble": {"report"},
}  # fmt: skip
PLOTS = {rule for rule in JOBS if rule.startswith("plot_")}


def downstream(rules):
    """The jobs of some rules and of all rules that need what they write."""
    found, todo = set(), list(rules)
    while todo:
        rule = todo.pop()
        if rule not in found:
            found.add(rule)
            todo += READERS.get(rule, ())
    return set().union(*(JOBS[rule] for rule in found))


def importers(path):
    """Rules of the test run whose program imports a module, directly or not."""
    found = programs()
    return {rule for rule in JOBS if ROOT / path in imported(ROOT / found[rule])}


def appended(text):
    """An edit that changes what a module means."""
    return f"{text}\nEDITED = 1\n"
