"""The errors that the package raises on purpose.

Tree:

    ReasonerError
    ├── InputError            the input cannot be read or judged; exit code 1
    │   ├── UnreadableInputError   E100  the bytes are no RDF of the stated format
    │   │   └── BeyondLimitError         or more of it than is read
    │   ├── InvalidCaseError       E101  the graph is no case that can be judged
    │   ├── OutOfTimeError         E101  a case took longer than it may
    │   ├── UnreadableReleaseError E102  a file of a classification is not in an official format
    │   ├── UnreadableResultsError E103  a table of results is damaged, or is not as `edx determine` writes it
    │   └── UnreadableProofError   E104  a report, a signature or a key is not in a form that can be checked
    ├── UsageError            the question cannot be put; exit code 2
    │   ├── NoApplicablePolicyError  E200  no edition governs the request on that date
    │   ├── UnknownTermError         E201  a policy, criterion, category or code of that name does not exist
    │   └── QueryError               E202  the SPARQL query is refused or malformed
    │       └── QueryLimitError      E203  the SPARQL query takes more than a limit allows
    └── EngineError           the program or its knowledge is at fault; exit code 3
        ├── PolicyDefinitionError    E300  a policy edition is not written as the profile demands
        ├── MappingSetError          E302  a mapping set is not written as SSSOM and our columns demand
        ├── ShapesDefinitionError    E303  a shapes graph lies outside what the compiled engine runs
        └── ReasoningError           E304  HermiT or Java is missing or broke off, or the ontology contradicts itself
"""

from collections.abc import Sequence


class ReasonerError(Exception):
    """Anything that the package raises on purpose."""

    code = "E000"


class InputError(ReasonerError):
    """The input cannot be read or judged; nothing was determined."""


class UnreadableInputError(InputError):
    """The bytes are no RDF of the stated format."""

    code = "E100"

    def __init__(self, source: str, problem: str) -> None:
        super().__init__(f"{source}: {problem}")
        self.source = source
        self.problem = problem


class BeyondLimitError(UnreadableInputError):
    """A document is larger or deeper than the limits allow; what of it was read is of no account."""


class InvalidCaseError(InputError):
    """The case graph cannot be judged as it stands; nothing was determined."""

    code = "E101"

    def __init__(self, case: str, problems: Sequence[str]) -> None:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(f"{case} was refused at intake:\n{listed}\nCorrect the graph and run again.")
        self.case = case
        self.problems = tuple(problems)


class OutOfTimeError(InputError):
    """A case took longer than it may; it is refused like one that cannot be judged."""

    code = "E101"

    def __init__(self, seconds: float, case: str = "") -> None:
        said = f"not done within {seconds:g} seconds, the limit for one step of one case (--max-seconds)."
        super().__init__(f"{case}: {said}" if case else f"It was {said} Shorten the record, or give it more time.")
        self.seconds = seconds

    def of(self, case: str) -> "OutOfTimeError":
        """The same about a case that has a name."""
        return OutOfTimeError(self.seconds, case)


class UnreadableReleaseError(InputError):
    """A file of ICD-10-CM is not in one of the formats that its publishers use."""

    code = "E102"

    def __init__(self, file: str, line: int | None, problem: str) -> None:
        super().__init__(f"{file}{'' if line is None else f', line {line}'}: {problem}")
        self.file = file
        self.line = line


class UnreadableResultsError(InputError):
    """A table of results is damaged, or is not as the program writes it."""

    code = "E103"

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(f"{file}: {problem}.")
        self.file = file
        self.problem = problem


class UnreadableProofError(InputError):
    """A report, a signature or a key is not in a form that can be checked."""

    code = "E104"

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(f"{file}: {problem}")
        self.file = file
        self.problem = problem


class UsageError(ReasonerError):
    """The question cannot be put as asked."""


class NoApplicablePolicyError(UsageError):
    """No policy edition governs the request on the date in question."""

    code = "E200"


class UnknownTermError(UsageError):
    """No policy, criterion, category, code or format of that name exists."""

    code = "E201"


class QueryError(UsageError):
    """The SPARQL query is malformed, or asks for what is not allowed."""

    code = "E202"


class QueryLimitError(QueryError):
    """The SPARQL query takes more time, memory, results or text than a limit allows; the message names the limit."""

    code = "E203"


class EngineError(ReasonerError):
    """The program or the knowledge that it ships is at fault."""

    code = "E301"


class PolicyDefinitionError(EngineError):
    """A policy edition is not written as the profile of SHACL demands."""

    code = "E300"

    def __init__(self, edition: str, problems: Sequence[str]) -> None:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(f"{edition} cannot be loaded:\n{listed}")
        self.edition = edition
        self.problems = tuple(problems)


class MappingSetError(EngineError):
    """A mapping set is not written as SSSOM and our own columns demand; each problem names file and line."""

    code = "E302"

    def __init__(self, name: str, problems: Sequence[str]) -> None:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(f"{name} cannot be read as a mapping set:\n{listed}\nCorrect these lines and read it again.")
        self.name = name
        self.problems = tuple(problems)


class ShapesDefinitionError(EngineError):
    """A shapes graph uses what lies outside SHACL Core and the native code at hand."""

    code = "E303"

    def __init__(self, name: str, problems: Sequence[str]) -> None:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(f"{name} cannot be compiled:\n{listed}")
        self.name = name
        self.problems = tuple(problems)


class ReasoningError(EngineError):
    """HermiT cannot be run or broke off, or the ontology contradicts itself; determining a case needs none of it."""

    code = "E304"
