"""Every claim with what was measured and its verdict. Knows no family of experiments by name.

INPUTS   metrics.json of every measuring job; scripts/<slice>/claims/*.yaml
OUTPUTS  results/<run>/claims.csv, claims.json   the verdicts
         results/<run>/report.html               the same as a page, with every figure
         results/<run>/timings.csv               how long each job took
         results/<run>/summary.csv               every measured figure
         figures/<run>/verdicts.svg, .png, .md   every claim's verdict, as one chart

`snakemake claim_A19` computes just what that claim needs and prints its row; `snakemake claims`
prints the table. What a whole run ends with is no job (workflow/lib/ledger.py): one that fails for
a missed claim would lose its table.
"""


use rule job as collect with:
    input:
        metrics=ledger.metrics(),
        claims=ledger.files(),
        problem=[data.path(name, "problem.npz") for name in run.used(SETTINGS)],
    output:
        table="<results>/claims.csv",
        json="<results>/claims.json",
        figures="<results>/summary.csv",
        sidecar="<beside>.json",
    pathvars:
        beside="<results>/collect",
    localrule: True
    resources:
        **cost(2, 400),
    params:
        **program("ledger.collect", ledger.args()),


use rule job as verdicts with:
    input:
        claims="<results>/claims.json",
        style=STYLE,
    output:
        svg=reported("<figures>/verdicts.svg", "all sources", "verdicts", problem="all"),
        png="<figures>/verdicts.png",
        caption="<figures>/verdicts.md",
        sidecar="<beside>.json",
    pathvars:
        beside="<results>/verdicts",
    localrule: True
    resources:
        **cost(*PLOT),
    params:
        **program("ledger.plot_verdicts", {"run": SETTINGS.run}, rule="verdicts"),


use rule job as assemble with:
    input:
        claims="<results>/claims.json",
        figure=[*ledger.figures(), "<figures>/verdicts.svg"],
    output:
        document="<results>/report.json",
        timings="<results>/timings.csv",
        sidecar="<beside>.json",
    pathvars:
        beside="<results>/assemble",
    localrule: True
    resources:
        **cost(2, 400),
    params:
        **program(
            "ledger.assemble",
            {"run": SETTINGS.run, "seed": SETTINGS.seed},
            {"data": [f"{name} ({data.about_all(name)})" for name in run.used(SETTINGS)]},
        ),


use rule job as report with:
    input:
        document="<results>/report.json",
        verdicts="<figures>/verdicts.svg",
        figure=ledger.figures(),
        caption=ledger.captions(),
        template="scripts/ledger/report.html.j2",
        css="scripts/ledger/report.css",
        js="scripts/ledger/report.js",
    output:
        report="<results>/report.html",
        sidecar="<beside>.json",
    pathvars:
        beside="<results>/report_made",
    localrule: True
    resources:
        **cost(4, 600),
    params:
        **program("ledger.report"),


rule claims:
    input:
        "<results>/claims.json",
    log:
        "<results>/claims.log",
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
            args=ledger.claim_args(claim),
        shell:
            "PYTHONPATH=src python -m scripts.ledger.claim {params.args} 2>&1 | tee {log:q}"


# The target of no other rule: a claim that nobody has stated is refused by name.
rule no_such_claim:
    input:
        ledger.refuse,
    output:
        "claim_{id}",
    localrule: True
