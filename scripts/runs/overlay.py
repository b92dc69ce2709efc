"""A run of your own: another run's configuration with some settings changed.

Writes config/runs/NAME.yaml, which `make RUN=NAME` then runs. Settings are `key=value`, the key
with dots and the value as YAML: `two_layer.train.width=4096`, `two_layer.figure2.noise=[0,0.5]`.
A file that was written or edited by hand is never written over.
"""

import hashlib
from typing import Any

from overparam.errors import Refusal
from pipeline import cli

# Before the digest of what follows: by it an edit is known.
MARK = "# by make run; once it is edited it is not written over: "


@cli.program
@cli.option("--name", envvar="NAME", required=True, help="Name of the new run.")
@cli.option("--base", envvar="RUN", default="digits", help="The run it starts from.")
@cli.option("--set", "changes", envvar="SET", default="", help="Settings, separated by blanks.")
def main(name: str, base: str, changes: str) -> None:
    from scripts.runs import configs

    configs.check_free(name)
    overlay = configs.own(base)
    for key, value in configs.assignments(changes).items():
        configs.put(overlay, key, value)
    overlay["run"] = name
    configs.validate(overlay)
    write(name, overlay, f"as {base}, with {changes or 'nothing changed'}")


def write(name: str, overlay: dict[str, Any], said: str) -> None:
    """Write a run's configuration; Refusal if a person wrote or edited it."""
    import yaml

    from pipeline import files
    from scripts.runs import configs

    path = configs.OWN / f"{name}.yaml"
    if path.is_file() and not _written(path.read_text("utf-8", errors="replace")):
        raise Refusal(
            f"{path}: written or edited by hand, expected one that make wrote: put the settings "
            f"there and type make RUN={name}, or give another NAME"
        )
    first, *_ = f"Run {name}: {said}\n".replace("\r", " ").splitlines()
    body = yaml.safe_dump(overlay, sort_keys=False, allow_unicode=True)
    files.save_text(path, f"# {first}\n{MARK}{_digest(body)}\n{body}")


def _written(text: str) -> bool:
    """Whether a file is as this program wrote it."""
    _, mark, body = [*text.split("\n", 2), "", ""][:3]
    return mark == f"{MARK}{_digest(body)}"


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:12]


if __name__ == "__main__":
    main()
