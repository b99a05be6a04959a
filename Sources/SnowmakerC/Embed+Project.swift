import CSnowmakerEmbed
import Configuration
import Snowmaker
import SnowmakerModel

// The functions of snowmaker_embed.h on projects.

/// See snowmaker_embed.h.
@c @implementation
public func snowmaker_project_load(
  _ options: UnsafePointer<CChar>?, _ project: UnsafeMutablePointer<OpaquePointer?>?,
  _ problem: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  perform(problem) { () throws(CallProblem) in
    let place = try requirePlace(project, "project")
    place.pointee = HandleTable.add(try ProjectBox(try readOptions(options)))
  }
}

/// See snowmaker_embed.h.
@c @implementation
public func snowmaker_project_validate(
  _ project: OpaquePointer?, _ result: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ problem: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  perform(problem) { () throws(CallProblem) in
    let workspace = try CallProblem.require(project, "project", ProjectBox.self).workspace
    let found = waitFor { await workspace.validate() }
    let valid = !found.contains { $0.severity == .error }
    put(JSON.string(["valid": .bool(valid), "diagnostics": .list(found.map(\.view))]), result)
  }
}

/// See snowmaker_embed.h.
@c @implementation
public func snowmaker_project_describe(
  _ project: OpaquePointer?, _ result: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ problem: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  perform(problem) { () throws(CallProblem) in
    put(JSON.string(try CallProblem.require(project, "project", ProjectBox.self).description), result)
  }
}

/// See snowmaker_embed.h.
@c @implementation
public func snowmaker_project_schema(
  _ project: OpaquePointer?, _ result: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ problem: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  perform(problem) { () throws(CallProblem) in
    let types = try CallProblem.require(project, "project", ProjectBox.self).workspace.registry.types
    put(JSON.string(ConfigurationSchema.jsonSchema(types: types)), result)
  }
}

/// See snowmaker_embed.h.
@c @implementation
public func snowmaker_project_release(_ project: OpaquePointer?) {
  _ = HandleTable.remove(project, ProjectBox.self)
}
