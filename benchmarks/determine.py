"""How long a determination takes, beside pySHACL validating the same case against the same policy in the same run.

    python benchmarks/determine.py [CASE.ttl] [--policy NAME] [--times N]

prints a Markdown table of medians. The two do not do the same work. pySHACL answers yes or no, with the results that
are against it; a determination gives every criterion its status, its smallest evidence and what would settle it, and a
report adds the words. Both start from what is loaded already, but for the cold command, which is a process of its own.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from rdflib import RDFS, Graph

import reasoner
from reasoner.determining import applicable_edition
from reasoner.ontology import ontology_triples
from reasoner.pyshacl_engine import validate

CASE = Path(__file__).parents[1] / "cases" / "source-000-lumbar-spondylosis-after-fusion" / "case.ttl"


def median_seconds(work: Callable[[], object], times: int) -> float:
    """The median of some runs, after one that is not counted."""
    work()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description="Times a determination beside pySHACL.")
    parser.add_argument("case", nargs="?", type=Path, default=CASE)
    parser.add_argument("--policy", default="bcbsnd")
    parser.add_argument("--times", type=int, default=9)
    asked = parser.parse_args()

    knowledge = reasoner.load_knowledge()
    (case,) = reasoner.read_cases(asked.case)
    determination = reasoner.determine(case, knowledge, policy=asked.policy)
    edition, *_ = applicable_edition(case, knowledge, policy=asked.policy)
    data = Graph(bind_namespaces="none")
    for triple in (*case.triples, *(t for t in ontology_triples() if t[1] == RDFS.subClassOf)):
        data.add(triple)
    conforms, _ = validate(data, edition.graph)
    agreed = conforms is (determination.outcome is reasoner.Outcome.MEDICALLY_NECESSARY)
    if not agreed:
        sys.exit("pySHACL and the determination disagree; there is nothing to compare.")

    command = [sys.executable, "-m", "reasoner", "determine", str(asked.case), "--policy", asked.policy]
    cold = median_seconds(lambda: subprocess.run(command, check=True, capture_output=True), max(3, asked.times // 3))
    loading = median_seconds(reasoner.load_knowledge, max(3, asked.times // 3))
    intake = median_seconds(lambda: reasoner.read_cases(asked.case), asked.times)
    determining = median_seconds(lambda: reasoner.determine(case, knowledge, policy=asked.policy), asked.times)
    graph = median_seconds(lambda: reasoner.report_graph(determination, knowledge), asked.times)
    report = reasoner.report_graph(determination, knowledge)
    text = median_seconds(lambda: reasoner.render(report, "text"), asked.times)
    peer = median_seconds(lambda: validate(data, edition.graph), asked.times)

    print(f"{asked.case.parent.name or asked.case.name} under {edition.slug}: {determination.outcome.value}\n")
    print("| what | ms | of pySHACL |")
    print("| --- | ---: | ---: |")
    for what, seconds in (
        (f"pySHACL {version('pyshacl')}: does the case conform? ({'yes' if conforms else 'no'}; both agree)", peer),
        ("determination: every criterion with its evidence", determining),
        ("determination and report graph", determining + graph),
        ("determination, report graph and text", determining + graph + text),
        ("intake of the case (SHACL by pySHACL)", intake),
        ("loading the knowledge", loading),
        ("the command, cold", cold),
    ):
        print(f"| {what} | {1000 * seconds:.0f} | {seconds / peer:.2f} |")
    program = f"edx-reasoner {reasoner.__version__}"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    print(f"\nMedians of {program} with {python}, {platform.machine()}, {os.cpu_count()} processors.")


if __name__ == "__main__":
    main()
