import AccountModel
import SnowmakerModel
import Testing

@testable import SnowmakerCore

/// Roles that would be granted to each other in a circle, which the account refuses.
@Suite struct RoleCircleTests {
  private func roles(_ names: String...) -> [Resource] { names.map { Fixture.resource("role", [$0]) } }

  @Test func aCircleIsAnErrorOfThePlanAndNamesItsRoles() async {
    let plan = await Fixture.plan(
      roles("A", "B", "C") + [
        Fixture.resource("role_grant", ["A", "B"], line: 5), Fixture.resource("role_grant", ["B", "C"], line: 6),
        Fixture.resource("role_grant", ["C", "A"], line: 7),
      ])
    #expect(plan.codes == ["role-circle"])
    let error = plan.diagnostics[0]
    #expect(error.summary.hasSuffix("would close a circle of roles: C → A → B → C"))
    #expect(error.position?.line == 7)
  }

  @Test func whatTheAccountHasAlreadyIsPartOfIt() async {
    let plan = await Fixture.plan(roles("A", "B") + [Fixture.resource("role_grant", ["B", "A"])]) {
      $0.accountFacts = [
        .roleGranted(SQLObject("ROLE", "A"), to: SQLObject("ROLE", "X")),
        .roleGranted(SQLObject("ROLE", "X"), to: SQLObject("ROLE", "B")),
      ]
    }
    #expect(plan.diagnostics.map(\.summary).first?.hasSuffix("B → A → X → B") == true)
  }

  @Test func aRoleIsNotGrantedToItself() async {
    let plan = await Fixture.plan(roles("A") + [Fixture.resource("role_grant", ["A", "A"])])
    #expect(plan.diagnostics.map(\.summary).first?.hasSuffix("A → A") == true)
  }

  @Test func whatIsTakenOpensTheCircleBeforeItIsClosed() async {
    // A → B is in the account and goes; B → C → A comes: neither of the new ones alone reverses the old one.
    let observed = ["A", "B", "C"].map { Fixture.observation("role", [$0]) }
    let plan = await Fixture.plan(
      roles("A", "B", "C") + [
        Fixture.resource("role_grant", ["B", "C"]), Fixture.resource("role_grant", ["C", "A"]),
      ],
      observed: observed + [Fixture.observation("role_grant", ["A", "B"], owner: nil)],
      ledger: ["A", "B", "C"].map { Fixture.entry("role", [$0]) } + [Fixture.entry("role_grant", ["A", "B"])])
    #expect(plan.diagnostics.isEmpty)
    #expect(plan.waits("GRANT ROLE B TO ROLE C", for: "REVOKE ROLE A FROM ROLE B"))
    #expect(plan.waits("GRANT ROLE C TO ROLE A", for: "REVOKE ROLE A FROM ROLE B"))
  }

  @Test func thePathIsTheShortestOne() {
    var account = Account()
    for (role, holder) in [("A", "B"), ("B", "C"), ("C", "D"), ("A", "D"), ("D", "E")] {
      account.grantRole(.account(role), toRole: .account(holder))
    }
    func path(_ from: String, _ to: String) -> [String] {
      account.path(from: .account(from), to: .account(to)).map(\.name)
    }
    #expect(path("A", "E") == ["A", "D", "E"])
    #expect(path("B", "E") == ["B", "C", "D", "E"])
    #expect(path("A", "A") == ["A"])
    #expect(path("E", "A") == ["E"])
  }
}
