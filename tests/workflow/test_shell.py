"""What jobs hand to the shell: nothing that a person or a file says is read by it as more."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

from pipeline import claims
from tests.workflow.plans import CONFIGS, plan
from tests.workflow.repository import ROOT, environment
from tests.workflow.test_rules import RULE_FILES

HOSTILE = "a $(touch hacked) `touch hacked`; touch 'hacked' \"&\" | > \\ *"
# A word that shlex quoted, of which nothing is left to the shell.
QUOTED = re.compile(r"'[^']*'|\"'\"")
PLAIN = re.compile(r"[\w@%+=:,./ \n-]*")
ENDING = re.compile(r"(&>|2>&1 \| tee )[\w./-]+$")
# Options' names, of which `job` takes each.
FIELDS = re.compile(
    r"(input|output)\.\w+:q|log:q|threads|resources\.mem_mb"
    r"|params\.(program|args|untracked|rule|code|run)"
)


def left(command):
    """What of a command's words a shell would read as more than words."""
    text = ENDING.sub("", command.replace("\\\n", " ").strip().removeprefix("3>&2 "))
    return PLAIN.sub("", QUOTED.sub("", text))


@pytest.mark.parametrize("name", CONFIGS)
def test_what_a_job_hands_to_the_shell_is_quoted(plans, name):
    jobs = plans(name).running()
    assert jobs
    assert {job.rule: left(job.command) for job in jobs if left(job.command)} == {}


@pytest.mark.parametrize("name", ["test", "digits"])
def test_what_prints_makes_nothing_and_is_quoted(plans, name):
    """Single claims and the ledger: each time that somebody asks."""
    stated = (claims.read(path.parent).claims for path in ROOT.glob("scripts/*/claims/source.yaml"))
    for target in ("claims", *(f"claim_{next(iter(ids))}" for ids in stated)):
        (job,) = plans(name, target).of(target)
        assert job.writes() == []
        assert len(job.log) == 1
        assert job.command.strip().endswith(f"2>&1 | tee {job.log[0]}")
        assert left(job.command) == ""


def test_words_that_a_shell_would_run_stay_words(project):
    values = yaml.safe_load((project / CONFIGS["test"]).read_text())
    own = f"{HOSTILE}.csv"
    (project / own).write_text("label,a\n0,1\n")
    values["data_dir"] = HOSTILE
    for data in values["data"].values():
        data |= {"source": "file", "file": own, "label_column": HOSTILE}
        data["groups"] = [[f"1{HOSTILE}"], [f"2{HOSTILE}"]]
    (project / "config/hostile.yaml").write_text(yaml.safe_dump(values))
    jobs = plan(project.folder, "config/hostile.yaml").running()
    assert {job.rule: left(job.command) for job in jobs if left(job.command)} == {}
    for program, option, value in (
        ("data.own", "--label-column", HOSTILE),
        ("data.own", "--file", own),
        ("data.prepare", "--positive", f"1{HOSTILE}"),
    ):
        found = [shlex.split(job.command) for job in jobs if job.program == program]
        assert found
        assert all(value == words[words.index(option) + 1] for words in found)


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_rule_names_no_wildcard_in_its_command(path):
    """Files by :q; options by flags(), which quotes them."""
    commands = re.findall(r"^ +shell:\n((?: {8,}.*\n|\n)+)", path.read_text(), re.MULTILINE)
    for command in commands:
        fields = re.findall(r"{(.*?)}", command)
        assert command.strip() == "COMMAND" or fields
        assert all(FIELDS.fullmatch(field) for field in fields)


@pytest.mark.parametrize("word", ["$(x)", "`x`", "x; y", "x | y", "x & y", "x > y", "*", "~", "#"])
def test_the_check_finds_what_nothing_quotes(word):
    assert left(f"python -m x --option {word} &>a.log")
    assert not left(f"python -m x --option {shlex.quote(word)} &>a.log")


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="skipped: needs /dev/full")
def test_what_a_log_on_a_full_disk_cannot_take_is_told_where_snakemake_tells(plans):
    (job,) = plans("test").of("digits")
    command = job.command.replace(job.log[0], "/dev/full")
    for path in job.writes():
        command = command.replace(path, f"/proc/{Path(path).name}")
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env=environment(), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert re.fullmatch(r"error: /proc/digits\.npz: No such file or directory: .*\n", done.stderr)
