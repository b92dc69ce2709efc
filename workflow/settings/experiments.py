"""Settings of the two-layer slice's experiments beside its figures: what the claims rest on."""

from pydantic import NonNegativeInt

from pipeline.settings import Axis, Count, Distinct, Name, Portion, Positive, Strict
from workflow.settings.arms import Beginning, Named
from workflow.settings.labels import Labelling


class Formula(Strict):
    """The kernel's closed form against Monte Carlo, and identities that hold to rounding."""

    samples: Count = 1_000_000
    """Monte Carlo samples of w for each seed."""
    n: Count = 200
    """Inputs n of the identities."""
    width: Count = 200
    """Number of neurons m of the finite networks."""
    steps: Count = 1000
    """Gradient steps of the recursion."""
    starts: Count = 1000
    """Networks whose outputs at the start are measured."""
    seeds: Count = 5
    """Repetitions of everything."""


class Targets(Strict):
    """Theorem 6.1: how hard functions on the sphere are to learn, √(yᵀ(H∞)⁻¹y) against n."""

    n: Axis[Count] = [100, 300, 1000, 3000]
    """Numbers of inputs."""
    d: Axis[Count] = [20, 5]
    """Input dimensions."""
    seeds: Count = 5
    """Draws of inputs and directions."""


class Samples(Strict):
    """Section 6: the kernel predictor's error on new points against n."""

    n: Axis[Count] = [100, 200, 400, 800, 1600, 3200]
    """Numbers of training inputs."""
    test_n: Count = 1000
    """New points that the error is measured on."""
    seeds: Count = 5
    """Draws of inputs and directions."""


class Concentration(Strict):
    """Lemma C.3: the Gram matrix H(0) of a network at its start against H∞."""

    problems: Distinct[Name] = ["digits01"]
    """Problems whose first points are taken."""
    points: Count = 200
    """How many of them."""
    width: Axis[Count] = [128, 256, 512, 1024, 2048, 4096, 8192, 16384]
    """Numbers of neurons m."""
    repetitions: Count = 40
    """Networks of each width."""


class Draws(Strict):
    """Definition 5.1: λ_min and complexity of draws of n points."""

    problems: Distinct[Name] = ["digits"]
    """Problems that points are drawn from."""
    n: Axis[Count] = [200, 400, 800]
    """Points of a draw."""
    draws: Count = 50
    """Draws of each size."""


class Start(Strict):
    """Theorem 3.1 (i): the loss at the start."""

    problems: Distinct[Name] = ["digits01"]
    """Problems whose inputs are used."""
    width: Count = 256
    """Number of neurons m."""
    kappa: Axis[Positive] = [0.1, 0.3, 1.0]
    """Initialisation scales κ."""
    repetitions: Count = 200
    """Initialisations of each kind."""


class Constants(Strict):
    """What the theorems ask for at a problem's λ₀ and n."""

    problems: Distinct[Name] = ["digits", "digits01"]
    """Problems whose spectrum is used."""
    n: Axis[Count] = [10, 100, 1000, 10000]
    """Numbers of points, as far as there are so many; all of them are looked at too."""
    delta: Portion = 0.1
    """Probability of failure δ."""
    epsilon: Positive = 1.0
    """Accuracy ε of theorem 4.1."""


class Noise(Strict):
    """Figure 2's labels: are training and test labels noised apart?"""

    problems: Distinct[Name] = ["digits"]
    """Problems; each has to be one of figure 2's."""
    noise: Axis[Portion] = [0.5, 1.0]
    """Portions p of random labels."""
    draws: Count = 20
    """Draws of labels for each portion."""


class Published(Strict):
    """The paper's own numbers, tables and curves, beside ours."""

    problems: Distinct[Name] = ["digits"]
    """Problems; each has to be one of figure 1's and of figure 2's. The published numbers are
    compared where it is the paper's own data set, elsewhere identities alone."""


class Widths(Strict):
    """Theorem 4.1 and lemma 5.3 against the width: deviation, distances, flips."""

    problems: Distinct[Name] = ["digits01"]
    """Problems; each has to be one of equation 8's."""


class Distances(Strict):
    """Lemma 5.3 for random and for linear labels."""

    problems: Distinct[Name] = ["digits01"]
    """Problems to train on."""
    width: Count = 3200
    """Number of neurons m."""
    repetitions: Count = 3
    """Seeds of the initialisation and the labels."""
    steps: Count = 1500
    """Gradient steps."""


class Scale(Strict):
    """Equation (8) against the initialisation scale κ, plain start."""

    problems: Distinct[Name] = ["digits01"]
    """Problems to train on."""
    labels: Axis[Labelling] = ["true", "random"]
    """Labellings to train on."""
    kappa: Axis[Positive] = [0.01, 0.03, 0.1, 0.3, 1.0]
    """Initialisation scales κ."""
    width: Axis[Count] = [100, 400]
    """Numbers of neurons m."""
    repetitions: Count = 3
    """Seeds of the initialisation and of random labels."""
    steps: Count = 1500
    """Gradient steps."""


class Stability(Strict):
    """Theorem 3.1 (ii) and the edge 2/λ_max: ratios of successive losses, float64."""

    problems: Distinct[Name] = ["digits01"]
    """Problems to train on."""
    width: Count = 1024
    """Number of neurons m."""
    repetitions: Count = 3
    """Seeds of the initialisation."""
    steps: Count = 500
    """Gradient steps at each learning rate."""
    factors: Count = 11
    """Learning rates of the sweep from 1.5 to 2.5 times 1/λ_max."""
    harder_width: Axis[Count] = [128, 512, 2048]
    """Widths m of the networks with random and worst-case labels."""
    sweep_steps: Count = 200
    """Gradient steps at each rate of the sweep."""


class Decay(Strict):
    """Theorem 4.1: how fast wide networks forget each eigenvector."""

    problems: Distinct[Name] = ["digits01"]
    """Problems to train on."""
    width: Count = 12800
    """Number of neurons m."""
    top: Count = 20
    """Eigenvectors, from the largest eigenvalue down."""
    repetitions: Count = 6
    """Seeds of the initialisation and the signs."""


class Capacity(Strict):
    """Theorem 5.1: does the test error depend on the width?"""

    problems: Distinct[Name] = ["digits"]
    """Problems to train on."""
    widths: Axis[Count] = [256, 512, 1024, 2048]
    """Numbers of neurons m."""
    portion: Portion = 0.2
    """Portion of random labels."""
    repetitions: Count = 5
    """Seeds of the initialisation and of labels."""
    arms: Named[Beginning] = {
        "small": Beginning(kappa=0.01, antisymmetric=False),
        "kernel": Beginning(kappa=1.0, antisymmetric=True),
    }
    """Ways to start: the paper's small κ, and the kernel regime; `null` leaves one out."""
    steps: NonNegativeInt = 300
    """Gradient steps."""
    seeds_per_job: Count = 5
    """Networks that share a job."""


class Fit(Strict):
    """Section 1: steps until every training label is fitted, true and random."""

    problems: Distinct[Name] = ["digits01", "digits"]
    """Problems whose first points are taken."""
    points: Count = 100
    """How many of them."""
    width: Count = 1024
    """Number of neurons m."""
    repetitions: Count = 3
    """Seeds of the initialisation and of random labels."""
    steps: Count = 20000
    """Gradient steps at most."""
