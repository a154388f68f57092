"""Runs a network in torch, as fast as the device allows without leaving float32's answer behind.

Import this module only where a network is about to be loaded: it imports torch.
"""

from __future__ import annotations

import logging

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from indexer.domain import Embeddings
from indexer.embedders.devices import count_cores, keep_large_blocks
from indexer.embedders.engine import LEAST_AGREEMENT, make_probe, measure_agreement
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
    """A network on a device, in reduced precision where the hardware has it natively and the result agrees.

    Args:
        network: Takes float32 (B, 3, H, W), gives (B, D).
        preprocessing: Input size, mean and standard deviation.
        device: ``cpu``, ``mps`` or ``cuda:N``.
        precision: ``auto``, ``float32``, ``bfloat16`` or ``float16``.
    """

    def __init__(
        self, network: nn.Module, preprocessing: Preprocessing, *, device: str, precision: str = "auto"
    ) -> None:
        self._device = torch.device(device)
        if self._device.type == "cpu":
            keep_large_blocks()
            torch.set_num_threads(count_cores())
        pixel_network = PixelNetwork(network, preprocessing).eval().requires_grad_(requires_grad=False)
        self._network = pixel_network.to(device=self._device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._reduced: torch.dtype | None = None
        self.description = f"torch float32 on {device}"
        reduced = _native_precision(self._device) if precision == "auto" else getattr(torch, precision)
        if reduced not in (None, torch.float32):
            self._try_precision(reduced, make_probe(preprocessing.input_size_hw))

    def run(self, batch: npt.NDArray[np.uint8]) -> Embeddings:
        """Embed uint8 RGB (B, H, W, 3) into float32 (B, D)."""
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
        return torch.autocast(self._device.type, dtype=self._reduced, enabled=self._reduced is not None)

    def _try_precision(self, reduced: torch.dtype, probe: npt.NDArray[np.uint8]) -> None:
        """Keep ``reduced`` only where embeddings of the probe agree with float32; say so either way."""
        reference = self.run(probe)
        self._reduced = reduced
        agreement = measure_agreement(self.run(probe), reference)
        name = str(reduced).removeprefix("torch.")
        if agreement >= LEAST_AGREEMENT:
            self.description = f"torch {name} on {self._device} (cosine with float32 {agreement:.4f})"
            return
        self._reduced = None
        self.description += f" ({name} refused: cosine with float32 {agreement:.4f} < {LEAST_AGREEMENT})"
        _logger.warning("%s", self.description)


def _native_precision(device: torch.device) -> torch.dtype | None:
    """The 16-bit float that the device computes natively, or None."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    if device.type == "cpu" and has_native_bfloat16():
        return torch.bfloat16
    return None


def has_native_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 in hardware (AVX512-BF16, AMX or the ARM extension)."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())  # noqa: SLF001 - the only place torch tells it
