"""The server's log: lines for people, or JSON documents with the id of the request that they are about."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any, Final

from api.middleware.observation import REQUEST_ID
from lookalike.visible_text import show_controls
from lookalike.wire.names import LogFormat

_LEVELS: Final = {10: "DEBUG", 20: "INFO", 30: "WARNING", 40: "ERROR", 50: "CRITICAL"}
"""The platform's SDK gives levels other names, for the whole process."""


def _level_of(record: logging.LogRecord) -> str:
    return _LEVELS.get(record.levelno, record.levelname)


class TextFormatter(logging.Formatter):
    """Writes each record as a line; names that people and files have move no terminal's cursor."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name that logging calls
        """The line without a traceback."""
        return show_controls(f"{_level_of(record)}: {record.message}")


class JsonFormatter(logging.Formatter):
    """Writes each record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """One document: time, level, logger and message, the request's id, and the facts of an answered request."""
        document: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": _level_of(record).lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": REQUEST_ID.get(),
            **getattr(record, "request", {}),
        }
        if record.exc_info:
            document["error"] = self.formatException(record.exc_info)
        return json.dumps({name: value for name, value in document.items() if value is not None}, default=str)


def log_settings(log_format: LogFormat) -> dict[str, Any]:
    """Settings for ``logging.config.dictConfig``. As text, only what went wrong is written; as JSON, every request."""
    formatters = {"text": {"()": TextFormatter}, "json": {"()": JsonFormatter}}
    is_json = log_format == "json"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {log_format: formatters[log_format]},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": log_format}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "lookalike.access": {"level": "INFO" if is_json else "WARNING"},
            "uvicorn": {"level": "WARNING"},
            "uvicorn.access": {"level": "CRITICAL"},  # ours tells more
        },
    }
