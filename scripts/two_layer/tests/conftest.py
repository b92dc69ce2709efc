"""What tests of the slice share with unit tests: hypothesis looks for the same examples."""

import tests.unit.conftest  # noqa: F401
