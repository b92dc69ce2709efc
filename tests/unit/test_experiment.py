"""Experiments as they are declared: what follows from a class is what stands in it."""

from types import ModuleType
from typing import ClassVar

import pytest

from pipeline import experiment
from pipeline.settings import Setting
from workflow.settings.run import MODELS

DECLARED = [cls for settings in MODELS.values() for cls in settings.classes.values()]


@pytest.mark.parametrize("declared", DECLARED, ids=lambda declared: declared.__qualname__)
def test_an_option_has_the_default_and_the_words_of_its_setting(declared):
    for key in declared.options():
        field = declared.model_fields[key]
        option = Setting(declared, key)
        assert option.default == field.get_default(call_default_factory=True)
        assert " ".join((field.description or "").split()).rstrip(".") in option.help


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
