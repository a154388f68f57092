# Made of lookalike/client/blocking by `python -m tests.meta.async_client`; change it there.

"""The server itself, and the names that it knows."""

from __future__ import annotations

from lookalike.client.asynchronous.sender import Sender
from lookalike.wire.catalogue import Catalogue, Models
from lookalike.wire.health import Health, Readiness


class CatalogueCalls(Sender):
    """Questions about the server."""

    async def get_health(self) -> Health:
        """Ask whether the server lives, and which version it runs.

        Example:
            >>> await client.get_health().status
            'ok'
        """
        return await self._ask(Health, "GET", "/health")

    async def get_readiness(self) -> Readiness:
        """Ask whether the server can answer questions about collections.

        Raises:
            StoreUnavailableError: Its store does not answer, or a collection is of another version.

        Example:
            >>> await client.get_readiness().status
            'ready'
        """
        return await self._ask(Readiness, "GET", "/ready")

    async def get_metrics(self) -> str:
        """Read numbers about requests, runs and collections, in the text format of Prometheus.

        Example:
            >>> lines = await client.get_metrics()
        """
        text = await self._read("/metrics")
        return text.decode()

    async def get_catalogue(self) -> Catalogue:
        """List source formats, embedders, projection methods and export formats.

        Example:
            >>> catalogue = await client.get_catalogue()
            >>> [entry.name for entry in catalogue.export_formats]
            ['coco', 'csv', 'embeddings-folder', 'parquet']
        """
        return await self._ask(Catalogue, "GET", "/catalogue")

    async def list_models(self, *, with_devices: bool = False) -> Models:
        """List recommended models, and whether they are on the server's machine.

        Args:
            with_devices: Also list the devices of that machine, which takes seconds the first time.

        Example:
            >>> models = await client.list_models()
            >>> models.models[0].name
            'timm:tf_efficientnet_lite0'
        """
        return await self._ask(Models, "GET", "/models", params={"with_devices": with_devices})
