"""The slices' experiments and their figures, a rule for each, as scripts/<slice>/slice.py says.

INPUTS   prepared sets, other jobs of the slice, its key of the configuration
OUTPUTS  results/<run>/<slice>/<experiment>/<problem>/metrics.json
         figures/<run>/<slice>/<experiment>_<problem>.csv, .svg, .png, .md

`snakemake all_<experiment>` makes what an experiment is run for, on all of its problems;
`snakemake figure1` does so for each slice's figure 1.
"""

for experiment in slices.rules(ledger.reading):

    rule:
        name:
            experiment.name
        input:
            unpack(experiment.inputs),
        output:
            **experiment.outputs,
            sidecar=f"{experiment.beside}.json",
        log:
            f"{experiment.beside}.log",
        benchmark:
            f"{experiment.beside}.tsv"
        group:
            cluster.together(experiment.stage, experiment.seconds)
        localrule: experiment.local
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            **cost(experiment.seconds, experiment.mb),
        params:
            **program(experiment.program, experiment.settings, rule=experiment.name),
        shell:
            COMMAND


for word in slices.words():

    rule:
        name:
            word
        input:
            slices.asked(word),
        localrule: True


# The target of no other rule: a word that asks for nothing is refused by name.
rule no_such_word:
    input:
        slices.refuse,
    output:
        "{word}",
    wildcard_constraints:
        word=r"(?!claim_)\w+",
    localrule: True
