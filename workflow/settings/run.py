"""Settings of a whole run: the data, and one key per slice.

These models are the one source: they validate a configuration, and the default file
`config/config.yaml`, the editors' schema and the table in the docs are generated from them
(`make config`). The defaults are the `digits` run.
"""

from typing import Annotated

from pydantic import Field, NonNegativeInt, create_model, field_validator, model_validator

from pipeline.settings import Distinct, Name, Strict
from workflow.settings.data import DIGITS, DIGITS01, SYNTHETIC, Problem
from workflow.settings.linear_nets import LinearNets
from workflow.settings.two_layer import TwoLayer

# The slices, by the key of their settings: a new one adds a line here.
SLICES = {
    "two_layer": TwoLayer,
    "linear_nets": LinearNets,
}


# Files in config/ that are no runs, and folders in results/ that are none.
RESERVED = {"config", "datasets", "runs", "shared"}


class Common(Strict):
    """What every run has, whatever its slices."""

    run: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$")] = "digits"
    """Name of the run: the folder of its results and figures."""
    seed: NonNegativeInt = 0
    """Master seed; every draw's own seed is a hash of it and of the names of the draw's axes."""
    data_dir: str | None = None
    """A folder that holds archives or their members, read before any download, never written."""
    checks: str = "digits"
    """The run whose checks of config/claims decide this one's claims."""
    data: dict[Name, Problem] = {"digits": DIGITS, "digits01": DIGITS01}
    """Data sets by name; only those that an experiment names are prepared."""
    only: Distinct[Name] = []
    """Keep these problems alone in every list of problems; `synthetic` stands for inputs made to
    order, which are left out otherwise. Empty: everything."""

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
        named = {"only": [problem for problem in self.only if problem != SYNTHETIC]}
        for name in SLICES:
            named |= getattr(self, name).problems()
        mistakes = [
            f"{key}: found {problem!r}, expected one of {', '.join(sorted(self.data))}: add it "
            "under 'data' or mend the name"
            for key, problems in named.items()
            for problem in problems
            if problem not in self.data
        ]
        mistakes += [one for name in SLICES for one in getattr(self, name).mistakes()]
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

    def made_to_order(self) -> bool:
        """Whether experiments run that make their own inputs."""
        return not self.only or SYNTHETIC in self.only


Settings = create_model(
    "Settings",
    __base__=Common,
    __doc__="A whole run.",
    **{name: (model, Field(model(), description=model.__doc__)) for name, model in SLICES.items()},
)
