#pragma once

// libcurl and zlib without linking them: both are opened on first use, and the functions with variable arguments get
// one typed wrapper per kind of argument. Options, codes and structs are libcurl's own (<curl/curl.h>); its functions
// must be called through the wrappers only, the originals are not linked.

#include <curl/curl.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// 1 when libcurl.so.4 could be opened and initialised, otherwise 0.
int ccurl_available(void);
/// Why libcurl cannot be used (a static text); "" when it can.
const char *ccurl_unavailable_reason(void);
/// libcurl's version text, or "" when it is unavailable.
const char *ccurl_version(void);

// Everything below may be called only after ccurl_available() returned 1.

CURL *ccurl_easy_init(void);
void ccurl_easy_cleanup(CURL *easy);
CURLcode ccurl_easy_setopt_long(CURL *easy, CURLoption option, long value);
CURLcode ccurl_easy_setopt_off(CURL *easy, CURLoption option, int64_t value);
CURLcode ccurl_easy_setopt_string(CURL *easy, CURLoption option, const char *value);
CURLcode ccurl_easy_setopt_pointer(CURL *easy, CURLoption option, void *value);
/// CURLOPT_WRITEFUNCTION or CURLOPT_HEADERFUNCTION.
CURLcode ccurl_easy_setopt_write(CURL *easy, CURLoption option, curl_write_callback function);
/// CURLOPT_READFUNCTION.
CURLcode ccurl_easy_setopt_read(CURL *easy, CURLoption option, curl_read_callback function);
/// CURLOPT_SEEKFUNCTION.
CURLcode ccurl_easy_setopt_seek(CURL *easy, CURLoption option, curl_seek_callback function);
CURLcode ccurl_easy_setopt_slist(CURL *easy, CURLoption option, struct curl_slist *list);
CURLcode ccurl_easy_getinfo_long(CURL *easy, CURLINFO info, long *value);
CURLcode ccurl_easy_getinfo_off(CURL *easy, CURLINFO info, int64_t *value);
CURLcode ccurl_easy_getinfo_string(CURL *easy, CURLINFO info, const char **value);
CURLcode ccurl_easy_getinfo_pointer(CURL *easy, CURLINFO info, void **value);
const char *ccurl_easy_strerror(CURLcode code);

CURLM *ccurl_multi_init(void);
void ccurl_multi_cleanup(CURLM *multi);
CURLMcode ccurl_multi_setopt_long(CURLM *multi, CURLMoption option, long value);
CURLMcode ccurl_multi_add_handle(CURLM *multi, CURL *easy);
CURLMcode ccurl_multi_remove_handle(CURLM *multi, CURL *easy);
CURLMcode ccurl_multi_perform(CURLM *multi, int *running);
CURLMcode ccurl_multi_poll(CURLM *multi, int timeout_milliseconds, int *ready);
/// The only function of a multi handle that may be called from another thread.
CURLMcode ccurl_multi_wakeup(CURLM *multi);
/// The next finished transfer: 1 and its handle and result, or 0 when there is none.
int ccurl_multi_next_done(CURLM *multi, CURL **easy, CURLcode *result);
const char *ccurl_multi_strerror(CURLMcode code);

/// Adds a line to a list and returns the list, or NULL (the list is unchanged) when memory is out.
struct curl_slist *ccurl_slist_append(struct curl_slist *list, const char *line);
void ccurl_slist_free(struct curl_slist *list);

// -- gzip (zlib) ----------------------------------------------------------------------------------------------------

/// 1 when libz.so.1 could be opened.
int ccurl_gzip_available(void);
/// Compresses into `out` in gzip's format. Returns the number of bytes written, or 0 when it does not fit in `room`,
/// zlib is unavailable or memory is out.
size_t ccurl_gzip(const void *bytes, size_t size, void *out, size_t room);

typedef struct ccurl_gunzip ccurl_gunzip;
/// A decompressor for gzip's format (several members in a row are fine), or NULL.
ccurl_gunzip *ccurl_gunzip_new(void);
void ccurl_gunzip_free(ccurl_gunzip *stream);
/// Takes from `bytes`, writes to `out`; both sizes are replaced by what was used. Returns 0 to go on, 1 at the end of
/// the data, -1 for damaged data.
int ccurl_gunzip_step(ccurl_gunzip *stream, const void *bytes, size_t *size, void *out, size_t *room);

#ifdef __cplusplus
}
#endif
