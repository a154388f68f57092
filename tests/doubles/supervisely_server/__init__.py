"""A Supervisely server in memory, for tests: the real SDK talks to it over loopback.

* ``habits.py``: what servers do differently, as switches.
* ``clock.py``: a clock that a test moves.
* ``failures.py``: failures that a test orders, and actions between two requests.
* ``tables.py``: projects, data sets, images, figures, and what editing them touches.
* ``listings.py``: filters, sorting and pages.
* ``methods.py``, ``edits.py``, ``work.py``: what the API's methods answer, by name.
* ``samples.py``: small projects.
* ``transport.py``: requests, tokens, multipart bodies, broken answers.
* ``running.py``: ``running_server()``, the double on a free port in a thread.

Only what Lookalike and the SDK ask is there. Answers have the shapes that the SDK reads.
"""

from tests.doubles.supervisely_server.habits import Habits
from tests.doubles.supervisely_server.running import SuperviselyServerDouble, running_server

__all__ = ["Habits", "SuperviselyServerDouble", "running_server"]
