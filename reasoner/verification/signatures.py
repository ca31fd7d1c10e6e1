"""Detached signatures of reports: Ed25519 (RFC 8032) over the canonical form, whatever syntax a report is written in.

What is signed is a text of four lines, each ended by a line feed: `edx-reasoner report signature 1`, `Ed25519`, the
canonicalization (`RDFC-1.0` of the dataset in the file, or `RFC 8785` of a document of JSON), and `SHA-256` with the
digest of the canonical form in hexadecimal. The signature is kept as JSON beside the report.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson

from reasoner.errors import UnreadableProofError, UsageError
from reasoner.terms import BASE
from reasoner.verification.documents import Document

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

FORM: Final = f"{BASE}report-signature/1"
ALGORITHM: Final = "Ed25519"
HASH: Final = "SHA-256"
_MAKE_ONE: Final = "Make one by `openssl genpkey -algorithm ed25519 -out key.pem`"
_MAKE_PUBLIC: Final = "Take it from the private key by `openssl pkey -in key.pem -pubout -out key.pub`"
_LARGEST: Final = 1 << 16  # bytes of a key or a signature


@dataclass(frozen=True)
class Signature:
    """A signature as its file holds it.

    `key` is the SHA-256 of the public key (SubjectPublicKeyInfo in DER) in hexadecimal, `signature` in Base64.
    """

    form: str
    algorithm: str
    canonicalization: str
    hash: str
    digest: str
    key: str
    signature: str

    def to_json(self) -> bytes:
        """The content of the file."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def sign(document: Document, key: "Ed25519PrivateKey") -> Signature:
    """Sign a file of reports."""
    signature = key.sign(_signed(document.canonicalization, document.digest))
    return Signature(
        form=FORM,
        algorithm=ALGORITHM,
        canonicalization=document.canonicalization,
        hash=HASH,
        digest=document.digest,
        key=fingerprint(key.public_key()),
        signature=base64.b64encode(signature).decode(),
    )


def problems_of(signature: Signature, document: Document, key: "Ed25519PublicKey") -> list[str]:
    """What is wrong with the signature of a file; nothing where it holds."""
    from cryptography.exceptions import InvalidSignature

    found = []
    if signature.key != fingerprint(key):
        found.append(f"signature: made with another key, {signature.key}; the key given is {fingerprint(key)}")
    if signature.canonicalization != document.canonicalization:
        said = f"of a report in {signature.canonicalization}, where this one is in {document.canonicalization}"
        found.append(f"signature: {said}")
    elif signature.digest != document.digest:
        said = f"the report signed had the digest {signature.digest}, this one has {document.digest}"
        found.append(f"signature: the report was altered, or is another one: {said}")
    if found:
        return found
    try:
        key.verify(base64.b64decode(signature.signature), _signed(document.canonicalization, document.digest))
    except InvalidSignature:
        return ["signature: it does not hold: it was altered, or was not made by the key whose fingerprint it names"]
    return []


def read_signature(path: Path) -> Signature:
    """The signature of a file.

    Raises:
        UnreadableProofError: The file is not as `edx sign` writes it.
    """
    try:
        said = orjson.loads(_bytes(path))
    except orjson.JSONDecodeError as error:
        raise UnreadableProofError(str(path), f"no signature as `edx sign` writes it: not JSON ({error}).") from None
    names = {field.name for field in fields(Signature)}
    if not isinstance(said, dict) or set(said) != names or not all(isinstance(value, str) for value in said.values()):
        problem = (
            f"no signature as `edx sign` writes it: it must have the members {', '.join(sorted(names))}, all texts."
        )
        raise UnreadableProofError(str(path), problem)
    found = Signature(**said)
    expected = (FORM, ALGORITHM, HASH)
    if (found.form, found.algorithm, found.hash) != expected:
        raise UnreadableProofError(str(path), f"only signatures of the form {', '.join(expected)} are read.")
    try:
        length = len(base64.b64decode(found.signature, validate=True))
    except binascii.Error:
        raise UnreadableProofError(str(path), "the signature is not Base64.") from None
    if length != 64:
        raise UnreadableProofError(str(path), f"a signature of Ed25519 has 64 bytes, this one {length}.")
    return found


def read_private_key(path: Path, ask: Callable[[], str] | None = None) -> "Ed25519PrivateKey":
    """A private key in PEM.

    Args:
        path: The file.
        ask: Asks for the passphrase of a key that has one; without it such a key is refused.

    Raises:
        UnreadableProofError: It is no such key, or its passphrase is wrong or not to be had.
    """
    _check_installed()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    data = _bytes(path)
    passphrase: bytes | None = None
    if b"ENCRYPTED" in data:
        if ask is None:
            problem = "the key is protected by a passphrase, which can only be asked for on a terminal."
            raise UnreadableProofError(str(path), problem)
        passphrase = ask().encode()
    try:
        key = load_pem_private_key(data, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        wrong = (
            "the passphrase is wrong, or the file is broken." if passphrase else f"no private key in PEM. {_MAKE_ONE}."
        )
        raise UnreadableProofError(str(path), wrong) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise UnreadableProofError(str(path), f"a private key, but not of Ed25519. {_MAKE_ONE}.")
    return key


def read_public_key(path: Path) -> "Ed25519PublicKey":
    """A public key in PEM.

    Raises:
        UnreadableProofError: It is no such key.
    """
    _check_installed()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    data = _bytes(path)
    if b"PRIVATE KEY" in data:
        raise UnreadableProofError(str(path), f"a private key, where the public one is asked for. {_MAKE_PUBLIC}.")
    try:
        key = load_pem_public_key(data)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UnreadableProofError(str(path), f"no public key in PEM. {_MAKE_PUBLIC}.") from None
    if not isinstance(key, Ed25519PublicKey):
        raise UnreadableProofError(str(path), f"a public key, but not of Ed25519. {_MAKE_ONE}.")
    return key


def fingerprint(key: "Ed25519PublicKey") -> str:
    """The SHA-256 of a public key in DER, in hexadecimal."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _signed(canonicalization: str, digest: str) -> bytes:
    return f"edx-reasoner report signature 1\n{ALGORITHM}\n{canonicalization}\n{HASH} {digest}\n".encode()


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise UnreadableProofError(str(path), f"the file cannot be read ({error.strerror or error}).") from None
    if len(data) > _LARGEST:
        raise UnreadableProofError(str(path), f"more than {_LARGEST:,} bytes: neither a key nor a signature.")
    return data


def _check_installed() -> None:
    if find_spec("cryptography") is None:
        raise UsageError("Signatures need the package cryptography. Install edx-reasoner[sign].")
