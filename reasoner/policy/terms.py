"""The terms that a policy edition is written with, as one object each."""

from typing import Final

from rdflib import DCTERMS, RDF, RDFS, SH, SKOS

from reasoner.rdf.nodes import interned
from reasoner.terms import EDX

ADVICE: Final = interned(EDX.advice)
APPLIES_TO: Final = interned(EDX.appliesTo)
ASSUMES: Final = interned(EDX.assumes)
DOCUMENTATION: Final = interned(EDX.documentation)
EDITION: Final = interned(EDX.PolicyEdition)
EFFECTIVE_FROM: Final = interned(EDX.effectiveFrom)
EXCLUSION: Final = interned(EDX.exclusion)
NOT_ENCODED: Final = interned(EDX.notEncoded)
PARTIAL: Final = interned(EDX.partial)
PAYER: Final = interned(EDX.payer)
PLACE: Final = interned(EDX.place)
READING: Final = interned(EDX.reading)
REFUTED_BY: Final = interned(EDX.refutedBy)
REQUEST: Final = interned(EDX.Request)
ROOT_CRITERION: Final = interned(EDX.rootCriterion)
SENTENCE: Final = interned(EDX.sentence)
SHORT_NAME: Final = interned(EDX.shortName)

AND: Final = interned(SH["and"])
MESSAGE: Final = interned(SH.message)
MIN_COUNT: Final = interned(SH.minCount)
NAME: Final = interned(SH.name)
NODE: Final = interned(SH.node)
NOT: Final = interned(SH["not"])
OR: Final = interned(SH["or"])
PATH: Final = interned(SH.path)
PROPERTY: Final = interned(SH.property)
TARGET_CLASS: Final = interned(SH.targetClass)

IS_PART_OF: Final = interned(DCTERMS.isPartOf)
IS_VERSION_OF: Final = interned(DCTERMS.isVersionOf)
SOURCE: Final = interned(DCTERMS.source)
TITLE: Final = interned(DCTERMS.title)

TYPE: Final = interned(RDF.type)

LABEL: Final = interned(RDFS.label)

DEFINITION: Final = interned(SKOS.definition)
