"""The commands `verify` and `sign`: a report held against a replay of its determination, and signed."""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from reasoner.case import Case
from reasoner.cli.batch import taken_in_all
from reasoner.cli.exits import DONE, REFUSED, fail, guarded, printable, report_refusals
from reasoner.errors import UnreadableProofError, UsageError
from reasoner.intake.admission import validate
from reasoner.knowledge import load_knowledge
from reasoner.output import write_atomically
from reasoner.verification.documents import Document, read_document
from reasoner.verification.replay import Verdict, Verification, verify

_CODES_OF_VERIFY: Final = """\b
Exit codes:
  0  every report is equal to its replay, or differs in nothing but the version of the program or
     files that decided nothing; every signature holds
  1  a report differs, was refused or could not be replayed; a signature does not hold
  2  usage
  3  engine error: the program or its knowledge is at fault
"""
_CODES_OF_SIGN: Final = """\b
Exit codes:
  0  signed
  1  the report or the key cannot be read
  2  usage
  3  engine error: the program or its knowledge is at fault
"""
_GOOD: Final = frozenset({Verdict.EQUAL, Verdict.SAME_RESULT})
_FILE: Final = click.Path(path_type=Path, dir_okay=False)


@click.command("verify", short_help="Hold reports against a replay; check a signature.", epilog=_CODES_OF_VERIFY)
@click.argument("reports", nargs=-1, required=True, metavar="REPORT...", type=_FILE)
@click.option(
    "--case",
    "cases",
    metavar="FILE",
    multiple=True,
    help="Where the case is: any input of `edx determine`. Given once or more, no case beside a report counts.",
)
@click.option("--signature", metavar="FILE", type=_FILE, help="The signature that `edx sign` made of REPORT.")
@click.option("--public-key", metavar="FILE", type=_FILE, help="The public key of who signed, in PEM.")
@click.option("--no-replay", is_flag=True, help="Check the signature alone; no case is needed.")
@guarded
def verify_command(
    reports: tuple[Path, ...],
    cases: tuple[str, ...],
    signature: Path | None,
    public_key: Path | None,
    no_replay: bool,
) -> int:
    """Replay the determination of each report and say whether it is equal, or name exactly what differs.

    REPORT is a report in RDF, as `edx determine` writes it or written anew in any syntax; in JSON; or a batch of
    reports (.trig, .nq, .jsonl with --detail full). The case is found by its digest, else by its IRI, in the files
    given by --case and nowhere else; without --case, in a graph of its own beside the report.

    Named are the inputs that are others now (case, policy edition, shapes, ontology, terminology release, program
    version), criteria and outcomes that come out differently, and, where the inputs are the same, the statements that
    were altered.

    \b
    Examples:
      edx determine case.ttl --format turtle -o report.ttl
      edx verify report.ttl --case case.ttl
      edx verify january.trig --case january/
      edx verify report.ttl --case case.ttl --signature report.ttl.sig --public-key key.pub
    """  # noqa: D301 - click takes the backspace for "leave the lines as they are"
    if (signature is None) != (public_key is None):
        raise UsageError("--signature and --public-key belong together: give both.")
    if signature is not None and len(reports) > 1:
        raise UsageError("A signature is of one file: give one REPORT.")
    if no_replay and signature is None:
        raise UsageError("--no-replay leaves nothing to check without --signature.")
    code = DONE
    documents = []
    for path in reports:
        try:
            documents.append(read_document(path))
        except UnreadableProofError as error:
            code = max(code, fail(error))
    if signature is not None and public_key is not None:
        for document in documents:
            code = max(code, _check_signature(document, signature, public_key))
    if no_replay or not documents:
        return code
    given, problem = _given(cases)
    code = max(code, problem)
    knowledge = load_knowledge()
    counts: Counter[Verdict] = Counter()
    replayed: set[str | None] = set()
    for document in documents:
        at_hand = given
        if not cases:
            at_hand, problem = _beside(document)
            code = max(code, problem)
        for found in verify(document, at_hand, knowledge):
            counts[found.verdict] += 1
            replayed.add(found.case_digest)
            _tell(document, found)
        for line in _left_aside(document):
            click.echo(printable(line))
    without = sum(case.digest not in replayed for case in given)
    if without:
        click.echo(f"{without:,} of the {len(given):,} cases given by --case have no report here")
    if counts.total() > 1:
        told = ", ".join(f"{counts[verdict]:,} {verdict.value}" for verdict in Verdict if counts[verdict])
        click.echo(f"{counts.total():,} checked: {told}")
    return code if set(counts) <= _GOOD else max(code, REFUSED)


@click.command("sign", short_help="Sign a report with a key of Ed25519.", epilog=_CODES_OF_SIGN)
@click.argument("report", metavar="REPORT", type=_FILE)
@click.option("--key", metavar="FILE", type=_FILE, required=True, help="The private key, in PEM.")
@click.option(
    "-o", "--out", metavar="FILE", type=_FILE, help="Where the signature goes; by default REPORT with .sig after it."
)
@guarded
def sign_command(report: Path, key: Path, out: Path | None) -> int:
    """Sign a report, or a batch of reports, and put the signature beside it.

    What is signed is the canonical form: the signature still holds when the report is written anew in another syntax
    of RDF, in another order. It says who vouches for the report, not that the report is right: `edx verify` says both.
    The key is one of Ed25519; a passphrase is asked for on a terminal.

    \b
    A pair of keys:
      openssl genpkey -algorithm ed25519 -out key.pem
      openssl pkey -in key.pem -pubout -out key.pub
    """  # noqa: D301 - as above
    from reasoner.verification.signatures import read_private_key, sign

    document = read_document(report)
    asked = sys.stdin.isatty()
    private = read_private_key(key, (lambda: str(click.prompt("Passphrase", hide_input=True))) if asked else None)
    place = out or report.with_name(report.name + ".sig")
    made = sign(document, private)
    write_atomically(place, made.to_json())
    click.echo(f"wrote {place}: {made.canonicalization}, SHA-256 {made.digest}")
    return DONE


def _check_signature(document: Document, signature: Path, public_key: Path) -> int:
    from reasoner.verification.signatures import problems_of, read_public_key, read_signature

    problems, code = [], DONE
    try:
        key = read_public_key(public_key)
        problems = problems_of(read_signature(signature), document, key)
    except UnreadableProofError as error:
        return fail(error)
    for problem in problems:
        click.echo(printable(f"{document.name}: {problem}"))
        code = REFUSED
    if not problems:
        click.echo(printable(f"{document.name}: signature holds"))
    return code


def _given(cases: tuple[str, ...]) -> tuple[tuple[Case, ...], int]:
    """The cases that are given, and the exit code for those that are refused."""
    if not cases:
        return (), DONE
    result = taken_in_all(cases, "compiled")
    return result.cases, report_refusals(result)


def _beside(document: Document) -> tuple[tuple[Case, ...], int]:
    """The cases that stand in the file of a report, and the exit code for those that are refused."""
    written = document.cases()
    if not written:
        return (), DONE
    result = validate(written, name=document.name, syntax="nquads")
    return result.cases, report_refusals(result)


def _tell(document: Document, found: Verification) -> None:
    click.echo(printable(f"{document.name}: {found.verdict.value}: {found.of}"))
    for said in found.said:
        first, *more = said.split("\n")
        click.echo(printable("\n".join([f"  - {first}", *(f"    {line}" for line in more)])))
    if found.digest:
        click.echo(f"  {document.canonicalization}, SHA-256: {found.digest}")


def _left_aside(document: Document) -> Iterator[str]:
    if document.refusals:
        yield f"{document.name}: {document.refusals:,} refused cases stand in it, of which there is nothing to replay"
    for graph in document.strange:
        yield f"{document.name}: the graph <{graph}> is neither a report nor a case; it was not checked"
