"""Time stamps by a real authority: kept once they hold, checked by both verifiers, in nobody's
way."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import stamp_world
from evidence_world import checking
from evidence_world.making import Made, artefacts, make
from golive.evidence import dsse, stamps
from golive.evidence.ledger import Ledger
from golive.evidence.release import Release
from golive.evidence.verify import State, verify
from golive.kernel.errors import GoliveError
from golive.main import app
from golive.rehearsal.stamping import Demands, stamp
from stamp_world import POLICY, Authority, serving

pytestmark = [pytest.mark.needs("jq"), pytest.mark.needs("openssl")]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return stamp_world.authority(tmp_path_factory.mktemp("time") / "stamps")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return stamp_world.authority(tmp_path_factory.mktemp("time") / "other", "Somebody else")


@pytest.fixture(scope="module")
def stamped_once(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Made:
    made = make(tmp_path_factory.mktemp("stamped") / "v")
    with serving(authority.stamp) as url:
        done = golive("vault", "timestamp", made.root, "--tsa", url, "--tsa-root", authority.root)
        assert done.exit_code == 0, done.output
        assert done.output.count("Z  ") == 2
    return made


@pytest.fixture
def stamped(stamped_once: Made, tmp_path: Path) -> Made:
    """A copy that a test may spoil."""
    root = tmp_path / "a copy"
    shutil.copytree(stamped_once.root, root)
    seal = stamped_once.seal.path.relative_to(stamped_once.root)
    return Made(
        type(stamped_once.vault)(root, log_key=stamped_once.log_key), stamped_once.key,
        stamped_once.log_key, type(stamped_once.seal)(
            stamped_once.seal.rehearsal, 1, stamped_once.seal.digest, root / seal
        ),
    )  # fmt: skip


def golive(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def both(root: Path, scratch: Path, *, tsa: Path | None = None) -> tuple[str, str]:
    """What `golive verify` and `verify.sh` say."""
    words = ["--tsa-root", tsa] if tsa else []
    ours = golive("verify", root, *words)
    script = checking.script(root, scratch, tsa=tsa)
    assert (ours.exit_code, ours.output.split(":")[0]) == (script.code, script.first), script.text
    return ours.output, script.text


def test_both_verifiers_tell_when_it_was_there_and_by_whose_word(
    stamped: Made, authority: Authority, tmp_path: Path
) -> None:
    for target in (stamped.root, stamped.seal.path):
        for said in both(target, tmp_path, tsa=authority.root):
            assert said.startswith("intact")
            assert "seal.tsr: " in said
            assert "by the authority you trust" in said
        for said in both(target, tmp_path):
            assert said.startswith("intact")
            assert "by whom: no --tsa-root was given" in said
    assert (
        "ledger/checkpoint.tsr: the ledger so far was there"
        in golive("verify", stamped.root, "--tsa-root", authority.root).output
    )
    at = stamps.check((stamped.seal.path / "seal.tsr").read_bytes(),
                      (stamped.seal.path / "seal.dsse.json").read_bytes()).at  # fmt: skip
    assert all(at[:19] in said for said in both(stamped.root, tmp_path, tsa=authority.root))
    assert checking.bagit(stamped.seal.path).code == 0


@pytest.mark.parametrize("name", ["seal", "ledger"])
def test_a_stranger_s_stamp_is_found(
    stamped: Made, authority: Authority, other: Authority, tmp_path: Path, name: str
) -> None:
    of = (
        stamped.seal.path / "seal.dsse.json"
        if name == "seal"
        else stamped.root / "ledger/checkpoint"
    )
    place = stamped.seal.path / "seal.tsr" if name == "seal" else stamped.root / stamps.LEDGER_STAMP
    place.write_bytes(other.stamp(stamps.question(of.read_bytes()).der))
    for said in both(stamped.root, tmp_path, tsa=authority.root):
        assert said.startswith("changed")
        assert f"{place.relative_to(stamped.root)}" in said
    for said in both(stamped.root, tmp_path):
        assert said.startswith("intact"), "by whom is not known without the authority's root"


@pytest.mark.parametrize("content", [b"", b"\x30\x82\xff\xff", "other"])
def test_what_is_no_stamp_of_this_seal_is_found(
    stamped: Made, authority: Authority, tmp_path: Path, content: bytes | str
) -> None:
    if isinstance(content, str):
        content = authority.stamp(stamps.question(b"something else").der)
    (stamped.seal.path / "seal.tsr").write_bytes(content)
    for said in both(stamped.seal.path, tmp_path, tsa=authority.root if content else None):
        assert said.startswith("changed")
        assert "seal.tsr" in said


def test_words_beside_the_signed_ones_change_no_time(
    stamped: Made, authority: Authority, tmp_path: Path
) -> None:
    """The status text of an answer is signed by nobody, and `openssl` prints it as it is."""
    place = stamped.seal.path / "seal.tsr"
    genuine = place.read_bytes()
    digest = stamped.seal.digest
    fake = [" ".join(digest[at : at + 2] for at in range(start, start + 32, 2))
            for start in (0, 32)]  # fmt: skip
    text = (
        f"x\n\nTST info:\nMessage data:\n    0000 - {fake[0]}   x\n    0010 - {fake[1]}   x\n"
        "Time stamp: Jan  1 00:00:00 2001 GMT\n"
    ).encode()
    place.write_bytes(_with_status(genuine, text))
    shown = subprocess.run(["openssl", "ts", "-reply", "-in", place, "-text"], check=True,
                           capture_output=True).stdout  # fmt: skip
    assert b"Jan  1 00:00:00 2001" in shown
    for said in both(stamped.root, tmp_path, tsa=authority.root):
        assert "2001-01-01" not in said
        assert "by the authority you trust" in said


def _with_status(stamp: bytes, text: bytes) -> bytes:
    from asn1crypto import tsp

    found = tsp.TimeStampResp.load(stamp)
    found["status"]["status_string"] = [text.decode()]
    return bytes(found.dump(force=True))


def test_the_ledger_grows_past_its_stamp_and_is_stamped_again(
    stamped: Made, authority: Authority, tmp_path: Path
) -> None:
    Ledger(stamped.root, stamped.log_key).append([dsse.sign("text/plain", b"go", stamped.key)])
    for said in both(stamped.root, tmp_path, tsa=authority.root):
        assert said.startswith("intact")
        assert "checkpoint.tsr: it is of another checkpoint: the ledger has grown since" in said
    before = (stamped.seal.path / "seal.tsr").read_bytes()
    with serving(authority.stamp) as url:
        done = golive(
            "vault", "timestamp", stamped.root, "--tsa", url, "--tsa-root", authority.root
        )
    assert done.exit_code == 0
    assert "seal.tsr (before)" in done.output
    assert (stamped.seal.path / "seal.tsr").read_bytes() == before, "the earlier moment stays"
    for said in both(stamped.root, tmp_path, tsa=authority.root):
        assert "ledger has grown" not in said
    stamped.vault.seal(Release("another", artefacts(stamped.vault)), stamped.key)
    assert verify(stamped.root, trusted=[stamped.key.public]).state is State.INTACT


def refused(made: Made, url: str, *words: object) -> str:
    before = {path: path.read_bytes() for path in made.root.rglob("*") if path.is_file()}
    done = golive("vault", "timestamp", made.root, "--tsa", url, *words)
    assert isinstance(done.exception, GoliveError), done.output
    after = {path: path.read_bytes() for path in made.root.rglob("*") if path.is_file()}
    assert before == after, "nothing that was refused is kept"
    return str(done.exception)


def test_an_answer_is_kept_only_when_it_is_one(
    made: Made, authority: Authority, other: Authority
) -> None:
    replayed = authority.stamp(
        stamps.question((made.seal.path / "seal.dsse.json").read_bytes()).der
    )
    with serving(lambda _: replayed) as url:
        assert "the nonce" in refused(made, url)
    with serving(authority.stamp) as url:
        assert "under policy" in refused(made, url, "--policy", "1.2.3")
        assert "its signature" in refused(made, url, "--tsa-root", other.root)
    with serving(lambda _: b"\x30\x00") as url:
        assert "not a time stamp" in refused(made, url)
    with serving(lambda request: authority.stamp(request) + b"x") as url:
        assert "not a time stamp" in refused(made, url)
    with serving(authority.stamp, kind="text/html") as url:
        assert "text/html" in refused(made, url)
    with serving(authority.stamp, status=503) as url:
        assert "503" in refused(made, url)
    with serving(authority.stamp) as url:
        gone = url
    assert "no answer" in refused(made, gone)
    assert "not a time stamp authority" in refused(made, "ftp://x")
    assert "secret" not in refused(made, "https://me:secret@stamps.example")
    with serving(authority.stamp) as url:
        done = golive("vault", "timestamp", made.root, "--tsa", url, "--policy", POLICY)
    assert done.exit_code == 0
    assert "was not checked: give --tsa-root" in done.output


def test_a_seal_that_changes_meanwhile_is_not_stamped(made: Made, authority: Authority) -> None:
    class Slow:
        def answer(self, request: bytes) -> bytes:
            Ledger(made.root, made.log_key).append([dsse.sign("text/plain", b"go", made.key)])
            return authority.stamp(request)

    with pytest.raises(GoliveError, match="while the authority was asked"):
        stamp(made.root, made.seal.path, Slow(), Demands())
    assert verify(made.root).state is State.INTACT


def test_every_broken_stamp_is_told_and_none_ends_in_a_crash(authority: Authority) -> None:
    data = b"evidence"
    genuine = authority.stamp(stamps.question(data).der)
    roots = stamps.load_roots(authority.root)
    said = stamps.check(genuine, data, roots)
    for place in range(0, len(genuine), 3):
        broken = genuine[:place] + bytes([genuine[place] ^ 0x41]) + genuine[place + 1 :]
        for given in ((), roots):
            try:
                found = stamps.check(broken, data, given)
            except stamps.BadStamp:
                continue
            assert found.sha256 == said.sha256
            assert not given or found == said, "signed: only what is not told may differ"
    with pytest.raises(stamps.BadStamp):
        stamps.check(genuine[:-1], data)
    with pytest.raises(GoliveError, match="no certificate"):
        stamps.load_roots(authority.folder / "tsa.cnf")
