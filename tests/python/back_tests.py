"""Random leads, scored on some cut-offs, and what models of insights make of them."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from warehouse import CompiledProject, Row, Warehouse

Numbers = npt.NDArray[Any]

FIRST_CUTOFF = date(2026, 1, 4)
TYPES = {
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "string": pa.string(),
    "boolean": pa.bool_(),
}


def table(rows: list[Row], **columns: str) -> pa.Table:
    schema = pa.schema([(name, TYPES[kind]) for name, kind in columns.items()])
    return pa.Table.from_pylist(rows, schema)


def run_models(project: CompiledProject, given: dict[str, pa.Table]) -> Warehouse:
    """Put the given tables in place and run every model that needs nothing else."""
    connection = project.new_warehouse()
    there = set()
    for node in project.nodes:
        if node.name in given:
            connection.register("rows_given", given[node.name])
            connection.execute(f"create table {node.relation_name} as from rows_given")
            there.add(node.name)
        elif node.schema == "insights" and there >= set(node.parents):
            connection.execute(f"create table {node.relation_name} as {node.sql}")
            there.add(node.name)
    return Warehouse(connection)


class Shop:
    """Leads scored on some cut-offs, with what became of them."""

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        self.leads_count = int(random.choice([10, 60, 300]))
        self.horizons = [30, 90] if seed % 2 else [30]
        rate = random.choice([0.02, 0.2, 0.5, 0.97])
        decimals = int(random.choice([0, 1, 6]))  # few decimals make many ties
        signal = random.choice([0.0, 1.0, 3.0])
        self.cutoffs = [FIRST_CUTOFF + timedelta(days=28 * n) for n in range(4)]
        self.fitted_until = self.cutoffs[2]
        self.scores: list[Row] = []
        self.outcomes: list[Row] = []
        lasting = random.normal(size=self.leads_count)
        for cutoff in self.cutoffs:
            for lead in range(self.leads_count):
                key = len(self.scores) + 1
                truth = signal * (lasting[lead] + random.normal())
                self.scores.append(
                    {
                        "lead_key": key,
                        "identity_key": lead,
                        "lead_id": f"c{lead}",
                        "engagement_points": round(
                            truth + random.normal(), max(decimals, 1)
                        ),
                        "fit_points": round(truth + random.normal(), decimals),
                        "lead_score": round(truth + random.normal(), 9),
                        "conversion_probability": round(
                            1 / (1 + np.exp(-3 * truth - random.normal())), decimals
                        ),
                        "events_count": int(random.poisson(3)),
                        "orders_count": int(random.poisson(0.7)),
                        "orders_amount": float(random.integers(1, 99)),
                        "days_inactive": int(random.integers(0, 9)) or None,
                        "last_order_date": cutoff
                        - timedelta(days=int(random.integers(1, 50))),
                        "as_of_date": cutoff,
                    }
                )
                chance = 1 / (1 + np.exp(-truth - np.log(rate / (1 - rate))))
                for horizon in self.horizons:
                    self.outcomes.append(
                        {
                            "lead_key": key,
                            "identity_key": lead,
                            "campaign_id": "",
                            "horizon_days": horizon,
                            "is_converted": bool(random.random() < chance),
                            "as_of_date": cutoff,
                        }
                    )

    def tables(self) -> dict[str, pa.Table]:
        dates = [
            {
                "horizon_days": horizon,
                "is_after_fit": cutoff >= self.fitted_until,
                "as_of_date": cutoff,
            }
            for cutoff in self.cutoffs
            for horizon in self.horizons
        ]
        return {
            "int_backtest_dates": table(
                dates, horizon_days="integer", is_after_fit="boolean", as_of_date="date"
            ),
            "int_lead_outcomes": table(
                self.outcomes,
                lead_key="bigint",
                identity_key="bigint",
                campaign_id="string",
                horizon_days="integer",
                is_converted="boolean",
                as_of_date="date",
            ),
            "int_lead_scores": table(
                self.scores,
                lead_key="bigint",
                identity_key="bigint",
                lead_id="string",
                engagement_points="double",
                fit_points="double",
                lead_score="double",
                conversion_probability="double",
                events_count="bigint",
                orders_count="bigint",
                orders_amount="double",
                days_inactive="integer",
                last_order_date="date",
                as_of_date="date",
            ),
        }

    def labelled(
        self, column: str, horizon: int, cutoffs: list[date]
    ) -> tuple[Numbers, Numbers, Numbers]:
        """Values, labels and leads of some cut-offs."""
        value = {row["lead_key"]: row[column] for row in self.scores}
        rows = [
            row
            for row in self.outcomes
            if row["horizon_days"] == horizon and row["as_of_date"] in cutoffs
        ]
        return (
            np.array([value[row["lead_key"]] for row in rows], dtype=float),
            np.array([row["is_converted"] for row in rows]),
            np.array([row["identity_key"] for row in rows]),
        )
