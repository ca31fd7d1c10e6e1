"""What intake demands beyond the shapes in `shapes/intake/`: what needs a table of codes, or the file as a whole.

Each rule has an IRI in the namespace of the intake shapes; a problem names it as its source.
"""

from typing import Final

from rdflib import URIRef

from reasoner.terms import INTAKE

READABLE: Final = INTAKE["readable"]
WITHIN_LIMITS: Final = INTAKE["within-limits"]
HAS_REQUEST: Final = INTAKE["has-request"]
NOTHING_LEFT_OVER: Final = INTAKE["nothing-left-over"]
SHARES_NO_NODE: Final = INTAKE["shares-no-node"]
NODES_TOLD_APART: Final = INTAKE["nodes-told-apart"]
KNOWN_TERM: Final = INTAKE["known-term"]
NO_SCHEMA: Final = INTAKE["no-schema-statement"]
OWN_NODES: Final = INTAKE["own-nodes-only"]
ONE_KIND: Final = INTAKE["one-kind-of-thing"]
KNOWN_DIAGNOSIS_CODE: Final = INTAKE["known-diagnosis-code"]
BILLABLE_DIAGNOSIS_CODE: Final = INTAKE["billable-diagnosis-code"]
MAPPED_DIAGNOSIS_CODE: Final = INTAKE["mapped-diagnosis-code"]
CURRENT_DIAGNOSIS_CODE: Final = INTAKE["current-diagnosis-code"]
SPECIFIC_DIAGNOSIS_CODE: Final = INTAKE["specific-diagnosis-code"]
COMPATIBLE_DIAGNOSIS_CODES: Final = INTAKE["compatible-diagnosis-codes"]
SYMPTOM_CODE: Final = INTAKE["symptom-code"]
KNOWN_PROCEDURE_CODE: Final = INTAKE["known-procedure-code"]
CURRENT_PROCEDURE_CODE: Final = INTAKE["current-procedure-code"]
PROCEDURE_CODE_OF_KIND: Final = INTAKE["procedure-code-of-stated-kind"]
QUANTITY_OF_PROCEDURE_CODE: Final = INTAKE["quantity-of-procedure-code"]
ONE_TOTAL_CODE: Final = INTAKE["one-total-code"]
TOTAL_CODE_OF_STATED_STUDIES: Final = INTAKE["total-code-of-stated-studies"]
AUTOMATED_CODE_ALONE: Final = INTAKE["automated-code-alone"]
ADD_ON_CODE: Final = INTAKE["add-on-code-beside-conduction-studies"]
LIMB_CODE_ALONE: Final = INTAKE["limb-code-without-conduction-studies"]
FOUR_LIMBS: Final = INTAKE["four-limbs-at-most"]

RULES: Final[dict[URIRef, str]] = {
    READABLE: "The input is RDF in a syntax that is read, in UTF-8, and nothing has to be fetched for it.",
    WITHIN_LIMITS: "No document and no case is larger, deeper or slower than the limits allow.",
    HAS_REQUEST: "Every graph that holds statements holds at least one edx:Request.",
    NOTHING_LEFT_OVER: "Every statement is reachable from a request: what hangs on none belongs to no case.",
    SHARES_NO_NODE: "No node with statements of its own is reachable from two requests.",
    NODES_TOLD_APART: "Nodes without an IRI can be told apart by what is said of them.",
    KNOWN_TERM: "Every property, class and individual is one that the vocabulary has for a case.",
    NO_SCHEMA: "A case states nothing about what a term means: no RDFS, OWL or SHACL statement.",
    OWN_NODES: "A case makes statements about its own nodes, never about a term of a vocabulary.",
    ONE_KIND: "A node is one kind of thing: a finding is no diagnosis.",
    KNOWN_DIAGNOSIS_CODE: "Every ICD-10-CM code exists in the release that the ontology was built from.",
    BILLABLE_DIAGNOSIS_CODE: "A diagnosis is coded as far as the code system goes.",
    MAPPED_DIAGNOSIS_CODE: "A code that the ontology maps to nothing opens no category, and the report says so.",
    CURRENT_DIAGNOSIS_CODE: "A diagnosis code is in force on the date of service, as far as the release can say.",
    SPECIFIC_DIAGNOSIS_CODE: "A side or site that the classification tells apart is coded or stated.",
    COMPATIBLE_DIAGNOSIS_CODES: "No Excludes1 note keeps two diagnosis codes of a request apart.",
    SYMPTOM_CODE: "A symptom that the record documents is stated as a finding: its code alone states none.",
    KNOWN_PROCEDURE_CODE: "Every procedure code is one that the table of electrodiagnostic procedures has.",
    CURRENT_PROCEDURE_CODE: "A procedure code is in force on the date of service.",
    PROCEDURE_CODE_OF_KIND: "A procedure code and the stated kind of study agree.",
    QUANTITY_OF_PROCEDURE_CODE: "A quantity is no other than the number that the procedure code of the entry fixes.",
    ONE_TOTAL_CODE: "One entry of a request has a code for all nerve conduction studies of a day.",
    TOTAL_CODE_OF_STATED_STUDIES: "A code for all nerve conduction studies of a day agrees with the stated quantities.",
    AUTOMATED_CODE_ALONE: "No automated nerve conduction study is coded beside a code for all others of the day.",
    ADD_ON_CODE: "A code for needle EMG beside nerve conduction studies stands in a request that has some.",
    LIMB_CODE_ALONE: "A code for needle EMG of limbs alone stands in a request without nerve conduction studies.",
    FOUR_LIMBS: "Codes for needle EMG by limb stand for no more than four limbs.",
}
"""Each rule in one sentence."""
