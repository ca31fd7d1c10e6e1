"""Attacks by a query: what would leave the graphs, change them, or take time and memory without bound."""

from dataclasses import dataclass

OVER = r"E203: .*--max-\w+|E203: .*nests too deeply"


@dataclass(frozen=True)
class QueryAttack:
    """A query and what must be said of it; `answered` if there is an answer all the same."""

    name: str
    text: str
    says: str
    answered: bool = False


def queries(server: str, secret: str) -> list[QueryAttack]:
    deep = 100_000
    nested = {
        "groups": "SELECT * " + "{" * 3_000 + "}" * 3_000,
        "exists": "SELECT * {" + "FILTER EXISTS {" * 1_000 + "?s ?p ?o" + "}" * 1_001,
        "not": "SELECT * {FILTER(" + "!" * deep + "true)}",
        "parentheses": "SELECT * {FILTER(" + "(" * deep + "1" + ")" * deep + ")}",
        "lists": "SELECT * {" + "(" * deep + "1" + ")" * deep + " ?p ?o}",
        "paths": "SELECT * {?s " + "(" * deep + "edx:p" + ")*" * deep + " ?o}",
        "sums": "SELECT (1" + "+1" * deep + " AS ?x) {}",
        "unions": "SELECT * {{?s ?p ?o}" + "UNION{?s ?p ?o}" * 10_000 + "}",
        "patterns": "ASK {" + "?s ?p ?o." * 10_000 + "}",
        "subselects": "SELECT * " + "{SELECT * " * 1_000 + "{}" + "}" * 1_000,
        "long": "ASK { ?s ?p '" + "a" * 2_000_000 + "' }",
    }
    doubled = " ".join(f"BIND(CONCAT(?v{n}, ?v{n}) AS ?v{n + 1})" for n in range(34))
    bombs = {
        "product": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
        "ordered-product": "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c LIMIT 1",
        "distinct-product": "SELECT DISTINCT * { ?a ?b ?c . ?d ?e ?f } OFFSET 2000000000",
        "rows": "SELECT * { ?a ?b ?c . ?d ?e ?f }",
        "triples": "CONSTRUCT { ?a ?b ?f } WHERE { ?a ?b ?c . ?d ?e ?f }",
        "paths": "SELECT (COUNT(*) AS ?n) { ?a (!edx:x|^(!edx:y))* ?b . ?c (!edx:x|^(!edx:y))* ?d }",
        "planner": "ASK {" + " ".join(f"?a{n} ?b{n} ?a{n + 1} ." for n in range(240)) + "}",
        "concatenated": f"SELECT ?v34 {{ BIND('{'a' * 64}' AS ?v0) {doubled} }}",
        "grouped": "SELECT (GROUP_CONCAT(?c) AS ?all) { ?a ?b ?c . ?d ?e ?f }",
        "described": "DESCRIBE ?s { ?s ?p ?o . ?a ?b ?c }",
    }
    outside = {
        "service": f"ASK {{ SERVICE <{server}/s> {{ ?s ?p ?o }} }}",
        "service-silent": f"ASK {{ sErViCe SILENT <{server}/s> {{ ?s ?p ?o }} }}",
        "service-variable": f"ASK {{ VALUES ?x {{ <{server}/s> }} SERVICE ?x {{ ?s ?p ?o }} }}",
        "service-after-a-comment": f"ASK {{ #\r SERVICE <{server}/s> {{ ?s ?p ?o }} }}",
        "service-after-a-text": f"ASK {{ ?s ?p '\\'' . SERVICE <{server}/s> {{ ?s ?p ?o }} }}",
        "from": f"ASK FROM <{server}/f> {{ ?s ?p ?o }}",
        "from-a-file": f"SELECT * FROM <file://{secret}> {{ ?s ?p ?o }}",
        "from-named": f"SELECT * FROM NAMED <{server}/f> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
        "load": f"LOAD <{server}/l>",
        "load-a-file": f"LOAD <file://{secret}> INTO GRAPH <http://e/g>",
        "insert": "INSERT DATA { <http://e/a> <http://e/b> <http://e/c> }",
        "delete": "DELETE WHERE { ?s ?p ?o }",
        "clear": "CLEAR ALL",
        "drop": "DROP ALL",
        "second-statement": "SELECT * { ?s ?p ?o } ; DROP ALL",
    }
    malformed = {
        "service-escaped": f"ASK {{ \\u0053ERVICE <{server}/s> {{ ?s ?p ?o }} }}",
        "brace-escaped": "ASK " + "\\u007B" * 5_000,
        "function-of-an-iri": f"SELECT (<{server}/f>(1) AS ?x) {{}}",
        "nul": "ASK { ?s ?p 'a' } \x01",
        "backslashes": "\\" * 500_000,
        "quotation-marks": "'" * 500_001,
        "open-angles": "<" * 500_000,
        "blank": " " * 500_000,
        "unknown-function": "SELECT (<http://e/f>(1) AS ?x) { ?s ?p ?o } LIMIT x",
    }
    empty = {  # answered, from what is loaded
        "graph-elsewhere": f"SELECT * {{ GRAPH <{server}/g> {{ ?s ?p ?o }} }}",
        "graph-of-a-file": f"SELECT * {{ GRAPH <file://{secret}> {{ ?s ?p ?o }} }}",
        "describe-elsewhere": f"DESCRIBE <{server}/g>",
        "regex": f"ASK {{ FILTER(REGEX('{'a' * 50_000}!', '^(a+)+$')) }}",
        "replace": f"SELECT (STRLEN(REPLACE('{'a' * 5_000}', '(a*)*b', '')) AS ?n) {{}}",
        "number": "SELECT (1e999999999 AS ?x) (99999999999999999999999999999999999999 + 1 AS ?y) {}",
        "date": "SELECT (YEAR('999999999999-01-01T00:00:00'^^<http://www.w3.org/2001/XMLSchema#dateTime>) AS ?y) {}",
        "division": "SELECT (1/0 AS ?x) (1e0/0 AS ?y) {}",
        "cells": "SELECT ('\\u001B[2J' AS ?a) ('=1+1' AS ?b) ('<b>' AS ?c) ('\\u202E' AS ?d) {}",
    }
    return [
        *(QueryAttack(f"nested-{n}", text, OVER) for n, text in nested.items()),
        *(QueryAttack(f"bomb-{n}", text, OVER) for n, text in bombs.items()),
        *(QueryAttack(f"outside-{n}", text, r"E202: The query uses (SERVICE|FROM|LOAD|INSERT|DELETE|CLEAR|DROP)") for n, text in outside.items()),
        *(QueryAttack(f"malformed-{n}", text, "E20[23]: ") for n, text in malformed.items()),
        *(QueryAttack(f"empty-{n}", text, "", answered=True) for n, text in empty.items()),
        QueryAttack("bomb-regex", f"ASK {{ ?a ?b ?c FILTER(REGEX(STR(?c), '{'(' * 20}a{'{99})' * 20}')) }}", "E20[23]: |", answered=True),
    ]  # fmt: skip
