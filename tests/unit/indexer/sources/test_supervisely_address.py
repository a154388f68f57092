"""Addresses of servers and projects, as people and platforms write them."""

import pytest

from indexer.errors import ConfigurationError, InvalidOptionsError
from indexer.sources.supervisely_address import parse_project_address, read_address, read_pause_s, read_token


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://app.supervisely.com", "https://app.supervisely.com"),
        (" HTTPS://App.Supervisely.com:443/\n", "https://app.supervisely.com"),
        ("app.supervisely.com", "https://app.supervisely.com"),
        ("127.0.0.1:8899", "http://127.0.0.1:8899"),
        ("http://host:80", "http://host"),
        ("0.0.0.0:8899/", "http://0.0.0.0:8899"),
        ("https://host/api", "https://host"),
        ("https://host/public/api/v3/", "https://host"),
        ("https://host/tools/supervisely/", "https://host/tools/supervisely"),
    ],
)
def test_read_address__has_one_form(text, expected):
    assert read_address(text) == expected


@pytest.mark.parametrize(
    "text", ["", "ftp://x", "https://", "https://u:p@host", "https://h/?a=b", "https://h h", "h:x"]
)
def test_read_address__else__says_what_to_set(text):
    with pytest.raises(ConfigurationError, match="SERVER_ADDRESS") as caught:
        read_address(text)
    assert "u:p" not in str(caught.value)


def test_read_token__loses_what_files_add():
    assert read_token(" abc\r\n") == "abc"
    with pytest.raises(ConfigurationError, match="API_TOKEN has characters that no token has") as caught:
        read_token("abc\ndef")
    assert "abc" not in str(caught.value)


def test_parse_project_address__wants_ids():
    assert parse_project_address(" supervisely://11/22/\n") == (11, 22)
    for text in ("supervisely://", "supervisely://streets", "supervisely://11/val", "supervisely://11/22/33"):
        with pytest.raises(InvalidOptionsError, match="say supervisely://PROJECT or supervisely://PROJECT/DATASET"):
            parse_project_address(text)


@pytest.mark.parametrize(("text", "expected"), [("", 1), (" ", 1), ("0", 0), ("0.5", 0.5), ("3600", 3600)])
def test_read_pause_s__is_a_number_of_seconds(text, expected):
    assert read_pause_s(text) == expected


@pytest.mark.parametrize("text", ["soon", "-1", "nan", "inf", "3601", "1s"])
def test_read_pause_s__else__names_the_variable_and_the_value(text):
    with pytest.raises(ConfigurationError, match=f"SUPERVISELY_PUBLIC_API_RETRY_SLEEP_SEC '{text}' is no number of s"):
        read_pause_s(text)
