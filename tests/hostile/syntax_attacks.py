"""Attacks on the parsers: entities, contexts, nesting, width, encodings, IRIs."""

from hostile.attack import ACCEPTED, PREFIXES, REFUSED, Attack, case, quoted

XML = """<?xml version="1.0"?>
{head}<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#"
    xmlns:edx="https://w3id.org/edx-reasoner/ontology#" xmlns:xi="http://www.w3.org/2001/XInclude"{more}>
<edx:Request rdf:about="https://example.org/r">
  <rdfs:label>{label}</rdfs:label>
  <edx:payer rdf:resource="https://w3id.org/edx-reasoner/payer/bcbsnd"/>
  <edx:dateOfService rdf:datatype="http://www.w3.org/2001/XMLSchema#date">2026-02-03</edx:dateOfService>
  <edx:requestsStudy><edx:NeedleElectromyography rdf:about="https://example.org/s"/></edx:requestsStudy>
  {inner}
</edx:Request>
</rdf:RDF>
"""
CONTEXT = "https://w3id.org/edx-reasoner/context.jsonld"


def xml(head: str = "", label: str = "x", inner: str = "", more: str = "") -> str:
    return XML.format(head=head, label=label, inner=inner, more=more)


def json_ld(context: str = f'"{CONTEXT}"', more: str = "", *, label: str = '"x"') -> str:
    return (
        f'{{"@context": {context}, "id": "https://example.org/r", "type": "Request", "label": {label}, '
        '"payer": "https://w3id.org/edx-reasoner/payer/bcbsnd", "dateOfService": "2026-02-03", '
        f'"requestsStudy": {{"id": "https://example.org/s", "type": "NeedleElectromyography"}}{more}}}'
    )


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
NO_DTD = "issue 5: RDF/XML without DTD or entities"


def entities(server: str, secret: str) -> list[Attack]:
    declared = {
        "billion-laughs": f'<!DOCTYPE x [<!ENTITY l0 "lol">{LAUGHS}]>',
        "quadratic-blowup": f'<!DOCTYPE x [<!ENTITY l9 "{"a" * 100_000}">]>',
        "external-entity-file": f'<!DOCTYPE x [<!ENTITY l9 SYSTEM "file://{secret}">]>',
        "external-entity-http": f'<!DOCTYPE x [<!ENTITY l9 SYSTEM "{server}/e">]>',
        "external-subset": f'<!DOCTYPE x SYSTEM "{server}/x.dtd">',
        "public-subset": f'<!DOCTYPE x PUBLIC "-//x//EN" "file://{secret}">',
        "parameter-entity": f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{server}/p.dtd"> %p;]>',
        "doctype-in-lower-case": '<!doctype x [<!ENTITY l9 "x">]>',
        "doctype-in-a-comment": "<!-- <!DOCTYPE x> -->",
    }
    label = {"external-subset", "public-subset", "parameter-entity", "doctype-in-a-comment"}
    found = [
        Attack(
            f"entities/{n}.rdf",
            xml(head, "x" if n in label else "&l9;" * 100),
            REFUSED,
            "(?i)<!(DOCTYPE|ENTITY) is not accepted",
            NO_DTD,
        )
        for n, head in declared.items()
    ]
    literal = '<rdfs:comment rdf:parseType="Literal"><script>alert(1)</script></rdfs:comment>'
    return [
        *found,
        Attack("entities/undeclared-entity.rdf", xml(label="&l9;"), REFUSED, "line 5", "XML 1.0, 4.1: entity declared"),
        Attack("entities/xinclude.rdf", xml(inner=f'<xi:include href="file://{secret}" parse="text"/>'), REFUSED, "XInclude|not RDF/XML", "no property of a case"),
        Attack("entities/stylesheet.rdf", xml(head=f'<?xml-stylesheet href="{server}/s.xsl" type="text/xsl"?>\n'), ACCEPTED, "valid", "an instruction for browsers says nothing; it is not followed"),
        Attack("entities/schema-location.rdf", xml(more=f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="x {server}/s.xsd"'), ACCEPTED, "valid", "a hint for validators of XML; it is not followed"),
        Attack("entities/xml-literal.rdf", xml(inner=literal), REFUSED, "rdfs:comment", "no property of a case"),
        Attack("entities/base-is-a-file.rdf", xml(more=f' xml:base="file://{secret}"'), ACCEPTED, "valid", "a base is no address to read from; every IRI is absolute"),
        Attack("entities/encoding-utf-7.rdf", xml().replace('"1.0"', '"1.0" encoding="UTF-7"'), REFUSED, "UTF-7", "UTF-8 only"),
        Attack("entities/encoding-utf-16.rdf", xml().encode("utf-16"), REFUSED, "UTF-16", "UTF-8 only"),
        Attack("entities/many-attributes.rdf", xml(more="".join(f' xmlns:n{n}="http://e/{n}"' for n in range(50_000))), REFUSED, "attributes", "no element of a case has so many; the parser compares each with every other"),
    ]  # fmt: skip


def contexts(server: str, secret: str) -> list[Attack]:
    remote = {
        "remote": f'"{server}/c.jsonld"',
        "file": f'"file://{secret}"',
        "path": f'"{secret}"',
        "relative": '"context.jsonld"',
        "beside-ours": f'["{CONTEXT}", "{server}/c.jsonld"]',
        "ours-with-a-query": f'"{CONTEXT}?x"',
        "ours-by-http": f'"{CONTEXT.replace("https", "http")}"',
        "scoped": f'["{CONTEXT}", {{"Request": {{"@id": "https://w3id.org/edx-reasoner/ontology#Request", "@context": "{server}/c"}}}}]',
        "within-lists": "[" * 50 + f'"{server}/c"' + "]" * 50,
        "data": '"data:application/ld+json,{}"',
        "import": f'{{"@version": 1.1, "@import": "{server}/c.jsonld"}}',
        "import-of-a-file": f'{{"@version": 1.1, "@import": "file://{secret}"}}',
    }
    rule = "is not fetched"
    why = "issue 5: JSON-LD with local contexts only"
    found = [
        Attack(f"contexts/{name}.jsonld", json_ld(context), REFUSED, rule, why) for name, context in remote.items()
    ]
    deep = 100_000
    return [
        *found,
        Attack("contexts/remote-in-a-node.jsonld", json_ld(more=f', "hasFinding": {{"@context": "{server}/c", "type": "Numbness"}}'), REFUSED, rule, why),
        Attack("contexts/cyclic.jsonld", json_ld(f'["{CONTEXT}", {{"a": "b:x", "b": "a:x"}}]', ', "a": 1'), REFUSED, "(?i)cycl|declares", "JSON-LD 1.1 API: cyclic IRI mapping"),
        Attack("contexts/base-is-a-file.jsonld", json_ld(f'["{CONTEXT}", {{"@base": "file://{secret}"}}]'), ACCEPTED, "valid", "a base is no address to read from; every IRI is absolute"),
        Attack("contexts/keyword-redefined.jsonld", json_ld(f'["{CONTEXT}", {{"@type": "http://e/t"}}]'), REFUSED, ".", "JSON-LD 1.1: keyword redefinition"),
        Attack("contexts/type-made-another.jsonld", json_ld(f'["{CONTEXT}", {{"Request": "http://www.w3.org/2002/07/owl#Class"}}]'), REFUSED, "protected term", "law 5; JSON-LD 1.1, 4.1.11: our context protects its terms"),
        Attack("contexts/finding-made-same-as.jsonld", json_ld(f'["{CONTEXT}", {{"hasFinding": {{"@id": "http://www.w3.org/2002/07/owl#sameAs", "@type": "@id"}}}}]', ', "hasFinding": "https://e.org/x"'), REFUSED, "protected term", "law 5; as above"),
        Attack("contexts/reverse-to-a-term.jsonld", json_ld(more=', "@reverse": {"http://www.w3.org/2000/01/rdf-schema#subClassOf": {"@id": "https://w3id.org/edx-reasoner/ontology#Numbness"}}'), REFUSED, "rdfs:subClassOf", "law 5"),
        Attack("contexts/json-literal.jsonld", json_ld(f'["{CONTEXT}", {{"raw": {{"@id": "http://e/raw", "@type": "@json"}}}}]', ', "raw": {"a": [1]}'), REFUSED, "http://e/raw", "no property of a case"),
        Attack("contexts/prototype.jsonld", json_ld(more=', "__proto__": {"x": 1}, "constructor": 1'), REFUSED, "__proto__", "no context declares it"),
        Attack("contexts/key-twice.jsonld", json_ld(more=', "type": "Request"'), REFUSED, "stands twice", "only one would be read"),
        Attack("contexts/deep-arrays.jsonld", "[" * deep + "]" * deep, REFUSED, "nest|JSON|--max-depth", "no case is so deep"),
        Attack("contexts/deep-objects.jsonld", json_ld(more=', "hasFinding": ' + '{"hasFinding": ' * deep + "1" + "}" * deep), REFUSED, "nest|JSON|--max-depth", "no case is so deep"),
        Attack("contexts/deep-contexts.jsonld", json_ld('{"a": {"@context": ' * 5_000 + "{}" + "}}" * 5_000), REFUSED, "nest|JSON|--max-depth", "no case is so deep"),
        Attack("contexts/lone-surrogate.jsonld", json_ld(label='"\\ud800"'), REFUSED, "surrogate", "RFC 8259, 8.2; RDF 1.1 wants Unicode scalar values"),
        Attack("contexts/surrogate-in-a-key.jsonld", json_ld(more=', "\\udc00": 1'), REFUSED, "surrogate", "as above"),
        Attack("contexts/number-infinite.jsonld", json_ld(more=', "quantity": 1e999999999'), REFUSED, ".", "no number of studies, and none of a request"),
        Attack("contexts/number-long.jsonld", json_ld(more=f', "quantity": {"9" * 1_000_000}'), REFUSED, "too long|number|quantity", "no number of studies"),
        Attack("contexts/not-a-number.jsonld", json_ld(more=', "quantity": NaN'), REFUSED, ".", "RFC 8259 has no NaN"),
        Attack("contexts/number-for-a-label.jsonld", json_ld(label="1e400"), REFUSED, ".", "a label is a text"),
        Attack("contexts/nul.jsonld", json_ld(label='"a\\u0000b"'), ACCEPTED, "valid", "a character like others to RDF 1.1; no report shows it as it is"),
    ]  # fmt: skip


def nesting() -> list[Attack]:
    deep, wide = 100_000, 200_000
    why = "no case is so deep"
    opened = "[ <http://e/p> "
    return [
        Attack("nesting/blank-nodes.ttl", PREFIXES + f":request a edx:Request ; edx:hasFinding {opened * deep}1{' ]' * deep} .", REFUSED, ".", why),
        Attack("nesting/lists.ttl", PREFIXES + f":request a edx:Request ; edx:hasFinding {'(' * deep}{')' * deep} .", REFUSED, ".", why),
        Attack("nesting/lists-left-open.ttl", PREFIXES + f":request edx:hasFinding {'(' * deep}", REFUSED, ".", why),
        Attack("nesting/annotations.ttl", PREFIXES + ":a :b :c " + "{| :d :e " * deep + "|}" * deep + " .", REFUSED, ".", "RDF 1.1 only"),
        Attack("nesting/triple-terms.ttl", PREFIXES + ":a :b " + "<<( :a :b " * deep + ":c" + " )>>" * deep + " .", REFUSED, ".", "RDF 1.1 only"),
        Attack("nesting/graphs.trig", PREFIXES + ":g {" * deep + "}" * deep, REFUSED, ".", "TriG nests no graphs"),
        Attack("nesting/elements.rdf", xml(inner="<edx:hasFinding><edx:Numbness>" * deep + "</edx:Numbness></edx:hasFinding>" * deep), REFUSED, ".", why),
        Attack("nesting/elements-left-open.rdf", xml()[:300] + "<edx:hasFinding><edx:Numbness>" * deep, REFUSED, ".", why),
        Attack("nesting/literal-elements.rdf", xml(inner='<rdfs:label rdf:parseType="Literal">' + "<b>" * deep + "</b>" * deep + "</rdfs:label>"), REFUSED, ".", why),
        Attack("nesting/chain-of-findings.ttl", case(extra=":weakness edx:about :f0 . " + "".join(f":f{n} edx:about :f{n + 1} . " for n in range(wide // 4))), REFUSED, ".", why, slow=True),
        Attack("nesting/cyclic-list.ttl", case(more="edx:hasFinding :l", extra=":l rdf:first :weakness ; rdf:rest :l ."), REFUSED, "rdf:rest", "no property of a case"),
        Attack("nesting/list-with-two-rests.ttl", case(more="edx:hasFinding :l", extra=":l rdf:first 1, 2 ; rdf:rest :l, rdf:nil ."), REFUSED, "rdf:rest", "no property of a case"),
        Attack("nesting/giant-list.ttl", case(more="edx:hasFinding (" + " 1" * wide + ")"), REFUSED, ".", "no property of a case, and too long for one", slow=True),
        Attack("nesting/wide-findings.ttl", case(extra=":request edx:hasFinding " + ",".join(f":f{n}" for n in range(wide)) + " ."), REFUSED, ".", "findings without a type, and too many for a case", slow=True),
        Attack("nesting/many-properties.ttl", case(extra="".join(f":request <http://e/p{n}> 1 . " for n in range(wide // 4))), REFUSED, ".", "no properties of a case", slow=True),
        Attack("nesting/many-prefixes.ttl", "".join(f"@prefix p{n}: <http://e/{n}#> .\n" for n in range(wide // 2)) + case(), ACCEPTED, "valid", "declared and unused: no statement"),
        Attack("nesting/many-bases.ttl", "".join(f"@base <http://e/{n}/> .\n" for n in range(wide // 2)) + case(), ACCEPTED, "valid", "declared and unused: no statement"),
        Attack("nesting/base-that-grows.ttl", "".join("@base <aaaaaaaaaaaaaaaa/> .\n" for _ in range(wide // 20)).replace("<", "<http://e/", 1) + case(), ACCEPTED, "valid", "each base resolved against the one before; every IRI of the case is absolute"),
        Attack("nesting/comments.ttl", "#\n" * wide + case(), ACCEPTED, "valid", "says nothing"),
    ]  # fmt: skip


def encodings() -> list[Attack]:
    plain = case()
    utf8 = "UTF-8|binary"
    why = "Turtle and N-Triples are UTF-8"
    broken = {
        "overlong": b"\xc0\xaf", "lone-continuation": b"\x80", "truncated": b"\xe2\x82", "surrogate": b"\xed\xa0\x80",
        "beyond-unicode": b"\xf4\x90\x80\x80", "latin-1": "ä".encode("latin-1"), "five-bytes": b"\xf8\x88\x80\x80\x80",
    }  # fmt: skip
    found = [
        Attack(f"encodings/{n}.ttl", case(label='"@@"').encode().replace(b"@@", wrong), REFUSED, "not UTF-8", why)
        for n, wrong in broken.items()
    ]
    return [
        *found,
        Attack("encodings/bom.ttl", "\ufeff" + plain, ACCEPTED, "valid", "a byte order mark says nothing"),
        Attack("encodings/bom.nt", "\ufeff<http://e/a> <http://e/b> <http://e/c> .", REFUSED, "no edx:Request", "as above"),
        Attack("encodings/bom-twice.ttl", "\ufeff\ufeff" + plain, REFUSED, "line 1", "the second is a character that Turtle does not have there"),
        Attack("encodings/utf-16.ttl", plain.encode("utf-16"), REFUSED, "UTF-16", why),
        Attack("encodings/utf-16-be.ttl", b"\xfe\xff" + plain.encode("utf-16-be"), REFUSED, "UTF-16", why),
        Attack("encodings/utf-16-without-bom.ttl", plain.encode("utf-16-le"), REFUSED, utf8, why),
        Attack("encodings/utf-32.ttl", plain.encode("utf-32"), REFUSED, "UTF-(16|32)", why),
        Attack("encodings/utf-32-be.ttl", b"\x00\x00\xfe\xff" + plain.encode("utf-32-be"), REFUSED, utf8, why),
        Attack("encodings/utf-7.ttl", "+ADw-http://e/a+AD4-" + plain, REFUSED, "line 1", why),
        Attack("encodings/nul.ttl", plain.replace("a label", "a \0 label"), REFUSED, "binary|NUL|line", "no text file"),
        Attack("encodings/nul-at-the-end.ttl", plain + "\0" * 10_000, REFUSED, ".", "no text file"),
        Attack("encodings/only-nul.ttl", b"\0" * 100_000, REFUSED, "binary", "no text file"),
        Attack("encodings/control.ttl", plain.replace("a label", "a \x01\x1b label"), REFUSED, "binary", "no text file"),
        Attack("encodings/form-feeds.ttl", plain.replace("\n", "\f"), REFUSED, "line", "Turtle, WS: no form feed"),
        Attack("encodings/carriage-returns.ttl", plain.replace("\n", "\r"), ACCEPTED, "valid", "Turtle, WS"),
        Attack("encodings/only-spaces.ttl", " " * 1_000_000, REFUSED, "empty", "a case has a request"),
        Attack("encodings/empty.jsonld", "", REFUSED, "empty", "a case has a request"),
        Attack("encodings/surrogate-escape.ttl", case(label='"\\uD800"'), REFUSED, "line", "Turtle, UCHAR: no surrogates"),
        Attack("encodings/surrogate-pair-escape.ttl", case(label='"\\uD83D\\uDE00"'), REFUSED, "line", "Turtle, UCHAR: no surrogates"),
        Attack("encodings/surrogate-escape.nq", '<http://e/a> <http://e/b> "\\uDFFF" <http://e/g> .', REFUSED, "line", "N-Triples, UCHAR"),
        Attack("encodings/beyond-unicode-escape.ttl", case(label='"\\U00110000"'), REFUSED, "line", "Turtle, UCHAR"),
        Attack("encodings/noncharacter.ttl", case(label=quoted("\uffff\ufdd0")), ACCEPTED, "valid", "characters that Unicode allows in a text", label="\uffff\ufdd0"),
    ]  # fmt: skip


def iris(server: str, secret: str) -> list[Attack]:
    ours = "https://w3id.org/edx-reasoner/"

    def as_request(iri: str) -> str:
        return case().replace(":request ", f"<{iri}> ")

    broken = {
        "space": "https://e.org/a b", "braces": "https://e.org/{x}", "pipe": "https://e.org/a|b", "caret": "https://e.org/^",
        "backtick": "https://e.org/`", "quotation-mark": 'https://e.org/"', "relative": "request", "empty": "",
        "bracket-escaped": "https://e.org/\\u003E\\u003Cx", "space-escaped": "https://e.org/\\u0020", "newline-escaped": "https://e.org/\\u000A",
        "nul-escaped": "https://e.org/\\u0000", "bad-percent": "https://e.org/%zz", "no-scheme": "//e.org/x",
    }  # fmt: skip
    kept = {
        "javascript": "javascript:alert(1)", "data": "data:text/html,%3Cscript%3E", "file": f"file://{secret}", "http": f"{server}/x",
        "urn": "urn:uuid:00000000-0000-0000-0000-000000000000", "credentials": "https://user:pass@e.org/x", "port": "https://e.org:99999/x",
        "dots": "https://e.org/../../../etc/passwd", "percent": "https://e.org/%3Cscript%3E", "markdown": "https://e.org/_x_*y*(javascript:alert(1))",
    }  # fmt: skip
    homoglyphs = {
        "cyrillic-in-the-namespace": (ours, "https://w3id.org/edx-re\u0430soner/", "no edx:Request"),
        "cyrillic-in-the-class": ("edx:Request", "edx:R\u0435quest", "no edx:Request"),
        "http-for-https": (ours, "http://w3id.org/edx-reasoner/", "no edx:Request"),
        "capital-host": (ours, "https://W3ID.org/edx-reasoner/", "no edx:Request"),
        "percent-encoded": (ours + "ontology#", ours + "%6Fntology#", "no edx:Request"),
        "dot-segments": (ours + "ontology#", ours + "x/../ontology#", "no edx:Request"),
        "cyrillic-in-a-property": ("edx:hasFinding", "edx:hasFinding\u0455", "edx:hasFinding\u0455"),
        "zero-width-in-a-property": ("edx:hasFinding", "edx:has\u200dFinding", "has.?Finding"),
        "combining-mark-in-a-finding": ("edx:MuscleWeakness", "edx:MuscleWeakness\u0301", "no class"),
        "cyrillic-in-a-code": ("icd10cm:M54.16", "icd10cm:\u041c54.16", "(?i)code|class"),
        "fullwidth-code": ("icd10cm:M54.16", "icd10cm:M\uff15\uff14.16", "(?i)code|class"),
        "lower-case-class": ("edx:Request", "edx:request", "no edx:Request"),
    }
    law = "law 5, and IRIs are equal only character by character (RFC 3987, 5.3.1)"
    reserved = {
        "ontology": ours + "ontology#Request", "policy": ours + "policy/bcbsnd-emg-ncs/2020-01-22", "shape": ours + "shapes/intake#has-request",
        "undeclared": ours + ".well-known/undeclared/x", "determination": ours + "determination/x", "skos": "http://www.w3.org/2004/02/skos/core#Concept",
    }  # fmt: skip
    return [
        *(Attack(f"iris/{n}.ttl", as_request(iri), REFUSED, ".", "RFC 3987; Turtle, IRIREF") for n, iri in broken.items()),
        *(Attack(f"iris/kept-{n}.ttl", as_request(iri), ACCEPTED, "valid", "an absolute IRI is a name; it is not followed, and no report makes it a link that runs") for n, iri in kept.items()),
        *(Attack(f"homoglyphs/{n}.ttl", case().replace(a, b), REFUSED, says, law) for n, (a, b, says) in homoglyphs.items()),
        Attack("homoglyphs/cyrillic-payer.ttl", case().replace("payer/bcbsnd", "payer/b\u0441bsnd"), ACCEPTED, "valid", "a payer of some other name, under no policy of ours", determined=False),
        *(Attack(f"iris/request-is-{n}.ttl", as_request(iri), REFUSED, "no node of a case|says what terms mean", "law 5") for n, iri in reserved.items()),
        Attack("iris/long.ttl", as_request("https://e.org/" + "a" * 2_000_000), REFUSED, ".", "issue 5: a limit on the length of an IRI"),
        Attack("iris/graph-of-the-policy.trig", graph(f"<{ours}policy/bcbsnd-emg-ncs/2020-01-22>"), REFUSED, ".", "issue 5: reserved graph names"),
        Attack("iris/graph-of-the-ontology.trig", graph(f"<{ours}ontology>"), REFUSED, ".", "issue 5: reserved graph names"),
        Attack("iris/graph-of-a-determination.trig", graph(f"<{ours}determination/x>"), REFUSED, ".", "issue 5: reserved graph names"),
        Attack("iris/case-in-two-graphs.nq", SPLIT, REFUSED, "no edx:Request", "a graph is a case, whole"),
        Attack("iris/case-in-two-graphs.trig", PREFIXES + "GRAPH :a { :r a edx:Request ; edx:requestsStudy :s } GRAPH :b { :s a edx:NeedleElectromyography }", REFUSED, "no edx:Request", "a graph is a case, whole"),
    ]  # fmt: skip


def graph(name: str) -> str:
    return f"{PREFIXES}{name} {{ {case().removeprefix(PREFIXES)} }}"


_O = "https://w3id.org/edx-reasoner/ontology#"
_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
SPLIT = f"""<http://e/r> {_TYPE} <{_O}Request> <http://e/a> .
<http://e/r> <{_O}requestsStudy> <http://e/s> <http://e/a> .
<http://e/s> {_TYPE} <{_O}NeedleElectromyography> <http://e/b> .
"""
