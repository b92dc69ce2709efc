"""How captions write numbers and words."""

import numpy as np
import pytest

from pipeline import style


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.0, "0"), (1500.0, "1500"), (0.0123, "0.0123"), (0.012345, "0.0123"), (0.3, "0.3"),
        (1445.04, "1445"), (2.4e-5, "2.40·10⁻⁵"), (99.96, "100"), (3.2e7, "3.20·10⁷"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_prose_has_them(value, told):
    assert style.number(value) == told


def test_words_of_captions():
    assert style.span([3, 1, 2]) == "1 to 3"
    assert style.span([0.10001, 0.10002]) == "0.1"
    assert style.enumerated(["a"]) == "a"
    assert style.enumerated(["a", "b", "c"]) == "a, b and c"
    assert style.counted(1, "seed") == "1 seed"
    assert style.counted(0, "seed") == "0 seeds"
    assert style.number(np.inf) == "inf"
