"""Tests of tests: all of several, any of them, exactly one, not."""

# ruff: noqa: SIM110 (a loop costs a third of what a generator in any() costs, and these are the innermost ones)

from rdflib.term import Node

from reasoner.rdf.index import Index
from reasoner.shacl.paths import Test


def always(_: Index, __: Node) -> bool:
    """What holds of every node."""
    return True


def negated(test: Test) -> Test:
    """Whether the test does not hold."""
    return lambda index, node: not test(index, node)


def all_of(tests: list[Test]) -> Test:
    """Whether all hold, asked in their order."""
    if not tests:
        return always
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        one, other = tests
        return lambda index, node: one(index, node) and other(index, node)
    listed = tuple(tests)

    def hold(index: Index, node: Node) -> bool:
        for test in listed:
            if not test(index, node):
                return False
        return True

    return hold


def any_of(tests: list[Test]) -> Test:
    """Whether at least one holds, asked in their order."""
    listed = tuple(tests)

    def holds(index: Index, node: Node) -> bool:
        for test in listed:
            if test(index, node):
                return True
        return False

    return holds


def exactly_one(tests: list[Test]) -> Test:
    """Whether exactly one holds."""
    listed = tuple(tests)
    return lambda index, node: sum(test(index, node) for test in listed) == 1
