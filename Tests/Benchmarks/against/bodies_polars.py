"""CSV to JSON lines of the shape that transactions/bulk takes, by Polars, streaming."""

import sys

import polars as pl

what, source, target = sys.argv[1:]
table = pl.scan_csv(source, infer_schema=False)
if what == "rows":
    items = table.select(
        pl.lit("mobile").alias("identifierType"),
        pl.col("phone").alias("identifierValue"),
        pl.lit("REGULAR").alias("type"),
        pl.col("source"),
        pl.col("bill_no").alias("billNumber"),
        (pl.col("sold_at").str.replace(" ", "T", literal=True) + "+05:30").alias("billingDate"),
        pl.col("total").cast(pl.Float64).alias("billAmount"),
        pl.col("note"),
    )
else:
    date = pl.col("date")
    # The offset is passed over: New York's changes twice a year, and this is Polars at its cheapest.
    items = table.select(
        pl.lit("externalId").alias("identifierType"),
        pl.col("customer").alias("identifierValue"),
        pl.lit("REGULAR").alias("type"),
        pl.lit("INSTORE").alias("source"),
        (
            pl.col("customer") + "-" + date + "-"
            + pl.int_range(1, pl.len() + 1).over("customer", "date").cast(pl.String)
        ).alias("billNumber"),
        (
            date.str.slice(0, 4) + "-" + date.str.slice(4, 2) + "-" + date.str.slice(6, 2)
            + "T00:00:00-05:00"
        ).alias("billingDate"),
        pl.col("dollars").cast(pl.Float64).alias("billAmount"),
        pl.concat_list(
            pl.struct(
                pl.lit("CD").alias("itemCode"),
                pl.col("cds").cast(pl.Int64).alias("qty"),
                pl.col("dollars").cast(pl.Float64).alias("amount"),
            )
        ).alias("lineItemsV2"),
    )
items.sink_ndjson(target)
