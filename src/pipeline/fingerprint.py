"""What a program's code means: a hash over it and every project module that it imports.

Comments, docstrings, layout and modification times do not enter it; any other edit does. Rules
take it as a parameter, so Snakemake reruns exactly the jobs whose code means something else.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from overparam.errors import Refusal
from pipeline.texts import Kept, Text

# Top-level packages of the project, and the folder that each is imported from.
ROOTS = {"overparam": "src", "pipeline": "src", "scripts": "."}
# Modules that cannot change a number: they parse options, log, show progress, take notes and limit
# memory.
UNCOUNTED = {
    "src/overparam/errors.py",
    "src/pipeline/cli.py",
    "src/pipeline/experiment.py",
    "src/pipeline/fingerprint.py",
    "src/pipeline/running/memory.py",
    "src/pipeline/progress.py",
    "src/pipeline/provenance.py",
    "src/pipeline/settings.py",
    "src/pipeline/texts.py",
}

# Declarations of experiments: a planned job is told every setting, and those are tracked by value.
DECLARED = re.compile(r"scripts/\w+/slice\.py")


def fingerprint(program: str, repository: str | Path = ".") -> str:
    """Twelve hexadecimal digits of the code behind `program`, a path such as `scripts/x/y.py`.

    Raises Refusal if a project import resolves to no file, or if a file does not parse.
    """
    return Sources(repository).fingerprint(program)


def closure(program: str, repository: str | Path = ".") -> list[str]:
    """Paths of `program` and of every project module it imports, directly or not, sorted."""
    return Sources(repository).closure(program)


class Sources:
    """The Python files of a repository as they are now, each read once: programs share most."""

    def __init__(self, repository: str | Path = ".") -> None:
        self.root = Path(repository)
        self._kept = Kept(self.root)
        self._texts: dict[str, Text] = {}
        self._imports: dict[str, list[str]] = {}

    def fingerprint(self, program: str) -> str:
        """As the function of that name."""
        digest = hashlib.sha256()
        for path in self.closure(program):
            if path not in UNCOUNTED:
                digest.update(f"{path}\n".encode())
                digest.update(self._text(path).meaning.encode())
        self._kept.save()
        return digest.hexdigest()[:12]

    def closure(self, program: str) -> list[str]:
        """As the function of that name."""
        seen = set()
        # `python -m` runs the packages that the program lies in first.
        packages = [(folder / "__init__.py").as_posix() for folder in Path(program).parents]
        todo = [str(program), *(path for path in packages if (self.root / path).is_file())]
        while todo:
            path = todo.pop()
            if path not in seen and not DECLARED.fullmatch(path):
                seen.add(path)
                todo += self._imported(path)
        return sorted(seen)

    def libraries(self, program: str) -> set[str]:
        """Packages from elsewhere that `program`, or a module that it imports, names."""
        texts = map(self._text, self.closure(program))
        modules = (module for text in texts for _, _, module, _ in text.imports)
        return {module.partition(".")[0] for module in modules} - {*ROOTS}

    def _text(self, path: str) -> Text:
        if path not in self._texts:
            try:
                self._texts[path] = self._kept.text((self.root / path).read_bytes())
            except SyntaxError as problem:
                raise Refusal(
                    f"{self.root / path}:{problem.lineno}: {problem.msg}, expected Python code"
                ) from None
        return self._texts[path]

    def _imported(self, path: str) -> list[str]:
        """Project files that the import statements of one file run."""
        if path not in self._imports:
            self._imports[path] = list(self._resolved(path))
        return self._imports[path]

    def _resolved(self, path: str) -> Iterator[str]:
        for line, level, module, names in self._text(path).imports:
            if level:
                raise Refusal(
                    f"{path}:{line}: found a relative import, expected the full name: "
                    "fingerprints follow full names"
                )
            if module.partition(".")[0] not in ROOTS:
                continue
            files = list(self._files(path, module, required=True))
            yield from files
            package = files[-1].endswith("__init__.py")
            inside = {*self._text(files[-1]).bound, "*"} if package and names else set()
            for name in names:
                # `from package import name`: the name is a module or something inside __init__.py.
                required = package and name not in inside
                yield from self._files(path, f"{module}.{name}", required)

    def _files(self, importer: str, module: str, required: bool) -> Iterator[str]:
        """The files that importing `module` runs: its packages' __init__.py, then its own."""
        top, *_ = parts = module.split(".")
        # Paths as text: a plan asks for thousands of them.
        stem = "" if ROOTS[top] == "." else f"{ROOTS[top]}/"
        for depth, part in enumerate(parts):
            stem += f"/{part}" if depth else part
            for candidate in (f"{stem}/__init__.py", f"{stem}.py"):
                if os.path.isfile(f"{self.root}/{candidate}"):
                    yield candidate
                    break
            else:
                if required:
                    raise Refusal(
                        f"{importer}: imports {module}, expected a file {stem}.py or "
                        f"{stem}/__init__.py, and there is none"
                    )
