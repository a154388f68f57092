"""The double as a server to try things on: ``python -m tests.doubles.supervisely_server``.

It holds a project of drawn streets, prints what to set, and forgets everything when it ends.
"""

import signal
import sys

from tests.doubles.supervisely_server.running import running_server
from tests.doubles.supervisely_server.streets import add_streets


def main():
    """Serve until Ctrl+C."""
    with running_server() as double:
        project = add_streets(double.tables)
        double.tables.add_project("Nothing yet, but a name that is as long as names of real projects are now and then")
        lines = [f"export {name}={value}" for name, value in double.environment.items()]
        lines.append(f"lookalike index supervisely://{project}   # in another terminal; Ctrl+C here ends the server")
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()
