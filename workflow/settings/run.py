"""Settings of a whole run: the data, and one key per slice.

These models are the one source: they validate a configuration, and the default file
`config/config.yaml`, the editors' schema and the table in the docs are generated from them
(`make config`). The defaults are the `digits` run.
"""

from typing import Annotated

from pydantic import Field, NonNegativeInt, create_model, field_validator, model_validator

from overparam.house.settings import Name, Strict
from workflow.settings.data import DIGITS, DIGITS01, Problem
from workflow.settings.two_layer import TwoLayer

# The slices, by the key of their settings: a new one adds a line here.
SLICES = {"two_layer": TwoLayer}


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

    @field_validator("run")
    @classmethod
    def _free(cls, run: str) -> str:
        if run in RESERVED:
            raise ValueError(f"found {run!r}, expected another name: that one has a use here")
        return run

    @model_validator(mode="after")
    def _problems_exist(self) -> "Common":
        for name in SLICES:
            for key, problems in getattr(self, name).problems().items():
                for problem in problems:
                    if problem not in self.data:
                        raise ValueError(
                            f"{key}: found {problem!r}, expected one of "
                            f"{', '.join(sorted(self.data))}: add it under 'data' or mend the name"
                        )
        return self


Settings = create_model(
    "Settings",
    __base__=Common,
    __doc__="A whole run.",
    **{name: (model, Field(model(), description=model.__doc__)) for name, model in SLICES.items()},
)
