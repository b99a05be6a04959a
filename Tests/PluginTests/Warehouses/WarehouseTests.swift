import SnowmakerSDK
import Testing

@testable import Warehouses

@Suite struct WarehouseTests {
  @Test func anInteractiveWarehouseHasAWordAndTables() throws {
    let change = try planned(
      Warehouse(), ["W"],
      ["warehouse_type": "INTERACTIVE", "warehouse_size": "SMALL", "tables": ["D.S.A", "D.S.B"], "comment": "c"])
    #expect(
      change.sql == [
        "CREATE INTERACTIVE WAREHOUSE W COMMENT = 'c' TABLES (D.S.A, D.S.B) WAREHOUSE_SIZE = SMALL"
      ])
  }

  @Test func tablesAreAddedAndTakenOffOneByOne() throws {
    let change = try planned(
      Warehouse(), ["W"], ["warehouse_type": "INTERACTIVE", "tables": ["D.S.B", "D.S.C"], "owner": "BI"],
      observed: ["warehouse_type": "INTERACTIVE", "tables": ["D.S.A", "D.S.B"]])
    #expect(
      change.sql == [
        "ALTER WAREHOUSE W DROP TABLES (D.S.A)", "ALTER WAREHOUSE W ADD TABLES (D.S.C)",
        "GRANT OWNERSHIP ON WAREHOUSE W TO ROLE BI COPY CURRENT GRANTS",
      ])
    #expect(change.statements[0].undo?.description == "ALTER WAREHOUSE W ADD TABLES (D.S.A)")
    #expect(
      try planned(Warehouse(), ["W"], ["tables": .null], observed: ["tables": ["D.S.A"]]).sql
        == ["ALTER WAREHOUSE W DROP TABLES (D.S.A)"])
    #expect(try planned(Warehouse(), ["W"], ["tables": ["D.S.A"]], observed: ["tables": ["D.S.A"]]).action == .none)
  }

  @Test func eachTypeHasItsOwnAttributes() {
    func paths(_ declared: Value) -> [String] {
      Warehouse().validate(DeclaredResource(identity: ["W"], attributes: declared), context: RequestContext())
        .map { $0.path.joined() }
    }
    #expect(paths(["warehouse_type": "STANDARD", "tables": ["A.B.C"]]) == ["tables"])
    #expect(
      paths(["warehouse_type": "ADAPTIVE", "warehouse_size": "SMALL", "auto_suspend": .null]) == ["warehouse_size"])
    #expect(paths(["warehouse_type": "INTERACTIVE", "scaling_policy": "ECONOMY"]) == ["scaling_policy"])
    #expect(paths(["min_cluster_count": 3, "max_cluster_count": 2]) == ["min_cluster_count"])
    #expect(paths(["warehouse_size": "SMALL", "tables": ["A.B.C"]]).isEmpty)
  }

  @Test func aChangeOfTheSizeWaitsWhereThatIsSaid() throws {
    let declared: Value = [
      "warehouse_size": "LARGE", "comment": "c", "wait_for_completion": true, "tags": ["D.S.T": "x"],
    ]
    #expect(
      try planned(Warehouse(), ["W"], declared, observed: ["warehouse_size": "SMALL", "comment": "c"]).sql == [
        "ALTER WAREHOUSE W SET WAREHOUSE_SIZE = LARGE WAIT_FOR_COMPLETION = TRUE",
        "ALTER WAREHOUSE W SET TAG D.S.T = 'x'",
      ])
    #expect(
      try planned(Warehouse(), ["W"], ["comment": "c", "wait_for_completion": true], observed: ["comment": "d"]).sql
        == ["ALTER WAREHOUSE W SET COMMENT = 'c'"])
    #expect(
      try planned(Warehouse(), ["W"], ["warehouse_size": "LARGE", "wait_for_completion": true]).sql
        == ["CREATE WAREHOUSE W WAREHOUSE_SIZE = LARGE"])
  }
}
