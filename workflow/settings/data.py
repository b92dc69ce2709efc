"""Settings of the data: data sets, and which of their points are used."""

from typing import Annotated, Any, Literal

from pydantic import Field, PositiveInt, ValidationInfo, field_validator, model_validator

from pipeline.settings import Count, Distinct, Positive, Strict, check_own_file

Class = int | str


class Subset(Strict):
    """How many points, and whether both groups get as many."""

    n: Annotated[int, Field(ge=2, le=25_000)]
    """Number of points. Beyond 25 000 OpenBLAS's Cholesky is known to crash."""
    balanced: bool = False
    """As many points of each group; n must then be even."""


class Kernel(Strict):
    """The kernel of infinitely wide networks: two-layer ReLU ones without biases, for now."""

    depth: Count = 2
    """Layers of weights."""
    activation: str = "relu"
    """Activation of the hidden layers."""
    sigma_w: Positive = 1.0
    """Scale σ_w of the weights W ~ N(0, 1): σ_w Wx in the first layer, σ_w Wh/√m in later ones."""
    sigma_b: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """Scale σ_b of the biases: each layer adds σ_b b, b ~ N(0, 1)."""
    layers: str = "first"
    """Layers that are trained."""
    architecture: str = "dense"
    """How the layers are connected."""

    @field_validator("*")
    @classmethod
    def _there(cls, value: Any, field: ValidationInfo) -> Any:
        only = cls.model_fields[str(field.field_name)].default
        if value != only:
            raise ValueError(f"found {value!r}, expected {only!r}: no other is there yet")
        return value


class Problem(Strict):
    """One data set, prepared: two groups of classes, sizes, and how points are chosen."""

    source: Literal["digits", "mnist", "cifar10", "file"]
    """Where the points come from; `file` is data of your own."""
    file: str | None = None
    """For `source: file`: a .npz (arrays x, y and, if you like, x_test, y_test) or a .csv."""
    label_column: str = "label"
    """For a .csv: the column that holds the class; the others are inputs."""
    ignore_columns: Distinct[str] = []
    """For a .csv: columns that are no inputs either, such as one that numbers the points."""
    groups: tuple[list[Class], list[Class]]
    """Classes labelled +1, and classes labelled −1."""
    standardize: Literal["none", "columns", "images"] = "none"
    """Each point is scaled to unit length, so that its direction alone counts. Before, `columns`
    takes each column's mean over the two groups away and divides by its standard deviation;
    `images` takes each point's own mean away."""
    selection: Literal["first", "random", "stratified"] = "first"
    """File order; drawn by the seed; or drawn so that every class keeps its share."""
    train: Subset
    """Training points."""
    test: Subset
    """Test points: of the source's own test set where it has one, else of what training left."""
    splits: PositiveInt = 1
    """How often to draw the points anew (split 0 is the one that networks train on)."""
    degenerate: Literal["refuse", "drop"] = "refuse"
    """Zero inputs, inputs parallel to an earlier one and more pairs of opposite inputs than
    dimensions make H∞ singular: stop, or leave out."""
    kernel: Kernel = Kernel()
    """The kernel of its Gram matrix H∞ and all that follows from it; there is one for now,
    xᵀx′(π − arccos xᵀx′)/2π."""
    threads: PositiveInt = 1
    """Mathematical threads of the Gram matrix, the spectrum and the complexity measure."""

    @model_validator(mode="after")
    def _consistent(self) -> "Problem":
        check_own_file(self.source, self.file)
        # Classes are compared as text: 3 and '3' are one.
        first, second = ([str(label) for label in group] for group in self.groups)
        if not first or not second or len({*first, *second}) < len(first) + len(second):
            raise ValueError(
                f"groups: found {self.groups}, expected two lists of classes, neither empty, "
                "each class once"
            )
        for side, subset in (("train", self.train), ("test", self.test)):
            if subset.balanced and subset.n % 2:
                raise ValueError(
                    f"{side}.n: found {subset.n}, expected an even number, since 'balanced' takes "
                    "half of it from each group"
                )
        if self.selection == "first" and self.splits > 1:
            raise ValueError(
                f"splits: found {self.splits}, expected 1: 'selection: first' gives the same "
                "points each time; use random or stratified"
            )
        return self


DIGITS = Problem(
    source="digits",
    groups=([0, 1, 2, 3, 4], [5, 6, 7, 8, 9]),
    selection="stratified",
    train=Subset(n=1437),
    test=Subset(n=360),
    splits=5,
)
DIGITS01 = Problem(
    source="digits",
    groups=([0], [1]),
    selection="first",
    train=Subset(n=200, balanced=True),
    test=Subset(n=150, balanced=True),
)
