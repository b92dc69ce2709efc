"""What tests of the slice share; as in unit tests hypothesis looks for the same examples."""

import pytest

import tests.unit.conftest  # noqa: F401
from pipeline import style
from tests.scripts.programs import Tiny


@pytest.fixture
def tiny(tmp_path):
    return Tiny(tmp_path)


@pytest.fixture
def drawn(monkeypatch):
    """The figures that are saved."""
    figures, save = [], style.save_figure

    def saved(figure, *paths):
        figures.append(figure)
        save(figure, *paths)

    monkeypatch.setattr(style, "save_figure", saved)
    return figures
