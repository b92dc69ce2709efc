"""Settings of this family that cannot work are refused by key, before any job runs."""

import pytest

from tests.workflow import refusals


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return refusals.clone(tmp_path_factory, "deep_relu")


def test_wrong_settings_are_refused_by_key(tree):
    changes = {
        "deep_relu.norms.widths": [33],
        "deep_relu.semismoothness.depths": [0],
        "deep_relu.perturbation.omegas": [0.1, -0.3],
        "deep_relu.neural_kernel.distances": [1.0],
        "deep_relu.separation.deltas": [2.0],
        "deep_relu.losses.kinds": ["hinge"],
    }
    said = [
        "deep_relu.norms.widths.0: found 33, expected a multiple of 2",
        "deep_relu.semismoothness.depths.0: found 0, expected greater than 0",
        "deep_relu.perturbation.omegas.1: found -0.3, expected greater than 0",
        "deep_relu.neural_kernel.distances.0: found 1.0, expected less than 1",
        "deep_relu.separation.deltas.0: found 2.0, expected less than or equal to 1.4142",
        "deep_relu.losses.kinds.0: found 'hinge', expected one of q1.5, q2, q3, q4, q6, logistic",
    ]
    assert refusals.is_refused(tree, changes, *said)
