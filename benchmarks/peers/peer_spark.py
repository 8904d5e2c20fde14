"""Compute engagement points with Spark SQL in local mode, peer_spark.sql."""

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pyspark.sql import SparkSession

from _peer_inputs import Inputs, run_peer

SCRIPT = Path(__file__).with_suffix(".sql")
LANDING_TABLES = ("events", "contacts", "consents", "erasure_requests")
SEEDS = (
    *("engagement_rules", "rule_groups", "inactivity_rules", "score_scales"),
    *("event_types", "event_names", "exchange_rates", "machine_user_agents"),
    "email_domains",
)


def start_spark(inputs: Inputs, scratch: str) -> Any:
    """A session on this machine; partitions for its cores, not for a cluster's."""
    memory = int(float(inputs.memory.upper().removesuffix("GB")) * 1024)
    options = {
        "spark.driver.memory": f"{memory}m",
        "spark.sql.shuffle.partitions": 4 * inputs.threads,
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.local.dir": scratch,
        "spark.sql.warehouse.dir": f"{scratch}/warehouse",
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={scratch}",
    }
    builder = SparkSession.builder.master(f"local[{inputs.threads}]")
    for name, value in options.items():
        builder = builder.config(name, str(value))
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def stop_spark(session: Any) -> None:
    """Wait for Java to end, so that whoever measures this process counts it."""
    gateway = session.sparkContext._gateway
    session.stop()
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait()


def score(inputs: Inputs) -> None:
    """Run the script and write its result."""
    with TemporaryDirectory(dir=inputs.output.parent) as scratch:
        spark = start_spark(inputs, scratch)
        for table in LANDING_TABLES:
            rows = spark.read.parquet(f"{inputs.landing}/{table}/*/*.parquet")
            rows.createTempView(f"landed_{table}")
        for name in SEEDS:
            home = inputs.rules if (inputs.rules / f"{name}.csv").exists() else None
            file = (home or inputs.reference) / f"{name}.csv"
            rows = spark.read.csv(str(file), header=True, escape='"')
            rows.createTempView(name)
        reset_days = inputs.setting_number("inactivity_reset_days")
        values = {
            "window_days": str(inputs.setting_number("duplicate_window_days")),
            "reset_days": "cast(null as int)" if reset_days is None else reset_days,
        }
        for statement in SCRIPT.read_text(encoding="utf-8").split(";\n"):
            if not statement.strip():
                continue
            if "{as_of_date}" in statement and "as_of_date" not in values:
                newest = spark.sql("select max(last_seen_date) from identifiers")
                as_of_date = inputs.as_of_date or newest.first()[0]
                values["as_of_date"] = f"date '{as_of_date}'"
            for name, value in values.items():
                statement = statement.replace(f"{{{name}}}", str(value))
            spark.sql(statement)
        written = inputs.output.with_suffix(".spark")
        spark.table("result").coalesce(1).write.mode("overwrite").parquet(str(written))
        stop_spark(spark)
        (file,) = written.glob("*.parquet")
        file.rename(inputs.output)
        shutil.rmtree(written)


def main(argv: list[str] | None = None) -> int:
    """Run the peer; returns the exit code."""
    return run_peer(score, __doc__, argv)


if __name__ == "__main__":
    sys.exit(main())
