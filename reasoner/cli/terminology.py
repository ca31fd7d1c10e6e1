"""The commands that answer what codes mean and what a policy covers: `code`, `category`, `mappings`."""

import datetime
import json
import os
from pathlib import Path
from typing import Final

import click

from reasoner.cli.exits import DONE, EXIT_CODES, REFUSED, fail, guarded, printable
from reasoner.cli.options import date_of, width
from reasoner.errors import MappingSetError, UnknownTermError
from reasoner.exchange.mapping_exports import EXPORT_FORMATS, export, in_one
from reasoner.knowledge import Knowledge, load_knowledge
from reasoner.lookup.categories import category
from reasoner.lookup.categories_text import CATEGORY_FORMATS, render_category, render_items
from reasoner.lookup.code_json import code_as_json, procedure_as_json
from reasoner.lookup.code_meaning import code_meaning
from reasoner.lookup.codes_text import render_code
from reasoner.lookup.procedures_text import notice, render_procedure, row_of
from reasoner.lookup.release_changes import CHANGES_FORMATS, render_changes
from reasoner.output import write_atomically
from reasoner.plain_text import counted
from reasoner.terminology.mapping_checks import check_mapping_set
from reasoner.terminology.mappings import MAPPING_SETS, MappingSet, read_mapping_file, read_mapping_set
from reasoner.terminology.procedures import ProcedureCode, procedure
from reasoner.terminology.release import Release
from reasoner.terminology.release_files import read_release

_TEXT_OR_JSON: Final = ("text", "json")


@click.command("code", short_help="Say what a diagnosis or procedure code means.", epilog=EXIT_CODES)
@click.argument("codes", nargs=-1, required=True, metavar="CODE...")
@click.option(
    "--format", "format_", type=click.Choice(_TEXT_OR_JSON), default="text", show_default=True, help="Output format."
)
@click.option(
    "--release",
    "releases",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Release of ICD-10-CM in an official file, to ask beside the shipped one; more than one may be given.",
)
@click.option(
    "--on",
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day to ask for, as 2026-02-03: whether the codes are in force, and under which editions of the policies.",
)
@guarded
def code_command(codes: tuple[str, ...], format_: str, releases: tuple[Path, ...], on: datetime.datetime | None) -> int:
    """Say what codes mean: release, hierarchy, ontology, and what each does alone under every policy.

    CODE is of ICD-10-CM, as M54.16, or of an electrodiagnostic procedure, as 95910; one without a point that is both is
    taken for the procedure. A code that does not exist stops no other.

    \b
    Examples:
      edx code M47.816
      edx code G56.01 G56.02 --format json
      edx code M54.16 --on 2026-11-02 --release icd10cm-order-2027.txt
    """  # noqa: D301 - click takes the backspace for "leave the lines as they are"
    knowledge = load_knowledge()
    further = tuple(read_release(path) for path in releases)
    explain = _code_as_json if format_ == "json" else _code_as_text
    exit_code = DONE
    explained: list[str] = []
    for code in codes:
        try:
            explained.append(explain(code, knowledge, further, date_of(on)))
        except UnknownTermError as error:
            exit_code = max(exit_code, fail(error))
    if explained and format_ == "json":
        _show(f'{{"codes": [\n{",".join(explained)}\n]}}\n')
    elif explained:
        _show(printable("\n".join(explained)))
    return exit_code


def _code_as_text(code: str, knowledge: Knowledge, further: tuple[Release, ...], on: datetime.date | None) -> str:
    found = _procedure(code)
    if found is not None:
        return render_procedure(found, knowledge, on=on, width=width())
    return render_code(code_meaning(code, knowledge, on=on, releases=further), knowledge, width=width())


def _code_as_json(code: str, knowledge: Knowledge, further: tuple[Release, ...], on: datetime.date | None) -> str:
    found = _procedure(code)
    if found is not None:
        document = procedure_as_json(found, row_of(found), notice(), on)
    else:
        document = code_as_json(code_meaning(code, knowledge, on=on, releases=further), knowledge)
    return printable(json.dumps(document, indent=2, ensure_ascii=False))


def _procedure(code: str) -> ProcedureCode | None:
    return procedure(code.strip().upper())


@click.command("category", short_help="List the codes of a category of a policy.", epilog=EXIT_CODES)
@click.argument("name", required=False)
@click.option(
    "--format", "format_", type=click.Choice(CATEGORY_FORMATS), default="text", show_default=True, help="Output format."
)
@guarded
def category_command(name: str | None, format_: str) -> int:
    """List the concepts and codes of a category; without NAME, what BCBSND's diagnosis list names, with counts.

    NAME is a criterion of a policy (see `edx policies`), or a class of the ontology by IRI, prefixed name or label.

    \b
    Examples:
      edx category
      edx category nerve-root-compression
      edx category edx:CarpalTunnelSyndrome --format csv
      edx category aetna:plexopathy --format json
    """  # noqa: D301 - click takes the backspace for "leave the lines as they are"
    knowledge = load_knowledge()
    if name is None:
        _show(render_items(knowledge, format_, width=width()))
    else:
        _show(render_category(category(name, knowledge), knowledge, format_, width=width()))
    return DONE


@click.group(
    "mappings",
    invoke_without_command=True,
    short_help="Export the mapping sets, check them, or compare a release.",
    epilog=EXIT_CODES,
)
@click.option("--format", "format_", type=click.Choice(EXPORT_FORMATS), help="Format to export in.")
@click.option(
    "--set",
    "sets",
    multiple=True,
    type=click.Choice(MAPPING_SETS),
    help="Mapping set to export; by default all of them.",
)
@click.option("--category", "name", metavar="NAME", help="Category to keep to, as in `edx category`.")
@click.option(
    "-o",
    "--out",
    metavar="PATH",
    type=click.Path(),
    help="File to write; a folder, with a file for each document, where PATH is one or ends in a slash.",
)
@click.pass_context
def mappings_command(
    context: click.Context, format_: str | None, sets: tuple[str, ...], name: str | None, out: str | None
) -> None:
    """Export the mapping sets, from policy concepts to ICD-10-CM, HPO and procedure codes.

    sssom is the set as it is curated. valueset and conceptmap are FHIR R4: a value set holds the codes that say the
    concept by themselves; a concept map holds every row, with its role. skos is Turtle; what a row denies is no triple
    in it. Nothing in the sets is clinically reviewed.

    \b
    Examples:
      edx mappings --format sssom --set icd10cm
      edx mappings --format valueset --set icd10cm --category nerve-root-compression
      edx mappings --format conceptmap -o maps/
      edx mappings check my.sssom.tsv
      edx mappings diff icd10cm-order-2027.txt
    """  # noqa: D301 - click takes the backspace for "leave the lines as they are"
    given = {"--format": format_, "--set": sets, "--category": name, "--out": out}
    if context.invoked_subcommand is None:
        if format_ is None:
            raise click.UsageError(f"Say which format with --format: {', '.join(EXPORT_FORMATS)}; or check, or diff.")
        _export(format_, sets or MAPPING_SETS, name, out)
    elif used := [option for option, value in given.items() if value]:
        raise click.UsageError(f"{', '.join(used)} cannot stand before `{context.invoked_subcommand}`.")


@guarded
def _export(format_: str, sets: tuple[str, ...], name: str | None, out: str | None) -> int:
    knowledge = load_knowledge()
    wanted = None if name is None else category(name, knowledge)
    documents = export(format_, tuple(dict.fromkeys(sets)), wanted, knowledge)
    if out is None:
        _show(in_one(format_, documents))
    elif Path(out).is_dir() or out.endswith(("/", os.sep)):
        for file, text in documents.items():
            write_atomically(Path(out) / file, text)
            click.echo(f"wrote {Path(out) / file}")
    else:
        write_atomically(Path(out), in_one(format_, documents))
        click.echo(f"wrote {out}")
    return DONE


@mappings_command.command("check", short_help="Say everything that is wrong with mapping sets.", epilog=EXIT_CODES)
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
@guarded
def check_command(files: tuple[Path, ...]) -> int:
    """Say everything that is wrong with mapping sets, by file and line; without FILE, with those of the package."""
    asked = files or MAPPING_SETS
    problems: list[str] = []
    for file in asked:
        try:
            found: MappingSet = read_mapping_file(file) if isinstance(file, Path) else read_mapping_set(file)
        except MappingSetError as error:
            problems.extend(error.problems)
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
            problems.append(f"{file}: cannot be read as a mapping set: {reason}.")
        else:
            problems.extend(check_mapping_set(found))
    for problem in problems:
        click.echo(printable(problem))
    click.echo(f"{counted(len(asked), 'mapping set')}, {counted(len(problems), 'problem')}")
    return REFUSED if problems else DONE


@mappings_command.command("diff", short_help="Say what a release changes in the categories.", epilog=EXIT_CODES)
@click.argument("release_file", metavar="RELEASE_FILE", type=click.Path(path_type=Path))
@click.option(
    "--format", "format_", type=click.Choice(CHANGES_FORMATS), default="text", show_default=True, help="Output format."
)
@guarded
def diff_command(release_file: Path, format_: str) -> int:
    """Say what another release of ICD-10-CM changes in each category, before it is taken over.

    RELEASE_FILE is what the publishers give out: the order file, the codes file or the tabular list, plain or in a zip.
    The year is read off its name, as in icd10cm-order-2027.txt.
    """
    _show(printable(render_changes(read_release(release_file), load_knowledge(), format_, width=width())))
    return DONE


def _show(text: str) -> None:
    click.echo(text.encode(), nl=False)


TERMINOLOGY_COMMANDS: Final = (code_command, category_command, mappings_command)
