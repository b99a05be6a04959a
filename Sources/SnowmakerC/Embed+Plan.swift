import CSnowmakerEmbed
import Snowmaker
import SnowmakerModel

// The functions of snowmaker_embed.h on plans.

/// See snowmaker_embed.h.
@c @implementation
public func snowmaker_plan_render(
  _ plan: OpaquePointer?, _ format: UnsafePointer<CChar>?, _ text: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ problem: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  perform(problem) { () throws(CallProblem) in
    let plan = try CallProblem.require(plan, "plan", PlanBox.self)
    put(try plan.render(try requireText(format, "format")), text)
  }
}

/// See snowmaker_embed.h.
@c @implementation
public func snowmaker_plan_save(
  _ plan: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ problem: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  perform(problem) { () throws(CallProblem) in
    let plan = try CallProblem.require(plan, "plan", PlanBox.self)
    let path = try requireText(path, "path")
    do throws(Diagnostic) { try plan.owner.deployment.save(plan.plan, to: path) } catch { throw .failed([error]) }
  }
}

/// See snowmaker_embed.h.
@c @implementation
public func snowmaker_plan_release(_ plan: OpaquePointer?) {
  HandleTable.remove(plan, PlanBox.self)?.owner.removeUser()
}
