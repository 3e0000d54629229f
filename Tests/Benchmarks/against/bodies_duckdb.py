"""CSV to JSON lines of the shape that transactions/bulk takes, by DuckDB on one thread."""

import sys

import duckdb

what, source, target = sys.argv[1:]
rows = """
    select 'mobile' as "identifierType", phone as "identifierValue", 'REGULAR' as "type", source,
        bill_no as "billNumber", replace(sold_at, ' ', 'T') || '+05:30' as "billingDate",
        total::decimal(12, 2) as "billAmount", note
    from read_csv(?, all_varchar = true)
"""
# The offset is passed over: New York's changes twice a year, and this is DuckDB at its cheapest.
cdnow = """
    select 'externalId' as "identifierType", customer as "identifierValue", 'REGULAR' as "type",
        'INSTORE' as source,
        customer || '-' || date || '-' || row_number() over (partition by customer, date)
            as "billNumber",
        date[1:4] || '-' || date[5:6] || '-' || date[7:8] || 'T00:00:00-05:00' as "billingDate",
        dollars::decimal(12, 2) as "billAmount",
        [{itemCode: 'CD', qty: cds::int, amount: dollars::decimal(12, 2)}] as "lineItemsV2"
    from read_csv(?, all_varchar = true)
"""
connection = duckdb.connect(config={"threads": 1})
query = rows if what == "rows" else cdnow
connection.execute(f"copy ({query}) to '{target}' (format json)", [source])
