//! snowmaker_plugin.h in Rust: the structs of ABI 1, and the way in. No crates.

use crate::cbor::{map, Value};
use std::os::raw::c_void;
use std::panic::catch_unwind;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Bytes {
    pub ptr: *const u8,
    pub len: usize,
}

#[repr(C)]
pub struct Reply {
    pub ctx: *mut c_void,
    pub emit: extern "C" fn(*mut c_void, u32, Bytes) -> i32,
}

#[repr(C)]
pub struct Peer {
    pub abi: u32,
    pub flags: u32,
    pub ctx: *mut c_void,
    pub call: extern "C" fn(*mut c_void, u32, Bytes, *const Reply) -> i32,
    pub extension: Option<extern "C" fn(*mut c_void, *const u8) -> *const c_void>,
}

// Never changed after it was made; nothing in it is written through.
unsafe impl Sync for Peer {}

#[repr(C)]
pub struct Note {
    pub magic: [u8; 8],
    pub abi: u32,
    pub swift_runtime: u32,
}

/// What the host reads before it loads the file.
#[used]
#[link_section = "snowmaker_abi"]
pub static NOTE: Note = Note { magic: *b"SNOWMKR\0", abi: 1, swift_runtime: 0 };

/// The peer, for the host. Linkers keep what the entry reads; older compilers' `used` alone (Debian 12's 1.63) does not
/// hold the note in a cdylib.
pub fn open(peer: &'static Peer) -> *const Peer {
    // A static of this file, always there.
    unsafe { std::ptr::read_volatile(&NOTE.abi) };
    peer
}

pub const DESCRIBE: u32 = 1;
pub const READ: u32 = 18;
pub const PLAN: u32 = 19;

/// Why a request has no answer.
pub enum Failure {
    /// It was understood, and the answer is no.
    Refused(String),
    /// The method is not known.
    Unsupported,
    /// It could not be read.
    Malformed,
}

fn deliver(reply: &Reply, body: &[u8], status: i32) -> i32 {
    let bytes = Bytes { ptr: body.as_ptr(), len: body.len() };
    if (reply.emit)(reply.ctx, 0, bytes) == 0 {
        status
    } else {
        4
    }
}

/// Answers one call with `manifest` or `handle`. A panic does not cross the boundary: it is status 5.
pub fn answer(
    method: u32,
    request: Bytes,
    reply: *const Reply,
    manifest: &str,
    handle: fn(u32, &Value) -> Result<Value, Failure>,
) -> i32 {
    // Both are borrowed until this returns.
    let reply = unsafe { &*reply };
    if method == DESCRIBE {
        return deliver(reply, manifest.as_bytes(), 0);
    }
    let bytes: &[u8] = if request.ptr.is_null() || request.len == 0 {
        &[0xa0]
    } else {
        unsafe { std::slice::from_raw_parts(request.ptr, request.len) }
    };
    let result = catch_unwind(|| {
        if method != READ && method != PLAN {
            return Err(Failure::Unsupported);
        }
        let document = Value::decode(bytes).filter(Value::is_map).ok_or(Failure::Malformed)?;
        handle(method, &document)
    });
    match result {
        Ok(Ok(document)) => deliver(reply, &document.encode(), 0),
        Ok(Err(Failure::Refused(summary))) => {
            let diagnostic = map([("summary", summary.into())]);
            deliver(reply, &map([("diagnostics", Value::List(vec![diagnostic]))]).encode(), 1)
        }
        Ok(Err(Failure::Unsupported)) => 2,
        Ok(Err(Failure::Malformed)) => 3,
        Err(_) => 5,
    }
}
