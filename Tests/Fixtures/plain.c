/* A shared library that is no plugin. With NOTE, it has a note section of that magic; with ENTRY, an entry function of
 * that name; with NEEDS, it calls a function that no library has. */
#include <stdint.h>

int plain(void);
int plain(void) { return 1; }

#ifdef NOTE
__attribute__((section("snowmaker_abi"), used)) static const struct {
  char magic[8];
  uint32_t abi, swift_runtime;
} note = {NOTE, ABI, SWIFT};
#endif

#ifdef ENTRY
void *ENTRY(void *host);
void *ENTRY(void *host) { return host; }
#endif

#ifdef NEEDS
int NEEDS(void);
int needing(void);
int needing(void) { return NEEDS(); }
#endif

#ifdef PROGRAM
int main(void) { return plain(); }
#endif
