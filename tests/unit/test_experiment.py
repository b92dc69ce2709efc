"""Experiments as they are declared: what follows from a class is what stands in it."""

import re
from types import ModuleType
from typing import ClassVar

import pytest

from overparam.errors import Refusal
from pipeline import experiment, settings
from pipeline.archives import Registry
from pipeline.claims import Theme
from pipeline.expectations import Equal
from pipeline.settings import Setting
from workflow.settings.data import DIGITS, Subset
from workflow.settings.run import MODELS, Settings

DECLARED = [cls for model in MODELS.values() for cls in model.classes.values()]


@pytest.mark.parametrize("declared", DECLARED, ids=lambda declared: declared.__qualname__)
def test_an_option_has_the_default_and_the_words_of_its_setting(declared):
    for key in declared.options():
        field = declared.model_fields[key]
        option = Setting(declared, key)
        assert option.default == field.get_default(call_default_factory=True)
        assert " ".join((field.description or "").split()).rstrip(".") in option.help


def models(model):
    """A settings model, and all that its fields hold."""
    yield model
    for field in model.model_fields.values():
        for inner in settings.models(field.annotation):
            yield from models(inner)


@pytest.mark.parametrize("value", [True, [0.5, False], {"a": True}])
def test_no_setting_takes_a_truth_value_for_a_number(value):
    found = 0
    for model in {*models(Settings), *models(Registry), *models(Theme)}:
        for key, field in model.model_fields.items():
            if re.search(r"\b(int|float)\b", str(field.annotation)):
                said = rf"{key}: found the truth value (True|False), expected a number"
                with pytest.raises(Refusal, match=said):
                    settings.validate(model, {key: value})
                found += 1
    assert found > 100


@pytest.mark.parametrize("key", ["run", "only", "data"])
def test_a_truth_value_for_text_is_told_to_be_quoted(key):
    value = {"run": True, "only": [True], "data": {True: DIGITS}}[key]
    with pytest.raises(Refusal, match=rf"{key}.*: found True, expected text: quote it$"):
        settings.validate(Settings, {key: value})


def test_truth_values_and_numbers_written_otherwise_are_taken():
    assert Subset(n=2, balanced=True).balanced
    assert Subset(n="12").n == 12
    assert Equal(kind="equal", value="1e-3", within=0).value == 0.001  # text to YAML 1.1


def test_a_figure_of_a_table_that_nobody_writes_is_refused():
    class Settings(experiment.SliceSettings):
        """A slice."""

    class Drawn(experiment.Experiment):
        """An experiment."""

        shows: ClassVar = ("tabel",)

    module = ModuleType("scripts.misspelt.slice")
    vars(module).update(Settings=Settings, Drawn=Drawn)
    with pytest.raises(
        TypeError, match=r"drawn\.shows: found 'tabel' of 'drawn', expected a table"
    ):
        experiment.whole(module)
