// Snowflake from a Swift program: one connection of connections.toml, a statement with values, a large result read as it
// arrives, and many statements side by side. Run it with a connection's name:
//
//     swift run QueryExample prod

import SnowflakeClient

let name = CommandLine.arguments.dropFirst().first
do {
  let parameters = try ConnectionResolver().resolve(name: name)

  let session = try await Session.open(parameters)
  let greeting = try await session.execute(
    "SELECT CURRENT_USER() AS who, ? AS number", options: StatementOptions(bindings: [.integer(42)]))
  print("\(greeting[0, "who"] ?? "nobody") bound \(greeting[0, "number"] ?? "nothing")")

  // Parts are fetched side by side, given in order, and never more than a few are in memory.
  let rows = try await session.stream("SELECT SEQ4() AS n FROM TABLE(GENERATOR(ROWCOUNT => 100000))")
  var sum = 0
  for try await batch in rows {
    for row in 0..<batch.rowCount {
      if case .decimal(let number)? = rows.columns[0].value(batch[row, 0]) { sum += number.integer ?? 0 }
    }
  }
  print("the numbers add up to \(sum)")

  do throws(ClientError) {
    _ = try await session.execute("SELECT FROM nowhere")
  } catch {
    // What the account said, or the network; whether the statement may have run all the same.
    print("refused with \(error.sqlFailure?.code ?? "no code"), may have run: \(error.mayHaveRun)")
  }
  await session.close()

  let pool = LanePool(parameters: parameters, maxLanes: 4, mode: .reading)
  async let roles = pool.run("SHOW ROLES")
  async let databases = pool.run("SHOW DATABASES")
  print("\(try await roles.rowCount) roles, \(try await databases.rowCount) databases")
  await pool.close()
} catch {
  print("failed: \(error)")
}
