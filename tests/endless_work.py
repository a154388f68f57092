"""Embedding that never ends, for programs that tests start: they are at work for sure when something befalls them."""

import signal
import sys
import time

from indexer.embedders.network_embedder import NetworkEmbedder

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background ignores it

AT_WORK = "at work"
"""Is written to stderr when the embedding has come to its middle."""


def wait_for_ever():
    """Wait in short pieces: a signal that comes just before a sleep does not end that one."""
    while True:
        time.sleep(0.02)


def embed_without_end(n_batches=8):
    """Have the networks of this process embed so many batches, and then none."""
    embed, left = NetworkEmbedder.embed, [n_batches]

    def wait_in_the_middle(self, inputs):
        if not left[0]:
            sys.stderr.write(f"{AT_WORK}\n")
            sys.stderr.flush()
            wait_for_ever()
        left[0] -= 1
        return embed(self, inputs)

    NetworkEmbedder.embed = wait_in_the_middle
