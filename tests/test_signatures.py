"""Detached signatures: what holds, and what is named where one does not."""

import base64
import hashlib
import json
from pathlib import Path

import pyoxigraph as ox
import pytest
from commands import edx
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)
from judging import CASES

from reasoner.errors import UnreadableProofError
from reasoner.verification import signatures

SOURCE = CASES / "source-000-lumbar-spondylosis-after-fusion" / "case.ttl"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report, its signature, two pairs of keys."""
    place = tmp_path_factory.mktemp("signed")
    for name in ("key", "other"):
        write_keys(place, name, Ed25519PrivateKey.generate())
    report = place / "report.ttl"
    options = ("--policy", "bcbsnd", "--format")
    assert edx("determine", str(SOURCE), *options, "turtle", "-o", str(report)).exit_code == 0
    assert edx("determine", str(SOURCE), *options, "json", "-o", str(place / "report.json")).exit_code == 0
    for name in ("report.ttl", "report.json"):
        done = edx("sign", str(place / name), "--key", str(place / "key.pem"))
        assert done.exit_code == 0, done.output
        assert str(place / f"{name}.sig") in done.output
    return place


def write_keys(
    place: Path,
    name: str,
    key: Ed25519PrivateKey | rsa.RSAPrivateKey,
    protection: KeySerializationEncryption | None = None,
) -> None:
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection or NoEncryption())
    (place / f"{name}.pem").write_bytes(private)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (place / f"{name}.pub").write_bytes(public)


def checked(report: Path, signature: Path, key: Path, code: int) -> str:
    done = edx("verify", str(report), "--signature", str(signature), "--public-key", str(key), "--no-replay")
    assert done.exit_code == code, done.output
    return done.output


def test_a_signature_holds_for_the_report_in_any_syntax_and_order(folder: Path, tmp_path: Path) -> None:
    assert "signature holds" in checked(folder / "report.ttl", folder / "report.ttl.sig", folder / "key.pub", 0)
    quads = list(ox.parse(path=folder / "report.ttl", format=ox.RdfFormat.TURTLE))
    written = ox.serialize(quads[::-1], format=ox.RdfFormat.RDF_XML)
    assert written is not None
    (tmp_path / "again.rdf").write_bytes(written)
    assert "signature holds" in checked(tmp_path / "again.rdf", folder / "report.ttl.sig", folder / "key.pub", 0)
    said = json.loads((folder / "report.json").read_text("utf-8"))
    (tmp_path / "again.json").write_text(json.dumps(dict(reversed(said.items())), indent=9), "utf-8")
    assert "signature holds" in checked(tmp_path / "again.json", folder / "report.json.sig", folder / "key.pub", 0)


def test_signature_and_replay_are_checked_together(folder: Path) -> None:
    proof = ("--signature", str(folder / "report.ttl.sig"), "--public-key", str(folder / "key.pub"))
    done = edx("verify", str(folder / "report.ttl"), "--case", str(SOURCE), *proof)
    assert done.exit_code == 0, done.output
    assert "signature holds" in done.output
    assert ": equal: " in done.output


def test_the_signature_is_over_the_four_lines_that_are_documented(folder: Path) -> None:
    said = json.loads((folder / "report.ttl.sig").read_text("utf-8"))
    key = load_pem_public_key((folder / "key.pub").read_bytes())
    assert isinstance(key, Ed25519PublicKey)
    lines = ["edx-reasoner report signature 1", "Ed25519", "RDFC-1.0", f"SHA-256 {said['digest']}"]
    key.verify(base64.b64decode(said["signature"]), "".join(f"{line}\n" for line in lines).encode())
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert said["key"] == hashlib.sha256(der).hexdigest()


def test_a_wrong_key_is_named(folder: Path) -> None:
    told = checked(folder / "report.ttl", folder / "report.ttl.sig", folder / "other.pub", 1)
    assert "signature: made with another key, " in told
    assert "altered" not in told


def test_an_altered_report_is_named(folder: Path, tmp_path: Path) -> None:
    text = (folder / "report.ttl").read_text("utf-8").replace("adequately explain", "do not explain")
    (tmp_path / "report.ttl").write_text(text, "utf-8")
    told = checked(tmp_path / "report.ttl", folder / "report.ttl.sig", folder / "key.pub", 1)
    assert "signature: the report was altered, or is another one" in told
    assert "another key" not in told


def test_an_altered_report_under_a_wrong_key_is_named_for_both(folder: Path, tmp_path: Path) -> None:
    text = (folder / "report.ttl").read_text("utf-8").replace("adequately explain", "do not explain")
    (tmp_path / "report.ttl").write_text(text, "utf-8")
    told = checked(tmp_path / "report.ttl", folder / "report.ttl.sig", folder / "other.pub", 1)
    assert "signature: the report was altered" in told
    assert "signature: made with another key" in told


@pytest.mark.parametrize("member", ["digest", "signature", "key"])
def test_a_forged_signature_does_not_hold(member: str, folder: Path, tmp_path: Path) -> None:
    """An altered report with its digest put into the signature, and other members exchanged."""
    said = json.loads((folder / "report.ttl.sig").read_text("utf-8"))
    report, key = folder / "report.ttl", folder / "key.pub"
    if member == "digest":
        report = tmp_path / "report.ttl"
        text = (folder / "report.ttl").read_text("utf-8").replace("adequately explain", "do not explain")
        report.write_text(text, "utf-8")
        quads = ox.Dataset(ox.parse(text, format=ox.RdfFormat.TURTLE))
        lines = sorted(f"{quad} .\n" for quad in quads)
        said["digest"] = hashlib.sha256("".join(lines).encode()).hexdigest()
    elif member == "signature":
        said["signature"] = base64.b64encode(bytes(64)).decode()
    else:
        key = folder / "other.pub"
        public = load_pem_public_key(key.read_bytes()).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        said["key"] = hashlib.sha256(public).hexdigest()
    (tmp_path / "forged.sig").write_text(json.dumps(said), "utf-8")
    assert "signature: it does not hold" in checked(report, tmp_path / "forged.sig", key, 1)


def test_a_signature_of_json_is_none_of_rdf(folder: Path) -> None:
    told = checked(folder / "report.ttl", folder / "report.json.sig", folder / "key.pub", 1)
    assert "signature: of a report in RFC 8785, where this one is in RDFC-1.0" in told


BROKEN = {
    "not json": (b"x", "not JSON"),
    "no object": (b"[]", "it must have the members"),
    "a member is missing": (b'{"form": "x"}', "it must have the members"),
    "too large": (b" " * 70_000, "more than 65,536 bytes"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_signature_file_is_named(what: str, folder: Path, tmp_path: Path) -> None:
    data, said = BROKEN[what]
    (tmp_path / "broken.sig").write_bytes(data)
    assert said in checked(folder / "report.ttl", tmp_path / "broken.sig", folder / "key.pub", 1)


@pytest.mark.parametrize(
    ("member", "value", "said"),
    [
        ("algorithm", "none", "only signatures of the form"),
        ("form", "x", "only signatures of the form"),
        ("signature", "?", "not Base64"),
        ("signature", "AAAA", "a signature of Ed25519 has 64 bytes, this one 3"),
    ],
)
def test_a_signature_of_another_kind_is_refused(
    member: str, value: str, said: str, folder: Path, tmp_path: Path
) -> None:
    signature = json.loads((folder / "report.ttl.sig").read_text("utf-8")) | {member: value}
    (tmp_path / "other.sig").write_text(json.dumps(signature), "utf-8")
    assert said in checked(folder / "report.ttl", tmp_path / "other.sig", folder / "key.pub", 1)


def test_keys_that_cannot_be_used_are_refused_by_what_they_are(folder: Path, tmp_path: Path) -> None:
    write_keys(tmp_path, "rsa", rsa.generate_private_key(65537, 2048))
    write_keys(tmp_path, "locked", Ed25519PrivateKey.generate(), BestAvailableEncryption(b"secret"))
    (tmp_path / "broken.pem").write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "utf-8")
    expected = {
        "rsa.pem": "a private key, but not of Ed25519",
        "rsa.pub": "no private key in PEM",
        "broken.pem": "no private key in PEM",
        "locked.pem": "protected by a passphrase, which can only be asked for on a terminal",
        "none.pem": "the file cannot be read",
    }
    for name, said in expected.items():
        done = edx("sign", str(folder / "report.ttl"), "--key", str(tmp_path / name), "-o", str(tmp_path / "x.sig"))
        assert done.exit_code == 1
        assert said in done.output
    assert not (tmp_path / "x.sig").exists()
    for name, said in {"rsa.pub": "a public key, but not of Ed25519", "rsa.pem": "a private key, where the public",
                       "none.pub": "the file cannot be read"}.items():  # fmt: skip
        assert said in checked(folder / "report.ttl", folder / "report.ttl.sig", tmp_path / name, 1)


def test_a_protected_key_opens_by_its_passphrase(tmp_path: Path) -> None:
    write_keys(tmp_path, "locked", Ed25519PrivateKey.generate(), BestAvailableEncryption(b"secret"))
    key = signatures.read_private_key(tmp_path / "locked.pem", lambda: "secret")
    public = signatures.read_public_key(tmp_path / "locked.pub")
    assert signatures.fingerprint(key.public_key()) == signatures.fingerprint(public)
    with pytest.raises(UnreadableProofError, match="the passphrase is wrong, or the file is broken"):
        signatures.read_private_key(tmp_path / "locked.pem", lambda: "other")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--signature", "x"], "--signature and --public-key belong together"),
        (["--no-replay"], "--no-replay leaves nothing to check"),
        (["other.ttl", "--signature", "x", "--public-key", "y"], "A signature is of one file"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options: list[str], said: str, folder: Path) -> None:
    done = edx("verify", str(folder / "report.ttl"), *options)
    assert done.exit_code == 2
    assert said in done.output


def test_without_cryptography_it_is_said_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signatures, "find_spec", lambda name: None)
    done = edx("sign", str(folder / "report.ttl"), "--key", str(folder / "key.pem"))
    assert done.exit_code == 2
    assert "Install edx-reasoner[sign]" in done.output


def test_nothing_is_signed_that_is_no_report(folder: Path, tmp_path: Path) -> None:
    done = edx("sign", str(SOURCE), "--key", str(folder / "key.pem"), "-o", str(tmp_path / "x.sig"))
    assert done.exit_code == 1
    assert "holds no edx:Determination" in done.output
    assert not (tmp_path / "x.sig").exists()
