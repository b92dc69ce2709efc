"""overparam: claims about over-parameterised networks, put to the test (docs/architecture.md)."""

import sys
from snakemake.utils import min_version

min_version("9.27.1")
sys.path[:0] = [workflow.basedir, f"{workflow.basedir}/src"]

from pipeline.files import short_digest
from workflow.lib import run
from pipeline.running import owner
from pipeline.running.cluster import Cluster
from workflow.lib.costs import minutes, resource, table_mb, table_seconds
from workflow.lib.data import Data
from workflow.lib.flags import flags, untracked
from workflow.lib.ledger import Ledger
from workflow.lib.linear_nets import LinearNets
from workflow.lib.two_layer import TwoLayer


configfile: "config/config.yaml"


owner.notice(workflow.is_main_process)
SETTINGS = run.read(config, workflow.cores if workflow.is_main_process else None)
cluster = Cluster(workflow.nodes is not None, workflow.is_main_process, SETTINGS.run, SETTINGS)
fingerprint = cluster.fingerprint
data = Data(SETTINGS)
two_layer = TwoLayer(SETTINGS, data)
linear_nets = LinearNets(SETTINGS)
ledger = Ledger(SETTINGS, {"two_layer": two_layer, "linear_nets": linear_nets})
run.limit(workflow.global_resources, workflow.resource_scopes, cluster.submits)


pathvars:
    results=f"results/{SETTINGS.run}",
    figures=f"figures/{SETTINGS.run}",


include: "workflow/rules/data.smk"
include: "workflow/rules/two_layer.smk"
include: "workflow/rules/experiments.smk"
include: "workflow/rules/linear_nets.smk"
include: "workflow/rules/ledger.smk"


rule all:
    default_target: True
    input:
        two_layer.targets(),
        linear_nets.targets(),
        multiext("<results>/", "report.html", "claims.csv", "summary.csv", "timings.csv"),
    localrule: True


onstart:
    owner.sign()


onerror:
    cluster.cancel_left()
    ledger.say_why(workflow.dag_settings.targets)
