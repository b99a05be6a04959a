#pragma once
#include "CSandbox.h"

/// Leaves only libraries to be read, and nothing to be written. 0, or -1 with errno.
int csandbox_restrict_files(const csandbox_rules *rules);
