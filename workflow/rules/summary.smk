"""The summary: what every slice measured, in one table. Knows no slice by name.

INPUTS   metrics.json of every measuring job
OUTPUTS  results/<run>/summary.csv
"""


rule summary:
    input:
        metrics=[one.metrics() for one in SLICES],
    output:
        table="<results>/summary.csv",
        sidecar="<results>/summary.json",
    log:
        "<results>/summary.log",
    benchmark:
        "<results>/summary.tsv"
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=400,
        runtime=5,
        seconds=2,
    params:
        code=fingerprint("scripts/runs/collect.py"),
        files=lambda wildcards, input: flags({"metrics": list(input.metrics)}),
    shell:
        r"""
        PYTHONPATH=src python -m scripts.runs.collect {params.files} \
            --table {output.table:q} --sidecar {output.sidecar:q} --code {params.code} &>{log:q}
        """
