"""A Qdrant server in memory, for tests: the real qdrant-client talks to it over loopback, in Qdrant's REST.

* ``faults.py``: failures that a test orders, and actions between two requests.
* ``strict_mode.py``: what strict mode refuses, in the server's words.
* ``methods.py``: what each path answers, from qdrant-client's own local mode.
* ``running.py``: ``running_server()``, the double on a free port in a thread.

The points, filters and scores are those of qdrant-client's local mode. Payload indexes, strict mode and what goes wrong
on the way are the double's own.
"""

from tests.doubles.qdrant_server.faults import Fault
from tests.doubles.qdrant_server.running import QdrantServerDouble, running_server

__all__ = ["Fault", "QdrantServerDouble", "running_server"]
