"""The word for a labelling, as settings have it."""

from typing import Annotated, Literal

from pydantic import BeforeValidator

# YAML reads an unquoted true as a truth value; here it can only mean the labelling.
Labelling = Annotated[
    Literal["true", "random", "worst"],
    BeforeValidator(lambda value: "true" if value is True else value),
]
