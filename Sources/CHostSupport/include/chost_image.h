#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// The file of the shared library that this code is in; NULL when it is in the program itself. Lives as long as the
/// process.
const char *chost_own_library(void);

#ifdef __cplusplus
}
#endif
