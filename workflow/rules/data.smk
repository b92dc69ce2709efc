"""The data: sets as downloaded, prepared problems, Gram matrices and spectra.

INPUTS   config/datasets.yaml (hashes, mirrors), the `data` key of the configuration
OUTPUTS  data/…                   files of the sources, as their authors distribute them
         results/shared/<set>/    problem.npz, gram.npy, spectrum.npz, eigenvectors.npy

What depends on data alone is shared between the runs that agree on it.
"""


wildcard_constraints:
    set=r"[A-Za-z]\w*-\d+-[0-9a-f]{8}",
    own="[0-9a-f]{8}",


searched = {"data_dir": SETTINGS.data_dir}


use rule job as digits with:
    output:
        output="data/digits/digits.npz",
        sidecar="<beside>.json",
    pathvars:
        beside="data/digits/digits",
    localrule: True
    resources:
        **cost(3, 400),
    params:
        **program("data.digits"),


use rule job as mnist with:
    input:
        registry=ancient(REGISTRY),
    output:
        member=data.members("mnist"),
        sidecar="<beside>.json",
    pathvars:
        beside="data/MNIST/mnist",
    localrule: True
    resources:
        **cost(30, 400),
    params:
        **program("data.fetch", data.registered("mnist"), rule="mnist", untracked=searched),


use rule job as cifar10 with:
    input:
        registry=ancient(REGISTRY),
    output:
        member=data.members("cifar10"),
        sidecar="<beside>.json",
    pathvars:
        beside="data/CIFAR/cifar10",
    localrule: True
    resources:
        **cost(30, 400),
    params:
        **program("data.fetch", data.registered("cifar10"), rule="cifar10", untracked=searched),


use rule job as cora with:
    input:
        registry=ancient(REGISTRY),
    output:
        member=data.members("cora"),
        sidecar="<beside>.json",
    pathvars:
        beside="data/planetoid/cora",
    localrule: True
    resources:
        **cost(30, 400),
    params:
        **program("data.fetch", data.registered("cora"), rule="cora", untracked=searched),


use rule job as citeseer with:
    input:
        registry=ancient(REGISTRY),
    output:
        member=data.members("citeseer"),
        sidecar="<beside>.json",
    pathvars:
        beside="data/planetoid/citeseer",
    localrule: True
    resources:
        **cost(30, 400),
    params:
        **program("data.fetch", data.registered("citeseer"), rule="citeseer", untracked=searched),


use rule job as file with:
    input:
        file=data.own_file,
    output:
        output="data/own/{problem}-{own}.npz",
        sidecar="<beside>.json",
    pathvars:
        beside="data/own/{problem}-{own}",
    localrule: True
    resources:
        **cost(4, data.own_mb),
    params:
        **program("data.own", data.own_args, rule="file", pinned=True),


use rule job as prepare with:
    input:
        raw=data.raw,
        registry=ancient(REGISTRY),
    output:
        problem="results/shared/{set}/problem.npz",
        sidecar="<beside>.json",
    pathvars:
        beside="results/shared/{set}/prepare",
    group:
        cluster.together("data", data.prepare_seconds)
    resources:
        **cost(data.prepare_seconds, data.prepare_mb),
    params:
        **program("data.prepare", data.prepare_args),


use rule job as gram with:
    input:
        problem="results/shared/{set}/problem.npz",
    output:
        gram="results/shared/{set}/gram.npy",
        sidecar="<beside>.json",
    pathvars:
        beside="results/shared/{set}/gram",
    group:
        cluster.together("data", data.gram_seconds)
    threads: data.threads
    resources:
        **cost(data.gram_seconds, data.gram_mb),
    params:
        **program("data.gram"),


use rule job as spectrum with:
    input:
        gram="results/shared/{set}/gram.npy",
    output:
        spectrum="results/shared/{set}/spectrum.npz",
        eigenvectors="results/shared/{set}/eigenvectors.npy",
        sidecar="<beside>.json",
    pathvars:
        beside="results/shared/{set}/spectrum",
    group:
        cluster.together("data", data.spectrum_seconds)
    threads: data.threads
    resources:
        **cost(data.spectrum_seconds, data.spectrum_mb),
    params:
        **program("data.spectrum"),
