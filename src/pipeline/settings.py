"""What every settings model shares: strictness, names that are safe in paths, clear messages."""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

import click
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from overparam.errors import Refusal

# Names become parts of paths and of command lines: letters, digits and _ alone.
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]
Portion = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(gt=0)]

Item = TypeVar("Item")


def _distinct(values: list[Item]) -> list[Item]:
    twice = sorted({str(value) for value in values if values.count(value) > 1})
    if twice:
        raise ValueError(f"found {', '.join(twice)} more than once in {values}, expected each once")
    return values


Distinct = Annotated[list[Item], AfterValidator(_distinct)]
"""A list in which nothing occurs twice."""
Axis = Annotated[list[Item], Field(min_length=1), AfterValidator(_distinct)]
"""The same, with something in it."""


# What stands for synthetic inputs where a problem's name is expected.
SYNTHETIC = "synthetic"
EtaUnit = Literal["1/lambda_max", "absolute"]


def _left_out(values: dict[str, Item | None]) -> dict[str, Item]:
    kept = {name: value for name, value in values.items() if value is not None}
    if not kept:
        raise ValueError("found none, expected one name with its settings at least")
    return kept


Named = Annotated[dict[Name, Item | None], AfterValidator(_left_out)]
"""Something under each name, one at least; a file laid over another leaves one out by null."""


Model = TypeVar("Model", bound=BaseModel)


class Strict(BaseModel):
    """A model that refuses keys it does not know, and whose values do not change."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, defer_build=True
    )

    @model_validator(mode="before")
    @classmethod
    def _no_truth_value(cls, values: Any) -> Any:
        """YAML reads an unquoted yes, no, on, off as a truth value, and pydantic that as 1 or 0."""
        for key, value in values.items() if isinstance(values, dict) else ():
            field = cls.model_fields.get(key)
            kind = field and field.annotation
            found = [one for one in _values(value) if isinstance(one, bool)]
            if found and _names(kind, int, float) and not _names(kind, bool):
                raise ValueError(
                    f"{key}: found the truth value {found[0]}, expected a number"
                    f"{' or text: quote it' if _names(kind, str) else ''} (YAML takes an unquoted "
                    "yes, no, on or off for a truth value)"
                )
        return values


def _values(value: object) -> Iterator[object]:
    """A value, or those in it."""
    if isinstance(value, (list, tuple, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _values(part)
    else:
        yield value


def _names(annotation: Any, *kinds: type) -> bool:
    """Whether an annotation such as `list[float]` names one of some types."""
    return annotation in kinds or any(_names(part, *kinds) for part in get_args(annotation))


def check_own_file(source: str, file: str | None) -> None:
    """Refuse a person's own file without `source: file`, that without a file, and its braces."""
    if (source == "file") != (file is not None):
        raise ValueError("'file' is given with 'source: file', and only then")
    if set("{}") & set(file or ""):  # Snakemake's wildcards
        raise ValueError(f"file: found {file!r}, expected no braces in it: rename it")


class Beginning(Strict):
    """One way to start networks."""

    kappa: Positive
    """Initialisation scale κ: w_r(0) ~ N(0, κ²I)."""
    antisymmetric: bool
    """Repeat each neuron with the opposite sign, so that u(0) = 0 exactly."""


def validate(model: type[Model], values: dict[str, Any]) -> Model:
    """Settings of the given model, from a configuration as read from YAML.

    Raises Refusal with one line per mistake: the key, the value found, the value expected.
    """
    try:
        return model.model_validate(values)
    except ValidationError as problem:
        lines = [line(model, error) for error in problem.errors()]
        raise Refusal("\n".join(["configuration:", *lines])) from None


def line(model: type[BaseModel], error: Mapping[str, Any]) -> str:
    """One mistake: the key, the value found, the value expected."""
    key = ".".join(str(part) for part in error["loc"]) or "(whole)"
    kind, found, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return f"  {key}: unknown key{_hint(model, error['loc'])}; remove it or correct its name"
    if kind == "value_error":
        # Mistakes of the whole name their own keys, one a line.
        return f"  {key}: {context['error']}" if error["loc"] else f"  {context['error']}"
    if "discriminator" in context:  # the key that says which of several models it is
        key, found = f"{key}.{context['discriminator'][1:-1]}", context.get("tag")
    if kind in ("missing", "union_tag_not_found"):
        return f"  {key}: missing, expected a value"
    return f"  {key}: found {found!r}, expected {_expected(error, found)}"


def near(name: object, known: Iterable[str]) -> str:
    """Did you mean …: the known name closest to an unknown one; nothing if none is close."""
    close = difflib.get_close_matches(str(name), known, n=1)
    return f", did you mean {close[0]!r}?" if close else ""


def _hint(model: type[BaseModel], location: tuple[str | int, ...]) -> str:
    """What an unknown key may mean, else all keys that are known there."""
    fields = fields_at(model, location[:-1])
    return near(location[-1], fields) or f", expected one of {', '.join(fields)}"


def _expected(error: Mapping[str, Any], found: object) -> str:
    """What a value should be: pydantic's sentence without its beginning and what was found."""
    context = error.get("ctx", {})
    listed = context.get("expected") or context.get("expected_tags")  # 'a', 'b' or 'c'
    if listed:
        known = listed.replace("'", "").replace(" or ", ", ")
        return f"one of {known}{near(found, known.split(', '))}"
    if "pattern" in context:
        return f"text that matches {context['pattern']}"
    if error["type"] in ("model_type", "dict_type"):
        return "keys with values"
    if error["type"] == "string_type":
        return "text" if isinstance(found, (list, dict)) else "text: quote it"
    said = re.sub(r"^\w+ should (be|have) ", "", error["msg"])
    return re.sub(r"(, unable| after validation,|, got) .*", "", said)


def fields_at(model: type[BaseModel], location: tuple[str | int, ...]) -> list[str]:
    """Names of the keys that a model knows at a place such as ("two_layer", "train")."""
    for part in location:
        field = model.model_fields.get(str(part))
        # A part that is no field is the key of a dictionary, or an index, already stepped into.
        if field is not None:
            inner = models(field.annotation)
            if not inner:
                return []
            model = inner[0]
    return list(model.model_fields)


def models(annotation: Any) -> list[type[BaseModel]]:
    """The settings models inside an annotation such as `dict[str, Arm]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in models(part)]


class Setting(click.Option):
    """A setting as an option of a program: its type, default and documentation.

    `more` is click's, in place of what follows from the setting.
    """

    def __init__(self, model: type[BaseModel], key: str, **more: Any) -> None:
        field = model.model_fields[key]
        many = get_origin(field.annotation) is list
        limited: Any = Annotated[field.annotation, field]
        kind = _type(key, get_args(field.annotation)[0] if many else limited)
        words = f"--{key}/--no-{key}" if kind is bool else f"--{key}"
        said = " ".join((field.description or "").split())
        required = field.is_required()
        told = {
            "type": kind, "multiple": many, "required": required,
            "default": None if required else field.get_default(call_default_factory=True),
            "help": f"{said.rstrip('.')}; repeatable." if many else said,
        }  # fmt: skip
        super().__init__([words.replace("_", "-"), key], **told | more)


def option(model: type[BaseModel], key: str, **more: Any) -> Callable[[Any], Any]:
    """A setting as an option, for a program whose rule is written out."""
    # click makes the option by calling `cls`.
    return click.option(cls=lambda _: Setting(model, key, **more))  # type: ignore[arg-type]


def _type(key: str, annotation: Any) -> Any:
    """The type that click reads."""
    plain = annotation
    while get_origin(plain) not in (None, Literal):  # Annotated[…], or one that may be None
        plain = get_args(plain)[0]
    if get_origin(plain) is Literal:
        return click.Choice([str(value) for value in get_args(plain)])
    if plain not in (int, float, str, bool):
        raise TypeError(f"{key}: found {annotation}, expected a type that an option can have")
    return plain if plain is bool else _Type(annotation, plain)


class _Type(click.ParamType[Any]):
    """A setting's type: an option takes what the configuration takes."""

    def __init__(self, annotation: Any, plain: type) -> None:
        self.name = click.types.convert_type(plain).name
        self._adapter: TypeAdapter[Any] = TypeAdapter(annotation)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return self._adapter.validate_python(value)
        except ValidationError as problem:
            expected = _expected(problem.errors()[0], value)
            self.fail(f"found {value}, expected {expected}", param, ctx)
