"""Settings of a whole run: the data, and one key per slice.

These models are the one source: they validate a configuration, and the default file
`config/config.yaml`, the editors' schema and the tables of settings are generated from them
(`make config`). The defaults are the `digits` run.
"""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, NonNegativeInt, create_model, field_validator, model_validator

from overparam.errors import Refusal
from pipeline import experiment, plain_yaml
from pipeline.settings import SYNTHETIC, Distinct, Name, Strict
from workflow.settings.data import DIGITS, DIGITS01, Problem
from workflow.slices import SLICES


def _declared(name: str) -> type[experiment.SliceSettings]:
    """The settings of a slice; Refusal if its folder has no declaration."""
    if find_spec(f"scripts.{name}") is None or find_spec(f"scripts.{name}.slice") is None:
        raise Refusal(
            f"workflow/slices.py: found {name!r}, expected a folder scripts/{name} with its "
            "declaration slice.py: correct the name, or add the folder"
        )
    return experiment.whole(import_module(f"scripts.{name}.slice"))


# The models of the slices' settings, by their key.
MODELS = {name: _declared(name) for name in SLICES}


# The problem of the small run `test` (config/test.yaml).
TINY = "tiny"
# Files in config/ that are no runs, and folders in results/ that are none.
RESERVED = {"config", "datasets", "runs", "shared"}


class Common(Strict):
    """What every run has, whatever its experiments."""

    run: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$")] = "digits"
    """Name of the run: the folder of its results and figures."""
    seed: NonNegativeInt = 0
    """Master seed; every draw's own seed is a hash of it and of the names of the draw's axes."""
    data_dir: str | None = None
    """A folder that holds archives or their members, read before any download, never written."""
    checks: str = "digits"
    """The run whose checks (`scripts/<family>/claims`) decide this one's claims."""
    data: dict[Name, Problem] = {"digits": DIGITS, "digits01": DIGITS01}
    """Data sets by name; only those that an experiment names are prepared."""
    only: Distinct[Name] = []
    """Keep these problems alone in every list of problems; `synthetic` stands for synthetic inputs,
    which are left out otherwise. Empty: everything."""

    @field_validator("run")
    @classmethod
    def _free(cls, run: str) -> str:
        if run in RESERVED:
            raise ValueError(f"found {run!r}, expected another name: that one has a use here")
        return run

    @model_validator(mode="after")
    def _narrowed(self) -> "Common":
        """The slices' lists with nothing in them but `only`."""
        if not self.only:
            return self
        kept = frozenset(self.only)
        return self.model_copy(update={name: getattr(self, name).narrowed(kept) for name in SLICES})

    @model_validator(mode="after")
    def _problems_agree(self) -> "Common":
        """Every mistake in the lists of problems, at once."""
        others = {SYNTHETIC, *(each for name in SLICES for each in getattr(self, name).named())}
        named = {"only": [problem for problem in self.only if problem not in others]}
        for name in SLICES:
            found = getattr(self, name).problems()
            named |= {f"{name}.{key}": problems for key, problems in found.items()}
        mistakes = [
            f"{key}: found {problem!r}, expected one of {', '.join(sorted(self.data))}: add it "
            "under 'data' or correct the name"
            for key, problems in named.items()
            for problem in problems
            if problem not in self.data
        ]
        sizes = {name: problem.train.n for name, problem in self.data.items()}
        mistakes += [mistake for name in SLICES for mistake in getattr(self, name).mistakes(sizes)]
        used = {problem for key, listed in named.items() if key != "only" for problem in listed}
        mistakes += [
            f"only: found {problem!r}, expected a name that some experiment lists as its problem: "
            "list it, such as two_layer.figure1.problems"
            for problem in named["only"]
            if problem in self.data and problem not in used
        ]
        if mistakes:
            raise ValueError("\n  ".join(mistakes))
        return self


KEYS: dict[str, Any] = {
    name: (model, Field(model(), description=(model.__doc__ or "").strip().split("\n")[0]))
    for name, model in MODELS.items()
}
Settings = create_model("Settings", __base__=Common, __doc__="A whole run.", **KEYS)


def complete(config: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration laid over the defaults of the slices and what they change in its run.

    Which run that is says the key `checks`: for the small one `test` the experiments' declarations,
    for others `scripts/<slice>/runs.yaml`.
    """
    checks = config.get("checks", Common.model_fields["checks"].default)
    below = {
        name: merged(model().model_dump(mode="json"), _changed(name, model, checks))
        for name, model in MODELS.items()
    }
    return merged(below, config)


def _changed(name: str, model: type[experiment.SliceSettings], run: Any) -> dict[str, Any]:
    if run == "test":
        return experiment.small(model, [TINY])
    path = Path("scripts", name, "runs.yaml")
    found = plain_yaml.read(path) if path.is_file() else None
    return dict((found or {}).get(run) or {})


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two configurations as Snakemake lays one over the other: key by key, lists replaced."""
    result = dict(below)
    for key, value in above.items():
        both = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
        result[key] = merged(result[key], value) if both else value
    return result
