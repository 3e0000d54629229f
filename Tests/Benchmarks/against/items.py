"""How the loaders that sluice is compared with map a row; no ledger, no checks, no gate."""

import csv
from collections import Counter
from itertools import islice


def rows(source):
    for row in csv.DictReader(source):
        yield {
            "identifierType": "mobile",
            "identifierValue": row["phone"],
            "type": "REGULAR",
            "source": row["source"],
            "billNumber": row["bill_no"],
            "billingDate": row["sold_at"].replace(" ", "T") + "+05:30",
            "billAmount": float(row["total"]),
            "note": row["note"],
        }


def cdnow(source):
    seen = Counter()
    for row in csv.DictReader(source):
        date = row["date"]
        key = f"{row['customer']}-{date}"
        seen[key] += 1
        yield {
            "identifierType": "externalId",
            "identifierValue": row["customer"],
            "type": "REGULAR",
            "source": "INSTORE",
            "billNumber": f"{key}-{seen[key]}",
            "billingDate": f"{date[:4]}-{date[4:6]}-{date[6:]}T00:00:00-05:00",
            "billAmount": float(row["dollars"]),
            "lineItemsV2": [
                {"itemCode": "CD", "qty": int(row["cds"]), "amount": float(row["dollars"])}
            ],
        }


MAPPINGS = {"rows": rows, "cdnow": cdnow}


def chunks(items, size):
    items = iter(items)
    while chunk := list(islice(items, size)):
        yield chunk
