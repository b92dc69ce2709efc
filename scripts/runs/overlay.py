"""A run of your own: another run's configuration with some settings changed.

Writes config/runs/NAME.yaml, which `make RUN=NAME` then runs. Settings are `key=value`, the key
with dots and the value as YAML: `two_layer.train.width=4096`, `two_layer.figure2.noise=[0, 0.5]`.
"""

from overparam.house import cli


@cli.program
@cli.option("--name", envvar="NAME", required=True, help="Name of the new run.")
@cli.option("--base", envvar="RUN", default="digits", help="The run it starts from.")
@cli.option("--set", "changes", envvar="SET", default="", help="Settings, separated by blanks.")
def main(name: str, base: str, changes: str) -> None:
    import yaml

    from overparam.house import files
    from scripts.runs import configs

    configs.check_free(name)
    overlay = configs.own(base)
    for key, value in configs.assignments(changes):
        configs.put(overlay, key, value)
    overlay["run"] = name
    configs.validate(overlay)
    head = f"# Run {name}: as {base}, with {changes or 'nothing changed'}\n".replace("\r", " ")
    text = yaml.safe_dump(overlay, sort_keys=False, allow_unicode=True)
    files.save_text(configs.OWN / f"{name}.yaml", head.splitlines()[0] + "\n" + text)


if __name__ == "__main__":
    main()
