"""An attack: a file, what must become of it, and the words that must be said."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

REFUSED = "refused"
ACCEPTED = "accepted"

PREFIXES = """\
@prefix edx: <https://w3id.org/edx-reasoner/ontology#> .
@prefix icd10cm: <http://purl.bioontology.org/ontology/ICD10CM/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix : <https://example.org/hostile#> .
"""
BODY = """\
:request a edx:Request ;
    rdfs:label LABEL ;
    edx:payer <https://w3id.org/edx-reasoner/payer/bcbsnd> ;
    edx:dateOfService DATE ;
    edx:requestsStudy :emg ;
    edx:hasIndication :radiculopathy ;
    edx:hasFinding :weakness ;
    edx:hasExamination :examination ;
    edx:hasImaging [ a edx:Imaging ; edx:modality edx:MagneticResonanceImaging ; edx:imagingFinding TEXT ] ;
    edx:hasDocument [ a edx:SourceDocument ; dcterms:title TEXT ;
        edx:hasQuotation [ a edx:Quotation ; edx:text TEXT ; edx:about :weakness ] ] MORE .
:emg a edx:NeedleElectromyography ; edx:bodyRegion edx:LowerLimb ; edx:quantity QUANTITY .
:radiculopathy a edx:Diagnosis , icd10cm:M54.16 ; edx:certainty edx:Suspected .
:weakness a edx:MuscleWeakness ; rdfs:label LABEL .
:examination a edx:Examination ; edx:conclusive BOOLEAN .
"""


def case(
    *,
    label: str = '"a label"',
    text: str | None = None,
    date: str = '"2026-02-03"^^xsd:date',
    quantity: str = "1",
    boolean: str = "false",
    more: str = "",
    extra: str = "",
) -> str:
    """A valid case as Turtle, with terms of one's own put in; `more` adds to the request, `extra` to the file."""
    body = BODY.replace("DATE", date).replace("QUANTITY", quantity).replace("BOOLEAN", boolean)
    body = body.replace("MORE", f"; {more}" if more else "")
    return PREFIXES + body.replace("TEXT", label if text is None else text).replace("LABEL", label) + extra


def quoted(text: str) -> str:
    """A text as a literal of Turtle, everything but plain letters escaped by number."""
    return '"' + "".join(c if c.isascii() and c.isalnum() else f"\\U{ord(c):08X}" for c in text) + '"'


@dataclass(frozen=True)
class Attack:
    """A file of the corpus.

    Attributes:
        name: The name of the file, within a folder for its group.
        content: What stands in it, or what makes it at a path.
        outcome: What must become of it: `REFUSED` or `ACCEPTED`.
        says: A pattern that must be found in what `edx validate` says, for a refusal: the rule that refuses, in words.
        why: Where the expectation comes from.
        label: What must be shown as text wherever a report shows it.
        batch_only: Only `edx determine --to` opens such a file.
        determined: Whether a policy governs it, once it is accepted; else the commands end by exit code 2.
        slow: It takes more than a second to make or to refuse.
    """

    name: str
    content: str | bytes | Callable[[Path], None]
    outcome: str
    says: str
    why: str
    label: str | None = None
    batch_only: bool = False
    slow: bool = False
    determined: bool = True

    def write(self, folder: Path) -> Path:
        """Make the file."""
        path = folder / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        if callable(self.content):
            self.content(path)
        else:
            path.write_bytes(
                self.content.encode("utf-8", "surrogatepass") if isinstance(self.content, str) else self.content
            )
        return path
