"""Lists as the API answers them: filtered, sorted, cut into pages by number or by token."""

from base64 import b64decode, b64encode
from math import ceil

from tests.doubles.supervisely_server.tables import RefusedError

OPERATORS = {
    "=": lambda x, value: x == value,
    "eq": lambda x, value: x == value,
    "!=": lambda x, value: x != value,
    "not": lambda x, value: x != value,
    "in": lambda x, value: x in value,
    "!in": lambda x, value: x not in value,
    ">": lambda x, value: x is not None and x > value,
    "gt": lambda x, value: x is not None and x > value,
    ">=": lambda x, value: x is not None and x >= value,
    "gte": lambda x, value: x is not None and x >= value,
    "<": lambda x, value: x is not None and x < value,
    "lt": lambda x, value: x is not None and x < value,
    "<=": lambda x, value: x is not None and x <= value,
    "lte": lambda x, value: x is not None and x <= value,
}


def list_page(rows, asked, habits, *, default_per_page=500, always=(), show=dict):
    """One page of rows in the API's envelope.

    Args:
        rows: All rows that the method knows.
        asked: The request's body.
        habits: How long pages are, and whether tokens are given.
        default_per_page: Page length where the request names none.
        always: Fields that an answer has although they were not asked for.
        show: Makes of a row what is told of it; only rows of the page are shown.
    """
    conditions = asked.get("filter") or []
    rows = [row for row in rows if all(_passes(row, condition) for condition in conditions)] if conditions else [*rows]
    sort = asked.get("sort") or "id"
    rows.sort(key=lambda row: (row.get(sort) is None, row.get(sort), row["id"]))
    if asked.get("sort_order") == "desc":
        rows.reverse()
    wanted = int(asked.get("per_page") or default_per_page)
    if wanted > habits.max_per_page and habits.refuses_long_pages and "per_page" in asked:
        raise RefusedError(400, "Validation failed", f'"per_page" must be less than or equal to {habits.max_per_page}')
    size, by_token = min(wanted, habits.max_per_page), asked.get("pagination_mode") == "token"
    start = _read_token(asked.get("after")) if by_token else (int(asked.get("page") or 1) - 1) * size
    if rows and start >= len(rows) and habits.repeats_last_page:
        start = (len(rows) - 1) // size * size
    fields = asked.get("fields")
    kept = None if not fields else {*fields, *always}
    entities = [
        {name: value for name, value in row.items() if kept is None or name in kept}
        for row in map(show, rows[start : start + size])
    ]
    told = size if habits.tells_page_size else wanted
    counts = {"total": len(rows), "perPage": told, "pagesCount": ceil(len(rows) / told)}
    answer = {**(counts if habits.tells_totals else {}), "entities": entities}
    if by_token and habits.has_page_tokens and start + size < len(rows):
        answer["after"] = b64encode(f"row {start + size}".encode()).decode()
    return answer


def _passes(row, condition):
    operator = condition.get("operator", "=")
    if operator not in OPERATORS:
        raise RefusedError(400, "bad operator", operator)
    return OPERATORS[operator](row.get(condition["field"]), condition.get("value"))


def _read_token(token):
    return int(b64decode(token).decode().removeprefix("row ")) if token else 0
