"""What is taken out, and that the rest stays as it was."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import zipfile

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from golive.evidence.redact import Redactor, SecretInBinary

SECRET = 'pa"ss/w+rd <é>&1'
OURS = "rehearsal.fixnado.example"
PEM = (
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----"
)
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0"
REDACTOR = Redactor([SECRET], [OURS])


def cleaned(text: str, media_type: str = "text/plain") -> str:
    return REDACTOR.bytes(text.encode(), media_type)[0].decode()


@pytest.mark.parametrize(
    ("text", "secret", "kind"),
    [
        ("Authorization: Bearer abc.def-123", "abc.def-123", "authorization"),
        ("authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz", "authorization"),
        ("curl -H 'Authorization: token ghx123456789'", "ghx123456789", "authorization"),
        ("X-Api-Key: 0123456789abcdef", "0123456789abcdef", "authorization"),
        ("sent bearer a1b2c3d4e5f6 to it", "a1b2c3d4e5f6", "authorization"),
        ("Set-Cookie: sid=31d4d96e407aad42; HttpOnly", "31d4d96e407aad42", "cookie"),
        ("Cookie: a=1; session=deadbeef", "deadbeef", "cookie"),
        ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI", "key"),
        ("key AKIAIOSFODNN7EXAMPLE here", "AKIAIOSFODNN7EXAMPLE", "token"),
        ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "16C7e42F292c", "token"),
        ("xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy", "pdFZKVeTuE8sk", "token"),
        (f"got {JWT} back", JWT, "token"),
        (PEM, "MC4CAQAwBQYDK2Vw", "private-key"),
        (PEM.replace("PRIVATE", "RSA PRIVATE"), "MC4CAQAwBQYDK2Vw", "private-key"),
        (PEM.replace("\n", "\\n"), "MC4CAQAwBQYDK2Vw", "private-key"),
        (PEM.partition("-----END")[0], "MC4CAQAwBQYDK2Vw", "private-key"),
        ("export DB_PASSWORD='correct horse'", "correct horse", "password"),
        ("PASSWORD=abc&def$x", "abc&def$x", "password"),
        ("db_pass=letmein!", "letmein!", "password"),
        ("user=a&password=hunter2&next=/", "hunter2", "password"),
        ('{\\"password\\": \\"hunter2\\"}', "hunter2", "password"),
        ("password: hunter2", "hunter2", "password"),
        ("postgresql://golive:s3cr3t@localhost/db", "s3cr3t", "password"),
        ("https://h/x?access_token=abcdefgh12&y=1", "abcdefgh12", "token"),
        ("?X-Amz-Signature=fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024&a",
         "fe5f80f77d5f", "signature"),
        ("<password>hunter2</password>", "hunter2", "password"),
        ('<input type="password" value="hunter2">', "hunter2", "password"),
        ("hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXX", "T00000000", "token"),
        ("card 4111 1111 1111 1111 was declined", "4111 1111", "card"),
        ("5500-0055-5555-5559", "5500", "card"),
        ("amex 378282246310005.", "378282246310005", "card"),
        ("mail Jo.O'Neil+x@corp.co.uk now", "Jo.O'Neil+x@corp.co.uk", "email"),
        ("mailto:jo%40corp.com", "corp.com", "email"),
        ("jo&#64;corp.com", "corp.com", "email"),
        ("call +44 7911 123456 today", "7911", "phone"),
        ("+1 (212) 736-5000", "736-5000", "phone"),
        ("tel. 020 7123 4567", "7123", "phone"),
        ("07911123456", "07911123456", "phone"),
        ("(0161) 715 1234", "715 1234", "phone"),
        (f"literally {SECRET} here", "w+rd", "secret"),
    ],
)  # fmt: skip
def test_a_secret_goes_and_its_kind_is_said(text: str, secret: str, kind: str) -> None:
    result = cleaned(text)
    assert secret not in result
    assert f"[redacted: {kind}]" in result


KEPT = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "sha256:4111111111111111222222222222222233333333333333334444444444444444",
    "123e4567-e89b-12d3-a456-426614174000",
    "41111111-1111-4111-8111-111111111111",
    "2024-05-30T08:30:00.123456+01:00",
    "2024-05-30 10:45:00 +0100",
    "1717058700", "1717058700123", "1717058700123456789", "1717058700.123456",
    "golive 1.0.0-rc.2+20240530", "node_modules/pkg@1.2.3-beta.rc", "logo@2x.png",
    "git@github.com:example/repo.git", "actions/checkout@v4",
    'fixnado_readiness_status{component="queue",status="ready"} 1 1717058700000',
    "http_requests_total 4503599627370496", "process_resident_memory_bytes 1.73670400e+08",
    "p50=12.4 p95=41.0 p99=88.25 n=1000",
    "10.0.0.12:8080", "127.0.0.1:49152 - - [30/May/2024:10:45:00 +0100]",
    "@@ -1,4 +1,4 @@\n+1717058700\n-1717058699",
    "password reset mail sent", "rejects a bad password: expected 401 to be 401",
    "token: null", "password=", "password=********", "password: ${DB_PASSWORD}",
    "Bearer authentication is needed", "WWW-Authenticate: Bearer realm=fixnado",
    f"ann.smith@{OURS}", f"bob@mail.{OURS}", "07700 900123", "+44 20 7946 0958",
    "+1 212-555-0123", "order 1234 5678 9012 3456", "0.4111111111111111", "4111111111111112",
    "tokens: 12", "max_tokens=4096", "nextToken=AAAAABBBBBCCCCC", "key=value", "monkey=12345678",
    "arn:aws:codedeploy:eu-west-2:123456789012:deploymentgroup:app/group", "d-ABCDEF123",
    "1. Terraform plan review – 2 engineers; 09:30–10:45", "£1,234,567.89",
]  # fmt: skip


@pytest.mark.parametrize("text", KEPT)
def test_evidence_stays(text: str) -> None:
    assert cleaned(text) == text
    assert REDACTOR.text(text) == text
    as_json = json.dumps({"field": text, "list": [text]})
    assert cleaned(as_json, "application/json") == as_json


@given(st.integers(0, 2**63), st.floats(allow_nan=False, allow_infinity=False))
def test_figures_in_json_are_never_taken_for_people(whole: int, fraction: float) -> None:
    text = json.dumps({"values": [[whole, str(fraction)], [fraction, whole]], "n": whole})
    assert cleaned(text, "application/json") == text


@given(st.binary(min_size=32, max_size=32), st.uuids(), st.datetimes())
def test_hashes_ids_and_moments_stay(data: bytes, uuid: object, moment: object) -> None:
    text = f"{data.hex()} {uuid} {moment} {data[:20].hex()} {data[:16].hex().upper()}\n"
    assert cleaned(text) == text


def test_a_json_value_goes_by_its_name_and_the_rest_keeps_its_bytes() -> None:
    text = (
        '{ "user" : {"Password":"x" , "passwordHash": null, "pin":1},\n  "accessToken" :'
        ' "abcdefgh", "tokenType":"Bearer", "token": 17,\n "cvv": 123,'
        ' "tel\\u0065phone": "0301 112233",'
        ' "headers": [ {"name":"Cookie","value":"a=b12345678"} ], "apiKeys": [],'
        ' "secret": ["s1","abcdefghi"] }'
    )
    result = cleaned(text, "application/json; charset=utf-8")
    found = json.loads(result)
    assert found["user"] == {"Password": "[redacted: password]", "passwordHash": None, "pin": 1}
    assert found["accessToken"] == "[redacted: token]"
    assert found["tokenType"] == "Bearer"
    assert found["token"] == 17
    assert found["cvv"] == "[redacted: card]"
    assert found["telephone"] == "[redacted: phone]"
    assert found["headers"] == [{"name": "Cookie", "value": "[redacted: cookie]"}]
    assert found["secret"] == ["s1", "[redacted: secret]"]
    assert result.startswith('{ "user" : {"Password":"[redacted: password]" , ')


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.just(SECRET),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text() | st.sampled_from(["password", "token"]), inner, max_size=3)
        ),
        max_leaves=10,
    ),
    st.sampled_from([None, 1]),
    st.booleans(),
)
def test_json_stays_json_and_keeps_no_known_secret(
    value: object, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    result = cleaned(text, "application/json")
    assert SECRET not in json.dumps(json.loads(result), ensure_ascii=False).replace('\\"', '"')


def test_json_lines_and_broken_json_are_cleaned_too() -> None:
    text = '{"password":"a1"}\n{"password":"b2"}\n{"password":"c3'
    result = cleaned(text, "application/jsonl")
    assert result.splitlines()[:2] == ['{"password":"[redacted: password]"}'] * 2
    assert "c3" not in result


def test_a_csv_column_goes_by_its_name_and_untouched_rows_keep_their_bytes() -> None:
    text = (
        'id,"e-mail",password\r\n'
        f"1,a@{OURS},hunter2\r\n"
        f'"2",a@{OURS},\r\n'
        '3,"jo@corp.com","with, comma\r\nand line"\r\n'
    )
    result = cleaned(text, "text/csv")
    assert result.splitlines(keepends=True)[2] == f'"2",a@{OURS},\r\n'
    rows = list(csv.reader(io.StringIO(result)))
    assert rows[1] == ["1", f"a@{OURS}", "[redacted: password]"]
    assert rows[3] == ["3", "[redacted: email]", "[redacted: password]"]


@given(st.lists(st.lists(st.text() | st.just("jo@corp.com"), min_size=2, max_size=2), max_size=5))
def test_csv_stays_csv(rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([["name", "value"], *rows])
    assume("\0" not in text.getvalue() and "\ud800" not in text.getvalue())
    try:
        result = cleaned(text.getvalue(), "text/csv")
    except UnicodeEncodeError:
        assume(False)
    again = list(csv.reader(io.StringIO(result, newline="")))
    assert len(again) == len(list(csv.reader(io.StringIO(text.getvalue(), newline=""))))
    assert "jo@corp.com" not in result


def test_html_stays_html() -> None:
    text = (
        '<p title="jo@corp.com">Call +44 7911 123456</p>'
        f'<td>{SECRET}</td><a href="/x?token=abcdefgh1">'
    )
    result = cleaned(text, "text/html")
    assert re.sub(r"\[redacted: \w+\]", "X", result) == (
        '<p title="X">Call X</p><td>X</td><a href="/x?token=X">'
    )


SPELLINGS = [
    SECRET,
    json.dumps(SECRET)[1:-1],
    "pa%22ss%2Fw%2Brd%20%3C%C3%A9%3E%261",
    "pa%22ss%2Fw%2Brd+%3C%C3%A9%3E%261",
    "pa&quot;ss/w+rd &lt;é&gt;&amp;1",
    SECRET.encode().hex(),
]


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(
    "media_type", ["text/plain", "text/html", "application/json", "text/csv", "application/x-odd"]
)
def test_a_known_secret_goes_in_every_spelling(spelling: str, media_type: str) -> None:
    text = f'["a {spelling} b"]' if "json" not in media_type else json.dumps([f"a {spelling} b"])
    result = cleaned(text, media_type)
    assert "w+rd" not in result and "w%2Brd" not in result
    assert SECRET.encode().hex() not in result


@given(st.binary(max_size=5), st.binary(max_size=5))
def test_a_known_secret_goes_in_base64_whatever_stands_around_it(
    before: bytes, after: bytes
) -> None:
    secret = "correct-horse-battery"
    text = base64.b64encode(before + secret.encode() + after).decode()
    result = Redactor([secret]).text(f"x {text} y")
    assert "[redacted: secret]" in result
    left = re.sub(r"\[redacted: secret\]", "", result)
    assert len(left) < len(text) + 4 - len(secret)


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0" + b"jo@corp.com password=hunter2", "image/png"),
        (b"%PDF-1.7\npassword=hunter2", "application/pdf"),
        (b"PK\x03\x04\0\0password=hunter2", "application/octet-stream"),
        (b"\0\1\2password=hunter2", "application/octet-stream"),
    ],
)
def test_a_binary_is_kept_to_the_byte_or_refused(data: bytes, media_type: str) -> None:
    redactor = Redactor(["known-secret"])
    kept, notes = redactor.bytes(data, media_type)
    assert kept == data
    assert [one.kind for one in notes] == ["unsearched"]
    for spelled in (b"known-secret", "known-secret".encode("utf-16-le")):
        with pytest.raises(SecretInBinary) as caught:
            redactor.bytes(data + spelled, media_type)
        assert "known-secret" not in str(caught.value)


def test_a_text_that_calls_itself_an_image_is_read_as_text() -> None:
    assert "hunter2" not in cleaned("password=hunter2", "image/png")
    assert "hunter2" not in cleaned("password=hunter2", "image/svg+xml")
    assert "hunter2" not in cleaned("password=hunter2", "application/octet-stream")


def test_a_zip_is_left_alone() -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("a.txt", "x" * 1000)
    data = sink.getvalue()
    assert Redactor(["known-secret"]).bytes(data, "application/zip") == (data, [])


def test_bytes_that_are_not_utf8_keep_their_place() -> None:
    data = b"\xff\xfe caf\xe9 password=hunter2\n\x80"
    result, found = REDACTOR.bytes(data, "text/plain")
    assert result == b"\xff\xfe caf\xe9 password=[redacted: password]\n\x80"
    assert len(found) == 1


def test_the_log_says_what_where_and_why_and_never_the_value() -> None:
    _, found = REDACTOR.bytes(b"ok\n  password=hunter2\nmail jo@corp.com\n", "text/plain")
    assert [(one.kind, one.line, one.offset) for one in found] == [
        ("password", 2, 14),
        ("email", 3, 27),
    ]
    said = json.dumps([one.to_json() for one in found])
    assert "hunter2" not in said and "corp" not in said
    assert "'password'" in said


def test_cleaning_twice_changes_nothing_more() -> None:
    once = cleaned("password=hunter2 jo@corp.com Authorization: Bearer abc12345678 Cookie: a=b\n")
    assert cleaned(once) == once


def test_short_secrets_are_not_hunted_in_every_word() -> None:
    assert Redactor(["", "a", "abc"]).text("abc abcabc") == "abc abcabc"
