"""YAML is read as a person reads it, or refused by file, line and key."""

from pathlib import Path

import pytest
import yaml

from overparam.errors import Refusal
from pipeline import plain_yaml
from pipeline.archives import load_registry
from pipeline.claims import outline
from pipeline.settings import validate
from scripts.runs import configs
from tests.workflow.repository import ROOT, listed
from workflow.settings.run import Settings


@pytest.mark.parametrize(
    "number", ["010", "-07", "+00", "12:30", "1_0", "0b11", "0x1F", "1_0.5", "1:30.5"]
)
def test_a_number_that_reads_otherwise_in_decimal_digits_is_refused_by_key(number):
    for text, key in ((f"a: {{b: [1, {number}]}}", "a.b.1"), (f"{number}: 1", number)):
        with pytest.raises(Refusal) as refusal:
            plain_yaml.parse(text)
        read = yaml.safe_load(number)
        assert str(refusal.value).startswith(f"{key}: found {number}, which YAML reads as {read}, ")
        assert plain_yaml.parse(text.replace(number, f"'{number}'")) == yaml.safe_load(
            text.replace(number, f"'{number}'")
        )


@pytest.mark.parametrize(
    "text", ["[0, -1, +2, 10, 0.5, 00.5, 1.e-3, .inf, 1e3, 08]", "", "&a [*a]"]
)
def test_plain_numbers_and_text_are_read_as_ever(text):
    assert str(plain_yaml.parse(text)) == str(yaml.safe_load(text))


@pytest.mark.parametrize("name", ["b", "'b'", '"b"'])
def test_the_same_key_twice_is_refused_by_line_and_key(name):
    with pytest.raises(Refusal, match=r"^a\.0\.b: found in line 2 and in line 4, expected each"):
        plain_yaml.parse(f"a:\n- b: 1\n  c: 2\n  {name}: 3\n")


def test_keys_that_a_merge_brings_in_may_be_there_too():
    text = "a: &a {b: 1, c: 2}\nd:\n  <<: *a\n  b: 3\n"
    assert plain_yaml.parse(text)["d"] == {"b": 3, "c": 2}


def bomb(levels: int) -> str:
    """Lists of aliases of lists: 9 to that power of a's."""
    lists = [f"&n{i} [{', '.join([f'*n{i - 1}' if i else 'a'] * 9)}]" for i in range(levels)]
    return f"only: [{', '.join(lists)}]"


@pytest.mark.parametrize("levels", [5, 40])
def test_aliases_of_aliases_are_refused_before_they_are_written_out(tmp_path, levels):
    (tmp_path / "own.yaml").write_text(bomb(levels))
    with pytest.raises(Refusal, match=r"own\.yaml: aliases: found more than 10000 values"):
        configs.read(tmp_path / "own.yaml")


def test_lists_that_are_too_deep_to_read_are_refused():
    with pytest.raises(Refusal, match="a: found them nested too deeply"):
        plain_yaml.parse("[" * 2000 + "]" * 2000, "a")


def test_a_message_repeats_the_ends_of_what_is_long_and_the_first_of_many_mistakes():
    said = r"^configuration:\n  seed: found 'x{400,500} … \d+ characters … x+', expected a valid "
    with pytest.raises(Refusal, match=said):
        validate(Settings, {"seed": "x" * 10_000})
    with pytest.raises(Refusal, match=r"(?s)  only\.18: .*\n  … and 981 lines more$"):
        validate(Settings, {"only": [1] * 1000})


def test_a_file_that_cannot_be_read_is_not_called_bad_yaml(tmp_path):
    for path, why in ((tmp_path, "Is a directory"), (tmp_path / "none.yaml", "No such file")):
        with pytest.raises(Refusal, match=rf"{path.name}: found {why}.*, expected a file that can"):
            plain_yaml.read(path)


READERS = [configs.read, load_registry, lambda path: outline(path.parent)]


@pytest.mark.parametrize("read", READERS, ids=["run", "registry", "claims"])
@pytest.mark.parametrize(
    ("text", "said"),
    [("a:\n  b: 1\n  b: 2\n", "a.b: found in line 2 and"), ("a: [010]\n", "a.0: found 010")],
)
def test_every_file_that_a_person_writes_is_read_so(tmp_path, read, text, said):
    path = tmp_path / "source.yaml"
    path.write_text(text)
    with pytest.raises(Refusal) as refusal:
        read(path)
    assert str(refusal.value).startswith(f"{path}: {said}")


def test_every_file_of_the_project_says_what_it_seems_to():
    for name in listed("*.yaml", "*.yml"):
        text = Path(ROOT, name).read_text("utf-8")
        assert plain_yaml.parse(text) == yaml.load(text, yaml.CSafeLoader), name
