"""What every program's options share: help, threads, sidecar, fingerprint."""

import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import numpy as np
import pytest

from pipeline import files, provenance
from pipeline.fingerprint import fingerprint
from pipeline.settings import Beginning, Kernel, Setting, models
from scripts.data import digits, gram
from tests.scripts.programs import Tiny, call, options
from workflow.settings import run as settings
from workflow.slices import SLICES

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS, DECLARED = (
    sorted(
        path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        for path in (ROOT / "scripts").glob("*/*.py")
        if re.search(made_by, path.read_text())
    )
    for made_by in (r"\b(cli|experiment|figures)\.program\b", r"\.(slice|settings) import\b")
)
# What a value is measured in, or what it may be, by words that say so.
SAID = {
    "width": " m", "kappa": "κ", "eta": "summed loss Φ", "eta_unit": "1/lambda_max",
    "steps": "Gradient steps", "stop_loss": "Φ/n", "mem": "MB", "every": "Seconds",
    "points_per_decade": "factor ten", "selection": "first (file order)",
    "degenerate": "refuse or drop", "threads": "Mathematical threads",
}  # fmt: skip


def command(module):
    return importlib.import_module(module).main.command


def test_there_are_programs_for_every_slice():
    folders = {module.split(".")[1] for module in PROGRAMS}
    assert folders == {"data", "ledger", "runs", *SLICES}


def test_every_experiment_has_its_programs():
    """One that measures, unless it is written out as several, and one that draws."""
    for slice, model in settings.MODELS.items():
        for name, experiment in model.classes.items():
            kinds = [name] * (not experiment.own_rules) + [f"plot_{name}"] * bool(experiment.shows)
            assert {f"scripts.{slice}.{kind}" for kind in kinds} <= {*PROGRAMS}


@pytest.mark.parametrize("module", PROGRAMS)
def test_help_shows_every_option_with_a_sentence(module, capsys):
    program = importlib.import_module(module)
    assert call(program, "--help") == 0
    text = " ".join(capsys.readouterr().out.split())
    assert f"python -m {module}" in text
    assert " ".join(program.__doc__.replace("\b", "").split()) in text
    for parameter in program.main.command.params:
        if module == "scripts.runs.start" and parameter.name == "words":
            continue  # Snakemake's options, which the docstring speaks of
        assert isinstance(parameter, click.Option)
        assert re.fullmatch(r".{5,}\.", parameter.help), parameter.name
        assert " ".join(parameter.help.split()) in text, parameter.name
        assert all(name in text for name in parameter.opts), parameter.name
    assert {"threads", "sidecar", "code"} <= {option.name for option in program.main.command.params}


@pytest.mark.parametrize("module", PROGRAMS)
def test_help_says_units_shapes_and_formats(module):
    options = [option for option in command(module).params if isinstance(option, click.Option)]
    for parameter in options:
        assert SAID.get(parameter.name, "") in parameter.help, parameter.name
        # An array on its own has its shape beside it; what .npz hold is in the docstring.
        if ".npy" in parameter.help:
            assert re.search(r"\([nqd_a-z, ]+\)", parameter.help), parameter.name
    text = importlib.import_module(module).__doc__
    if any(".npz" in option.help and option.name != "problem" for option in options):
        assert re.search(r"\(\w+(, \w+)*,?\)|`\w+`", text)


@pytest.mark.parametrize("module", PROGRAMS)
def test_help_loads_nothing_slow(module):
    """What makes --help slow is what it imports; settings are read by pydantic."""
    heavy = {"numpy", "pandas", "scipy", "sklearn", "torch", "matplotlib", "snakemake"}
    if module not in DECLARED:
        heavy.add("pydantic")
    code = (
        f"import sys\nfrom {module} import main\n"
        "try: main(['--help'])\nexcept SystemExit as ending: assert not ending.code\n"
        f"assert not {heavy} & set(sys.modules), {heavy} & set(sys.modules)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": "src:."}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr


@pytest.fixture
def made(tmp_path):
    tiny = Tiny(tmp_path)
    return options(**tiny.inputs("problem"), gram=tmp_path / "made.npy")


def test_a_wrong_use_is_told_with_status_2(tmp_path, made, capsys):
    assert call(gram, *made, "--grma", 1) == 2
    assert call(gram, *made, "--threads", 0) == 2
    assert call(gram, *made[2:]) == 2
    assert call(gram, "--problem", tmp_path / "none.npz", *made[2:]) == 2
    said = capsys.readouterr().err
    assert said.count("Error: ") == 4
    assert "none.npz' does not exist" in said
    assert not (tmp_path / "made.npy").exists()


@pytest.mark.parametrize("variable", ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"])
def test_threads_are_set_before_any_library_loads(made, variable):
    program = (
        "import os, sys\nfrom scripts.data import gram\nassert 'numpy' not in sys.modules\n"
        "try: gram.main(sys.argv[1:])\nexcept SystemExit as ending: assert not ending.code\n"
        f"assert os.environ['{variable}'] == '2'\n"
        "from threadpoolctl import threadpool_info\n"
        "print({pool['num_threads'] for pool in threadpool_info() if pool['user_api'] == 'blas'})"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program, *made, "--threads", "2"],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": "src:.", variable: "1"}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert answer.stdout == f"{{{min(2, os.cpu_count())}}}\n"


def test_the_sidecar_holds_settings_and_hashes(tmp_path, made):
    sidecar = tmp_path / "made.json"
    assert call(gram, *made, "--sidecar", sidecar, "--threads", 1) == 0
    notes = json.loads(sidecar.read_text())
    assert notes["program"] == "scripts/data/gram.py"
    assert notes["code"] == fingerprint("scripts/data/gram.py", ROOT)
    assert notes["settings"] == {"threads": 1} | Kernel().model_dump()
    assert [*notes["inputs"]["problem"]] == [made[1]]
    assert [*notes["outputs"]["gram"]] == [made[3]]
    assert notes["libraries"]["numpy"] == np.__version__
    assert notes["blas"]["pools"]


def test_each_file_is_hashed_once_however_large(tmp_path, made, monkeypatch):
    hashed = []

    def counted(path):
        hashed.append(str(path))
        return files.digest(path)

    monkeypatch.setattr(provenance, "digest", counted)
    planned = f"{made[1]}={files.digest(made[1])[:12]}"
    assert call(gram, *made, "--planned", planned, "--sidecar", tmp_path / "made.json") == 0
    assert hashed == [made[1], made[3]]


def test_without_a_sidecar_none_is_written(tmp_path, made):
    assert call(gram, *made) == 0
    assert not list(tmp_path.glob("*.json"))


def test_code_that_changed_since_it_was_planned_is_refused(tmp_path, made, capsys):
    planned = fingerprint("scripts/data/gram.py", ROOT)
    assert call(gram, *made, "--code", planned) == 0
    (tmp_path / "made.npy").unlink()
    words = ["--code", "0" * 12, "--sidecar", tmp_path / "made.json"]
    assert call(gram, *made, *words) == 1
    said = capsys.readouterr().err
    assert said == (
        "error: scripts/data/gram.py: it or a module that it imports changed since this run was "
        f"planned (expected fingerprint {'0' * 12}, found {planned}): start the run again\n"
    )
    assert not (tmp_path / "made.npy").exists()
    assert not (tmp_path / "made.json").exists()


def test_a_file_that_changed_since_it_was_planned_is_refused(tmp_path, made, capsys):
    """Or Snakemake would hold what is made of it for made of the file as it was."""
    read = Path(made[1]).rename(tmp_path / "a = b.npz")
    made[1] = str(read)
    planned = files.digest(read)[:12]
    words = ["--planned", f"{read}={planned}", "--sidecar", tmp_path / "made.json"]
    assert call(gram, *made, *words) == 0
    assert "planned" not in json.loads((tmp_path / "made.json").read_text())["settings"]
    (tmp_path / "made.npy").unlink()
    read.write_bytes(b"other")
    assert call(gram, *made, *words) == 1
    said = capsys.readouterr().err
    assert (
        f"error: {read}: it changed since this run was planned (expected digest {planned}" in said
    )
    assert not (tmp_path / "made.npy").exists()


@pytest.mark.parametrize("value", ["nan", "0", "-5", "inf"])
def test_a_number_above_zero_is_finite_and_no_nan(value):
    with pytest.raises(click.BadParameter, match=rf"found {value}, expected "):
        Setting(Beginning, "kappa").type.convert(value, None, None)


def named(model):
    """The keys of a model and of those inside it that hold a value."""
    for key, field in model.model_fields.items():
        inside = models(field.annotation)
        yield from (name for nested in inside for name in named(nested)) if inside else [key]


# Threads of every program; a run that a person names; the numbers k of projections, no setting.
ALLOWED = {"threads", "run", "top"}


@pytest.mark.parametrize("module", PROGRAMS)
def test_a_settings_default_stands_in_its_model_alone(module):
    """A second one would stay behind when the first is changed."""
    keys, options = {*named(settings.Settings)}, command(module).params
    twice = {
        option.name
        for option in options
        if option.name in keys and not (option.required or isinstance(option, Setting))
        if isinstance(option.default, (bool, int, float, str, tuple))
    }
    assert twice <= ALLOWED
    assert {"seed", "steps", "selection"} <= keys


def test_a_folder_that_cannot_be_made_is_told_without_a_traceback(tmp_path, capsys):
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", "/proc/none"):
        words = options(output=f"{folder}/deeper/digits.npz")
        assert call(digits, *words) == 1
        said = capsys.readouterr().err
        assert re.fullmatch(r"error: \S+: .+: correct the path\n", said), said


def test_a_refusal_is_one_line_and_a_bug_a_traceback(tmp_path, capsys, monkeypatch):
    wrong = tmp_path / "wrong.npz"
    np.savez(wrong, inputs=np.array([[3.0, 4.0]]))
    words = options(problem=wrong, gram=tmp_path / "made.npy")
    assert call(gram, *words) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: inputs: row 0 has length 5, expected 1")
    assert said.count("\n") == 1

    def broken(*_):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("overparam.kernels.relu_gram", broken)
    assert call(gram, *words) == 1
    said = capsys.readouterr().err
    assert said.startswith("failed\nTraceback")
    assert said.endswith("ZeroDivisionError: a bug\n")
    assert not (tmp_path / "made.npy").exists()


def test_a_program_does_not_search_libraries_for_garbage():
    code = (
        "import atexit, gc; from pipeline import cli\n"
        "atexit.register(lambda: print(gc.get_freeze_count()))\n"
        "cli._set_up(1); print(gc.get_threshold()[0], gc.get_freeze_count())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    threshold, before, after = map(int, done.stdout.split())
    assert threshold > 50_000
    assert before == 0 < after  # what is frozen is not searched at the end
