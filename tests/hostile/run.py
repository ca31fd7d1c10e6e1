"""Run the corpus through the commands and show what became of it: `python tests/hostile/run.py [WORD…]`.

With words only the files whose names hold one of them. Each file goes through `edx validate`, `edx determine` in every
format, `edx determine --to` and, if it is accepted, `edx query`, in a forked process with limits on time and memory and
an audit hook that notes every opened file and every connection; a server and a secret file wait for whoever follows the
addresses in the corpus.
"""

import gc
import os
import re
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import pyoxigraph as ox
from hostile import shown
from hostile.attack import ACCEPTED, REFUSED, Attack, case
from hostile.confined import Confined, Ran, run, trespasses
from hostile.make import attacks
from hostile.query_attacks import QueryAttack, queries

import reasoner
from reasoner.query import dataset

SECRET = "the-secret-that-nobody-may-read"
FORMATS = ("markdown", "html", "json", "turtle")
LABELS = "SELECT ?label { GRAPH ?g { ?s rdfs:label|dcterms:title|edx:text|edx:imagingFinding ?label } FILTER(STRSTARTS(STR(?g), 'https://example.org/')) }"


@dataclass
class Outcome:
    """What became of one file or query, and everything that is wrong with that."""

    name: str
    outcome: str
    said: str
    seconds: float
    memory: int
    faults: list[str]


@contextmanager
def corpus() -> Iterator[tuple[Path, str, str, socket.socket]]:
    """A folder, the address of a server that waits, the path of the secret file, the server itself."""
    folder = Path(tempfile.mkdtemp(prefix="hostile-")).resolve()
    secret = folder / "secret.txt"
    secret.write_text(SECRET, "utf-8")
    try:
        with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
            server.setblocking(False)
            yield folder, f"http://127.0.0.1:{server.getsockname()[1]}", str(secret), server
    finally:
        shutil.rmtree(folder)


@contextmanager
def warmed_up() -> Iterator[None]:
    """Load what every command loads, so that each child has it; queries find the knowledge in a store already."""
    knowledge = reasoner.load_knowledge()
    store = ox.Store()
    add_knowledge = dataset.add_knowledge
    add_knowledge(store, knowledge)
    benign()
    gc.collect()
    gc.freeze()
    dataset.add_knowledge = lambda empty, knowledge: None
    dataset.ox = _Prepared(store)  # type: ignore[assignment]
    try:
        yield
    finally:
        dataset.add_knowledge, dataset.ox = add_knowledge, ox  # type: ignore[assignment]
        gc.unfreeze()


class _Prepared:
    """pyoxigraph, whose next store is the one that holds the knowledge."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> object:
        return (lambda: self._store) if name == "Store" else getattr(ox, name)


@cache
def benign() -> dict[str, str]:
    """The reports of a case with plain labels."""
    (found,) = reasoner.validate(case().encode(), name="x.ttl").cases
    knowledge = reasoner.load_knowledge()
    report = reasoner.report_graph(reasoner.determine(found, knowledge), knowledge)
    return {form: reasoner.render(report, form) for form in ("text", *FORMATS)}


def commands_for(attack: Attack, path: Path, out: Path) -> list[list[str]]:
    file, batch = str(path), ["determine", str(path), "--to", str(out / "results.jsonl"), "-j", "1", "--restart"]
    if attack.batch_only:
        return [["determine", file], batch]
    found = [["validate", file], ["validate", file, "--format", "turtle"], ["determine", file], batch]
    if attack.outcome == ACCEPTED:
        labelled = attack.label is not None
        found += [["determine", file, "--format", form] for form in (FORMATS if labelled else ("html",))]
        found += [
            ["query", file, LABELS, "--format", form] for form in (("table", "csv", "json") if labelled else ("csv",))
        ]
        found += [["summary", str(out / "results.jsonl")], ["explain", file, "-c", "signs-and-symptoms"]]
    return found


def tried(attack: Attack, folder: Path) -> Outcome:
    """One file through all commands."""
    path = attack.write(folder / "files")
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    before = _state(path)
    found = run(commands_for(attack, path, work), work)
    faults = [fault for ran in found.ran for fault in faults_of(ran, attack, path, work)]
    if found.died:
        faults.append(f"the process {found.died}")
    if _state(path) != before:
        faults.append("the input was changed")
    strays = [*folder.parent.glob("slipped*"), *folder.rglob("slipped*")]
    faults += [f"written outside: {stray}" for stray in strays]
    path.unlink() if not path.is_dir() or path.is_symlink() else path.rmdir()
    return Outcome(attack.name, attack.outcome, _said(found), found.seconds, found.memory, faults)


def _state(path: Path) -> tuple[int, int, int]:
    found = path.lstat()
    return found.st_size, found.st_mtime_ns, found.st_mode


def _said(found: Confined) -> str:
    for ran in found.ran:
        if ran.arguments[0] in ("validate", "determine") and ran.code:
            text = (ran.stdout if ran.arguments[0] == "validate" else ran.stderr).decode("utf-8", "replace")
            error = re.search(r"(?m)^  - error: (.*(?:\n(?!  - |\d+ valid).*)*)|^E\d+: (.*)", text)
            return " ".join((error[1] or error[2] if error else text).split())
    return ""


def faults_of(ran: Ran, attack: Attack, path: Path, work: Path) -> list[str]:
    """Everything that is wrong with how a command dealt with a file."""
    faults = general_faults(ran, [path], work)
    out, err = (text.decode("utf-8", "replace") for text in (ran.stdout, ran.stderr))
    command, form = ran.arguments[0], _form(ran.arguments)
    if not attack.determined and command != "validate":
        ended = 2 if command in ("determine", "explain") else 0
        return [*faults, *([] if ran.code in (ended, 0) else [f"ended with {ran.code}"])]
    if ran.code not in (0, 1):
        faults.append("ended otherwise than done or refused")
    if command in ("validate", "determine") and ran.code in (0, 1):
        if ran.code != (1 if attack.outcome == REFUSED else 0):
            faults.append(f"was not {attack.outcome}: {(out if command == 'validate' else err)[:200]}")
        elif (
            attack.outcome == REFUSED
            and (form == "text" or attack.batch_only)
            and not re.search(attack.says.replace("limit", "limit|--max-"), f"{out}\n{err}".replace(str(path), ""))
        ):
            faults.append(f"does not say /{attack.says}/: {f'{out} {err}'[:300]}")
    if form in ("text", "table") and "--to" not in ran.arguments and (steering := shown.steers_a_terminal(out)):
        faults.append(f"prints {steering!r}")
    if form == "csv" and (cells := shown.formulas(out)):
        faults.append(f"gives formulas to a spreadsheet: {cells[:2]}")
    if attack.label is not None and not faults:
        faults += (
            shown_otherwise(form, out, attack.label)
            if command == "determine" and "--to" not in ran.arguments and "-o" not in ran.arguments
            else []
        )
        if command == "query" and form == "json" and attack.label not in shown.json_strings(out):
            faults.append("a query does not give the label as it is")
    return [f"{' '.join(ran.arguments[:1] + ran.arguments[2:])[:60]}: {fault}" for fault in faults]


def general_faults(ran: Ran, inputs: Sequence[Path], work: Path) -> list[str]:
    """What is wrong whatever the file or the query is."""
    out, err = (text.decode("utf-8", "replace") for text in (ran.stdout, ran.stderr))
    faults = [f"did {deed}" for deed in trespasses(ran, inputs, work)]
    if ran.code not in (0, 1, 2):
        faults.append(f"exit code {ran.code}: {err[:300]}")
    if "Traceback" in err or "Traceback" in out:
        faults.append(f"a traceback: {err[-300:]}")
    if SECRET in out or SECRET in err:
        faults.append("tells the secret")
    if "root:x:0" in out or "root:x:0" in err:
        faults.append("tells /etc/passwd")
    if steering := shown.steers_a_terminal(err, lines="\n"):
        faults.append(f"prints {steering!r} as an error")
    return faults


def shown_otherwise(form: str, out: str, label: str) -> list[str]:
    """How a report differs, but for its text, from that of a case with plain labels."""
    plain, words = benign().get(form, ""), shown.longest_words(label)
    if form == "html":
        if shown.skeleton_of_html(out) != shown.skeleton_of_html(plain):
            return ["the label changes the elements of the page"]
        text = shown.text_of_html(out)
        return (
            ["prints " + repr(s)]
            if (s := shown.steers_a_terminal(text))
            else []
            if words in text
            else ["the label is not shown"]
        )
    if form == "markdown":
        if shown.skeleton_of_markdown(out) != shown.skeleton_of_markdown(plain):
            return ["the label changes the structure of the page"]
        return ["prints " + repr(s)] if (s := shown.steers_a_terminal(out)) else []
    if form == "json":
        return [] if label in "\n".join(shown.json_strings(out)) or words in out else ["the label is not given"]
    if form == "text":
        begins = [line.split("(")[0][:14] for line in plain.splitlines() if line and not line.startswith(" ")]
        began = [line.split("(")[0][:14] for line in out.splitlines() if line and not line.startswith(" ")]
        return [] if len(began) - len(begins) <= 40 else ["the label changes the lines of the report"]
    return []


def _form(arguments: Sequence[str]) -> str:
    default = "table" if arguments[0] == "query" else "text"
    return arguments[arguments.index("--format") + 1] if "--format" in arguments else default


def asked(attack: QueryAttack, folder: Path) -> Outcome:
    """One query through `edx query`, as a file and with limits of two seconds and 300 MB."""
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    file = work / "query.rq"
    file.write_bytes(attack.text.encode("utf-8", "surrogatepass"))
    forms = ("table", "csv", "json") if attack.answered else ("json",)
    commands = [
        ["query", "-f", str(file), "--format", form, "--max-seconds", "2", "--max-memory", "300"] for form in forms
    ]
    found = run(commands, work)
    faults = [f"the process {found.died}"] if found.died else []
    for ran in found.ran:
        faults += general_faults(ran, [file], work)
        out, err = (text.decode("utf-8", "replace") for text in (ran.stdout, ran.stderr))
        form = _form(ran.arguments)
        of_form = "turtle is for" in err or "CONSTRUCT and DESCRIBE" in err
        if attack.says and not re.match(attack.says, err):
            faults.append(f"does not say /{attack.says}/: {err[:200]}")
        if ran.code != (0 if attack.answered else 2) and not (attack.answered and (attack.says or of_form)):
            faults.append(f"exit code {ran.code}: {err[:200]}")
        if form == "table" and (steering := shown.steers_a_terminal(out)):
            faults.append(f"prints {steering!r}")
        if form == "csv" and (cells := shown.formulas(out)):
            faults.append(f"gives formulas to a spreadsheet: {cells[:2]}")
    said = next((" ".join(ran.stderr.decode("utf-8", "replace").split()) for ran in found.ran if ran.stderr), "")
    return Outcome(
        f"query/{attack.name}", "answered" if attack.answered else REFUSED, said, found.seconds, found.memory, faults
    )


def connections(server: socket.socket) -> int:
    """How many have connected to the server so far."""
    number = 0
    while True:
        try:
            server.accept()[0].close()
        except BlockingIOError:
            return number
        number += 1


def main(words: Sequence[str]) -> int:
    outcomes: list[Outcome] = []
    with warmed_up(), corpus() as (folder, address, secret, server):
        os.environ["HOME"] = str(folder)
        chosen = [a for a in attacks(address, secret) if not words or any(word in a.name for word in words)]
        asks = [q for q in queries(address, secret) if not words or any(word in f"query/{q.name}" for word in words)]
        base = int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf(
            "SC_PAGE_SIZE"
        )  # the corpus among it: a child begins with that
        for attempt in (*(lambda a=a: tried(a, folder) for a in chosen), *(lambda q=q: asked(q, folder) for q in asks)):
            outcome = attempt()
            outcomes.append(outcome)
            mark = "FAULT " if outcome.faults else "      "
            print(
                f"{mark}{outcome.name!r:56} {outcome.outcome:9} {outcome.seconds:6.2f} s {outcome.memory / 1e6:6.0f} MB  {outcome.said[:110]!r}"
            )
            for fault in outcome.faults[:2]:
                print(f"        {fault!r}"[:400])
            sys.stdout.flush()
        met = connections(server)
    if not outcomes:
        print("No file has such a name.")
        return 2
    slowest, largest = max(outcomes, key=lambda o: o.seconds), max(outcomes, key=lambda o: o.memory)
    print(
        f"\n{len(chosen)} files and {len(asks)} queries: {sum(o.outcome == REFUSED for o in outcomes)} refused, "
        f"{sum(o.outcome != REFUSED for o in outcomes)} accepted or answered, as expected of each\n"
        f"longest time {slowest.seconds:.1f} s for all commands on {slowest.name!r}\n"
        f"highest memory {largest.memory / 1e6:.0f} MB ({base / 1e6:.0f} MB of them before the command begins) for {largest.name!r}\n"
        f"connections to the waiting server: {met}\nfaults: {sum(bool(o.faults) for o in outcomes)}"
    )
    return 1 if met or any(o.faults for o in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
