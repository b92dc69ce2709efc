"""The two-layer slice's experiments beside its figures: one rule for each, and one for its figure.

INPUTS   results/shared/<set>/…, other jobs of the slice, the experiments' keys under `two_layer`
OUTPUTS  results/<run>/two_layer/<experiment>/<problem>/metrics.json
         figures/<run>/two_layer/<experiment>_<problem>.csv, .svg, .png, .md
"""

for name in two_layer.experiments.listed:

    rule:
        name:
            name
        input:
            unpack(two_layer.experiments.inputs(name)),
        output:
            **two_layer.experiments.outputs(name),
            metrics=f"<results>/two_layer/{name}/{{problem}}/metrics.json",
            sidecar=f"<results>/two_layer/{name}/{{problem}}/{name}.json",
        log:
            f"<results>/two_layer/{name}/{{problem}}/{name}.log",
        benchmark:
            f"<results>/two_layer/{name}/{{problem}}/{name}.tsv"
        group:
            cluster.together(
                two_layer.experiments.listed[name].stage, two_layer.experiments.seconds(name)
            )
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=resource(two_layer.experiments.mb(name)),
            runtime=minutes(two_layer.experiments.seconds(name)),
            seconds=resource(two_layer.experiments.seconds(name)),
        params:
            rule=name,
            program=name,
            code=fingerprint(f"scripts/two_layer/{name}.py"),
            args=two_layer.experiments.args(name),
            files=two_layer.experiments.files(name),
            made=two_layer.experiments.made(name),
            published=two_layer.experiments.digests(name),
        shell:
            r"""
            PYTHONPATH=src python -m scripts.two_layer.{params.program} {params.args} \
                {params.files} {params.made} --threads {threads} --metrics {output.metrics:q} \
                --limit {params.rule}:mem_mb={resources.mem_mb} \
                --sidecar {output.sidecar:q} --code {params.code} &>{log:q}
            """


for name in two_layer.experiments.drawing:

    rule:
        name:
            f"plot_{name}"
        input:
            unpack(two_layer.experiments.drawn_beside(name)),
            **two_layer.experiments.drawn(name),
            style="config/figures.mplstyle",
        output:
            svg=f"<figures>/two_layer/{name}_{{problem}}.svg",
            png=f"<figures>/two_layer/{name}_{{problem}}.png",
            caption=f"<figures>/two_layer/{name}_{{problem}}.md",
            sidecar=f"<results>/two_layer/{name}/{{problem}}/plot.json",
        log:
            f"<results>/two_layer/{name}/{{problem}}/plot.log",
        benchmark:
            f"<results>/two_layer/{name}/{{problem}}/plot.tsv"
        localrule: True
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=resource(lambda wildcards: 600),
            runtime=10,
            seconds=5,
        params:
            rule=f"plot_{name}",
            program=f"plot_{name}",
            code=fingerprint(f"scripts/two_layer/plot_{name}.py"),
            style=short_digest("config/figures.mplstyle"),
            published=two_layer.experiments.digests(name),
            args=two_layer.experiments.caption_args(name),
            read=ledger.how_to_read("two_layer", name),
            files=two_layer.experiments.files(name),
        shell:
            r"""
            PYTHONPATH=src python -m scripts.two_layer.{params.program} {params.args} \
                {params.read} {params.files} \
                --svg {output.svg:q} --png {output.png:q} --caption {output.caption:q} \
                --limit {params.rule}:mem_mb={resources.mem_mb} \
                --sidecar {output.sidecar:q} --code {params.code} &>{log:q}
            """
