"""Holds a program at a point, to be killed there or for a look at what lies about then.

Programs know nothing of it. A test puts this file into its copy of the project, as
src/sitecustomize.py, which Python imports by itself before a program starts there; other copies are
as they are. It stands in place of the computer's own module of that name, which Debian ships (for
reports of crashes).

HOLD_AT="training 400 /path/of/a/file" holds the first program that comes to that point: it writes
its number to that file, which must not be there, and waits for ever. Points:

- `begin <program>`, `end <program>`: before it computes; once all its files are there.
- `step <n>`: after the n-th step that walks of the toy slice take, whose checkpoint is kept if due.
- `writing <name>`: a file of that name has all its bytes, still under its temporary name.
"""

import functools
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import IO, Any

ASKED = os.environ.get("HOLD_AT", "").split(" ", 2)


def hold(point: str, which: object) -> None:
    """Stop here if this point is the one that was asked for."""
    if ASKED[:2] != [point, str(which)]:
        return
    with suppress(FileExistsError), open(ASKED[2], "x") as file:
        file.write(f"{os.getpid()}\n")
        file.flush()
        while True:
            signal.pause()


def program() -> str:
    """The program that runs: `walk` is scripts/toy/walk.py."""
    return Path(sys.argv[0]).stem


def in_cli(module: ModuleType) -> None:
    """Hold programs as they begin and as they end."""
    original = module.program

    def held(function: Callable[..., None]) -> Callable[[Sequence[str] | None], None]:
        @functools.wraps(function)
        def begun(**settings: Any) -> None:
            hold("begin", program())
            function(**settings)

        main = original(begun)
        run = main.command.callback

        def ended(**settings: Any) -> None:
            run(**settings)
            hold("end", program())

        main.command.callback = ended
        return main

    module.program = held


def in_walks(module: ModuleType) -> None:
    """Hold random walks after a step: the first place of each is none."""
    original, taken = module.walk, 0

    @functools.wraps(original)
    def held(*given: Any) -> Iterator[Any]:
        nonlocal taken
        for at, place in enumerate(original(*given)):
            yield place
            if at:
                taken += 1
                hold("step", taken)

    module.walk = held


def in_files(module: ModuleType) -> None:
    """Hold what writes a file before it gets its name."""
    original = module.whole

    @contextmanager
    def held(path: str | Path) -> Iterator[IO[bytes]]:
        with original(path) as file:
            yield file
            file.flush()
            hold("writing", Path(path).name)

    module.whole = held


CHANGES = {
    "pipeline.cli": in_cli,
    "overparam.toy.walks": in_walks,
    "pipeline.files": in_files,
}


class Changed(MetaPathFinder):
    """Finds these modules where they lie, and changes them as soon as they are loaded."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in CHANGES:
            return None
        spec = PathFinder.find_spec(name, path, target)
        load = spec.loader.exec_module

        def loaded(module: ModuleType) -> None:
            load(module)
            CHANGES[name](module)

        spec.loader.exec_module = loaded
        return spec


if ASKED != [""]:
    sys.meta_path.insert(0, Changed())
