"""The data slice: data sets, prepared problems, Gram matrices and spectra.

INPUTS   config/datasets.yaml (hashes, mirrors), the `data` key of the configuration
OUTPUTS  data/…                   files of the sources, as their authors distribute them
         results/shared/<set>/    problem.npz, gram.npy, spectrum.npz, eigenvectors.npy

What depends on data alone is shared between the runs that agree on it.
"""


wildcard_constraints:
    set=r"[A-Za-z]\w*-\d+-[0-9a-f]{8}",
    own="[0-9a-f]{8}",
    problem=r"[A-Za-z]\w*",


rule digits:
    output:
        points="data/digits/digits.npz",
        sidecar="data/digits/digits.json",
    log:
        "data/digits/digits.log",
    benchmark:
        "data/digits/digits.tsv"
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=resource(lambda wildcards: 400),
        runtime=5,
        seconds=3,
    params:
        rule="digits",
        code=fingerprint("scripts/data/digits.py"),
    shell:
        r"""
        PYTHONPATH=src python -m scripts.data.digits \
            --output {output.points:q} \
            --limit {params.rule}:mem_mb={resources.mem_mb} \
            --sidecar {output.sidecar:q} --code {params.code} &>{log:q}
        """


rule mnist:
    input:
        registry=ancient("config/datasets.yaml"),
    output:
        members=data.members("mnist"),
        sidecar="data/MNIST/mnist.json",
    log:
        "data/MNIST/mnist.log",
    benchmark:
        "data/MNIST/mnist.tsv"
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=resource(lambda wildcards: 400),
        runtime=60,
        seconds=30,
    params:
        rule="mnist",
        code=fingerprint("scripts/data/fetch.py"),
        registered=data.registered("mnist"),
        data_dir=untracked(flags({"data_dir": SETTINGS.data_dir})),
        members=flags({"member": data.members("mnist")}),
    shell:
        r"""
        PYTHONPATH=src python -m scripts.data.fetch \
            --source mnist --registry {input.registry:q} \
            --registered {params.registered} {params.data_dir} {params.members} \
            --limit {params.rule}:mem_mb={resources.mem_mb} \
            --sidecar {output.sidecar:q} --code {params.code} &>{log:q}
        """


rule cifar10:
    input:
        registry=ancient("config/datasets.yaml"),
    output:
        members=data.members("cifar10"),
        sidecar="data/CIFAR/cifar10.json",
    log:
        "data/CIFAR/cifar10.log",
    benchmark:
        "data/CIFAR/cifar10.tsv"
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=resource(lambda wildcards: 400),
        runtime=60,
        seconds=30,
    params:
        rule="cifar10",
        code=fingerprint("scripts/data/fetch.py"),
        registered=data.registered("cifar10"),
        data_dir=untracked(flags({"data_dir": SETTINGS.data_dir})),
        members=flags({"member": data.members("cifar10")}),
    shell:
        r"""
        PYTHONPATH=src python -m scripts.data.fetch \
            --source cifar10 --registry {input.registry:q} \
            --registered {params.registered} {params.data_dir} {params.members} \
            --limit {params.rule}:mem_mb={resources.mem_mb} \
            --sidecar {output.sidecar:q} --code {params.code} &>{log:q}
        """


rule file:
    input:
        file=data.own_file,
    output:
        points="data/own/{problem}-{own}.npz",
        sidecar="data/own/{problem}-{own}.json",
    log:
        "data/own/{problem}-{own}.log",
    benchmark:
        "data/own/{problem}-{own}.tsv"
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=resource(data.own_mb),
        runtime=10,
        seconds=4,
    params:
        rule="file",
        code=fingerprint("scripts/data/own.py"),
        args=data.own_args,
        content=data.own_digest,
    shell:
        r"""
        PYTHONPATH=src python -m scripts.data.own {params.args} \
            --file {input.file:q} --output {output.points:q} \
            --limit {params.rule}:mem_mb={resources.mem_mb} \
            --sidecar {output.sidecar:q} --code {params.code} &>{log:q}
        """


rule prepare:
    input:
        raw=data.raw,
        registry=ancient("config/datasets.yaml"),
    output:
        problem="results/shared/{set}/problem.npz",
        sidecar="results/shared/{set}/prepare.json",
    log:
        "results/shared/{set}/prepare.log",
    benchmark:
        "results/shared/{set}/prepare.tsv"
    group:
        cluster.together("data", data.prepare_seconds)
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=resource(data.prepare_mb),
        runtime=minutes(data.prepare_seconds),
        seconds=resource(data.prepare_seconds),
    params:
        rule="prepare",
        code=fingerprint("scripts/data/prepare.py"),
        args=data.prepare_args,
        raw=lambda wildcards, input: flags({"raw": list(input.raw)}),
    shell:
        r"""
        PYTHONPATH=src python -m scripts.data.prepare {params.args} {params.raw} \
            --registry {input.registry:q} --problem {output.problem:q} \
            --limit {params.rule}:mem_mb={resources.mem_mb} \
            --sidecar {output.sidecar:q} --code {params.code} &>{log:q}
        """


rule gram:
    input:
        problem="results/shared/{set}/problem.npz",
    output:
        gram="results/shared/{set}/gram.npy",
        sidecar="results/shared/{set}/gram.json",
    log:
        "results/shared/{set}/gram.log",
    benchmark:
        "results/shared/{set}/gram.tsv"
    group:
        cluster.together("data", data.gram_seconds)
    conda:
        "../../environment.yml"
    threads: data.threads
    resources:
        mem_mb=resource(data.gram_mb),
        runtime=minutes(data.gram_seconds),
        seconds=resource(data.gram_seconds),
    params:
        rule="gram",
        code=fingerprint("scripts/data/gram.py"),
    shell:
        r"""
        PYTHONPATH=src python -m scripts.data.gram \
            --threads {threads} --problem {input.problem:q} --gram {output.gram:q} \
            --limit {params.rule}:mem_mb={resources.mem_mb} \
            --sidecar {output.sidecar:q} --code {params.code} &>{log:q}
        """


rule spectrum:
    input:
        gram="results/shared/{set}/gram.npy",
    output:
        spectrum="results/shared/{set}/spectrum.npz",
        eigenvectors="results/shared/{set}/eigenvectors.npy",
        sidecar="results/shared/{set}/spectrum.json",
    log:
        "results/shared/{set}/spectrum.log",
    benchmark:
        "results/shared/{set}/spectrum.tsv"
    group:
        cluster.together("data", data.spectrum_seconds)
    conda:
        "../../environment.yml"
    threads: data.threads
    resources:
        mem_mb=resource(data.spectrum_mb),
        runtime=minutes(data.spectrum_seconds),
        seconds=resource(data.spectrum_seconds),
    params:
        rule="spectrum",
        code=fingerprint("scripts/data/spectrum.py"),
    shell:
        r"""
        PYTHONPATH=src python -m scripts.data.spectrum \
            --threads {threads} --gram {input.gram:q} --spectrum {output.spectrum:q} \
            --eigenvectors {output.eigenvectors:q} \
            --limit {params.rule}:mem_mb={resources.mem_mb} \
            --sidecar {output.sidecar:q} --code {params.code} &>{log:q}
        """
