"""Take over results that came without Snakemake's notes: copied, unpacked, cloned.

A result is accepted if its sidecar agrees with what would be planned now: the code that made it,
its settings, and the bytes of its inputs and outputs. Snakemake then has nothing to do for it; each
of the others is named here with the reason, and will be made anew.
"""

from typing import TYPE_CHECKING

from pipeline import cli

if TYPE_CHECKING:
    from pipeline.running.dag import Found, Made


@cli.program
@cli.option("--configfile", type=cli.InputFile(), required=True, help="The run's configuration.")
@cli.option("--cores", type=cli.count(), help="Cores; all of this computer's if not given.")
def main(configfile: str, cores: int | None) -> None:
    from snakemake.utils import available_cpu_count

    from pipeline.running.dag import take_over
    from scripts.ledger.sidecar_check import examine

    accepted, refused = [], {}

    def judge(job: "Made") -> "Found":
        found = examine(job)
        other_code = found.code not in (None, job.code)
        reasons = [*(["made by other code"] if other_code else []), *found.faults]
        for reason in reasons:
            refused.setdefault(reason, []).append(job.sidecar)
        if not reasons:
            accepted.append(job.sidecar)
        return found

    take_over(configfile, cores or available_cpu_count(), judge)
    for reason, sidecars in sorted(refused.items()):
        print("\n  ".join([f"{reason}:", *sorted(sidecars)]))
    others = len({path for sidecars in refused.values() for path in sidecars})
    print(
        f"{len(accepted)} results accepted, {others} to be made anew"
        f"{', as is what depends on them' if others else ''}."
    )


if __name__ == "__main__":
    main()
