"""A store whose collections are written to in the middle of a question, as an index run beside it does."""

from itertools import count

READS = ("count", "facet", "query", "read_columns", "retrieve", "scroll")


class InterruptedStore:
    """A store that writes to a collection right before its n-th read, counted over all its collections.

    Args:
        store: The real store.
        write: What is done to the real collection.
        before: Number of the read, from 1; None to write only when told to.

    Attributes:
        is_busy: Whether to write before every read.
    """

    def __init__(self, store, write, *, before=None):
        self._store, self._write = store, write
        self._n_reads, self.before, self.has_written, self.is_busy = 0, before, False, False

    def __getattr__(self, name):
        return getattr(self._store, name)

    def open_collection(self, name, *, spec=None):
        return InterruptedCollection(self._store.open_collection(name, spec=spec), self)

    def note_read(self, collection):
        self._n_reads += 1
        if self._n_reads == self.before or self.is_busy:
            self.has_written = True
            self._write(collection)

    def interrupt(self, n_reads):
        """Write before the ``n_reads``-th read from now on."""
        self._n_reads, self.before = 0, n_reads


class InterruptedCollection:
    """A collection that tells its store of every read, and does all else as the real one."""

    def __init__(self, collection, store):
        self._collection, self._interrupting = collection, store

    def __getattr__(self, name):
        value = getattr(self._collection, name)
        if name not in READS:
            return value

        def read(*arguments, **options):
            self._interrupting.note_read(self._collection)
            return value(*arguments, **options)

        return read

    @property
    def revision(self):
        self._interrupting.note_read(self._collection)
        return self._collection.revision

    @property
    def review_revision(self):
        self._interrupting.note_read(self._collection)
        return self._collection.review_revision


def interrupt_at_every_read(make_store, prepare, ask):
    """Ask anew with the write before the first read, before the second, and so on, until it is over by then.

    Args:
        make_store: Gives an ``InterruptedStore`` over points as they were at first.
        prepare: Given the store, gives what is asked.
        ask: Given that, gives what a user sees.

    Yields:
        The number and what a user saw.
    """
    for n_reads in count(1):
        store = make_store()
        asked = prepare(store)
        store.interrupt(n_reads)
        seen = ask(asked)
        if not store.has_written:
            return
        yield n_reads, seen
