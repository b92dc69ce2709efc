"""The ledger: every claim with what was measured and its verdict. Knows no slice by name.

INPUTS   metrics.json of every measuring job; config/claims/<slice>.yaml
OUTPUTS  results/<run>/claims.csv, claims.json   the ledger
         results/<run>/report.html               the same as a page, with every figure
         results/<run>/timings.csv               how long each job took
         results/<run>/summary.csv               every measured figure

`snakemake claim_A19` computes just what that claim needs and prints its row; `snakemake claims`
prints the table; `snakemake verify` fails if a claim was missed.
"""


rule collect:
    input:
        metrics=ledger.metrics(),
        claims=ancient(list(ledger.paths.values())),
    output:
        table="<results>/claims.csv",
        json="<results>/claims.json",
        figures="<results>/summary.csv",
        sidecar="<results>/collect.json",
    log:
        "<results>/collect.log",
    benchmark:
        "<results>/collect.tsv"
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=resource(lambda wildcards: 400),
        runtime=5,
        seconds=2,
    params:
        rule="collect",
        code=fingerprint("scripts/ledger/collect.py"),
        planned=ledger.pinned(*ledger.paths.values()),
        args=ledger.args(),
        files=flags({"metrics": ledger.metrics()}),
    shell:
        r"""
        PYTHONPATH=src python -m scripts.ledger.collect {params.args} {params.files} \
            --table {output.table:q} --json {output.json:q} --figures {output.figures:q} \
            --limit {params.rule}:mem_mb={resources.mem_mb} {params.planned} \
            --sidecar {output.sidecar:q} --code {params.code} &>{log:q}
        """


rule assemble:
    input:
        claims="<results>/claims.json",
        figures=ledger.figures(),
    output:
        document="<results>/report.json",
        timings="<results>/timings.csv",
        sidecar="<results>/assemble.json",
    log:
        "<results>/assemble.log",
    benchmark:
        "<results>/assemble.tsv"
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=resource(lambda wildcards: 400),
        runtime=5,
        seconds=2,
    params:
        rule="assemble",
        code=fingerprint("scripts/ledger/assemble.py"),
        args=flags({"run": SETTINGS.run, "seed": SETTINGS.seed}),
        figures=flags({"figure": ledger.figures()}),
    shell:
        r"""
        PYTHONPATH=src python -m scripts.ledger.assemble {params.args} {params.figures} \
            --claims {input.claims:q} --document {output.document:q} --timings {output.timings:q} \
            --limit {params.rule}:mem_mb={resources.mem_mb} \
            --sidecar {output.sidecar:q} --code {params.code} &>{log:q}
        """


rule report:
    input:
        document="<results>/report.json",
        figures=ledger.figures(),
        captions=ledger.captions(),
        page=ancient(ledger.PAGE),
    output:
        report="<results>/report.html",
        sidecar="<results>/report_made.json",
    log:
        "<results>/report.log",
    benchmark:
        "<results>/report.tsv"
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=resource(lambda wildcards: 600),
        runtime=5,
        seconds=4,
    params:
        rule="report",
        code=fingerprint("scripts/ledger/report.py"),
        planned=ledger.pinned(*ledger.PAGE),
        files=flags({"figure": ledger.figures(), "caption": ledger.captions()}),
    shell:
        r"""
        PYTHONPATH=src python -m scripts.ledger.report {params.files} \
            --document {input.document:q} --report {output.report:q} \
            --limit {params.rule}:mem_mb={resources.mem_mb} {params.planned} \
            --sidecar {output.sidecar:q} --code {params.code} &>{log:q}
        """


rule claims:
    input:
        "<results>/claims.json",
    log:
        "<results>/verify.log",
    localrule: True
    conda:
        "../../environment.yml"
    params:
        run=flags({"run": SETTINGS.run}),
    shell:
        r"""
        PYTHONPATH=src python -m scripts.ledger.verify {params.run} --whole --lenient \
            2>&1 | tee {log:q}
        """


rule verify:
    input:
        "<results>/claims.json",
    log:
        "<results>/verify.log",
    localrule: True
    conda:
        "../../environment.yml"
    params:
        run=flags({"run": SETTINGS.run}),
    shell:
        "PYTHONPATH=src python -m scripts.ledger.verify {params.run} 2>&1 | tee {log:q}"


for claim in ledger.ids():

    rule:
        name:
            f"claim_{claim}"
        input:
            ledger.behind(claim),
        log:
            f"<results>/claim_{claim}.log",
        localrule: True
        conda:
            "../../environment.yml"
        params:
            args=ledger.row_args(claim),
            files=flags({"metrics": ledger.behind(claim)}),
        shell:
            r"""
            PYTHONPATH=src python -m scripts.ledger.row {params.args} {params.files} \
                2>&1 | tee {log:q}
            """


# The target of no other rule: a claim that nobody has stated is refused by name.
rule no_such_claim:
    input:
        ledger.refuse,
    output:
        "claim_{id}",
    localrule: True
