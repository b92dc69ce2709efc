"""One front door for every program: options, threads, log, messages and the sidecar.

A program imports what is slow inside its function, so that `--help` answers at once and the
number of threads is set before NumPy or torch is loaded.
"""

import atexit
import errno
import gc
import logging
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import click

from overparam.errors import Refusal
from pipeline.fingerprint import Sources
from pipeline.running.memory import Limit, short
from pipeline.threads import set_threads

log = logging.getLogger("overparam")
option = click.option


def choice(*values: str) -> click.Choice[str]:
    """One of some words."""
    return click.Choice(values)


def count(least: int = 1) -> click.IntRange:
    """A whole number of at least `least`."""
    return click.IntRange(min=least)


# The variable by which a rule's command says where its messages go if its log takes none.
ASIDE = "OVERPARAM_ASIDE"
# Options of every program that decide no number.
NOTED = {"sidecar", "code", "planned", "limit"}


class InputFile(click.Path):
    """A file that the program reads; its hash goes into the sidecar."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False, readable=True)


class SearchedFolder(click.Path):
    """A folder in which files of known hashes are looked for; no setting, since it changes nothing
    in a result. One that may not be read is told of by who looks there."""

    def __init__(self) -> None:
        super().__init__(readable=False)


class OutputFile(click.Path):
    """A file that the program writes; its hash goes into the sidecar."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False)


class Program:
    """The `main(argv=None)` of a module that is run from the command line."""

    def __init__(self, command: click.Command, doc: str | None) -> None:
        self.command, self.__doc__ = command, doc

    def __call__(self, argv: Sequence[str] | None = None) -> None:
        name = str(self.command.name).removesuffix(".py").replace("/", ".")
        self.command.main(args=argv, prog_name=f"python -m {name}")


def program(function: Callable[..., None]) -> Program:
    """Turn a function with `option` decorators into `main(argv=None)`.

    The help is the docstring of the function's module. `main` exits with status 0, 1 (refused or
    failed, after one message) or 2 (wrong usage), as `SystemExit`.
    """
    module = sys.modules[function.__module__]
    file = Path(str(module.__file__)).resolve()
    root, path = file.parents[2], Path(*file.parts[-3:]).as_posix()

    def run(
        threads: int, sidecar: str | None, code: str | None, planned: tuple[str, ...],
        limit: str | None, **settings: Any,
    ) -> None:  # fmt: skip
        _set_up(threads)
        started = datetime.now(UTC)
        with _messages(limit), _heartbeat(path, sidecar):
            sources = Sources(root)
            # A GPU's driver sets aside far more than it uses.
            if limit and settings.get("device") != "cuda":
                Limit.read(limit).set(threads, sources.libraries(path))
            by_hand, code = code is None, _check_code(sources, path, code)
            said = _sorted(command, settings | {"threads": threads})
            inputs = _checked(said.inputs, planned, by_hand)
            click.get_current_context().meta[__name__] = path, code, inputs
            function(**settings)
            if sidecar:
                from pipeline import provenance

                named = said.settings, inputs, said.outputs
                provenance.write(sidecar, path, code, *named, started)

    command = click.Command(
        name=path,
        help=module.__doc__,
        callback=run,
        params=[*getattr(function, "__click_params__", [])[::-1], *_common_options()],
        context_settings={"max_content_width": 100, "show_default": True},
    )

    return Program(command, module.__doc__)


def described(
    run: Callable[..., None], function: Callable[..., Any], options: Sequence[click.Parameter]
) -> Callable[..., None]:
    """`run` as the program of the module that `function` stands in, with these options."""
    run.__module__ = function.__module__
    run.__click_params__ = [*options][::-1]  # type: ignore[attr-defined]
    return run


def identity() -> dict[str, Any]:
    """What decides every number that the running program computes, as JSON values.

    Its code, its options, its inputs' digests, its threads, and the libraries and the processor
    that compute: import those before. Where it writes does not enter.
    """
    from pipeline import provenance

    context = click.get_current_context()
    program, code, inputs = context.meta[__name__]
    values = {key: value for key, value in context.params.items() if key not in NOTED}
    said = _sorted(context.command, values)
    return {
        "program": program,
        "code": code,
        "settings": said.settings,
        "inputs": {key: [*listed.values()] for key, listed in inputs.items()},
        "machine": provenance.machine(said.settings.get("device", "cpu")),
    }


def _common_options() -> list[click.Parameter]:
    return [
        click.Option(
            ["--threads"],
            type=click.IntRange(min=1),
            default=1,
            help="Mathematical threads; the last bits of a result depend on their number.",
        ),
        click.Option(
            ["--sidecar"],
            type=OutputFile(),
            help="Write versions, settings and the hashes of inputs and outputs to this JSON file.",
        ),
        click.Option(
            ["--code"],
            help="Fingerprint of the code that this job was planned with; other code is refused.",
        ),
        click.Option(
            ["--planned"],
            multiple=True,
            help="A file and the digest that this job was planned with; other bytes are refused.",
        ),
        click.Option(["--limit"], help="Memory that it may take: the rule's name:mem_mb=MB."),
    ]


def _set_up(threads: int) -> None:
    """Send the log to standard error, set the threads before a numerical library loads, and keep
    Python from looking for garbage in it."""
    # Libraries make many objects and hardly any garbage: to look for it while they load, and once
    # more at the end, takes a quarter of a short job's time.
    gc.set_threshold(100_000, 50, 100)
    atexit.unregister(gc.freeze)  # once, however many programs this process runs
    atexit.register(gc.freeze)
    logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%H:%M:%S", level=logging.WARNING)
    log.setLevel(logging.INFO)
    set_threads(threads)


def _check_code(sources: Sources, path: str, planned: str | None) -> str:
    """The fingerprint of the program as it is now; Refusal if another one was planned."""
    found = sources.fingerprint(path)
    if planned is not None and planned != found:
        raise Refusal(
            f"{path}: it or a module that it imports changed since this run was planned "
            f"(expected fingerprint {planned}, found {found}): start the run again"
        )
    return found


def _checked(
    inputs: Mapping[str, list[str]], planned: Sequence[str], by_hand: bool
) -> dict[str, dict[str, str]]:
    """The digests of what is read; Refusal if that is not what was planned, or was written."""
    if not inputs:
        return {}
    from pipeline import provenance

    hashes = provenance.hashes(inputs)
    expected = {path: digest for path, _, digest in (file.rpartition("=") for file in planned)}
    _check_planned(expected, provenance.by_path(hashes))
    provenance.check(provenance.by_path(hashes), None if by_hand else expected)
    return hashes


def _check_planned(expected: Mapping[str, str], digests: Mapping[str, str]) -> None:
    """Refuse a file that is not as it was planned: Snakemake notes that what is made of it is."""
    for path, digest in expected.items():
        found = digests.get(path, "none")[: len(digest)]
        if found != digest:
            raise Refusal(
                f"{path}: it changed since this run was planned (expected digest {digest}, found "
                f"{found}): start the run again"
            )


def _heartbeat(path: str, sidecar: str | None) -> AbstractContextManager[None]:
    """A job whose log nobody watches says every ten seconds that it is at work."""
    if sidecar is None or sys.stderr.isatty():
        return nullcontext()
    from pipeline.progress import heartbeat

    return heartbeat(Path(path).stem)


class _messages:
    """One clear message and status 1 for what a person can correct; a traceback for the rest."""

    def __init__(self, limit: str | None) -> None:
        self.limit = limit

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type | None, problem: BaseException | None, trace: object) -> None:
        told = (SystemExit, KeyboardInterrupt, click.Abort, click.ClickException)
        if problem is None or isinstance(problem, told):
            return
        if isinstance(problem, BrokenPipeError):  # whoever read along has gone
            raise SystemExit(1) from None
        if isinstance(problem, Refusal):
            _say(f"error: {problem}")
        elif isinstance(problem, OSError) and (mend := _mend(problem)):
            _say(f"error: {problem.filename or 'output'}: {problem.strerror}: {mend}")
        elif short(problem):
            mend = "lower n or m, or run where more memory is free"
            mend = Limit.read(self.limit).mend() if self.limit else mend
            _say(f"error: out of memory: {mend}")
        else:
            _say("".join(["failed\n", *traceback.format_exception(problem)]).rstrip())
        raise SystemExit(1) from None


def _say(message: str) -> None:
    """Tell on standard error; where that is a log on a full disk, on what it was before the log."""
    try:
        sys.stdout.flush()
        click.echo(message, err=True)
    except OSError:
        with suppress(OSError, ValueError):
            os.write(int(os.environ.get(ASIDE, "")), f"{message}\n".encode())


def _mend(problem: OSError) -> str | None:
    """What to do about it: a folder that cannot be written to is another's than one's own data."""
    from pipeline.files import Unwritable

    found = _UNWRITABLE if isinstance(problem, Unwritable) else _OTHERWISE
    return found.get(problem.errno or 0) or _FULL.get(problem.errno or 0)


_FULL = {
    errno.ENOSPC: "free disk space and run again; nothing half-written was left",
    errno.EDQUOT: "free some of your quota and run again; nothing half-written was left",
    errno.EROFS: "the folder is read-only: run in a folder that can be written to",
    errno.ENAMETOOLONG: "shorten the name",
}
_UNWRITABLE = {
    errno.EACCES: "no permission: run in a folder that you may write to",
    errno.ENOENT: "no such folder can be made there: correct the path",
    errno.ENOTDIR: "a file stands where a folder is expected: correct the path",
    errno.EEXIST: "a file stands where a folder is expected: correct the path",
}
_OTHERWISE = {
    errno.EACCES: "no permission: give yourself some (chmod), or name another path",
    errno.ENOENT: "it is not there: correct the path",
    errno.ENOTDIR: "a file stands where a folder is expected: correct the path",
    errno.EISDIR: "a folder stands where a file is expected: correct the path",
}


class Options(NamedTuple):
    """What a command line says, by option."""

    settings: dict[str, Any]
    inputs: dict[str, list[str]]
    outputs: dict[str, list[str]]


def _sorted(command: click.Command, values: Mapping[str, Any]) -> Options:
    """Sort options into settings, inputs and outputs, as the sidecar has them."""
    kinds = {parameter.name: parameter.type for parameter in command.params}

    def files(kind: type) -> dict[str, list[str]]:
        named = {key: value for key, value in values.items() if isinstance(kinds[key], kind)}
        listed = {key: [value] if isinstance(value, str) else value for key, value in named.items()}
        return {key: list(value) for key, value in listed.items() if value}

    inputs, outputs = files(InputFile), files(OutputFile)
    plain = {
        key: value
        for key, value in values.items()
        if key not in {*inputs, *outputs} and not isinstance(kinds[key], SearchedFolder)
    }
    return Options(plain, inputs, outputs)


def read_command(command: click.Command, words: Sequence[str]) -> Options:
    """What a program's sidecar would say of a command line; Refusal for what it would not take."""
    try:
        values = command.make_context(command.name, list(words)).params
    except click.ClickException as problem:
        raise Refusal(problem.format_message()) from None
    return _sorted(command, {key: values[key] for key in values if key not in NOTED})
