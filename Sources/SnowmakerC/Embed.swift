import CSnowmakerEmbed
import Glibc
import Snowmaker

// The functions of snowmaker_embed.h that belong to no handle.

/// See snowmaker_embed.h.
@c @implementation
public func snowmaker_embed_version() -> UInt32 { UInt32(SNOWMAKER_EMBED_VERSION) }

/// Allocated once, never freed.
nonisolated(unsafe) private let versionText: UnsafePointer<CChar>? = SnowmakerVersion.text.withCString { text in
  UnsafePointer(strdup(text))
}

/// See snowmaker_embed.h.
@c @implementation
public func snowmaker_version() -> UnsafePointer<CChar>? { versionText }

/// See snowmaker_embed.h.
@c @implementation
public func snowmaker_text_free(_ text: UnsafeMutablePointer<CChar>?) { free(text) }
