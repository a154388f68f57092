"""The server's log."""

import json
import logging
import logging.config

import pytest

from lookalike.log_settings import log_settings


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_log_settings__a_name_with_controls__stays_in_its_line(monkeypatch, log_format):
    settings = log_settings(log_format)["formatters"][log_format]
    name = "\x1b[31mred\r\nERROR: forged\u2028\x9b"
    formatter = logging.config.DictConfigurator({"version": 1}).configure_formatter(dict(settings))
    monkeypatch.setattr(logging, "_levelToName", {logging.WARNING: "WARN"})  # as a package does
    written = formatter.format(logging.LogRecord("x", logging.WARNING, "", 0, "no class '%s'", (name,), None))
    assert written.isascii()
    assert written.isprintable()
    if log_format == "text":
        assert written == r"WARNING: no class '\x1b[31mred\r\nERROR: forged\u2028\x9b'"
    else:
        document = json.loads(written)
        assert (document["level"], document["message"]) == ("warning", f"no class '{name}'")
