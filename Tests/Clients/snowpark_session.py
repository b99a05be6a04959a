"""What Snowpark does against the emulator: one line `name<TAB>ok` or `name<TAB>failure` for each step."""

import os

from snowflake.snowpark import Session
from snowflake.snowpark.functions import col

session = Session.builder.configs({
    "account": "emulator", "user": "SNOWMAKER", "password": os.environ["EMULATOR_PASSWORD"], "host": "127.0.0.1",
    "port": int(os.environ["EMULATOR_PORT"]), "protocol": "http", "database": "SHOP", "schema": "CORE"}).create()


def step(name, work, expected):
    try:
        found = work()
        print(f"{name}\t{'ok' if found == expected else f'{found!r} instead of {expected!r}'}")
    except Exception as error:
        print(f"{name}\t{str(error).splitlines()[0]}")


def names(frame):
    return [field.name for field in frame.schema.fields]


def view():
    session.table("SALES").select(col("ID"), (col("TOTAL") * 2).alias("TWICE")).create_or_replace_view("TWICE_V")
    return names(session.table("TWICE_V"))


step("context", lambda: (session.get_current_role(), session.get_current_schema()), ('"ACCOUNTADMIN"', '"CORE"'))
step("SQL", lambda: [row.asDict() for row in session.sql("SELECT 1 AS A, 'x' AS B").collect()], [{"A": 1, "B": "x"}])
step("SHOW", lambda: [row["name"] for row in session.sql("SHOW TABLES IN SCHEMA SHOP.CORE").collect()], ["SALES"])
step("values", lambda: [tuple(row) for row in session.create_dataframe([[1, "a"], [3, None]], ["K", "V"]).collect()],
     [(1, "a"), (3, None)])
step("filters and aggregates", lambda: [
    tuple(row) for row in session.create_dataframe([[1, 2], [1, 5]], ["K", "V"]).filter(col("V") > 1).group_by("K")
    .count().collect()], [(1, 2)])
step("schema of a table", lambda: names(session.table("SALES")), ["ID", "CUSTOMER", "TOTAL", "PLACED_ON"])
step("view of a table", view, ["ID", "TWICE"])
step("range", lambda: [row[0] for row in session.range(3).collect()], [0, 1, 2])
step("use role", lambda: session.use_role("SYSADMIN"), None)
session.close()
