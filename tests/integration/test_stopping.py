"""Signals that end a process: real ones, sent to real commands at several moments."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.ports import free_port
from indexer.stores.qdrant_embedded import EmbeddedStore
from tests.endless_work import AT_WORK

pytestmark = pytest.mark.embedded  # its files, its lock and its disk

ROOT = Path(__file__).parents[2]
STOPPED = "lookalike: stopped; what was finished is kept, run the command again to go on"
CODES = {signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGINT: 130}


def start(*arguments, more=""):
    program = (
        "import signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's background ignores it
        f"{more}\n"
        f"sys.argv[1:] = {[str(one) for one in arguments]!r}\n"
        "from lookalike.__main__ import main\nmain()"
    )
    command = [sys.executable, "-u", "-c", program]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def start_without_end(*arguments):
    """Start a command that embeds a few batches and comes to no end by itself."""
    return start(*arguments, more="from tests.endless_work import embed_without_end; embed_without_end()")


def wait_for(working, stream, beginning):
    while not (line := getattr(working, stream).readline()).startswith(beginning):
        assert line, "it ended before it was at work"


def assert_closed(data_dir):
    """The lock is free, nobody is named as owner, and the revisions are those of a store that was closed."""
    assert not (data_dir / "owner.json").exists()
    for path in data_dir.glob("collections/*/*revision.json"):
        assert json.loads(path.read_text())["is_open"] is False
    return count_points(data_dir)


def count_points(data_dir):
    store = EmbeddedStore(data_dir)
    n_points = [store.open_collection(name).count() for name in store.collection_names()]
    store.close()
    return n_points


@pytest.mark.parametrize("number", list(CODES))
def test_index__stopped_while_it_embeds__keeps_what_is_finished_and_closes(photos, tmp_path, number):
    working = start_without_end("index", photos, "--data-dir", tmp_path / "data", "--batch-size", "1")
    wait_for(working, "stderr", AT_WORK)
    working.send_signal(number)
    _, err = working.communicate(timeout=60)

    assert (working.returncode, err.splitlines()[-1]) == (CODES[number], STOPPED)
    assert "Traceback" not in err
    assert_closed(tmp_path / "data")


@pytest.mark.parametrize("pause_s", [0, 0.3, 1])
def test_index__stopped_as_soon_as_it_holds_the_lock__closes(photos, tmp_path, pause_s):
    working = start_without_end("index", photos, "--data-dir", tmp_path / "data", "--batch-size", "1")
    while not (tmp_path / "data" / "owner.json").exists():
        assert working.poll() is None
        time.sleep(0.01)
    time.sleep(pause_s)
    working.send_signal(signal.SIGTERM)
    _, err = working.communicate(timeout=60)

    assert (working.returncode, err.splitlines()[-1]) == (143, STOPPED)
    assert "Traceback" not in err
    assert_closed(tmp_path / "data")


def test_index__stopped_again_and_again_while_it_closes__closes_all_the_same(photos, tmp_path):
    working = start_without_end("index", photos, "--data-dir", tmp_path / "data", "--batch-size", "1")
    wait_for(working, "stderr", AT_WORK)
    working.send_signal(signal.SIGTERM)
    for number in 20 * [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]:
        time.sleep(0.002)
        working.send_signal(number)
    _, err = working.communicate(timeout=60)

    # Of signals that wait together, Python handles the lowest number first; one may also come after the closing.
    assert working.returncode in {*CODES.values(), -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP}
    assert "Traceback" not in err
    assert_closed(tmp_path / "data")


IMPORTS = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
class Stop:
    def find_spec(self, name, *arguments):
        if name == "lookalike.commands.describing":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Stop())
from lookalike.__main__ import main
main()
"""


def test_main__stopped_while_it_imports_its_commands__says_so():
    stopped = subprocess.run([sys.executable, "-c", IMPORTS, "status"], capture_output=True, text=True, check=False)

    assert (stopped.returncode, stopped.stderr.splitlines(), stopped.stdout) == (130, [STOPPED], "")


def test_watch__stopped_while_it_waits__closes(data_dir, photos):
    working = start("watch", photos, "--every", "1h", "--data-dir", data_dir, "--json")
    assert working.stdout.readline().startswith("{")
    working.send_signal(signal.SIGTERM)
    _, err = working.communicate(timeout=60)

    assert (working.returncode, err.splitlines()[-1]) == (143, STOPPED)
    assert assert_closed(data_dir) == [12]


LONG_STEP = """
import signal, sys
from tests.endless_work import wait_for_ever
from indexer.neighbors import graphs
def search(*arguments, **options):
    print("at work", file=sys.stderr, flush=True)
    wait_for_ever()
graphs.search_points = search
from lookalike.commands.main import main
main(["suspects", "--data-dir", sys.argv[1]])
"""


@pytest.mark.parametrize("number", list(CODES))
def test_suspects__stopped_in_a_step_without_end__ends_and_the_data_are_whole(data_dir, number):
    command = [sys.executable, "-u", "-c", LONG_STEP, data_dir]
    working = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for(working, "stderr", "at work")

    working.send_signal(number)
    said = working.communicate(timeout=60)[1]

    assert (working.returncode, said.splitlines()) == (CODES[number], [STOPPED])
    assert count_points(data_dir) == [12]


OPENING = """
import signal, sys
from tests.endless_work import wait_for_ever
from indexer.stores.embedded_collection import EmbeddedCollection
def load(*arguments):
    print("at work", flush=True)
    wait_for_ever()
EmbeddedCollection._load = load
from lookalike.commands.main import main
main(["status", "--data-dir", sys.argv[1]])
"""


def test_status__stopped_while_the_engine_opens_a_collection__says_so(data_dir):
    """Meanwhile, what the engine writes to descriptor 2 is held back; the last line of the command is not."""
    command = [sys.executable, "-u", "-c", OPENING, data_dir]
    working = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for(working, "stdout", "at work")

    working.send_signal(signal.SIGINT)
    said = working.communicate(timeout=60)[1]

    assert (working.returncode, said.splitlines()) == (130, [STOPPED])


ASKED = """
import signal, sys, threading, time, urllib.request
signal.signal(signal.SIGINT, signal.default_int_handler)
from pathlib import Path
from indexer.neighbors import graphs
def search(*arguments, on_progress, **options):
    print("at work", flush=True)
    while True:
        if sys.argv[3] == "steps": on_progress("neighbor graph", 1, 2)
        time.sleep(0.02)
graphs.search_points = search
def ask():
    while not Path(sys.argv[1], "server.json").exists(): time.sleep(0.02)
    try: urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[2]}/api/v1/collections/{sys.argv[4]}/suspects")
    except OSError: pass
threading.Thread(target=ask, daemon=True).start()
from lookalike.commands.main import main
main(["serve", "--data-dir", sys.argv[1], "--port", sys.argv[2]])
"""


@pytest.mark.parametrize("kind", ["steps", "one long step"])
def test_serve__stopped_while_it_answers__ends_and_the_data_are_whole(data_dir, kind):
    """An answer has no end of its own here: it stops at its next step, and one without steps ends with the process."""
    name = next((data_dir / "collections").iterdir()).name
    command = [sys.executable, "-u", "-c", ASKED, data_dir, str(free_port()), kind, name]
    working = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for(working, "stdout", "at work")

    working.send_signal(signal.SIGINT)
    said = working.communicate(timeout=60)[1]

    assert (working.returncode, said) == (0, "")
    assert not (data_dir / "server.json").exists()
    assert count_points(data_dir) == [12]


@pytest.mark.parametrize("number", list(CODES))
def test_serve__stopped__closes_the_store(data_dir, number):
    working = start("serve", "--port", free_port(), "--data-dir", data_dir)
    wait_for(working, "stdout", "Lookalike is open at ")
    working.send_signal(number)
    _, err = working.communicate(timeout=60)

    assert (working.returncode, err) == (0, "")  # it is how one closes it, so it is no failure
    assert assert_closed(data_dir) == [12]


def test_demo__stopped_while_it_embeds__closes(tmp_path):
    working = start_without_end("demo", "--no-serve", "--data-dir", tmp_path / "data")
    wait_for(working, "stderr", AT_WORK)
    working.send_signal(signal.SIGTERM)
    _, err = working.communicate(timeout=60)

    assert (working.returncode, err.splitlines()[-1]) == (143, STOPPED)
    assert_closed(tmp_path / "data")


def test_status__started_to_ignore_hangups__ignores_them(data_dir, photos):
    """As nohup starts it."""
    program = (
        "import signal, os\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from lookalike.console import errors_as_exit_codes\n"
        "with errors_as_exit_codes(): os.kill(os.getpid(), signal.SIGHUP); print('goes on')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "goes on\n")
