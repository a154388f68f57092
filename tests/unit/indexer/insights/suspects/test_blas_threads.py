"""One thread for linear algebra: while somebody asks for it, and no longer."""

import threading
from contextlib import suppress

import numpy as np  # noqa: F401 (loads the library that has threads)
from threadpoolctl import threadpool_info, threadpool_limits

from indexer.insights.suspects.blas_threads import one_blas_thread


def n_threads() -> set[int]:
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


def test_one_blas_thread__the_last_of_several_gives_the_threads_back():
    is_first_in, may_first_go = threading.Event(), threading.Event()

    def first():
        with one_blas_thread():
            is_first_in.set()
            may_first_go.wait()

    with threadpool_limits(limits=3, user_api="blas"):
        before = n_threads()
        thread = threading.Thread(target=first)
        thread.start()
        is_first_in.wait()
        with one_blas_thread():
            assert n_threads() == {1}
            may_first_go.set()
            thread.join()
            assert n_threads() == {1}
        assert n_threads() == before != {1}


def test_one_blas_thread__an_error_gives_the_threads_back():
    with threadpool_limits(limits=3, user_api="blas"):
        before = n_threads()
        with suppress(ZeroDivisionError), one_blas_thread():
            assert 1 / len(before - before)
        assert n_threads() == before
