"""The programs that make raw data: fetch, digits, own."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from scripts.data import digits, fetch, own
from tests.archives import GZIP, NOWHERE, ZIPPED, gzip_archive, registry_file, sha

ROOT = Path(__file__).resolve().parents[2]


def call(program, *arguments: object) -> int:
    """The exit status of a program."""
    with pytest.raises(SystemExit) as ending:
        program.main([str(argument) for argument in arguments])
    return ending.value.code or 0


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    return registry_file(tmp_path, gzip_archive(GZIP, NOWHERE))


@pytest.fixture
def options(tmp_path: Path, registry: Path) -> list[object]:
    (tmp_path / "own").mkdir()
    return [
        "--source", "tiny", "--registry", registry, "--data-dir", tmp_path / "own",
        "--archives", tmp_path / "archives", "--data", tmp_path / "data",
    ]  # fmt: skip


def test_fetch_takes_files_and_its_sidecar_hashes_them(tmp_path, options):
    (tmp_path / "own" / "file.gz").write_bytes(GZIP)
    made, sidecar = tmp_path / "data" / "zipped/raw/file", tmp_path / "sidecar.json"
    assert call(fetch, *options, "--member", made, "--sidecar", sidecar) == 0
    assert made.read_bytes() == ZIPPED
    outputs = json.loads(sidecar.read_text())["outputs"]
    assert outputs == {"members": {str(made): sha(ZIPPED)}}


def test_fetch_refuses_in_one_message(tmp_path, options, capsys):
    assert call(fetch, *options) == 1
    told = capsys.readouterr().err
    assert told.count("error: ") == 1
    assert "file.gz" in told
    assert "Traceback" not in told
    assert not (tmp_path / "data").exists()


def test_fetch_refuses_members_that_the_source_lacks(tmp_path, options, capsys):
    (tmp_path / "own" / "file.gz").write_bytes(GZIP)
    assert call(fetch, *options, "--member", tmp_path / "data" / "zipped/raw/other") == 1
    told = capsys.readouterr().err
    assert str(tmp_path / "data" / "zipped/raw/other") in told
    assert str(tmp_path / "data" / "zipped/raw/file") in told
    assert not (tmp_path / "data").exists()


def test_fetch_refuses_an_unknown_source(options, capsys):
    assert call(fetch, *options, "--source", "minst") == 1
    assert "found 'minst', expected one of tiny" in capsys.readouterr().err


def test_digits(tmp_path):
    from sklearn.datasets import load_digits

    first, second = tmp_path / "a.npz", tmp_path / "b.npz"
    assert call(digits, "--output", first) == 0
    assert call(digits, "--output", second) == 0
    assert first.read_bytes() == second.read_bytes()
    bundle = load_digits()
    with np.load(first, allow_pickle=False) as arrays:
        assert set(arrays.files) == {"inputs", "classes"}
        assert arrays["inputs"].shape == (1797, 64)
        assert arrays["inputs"].dtype == np.uint8
        assert arrays["classes"].dtype == np.int64
        np.testing.assert_array_equal(arrays["inputs"], bundle.data)
        np.testing.assert_array_equal(arrays["classes"], bundle.target)


def test_own_csv(tmp_path):
    (tmp_path / "own.csv").write_text("kind,a,b\ncat,1,2\ndog,3,4\n")
    output = tmp_path / "raw.npz"
    arguments = ["--file", tmp_path / "own.csv", "--label-column", "kind", "--output", output]
    assert call(own, *arguments) == 0
    with np.load(output, allow_pickle=False) as arrays:
        assert set(arrays.files) == {"inputs", "classes", "called", "columns"}
        assert arrays["called"].tolist() == ["line 2", "line 3"]
        assert arrays["inputs"].tolist() == [[1, 2], [3, 4]]
        assert arrays["classes"].tolist() == ["cat", "dog"]


def test_own_npz_with_test_points(tmp_path):
    x, y = np.ones((3, 2, 2)), np.array([0, 1, 1])
    np.savez(tmp_path / "own.npz", x=x, y=y, x_test=2 * x[:1], y_test=y[:1])
    output = tmp_path / "raw.npz"
    arguments = ["--file", tmp_path / "own.npz", "--label-column", "label", "--output", output]
    assert call(own, *arguments) == 0
    with np.load(output, allow_pickle=False) as arrays:
        sides = ("", "test_")
        fields = ("inputs", "classes", "called", "columns")
        assert set(arrays.files) == {side + field for side in sides for field in fields}
        assert arrays["test_called"].tolist() == ["x_test[0]"]
        assert arrays["test_inputs"].tolist() == [[2, 2, 2, 2]]


def test_own_refuses_in_one_message(tmp_path, capsys):
    (tmp_path / "own.csv").write_text("label,a\n1,x\n")
    output = tmp_path / "raw.npz"
    arguments = ["--file", tmp_path / "own.csv", "--label-column", "label", "--output", output]
    assert call(own, *arguments) == 1
    told = capsys.readouterr().err
    assert "own.csv: line 2, column 'a': found 'x'" in told
    assert "Traceback" not in told
    assert not output.exists()


@pytest.mark.parametrize("name", ["fetch", "digits", "own"])
def test_help_answers_without_heavy_imports(name):
    """What makes --help slow is what it imports: none of it may be loaded."""
    code = (
        "import sys; from scripts.data import %s as program\n"
        "try: program.main(['--help'])\n"
        "except SystemExit as ending: assert not ending.code\n"
        "heavy = {'numpy', 'pandas', 'sklearn', 'torch', 'pydantic', 'pooch', 'requests'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code % name],
        cwd=ROOT,
        env={"PYTHONPATH": "src:."},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert "--output" in answer.stdout or "--member" in answer.stdout
