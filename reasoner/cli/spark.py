"""The command `spark-determine`: determinations on Apache Spark, from any path that Hadoop reads to Parquet."""

import datetime
from typing import Final

import click

from reasoner.cli.exits import DONE, EXIT_CODES, REFUSED, guarded
from reasoner.cli.options import LIMITS, ON, date_of, limits_of
from reasoner.errors import EngineError, UsageError
from reasoner.limits import Limits
from reasoner.rdf.syntax import SYNTAXES
from reasoner.spark.frames import determine_dataframe
from reasoner.spark.inputs import FORMS, form_of, read_documents

_SYNTAX_OF_FORM: Final = {"lines": "jsonld", "nquads": "nquads"}


@click.command("spark-determine", short_help="Determine cases on Apache Spark, into Parquet.", epilog=EXIT_CODES)
@click.argument("cases", metavar="IN")
@click.argument("results", metavar="OUT")
@click.option(
    "--input",
    "form",
    type=click.Choice(FORMS),
    help="What lies at IN; by default what its extension says (.parquet, .ndjson, .jsonl, .nq), else whole files.",
)
@click.option("--column", default="case", show_default=True, help="Column of a Parquet table that holds the cases.")
@click.option(
    "--syntax",
    type=click.Choice(list(SYNTAXES)),
    help="RDF syntax of the documents of a Parquet table; whole files have it in their extension.",
)
@click.option(
    "--policy",
    "policies",
    multiple=True,
    metavar="NAME",
    help="Policy or payer to determine every case under; more than one may be given.",
)
@ON
@click.option("--master", metavar="URL", help="Spark master; by default what spark-submit or the configuration says.")
@click.option("--conf", "settings", multiple=True, metavar="KEY=VALUE", help="Setting of Spark; may be repeated.")
@LIMITS
@guarded
def spark_determine_command(
    cases: str,
    results: str,
    form: str | None,
    column: str,
    syntax: str | None,
    policies: tuple[str, ...],
    on: datetime.datetime | None,
    master: str | None,
    settings: tuple[str, ...],
    **limits: int,
) -> int:
    """Determine the cases at IN on Apache Spark and write their rows to the new folder OUT as Parquet.

    IN and OUT are paths of any file system that Hadoop knows. The rows are those of `edx determine --to`; a document
    that cannot be judged is a row with its problems. It needs edx-reasoner[spark] and Java 17 or later.

    \b
    Examples:
      edx spark-determine cases.nq results/ --master 'local[2]'
      edx spark-determine hdfs:///requests/2026/ hdfs:///determined/2026 --policy bcbsnd
      edx spark-determine s3a://lake/cases.parquet s3a://lake/rows --syntax turtle
    """  # noqa: D301 - click takes the backspace for "leave the lines as they are"
    try:
        from pyspark.errors import AnalysisException, PySparkRuntimeError
        from pyspark.sql import SparkSession
        from pyspark.sql import functions as f
    except ImportError as error:
        raise UsageError("Spark is not installed. Install edx-reasoner[spark]; it needs Java 17 or later.") from error
    given = SparkSession.getActiveSession()
    builder = SparkSession.builder.appName("edx spark-determine")
    for key, value in _settings(settings, master).items():
        builder = builder.config(key, value)
    try:
        spark = builder.getOrCreate()
    except PySparkRuntimeError as error:
        said = f"Spark does not start ({error.getCondition()}). It needs Java 17 or later: set JAVA_HOME."
        raise EngineError(said) from error
    try:
        form = form or form_of(cases)
        documents = read_documents(spark, cases, form, column=column)
        rows = determine_dataframe(
            documents,
            syntax=_SYNTAX_OF_FORM.get(form, syntax),
            policies=policies,
            on=date_of(on),
            limits=limits_of(limits, Limits),
        )
        try:
            rows.write.parquet(results)
        except AnalysisException as error:
            raise UsageError(f"{results} cannot be written ({error.getCondition()}). Choose a new folder.") from error
        written = spark.read.parquet(results)
        total, refused = written.count(), written.where(f.col("study").isNull()).count()
    finally:
        if given is None:
            spark.stop()
    click.echo(f"wrote {total:,} rows to {results}, {refused:,} of them of cases that could not be determined")
    return REFUSED if refused else DONE


def _settings(given: tuple[str, ...], master: str | None) -> dict[str, str]:
    """What Spark is set to: cases are long, so that fewer of them make a batch; progress is shown on a terminal."""
    found = {"spark.sql.execution.arrow.maxRecordsPerBatch": "1000"}
    for setting in given:
        key, equals, value = setting.partition("=")
        if not equals:
            raise UsageError(f"'{setting}' is no setting of Spark. Write it as KEY=VALUE.")
        found[key] = value
    return found | ({"spark.master": master} if master else {})
