"""overparam: claims about over-parameterised networks, put to the test (docs/architecture.md)."""

import sys
from snakemake.utils import min_version

min_version("9.27.1")
sys.path[:0] = [f"{workflow.current_basedir}", f"{workflow.current_basedir}/src"]

from pipeline.costs import PLOT, TABLE, cost
from pipeline.flags import flags
from pipeline.running import dag, owner
from pipeline.running.cluster import Cluster
from workflow.lib import run
from workflow.lib.data import REGISTRY, Data
from workflow.lib.jobs import COMMAND, Params, refuse
from workflow.lib.ledger import Ledger
from workflow.lib.slices import STYLE, Slices, reported


configfile: "config/config.yaml"


owner.notice(workflow.is_main_process)
SETTINGS = run.read(config, run.cores(workflow), workflow.configfiles)
cluster = Cluster(workflow.nodes is not None, workflow.is_main_process, SETTINGS.run, SETTINGS)
program = Params(cluster.fingerprint)
data = Data(SETTINGS)
slices = Slices(SETTINGS, data)
ledger = Ledger(SETTINGS, slices)
ledger.tell_after(workflow)
run.limit(workflow.global_resources, workflow.resource_scopes, cluster.submits)


pathvars:
    results=f"results/{SETTINGS.run}",
    figures=f"figures/{SETTINGS.run}",


include: "workflow/rules/job.smk"
include: "workflow/rules/data.smk"


for path in slices.rule_files():

    include: path


include: "workflow/rules/slices.smk"
include: "workflow/rules/ledger.smk"


# After every rule: before, wildcards in a rule's own path variables would go without theirs.
wildcard_constraints:
    problem=r"[A-Za-z]\w*",


rule all:
    default_target: True
    input:
        slices.targets(),
        ledger.targets(),
    localrule: True


onstart:
    dag.begin(workflow, slices.early())


onerror:
    cluster.cancel_left()
