"""``lookalike.connect``: from any folder, beside a server and without one."""

import asyncio
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import lookalike
from lookalike.client.server_file import ServerFile
from lookalike.errors import StoreLockedError
from tests.browser.serving import serve
from tests.planted import PLANTED, write_planted_collection

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("connecting") / "data"
    folder.mkdir()
    write_planted_collection(folder)
    return folder


def run(program, *, cwd, paths=()):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*map(str, paths), str(ROOT)])}
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True, text=True, check=False, cwd=cwd, env=environment, timeout=120,
    )  # fmt: skip


@pytest.fixture
def project(tmp_path):
    """A user's own project, with folders that are called as ours are."""
    for name in ("api", "explorer", "indexer"):
        (tmp_path / "project" / name).mkdir(parents=True)
        (tmp_path / "project" / name / "__init__.py").write_text("raise SystemExit('this is my own')\n")
    return tmp_path / "project"


def test_import__takes_none_of_our_folders_and_nothing_heavy(tmp_path):
    done = run(
        """
        import sys, lookalike
        lookalike.connect
        heavy = {"torch", "sklearn", "numpy", "pandas", "fastapi", "api", "explorer", "indexer"}
        print(sorted(heavy & {name.partition(".")[0] for name in sys.modules}))
        """,
        cwd=tmp_path,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize("question", ["client.get_status()", "client.list_suspects()"])
def test_connect__in_this_process__brings_nothing_that_a_question_about_labels_does_not_need(data_dir, question):
    done = run(
        f"""
        import sys, lookalike
        with lookalike.connect({str(data_dir)!r}) as client:
            {question}
        heavy = {{"torch", "sklearn", "pandas", "cv2", "PIL", "supervisely"}}
        print(sorted(heavy & {{name.partition(".")[0] for name in sys.modules}}))
        print("indexer.pipeline.sync" in sys.modules, "indexer.reviews.apply_reviews" in sys.modules)
        """,
        cwd=ROOT,
    )
    assert (done.stdout, done.stderr) == ("[]\nFalse False\n", "")


def test_connect__among_folders_of_the_same_names__says_what_to_do(data_dir, project):
    done = run(
        f"""
        import lookalike
        try:
            lookalike.connect({str(data_dir)!r})
        except lookalike.LookalikeError as error:
            print(error)
        """,
        cwd=project, paths=[project],
    )  # fmt: skip
    assert done.stdout.startswith(
        f"'import api' gives {project / 'api'} instead of Lookalike's own; start from another"
    )
    assert "'lookalike serve'" in done.stdout


def test_commands__among_folders_of_the_same_names(data_dir, project):
    program = f"""
        from lookalike.commands.main import main
        main(["suspects", "--limit", "1", "--data-dir", {str(data_dir)!r}])
        """
    alone = run(program, cwd=project, paths=[project])
    assert (alone.returncode, len(alone.stderr.splitlines())) == (2, 1)
    assert "instead of Lookalike's own" in alone.stderr
    with serve(data_dir):
        beside = run(program, cwd=project, paths=[project])
    assert (beside.returncode, beside.stderr) == (0, "lookalike: these are 1 of 2; --limit shows more\n")


def test_connect__beside_a_server_asks_it_and_without_one_opens_the_directory(data_dir):
    with lookalike.connect(data_dir) as client:
        here = [suspect.id for suspect in client.suspects()]
        assert client.url == "http://lookalike.in.this.process"
    with serve(data_dir) as url:
        with lookalike.connect(data_dir) as client:
            assert client.url == f"{url}/api/v1/"
            assert [suspect.id for suspect in client.suspects()] == here

        async def ask():
            async with lookalike.connect_async(data_dir) as client:
                return [suspect.id async for suspect in await client.suspects()]

        assert asyncio.run(ask()) == here


@pytest.mark.embedded
def test_connect__a_file_that_others_can_read_is_not_believed(data_dir):
    """Then the lock tells that somebody has the directory."""
    with serve(data_dir):
        place = data_dir / "server.json"
        place.chmod(0o644)
        with pytest.raises(StoreLockedError, match="is in use by 'lookalike serve"):
            lookalike.connect(data_dir)
        place.chmod(0o600)
        assert ServerFile.read(data_dir) is not None
        lookalike.connect(data_dir).close()


def test_connect__async_without_a_server(data_dir):
    async def ask():
        async with lookalike.connect_async(data_dir) as client:
            page = await client.list_points(PLANTED, limit=2)
            found = await client.embeddings(ids=[point.id for point in page.points])
            return page.total, found.embeddings.shape[0], found.ids == [point.id for point in page.points]

    assert asyncio.run(ask()) == (83, 2, True)


@pytest.mark.embedded
def test_connect__program_that_forgets_to_close_ends(data_dir):
    done = run(
        f"""
        import lookalike
        client = lookalike.connect({str(data_dir)!r})
        print(client.get_collection().n_points)
        """,
        cwd=data_dir,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "83\n", "")
    lookalike.connect(data_dir).close()


def test_connect__closing_twice_is_fine(data_dir):
    client = lookalike.connect(data_dir)
    client.close()
    client.close()
