"""Write the default configuration, its schema for editors and the tables of settings for readers.

All come from the models in workflow/settings and in the slices. `--check` writes nothing and fails
(status 1) if a file is not what they say.
"""

from pipeline import cli


@cli.program
@cli.option("--check", is_flag=True, help="Only compare.")
def main(check: bool) -> None:
    from pathlib import Path

    from overparam.errors import Refusal
    from pipeline import files
    from scripts.runs import documents
    from workflow.settings.run import Settings

    if not check:
        files.save_text(documents.SCHEMA, documents.schema(Settings))
    for path, text in documents.generated().items():
        if not check:
            files.save_text(path, text)
        elif not Path(path).is_file() or Path(path).read_text() != text:
            raise Refusal(
                f"{path}: found other text than the settings' models give, expected the same. If "
                "you changed a model, run make config; changes for one run belong in a run of "
                "your own: make run NAME=… SET=…"
            )


if __name__ == "__main__":
    main()
