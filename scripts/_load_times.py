"""Which landed files may hold rows of some times, so that no other one is opened."""

from pathlib import Path

import duckdb

from _landing import FED_TABLES, Landing, Table, literal


class LandedTimes:
    """The span of times of every landed file: read once, added to as files land."""

    def __init__(self, landing: Landing) -> None:
        self.landing = landing
        self.read: set[str] = set()
        self.connection = duckdb.connect()
        self.connection.execute(
            "create table spans (table_name varchar, file varchar, earliest timestamp,"
            " latest timestamp, has_null boolean)"
        )

    def files(
        self, table: Table, earliest: str | None, latest: str | None, some_null: bool
    ) -> list[Path]:
        """Return a table's files that may hold such times, or rows without any."""
        if table.name not in self.read:
            self._read(table, self.landing.pattern(table))
            self.read.add(table.name)
        rows = self.connection.execute(
            "select file from spans where table_name = ? and (earliest is null"
            " or earliest <= cast(? as timestamp) and latest >= cast(? as timestamp)"
            " or has_null and ?)",
            [table.name, latest, earliest, some_null],
        ).fetchall()
        return [Path(row[0]) for row in rows]

    def add(self, landed: list[Path]) -> None:
        """Add files that have just landed."""
        for file in landed:
            name = file.relative_to(self.landing.folder).parts[0]
            if name in self.read:
                self._read(FED_TABLES[name], file)

    def _read(self, table: Table, files: Path) -> None:
        """Add what the footers of files say; files without rows say nothing."""
        is_time = f"path_in_schema = {literal(table.sorted_by)}"
        self.connection.execute(
            f"insert into spans select {literal(table.name)}, file_name,"
            f" min(try_cast(stats_min_value as timestamp)) filter ({is_time}),"
            f" max(try_cast(stats_max_value as timestamp)) filter ({is_time}),"
            f" coalesce(sum(stats_null_count) filter ({is_time}), 1) > 0"
            f" from parquet_metadata({literal(files)}) group by file_name"
        )
