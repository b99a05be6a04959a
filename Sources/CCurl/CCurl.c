#define CURL_DISABLE_TYPECHECK
#include "CCurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

#define CCURL_SYMBOLS(X)    \
  X(curl_easy_cleanup)      \
  X(curl_easy_getinfo)      \
  X(curl_easy_init)         \
  X(curl_easy_setopt)       \
  X(curl_easy_strerror)     \
  X(curl_global_init)       \
  X(curl_multi_add_handle)  \
  X(curl_multi_cleanup)     \
  X(curl_multi_info_read)   \
  X(curl_multi_init)        \
  X(curl_multi_perform)     \
  X(curl_multi_poll)        \
  X(curl_multi_remove_handle) \
  X(curl_multi_setopt)      \
  X(curl_multi_strerror)    \
  X(curl_multi_wakeup)      \
  X(curl_slist_append)      \
  X(curl_slist_free_all)    \
  X(curl_version)

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

static struct {
#define CCURL_DECLARE(name) __typeof__(&name) name;
  CCURL_SYMBOLS(CCURL_DECLARE)
#undef CCURL_DECLARE
} f;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int usable;
static char reason[256];

/// OPENSSL_INIT_NO_ATEXIT of <openssl/crypto.h>, whose header this module does not need otherwise.
static const uint64_t openssl_no_atexit = 0x00080000;

static void open_library(void) {
  void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    const char *text = dlerror();
    snprintf(reason, sizeof reason, "%s", text != NULL ? text : "libcurl.so.4 cannot be opened");
    return;
  }
#define CCURL_RESOLVE(name)                                                          \
  f.name = (__typeof__(f.name))dlsym(library, #name);                                \
  if (f.name == NULL) {                                                              \
    snprintf(reason, sizeof reason, "libcurl.so.4 has no function %s", #name);        \
    return;                                                                          \
  }
  CCURL_SYMBOLS(CCURL_RESOLVE)
#undef CCURL_RESOLVE
  // The search covers libcurl's own dependencies. Without this call exit() would free OpenSSL's state while the event
  // thread may still be inside it.
  int (*init_crypto)(uint64_t, const void *) = (int (*)(uint64_t, const void *))dlsym(library, "OPENSSL_init_crypto");
  if (init_crypto != NULL) init_crypto(openssl_no_atexit, NULL);
  CURLcode code = f.curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code != CURLE_OK) {
    snprintf(reason, sizeof reason, "libcurl cannot be initialised: %s", f.curl_easy_strerror(code));
    return;
  }
  usable = 1;
}

int ccurl_available(void) {
  pthread_once(&once, open_library);
  return usable;
}

const char *ccurl_unavailable_reason(void) {
  ccurl_available();
  return reason;
}

const char *ccurl_version(void) { return ccurl_available() ? f.curl_version() : ""; }

CURL *ccurl_easy_init(void) { return f.curl_easy_init(); }

void ccurl_easy_cleanup(CURL *easy) { f.curl_easy_cleanup(easy); }

CURLcode ccurl_easy_setopt_long(CURL *easy, CURLoption option, long value) {
  return f.curl_easy_setopt(easy, option, value);
}

CURLcode ccurl_easy_setopt_off(CURL *easy, CURLoption option, int64_t value) {
  return f.curl_easy_setopt(easy, option, (curl_off_t)value);
}

CURLcode ccurl_easy_setopt_string(CURL *easy, CURLoption option, const char *value) {
  return f.curl_easy_setopt(easy, option, value);
}

CURLcode ccurl_easy_setopt_pointer(CURL *easy, CURLoption option, void *value) {
  return f.curl_easy_setopt(easy, option, value);
}

CURLcode ccurl_easy_setopt_write(CURL *easy, CURLoption option, curl_write_callback function) {
  return f.curl_easy_setopt(easy, option, function);
}

CURLcode ccurl_easy_setopt_read(CURL *easy, CURLoption option, curl_read_callback function) {
  return f.curl_easy_setopt(easy, option, function);
}

CURLcode ccurl_easy_setopt_seek(CURL *easy, CURLoption option, curl_seek_callback function) {
  return f.curl_easy_setopt(easy, option, function);
}

CURLcode ccurl_easy_setopt_slist(CURL *easy, CURLoption option, struct curl_slist *list) {
  return f.curl_easy_setopt(easy, option, list);
}

CURLcode ccurl_easy_getinfo_long(CURL *easy, CURLINFO info, long *value) {
  return f.curl_easy_getinfo(easy, info, value);
}

CURLcode ccurl_easy_getinfo_off(CURL *easy, CURLINFO info, int64_t *value) {
  curl_off_t found = 0;
  CURLcode code = f.curl_easy_getinfo(easy, info, &found);
  *value = found;
  return code;
}

CURLcode ccurl_easy_getinfo_string(CURL *easy, CURLINFO info, const char **value) {
  return f.curl_easy_getinfo(easy, info, value);
}

CURLcode ccurl_easy_getinfo_pointer(CURL *easy, CURLINFO info, void **value) {
  return f.curl_easy_getinfo(easy, info, value);
}

const char *ccurl_easy_strerror(CURLcode code) { return f.curl_easy_strerror(code); }

CURLM *ccurl_multi_init(void) { return f.curl_multi_init(); }

void ccurl_multi_cleanup(CURLM *multi) { f.curl_multi_cleanup(multi); }

CURLMcode ccurl_multi_setopt_long(CURLM *multi, CURLMoption option, long value) {
  return f.curl_multi_setopt(multi, option, value);
}

CURLMcode ccurl_multi_add_handle(CURLM *multi, CURL *easy) { return f.curl_multi_add_handle(multi, easy); }

CURLMcode ccurl_multi_remove_handle(CURLM *multi, CURL *easy) { return f.curl_multi_remove_handle(multi, easy); }

CURLMcode ccurl_multi_perform(CURLM *multi, int *running) { return f.curl_multi_perform(multi, running); }

CURLMcode ccurl_multi_poll(CURLM *multi, int timeout_milliseconds, int *ready) {
  return f.curl_multi_poll(multi, NULL, 0, timeout_milliseconds, ready);
}

CURLMcode ccurl_multi_wakeup(CURLM *multi) { return f.curl_multi_wakeup(multi); }

int ccurl_multi_next_done(CURLM *multi, CURL **easy, CURLcode *result) {
  int left = 0;
  for (;;) {
    CURLMsg *message = f.curl_multi_info_read(multi, &left);
    if (message == NULL) return 0;
    if (message->msg != CURLMSG_DONE) continue;
    *easy = message->easy_handle;
    *result = message->data.result;
    return 1;
  }
}

const char *ccurl_multi_strerror(CURLMcode code) { return f.curl_multi_strerror(code); }

struct curl_slist *ccurl_slist_append(struct curl_slist *list, const char *line) {
  return f.curl_slist_append(list, line);
}

void ccurl_slist_free(struct curl_slist *list) { f.curl_slist_free_all(list); }
