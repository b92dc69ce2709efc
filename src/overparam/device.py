"""Where and how precisely torch computes."""

import numpy as np
import torch

from overparam.errors import Refusal

DTYPES = {"float32": torch.float32, "float64": torch.float64}


def choose(name: str) -> torch.device:
    """The device `cpu` or `cuda`, set up so that equal runs give equal bytes.

    The threads on the CPU are those of the process (OMP_NUM_THREADS): the last bits of a sum
    depend on their number.
    Raises Refusal if `cuda` is asked for and torch sees no GPU.
    """
    if name == "cuda":
        if not torch.cuda.is_available():
            raise Refusal(
                "two_layer.train.device: found 'cuda', expected a GPU that torch "
                f"{torch.__version__} can use, and there is none: set it to 'cpu'"
            )
        # TensorFloat-32 keeps 10 bits of each factor: far from the float32 that was asked for.
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.use_deterministic_algorithms(True)
    return torch.device(name)


def tensor(array: np.ndarray, dtype: str, device: torch.device) -> torch.Tensor:
    """A copy of a NumPy array on `device`, in the dtype that `dtype` names."""
    return torch.tensor(array, dtype=DTYPES[dtype], device=device)


def array(values: torch.Tensor) -> np.ndarray:
    """A tensor back as NumPy float64 on the host."""
    return values.detach().cpu().double().numpy()


def stored(values: torch.Tensor) -> np.ndarray:
    """A tensor as NumPy in its own dtype, to be put away and given to `tensor` again."""
    return values.detach().cpu().numpy()
