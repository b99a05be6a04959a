"""docs/emulator.md says how sure each behaviour is, and names tests that are there."""

import behaviours


def test_the_page_says_what_the_data_says():
    assert behaviours.section(behaviours.PAGE.read_text()) == behaviours.rendered(), "run Tests/Interop/behaviours.py"


def test_every_behaviour_is_tested_where_it_says():
    tests = behaviours.ROOT / "Tests"
    files = {path.stem: path for path in tests.rglob("*.swift")} | {path.stem: path for path in tests.rglob("*.py")}
    for area in behaviours.behaviours():
        for item in area["items"]:
            assert item["sure"] in behaviours.SURE, item
            assert item["tests"], item
            for name in item["tests"]:
                assert name in files, f"{item['what']}: no tests called {name}"
