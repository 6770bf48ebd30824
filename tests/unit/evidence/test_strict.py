from __future__ import annotations

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from golive.evidence.strict import dump, load, load_canonical, load_object
from golive.kernel.json import Json, canonical

_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-(2.0**53) + 1, 2.0**53 - 1)
    | st.text()
)
_OBJECTS = st.dictionaries(
    st.text(),
    st.recursive(
        _LEAVES,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=12,
    ),
    max_size=5,
)


@given(_OBJECTS)
def test_the_canonical_form_of_anything_is_accepted(value: dict[str, object]) -> None:
    assert load_canonical(rfc8785.dumps(value)) == value


@given(st.recursive(_LEAVES | st.integers(), st.lists) | _OBJECTS)
def test_the_fast_writer_writes_what_the_careful_one_does(value: Json) -> None:
    assert dump(value) == canonical(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_what_has_no_form_is_refused(value: Json) -> None:
    with pytest.raises(ValueError, match=r"."):
        dump(value)


@given(_OBJECTS)
def test_every_other_spelling_is_refused(value: dict[str, object]) -> None:
    canonical = rfc8785.dumps(value)
    for other in (
        json.dumps(value).encode(),
        json.dumps(value, indent=1).encode(),
        canonical + b"\n",
    ):
        if other != canonical:
            with pytest.raises(ValueError, match=r"."):
                load_canonical(other)


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":2}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b"\xff",
        b'\xef\xbb\xbf{"a":1}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"",
        b'{"a":1} x',
        b"9" * 5000,
    ],
)
def test_hostile_json_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        load(data)
    with pytest.raises(ValueError, match=r"."):
        load_canonical(data)


@pytest.mark.parametrize(
    "data",
    [b'{"b":1,"a":2}', b'{"a":9007199254740993}', b'{"a":1.0}', b'{"a":"\\u0041"}', b"[]", b'"x"'],
)
def test_only_an_object_in_its_one_form_is_canonical(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"canonical|object"):
        load_canonical(data)


def test_keys_beyond_the_basic_plane_are_ordered_by_utf16() -> None:
    assert load_canonical(b'{"\xf0\x90\x80\x80":1,"\xef\xbf\xbf":2}')
    with pytest.raises(ValueError, match="canonical"):
        load_canonical(b'{"\xef\xbf\xbf":2,"\xf0\x90\x80\x80":1}')


def test_an_object_is_asked_for() -> None:
    assert load_object(b'{"a": [1, 2]}') == {"a": [1, 2]}
    with pytest.raises(ValueError, match="object"):
        load_object(b"[]")
