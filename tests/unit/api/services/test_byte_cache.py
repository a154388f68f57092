from api.services.byte_cache import ByteCache


def test_get_or_make__makes_a_value_once():
    cache, made = ByteCache(100, len), []
    for _ in range(2):
        assert cache.get_or_make("a", lambda: made.append(1) or b"value") == b"value"
    assert made == [1]


def test_get_or_make__drops_what_was_used_longest_ago():
    cache, made = ByteCache(10, len), []

    def ask(key):
        return cache.get_or_make(key, lambda: made.append(key) or b"12345")

    for key in ["a", "b", "a", "c", "a", "b"]:
        ask(key)
    assert made == ["a", "b", "c", "b"]


def test_get_or_make__does_not_keep_a_value_above_the_bound():
    cache, made = ByteCache(3, len), []
    for _ in range(2):
        cache.get_or_make("a", lambda: made.append(1) or b"12345")
    assert made == [1, 1]
