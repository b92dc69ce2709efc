"""The commit that a sidecar names is one of this project, or none; and what a job read is held
against the sidecar of the job that wrote it."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from overparam.errors import Refusal
from pipeline import files, provenance


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A copy of the project, as far as it matters, in a repository's folder."""
    root = tmp_path / "copy"
    root.mkdir()
    (root / "Snakefile").touch()
    monkeypatch.setattr(provenance, "ROOT", root)
    return root


def repository(folder, *tracked):
    git = ("git", "-C", str(folder), "-c", "user.email=a@b", "-c", "user.name=n")
    for words in (["init", "-q"], ["add", "-f", *tracked], ["commit", "-qm", "x", "--allow-empty"]):
        if words != ["add", "-f"]:
            subprocess.run([*git, *words], check=True)


def test_its_own_commit_counts(tree):
    repository(tree, "Snakefile")
    assert re.fullmatch("[0-9a-f]{12}", provenance._commit())
    (tree / "Snakefile").write_text("edited")
    assert re.fullmatch("[0-9a-f]{12}-dirty", provenance._commit())


@pytest.mark.parametrize("tracked", [[], ["copy/Snakefile"]])
def test_the_commit_of_a_repository_around_it_does_not(tree, tracked):
    """A paper's, or a home folder's, whether or not the project was added to it."""
    repository(tree.parent, *tracked)
    assert provenance._commit() is None


def test_nor_does_that_of_a_hook_that_runs_it(tree, tmp_path, monkeypatch):
    other = tmp_path / "other"
    other.mkdir()
    (other / "Snakefile").touch()
    repository(other, "Snakefile")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    assert provenance._commit() is None
    monkeypatch.delenv("GIT_DIR")
    repository(tree, "Snakefile")
    own = provenance._commit()
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    assert provenance._commit() == own


def test_nor_does_one_that_does_not_know_it(tree):
    repository(tree)
    assert provenance._commit() is None


def test_without_a_repository_there_is_none(tree, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tree.parent))
    assert provenance._commit() is None


GRAM = "results/shared/set/gram.npy"


@pytest.fixture
def gram(tmp_path, monkeypatch):
    """A file that a job wrote, and its digest."""
    monkeypatch.chdir(tmp_path)
    files.save_text(GRAM, "as it was")
    notes("gram", GRAM)
    return {GRAM: files.digest(GRAM)}


def notes(name, path, started="2026-01-01"):
    """The sidecar of a job that wrote a file as it is now."""
    outputs = {"outputs": provenance.hashes({"output": [path]}), "started": started}
    files.save_json(
        Path("results/shared/set", f"{name}.json"), dict.fromkeys(provenance.KEYS, "") | outputs
    )


def test_a_file_is_read_as_it_was_written_or_not_at_all(gram):
    provenance.check(gram, ())
    provenance.check_files(GRAM)
    Path(GRAM).write_text("as it is!")
    found, expected = files.digest(GRAM)[:12], gram[GRAM][:12]
    said = (
        f"{GRAM}: changed since it was written: found SHA-256 {found}…, expected {expected}…, as "
        "in results/shared/set/gram.json: delete the file and run again"
    )
    for path in (GRAM, f"./{GRAM}", str(Path(GRAM).resolve())):  # by hand, too
        with pytest.raises(Refusal) as told:
            provenance.check_files(path)
        assert str(told.value) == said.replace(GRAM, path, 1)


def test_a_job_reads_no_file_of_a_run_that_no_sidecar_names(gram):
    own = {"results/shared/set/own.npy": "0" * 64}
    with pytest.raises(
        Refusal, match=r"own\.npy: found no sidecar that names it, .*delete the file"
    ):
        provenance.check(own, ())
    provenance.check(own, own)  # it was planned with its digest
    provenance.check(own, None)  # by hand
    provenance.check({"/elsewhere/own.npy": "0" * 64, "own.csv": "0" * 64}, ())


def test_of_two_sidecars_that_name_a_file_the_last_jobs_counts(gram):
    Path(GRAM).write_text("other code wrote it")
    notes("renamed", GRAM, started="2026-01-02")
    provenance.check_files(GRAM)
    notes("older", GRAM, started="2025-12-31")
    Path(GRAM).write_text("damaged")
    notes("older", GRAM, started="2025-12-31")
    with pytest.raises(Refusal, match=r"as in results/shared/set/renamed\.json"):
        provenance.check_files(GRAM)


@pytest.mark.parametrize(
    "damage", [lambda text: text[:-9], lambda text: text.replace("out", "uot")]
)
def test_a_damaged_sidecar_vouches_for_nothing(gram, damage):
    sidecar = Path(GRAM).with_suffix(".json")
    other = {"results/shared/set/problem.npz": "0" * 64}
    sidecar.write_text(damage(sidecar.read_text()))
    provenance.check(other, None)
    with pytest.raises(Refusal, match="found no sidecar that names it"):
        provenance.check(gram, ())


def test_a_sidecar_that_is_no_json_is_named(gram):
    sidecar = Path(GRAM).with_suffix(".json")
    assert provenance.read(sidecar)["outputs"] == {"output": gram}
    sidecar.write_text(json.dumps({"measured": 1}))
    assert provenance.read(sidecar) is None
    sidecar.write_bytes(b"\xff{")
    with pytest.raises(Refusal, match=rf"^{sidecar}: found .*, expected JSON: type make adopt "):
        provenance.read(sidecar)
