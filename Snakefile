"""overparam: claims about over-parameterised networks, put to the test.

`snakemake` runs config/config.yaml; `--configfile` lays another over it. See docs/architecture.md.
"""

import sys

from snakemake.utils import min_version

min_version("9.27.1")
sys.path[:0] = [workflow.basedir, f"{workflow.basedir}/src"]

from overparam.house.fingerprint import fingerprint
from workflow.lib import run
from workflow.lib.costs import minutes, resource
from workflow.lib.data import Data
from workflow.lib.experiments import DRAWN, EXPERIMENTS
from workflow.lib.flags import flags, untracked
from workflow.lib.ledger import Ledger
from workflow.lib.linear_nets import LinearNets
from workflow.lib.two_layer import TwoLayer


configfile: "config/config.yaml"


SETTINGS = run.read(config)
run.check_cores(SETTINGS, workflow.cores)
run.check_files(SETTINGS)
data = Data(SETTINGS)
two_layer = TwoLayer(SETTINGS, data)
linear_nets = LinearNets(SETTINGS)
SLICES = {"two_layer": two_layer, "linear_nets": linear_nets}
ledger = Ledger(SETTINGS, SLICES)
# Jobs queue for memory and for the GPU; `--resources mem_mb= gpu=` sets other limits.
run.limit(workflow.global_resources)


pathvars:
    results=f"results/{SETTINGS.run}",
    figures=f"figures/{SETTINGS.run}",


wildcard_constraints:
    problem=r"[A-Za-z]\w*",


include: "workflow/rules/data.smk"
include: "workflow/rules/two_layer.smk"
include: "workflow/rules/experiments.smk"
include: "workflow/rules/linear_nets.smk"
include: "workflow/rules/ledger.smk"


rule all:
    default_target: True
    input:
        [one.targets() for one in SLICES.values()],
        "<results>/report.html",
    localrule: True
