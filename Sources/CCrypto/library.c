#include "library.h"

#include "CCrypto.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static ccrypto_functions functions;
static int usable;
static char reason[256];

static void open_library(void) {
  void *library = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    const char *text = dlerror();
    snprintf(reason, sizeof reason, "%s", text != NULL ? text : "libcrypto.so.3 cannot be opened");
    return;
  }
#define CCRYPTO_RESOLVE(name)                                                          \
  functions.name = (__typeof__(functions.name))dlsym(library, #name);                  \
  if (functions.name == NULL) {                                                        \
    snprintf(reason, sizeof reason, "libcrypto.so.3 has no function %s", #name);        \
    return;                                                                            \
  }
  CCRYPTO_SYMBOLS(CCRYPTO_RESOLVE)
#undef CCRYPTO_RESOLVE
  // Without this, exit() frees OpenSSL's state while other threads may still be inside it.
  functions.OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
  usable = 1;
}

const ccrypto_functions *ccrypto_library(void) {
  pthread_once(&once, open_library);
  return usable ? &functions : NULL;
}

int ccrypto_available(void) { return ccrypto_library() != NULL; }

const char *ccrypto_unavailable_reason(void) {
  ccrypto_library();
  return reason;
}

const char *ccrypto_status_text(int status) {
  switch (status) {
    case CCRYPTO_OK: return "no error";
    case CCRYPTO_UNAVAILABLE: return "the library libcrypto.so.3 (OpenSSL 3) cannot be used";
    case CCRYPTO_BAD_INPUT: return "not a key in PEM, DER or base64 form";
    case CCRYPTO_PASSPHRASE_NEEDED: return "the key is encrypted and no passphrase was given";
    case CCRYPTO_BAD_PASSPHRASE: return "the passphrase does not open the key";
    case CCRYPTO_NOT_RSA: return "not an RSA key";
    case CCRYPTO_BAD_SIGNATURE: return "the signature does not match";
    case CCRYPTO_TOO_SMALL: return "the output buffer is too small";
    default: return "the cryptographic operation failed";
  }
}
