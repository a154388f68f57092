"""Runs a network in torch, as fast as the device allows without leaving float32's answer behind.

Import this module only where a network is about to be loaded: it imports torch.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from indexer.domain import Embeddings
from indexer.embedders.devices import count_cores, keep_large_blocks
from indexer.embedders.engine import IMAGES_PER_CORE, LEAST_AGREEMENT, START_ENDS, make_probe, measure_agreement
from indexer.embedders.preprocessing import Preprocessing

_logger = logging.getLogger(__name__)


class PixelNetwork(nn.Module):
    """A network that takes pixels: normalisation first, then the network itself.

    Args:
        network: Takes float32 (B, 3, H, W), gives (B, D).
        preprocessing: Its mean and standard deviation.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, network: nn.Module, preprocessing: Preprocessing) -> None:
        super().__init__()
        self.network = network
        shape = (1, 3, 1, 1)
        self.register_buffer("mean", torch.tensor(preprocessing.mean).view(shape) * 255)
        self.register_buffer("scale", 1 / (torch.tensor(preprocessing.std).view(shape) * 255))

    def forward(self, pixels: Tensor) -> Tensor:
        """Embed uint8 RGB (B, H, W, 3) into (B, D).

        Permuted, that memory order is exactly torch's channels-last, so that no byte moves.
        """
        inputs = pixels.permute(0, 3, 1, 2).to(torch.float32)
        embeddings: Tensor = self.network((inputs - self.mean) * self.scale)
        return embeddings


class TorchEngine:
    """A network on a device, in 16 bits where the hardware computes them natively and the result agrees.

    Args:
        network: Takes float32 (B, 3, H, W), gives (B, D).
        preprocessing: Input size, mean and standard deviation.
        device: ``cpu``, ``mps`` or ``cuda:N``.
        is_exact: Whether to stay with float32 in any case.
    """

    def __init__(
        self, network: nn.Module, preprocessing: Preprocessing, *, device: str, is_exact: bool = False
    ) -> None:
        self._device = torch.device(device)
        if self._device.type == "cpu":
            keep_large_blocks()
        pixel_network = PixelNetwork(network, preprocessing).eval().requires_grad_(requires_grad=False)
        self._network = pixel_network.to(device=self._device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._dtype: torch.dtype | None = None
        self._most_at_once: int | None = None
        self._pool = _start_pool() if self._device.type == "cpu" else None
        self.description = f"torch float32 on {device}"
        dtype = None if is_exact else _native_dtype(self._device)
        if dtype is not None:
            self._choose_precision(dtype, make_probe(preprocessing.input_size_hw))

    def run(self, batch: npt.NDArray[np.uint8]) -> Embeddings:
        """Embed uint8 RGB (B, H, W, 3) into float32 (B, D)."""
        if self._pool is None:
            return self._run_part(batch)
        # Small parts, so that a thread whose core was taken away for a while does not hold up the batch.
        n_parts = max(count_cores(), -(-len(batch) // IMAGES_PER_CORE))
        parts = [part for part in np.array_split(batch, n_parts) if len(part)]
        return np.concatenate(list(self._pool.map(self._run_part, parts)))

    def _run_part(self, batch: npt.NDArray[np.uint8]) -> Embeddings:
        """Embed images at once, or in halves where the memory of a GPU does not hold what they need."""
        size = min(len(batch), self._most_at_once or len(batch))
        parts = [batch[start : start + size] for start in range(0, len(batch), size)]
        try:
            return np.concatenate([self._run_at_once(part) for part in parts])
        except torch.cuda.OutOfMemoryError as error:
            if size == 1:
                raise
            reason = str(error).partition(".")[0]
        # The error is gone by now, and with it what the failed pass held.
        torch.cuda.empty_cache()
        self._most_at_once = size // 2
        _logger.warning("%s: %s; from now on %d images at once", self._device, reason, self._most_at_once)
        return self._run_part(batch)

    def _run_at_once(self, batch: npt.NDArray[np.uint8]) -> Embeddings:
        with torch.inference_mode(), self._autocast():
            embeddings = self._network(self._send(batch))
            return embeddings.float().cpu().numpy()  # type: ignore[no-any-return]

    def _send(self, batch: npt.NDArray[np.uint8]) -> Tensor:
        """The batch on the device; page-locked memory lets a CUDA copy overlap with the work before it."""
        pixels = torch.from_numpy(batch)
        if self._device.type == "cuda":
            return pixels.pin_memory().to(self._device, non_blocking=True)
        return pixels.to(self._device)

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self._device.type, dtype=self._dtype, enabled=self._dtype is not None)

    def _choose_precision(self, dtype: torch.dtype, probe: npt.NDArray[np.uint8]) -> None:
        """Take 16 bits if they agree with float32, else 16 bits after a start in float32, else float32; say which."""
        reference = self.run(probe)
        name = str(dtype).removeprefix("torch.")
        agreement = 0.0
        for label, kept in [(name, []), *self._list_starts(name, self._send(probe[:1]))]:
            self._dtype = dtype
            for module in kept:
                module.forward = _without_autocast(module, self._device.type)
            agreement = measure_agreement(self.run(probe), reference)
            if agreement >= LEAST_AGREEMENT:
                self.description = f"torch {label} on {self._device} (cosine with float32 {agreement:.4f})"
                return
        self._dtype = None
        self.description += f" ({name} refused: cosine with float32 {agreement:.4f} < {LEAST_AGREEMENT})"
        _logger.warning("%s", self.description)

    def _list_starts(self, name: str, pixels: Tensor) -> list[tuple[str, list[nn.Module]]]:
        """The starts that may stay in float32, shortest first; each holds those before it."""
        starts = ((end, find_start(self._network, pixels, end=end)) for end in START_ENDS)
        return [(f"{name} after a float32 start (to 1/{end})", start) for end, start in starts if start]


def find_start(network: nn.Module, pixels: Tensor, *, end: int) -> list[nn.Module]:
    """The convolutions at the start of a network, which may be worth keeping in float32; see ``START_ENDS``.

    Args:
        network: Takes ``pixels``.
        pixels: uint8 RGB (1, H, W, 3).
        end: How many times smaller than the input the last of their maps may be.

    Returns:
        Convolutions in order of execution, up to the last of the smallest maps that are large enough. None where no
        map is, as in transformers.
    """
    executed: list[nn.Module] = []
    sizes: dict[int, int] = {}

    def note(module: nn.Module, _: object, output: Tensor) -> None:
        executed.append(module)
        if output.shape[-1] * end >= pixels.shape[2]:
            sizes[len(executed)] = output.numel()

    hooks = [module.register_forward_hook(note) for module in network.modules() if isinstance(module, nn.Conv2d)]
    try:
        with torch.inference_mode():
            network(pixels)
    finally:
        for hook in hooks:
            hook.remove()
    smallest = min(sizes.values(), default=0)
    return executed[: max((count for count, size in sizes.items() if size == smallest), default=0)]


def _start_pool() -> ThreadPoolExecutor:
    """A thread a core, each computing its images alone.

    Torch's own threads share every layer and wait for each other after it, spinning. As soon as anything else runs on
    the machine, all of them wait for the slowest (measured on 2 busy cores: 8 images a second, this way 25).
    """
    n_cores, n_threads = count_cores(), torch.get_num_threads()
    all_started = threading.Barrier(n_cores)

    def start(_: int) -> None:
        torch.set_num_threads(1)
        torch.get_num_threads()  # a thread takes the number in force when it first asks, and keeps it
        all_started.wait()

    pool = ThreadPoolExecutor(n_cores, "torch")
    list(pool.map(start, range(n_cores)))
    torch.set_num_threads(n_threads)  # for every other thread
    return pool


def _without_autocast(module: nn.Module, device_type: str) -> Callable[[Tensor], Tensor]:
    """The module's forward pass in float32; autocast takes over again with the next convolution."""
    forward = type(module).forward

    def forward_in_float32(inputs: Tensor) -> Tensor:
        with torch.autocast(device_type, enabled=False):
            output: Tensor = forward(module, inputs.float())
            return output

    return forward_in_float32


def _native_dtype(device: torch.device) -> torch.dtype | None:
    """The 16-bit float that the device computes natively, or None."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    if device.type == "cpu" and has_native_bfloat16():
        return torch.bfloat16
    return None


def has_native_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 in hardware (AVX512-BF16, AMX or the ARM extension)."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())  # noqa: SLF001 - the only place torch tells it
