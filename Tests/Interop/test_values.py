"""Values of every type through the connector, and through it as bindings: equal to Python's own."""

import datetime
import json
from datetime import date, timedelta, timezone
from decimal import Decimal

import pytest
from conftest import GENERATION
from snowflake.connector.errors import ProgrammingError

UTC = timezone.utc


def at(*parts):
    return datetime.datetime(*parts)


def zoned(minutes, *parts):
    return datetime.datetime(*parts, tzinfo=timezone(timedelta(minutes=minutes)))


PACIFIC = -8 * 60

CASES = [
    # Timestamps without a place: the digits of a second that the type has, before and after 1970.
    ("'2026-11-21 15:04:05.123456789'::TIMESTAMP_NTZ", at(2026, 11, 21, 15, 4, 5, 123456)),
    ("'2026-11-21 15:04:05.123456789'::TIMESTAMP_NTZ(3)", at(2026, 11, 21, 15, 4, 5, 123000)),
    ("'2026-11-21 15:04:05.987654321'::TIMESTAMP_NTZ(0)", at(2026, 11, 21, 15, 4, 5)),
    ("'1969-12-31 23:59:58.5'::TIMESTAMP_NTZ", at(1969, 12, 31, 23, 59, 58, 500000)),
    ("'1969-12-31 23:59:59.999999'::TIMESTAMP_NTZ(6)", at(1969, 12, 31, 23, 59, 59, 999999)),
    ("'1901-01-01 00:00:00.25'::TIMESTAMP_NTZ(2)", at(1901, 1, 1, 0, 0, 0, 250000)),
    ("'0001-01-01 00:00:00'::TIMESTAMP_NTZ", at(1, 1, 1)),
    ("'9999-12-31 23:59:59'::TIMESTAMP_NTZ(0)", at(9999, 12, 31, 23, 59, 59)),
    ("'2024-02-29T01:02:03'::DATETIME", at(2024, 2, 29, 1, 2, 3)),
    ("TIMESTAMP '2024-02-29 01:02:03'", at(2024, 2, 29, 1, 2, 3)),
    ("TO_TIMESTAMP_NTZ(1500, 3)", at(1970, 1, 1, 0, 0, 1, 500000)),
    ("TO_TIMESTAMP_NTZ(-1)", at(1969, 12, 31, 23, 59, 59)),
    ("TO_TIMESTAMP('31536000000000')", at(1971, 1, 1)),
    ("TO_TIMESTAMP('21/11/2026 03-04 PM', 'DD/MM/YYYY HH12-MI AM')", at(2026, 11, 21, 15, 4)),
    ("TIMESTAMP_NTZ_FROM_PARTS(2026, 14, 1, 0, 0, 61, 5)", at(2027, 2, 1, 0, 1, 1)),
    # With an offset: it is kept.
    ("'2026-11-21 15:04:05.5 +05:30'::TIMESTAMP_TZ", zoned(330, 2026, 11, 21, 15, 4, 5, 500000)),
    ("'2026-11-21 15:04:05.123 -0330'::TIMESTAMP_TZ(1)", zoned(-210, 2026, 11, 21, 15, 4, 5, 100000)),
    ("'1969-12-31 23:00:00.25 +02:00'::TIMESTAMP_TZ(3)", zoned(120, 1969, 12, 31, 23, 0, 0, 250000)),
    ("'2026-11-21T15:04:05Z'::TIMESTAMP_TZ", zoned(0, 2026, 11, 21, 15, 4, 5)),
    ("'2026-07-01 12:00:00'::TIMESTAMP_TZ", zoned(-7 * 60, 2026, 7, 1, 12)),
    ("CONVERT_TIMEZONE('Asia/Tokyo', '2026-01-01 00:00:00 +00:00'::TIMESTAMP_TZ)", zoned(540, 2026, 1, 1, 9)),
    ("DATEADD(DAY, 1, '2026-03-07 12:00:00 -08:00'::TIMESTAMP_TZ)", zoned(PACIFIC, 2026, 3, 8, 12)),
    # In the session's zone, which is Los Angeles's.
    ("'2026-11-21 15:04:05.123456'::TIMESTAMP_LTZ", zoned(PACIFIC, 2026, 11, 21, 15, 4, 5, 123456)),
    ("'2026-11-21 15:04:05 +00:00'::TIMESTAMP_LTZ", zoned(0, 2026, 11, 21, 15, 4, 5)),
    ("'1969-12-31 15:59:59.5'::TIMESTAMP_LTZ(2)", zoned(PACIFIC, 1969, 12, 31, 15, 59, 59, 500000)),
    ("TO_TIMESTAMP_LTZ(0)", zoned(0, 1970, 1, 1)),
    ("'2026-07-01 12:00:00'::TIMESTAMP_NTZ::TIMESTAMP_LTZ", zoned(-7 * 60, 2026, 7, 1, 12)),
    # A day later shows the same time although clocks are changed between; 24 hours later do not.
    ("DATEADD(DAY, 1, '2026-03-07 12:00:00'::TIMESTAMP_LTZ)", zoned(-7 * 60, 2026, 3, 8, 12)),
    ("DATEADD(HOUR, 24, '2026-03-07 12:00:00'::TIMESTAMP_LTZ)", zoned(-7 * 60, 2026, 3, 8, 13)),
    ("DATE_TRUNC('MONTH', '2026-11-21 15:04:05'::TIMESTAMP_LTZ)", zoned(-7 * 60, 2026, 11, 1)),
    ("'2026-11-21 23:30:00 -08:00'::TIMESTAMP_TZ::TIMESTAMP_LTZ::TIMESTAMP_NTZ", at(2026, 11, 21, 23, 30)),
    ("CONVERT_TIMEZONE('Europe/Paris', 'UTC', '2026-07-01 12:00:00'::TIMESTAMP_NTZ)", at(2026, 7, 1, 10)),
    # Dates and times of day.
    ("'1969-07-20'::DATE", date(1969, 7, 20)),
    ("'0001-01-01'::DATE", date(1, 1, 1)),
    ("'9999-12-31'::DATE", date(9999, 12, 31)),
    ("DATE '2024-02-28' + 1", date(2024, 2, 29)),
    ("'1969-12-31 23:59:59.9'::TIMESTAMP_NTZ::DATE", date(1969, 12, 31)),
    ("TO_DATE('21.11.2026', 'DD.MM.YYYY')", date(2026, 11, 21)),
    ("LAST_DAY('2024-02-10'::DATE)", date(2024, 2, 29)),
    ("DATEADD(MONTH, -1, '2024-03-31'::DATE)", date(2024, 2, 29)),
    ("ADD_MONTHS('2024-02-29'::DATE, 1)", date(2024, 3, 31)),
    ("DATEADD(HOUR, -1, '1970-01-01'::DATE)", at(1969, 12, 31, 23)),
    ("DATE_TRUNC(WEEK, '1969-12-31'::DATE)", date(1969, 12, 29)),
    ("'23:59:59.999999'::TIME", datetime.time(23, 59, 59, 999999)),
    ("'01:02:03.456'::TIME(1)", datetime.time(1, 2, 3, 400000)),
    ("TIME '01:02:03'", datetime.time(1, 2, 3)),
    ("TIMEADD(SECOND, -1, '00:00:00'::TIME(0))", datetime.time(23, 59, 59)),
    ("TIME_FROM_PARTS(1, 2, 3, 4000)", datetime.time(1, 2, 3, 4)),
    # Counting.
    ("DATEDIFF(DAY, '1969-12-31 23:00:00'::TIMESTAMP_NTZ, '1970-01-01 01:00:00'::TIMESTAMP_NTZ)", 1),
    ("DATEDIFF(NANOSECOND, '2026-01-01'::DATE, '2026-01-02'::DATE)", 86_400_000_000_000),
    ("DATE_PART(EPOCH_SECOND, '2026-11-21 00:00:00 +01:00'::TIMESTAMP_TZ)",
     int(zoned(60, 2026, 11, 21).timestamp())),
    ("EXTRACT(NANOSECOND FROM '2026-11-21 00:00:00.123456789'::TIMESTAMP_NTZ)", 123456789),
    ("DATE '2024-03-01' - DATE '2024-02-01'", 29),
    # As texts.
    ("'1969-12-31 23:59:58.567'::TIMESTAMP_NTZ::VARCHAR", "1969-12-31 23:59:58.567"),
    ("'2026-11-21 15:04:05 +05:30'::TIMESTAMP_TZ::VARCHAR", "2026-11-21 15:04:05.000 +0530"),
    ("'2026-11-21 15:04:05'::TIMESTAMP_LTZ::VARCHAR", "2026-11-21 15:04:05.000 -0800"),
    ("TO_CHAR('2026-11-21 05:04:05.123456789'::TIMESTAMP_NTZ, 'DY DD MON YY, HH12:MI:SS.FF7 AM')",
     "Sat 21 Nov 26, 05:04:05.1234567 AM"),
    ("TO_CHAR('2026-11-21 05:04:05 +01:00'::TIMESTAMP_TZ, 'YYYY-MM-DD\"T\"HH24:MI:SSTZH:TZM')",
     "2026-11-21T05:04:05+01:00"),
    ("TO_CHAR('12:34:56.789'::TIME, 'HH24-MI.FF2')", "12-34.78"),
    # Numbers.
    ("1.50", Decimal("1.50")),
    ("12345678901234567890123456789012345678", 12345678901234567890123456789012345678),
    ("-0.1234567890123456789012345678901234567::NUMBER(38,37)", Decimal("-0.1234567890123456789012345678901234567")),
    ("'99999999999999999999999999999999999999'::NUMBER(38,0)", 10 ** 38 - 1),
    ("1::NUMBER(10,4)", Decimal("1.0000")),
    ("2.345::NUMBER(10,2)", Decimal("2.35")),
    ("-2.5::NUMBER(10,0)", -3),
    ("7 / 2", Decimal("3.500000")),
    ("2 / 3", Decimal("0.666667")),
    ("1.25 * 1.1", Decimal("1.375")),
    ("10000000000000000000 * 10000000000 + 0.5", Decimal("100000000000000000000000000000.5")),
    ("-7 % 3", -1),
    ("ROUND(2.675, 2)", Decimal("2.68")),
    ("TO_NUMBER('1e3')", 1000),
    ("1.5::FLOAT", 1.5),
    ("'1e300'::FLOAT", 1e300),
    ("'-inf'::FLOAT", float("-inf")),
    ("0.1::FLOAT + 0.2", 0.1 + 0.2),
    # The rest.
    ("TRUE", True), ("'no'::BOOLEAN", False), ("0::BOOLEAN", False), ("NULL::BOOLEAN", None),
    ("X'00ffA1'", b"\x00\xff\xa1"), ("TO_BINARY('é', 'UTF-8')", "é".encode()), ("'00'::BINARY", b"\0"),
    ("NULL::TIMESTAMP_TZ", None), ("NULL::NUMBER(5,2)", None),
]


def is_like(value, expected):
    """Whether a value is of the kind of another. Generation 5 gives bytes as a bytearray."""
    kinds = (bytes, bytearray) if isinstance(expected, bytes) and GENERATION >= 5 else type(expected)
    return isinstance(value, kinds)


@pytest.mark.parametrize("expression, expected", CASES, ids=[case[0] for case in CASES])
def test_value(cursor, expression, expected):
    (value,) = cursor.execute("SELECT " + expression).fetchone()
    assert value == expected
    # Texts would compare with texts only; the rest must be of the same kind too.
    assert is_like(value, expected)
    if isinstance(expected, Decimal):
        assert value.as_tuple() == expected.as_tuple()
    if isinstance(expected, datetime.datetime) and expected.tzinfo and "LTZ" not in expression:
        assert value.utcoffset() == expected.utcoffset()


def test_not_a_number(cursor):
    (value,) = cursor.execute("SELECT 'NaN'::FLOAT").fetchone()
    assert value != value


def test_semi_structured(cursor):
    row = cursor.execute(
        "SELECT PARSE_JSON('{\"a\": [1, 2.5, null, true]}'), ARRAY_CONSTRUCT(1, 'x'), OBJECT_CONSTRUCT('k', '1'::DATE), "
        "TO_VARIANT('2026-11-21'::DATE), PARSE_JSON('[]')".replace("'1'::DATE", "'2026-11-21'::DATE")).fetchone()
    assert [json.loads(cell) for cell in row] == [
        {"a": [1, 2.5, None, True]}, [1, "x"], {"k": "2026-11-21"}, "2026-11-21", []]
    # On several lines, as the service writes them.
    assert row[1] == '[\n  1,\n  "x"\n]'
    cursor.execute("ALTER SESSION SET JSON_INDENT = 0")
    assert cursor.execute("SELECT ARRAY_CONSTRUCT(1, 'x')").fetchone() == ('[1,"x"]',)


def test_now(cursor):
    before = datetime.datetime.now(UTC) - timedelta(seconds=1)
    row = cursor.execute(
        "SELECT CURRENT_TIMESTAMP, CURRENT_TIMESTAMP(0), SYSDATE(), GETDATE(), CURRENT_DATE, CURRENT_TIME(3)").fetchone()
    after = datetime.datetime.now(UTC) + timedelta(seconds=1)
    assert before <= row[0] <= after and before <= row[3] <= after
    assert row[1].microsecond == 0
    assert row[2].tzinfo is None and before <= row[2].replace(tzinfo=UTC) <= after
    local = row[0]
    assert local.utcoffset() in (timedelta(hours=-8), timedelta(hours=-7))
    assert abs((datetime.datetime.combine(row[4], row[5]) - local.replace(tzinfo=None)).total_seconds()) < 2


def test_parameters_of_sessions(emulator):
    with emulator.connect(session_parameters={"TIMEZONE": "Europe/Paris"}) as connection:
        cursor = connection.cursor()
        (value,) = cursor.execute("SELECT '2026-07-01 12:00:00'::TIMESTAMP_LTZ").fetchone()
        assert value == zoned(120, 2026, 7, 1, 12)
        cursor.execute("ALTER SESSION SET TIMESTAMP_TYPE_MAPPING = TIMESTAMP_TZ")
        (value,) = cursor.execute("SELECT '2026-01-01 12:00:00'::TIMESTAMP").fetchone()
        assert value == zoned(60, 2026, 1, 1, 12)
        cursor.execute("CREATE DATABASE MAPPED")
        cursor.execute("CREATE TABLE T (A TIMESTAMP, B DATETIME)")
        assert [row[1] for row in cursor.execute("DESCRIBE TABLE T")] == ["TIMESTAMP_TZ(9)", "TIMESTAMP_NTZ(9)"]
        cursor.execute("ALTER SESSION SET TIMESTAMP_NTZ_OUTPUT_FORMAT = 'DD/MM/YYYY', DATE_OUTPUT_FORMAT = 'YY.MM.DD'")
        assert cursor.execute(
            "SELECT '2026-01-02'::TIMESTAMP_NTZ::VARCHAR, '2026-01-02'::DATE || '!'").fetchone() == (
                "02/01/2026", "26.01.02!")
        cursor.execute("ALTER SESSION SET TIMESTAMP_LTZ_OUTPUT_FORMAT = 'HH24 TZHTZM', TIMEZONE = 'Asia/Kolkata'")
        assert cursor.execute("SELECT TO_TIMESTAMP_LTZ(0)::VARCHAR").fetchone() == ("05 +0530",)
        with pytest.raises(ProgrammingError) as caught:
            cursor.execute("ALTER SESSION SET TIMEZONE = 'Mars/Olympus'")
        assert caught.value.errno == 1008


def test_description(cursor):
    cursor.execute(
        "SELECT 1.50 AS A, '1'::NUMBER(10,4) AS B, 1::FLOAT AS C, TRUE AS D, 'x'::VARCHAR(7) AS E, "
        "'00'::BINARY(4) AS F, CURRENT_DATE AS G, '1:00'::TIME(2) AS H, SYSDATE() AS I, "
        "'2026-01-01'::TIMESTAMP_TZ(3) AS J, '2026-01-01'::TIMESTAMP_LTZ(0) AS K, PARSE_JSON('1') AS L, 7 / 2 AS M")
    found = [(c.name, c.type_code, c.precision, c.scale) for c in cursor.description]
    assert found == [
        ("A", 0, 3, 2), ("B", 0, 10, 4), ("C", 1, None, None), ("D", 13, None, None), ("E", 2, None, None),
        ("F", 11, None, None), ("G", 3, None, None), ("H", 12, 0, 2), ("I", 8, 0, 9), ("J", 7, 0, 3), ("K", 6, 0, 0),
        ("L", 5, None, None), ("M", 0, 7, 6)]
    assert cursor.description[4].internal_size == 7


BOUND = [
    ("TIMESTAMP_NTZ", at(2026, 11, 21, 15, 4, 5, 123456), at(2026, 11, 21, 15, 4, 5, 123456)),
    ("TIMESTAMP_NTZ", at(1969, 12, 31, 23, 59, 58, 500000), at(1969, 12, 31, 23, 59, 58, 500000)),
    ("TIMESTAMP_TZ", zoned(330, 2026, 11, 21, 15, 4, 5, 123456), zoned(330, 2026, 11, 21, 15, 4, 5, 123456)),
    ("TIMESTAMP_TZ", zoned(-60, 1969, 12, 31, 20), zoned(-60, 1969, 12, 31, 20)),
    ("TIMESTAMP_LTZ", zoned(60, 2026, 11, 21, 15, 4, 5), zoned(60, 2026, 11, 21, 15, 4, 5)),
    (None, at(2026, 11, 21, 15, 4, 5), at(2026, 11, 21, 15, 4, 5)),
    (None, date(2026, 11, 21), date(2026, 11, 21)),
    (None, date(1969, 7, 20), date(1969, 7, 20)),
    (None, datetime.time(23, 59, 59, 999999), datetime.time(23, 59, 59, 999999)),
    (None, Decimal("12345678901234567890.1234567890"), Decimal("12345678901234567890.1234567890")),
    (None, Decimal("-0.50"), Decimal("-0.50")),
    (None, 10 ** 37, 10 ** 37),
    (None, 1.5e-7, 1.5e-7),
    (None, b"\x00\xffsnow", b"\x00\xffsnow"),
    (None, True, True),
    (None, None, None),
    (None, "it's ?", "it's ?"),
]


@pytest.mark.parametrize("kind, value, expected", BOUND, ids=[f"{c[0] or ''} {c[1]!r}" for c in BOUND])
def test_server_side_binding(emulator, kind, value, expected):
    with emulator.connect(paramstyle="qmark") as connection:
        cursor = connection.cursor()
        (found,) = cursor.execute("SELECT ?", ((kind, value) if kind else value,)).fetchone()
        assert found == expected and is_like(found, expected)
        if isinstance(expected, Decimal):
            assert found.as_tuple() == expected.as_tuple()
        # Generation 5 sends no offset: it is the same moment, in UTC.
        if kind == "TIMESTAMP_TZ" and GENERATION < 5:
            assert found.utcoffset() == expected.utcoffset()


@pytest.mark.parametrize("value", [
    at(2026, 11, 21, 15, 4, 5, 123456), zoned(330, 2026, 11, 21, 15, 4, 5), date(1969, 7, 20), datetime.time(1, 2, 3, 4),
    Decimal("1.50"), b"\x00\xff", True, None, 1.5, "it's"])
def test_client_side_binding(cursor, value):
    (found,) = cursor.execute("SELECT %s", (value,)).fetchone()
    kinds = {datetime.datetime: "TIMESTAMP_NTZ", date: "DATE", datetime.time: "TIME", Decimal: "NUMBER(10,2)"}
    kind = kinds.get(type(value))
    if kind:
        # These may be sent as texts.
        kind = "TIMESTAMP_TZ" if getattr(value, "tzinfo", None) else kind
        (found,) = cursor.execute(f"SELECT %s::{kind}", (value,)).fetchone()
    assert found == value


def test_columns_of_tables_keep_their_types(cursor):
    cursor.execute("CREATE DATABASE TYPED")
    cursor.execute(
        "CREATE TABLE T AS SELECT '2026-01-01'::TIMESTAMP_TZ(3) AS A, 1.50 AS B, '1:00'::TIME(0) AS C, 7 / 2 AS D")
    rows = cursor.execute("DESCRIBE TABLE T").fetchall()
    assert [row[1] for row in rows] == ["TIMESTAMP_TZ(3)", "NUMBER(3,2)", "TIME(0)", "NUMBER(7,6)"]
    columns = cursor.describe("SELECT * FROM T")
    assert [(c.type_code, c.precision, c.scale) for c in columns] == [(7, 0, 3), (0, 3, 2), (12, 0, 0), (0, 7, 6)]


def test_failures(cursor):
    for sql, code in [
            ("SELECT 'x'::TIMESTAMP_TZ", 100035), ("SELECT '2026-02-30'::DATE", 100040),
            ("SELECT '25:00'::TIME", 100108), ("SELECT 'x'::NUMBER", 100038), ("SELECT 1000::NUMBER(3,0)", 100039),
            ("SELECT 'maybe'::BOOLEAN", 100037), ("SELECT 'xyz'::BINARY", 100115), ("SELECT 1 / 0", 100051),
            ("SELECT SYSDATE() > 'x'", 100035), ("SELECT TO_DATE('2026', 'YYYY-MM')", 100096)]:
        with pytest.raises(ProgrammingError) as caught:
            cursor.execute(sql)
        assert caught.value.errno == code, sql
    assert cursor.execute("SELECT TRY_TO_DATE('x'), TRY_CAST('x' AS NUMBER), TRY_TO_TIMESTAMP('x')").fetchone() == (
        None, None, None)
