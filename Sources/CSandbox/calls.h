#pragma once
#include "CSandbox.h"

/// Leaves only the system calls that computing needs; sockets too when `network` says so. 0, or -1 with a sentence in
/// `why`.
int csandbox_restrict_calls(int network, char *why, size_t size);
