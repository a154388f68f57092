"""A run spread over several machines by Ray: shards of images are read and embedded there, and written here.

Every shard is one chain of two tasks, first reading, then embedding. A task that a machine takes down with it is done
again by another one. On a Qdrant server, a third task writes the shard from there. An embedded store has one owner, so
the process that started the run writes then. That process lists in any case, and holds the lease of the collection.
"""

from __future__ import annotations

import functools
import os
import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from indexer.domain import CollectionSpec, CropOptions, ImageLimits, InstanceMode
from indexer.embedders.base import Embedder
from indexer.embedders.embedders import Embedders
from indexer.embedders.opening import open_embedder
from indexer.errors import EmbedderError, IndexerError, InvalidOptionsError, ModelLoadError
from indexer.pipeline.batches import map_ahead
from indexer.pipeline.collection_writer import FinishedImage, write_images
from indexer.pipeline.prepared_images import ChangedImage, ImagePreparer, PreparedImage
from indexer.pipeline.sync import Finish, SyncOptions
from indexer.points import SourceIdentity
from indexer.settings import EmbedderSettings, IndexerSettings, StoreSettings
from indexer.sources.base import ImageSource, ServerSource
from indexer.sources.notes import Note, NoteKind, SourceNotes
from indexer.stores.base import Collection
from indexer.stores.opening import open_store

IMAGES_PER_SHARD: Final = 64
_RETRIES: Final = 10
"""A shard is done again so often if machines go away."""
_READERS: Final = 4
_KNOCK_S: Final = 5.0
Shard = Sequence[ChangedImage]


@dataclass(frozen=True, slots=True)
class Destination:
    """Collection on a Qdrant server that every machine writes to.

    Attributes:
        store: The server; its key travels to the machines.
        name: Name of the collection.
        spec: What made its embeddings comparable.
    """

    store: StoreSettings
    name: str
    spec: CollectionSpec


@dataclass(frozen=True, slots=True)
class SpreadWork:
    """Order to a machine: how it reads and embeds images.

    Attributes:
        open_source: Opens the source; the same paths must lead there on every machine.
        identity: Key and name of the source.
        embedder: Which embedder.
        cache_dir: Folder where facts about models are remembered.
        fingerprint: Of the embedder; a machine with other weights is refused.
        mode: Which instances become points.
        crops: How crops are cut.
        limits: The largest image that is read.
        batch_size: Crops per forward pass; what suits the device if None.
        force: Whether everything is embedded anew.
        destination: Where the machine writes what is finished; None if the process that started the run writes.
    """

    open_source: Callable[[], ImageSource]
    identity: SourceIdentity
    embedder: EmbedderSettings
    cache_dir: Path
    fingerprint: str
    mode: InstanceMode
    crops: CropOptions
    limits: ImageLimits | None
    batch_size: int | None
    force: bool
    destination: Destination | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    """A shard with its crops, and what was noted of the source meanwhile."""

    images: list[PreparedImage]
    notes: dict[NoteKind, Note]


class RayCluster:
    """Machines that Ray joins.

    Args:
        address: Address of the cluster's head, ``auto`` for the one of this machine, or ``local`` for this machine.
        images_per_shard: Images that travel together.

    Raises:
        InvalidOptionsError: Ray is not installed, or no cluster answers there.
    """

    def __init__(self, address: str, *, images_per_shard: int = IMAGES_PER_SHARD) -> None:
        self._ray, self._images_per_shard = _connect(address), images_per_shard

    def finish(self, work: SpreadWork, changed: Iterable[ChangedImage], notes: SourceNotes) -> Iterator[FinishedImage]:
        """Yield the images in their order, with the embeddings of their crops.

        At most twice as many shards are on their way as the cluster has processors, which bounds memory.

        Args:
            work: What the machines must know.
            changed: What to read and embed.
            notes: Where to note what machines noted.

        Raises:
            IndexerError: A machine has another model, or too many machines went away.
        """
        ray = self._ray
        told = ray.put(work)
        n_gpus = 1 if work.embedder.device.startswith("cuda") else 0
        read = ray.remote(num_cpus=1, max_retries=_RETRIES)(read_shard)
        embed = ray.remote(num_cpus=0 if n_gpus else 1, num_gpus=n_gpus, max_retries=_RETRIES)(embed_shard)
        write = ray.remote(num_cpus=0, max_retries=_RETRIES)(write_shard)
        on_the_way: deque[Any] = deque()
        shards = _shards_of(changed, self._images_per_shard)
        try:
            for shard in shards:
                embedded = embed.remote(told, read.remote(told, shard))
                on_the_way.append(embedded if work.destination is None else write.remote(told, embedded))
                if len(on_the_way) >= self._n_ahead():
                    yield from self._take(on_the_way.popleft(), notes)
            while on_the_way:
                yield from self._take(on_the_way.popleft(), notes)
        finally:
            for one in on_the_way:
                ray.cancel(one, force=True)

    def close(self) -> None:
        """Leave the cluster; closing twice is fine."""
        self._ray.shutdown()

    def _n_ahead(self) -> int:
        return max(2, 2 * int(self._ray.cluster_resources().get("CPU", 1)))

    def _take(self, one: Any, notes: SourceNotes) -> Iterator[FinishedImage]:
        ray = self._ray
        try:
            finished, noted = ray.get(one)
        except ray.exceptions.RayTaskError as error:
            cause = error.cause
            if isinstance(cause, IndexerError):
                raise cause from error
            raise EmbedderError(f"a machine of the cluster failed: {type(cause).__name__}: {cause}") from error
        except ray.exceptions.RayError as error:
            reason = " ".join(str(error).split())[:300]
            raise EmbedderError(
                f"the cluster lost a shard {_RETRIES} times ({reason}); what was stored is kept, run it again"
            ) from error
        for kind, note in noted.items():
            for place, example in enumerate(note.examples):
                notes.add(kind, example, count=note.count - len(note.examples) + 1 if place == 0 else 1)
        yield from finished


def spread_over(
    cluster: RayCluster, embedders: Embedders, store: StoreSettings
) -> Callable[[Callable[[], ImageSource], ImageSource, EmbedderSettings, SyncOptions], Finish]:
    """Make what a run asks for to be done on a cluster.

    Args:
        cluster: The machines.
        embedders: Those of this process, which tell the fingerprint that all machines must have.
        store: Where points live; on a Qdrant server, the machines write them.
    """

    def spread(
        opener: Callable[[], ImageSource], source: ImageSource, chosen: EmbedderSettings, options: SyncOptions
    ) -> Finish:
        def finish(
            changed: Iterable[ChangedImage], mode: InstanceMode, collection: Collection
        ) -> Iterator[FinishedImage]:
            is_shared = store.url is not None
            work = SpreadWork(
                open_source=opener,
                identity=SourceIdentity(source.key, source.project),
                embedder=chosen,
                cache_dir=embedders.cache_dir,
                fingerprint=embedders.open(chosen).spec.fingerprint,
                mode=mode,
                crops=options.crops,
                limits=source.limits,
                batch_size=options.batch_size,
                force=options.force,
                destination=Destination(store, collection.name, collection.spec) if is_shared else None,
            )
            return cluster.finish(work, changed, source.notes)

        return finish

    return spread


def read_shard(work: SpreadWork, shard: Shard) -> _Read:
    """Read a shard's images and cut their crops; runs on a machine of the cluster."""
    source, embedder = _open_parts(work)
    source.notes = SourceNotes()
    prepare = ImagePreparer(source, work.identity, embedder, mode=work.mode, options=work.crops, force=work.force)
    images = list(map_ahead(prepare, shard, workers=_READERS, ahead=2 * _READERS))
    return _Read(images, dict(source.notes.collected()))


def embed_shard(work: SpreadWork, read: _Read) -> tuple[list[FinishedImage], dict[NoteKind, Note]]:
    """Embed a shard's crops in full batches; runs on a machine of the cluster."""
    _, embedder = _open_parts(work)
    finished = [FinishedImage(one) for one in read.images]
    waiting = [(one, point_id) for one in finished for point_id in one.prepared.inputs]
    size = (work.batch_size or embedder.batch_size) if waiting else 1
    for start in range(0, len(waiting), size):
        batch = waiting[start : start + size]
        inputs = [one.prepared.inputs.pop(point_id) for one, point_id in batch]
        for (one, point_id), embedding in zip(batch, embedder.embed(inputs), strict=True):
            one.embeddings[point_id] = embedding
    return finished, read.notes


def write_shard(
    work: SpreadWork, embedded: tuple[list[FinishedImage], dict[NoteKind, Note]]
) -> tuple[list[FinishedImage], dict[NoteKind, Note]]:
    """Write a shard's images, and keep of them what is counted; runs on a machine of the cluster."""
    finished, notes = embedded
    if work.destination is not None:
        write_images(_open_collection(work.destination), [one for one in finished if one.prepared.has_writes])
    return [FinishedImage(one.prepared, is_written=True) for one in finished], notes


@functools.lru_cache(maxsize=1)
def _open_collection(destination: Destination) -> Collection:
    """Open a collection once per process and run."""
    settings = IndexerSettings(store=destination.store)
    return open_store(settings).open_collection(destination.name, spec=destination.spec)


@functools.lru_cache(maxsize=1)
def _open_once(told: _SameWork) -> tuple[ImageSource, Embedder]:
    work = told.work
    source = work.open_source()
    source.limits = work.limits or source.limits
    chosen = work.embedder
    embedder = open_embedder(
        chosen.model,
        checkpoint=chosen.checkpoint,
        device=chosen.device,
        batch_size=chosen.batch_size,
        cache_dir=work.cache_dir,
    )
    if embedder.spec.fingerprint != work.fingerprint:
        raise ModelLoadError(
            f"machine {os.uname().nodename} has other weights of {embedder.spec.name} than the one that started the "
            "run; give all of them the same --checkpoint"
        )
    return source, embedder


class _SameWork:
    """A key for what stays open between the shards of one run."""

    def __init__(self, work: SpreadWork) -> None:
        self.work = work
        self._key = (work.identity, work.fingerprint, work.crops.text, work.mode, work.force, str(work.embedder))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _SameWork) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


def _open_parts(work: SpreadWork) -> tuple[ImageSource, Embedder]:
    return _open_once(_SameWork(work))


def require_shared(source: ImageSource) -> None:
    """Refuse a source that only one process may read.

    Raises:
        InvalidOptionsError: It is on a server.
    """
    if isinstance(source, ServerSource):
        raise InvalidOptionsError(f"{source.key} is read by one machine; leave --ray out")


def _shards_of(changed: Iterable[ChangedImage], size: int) -> Iterator[list[ChangedImage]]:
    images = iter(changed)
    while shard := list(islice(images, size)):
        yield shard


def _connect(address: str) -> Any:
    try:
        import ray
    except ImportError as error:
        raise InvalidOptionsError("--ray needs Ray; install it with: pip install 'lookalike[ray]'") from error
    try:
        _knock(address)
        ray.init(None if address == "local" else address, log_to_driver=False, logging_level="error")
    except (ConnectionError, ValueError, OSError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InvalidOptionsError(
            f"no Ray cluster answers at '{address}' ({reason}); start one with 'ray start --head', or say local"
        ) from error
    return ray


def _knock(address: str) -> None:
    """See that somebody listens, as Ray itself waits for minutes.

    Raises:
        OSError: Nobody does, or the address is not valid.
    """
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not colon:
        return
    if not port.isdigit():
        raise OSError(f"'{port}' is no port")
    socket.create_connection((host, int(port)), timeout=_KNOCK_S).close()
