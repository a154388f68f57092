"""Runs a network in OpenVINO: on a CPU, nearly twice as fast as torch, and the same answer for every batch size.

Import this module only where a network is about to be loaded: it imports torch and OpenVINO.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from indexer.domain import Embeddings
from indexer.embedders.base import shorten
from indexer.embedders.devices import count_cores, keep_large_blocks
from indexer.embedders.engine import LEAST_AGREEMENT, START_ENDS, make_probe, measure_agreement
from indexer.embedders.preprocessing import Preprocessing
from indexer.embedders.quiet_openvino import openvino
from indexer.embedders.quiet_openvino import opset13 as ops
from indexer.embedders.torch_engine import PixelNetwork, has_native_bfloat16
from indexer.errors import ModelLoadError

_logger = logging.getLogger(__name__)

Run = Callable[[npt.NDArray[Any]], Embeddings]


class OpenVinoEngine:
    """A network compiled for this CPU, in bfloat16 where the hardware has it and the result agrees with float32.

    Args:
        network: Takes float32 (B, 3, H, W), gives (B, D).
        preprocessing: Input size, mean and standard deviation.

    Raises:
        ModelLoadError: OpenVINO cannot convert or compile the network, or its float32 disagrees with torch's.
    """

    def __init__(self, network: nn.Module, preprocessing: Preprocessing) -> None:
        keep_large_blocks()
        probe = make_probe(preprocessing.input_size_hw)
        pixel_network = PixelNetwork(network, preprocessing).eval()
        with torch.inference_mode():
            reference = pixel_network(torch.from_numpy(probe)).numpy()
        try:
            model = _convert(pixel_network, probe[:1])
            self._run, self.description = _choose_precision(model, probe, reference)
        except Exception as error:  # the converter meets any architecture
            raise ModelLoadError(f"OpenVINO cannot run {type(network).__name__}: {shorten(error)}") from error

    def run(self, batch: npt.NDArray[np.uint8]) -> Embeddings:
        """Embed uint8 RGB (B, H, W, 3) into float32 (B, D)."""
        return self._run(batch)


def _convert(network: nn.Module, example: npt.NDArray[np.uint8]) -> Any:
    """Trace the network into an OpenVINO model whose batch size stays open."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns of every branch that it freezes; the agreement check decides
        model = openvino.convert_model(network, example_input=torch.from_numpy(example))
    model.reshape({0: openvino.PartialShape([-1, *example.shape[1:]])})
    return model


def _choose_precision(model: Any, probe: npt.NDArray[np.uint8], reference: Embeddings) -> tuple[Run, str]:
    """The fastest way to run ``model`` that agrees with the reference, and its description."""
    agreement = 1.0
    for label, run in _compile_reduced(model):
        agreement = measure_agreement(run(probe), reference)
        if agreement >= LEAST_AGREEMENT:
            return run, f"openvino {label} on cpu (cosine with float32 {agreement:.4f})"
    description = "openvino float32 on cpu"
    if agreement < LEAST_AGREEMENT:
        description += f" (bfloat16 refused: cosine with float32 {agreement:.4f} < {LEAST_AGREEMENT})"
        _logger.warning("%s", description)
    run = _compile(model, "f32")
    agreement = measure_agreement(run(probe), reference)
    if agreement < LEAST_AGREEMENT:
        raise ValueError(f"its float32 disagrees with torch: cosine {agreement:.4f}")
    return run, description


def _compile_reduced(model: Any) -> Iterator[tuple[str, Run]]:
    """Ways to run ``model`` in bfloat16, fastest first, each compiled when it is asked for."""
    if not has_native_bfloat16():
        return
    yield "bfloat16", _compile(model, "bf16")
    for end in START_ENDS:
        parts = split_after_start(model.clone(), end=end)
        if parts:
            label = f"bfloat16 after a float32 start (to 1/{end})"
            yield label, _chain(_compile(parts[0], "f32"), _compile(parts[1], "bf16"))


def _chain(start: Run, rest: Run) -> Run:
    return lambda batch: rest(start(batch))


def _compile(model: Any, precision: str) -> Run:
    """Compile for this CPU. Without pinning: several processes would otherwise share one core (measured)."""
    options = {
        "INFERENCE_PRECISION_HINT": precision,
        "ENABLE_CPU_PINNING": False,
        "INFERENCE_NUM_THREADS": count_cores(),
    }
    compiled = openvino.Core().compile_model(model, "CPU", options)
    return lambda batch: np.array(compiled([batch])[0], np.float32)  # a copy: OpenVINO reuses its own memory


def split_after_start(model: Any, *, end: int) -> tuple[Any, Any] | None:
    """Cut a model in two where ``torch_engine.find_start`` ends; see ``START_ENDS``.

    Args:
        model: Takes (B, H, W, 3); consumed.
        end: How many times smaller than the input the map at the cut may be.

    Returns:
        Two models, the second taking what the first gives; None where no single map separates such a start.
    """
    height = model.input(0).partial_shape[1].get_length()
    sizes = {}
    for node in _list_separators(model):
        channels, rows, columns = _static_map(node.output(0).partial_shape)
        if min(channels, columns) > 3 and rows * end >= height:  # three colours are still the picture itself
            sizes[node] = channels * rows * columns
    if not sizes:
        return None
    smallest = min(sizes.values())
    cut = [node for node, size in sizes.items() if size == smallest][-1].output(0)
    entry = ops.parameter(cut.partial_shape, np.float32)
    for consumer in cut.get_target_inputs():
        consumer.replace_source_output(entry.output(0))
    return openvino.Model([cut], model.get_parameters()), openvino.Model(model.get_results(), [entry])


def _static_map(shape: Any) -> tuple[int, int, int]:
    """Channels, rows and columns of (B, C, H, W); zeros for any other shape."""
    if shape.rank.get_length() != 4 or not all(shape[axis].is_static for axis in (1, 2, 3)):
        return 0, 0, 0
    return shape[1].get_length(), shape[2].get_length(), shape[3].get_length()


def _list_separators(model: Any) -> list[Any]:
    """Operations, in order, through whose single output everything flows that depends on the input."""
    order = [node for node in model.get_ordered_ops() if node.get_type_name() != "Result"]
    position = {node.get_name(): index for index, node in enumerate(model.get_ordered_ops())}
    dependent: set[str] = {parameter.get_name() for parameter in model.get_parameters()}
    separators, open_until = [], -1
    for node in order:
        name = node.get_name()
        sources = {value.get_node().get_name() for value in node.input_values()}
        if not (name in dependent or sources & dependent):
            continue
        dependent.add(name)
        if open_until <= position[name] and node.get_output_size() == 1:
            separators.append(node)
        users = [position[target.get_node().get_name()] for target in node.output(0).get_target_inputs()]
        open_until = max([open_until, *users])
    return separators
