#pragma once

// libffi's types, which are global variables there: Swift takes those for shared state that anyone may change.

#include <ffi.h>

static inline ffi_type *cffi_sint64(void) { return &ffi_type_sint64; }
static inline ffi_type *cffi_sint32(void) { return &ffi_type_sint32; }
static inline ffi_type *cffi_double(void) { return &ffi_type_double; }
static inline ffi_type *cffi_uint8(void) { return &ffi_type_uint8; }
static inline ffi_type *cffi_pointer(void) { return &ffi_type_pointer; }

/// Prepares calls that return an int32_t; 1 when that worked.
static inline int cffi_prepare(ffi_cif *cif, unsigned count, ffi_type **arguments) {
  return ffi_prep_cif(cif, FFI_DEFAULT_ABI, count, &ffi_type_sint32, arguments) == FFI_OK;
}

/// Calls `function`, whose calls `cif` describes. A result narrower than a register comes as a whole one.
static inline int cffi_call(ffi_cif *cif, void (*function)(void), void **arguments) {
  ffi_arg result = 0;
  ffi_call(cif, function, &result, arguments);
  return (int)result;
}
