"""Rewrites pickled weights as safetensors: `python -m apps.rag.embedders.convert SOURCE TARGET`.

Some publishers offer pytorch_model.bin alone. Torch's restricted loader reads tensors and nothing else, here
in a process of its own without the application's secrets; what is installed holds no pickle.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from apps.rag.models.errors import ModelFileError

SECONDS = 1800


def convert(source: Path, target: Path) -> None:
    """Raises ModelFileError where the file holds anything but tensors."""
    command = [sys.executable, "-m", "apps.rag.embedders.convert", str(source), str(target)]
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "OMP_NUM_THREADS": "1",
    }
    try:
        done = subprocess.run(  # noqa: S603 — our own module, no shell
            command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ModelFileError("Reading the pickled weights took too long.") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1][:300]
        raise ModelFileError(
            f"The pickled weights hold more than tensors, or are damaged: {last}", code="model_unsafe"
        )


def main(source: str, target: str) -> None:
    import torch
    from safetensors.torch import save_file

    state = torch.load(source, map_location="cpu", weights_only=True)
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise TypeError("not a table of tensors")
    # Names that share one tensor are written out: safetensors keep no such sharing.
    save_file(
        {name: value.clone().contiguous() for name, value in state.items()}, target, metadata={"format": "pt"}
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
