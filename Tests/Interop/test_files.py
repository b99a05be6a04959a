"""PUT, GET, LIST and REMOVE of files on internal stages, and results in chunks."""

import gzip

import pytest
from conftest import GENERATION, Emulator
from snowflake.connector import DictCursor
from snowflake.connector.errors import ProgrammingError


@pytest.fixture(scope="module")
def emulator():
    running = Emulator("--chunk-rows", "50")
    with running.connect() as connection:
        for sql in ["CREATE DATABASE FILES", "CREATE STAGE FILES.PUBLIC.BOX", "CREATE ROLE STRANGER",
                    "GRANT ROLE STRANGER TO USER SNOWMAKER"]:
            connection.cursor().execute(sql)
    yield running
    running.stop()


@pytest.fixture
def stage(cursor):
    cursor.execute("CREATE OR REPLACE STAGE FILES.PUBLIC.BOX")
    return "@FILES.PUBLIC.BOX"


COLUMNS = ["source", "target", "source_size", "target_size", "source_compression", "target_compression", "status"]


def put(cursor, sql):
    return dict(zip(COLUMNS, cursor.execute(sql).fetchone()))


def listed(cursor, stage, more=""):
    cursor.execute(f"LIST {stage} {more}")
    return {row[0]: row for row in cursor}


def test_put_compresses_and_get_brings_it_back(cursor, stage, tmp_path):
    (tmp_path / "a.csv").write_text("1,one\n2,two\n")
    told = put(cursor, f"PUT file://{tmp_path}/a.csv {stage}")
    assert (told["source"], told["target"], told["status"]) == ("a.csv", "a.csv.gz", "UPLOADED")
    assert listed(cursor, stage).keys() == {"box/a.csv.gz"}
    down = tmp_path / "down"
    down.mkdir()
    cursor.execute(f"GET {stage} file://{down}")
    assert gzip.decompress((down / "a.csv.gz").read_bytes()) == b"1,one\n2,two\n"


def test_put_as_it_is_into_a_folder(cursor, stage, tmp_path):
    (tmp_path / "with space.txt").write_bytes(b"\x00\x01binary")
    put(cursor, f"PUT 'file://{tmp_path}/with space.txt' {stage}/sub/dir AUTO_COMPRESS = FALSE OVERWRITE = TRUE")
    files = listed(cursor, stage)
    assert files.keys() == {"box/sub/dir/with space.txt"}
    assert files["box/sub/dir/with space.txt"][1] == 8
    down = tmp_path / "down"
    down.mkdir()
    cursor.execute(f"GET {stage}/sub/dir/ file://{down}/")
    assert (down / "with space.txt").read_bytes() == b"\x00\x01binary"


def test_remove_and_pattern(cursor, stage, tmp_path):
    for name in ["x1.txt", "x2.txt", "y.csv"]:
        (tmp_path / name).write_text(name)
        put(cursor, f"PUT file://{tmp_path}/{name} {stage} AUTO_COMPRESS=FALSE")
    assert listed(cursor, stage, "PATTERN = '.*x[0-9][.]txt'").keys() == {"box/x1.txt", "box/x2.txt"}
    assert cursor.execute(f"REMOVE {stage}/x1.txt").fetchall() == [("box/x1.txt", "removed")]
    assert listed(cursor, stage).keys() == {"box/x2.txt", "box/y.csv"}


def test_user_stage(cursor, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    put(cursor, f"PUT file://{tmp_path}/mine.txt @~ AUTO_COMPRESS=FALSE")
    assert "mine.txt" in listed(cursor, "@~")


def test_a_stage_made_anew_is_empty(cursor, stage, tmp_path):
    (tmp_path / "a.txt").write_text("a")
    put(cursor, f"PUT file://{tmp_path}/a.txt {stage}")
    cursor.execute("CREATE OR REPLACE STAGE FILES.PUBLIC.BOX")
    assert listed(cursor, stage) == {}


def test_stage_privileges_bite(emulator, stage, tmp_path):
    with emulator.connect(role="STRANGER") as connection:
        cursor = connection.cursor()
        cursor.execute("USE SECONDARY ROLES NONE")
        with pytest.raises(ProgrammingError) as caught:
            cursor.execute(f"LIST {stage}")
        assert caught.value.errno == 2003
    with emulator.connect() as connection, pytest.raises(ProgrammingError) as caught:
        connection.cursor().execute("LIST @FILES.PUBLIC.MISSING")
    assert caught.value.errno == 2003


def test_several_files_at_once(cursor, stage, tmp_path):
    for name in ["p1.txt", "p2.txt"]:
        (tmp_path / name).write_text(name)
    sql = f"PUT file://{tmp_path}/p*.txt {stage} AUTO_COMPRESS=FALSE"
    if GENERATION >= 5:
        with pytest.raises(ProgrammingError):
            cursor.execute(sql)
    else:
        cursor.execute(sql)
        assert listed(cursor, stage).keys() == {"box/p1.txt", "box/p2.txt"}


def test_results_in_chunks(connection):
    with connection.cursor(DictCursor) as cursor:
        whole = cursor.execute("SHOW PARAMETERS IN ACCOUNT").fetchall()
        assert len(whole) > 100
        assert len({row["key"] for row in whole}) == len(whole)
