"""What is the same in every rule: each is a job that says only what is its own.

`<beside>` is a job's log, benchmark and sidecar without their ending; a rule's named inputs and
outputs are options of its program (workflow/lib/jobs.py).
"""


rule job:
    output:
        sidecar="<beside>.json",
    log:
        "<beside>.log",
    benchmark:
        "<beside>.tsv"
    pathvars:
        beside="<results>/job",
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        **cost(0, 0),
    params:
        args=refuse,
    shell:
        COMMAND
