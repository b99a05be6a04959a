import Testing

@testable import AccountModel

@Suite struct AccountTests {
  let warehouse = Securable(type: "WAREHOUSE", name: "W")

  @Test func systemRolesFormTheirHierarchy() {
    let account = Account()
    #expect(
      account.rolesHeld(by: .accountAdmin)
        == [.accountAdmin, .securityAdmin, .userAdmin, .sysAdmin, .everyone])
    #expect(account.rolesHeld(by: .securityAdmin) == [.securityAdmin, .userAdmin, .everyone])
    #expect(account.rolesHeld(by: .everyone) == [.everyone])
    #expect(account.holds(.accountAdmin, "CREATE WAREHOUSE", on: .account))
    #expect(account.holds(.sysAdmin, "CREATE DATABASE", on: .account))
    #expect(!account.holds(.sysAdmin, "CREATE USER", on: .account))
    #expect(account.holds(.securityAdmin, "CREATE ROLE", on: .account))
    #expect(account.managesGrants(.securityAdmin) && !account.managesGrants(.userAdmin))
  }

  @Test func rolesAreInheritedAlsoWhenGrantedAfterTheyWereAsked() {
    var account = Account()
    let (a, b, c) = (RoleReference.account("A"), RoleReference.account("B"), RoleReference.account("C"))
    for role in [a, b, c] { account.addRole(role) }
    #expect(account.rolesHeld(by: a) == [a, .everyone])
    account.grantRole(b, toRole: a)
    account.grantRole(c, toRole: b)
    #expect(account.rolesHeld(by: a) == [a, b, c, .everyone])
    #expect(account.wouldCycle(a, toRole: c) && account.wouldCycle(a, toRole: a) && !account.wouldCycle(c, toRole: a))
    account.revokeRole(c, fromRole: b)
    #expect(account.rolesHeld(by: a) == [a, b, .everyone])
  }

  @Test func whatPublicReceivesEverybodyHolds() {
    var account = Account()
    let (a, b) = (RoleReference.account("A"), RoleReference.account("B"))
    account.addRole(a)
    account.addRole(b)
    #expect(!account.rolesHeld(by: a).contains(b))
    account.grantRole(b, toRole: .everyone)
    #expect(account.rolesHeld(by: a).contains(b))
  }

  @Test func copiesAreIndependent() {
    var account = Account()
    let a = RoleReference.account("A")
    account.addRole(a)
    _ = account.rolesHeld(by: a)
    let copy = account
    account.grantRole(.sysAdmin, toRole: a)
    account.grant("USAGE", on: warehouse, to: a)
    #expect(account.rolesHeld(by: a).contains(.sysAdmin))
    #expect(!copy.rolesHeld(by: a).contains(.sysAdmin))
    #expect(!copy.holds(a, "USAGE", on: warehouse))
  }

  @Test func usersMayAssumeWhatTheyInherit() {
    var account = Account()
    account.addUser("U")
    #expect(account.assumableRoles(of: "U") == [.everyone])
    account.grantRole(.securityAdmin, toUser: "U")
    #expect(account.assumableRoles(of: "U") == [.everyone, .securityAdmin, .userAdmin])
    account.addRole(.database("D.R"))
    account.grantRole(.database("D.R"), toRole: .userAdmin)
    #expect(!account.assumableRoles(of: "U").contains(.database("D.R")))
    account.dropUser("U")
    #expect(account.users(having: .securityAdmin).isEmpty)
  }

  @Test func ownersHoldEverythingAndGrantIt() {
    var account = Account()
    let (a, b) = (RoleReference.account("A"), RoleReference.account("B"))
    account.addRole(a)
    account.addRole(b)
    account.setOwner(a, of: warehouse)
    #expect(account.holds(a, "MODIFY", on: warehouse) && account.canGrant(a, "USAGE", on: warehouse))
    account.grant("USAGE", on: warehouse, to: b, grantedBy: a)
    #expect(account.holds(b, "USAGE", on: warehouse) && !account.holds(b, "MODIFY", on: warehouse))
    #expect(!account.canGrant(b, "USAGE", on: warehouse))
    account.grant("USAGE", on: warehouse, to: b, withGrantOption: true, grantedBy: a)
    #expect(account.canGrant(b, "USAGE", on: warehouse) && !account.canGrant(b, "MONITOR", on: warehouse))
    #expect(account.grants(on: warehouse).count == 1)
    #expect(account.grantor([b], "USAGE", on: warehouse) == b)
    #expect(account.grantor([.securityAdmin], "USAGE", on: warehouse) == a)
    account.revoke("USAGE", on: warehouse, from: b, optionOnly: true)
    #expect(account.holds(b, "USAGE", on: warehouse) && !account.canGrant(b, "USAGE", on: warehouse))
    account.revoke("USAGE", on: warehouse, from: b)
    #expect(account.grants(to: b).isEmpty)
  }

  @Test func revokesFollowTheGrantor() {
    var account = Account()
    let (a, b) = (RoleReference.account("A"), RoleReference.account("B"))
    account.grant("USAGE", on: warehouse, to: b, grantedBy: a)
    account.grant("USAGE", on: warehouse, to: b, grantedBy: .sysAdmin)
    #expect(account.revoke("USAGE", on: warehouse, from: b, grantedBy: a).count == 1)
    #expect(account.holds(b, "USAGE", on: warehouse))
    #expect(account.revoke("USAGE", on: warehouse, from: b, grantedBy: a).isEmpty)
  }

  @Test func rolesAreGrantedByOwnersAndAccountadminOnlyByItself() {
    var account = Account()
    let (a, b) = (RoleReference.account("A"), RoleReference.account("B"))
    account.addRole(a, owner: b)
    account.addRole(b)
    #expect(account.canGrantRole(a, as: b) && !account.canGrantRole(b, as: a))
    #expect(account.canGrantRole(a, as: .securityAdmin))
    #expect(!account.canGrantRole(.accountAdmin, as: .securityAdmin))
    #expect(account.canGrantRole(.accountAdmin, as: .accountAdmin))
  }

  @Test func managedSchemasLeaveGrantsToTheirOwner() {
    var account = Account()
    let (a, b) = (RoleReference.account("A"), RoleReference.account("B"))
    account.addRole(a)
    account.addRole(b)
    let table = Securable(type: "TABLE", name: "D.S.T")
    account.setOwner(a, of: .schema("D.S"))
    account.setOwner(b, of: table)
    #expect(account.canGrant(b, "SELECT", on: table) && !account.canGrant(a, "SELECT", on: table))
    account.setManagedAccess(true, schema: "D.S")
    #expect(!account.canGrant(b, "SELECT", on: table) && account.canGrant(a, "SELECT", on: table))
  }

  @Test func futureGrantsOfTheSchemaShadowThoseOfTheDatabase() {
    var account = Account()
    let (a, b, c) = (RoleReference.account("A"), RoleReference.account("B"), RoleReference.account("C"))
    for role in [a, b, c] { account.addRole(role) }
    let table = Securable(type: "TABLE", name: "D.S.T")
    account.grantFuture(FutureGrant(privilege: "SELECT", objectType: "TABLE", scope: .database("D"), to: a))
    account.create(table, owner: c)
    #expect(account.holds(a, "SELECT", on: table))
    account.grantFuture(FutureGrant(privilege: "INSERT", objectType: "TABLE", scope: .schema("D.S"), to: b))
    let second = Securable(type: "TABLE", name: "D.S.U")
    account.create(second, owner: c)
    #expect(account.holds(b, "INSERT", on: second) && !account.holds(a, "SELECT", on: second))
    let view = Securable(type: "VIEW", name: "D.S.V")
    account.create(view, owner: c)
    #expect(account.grants(on: view).isEmpty)
    account.grantFuture(FutureGrant(privilege: "OWNERSHIP", objectType: "VIEW", scope: .schema("D.S"), to: b))
    let owned = Securable(type: "VIEW", name: "D.S.W")
    account.create(owned, owner: c)
    #expect(account.owner(of: owned) == b)
  }

  @Test func droppedRolesHandOverWhatTheyOwned() {
    var account = Account()
    let (a, b) = (RoleReference.account("A"), RoleReference.account("B"))
    account.addRole(a, owner: .userAdmin)
    account.addRole(b)
    account.addUser("U")
    account.grantRole(a, toUser: "U")
    account.grantRole(a, toRole: b)
    account.setOwner(a, of: warehouse)
    account.grant("USAGE", on: .database("D"), to: a)
    account.dropRole(a, heir: b)
    #expect(account.owner(of: warehouse) == b)
    #expect(account.grants(on: .database("D")).isEmpty)
    #expect(account.rolesHeld(by: b) == [b, .everyone])
    #expect(account.roles(grantedToUser: "U").isEmpty)
    #expect(account.objects(ownedBy: .userAdmin).isEmpty)
  }

  @Test func removingAndRenamingContainersReachesEverythingInside() {
    var account = Account()
    let a = RoleReference.account("A")
    account.addRole(a)
    let table = Securable(type: "TABLE", name: "D.\"a.b\".T")
    #expect(table.container == .schema("D.\"a.b\"") && table.container?.container == .database("D"))
    account.setOwner(a, of: table)
    account.grant("SELECT", on: table, to: a)
    account.addRole(.database("D.R"), owner: a)
    account.grant("USAGE", on: .database("D"), to: .database("D.R"))
    account.rename(.database("D"), to: "E")
    let moved = Securable(type: "TABLE", name: "E.\"a.b\".T")
    #expect(account.owner(of: moved) == a && account.grants(on: table).isEmpty)
    #expect(account.grants(to: .database("E.R")).map(\.on) == [.database("E")])
    #expect(account.exists(.database("E.R")) && !account.exists(.database("D.R")))
    account.remove(.database("E"))
    #expect(account.objects(ownedBy: a).isEmpty && account.grants(to: a).isEmpty)
    #expect(!account.exists(.database("E.R")))
  }

  @Test func renamedRolesKeepWhatTheyHold() {
    var account = Account()
    let (a, b) = (RoleReference.account("A"), RoleReference.account("B"))
    account.addRole(a)
    account.addUser("U")
    account.grantRole(a, toUser: "U")
    account.grantRole(.sysAdmin, toRole: a)
    account.setOwner(a, of: warehouse)
    account.grant("USAGE", on: .database("D"), to: a)
    account.rename(a.securable, to: "B")
    #expect(account.owner(of: warehouse) == b && account.holds(b, "USAGE", on: .database("D")))
    #expect(account.assumableRoles(of: "U") == [b, .sysAdmin, .everyone])
    #expect(account.roles(having: .sysAdmin) == [b, .accountAdmin])
  }

  @Test func anyPrivilegeMakesVisible() {
    var account = Account()
    let a = RoleReference.account("A")
    account.addRole(a)
    account.setOwner(.sysAdmin, of: warehouse)
    #expect(!account.sees(a, warehouse) && account.sees(.securityAdmin, warehouse))
    account.grant("MONITOR", on: warehouse, to: a)
    #expect(account.sees(a, warehouse))
  }

  @Test func tenThousandRolesAndHalfAMillionGrantsAnswerAtOnce() {
    var account = Account()
    let clock = ContinuousClock()
    let roles = (0..<10_000).map { RoleReference.account("R\($0)") }
    let built = clock.measure {
      for (index, role) in roles.enumerated() {
        account.addRole(role, owner: .userAdmin)
        account.grantRole(role, toRole: index < 10 ? .sysAdmin : roles[index / 10])
      }
      for index in 0..<500_000 {
        account.grant("SELECT", on: Securable(type: "TABLE", name: "D.S.T\(index / 5)"), to: roles[index % 10_000])
      }
    }
    let asked = clock.measure {
      #expect(account.rolesHeld(by: .accountAdmin).count == 10_005)
      for index in 0..<1_000 {
        #expect(account.holds(.accountAdmin, "SELECT", on: Securable(type: "TABLE", name: "D.S.T\(index * 100)")))
      }
    }
    print("built in \(built), asked in \(asked)")
    #expect(asked < .seconds(2))
  }
}
