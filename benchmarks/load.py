"""How long the knowledge of a determination takes to load, and its memory, beside rdflib on the same Turtle.

    python benchmarks/load.py [CASE.ttl] [--policy NAME] [--times N]

prints a Markdown table. Each line is a process of its own, started N times; the best time counts, as the least
disturbed, and the memory is the peak of that process (its resident set). A line holds all that the lines above it do,
but for the peer: rdflib parses the files of the ontology, statement shapes and policy editions, and does nothing with
them. The start of the interpreter itself is not counted.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

CASE = Path(__file__).parents[1] / "cases" / "source-000-lumbar-spondylosis-after-fusion" / "case.ttl"

BEGIN = "import time; start, busy = time.perf_counter(), time.process_time()\n"
END = """
import json, resource, sys
seconds, busy = time.perf_counter() - start, time.process_time() - busy
unit = 2**20 if sys.platform == "darwin" else 2**10
print(json.dumps([seconds, busy, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit]))
"""
LOAD = "import reasoner\nknowledge = reasoner.load_knowledge()\n"
READ = LOAD + "(case,) = reasoner.read_cases({case!r})\n"
DETERMINE = READ + "determination = reasoner.determine(case, knowledge, policy={policy!r})\n"
RENDER = DETERMINE + "reasoner.render(reasoner.report_graph(determination, knowledge), 'text')\n"
PEER = """
import rdflib
from pathlib import Path
graph = rdflib.Graph()
for path in {files!r}:
    graph.parse(path, format="turtle")
"""
LIBRARIES = "import rdflib, pyoxigraph\n"


def measured(script: str, times: int) -> list[float]:
    """Least seconds, seconds of the processor and peak memory in MB of some runs, each in a process of its own."""
    command = [sys.executable, "-c", BEGIN + script + END]
    runs = (subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(times))
    return [min(values) for values in zip(*(json.loads(run.splitlines()[-1]) for run in runs), strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description="Times loading the knowledge, and measures its memory.")
    parser.add_argument("case", nargs="?", type=Path, default=CASE)
    parser.add_argument("--policy", default="bcbsnd")
    parser.add_argument("--times", type=int, default=7)
    asked = parser.parse_args()

    from reasoner.resources import turtle_files

    files = [
        str(path) for folder in ("ontology", "shapes/statements", "shapes/policies") for path in turtle_files(folder)
    ]
    values = {"case": str(asked.case), "policy": asked.policy, "files": files}
    stages = (
        ("the RDF libraries alone", LIBRARIES),
        ("import reasoner", "import reasoner\n"),
        ("and load the knowledge", LOAD),
        ("and read a case (SHACL by pySHACL)", READ),
        ("and determine it", DETERMINE),
        ("and write the report as text", RENDER),
        (f"rdflib {version('rdflib')} parsing the same {len(files)} Turtle files", PEER),
    )
    print("| what | ms | of the processor | peak MB |")
    print("| --- | ---: | ---: | ---: |")
    for what, script in stages:
        seconds, busy, memory = measured(script.format(**values), asked.times)
        print(f"| {what} | {1000 * seconds:.0f} | {1000 * busy:.0f} | {memory:.0f} |")
    python = f"{platform.python_implementation()} {platform.python_version()}"
    print(f"\nBest of {asked.times}, {python}, {platform.machine()}, {os.cpu_count()} processors.")


if __name__ == "__main__":
    main()
