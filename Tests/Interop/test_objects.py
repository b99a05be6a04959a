"""What DESCRIBE tells of file formats, by their type, with the providers' descriptions loaded."""

import pytest

OPTIONS = {
    "CSV": 24, "JSON": 17, "AVRO": 5, "ORC": 4, "PARQUET": 8, "XML": 9,
}


@pytest.mark.parametrize("kind", sorted(OPTIONS))
def test_a_file_format_tells_the_options_of_its_type(cursor, kind):
    cursor.execute("CREATE DATABASE IF NOT EXISTS FORMATS")
    cursor.execute(f"CREATE OR REPLACE FILE FORMAT FORMATS.PUBLIC.F{kind} TYPE = {kind} TRIM_SPACE = TRUE"
                   if kind != "XML" else "CREATE OR REPLACE FILE FORMAT FORMATS.PUBLIC.FXML TYPE = XML")
    rows = cursor.execute(f"DESC FILE FORMAT FORMATS.PUBLIC.F{kind}").fetchall()
    told = {row[0]: row[2] for row in rows}
    assert len(rows) == len(told) == OPTIONS[kind]
    assert list(told)[0] == "TYPE" and told["TYPE"] == kind
    assert told.get("TRIM_SPACE", "true") == "true"
    assert ("FIELD_DELIMITER" in told) == (kind == "CSV")


def test_a_stage_tells_the_options_of_its_format_alone(cursor):
    cursor.execute("CREATE DATABASE IF NOT EXISTS FORMATS")
    cursor.execute("CREATE OR REPLACE STAGE FORMATS.PUBLIC.S FILE_FORMAT = (TYPE = JSON STRIP_OUTER_ARRAY = TRUE)")
    rows = cursor.execute("DESC STAGE FORMATS.PUBLIC.S").fetchall()
    told = {row[1]: row[3] for row in rows if row[0] == "STAGE_FILE_FORMAT"}
    assert told["TYPE"] == "JSON" and told["STRIP_OUTER_ARRAY"] == "true"
    assert "FIELD_DELIMITER" not in told


def test_an_alert_has_its_condition_and_its_action(cursor):
    cursor.execute("CREATE DATABASE IF NOT EXISTS ALARMS")
    cursor.execute("CREATE OR REPLACE ALERT ALARMS.PUBLIC.A SCHEDULE = '5 MINUTE' IF (EXISTS (SELECT ')' FROM T)) "
                   "THEN BEGIN CALL P(1); CALL Q(); END")
    cursor.execute("ALTER ALERT ALARMS.PUBLIC.A RESUME")
    cursor.execute("ALTER ALERT ALARMS.PUBLIC.A MODIFY CONDITION EXISTS (SHOW TABLES)")
    columns = ["schedule", "state", "condition", "action"]
    for sql in ("SHOW ALERTS IN SCHEMA ALARMS.PUBLIC", "DESC ALERT ALARMS.PUBLIC.A"):
        row = dict(zip([c[0] for c in cursor.execute(sql).description], cursor.fetchone()))
        assert [row[c] for c in columns] == ["5 MINUTE", "started", "SHOW TABLES", "BEGIN CALL P(1); CALL Q(); END"]
    cursor.execute("DROP ALERT ALARMS.PUBLIC.A")
    assert not cursor.execute("SHOW ALERTS IN SCHEMA ALARMS.PUBLIC").fetchall()
