"""The linear-networks slice: source 004, Xu, Min, Tarmoun, Mallada, Vidal 2023 (PMLR 206).

INPUTS   the `linear_nets` key of the configuration: all data are drawn
OUTPUTS  results/<run>/linear_nets/<experiment>/linear/metrics.json
         figures/<run>/linear_nets/<experiment>_linear.csv, .svg, .png, .md
"""

for name in linear_nets.listed:

    rule:
        name:
            f"linear_{name}"
        output:
            **linear_nets.outputs(name),
            metrics=f"<results>/linear_nets/{name}/{{problem}}/metrics.json",
            sidecar=f"<results>/linear_nets/{name}/{{problem}}/{name}.json",
        log:
            f"<results>/linear_nets/{name}/{{problem}}/{name}.log",
        benchmark:
            f"<results>/linear_nets/{name}/{{problem}}/{name}.tsv"
        group:
            cluster.together(linear_nets.listed[name].stage, linear_nets.seconds(name))
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=resource(linear_nets.mb(name)),
            runtime=minutes(linear_nets.seconds(name)),
            seconds=resource(linear_nets.seconds(name)),
        params:
            rule=f"linear_{name}",
            program=name,
            code=fingerprint(f"scripts/linear_nets/{name}.py"),
            args=linear_nets.args(name),
            made=linear_nets.made(name),
        shell:
            r"""
            PYTHONPATH=src python -m scripts.linear_nets.{params.program} {params.args} \
                {params.made} --threads {threads} --metrics {output.metrics:q} \
                --limit {params.rule}:mem_mb={resources.mem_mb} \
                --sidecar {output.sidecar:q} --code {params.code} &>{log:q}
            """


for name in linear_nets.drawing:

    rule:
        name:
            f"plot_linear_{name}"
        input:
            **linear_nets.drawn(name),
            style="config/figures.mplstyle",
        output:
            svg=f"<figures>/linear_nets/{name}_{{problem}}.svg",
            png=f"<figures>/linear_nets/{name}_{{problem}}.png",
            caption=f"<figures>/linear_nets/{name}_{{problem}}.md",
            sidecar=f"<results>/linear_nets/{name}/{{problem}}/plot.json",
        log:
            f"<results>/linear_nets/{name}/{{problem}}/plot.log",
        benchmark:
            f"<results>/linear_nets/{name}/{{problem}}/plot.tsv"
        localrule: True
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=resource(lambda wildcards: 600),
            runtime=10,
            seconds=5,
        params:
            rule=f"plot_linear_{name}",
            program=f"plot_{name}",
            code=fingerprint(f"scripts/linear_nets/plot_{name}.py"),
            style=short_digest("config/figures.mplstyle"),
            args=linear_nets.caption_args(name),
            read=ledger.how_to_read("linear_nets", name),
            files=linear_nets.files(name),
        shell:
            r"""
            PYTHONPATH=src python -m scripts.linear_nets.{params.program} {params.args} \
                {params.read} {params.files} \
                --svg {output.svg:q} --png {output.png:q} --caption {output.caption:q} \
                --limit {params.rule}:mem_mb={resources.mem_mb} \
                --sidecar {output.sidecar:q} --code {params.code} &>{log:q}
            """
