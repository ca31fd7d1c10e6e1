"""Law 11 as a list of words: what would be advice to recode in a text of a report."""

import re

# Verbs that tell somebody to do something, before a word for what is coded or found, in the same sentence.
_DOING = (
    "add", "adjust", "alter", "amend", "append", "apply", "assign", "bill", "change", "choose", "code", "consider",
    "convert", "correct", "edit", "enter", "exchange", "fix", "include", "modify", "pick", "prefer", "re-?code", "recod(?:e|ing)",
    "re-?label", "remove", "re-?phrase", "replace", "report", "resubmit", "revise", "re-?word", "select", "submit",
    "substitute", "swap", "switch", "try", "update", "upcode", "use", "write",
)  # fmt: skip
_DONE_TO = r"codes?|coding|diagnos[ie]s|icd(?:-10)?(?:-cm)?|findings?|indications?|symptoms?|signs?"
# as an order ("Update the diagnosis code") or as a suggestion ("should use", "consider updating", "can be coded as")
_MEANWHILE = r"(?:[^.;]|\.(?=\w))*"  # within a sentence; the point of a code ends none
ORDER = re.compile(
    rf"(?:^|[.,;:(]\s*|\b(?:please|or|and|to|then)\s+)(?:{'|'.join(_DOING)})\b{_MEANWHILE}\b(?:{_DONE_TO})\b", re.I
)
SUGGESTION = re.compile(
    rf"\b(?:should|could|may|might|must|need to|consider|recommend\w*|advis\w+|suggest\w*)\b{_MEANWHILE}"
    rf"\b(?:{'|'.join(_DOING)}|(?:add|cod|chang|correct|includ|replac|revis|updat|us)ing)\b{_MEANWHILE}\b(?:{_DONE_TO})\b",
    re.I,
)
OTHER_CODES = re.compile(
    r"\b(?:re-?cod(?:e|ed|ing)|up-?cod(?:e|ing)|(?:another|other|different|better|more specific|covered|payable|alternative)"
    r" (?:diagnosis )?codes?\b|codes? (?:below|above) it|did you mean|(?:that|which) (?:can|would|will) be (?:billed|paid|covered))",
    re.I,
)
PATTERNS = (ORDER, SUGGESTION, OTHER_CODES)


def advises_to_recode(text: str) -> bool:
    return any(pattern.search(text) for pattern in PATTERNS)
