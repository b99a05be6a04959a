"""snowflake-sqlalchemy: reflection and DDL."""

import pytest
import sqlalchemy as sa
from conftest import PASSWORD


@pytest.fixture(scope="module")
def engine(emulator):
    def connect(database, schema):
        return sa.create_engine(
            f"snowflake://SNOWMAKER:{PASSWORD}@emulator/{database}/{schema}",
            connect_args={"host": "127.0.0.1", "port": emulator.port, "protocol": "http"})
    first = sa.create_engine("snowflake://", connect_args=emulator.options())
    with first.connect() as connection:
        for sql in ["CREATE DATABASE SHOP", "CREATE SCHEMA SHOP.CORE"]:
            connection.execute(sa.text(sql))
    engine = connect("SHOP", "CORE")
    yield engine
    engine.dispose()
    first.dispose()


@pytest.fixture(scope="module")
def made(engine):
    """Tables that SQLAlchemy itself creates."""
    metadata = sa.MetaData()
    sa.Table(
        "customer", metadata, sa.Column("id", sa.Integer, sa.Identity(start=100, increment=5), primary_key=True),
        sa.Column("name", sa.String(20), nullable=False, comment="who"), sa.Column("since", sa.Date),
        sa.UniqueConstraint("name", name="names"), comment="customers")
    sa.Table(
        "sale", metadata, sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("customer", sa.ForeignKey("customer.id", name="whose")), sa.Column("total", sa.Numeric(10, 2)))
    metadata.create_all(engine)
    with engine.connect() as connection:
        connection.execute(sa.text("CREATE VIEW big AS SELECT id, total FROM sale WHERE total > 100"))
    return metadata


def test_columns(engine, made):
    columns = {column["name"]: column for column in sa.inspect(engine).get_columns("customer")}
    assert list(columns) == ["id", "name", "since"]
    assert (columns["id"]["identity"]["start"], columns["id"]["identity"]["increment"]) == (100, 5)
    assert not columns["name"]["nullable"] and columns["name"]["comment"] == "who"
    assert columns["name"]["type"].length == 20
    assert isinstance(columns["since"]["type"], sa.Date)


def test_keys(engine, made):
    inspector = sa.inspect(engine)
    assert inspector.get_pk_constraint("customer")["constrained_columns"] == ["id"]
    assert [key["name"] for key in inspector.get_unique_constraints("customer")] == ["names"]
    foreign, = inspector.get_foreign_keys("sale")
    assert foreign["referred_table"] == "customer" and foreign["constrained_columns"] == ["customer"]
    assert inspector.get_indexes("sale") == []


def test_names(engine, made):
    inspector = sa.inspect(engine)
    assert sorted(inspector.get_table_names()) == ["customer", "sale"]
    assert inspector.get_view_names() == ["big"]
    assert "WHERE total > 100" in inspector.get_view_definition("big")
    assert inspector.get_table_comment("customer")["text"] == "customers"
    assert {"core", "public", "information_schema"} <= set(inspector.get_schema_names())
    assert inspector.has_table("sale") and not inspector.has_table("nothing")


def test_everything_is_reflected_at_once(engine, made):
    metadata = sa.MetaData()
    metadata.reflect(bind=engine, views=True)
    assert sorted(metadata.tables) == ["big", "customer", "sale"]
    total = metadata.tables["big"].c.total.type
    assert (total.precision, total.scale) == (10, 2)


def test_values_and_failures(engine):
    with engine.connect() as connection:
        row = connection.execute(sa.text("SELECT :a + 1 AS number, :b AS text"), {"a": 1, "b": "it's"}).one()
        assert tuple(row) == (2, "it's")
        with pytest.raises(sa.exc.ProgrammingError) as failure:
            connection.execute(sa.text("SELECT * FROM nothing"))
        assert failure.value.orig.errno == 2003


def test_tables_are_dropped(engine, made):
    with engine.connect() as connection:
        connection.execute(sa.text("DROP VIEW big"))
    made.drop_all(engine)
    assert sa.inspect(engine).get_table_names() == []
