import SnowmakerModel
import Testing

@testable import PluginHost

/// What counts of options, environment and project, and what is said when something makes no sense.
@Suite struct IsolationSettingsTests {
  private typealias Mode = PluginIsolation.Mode

  private func resolved(
    _ mode: PluginIsolation.Mode? = nil, grants: [String] = [],
    project: PluginIsolation.ProjectSettings = .init(), environment variables: [String: String] = [:]
  ) -> PluginIsolation {
    .resolved(mode: mode, networkGrants: grants, project: project) { variables[$0] }
  }

  @Test func untrustedPluginsAreIsolatedUnlessSomethingElseIsSaid() {
    let usual = resolved()
    #expect(usual == PluginIsolation(mode: .untrusted, limits: PluginLimits(), networkGrants: []))
    #expect(usual.applies(isBundled: false) && !usual.applies(isBundled: true))
    #expect(resolved(.always).applies(isBundled: true))
    #expect(!resolved(.never).applies(isBundled: false))
  }

  /// Nil stands for what was not said.
  @Test(
    arguments: [
      (nil, nil, false, .untrusted), (nil, nil, true, .always), (nil, "never", false, .never),
      (nil, "never", true, .never), (nil, "untrusted", true, .untrusted), (.never, nil, true, .never),
      (.untrusted, "always", true, .untrusted), (.always, "never", false, .always), (nil, "", true, .always),
    ] as [(PluginIsolation.Mode?, String?, Bool, PluginIsolation.Mode)])
  func theUserGoesBeforeTheEnvironmentAndThatBeforeTheProject(
    option: PluginIsolation.Mode?, variable: String?, project: Bool, expected: PluginIsolation.Mode
  ) {
    let variables = variable.map { ["SNOWMAKER_ISOLATE": $0] } ?? [:]
    let isolation = resolved(option, project: .init(always: project), environment: variables)
    #expect(isolation.mode == expected)
    #expect(isolation.problems.isEmpty)
  }

  @Test(arguments: ["maybe", "Never", "never ", "0"]) func aModeThatThereIsNotIsolatesEverything(text: String) {
    let isolation = resolved(environment: ["SNOWMAKER_ISOLATE": text])
    #expect(isolation.mode == .always)
    #expect(isolation.problems == ["SNOWMAKER_ISOLATE is '\(text)'; it takes never, untrusted, always"])
    #expect(resolved(.never, environment: ["SNOWMAKER_ISOLATE": text]).problems.count == 1)
  }

  @Test func limitsComeFromTheEnvironmentThenTheProject() {
    let project = PluginIsolation.ProjectSettings(seconds: 5, memory: 256)
    let isolation = resolved(project: project)
    #expect(isolation.limits.seconds == 5 && isolation.limits.memory == 256)
    #expect(isolation.limits.answer == PluginLimits().answer && isolation.limits.output == PluginLimits().output)
    let other = resolved(
      project: project, environment: ["SNOWMAKER_PLUGIN_TIMEOUT": "3600", "SNOWMAKER_PLUGIN_MEMORY": "128"])
    #expect(other.limits.seconds == 3600 && other.limits.memory == 128)
    #expect(other.problems.isEmpty)
  }

  @Test(arguments: [
    ("SNOWMAKER_PLUGIN_TIMEOUT", "0", "1 to 3600"), ("SNOWMAKER_PLUGIN_TIMEOUT", "3601", "1 to 3600"),
    ("SNOWMAKER_PLUGIN_TIMEOUT", "1.5", "1 to 3600"), ("SNOWMAKER_PLUGIN_TIMEOUT", "-1", "1 to 3600"),
    ("SNOWMAKER_PLUGIN_MEMORY", "127", "128 to 65536"), ("SNOWMAKER_PLUGIN_MEMORY", "all", "128 to 65536"),
    ("SNOWMAKER_PLUGIN_MEMORY", "99999999999999999999", "128 to 65536"),
  ]) func aLimitThatMakesNoSenseIsSaidAndLeavesWhatWas(variable: String, text: String, range: String) {
    let project = PluginIsolation.ProjectSettings(seconds: 5, memory: 256)
    let isolation = resolved(project: project, environment: [variable: text])
    #expect(isolation.problems == ["\(variable) is '\(text)'; it takes a number from \(range)"])
    #expect(isolation.limits.seconds == 5 && isolation.limits.memory == 256)
  }

  @Test func theNetworkIsGrantedByOptionAndByEnvironment() {
    let isolation = resolved(grants: ["a"], environment: ["SNOWMAKER_ALLOW_NETWORK": "b, c,,d "])
    #expect(isolation.networkGrants == ["a", "b", "c", "d"])
    #expect(resolved().networkGrants.isEmpty)
  }

  @Test func largeRequestsAndApplyHaveLonger() {
    let limits = PluginLimits(seconds: 30)
    func seconds(_ method: PluginMethod, _ bytes: Int) -> UInt64 {
      limits.nanoseconds(for: method.rawValue, bytes: bytes) / 1_000_000_000
    }
    #expect(seconds(.plan, 0) == 30)
    #expect(seconds(.plan, 3 << 20) == 60)
    #expect(seconds(.apply, 0) == 600)
    #expect(seconds(.apply, 1 << 20) == 610)
  }
}
