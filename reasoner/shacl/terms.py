"""The terms of SHACL that shapes are read by, as one object each."""

from typing import Final

from rdflib import RDF, SH

from reasoner.rdf.nodes import interned

ALTERNATIVE: Final = interned(SH["alternativePath"])
AND: Final = interned(SH["and"])
CLOSED: Final = interned(SH["closed"])
DEACTIVATED: Final = interned(SH["deactivated"])
DISJOINT: Final = interned(SH["qualifiedValueShapesDisjoint"])
FLAGS: Final = interned(SH["flags"])
IGNORED: Final = interned(SH["ignoredProperties"])
IN: Final = interned(SH["in"])
INVERSE: Final = interned(SH["inversePath"])
LANGUAGE_IN: Final = interned(SH["languageIn"])
LEAST: Final = interned(SH["qualifiedMinCount"])
MESSAGE: Final = interned(SH["message"])
MOST: Final = interned(SH["qualifiedMaxCount"])
NODE: Final = interned(SH["node"])
NOT: Final = interned(SH["not"])
OR: Final = interned(SH["or"])
PATH: Final = interned(SH["path"])
PATTERN: Final = interned(SH["pattern"])
PROPERTY: Final = interned(SH["property"])
QUALIFIED: Final = interned(SH["qualifiedValueShape"])
SEVERITY: Final = interned(SH["severity"])
SPARQL: Final = interned(SH["sparql"])
UNIQUE_LANG: Final = interned(SH["uniqueLang"])
VIOLATION: Final = interned(SH["Violation"])
XONE: Final = interned(SH["xone"])
ZERO_OR_MORE: Final = interned(SH["zeroOrMorePath"])

FIRST: Final = interned(RDF.first)
NIL: Final = interned(RDF.nil)
REST: Final = interned(RDF.rest)
