#pragma once

// Takes away from the calling process what a plugin does not need. In C because it speaks to the kernel: seccomp through
// libseccomp (loaded on first use), Landlock, resource limits.

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What the process keeps.
typedef struct {
  /// The plugin's file, absolute, without symbolic links. It and the shared libraries beside it may be read.
  const char *plugin;
  /// Further folders or files that may be read, ended by NULL. What does not exist is left out.
  const char *const *readable;
  /// The most address space, in bytes; 0 for no limit.
  uint64_t memory;
  /// Whether it may make sockets and read what looking up names needs.
  int network;
} csandbox_rules;

/// Makes the calling process die when the thread of `host` that started it does, unreadable for others of the same user,
/// and unable to gain privileges. 0, or -1 when the host is gone already.
int csandbox_bind_to(pid_t host);

/// Takes away everything else, for good: no program is started, no file written, none read but libraries, no socket made,
/// no other process reached. Call before the first line of the plugin runs and while there is one thread.
///
/// 0, or -1 with a sentence in `why`; the process must not load a plugin then.
int csandbox_enter(const csandbox_rules *rules, char *why, size_t size);

/// Whether the kernel restricts reading by path; without, csandbox_enter leaves reading to the file permissions until
/// csandbox_close_files.
int csandbox_restricts_reading(void);

/// Where the kernel cannot restrict reading by path: no file is opened from here on. 0, or -1 with a sentence in `why`.
int csandbox_close_files(char *why, size_t size);

/// What is printed goes out line by line, although nobody watches: a crash is not to lose the last words.
void csandbox_line_output(void);

/// Starts `arguments` (ended by NULL) from the file `executable` with `environment`, in a session of its own, with
/// standard input from /dev/null, standard output and error to `output`, `channel` as descriptor 3, and nothing else
/// open. Both must be 10 or higher. Its process id, or -errno.
pid_t csandbox_spawn(
    const char *executable, char *const arguments[], char *const environment[], int channel, int output);

/// A pipe whose ends no other child inherits. 0, or -1 with errno.
int csandbox_pipe(int ends[2]);

/// The file that the code or data at `address` was loaded from, NULL when it was from none. Lives as long as that does.
const char *csandbox_file_of(const void *address);

#ifdef __cplusplus
}
#endif
