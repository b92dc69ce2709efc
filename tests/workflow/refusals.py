"""Configurations that cannot work: one clear message that names the key, and nothing is made."""

from tests.workflow.repository import Repository, fresh, refused, shared

MADE = ("results", "figures", "data")


def clone(factory, name: str) -> Repository:
    """A new clone for the runs of one file of tests, which are refused when they are planned."""
    return Repository(shared(factory, f"refusing {name}", fresh))


def is_refused(tree: Repository, changes: dict[str, object], *said: str) -> bool:
    """The test run with these settings changed is refused with these words, each said once."""
    before = tree.files(*MADE)
    done = tree.dry(config=tree.overlay("wrong", changes))
    assert refused(done, *said)
    told = done.stdout + done.stderr
    assert {words: told.count(words) for words in said} == dict.fromkeys(said, 1)
    assert tree.files(*MADE) == before
    return True
