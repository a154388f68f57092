import pytest

from api.responses import conditional_response, entity_tag, is_known


def test_entity_tag__differs_where_a_part_does():
    assert entity_tag("a", 1) == entity_tag("a", 1)
    assert len({entity_tag("a", 1), entity_tag("a", 2), entity_tag("a1"), entity_tag(b"a1")}) == 4


def test_entity_tag__takes_text_that_cannot_be_encoded():
    assert entity_tag("\ud800").startswith('"')


@pytest.mark.parametrize("header", ['"x"', '"a", "x"', 'W/"x"', "*"])
def test_is_known__reads_lists_weak_tags_and_the_asterisk(header):
    assert is_known('"x"', header)


@pytest.mark.parametrize("header", [None, "", '"y"', "x"])
def test_is_known__refuses_others(header):
    assert not is_known('"x"', header)


def test_conditional_response__makes_no_body_for_a_client_that_has_it():
    def fail():
        raise AssertionError("the body was made")

    response = conditional_response(
        fail, etag='"x"', if_none_match='"x"', cache_control="private, no-cache", media_type="image/jpeg"
    )
    assert (response.status_code, response.body) == (304, b"")
    assert response.headers["etag"] == '"x"'
