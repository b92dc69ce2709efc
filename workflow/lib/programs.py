"""What slices' measuring programs have in common: what a rule made for one reads and writes."""

from typing import Any, ClassVar, NamedTuple

from workflow.lib.flags import flags


class Experiment(NamedTuple):
    """A measuring program: the prepared set's files that it reads, and the tables it writes."""

    name: str
    reads: tuple[str, ...] = ()
    tables: tuple[str, ...] = ("table",)
    drawn: tuple[str, ...] = ()
    """What its figure is drawn from: option=experiment.table; none if it has no figure."""
    stage: str = "measuring"
    """When it can run: `tables` if it reads trained networks."""


class Programs:
    """The measuring programs of a slice, `scripts/<folder>/<name>.py`, and those that draw."""

    folder: ClassVar[str]
    listed: ClassVar[dict[str, Experiment]]

    @property
    def drawing(self) -> list[str]:
        """Those that have a figure."""
        return [name for name, one in self.listed.items() if one.drawn]

    def outputs(self, name: str) -> dict[str, str]:
        """The rule's tables, by option."""
        return {table: self._table(name, table) for table in self.listed[name].tables}

    def tables(self, name: str, problem: str) -> list[str]:
        """A job's tables."""
        return [path.format(problem=problem) for path in self.outputs(name).values()]

    def _table(self, name: str, table: str) -> str:
        end = "" if table == "table" else f"_{table}"
        return f"<figures>/{self.folder}/{name}_{{problem}}{end}.csv"

    def made(self, name: str) -> Any:
        """The rule's parameter that hands its tables' paths to the program."""
        return lambda wildcards, output: flags(
            {table: output[table] for table in self.listed[name].tables}
        )

    def files(self, name: str) -> Any:
        """The rule's parameter that hands its inputs to the program."""
        return lambda wildcards, input: flags(
            {key: value if isinstance(value, str) else list(value) for key, value in input.items()}
        )

    def drawn(self, name: str) -> dict[str, str]:
        """The tables that a figure is drawn from, by option."""
        pairs = (one.split("=") for one in self.listed[name].drawn)
        return {option: self._table(*table.split(".")) for option, table in pairs}
