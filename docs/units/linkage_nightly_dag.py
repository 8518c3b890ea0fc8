"""One night of linkage as an Airflow DAG (2.9 or newer); settings and secrets come from the worker's environment."""

import subprocess
from datetime import UTC, datetime, timedelta

try:
    from airflow.sdk import dag, task
    from airflow.sdk.exceptions import AirflowException, AirflowFailException
except ImportError:  # Airflow 2
    from airflow.decorators import dag, task
    from airflow.exceptions import AirflowException, AirflowFailException

COMMAND = ["linkage", "--log", "json", "nightly"]
FACTS = "/srv/linkage/facts"
FINAL = {2: "wrong settings", 3: "the gate refused: look at its reasons", 4: "another run holds the lock"}
"""Exit statuses that another try would not help; after 1 and 5 it goes on where the night died."""


@dag(
    schedule="30 2 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=15), "execution_timeout": timedelta(hours=6)},
    tags=["linkage"],
)
def linkage_nightly():
    @task
    def nightly(ds=None):
        """Takes the facts of the day in; its folder is named by the date."""
        status = subprocess.run([*COMMAND, f"{FACTS}/{ds}"], check=False).returncode  # noqa: S603 - fixed words and a date
        if status in FINAL:
            raise AirflowFailException(FINAL[status])
        if status:
            raise AirflowException(f"the night ended with status {status}")

    nightly()


linkage_nightly()
