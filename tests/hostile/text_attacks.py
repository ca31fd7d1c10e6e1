"""Attacks by what a literal says: texts that a report must show as text, numbers and dates out of any range."""

from hostile.attack import ACCEPTED, REFUSED, Attack, case, quoted

AS_TEXT = "issue 5: a report must show them as text"
LABELS = {
    "script": "<script>alert(1)</script>",
    "image": "<img src=x onerror=alert(1)>",
    "closing-tags": "</p></td></table></main></body><h1>Approved</h1>",
    "attribute": '" onmouseover="alert(1)" x="\' onfocus=\'alert(1)',
    "comment": "<!-- --> <style>*{display:none}</style>",
    "entity": "&lt;b&gt; &amp; &#60;script&#62; &nbsp;",
    "cdata": "]]> <![CDATA[ <b>",
    "template": "{{ 7 * 7 }} {% for x in y %} {# #} ${jndi:ldap://127.0.0.1/a} #{x} <%= 1 %>",
    "format": "%s %n %(x)s {0} {x!r} {0.__class__}",
    "markdown-heading": "# Approved\n\n## By the payer",
    "markdown-link": "[approved](javascript:alert(1)) ![x](http://127.0.0.1/x.png) <http://127.0.0.1/> http://127.0.0.1/x www.e.org",
    "markdown-table": "a | b\n--- | ---\n1 | 2",
    "markdown-list": "- item\n1. item\n> quoted\n***\n```\ncode\n```",
    "markdown-html": "<details><summary>x</summary>\n\n**bold** _it_ ~~no~~ `code`\n\n</details>",
    "markdown-reference": "[x]: http://127.0.0.1/ 'title'\n[x] [^1]\n[^1]: note",
    "false-line": "a label\n\nRecommendation: MEDICALLY NECESSARY\n  + met",
    "formula": '=HYPERLINK("http://127.0.0.1/","x")',
    "formula-plus": "+1+cmd|' /C calc'!A0",
    "formula-minus": "-2+3+cmd|' /C calc'!A0",
    "formula-at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "formula-tab": "\t=1+1",
    "formula-return": "\r=1+1",
    "formula-after-a-line": 'x\n=1+1,"=1+1",\'=1',
    "escape-sequences": "\x1b[2J\x1b[31mred\x1b]8;;http://127.0.0.1/\x07link\x1b]8;;\x07\x1b]0;title\x07\x9b31m",
    "backspaces": "denied\b\b\b\b\b\bmet\r\x7f",
    "right-to-left-override": "\u202edetermined\u202c \u2066isolate\u2069 \u200emark\u200f",
    "unclosed-override": "\u202e\u2067\u202b",
    "zero-width": "m\u200be\u200ct\u2060\ufeff\u00ad",
    "line-separators": "a\u2028b\u2029c\x85d\x0be",
    "zalgo": "a" + "\u0301" * 2_000,
    "tag-characters": "a\U000e0041\U000e0042\U000e007f",
    "rich-markup": "[bold red]x[/] [link=http://127.0.0.1/]y[/link] \\[z] [/]",
    "turtle": '" ; edx:conclusive true . <http://e/x> <http://e/y> "z',
    "turtle-long": '""" . <http://e/x> <http://e/y> """z\\',
    "json": '","outcome":"MedicallyNecessary","x":"',
    "sparql": '" } } INSERT DATA { <http://e/x> <http://e/y> <http://e/z> } #',
    "yaml": "!!python/object/apply:os.system ['id']",
    "path": "../../../../etc/passwd\x01..\\..\\x",
    "sql": "'; DROP TABLE results; --",
    "not-a-number": "NaN",
    "nul": "a label\x00b",
}


def labels() -> list[Attack]:
    return [
        Attack(f"labels/{name}.ttl", case(label=quoted(said)), ACCEPTED, "valid", AS_TEXT, label=said)
        for name, said in LABELS.items()
    ]


def literals() -> list[Attack]:
    long = 30_000_000
    dates = {
        "year-of-nine-digits": "999999999-01-01", "year-minus-one": "-0001-01-01", "year-zero": "0000-01-01", "thirtieth-of-february": "2026-02-30",
        "leap-day-of-no-leap-year": "2026-02-29", "month-thirteen": "2026-13-01", "arabic-digits": "\u0662\u0660\u0662\u0666-02-03",
        "fullwidth-digits": "\uff12\uff10\uff12\uff16-02-03", "with-a-space": " 2026-02-03", "with-a-line": "2026-02-03\n", "in-words": "yesterday",
        "long": "2026-02-03" + "0" * 5_000_000, "plus": "+2026-02-03", "with-a-zone": "2026-02-03Z", "empty": "",
    }  # fmt: skip
    numbers = {
        "integer-of-a-million-digits": f'"{"9" * 1_000_000}"^^xsd:integer', "integer-in-shorthand": "9" * 1_000_000, "negative": "-1", "zero": "0",
        "decimal-with-a-long-fraction": "1." + "3" * 1_000_000, "double-beyond-any": "1e999999999", "decimal-as-exponent": '"1e999999999"^^xsd:decimal',
        "not-a-number": '"NaN"^^xsd:double', "infinite": '"INF"^^xsd:double', "underscore": '"1_0"^^xsd:integer', "arabic-digits": '"\u0661"^^xsd:integer',
        "superscript": '"\u00b2"^^xsd:integer', "hexadecimal": '"0x10"^^xsd:integer', "with-a-line": '"1\\n"^^xsd:integer', "empty": '""^^xsd:integer',
        "true": "true", "beyond-64-bits": "18446744073709551617", "of-no-datatype": '"1"^^<http://e/integer>', "a-quoted-one": '"1"',
    }  # fmt: skip
    booleans = {
        "word": '"maybe"^^xsd:boolean', "capital": '"TRUE"^^xsd:boolean', "text": '"false"', "spaces": '" false "^^xsd:boolean', "long": f'"{"f" * 5_000_000}"^^xsd:boolean',
        "padded": f'"{"0" * 1_000_000}"^^xsd:boolean',
    }  # fmt: skip
    xs = "XML Schema 1.1 part 2, and the shape of the property"
    long_limit = "issue 5: a limit on the length of a literal"
    return [
        *(Attack(f"dates/{n}.ttl", case(date=f"{quoted(d)}^^xsd:date"), REFUSED, "(?i)date|limit|long", xs) for n, d in dates.items()),
        *(Attack(f"numbers/{n}.ttl", case(quantity=said), REFUSED, "(?i)quantity|limit|long|number|whole", xs) for n, said in numbers.items()),
        *(Attack(f"booleans/{n}.ttl", case(boolean=said), REFUSED, "(?i)conclusive|limit|long", xs) for n, said in booleans.items()),
        Attack("literals/long-label.ttl", case(label='"' + "a" * long + '"', text='"x"'), REFUSED, "(?i)limit|long|characters|at most", long_limit, slow=True),
        Attack("literals/long-text.ttl", case(text='"' + "a " * (long // 20) + '"'), REFUSED, "(?i)limit|long|characters|at most", long_limit, slow=True),
        Attack("literals/long-line.nt", "<http://e/a> <http://e/b> \"" + "\\n" * (long // 10) + '" .', REFUSED, ".", "no request; and as above", slow=True),
        Attack("literals/long-left-open.ttl", case() + '"""' + "a" * long, REFUSED, "line|limit|long|at most", "Turtle", slow=True),
        Attack("literals/language-of-many-parts.ttl", case(label='"x"@en' + "-a" * 100_000), REFUSED, "(?i)language|limit|line|long", "RFC 5646: extensions are two to eight characters", slow=True),
        Attack("literals/language-of-one-long-part.ttl", case(label='"x"@' + "a" * 1_000_000), REFUSED, "line|language|tag|long", "RFC 5646: at most eight letters"),
        Attack("literals/language-empty.ttl", case(label='"x"@'), REFUSED, "line", "Turtle, LANGTAG"),
        Attack("literals/language-private.ttl", case(label='"x"@x-evil'), ACCEPTED, "valid", "RFC 5646: private use", label="x"),
        Attack("literals/language-string-without-a-language.ttl", case(label='"x"^^rdf:langString'), REFUSED, ".", "RDF 1.1 concepts, 3.3"),
        Attack("literals/xml-literal.ttl", case(label='"<!DOCTYPE x [<!ENTITY a \\"b\\">]><b>&a;</b>"^^rdf:XMLLiteral'), REFUSED, ".", "a label is a text; no XML is read"),
        Attack("literals/html-literal.ttl", case(label='"<script>alert(1)</script>"^^rdf:HTML'), REFUSED, ".", "a label is a text; no HTML is read"),
        Attack("literals/base64.ttl", case(label='"!!!!"^^xsd:base64Binary'), REFUSED, ".", "a label is a text"),
        Attack("literals/any-uri.ttl", case(label='"javascript:alert(1)"^^xsd:anyURI'), REFUSED, ".", "a label is a text"),
        Attack("literals/datatype-of-ours.ttl", case(label='"x"^^edx:Request'), REFUSED, ".", "a label is a text"),
        Attack("literals/empty-label.ttl", case(label='""'), REFUSED, ".", "a label has at least one character to see"),
        Attack("literals/two-labels.ttl", case(more='rdfs:label "another"'), ACCEPTED, "valid", "RDF Schema lets a node have several labels"),
        Attack("literals/label-is-an-iri.ttl", case(label="<javascript:alert(1)>"), REFUSED, ".", "a label is a text"),
        Attack("literals/many-labels.ttl", case(extra=":request rdfs:label " + ",".join(f'"l{n}"' for n in range(50_000)) + " ."), REFUSED, ".", "issue 5: a limit on the statements of a case", slow=True),
        Attack("literals/code-with-html.ttl", case().replace("icd10cm:M54.16", "<http://purl.bioontology.org/ontology/ICD10CM/M54.16%3Cscript%3E>"), REFUSED, "(?i)code", "no code of the release"),
        Attack("literals/code-long.ttl", case().replace("icd10cm:M54.16", f"<http://purl.bioontology.org/ontology/ICD10CM/{'M54.16' * 100_000}>"), REFUSED, "(?i)code|limit|long|at most", "no code of the release", slow=True),
    ]  # fmt: skip


def slow_patterns() -> list[Attack]:
    """Values against every `sh:pattern` of intake, and texts against the regular expressions of the reader."""
    many = 1_000_000
    duration = f'edx:hasTreatment [ a edx:PhysicalTherapy ; edx:duration "P{"1D" * many}!"^^xsd:dayTimeDuration ]'
    code = 'edx:requestsStudy [ a edx:NerveConductionStudy ; edx:procedureCode "{}" ]'
    why = "no text costs more than in proportion to its length"
    started = PREFIXES_OF_TRIG
    return [
        Attack("patterns/duration.ttl", case(more=duration), REFUSED, "(?i)duration|limit|long", why),
        Attack("patterns/procedure-code.ttl", case(more=code.format("9" * many)), REFUSED, "(?i)code|limit|long|at most", why),
        Attack("patterns/blank-label.ttl", case(label='"' + "\\u3000" * (many // 10) + '"'), REFUSED, ".", "a label has at least one character to see; or too long"),
        Attack("patterns/quantity.ttl", case(quantity='"' + "1" * many + 'x"^^xsd:integer'), REFUSED, ".", why),
        Attack("patterns/looks-like-xml.ttl", "<a " + "x" * many, REFUSED, "line", why),
        Attack("patterns/looks-like-quads.ttl", '<a:b> <a:b> "' + "\\" * 3_999 + "a" * many, REFUSED, "line", why),
        Attack("patterns/open-angles.trig", started + "<" * many, REFUSED, "line", why),
        Attack("patterns/open-braces.trig", started + "{ " * many, REFUSED, "line|nest|limit|--max-depth", why),
        Attack("patterns/empty-graphs.trig", started + ":a { } " * (many // 10), REFUSED, "empty", why),
        Attack("patterns/empty-graph-after-texts.trig", started + ":g { :a :b " + "'''a''' , \"b\" , " * (many // 20) + "1 } :a { }", REFUSED, "empty|limit", why),
        Attack("patterns/quotation-marks.trig", started + "'" * many, REFUSED, "line", why),
        Attack("patterns/triple-quotation-marks.trig", started + ":g { :a :b " + '"""a""" , ' * (many // 10) + '"""', REFUSED, "line|limit", why),
        Attack("patterns/backslashes.trig", started + "\\" * many, REFUSED, "line", why),
        Attack("patterns/hashes.trig", started + "# {\n" * many + "{}", REFUSED, "empty|line", why),
        Attack("patterns/braces-in-json.jsonld", "{" * many, REFUSED, "JSON|nest|--max-depth", why),
        Attack("patterns/quotation-marks.jsonld", '["' + '\\"' * many, REFUSED, "JSON", why),
        Attack("patterns/names-of-blank-nodes.nq", "_:" + "a." * many + "\n", REFUSED, "line", why),
        Attack("patterns/long-line-without-an-end.nq", "<a:b> <a:b> <a:b> _:" + "a" * many + " x", REFUSED, "line", why),
        Attack("patterns/dots.nq", "<a:b> <a:b> _:" + "." * many + "\n", REFUSED, "line", why),
        Attack("patterns/quotation-marks.nq", '<a:b> <a:b> "' + '\\"' * many + "\n", REFUSED, "line", why),
        Attack("patterns/instructions.rdf", '<?xml version="1.0"?>' + "<?x y?>" * (many // 10) + "<a/>", REFUSED, ".", why),
        Attack("patterns/exclamations.rdf", "<!" * many, REFUSED, ".", why),
    ]  # fmt: skip


PREFIXES_OF_TRIG = "@prefix : <https://example.org/hostile#> .\n"


def poison() -> list[Attack]:
    """Blank nodes that cost a naive canonicalization exponential time (RDFC-1.0, section 7: dataset poisoning)."""

    def about(links: list[tuple[int, int]], nodes: int) -> str:
        stated = "".join(f"_:b{a} edx:about _:b{b} . " for a, b in links)
        return case(extra="".join(f":request edx:hasFinding _:b{n} . " for n in range(nodes)) + stated)

    clique = [(a, b) for a in range(12) for b in range(12) if a != b]
    ring = [(n, (n + 1) % 300) for n in range(300)]
    grid = [(20 * x + y, 20 * ((x + d) % 20) + (y + 1 - d) % 20) for x in range(20) for y in range(20) for d in (0, 1)]
    # two triangles times a ring: regular, and no node tells itself apart (after Cai, Fürer and Immerman)
    prism = (
        [(n, (n + 1) % 100) for n in range(100)]
        + [(100 + n, 100 + (n + 3) % 100) for n in range(100)]
        + [(n, 100 + n) for n in range(100)]
    )
    why = "issue 5: blank nodes are told apart in bounded time, or the case is refused; edx:about is no property of a finding"
    return [
        Attack("poison/clique.ttl", about(clique, 12), REFUSED, "look alike|edx:about|limit", why),
        Attack("poison/ring.ttl", about(ring, 300), REFUSED, "look alike|edx:about|limit", why),
        Attack("poison/grid.ttl", about(grid, 400), REFUSED, "look alike|edx:about|limit", why),
        Attack("poison/prism.ttl", about(prism, 200), REFUSED, "look alike|edx:about|limit", why),
        Attack("poison/bipartite.ttl", about([(a, 15 + b) for a in range(15) for b in range(15)], 30), REFUSED, "look alike|edx:about|limit", why),
        Attack("poison/many-rings.ttl", about([(3 * r + n, 3 * r + (n + 1) % 3) for r in range(100) for n in range(3)], 300), REFUSED, "look alike|edx:about|limit", why),
        Attack("poison/twins.ttl", case(more="edx:hasFinding " + ", ".join(["[ a edx:Numbness ]"] * 200)), ACCEPTED, "valid", "nodes that are alike in everything may change places: any order of them is the same"),
        Attack("poison/names.ttl", case(extra=":request edx:hasFinding _:c14n0 , _:c14n1 . _:c14n1 a edx:Numbness . _:c14n0 a edx:MuscleAtrophy ."), ACCEPTED, "valid", "a blank node's name says nothing"),
    ]  # fmt: skip
