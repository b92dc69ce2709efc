"""Arora et al. 2019: what trains networks for several experiments, and figures 1 and 2.

Arora, Du, Hu, Li, Wang 2019 (arXiv 1901.08584). The other experiments' rules are made from their
declarations (slice.py).

INPUTS   results/shared/<set>/…, the `two_layer` key of the configuration
OUTPUTS  results/<run>/two_layer/…   networks, projections, predictions, complexity, metrics.json
         figures/<run>/two_layer/…   figure 1, figure 2, equation 8: .svg, .png, .md and .csv
"""

from scripts.two_layer.planning import Networks

two_layer = slices["two_layer"]
networks = Networks(two_layer)


use rule job as train with:
    input:
        problem=data.file("problem.npz"),
        spectrum=data.file("spectrum.npz"),
        eigenvectors=networks.train_eigenvectors,
    output:
        metrics="<nets>/metrics.csv",
        arrays="<nets>/arrays.npz",
        sidecar="<beside>.json",
    pathvars:
        nets="<results>/two_layer/{experiment}/{problem}/{arm}/{labels}/{batch}",
        beside="<nets>/train",
    wildcard_constraints:
        arm=r"\w+",
        labels=r"[a-z]+[0-9.e-]*",
        batch=r"\d+-\d+",
        experiment="|".join(two_layer.settings.trained()),
    group:
        cluster.together("training", networks.train_seconds)
    threads: two_layer.settings.train.threads
    resources:
        **cost(networks.train_seconds, networks.train_mb, checkpoint_mb=networks.checkpoint_mb),
        gpu=int(two_layer.settings.train.device == "cuda"),
    params:
        **program("two_layer.train", networks.train_args),


use rule job as projections with:
    input:
        problem=data.file("problem.npz"),
        spectrum=data.file("spectrum.npz"),
        eigenvectors=data.file("eigenvectors.npy"),
    output:
        coefficients="<results>/two_layer/projections/{problem}/coefficients.npz",
        energy="<figures>/two_layer/energy_{problem}.csv",
        random="<figures>/two_layer/random_{problem}.csv",
        metrics="<results>/two_layer/projections/{problem}/metrics.json",
        sidecar="<beside>.json",
    pathvars:
        beside="<results>/two_layer/projections/{problem}/projections",
    group:
        cluster.together("measuring", networks.projection_seconds)
    resources:
        **cost(networks.projection_seconds, networks.projection_mb),
    params:
        **program("two_layer.projections", networks.projection_args),


use rule job as predict with:
    input:
        spectrum=data.file("spectrum.npz"),
        coefficients="<results>/two_layer/projections/{problem}/coefficients.npz",
    output:
        prediction="<beside>.csv",
        sidecar="<beside>.json",
    pathvars:
        beside="<results>/two_layer/prediction/{problem}/{arm}",
    wildcard_constraints:
        arm=r"\w+",
    group:
        cluster.together("measuring")
    resources:
        **cost(*TABLE),
    params:
        **program("two_layer.predict", networks.prediction_args),


use rule job as complexity with:
    input:
        problem=data.each_split("problem.npz"),
        gram=data.each_split("gram.npy"),
    output:
        expected="<results>/two_layer/complexity/{problem}/expected.csv",
        sampled="<results>/two_layer/complexity/{problem}/sampled.csv",
        sidecar="<beside>.json",
    pathvars:
        beside="<results>/two_layer/complexity/{problem}/complexity",
    group:
        cluster.together("measuring", networks.complexity_seconds)
    threads: networks.complexity_threads
    resources:
        **cost(networks.complexity_seconds, networks.complexity_mb),
    params:
        **program("two_layer.complexity", networks.complexity_args),


use rule job as losses with:
    input:
        networks=networks.of("figure1", "metrics.csv"),
        arrays=networks.of("figure1", "arrays.npz"),
        predictions=networks.predictions,
    output:
        table="<figures>/two_layer/figure1_{problem}_losses.csv",
        metrics="<results>/two_layer/figure1/{problem}/metrics.json",
        sidecar="<beside>.json",
    pathvars:
        beside="<results>/two_layer/figure1/{problem}/losses",
    group:
        cluster.together("tables")
    resources:
        **cost(*TABLE),
    params:
        **program("two_layer.losses", networks.losses_args),


use rule job as deviation with:
    input:
        problem=data.file("problem.npz"),
        spectrum=data.file("spectrum.npz"),
        eigenvectors=data.file("eigenvectors.npy"),
        arrays=networks.of("equation8", "arrays.npz"),
    output:
        curves="<figures>/two_layer/equation8_{problem}_curves.csv",
        table="<figures>/two_layer/equation8_{problem}_deviation.csv",
        metrics="<results>/two_layer/equation8/{problem}/metrics.json",
        sidecar="<beside>.json",
    pathvars:
        beside="<results>/two_layer/equation8/{problem}/deviation",
    group:
        cluster.together("tables", networks.projection_seconds)
    resources:
        **cost(networks.projection_seconds, networks.projection_mb),
    params:
        **program("two_layer.deviation", networks.deviation_args),


use rule job as errors with:
    input:
        networks=networks.of("figure2", "metrics.csv"),
        expected="<results>/two_layer/complexity/{problem}/expected.csv",
        sampled="<results>/two_layer/complexity/{problem}/sampled.csv",
    output:
        errors="<figures>/two_layer/figure2_{problem}_errors.csv",
        complexity="<figures>/two_layer/figure2_{problem}_complexity.csv",
        metrics="<results>/two_layer/figure2/{problem}/metrics.json",
        sidecar="<beside>.json",
    pathvars:
        beside="<results>/two_layer/figure2/{problem}/errors",
    group:
        cluster.together("tables")
    resources:
        **cost(*TABLE),
    params:
        **program("two_layer.errors", networks.errors_args),


use rule job as plot_figure1 with:
    input:
        losses="<drawn>_losses.csv",
        spectrum=data.file("spectrum.npz"),
        coefficients="<results>/two_layer/projections/{problem}/coefficients.npz",
        style=STYLE,
        paper=networks.paper,
    output:
        svg=reported("<drawn>.svg", "two_layer", "figure1"),
        png="<drawn>.png",
        caption="<drawn>.md",
        spectrum_table="<drawn>_spectrum.csv",
        sidecar="<beside>.json",
    pathvars:
        drawn="<figures>/two_layer/figure1_{problem}",
        beside="<results>/two_layer/figure1/{problem}/plot",
    localrule: True
    resources:
        **cost(*PLOT),
    params:
        **program("two_layer.plot_figure1", two_layer.captioned("figure1", ledger.reading)),


use rule job as plot_equation8 with:
    input:
        curves="<drawn>_curves.csv",
        deviation="<drawn>_deviation.csv",
        style=STYLE,
    output:
        svg=reported("<drawn>.svg", "two_layer", "equation8"),
        png="<drawn>.png",
        caption="<drawn>.md",
        sidecar="<beside>.json",
    pathvars:
        drawn="<figures>/two_layer/equation8_{problem}",
        beside="<results>/two_layer/equation8/{problem}/plot",
    localrule: True
    resources:
        **cost(*PLOT),
    params:
        **program("two_layer.plot_equation8", two_layer.captioned("equation8", ledger.reading)),


use rule job as plot_figure2 with:
    input:
        errors="<drawn>_errors.csv",
        complexity="<drawn>_complexity.csv",
        networks=networks.networks_beside,
        style=STYLE,
        paper=networks.paper,
    output:
        svg=reported("<drawn>.svg", "two_layer", "figure2"),
        png="<drawn>.png",
        caption="<drawn>.md",
        sidecar="<beside>.json",
    pathvars:
        drawn="<figures>/two_layer/figure2_{problem}",
        beside="<results>/two_layer/figure2/{problem}/plot",
    localrule: True
    resources:
        **cost(*PLOT),
    params:
        **program("two_layer.plot_figure2", two_layer.captioned("figure2", ledger.reading)),
