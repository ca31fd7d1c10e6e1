"""Cases for Spark: Parquet, JSON lines, N-Quads or whole files at any path that Hadoop reads, as one row a document."""

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from reasoner.errors import UnreadableInputError, UsageError
from reasoner.rdf.syntax import EXTENSIONS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

FORMS: Final = ("parquet", "lines", "nquads", "files")
"""What may lie at the path: `lines` is JSON-LD, a document a line."""

_BY_EXTENSION: Final = {".parquet": "parquet", ".ndjson": "lines", ".jsonl": "lines", ".nq": "nquads"}
_COMPRESSED: Final = (".gz", ".bz2", ".zst", ".snappy", ".lz4")

# The graph of a statement of N-Quads; the grammar of RDF 1.1 N-Quads, section 2, without its escapes inside IRIs. The
# possessive quantifiers keep Java from going back into a long literal.
_TERM: Final = r"<[^>]*+>|_:[^\s<\"]++"
_GRAPH: Final = (
    rf"^\s*+(?:{_TERM})\s*+<[^>]*+>\s*+"
    rf'(?:{_TERM}|"[^"\\]*+(?:\\.[^"\\]*+)*+"(?:\^\^<[^>]*+>|@[A-Za-z0-9-]++)?)'
    r"\s*+(<[^>]*+>|_:[^\s<\"]+)?\s*\.\s*(?:#.*)?$"
)


def form_of(path: str) -> str:
    """What a path holds, by the extension of its name: a folder without one holds whole files."""
    name = PurePosixPath(path.rstrip("/")).name
    for ending in _COMPRESSED:
        name = name.removesuffix(ending)
    return _BY_EXTENSION.get(PurePosixPath(name).suffix.lower(), "files")


def read_documents(spark: "SparkSession", path: str, form: str, *, column: str = "case") -> "DataFrame":
    """The documents at a path, with the columns `source`, `position` and `case`.

    Args:
        spark: The session.
        path: File, folder or pattern, of any file system that Hadoop knows.
        form: One of `FORMS`. In N-Quads a case is a graph, and its statements may stand anywhere in one file.
        column: The column of a Parquet table that holds the documents.

    Raises:
        UsageError: The table has no such column.
        UnreadableInputError: There is nothing at the path, or nothing that Spark can read.
    """
    from pyspark.errors import AnalysisException
    from pyspark.sql import functions as f

    place = f.col("_metadata.file_path").alias("source")
    number = (f.monotonically_increasing_id() + 1).alias("position")
    try:
        if form == "parquet":
            return _of_table(spark.read.parquet(path), column)
        if form == "files":
            found = spark.read.format("binaryFile").option("recursiveFileLookup", "true")
            named = found.option("pathGlobFilter", "*{" + ",".join(EXTENSIONS) + "}").load(path)
            return named.select(place, number, f.col("content").alias("case"))
        lines = spark.read.text(path).select(place, number, f.col("value").alias("case"))
    except AnalysisException as error:
        raise UnreadableInputError(path, f"Spark cannot read it ({error.getCondition()}).") from error
    if form == "lines":
        return lines.where(f.trim("case") != "")
    statements = lines.where(~f.col("case").rlike(r"^\s*(#|$)"))
    grouped = statements.groupBy("source", f.regexp_extract("case", _GRAPH, 1).alias("graph"))
    return grouped.agg(f.min("position").alias("position"), f.concat_ws("\n", f.collect_list("case")).alias("case"))


def _of_table(table: "DataFrame", column: str) -> "DataFrame":
    from pyspark.sql import functions as f

    if column not in table.columns:
        raise UsageError(
            f"The table has no column '{column}'. It has: {', '.join(table.columns)}. Choose with --column."
        )
    source = f.col("source") if "source" in table.columns else f.col("_metadata.file_path")
    position = f.col("position") if "position" in table.columns else f.monotonically_increasing_id() + 1
    return table.select(source.alias("source"), position.alias("position"), f.col(column).alias("case"))
