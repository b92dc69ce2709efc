"""The two-layer slice: source 001, Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584).

INPUTS   results/shared/<set>/…, the `two_layer` key of the configuration
OUTPUTS  results/<run>/two_layer/…   networks, projections, predictions, complexity, metrics.json
         figures/<run>/two_layer/…   figure 1, figure 2, equation 8: .svg, .png, .md and .csv
"""


wildcard_constraints:
    arm=r"\w+",
    labels=r"[a-z]+[0-9.e-]*",
    batch=r"\d+-\d+",
    experiment="figure1|equation8|figure2|capacity",


rule train:
    input:
        problem=lambda wildcards: data.path(wildcards.problem, "problem.npz"),
        spectrum=lambda wildcards: data.path(wildcards.problem, "spectrum.npz"),
    output:
        metrics="<results>/two_layer/{experiment}/{problem}/{arm}/{labels}/{batch}/metrics.csv",
        arrays="<results>/two_layer/{experiment}/{problem}/{arm}/{labels}/{batch}/arrays.npz",
        sidecar="<results>/two_layer/{experiment}/{problem}/{arm}/{labels}/{batch}/train.json",
    log:
        "<results>/two_layer/{experiment}/{problem}/{arm}/{labels}/{batch}/train.log",
    benchmark:
        "<results>/two_layer/{experiment}/{problem}/{arm}/{labels}/{batch}/train.tsv"
    group:
        cluster.together("training", two_layer.train_seconds)
    conda:
        "../../environment.yml"
    threads: two_layer.threads
    resources:
        mem_mb=resource(two_layer.train_mb),
        runtime=minutes(two_layer.train_seconds),
        seconds=resource(two_layer.train_seconds),
        checkpoint_mb=resource(two_layer.checkpoint_mb),
        gpu=two_layer.gpus,
    params:
        rule="train",
        code=fingerprint("scripts/two_layer/train.py"),
        args=two_layer.train_args,
    shell:
        r"""
        PYTHONPATH=src python -m scripts.two_layer.train {params.args} \
            --problem {input.problem:q} --spectrum {input.spectrum:q} \
            --metrics {output.metrics:q} --arrays {output.arrays:q} \
            --limit {params.rule}:mem_mb={resources.mem_mb} \
            --sidecar {output.sidecar:q} --code {params.code} &>{log:q}
        """


rule projections:
    input:
        problem=lambda wildcards: data.path(wildcards.problem, "problem.npz"),
        spectrum=lambda wildcards: data.path(wildcards.problem, "spectrum.npz"),
        eigenvectors=lambda wildcards: data.path(wildcards.problem, "eigenvectors.npy"),
    output:
        coefficients="<results>/two_layer/projections/{problem}/coefficients.npz",
        energy="<figures>/two_layer/energy_{problem}.csv",
        random="<figures>/two_layer/random_{problem}.csv",
        metrics="<results>/two_layer/projections/{problem}/metrics.json",
        sidecar="<results>/two_layer/projections/{problem}/projections.json",
    log:
        "<results>/two_layer/projections/{problem}/projections.log",
    benchmark:
        "<results>/two_layer/projections/{problem}/projections.tsv"
    group:
        cluster.together("measuring", two_layer.projection_seconds)
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=resource(two_layer.projection_mb),
        runtime=minutes(two_layer.projection_seconds),
        seconds=resource(two_layer.projection_seconds),
    params:
        rule="projections",
        code=fingerprint("scripts/two_layer/projections.py"),
        args=two_layer.projection_args,
    shell:
        r"""
        PYTHONPATH=src python -m scripts.two_layer.projections {params.args} \
            --threads {threads} --problem {input.problem:q} --spectrum {input.spectrum:q} \
            --eigenvectors {input.eigenvectors:q} --coefficients {output.coefficients:q} \
            --energy {output.energy:q} --random {output.random:q} --metrics {output.metrics:q} \
            --limit {params.rule}:mem_mb={resources.mem_mb} \
            --sidecar {output.sidecar:q} --code {params.code} &>{log:q}
        """


rule predict:
    input:
        spectrum=lambda wildcards: data.path(wildcards.problem, "spectrum.npz"),
        coefficients="<results>/two_layer/projections/{problem}/coefficients.npz",
    output:
        prediction="<results>/two_layer/prediction/{problem}/{arm}.csv",
        sidecar="<results>/two_layer/prediction/{problem}/{arm}.json",
    log:
        "<results>/two_layer/prediction/{problem}/{arm}.log",
    benchmark:
        "<results>/two_layer/prediction/{problem}/{arm}.tsv"
    group:
        cluster.together("measuring", table_seconds)
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=resource(table_mb),
        runtime=minutes(table_seconds),
        seconds=resource(table_seconds),
    params:
        rule="predict",
        code=fingerprint("scripts/two_layer/predict.py"),
        args=two_layer.prediction_args,
    shell:
        r"""
        PYTHONPATH=src python -m scripts.two_layer.predict {params.args} \
            --threads {threads} --spectrum {input.spectrum:q} \
            --coefficients {input.coefficients:q} --prediction {output.prediction:q} \
            --limit {params.rule}:mem_mb={resources.mem_mb} \
            --sidecar {output.sidecar:q} --code {params.code} &>{log:q}
        """


rule complexity:
    input:
        problem=lambda wildcards: data.splits(wildcards.problem, "problem.npz"),
        gram=lambda wildcards: data.splits(wildcards.problem, "gram.npy"),
    output:
        expected="<results>/two_layer/complexity/{problem}/expected.csv",
        sampled="<results>/two_layer/complexity/{problem}/sampled.csv",
        sidecar="<results>/two_layer/complexity/{problem}/complexity.json",
    log:
        "<results>/two_layer/complexity/{problem}/complexity.log",
    benchmark:
        "<results>/two_layer/complexity/{problem}/complexity.tsv"
    group:
        cluster.together("measuring", two_layer.complexity_seconds)
    conda:
        "../../environment.yml"
    threads: lambda wildcards: data.problem(wildcards.problem).threads
    resources:
        mem_mb=resource(two_layer.complexity_mb),
        runtime=minutes(two_layer.complexity_seconds),
        seconds=resource(two_layer.complexity_seconds),
    params:
        rule="complexity",
        code=fingerprint("scripts/two_layer/complexity.py"),
        args=two_layer.complexity_args,
        files=lambda wildcards, input: flags({key: list(value) for key, value in input.items()}),
    shell:
        r"""
        PYTHONPATH=src python -m scripts.two_layer.complexity {params.args} \
            {params.files} --threads {threads} --expected {output.expected:q} \
            --sampled {output.sampled:q} \
            --limit {params.rule}:mem_mb={resources.mem_mb} \
            --sidecar {output.sidecar:q} --code {params.code} &>{log:q}
        """


rule losses:
    input:
        networks=lambda wildcards: two_layer.trained("figure1", wildcards.problem, "metrics.csv"),
        arrays=lambda wildcards: two_layer.trained("figure1", wildcards.problem, "arrays.npz"),
        predictions=lambda wildcards: two_layer.predictions(wildcards.problem),
    output:
        table="<figures>/two_layer/figure1_{problem}_losses.csv",
        metrics="<results>/two_layer/figure1/{problem}/metrics.json",
        sidecar="<results>/two_layer/figure1/{problem}/losses.json",
    log:
        "<results>/two_layer/figure1/{problem}/losses.log",
    benchmark:
        "<results>/two_layer/figure1/{problem}/losses.tsv"
    group:
        cluster.together("tables", table_seconds)
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=resource(table_mb),
        runtime=minutes(table_seconds),
        seconds=resource(table_seconds),
    params:
        rule="losses",
        code=fingerprint("scripts/two_layer/losses.py"),
        args=two_layer.losses_args,
        files=lambda wildcards, input: flags(
            {key: list(input[key]) for key in ("networks", "arrays", "predictions")}
        ),
    shell:
        r"""
        PYTHONPATH=src python -m scripts.two_layer.losses {params.args} {params.files} \
            --table {output.table:q} --metrics {output.metrics:q} \
            --limit {params.rule}:mem_mb={resources.mem_mb} \
            --sidecar {output.sidecar:q} --code {params.code} &>{log:q}
        """


rule deviation:
    input:
        problem=lambda wildcards: data.path(wildcards.problem, "problem.npz"),
        spectrum=lambda wildcards: data.path(wildcards.problem, "spectrum.npz"),
        eigenvectors=lambda wildcards: data.path(wildcards.problem, "eigenvectors.npy"),
        arrays=lambda wildcards: two_layer.trained("equation8", wildcards.problem, "arrays.npz"),
    output:
        curves="<figures>/two_layer/equation8_{problem}_curves.csv",
        table="<figures>/two_layer/equation8_{problem}_deviation.csv",
        metrics="<results>/two_layer/equation8/{problem}/metrics.json",
        sidecar="<results>/two_layer/equation8/{problem}/deviation.json",
    log:
        "<results>/two_layer/equation8/{problem}/deviation.log",
    benchmark:
        "<results>/two_layer/equation8/{problem}/deviation.tsv"
    group:
        cluster.together("tables", two_layer.projection_seconds)
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=resource(two_layer.projection_mb),
        runtime=minutes(two_layer.projection_seconds),
        seconds=resource(two_layer.projection_seconds),
    params:
        rule="deviation",
        code=fingerprint("scripts/two_layer/deviation.py"),
        args=two_layer.deviation_args,
        files=lambda wildcards, input: flags({"arrays": list(input.arrays)}),
    shell:
        r"""
        PYTHONPATH=src python -m scripts.two_layer.deviation {params.args} {params.files} \
            --threads {threads} --problem {input.problem:q} --spectrum {input.spectrum:q} \
            --eigenvectors {input.eigenvectors:q} --curves {output.curves:q} \
            --table {output.table:q} --metrics {output.metrics:q} \
            --limit {params.rule}:mem_mb={resources.mem_mb} \
            --sidecar {output.sidecar:q} --code {params.code} &>{log:q}
        """


rule errors:
    input:
        networks=lambda wildcards: two_layer.trained("figure2", wildcards.problem, "metrics.csv"),
        expected="<results>/two_layer/complexity/{problem}/expected.csv",
        sampled="<results>/two_layer/complexity/{problem}/sampled.csv",
    output:
        errors="<figures>/two_layer/figure2_{problem}_errors.csv",
        complexity="<figures>/two_layer/figure2_{problem}_complexity.csv",
        metrics="<results>/two_layer/figure2/{problem}/metrics.json",
        sidecar="<results>/two_layer/figure2/{problem}/errors.json",
    log:
        "<results>/two_layer/figure2/{problem}/errors.log",
    benchmark:
        "<results>/two_layer/figure2/{problem}/errors.tsv"
    group:
        cluster.together("tables", table_seconds)
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=resource(table_mb),
        runtime=minutes(table_seconds),
        seconds=resource(table_seconds),
    params:
        rule="errors",
        code=fingerprint("scripts/two_layer/errors.py"),
        args=two_layer.errors_args,
        networks=lambda wildcards, input: flags({"networks": list(input.networks)}),
    shell:
        r"""
        PYTHONPATH=src python -m scripts.two_layer.errors {params.args} {params.networks} \
            --expected {input.expected:q} --sampled {input.sampled:q} \
            --errors {output.errors:q} --complexity {output.complexity:q} \
            --metrics {output.metrics:q} \
            --limit {params.rule}:mem_mb={resources.mem_mb} \
            --sidecar {output.sidecar:q} --code {params.code} &>{log:q}
        """


rule plot_figure1:
    input:
        losses="<figures>/two_layer/figure1_{problem}_losses.csv",
        spectrum=lambda wildcards: data.path(wildcards.problem, "spectrum.npz"),
        coefficients="<results>/two_layer/projections/{problem}/coefficients.npz",
        style="config/figures.mplstyle",
        paper=lambda wildcards: two_layer.paper(wildcards.problem),
    output:
        svg="<figures>/two_layer/figure1_{problem}.svg",
        png="<figures>/two_layer/figure1_{problem}.png",
        caption="<figures>/two_layer/figure1_{problem}.md",
        spectrum="<figures>/two_layer/figure1_{problem}_spectrum.csv",
        sidecar="<results>/two_layer/figure1/{problem}/plot.json",
    log:
        "<results>/two_layer/figure1/{problem}/plot.log",
    benchmark:
        "<results>/two_layer/figure1/{problem}/plot.tsv"
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=resource(lambda wildcards: 600),
        runtime=10,
        seconds=5,
    params:
        rule="plot_figure1",
        code=fingerprint("scripts/two_layer/plot_figure1.py"),
        style=short_digest("config/figures.mplstyle"),
        args=two_layer.figure1_args,
        read=ledger.how_to_read("two_layer", "figure1"),
        points=lambda wildcards: [short_digest(path) for path in two_layer.paper(wildcards.problem)],
        paper=lambda wildcards, input: two_layer.paper_args(wildcards.problem)
        + " "
        + flags({"paper": list(input.paper)}),
    shell:
        r"""
        PYTHONPATH=src python -m scripts.two_layer.plot_figure1 {params.args} {params.paper} {params.read} \
            --losses {input.losses:q} --spectrum {input.spectrum:q} \
            --coefficients {input.coefficients:q} --style {input.style:q} \
            --svg {output.svg:q} --png {output.png:q} --caption {output.caption:q} \
            --spectrum-table {output.spectrum:q} \
            --limit {params.rule}:mem_mb={resources.mem_mb} \
            --sidecar {output.sidecar:q} --code {params.code} &>{log:q}
        """


rule plot_equation8:
    input:
        curves="<figures>/two_layer/equation8_{problem}_curves.csv",
        deviation="<figures>/two_layer/equation8_{problem}_deviation.csv",
        style="config/figures.mplstyle",
    output:
        svg="<figures>/two_layer/equation8_{problem}.svg",
        png="<figures>/two_layer/equation8_{problem}.png",
        caption="<figures>/two_layer/equation8_{problem}.md",
        sidecar="<results>/two_layer/equation8/{problem}/plot.json",
    log:
        "<results>/two_layer/equation8/{problem}/plot.log",
    benchmark:
        "<results>/two_layer/equation8/{problem}/plot.tsv"
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=resource(lambda wildcards: 600),
        runtime=10,
        seconds=5,
    params:
        rule="plot_equation8",
        code=fingerprint("scripts/two_layer/plot_equation8.py"),
        style=short_digest("config/figures.mplstyle"),
        args=two_layer.equation8_args,
        read=ledger.how_to_read("two_layer", "equation8"),
    shell:
        r"""
        PYTHONPATH=src python -m scripts.two_layer.plot_equation8 {params.args} {params.read} \
            --curves {input.curves:q} --deviation {input.deviation:q} --style {input.style:q} \
            --svg {output.svg:q} --png {output.png:q} --caption {output.caption:q} \
            --limit {params.rule}:mem_mb={resources.mem_mb} \
            --sidecar {output.sidecar:q} --code {params.code} &>{log:q}
        """


rule plot_figure2:
    input:
        errors="<figures>/two_layer/figure2_{problem}_errors.csv",
        complexity="<figures>/two_layer/figure2_{problem}_complexity.csv",
        style="config/figures.mplstyle",
        paper=lambda wildcards: two_layer.paper(wildcards.problem),
    output:
        svg="<figures>/two_layer/figure2_{problem}.svg",
        png="<figures>/two_layer/figure2_{problem}.png",
        caption="<figures>/two_layer/figure2_{problem}.md",
        sidecar="<results>/two_layer/figure2/{problem}/plot.json",
    log:
        "<results>/two_layer/figure2/{problem}/plot.log",
    benchmark:
        "<results>/two_layer/figure2/{problem}/plot.tsv"
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=resource(lambda wildcards: 600),
        runtime=10,
        seconds=5,
    params:
        rule="plot_figure2",
        code=fingerprint("scripts/two_layer/plot_figure2.py"),
        style=short_digest("config/figures.mplstyle"),
        args=two_layer.figure2_args,
        read=ledger.how_to_read("two_layer", "figure2"),
        points=lambda wildcards: [short_digest(path) for path in two_layer.paper(wildcards.problem)],
        paper=lambda wildcards, input: two_layer.paper_args(wildcards.problem)
        + " "
        + flags({"paper": list(input.paper)}),
    shell:
        r"""
        PYTHONPATH=src python -m scripts.two_layer.plot_figure2 {params.args} {params.paper} {params.read} \
            --errors {input.errors:q} --complexity {input.complexity:q} --style {input.style:q} \
            --svg {output.svg:q} --png {output.png:q} --caption {output.caption:q} \
            --limit {params.rule}:mem_mb={resources.mem_mb} \
            --sidecar {output.sidecar:q} --code {params.code} &>{log:q}
        """
