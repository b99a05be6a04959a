public import CSnowmakerEmbed
import Snowmaker
import SnowmakerCore
import SnowmakerModel

// The functions of snowmaker_embed.h on deployments.

/// See snowmaker_embed.h.
@c @implementation
public func snowmaker_deployment_open(
  _ project: OpaquePointer?, _ options: UnsafePointer<CChar>?, _ deployment: UnsafeMutablePointer<OpaquePointer?>?,
  _ problem: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  perform(problem) { () throws(CallProblem) in
    let place = try requirePlace(deployment, "deployment")
    let project = try CallProblem.require(project, "project", ProjectBox.self)
    place.pointee = HandleTable.add(try DeploymentBox.open(project, try readOptions(options)))
  }
}

/// See snowmaker_embed.h.
@c @implementation
public func snowmaker_deployment_plan(
  _ deployment: OpaquePointer?, _ options: UnsafePointer<CChar>?, _ onEvent: snowmaker_event_function?,
  _ user: UnsafeMutableRawPointer?, _ plan: UnsafeMutablePointer<OpaquePointer?>?,
  _ problem: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  let progress = Progress(EventTarget(function: onEvent, user: user))
  return perform(problem) { () throws(CallProblem) in
    let place = try requirePlace(plan, "plan")
    let box = try CallProblem.require(deployment, "deployment", DeploymentBox.self)
    let planning = try readPlanOptions(options)
    let made = try box.run { await $0.plan(planning, progress) }
    place.pointee = HandleTable.add(PlanBox(made, box))
  }
}

/// See snowmaker_embed.h.
@c @implementation
public func snowmaker_deployment_load_plan(
  _ deployment: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?,
  _ plan: UnsafeMutablePointer<OpaquePointer?>?, _ problem: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  perform(problem) { () throws(CallProblem) in
    let place = try requirePlace(plan, "plan")
    let box = try CallProblem.require(deployment, "deployment", DeploymentBox.self)
    let path = try requireText(path, "path")
    let planning = try readPlanOptions(options)
    let loaded = try box.run { await $0.load(path, planning) }
    place.pointee = HandleTable.add(PlanBox(loaded, box))
  }
}

/// See snowmaker_embed.h.
@c @implementation
public func snowmaker_deployment_apply(
  _ deployment: OpaquePointer?, _ plan: OpaquePointer?, _ options: UnsafePointer<CChar>?,
  _ onEvent: snowmaker_event_function?, _ user: UnsafeMutableRawPointer?,
  _ result: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ problem: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  let progress = Progress(EventTarget(function: onEvent, user: user))
  result?.pointee = nil
  return perform(problem) { () throws(CallProblem) in
    let box = try CallProblem.require(deployment, "deployment", DeploymentBox.self)
    let plan = try CallProblem.require(plan, "plan", PlanBox.self)
    guard plan.owner === box else { throw .invalid("the plan was made by another deployment") }
    var options = try readOptions(options)
    var planning = Deployment.PlanOptions()
    planning.allowDrop = try options.flag("allow_drop")
    let lanes = try options.number("lanes", in: 1...64) ?? 8
    try options.finish()
    let settings = planning
    let applied = try box.run { await $0.apply(plan.plan, settings, lanes, progress) }
    put(JSON.string(applied.document), result)
    guard !applied.isSuccess else { return }
    let summary = Diagnostic.error(
      "the apply stopped: \(applied.outcome.done.count) of \(counted(plan.plan.steps.count, "statement")) done, "
        + "\(applied.outcome.failed.count) failed, \(applied.outcome.notStarted.count) not started"
        + (applied.unsettled.isEmpty ? "" : ", \(counted(applied.unsettled.count, "resource")) did not settle"),
      detail: "What was done is remembered. Plan and apply again to continue.", code: "apply-incomplete")
    throw applied.outcome.wasCancelled ? .cancelled([summary]) : .failed([summary])
  }
}

/// See snowmaker_embed.h.
@c @implementation
public func snowmaker_deployment_cancel(_ deployment: OpaquePointer?) -> Int32 {
  perform(nil) { () throws(CallProblem) in
    try CallProblem.require(deployment, "deployment", DeploymentBox.self).cancel()
  }
}

/// See snowmaker_embed.h.
@c @implementation
public func snowmaker_deployment_release(_ deployment: OpaquePointer?) {
  HandleTable.remove(deployment, DeploymentBox.self)?.removeUser()
}

/// The options of a call that plans.
private func readPlanOptions(_ text: UnsafePointer<CChar>?) throws(CallProblem) -> Deployment.PlanOptions {
  var options = try readOptions(text)
  let planning = try options.planning()
  try options.finish()
  return planning
}

extension DeploymentBox {
  fileprivate func plan(
    _ options: Deployment.PlanOptions, _ progress: Progress
  ) async -> Result<Plan, Diagnostic> {
    do throws(Diagnostic) { return .success(try await deployment.plan(options, progress: progress.message)) } catch {
      return .failure(error)
    }
  }

  fileprivate func load(_ path: String, _ options: Deployment.PlanOptions) async -> Result<Plan, Diagnostic> {
    do throws(Diagnostic) { return .success(try await deployment.load(path, options: options).plan) } catch {
      return .failure(error)
    }
  }

  fileprivate func apply(
    _ plan: Plan, _ options: Deployment.PlanOptions, _ lanes: Int, _ progress: Progress
  ) async -> Result<Deployment.ApplyResult, Diagnostic> {
    startWriting()
    do throws(Diagnostic) {
      return .success(
        try await deployment.applyReviewed(
          plan, options: options, lanes: lanes, progress: { progress.show($0, of: plan) },
          isCancelled: { self.wasCancelled }))
    } catch {
      return .failure(error)
    }
  }
}
