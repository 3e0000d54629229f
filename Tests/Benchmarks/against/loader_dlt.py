"""dlt's custom destination: the same rows through its extract, normalise and load steps."""

import os
import sys
import tempfile

base, what, path, chunk, in_flight = sys.argv[1:]
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["LOAD__WORKERS"] = in_flight
# One file of a load package is one unit of its parallel work.
os.environ["NORMALIZE__DATA_WRITER__FILE_MAX_ITEMS"] = "5000"
os.environ["DATA_WRITER__FILE_MAX_ITEMS"] = "5000"

import dlt  # noqa: E402
import requests  # noqa: E402
from items import MAPPINGS  # noqa: E402

session = requests.Session()
session.mount(base, requests.adapters.HTTPAdapter(pool_maxsize=int(in_flight)))


@dlt.destination(batch_size=int(chunk), naming_convention="direct", skip_dlt_columns_and_tables=True)
def transactions(items, table):
    reply = session.post(base + "/v2/transactions/bulk", json=items, timeout=75)
    reply.raise_for_status()
    failed = [item for item in reply.json()["response"] if item["errors"]]
    if failed:
        raise RuntimeError(f"{len(failed)} refused")


# Lists stay in their bills, and dates the texts they are.
@dlt.resource(max_table_nesting=0, columns={"billingDate": {"data_type": "text"}})
def bills():
    with open(path, newline="") as source:
        yield from MAPPINGS[what](source)


with tempfile.TemporaryDirectory() as folder:
    pipeline = dlt.pipeline("benchmark", destination=transactions, pipelines_dir=folder)
    pipeline.run(bills())
