#include "CCurl.h"

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// zlib's stable interface, declared here so that building needs no further -dev package: libcurl itself brings libz.

typedef struct {
  const unsigned char *next_in;
  unsigned int avail_in;
  unsigned long total_in;
  unsigned char *next_out;
  unsigned int avail_out;
  unsigned long total_out;
  const char *msg;
  void *state;
  void *(*zalloc)(void *, unsigned int, unsigned int);
  void (*zfree)(void *, void *);
  void *opaque;
  int data_type;
  unsigned long adler;
  unsigned long reserved;
} zlib_stream;

enum { ZLIB_OK = 0, ZLIB_STREAM_END = 1, ZLIB_BUFFER_ERROR = -5, ZLIB_FINISH = 4, ZLIB_DEFLATED = 8 };
enum { ZLIB_GZIP_WINDOW = 15 + 16 };

static struct {
  int (*deflateInit2_)(zlib_stream *, int, int, int, int, int, const char *, int);
  int (*deflate)(zlib_stream *, int);
  int (*deflateEnd)(zlib_stream *);
  int (*inflateInit2_)(zlib_stream *, int, const char *, int);
  int (*inflate)(zlib_stream *, int);
  int (*inflateReset)(zlib_stream *);
  int (*inflateEnd)(zlib_stream *);
} z;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int usable;

static void open_library(void) {
  void *library = dlopen("libz.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return;
#define RESOLVE(name)                                        \
  z.name = (__typeof__(z.name))dlsym(library, #name);        \
  if (z.name == NULL) return;
  RESOLVE(deflateInit2_)
  RESOLVE(deflate)
  RESOLVE(deflateEnd)
  RESOLVE(inflateInit2_)
  RESOLVE(inflate)
  RESOLVE(inflateReset)
  RESOLVE(inflateEnd)
#undef RESOLVE
  usable = 1;
}

int ccurl_gzip_available(void) {
  pthread_once(&once, open_library);
  return usable;
}

size_t ccurl_gzip(const void *bytes, size_t size, void *out, size_t room) {
  if (!ccurl_gzip_available() || size > UINT_MAX || room > UINT_MAX) return 0;
  zlib_stream stream;
  memset(&stream, 0, sizeof stream);
  if (z.deflateInit2_(&stream, 1, ZLIB_DEFLATED, ZLIB_GZIP_WINDOW, 8, 0, "1.2.11", (int)sizeof stream) != ZLIB_OK) {
    return 0;
  }
  stream.next_in = bytes;
  stream.avail_in = (unsigned int)size;
  stream.next_out = out;
  stream.avail_out = (unsigned int)room;
  int status = z.deflate(&stream, ZLIB_FINISH);
  size_t written = room - stream.avail_out;
  z.deflateEnd(&stream);
  return status == ZLIB_STREAM_END ? written : 0;
}

struct ccurl_gunzip {
  zlib_stream stream;
  int between_members;
};

ccurl_gunzip *ccurl_gunzip_new(void) {
  if (!ccurl_gzip_available()) return NULL;
  ccurl_gunzip *gunzip = calloc(1, sizeof *gunzip);
  if (gunzip == NULL) return NULL;
  if (z.inflateInit2_(&gunzip->stream, ZLIB_GZIP_WINDOW, "1.2.11", (int)sizeof gunzip->stream) != ZLIB_OK) {
    free(gunzip);
    return NULL;
  }
  return gunzip;
}

void ccurl_gunzip_free(ccurl_gunzip *gunzip) {
  if (gunzip == NULL) return;
  z.inflateEnd(&gunzip->stream);
  free(gunzip);
}

int ccurl_gunzip_step(ccurl_gunzip *gunzip, const void *bytes, size_t *size, void *out, size_t *room) {
  zlib_stream *stream = &gunzip->stream;
  unsigned int given = *size > UINT_MAX ? UINT_MAX : (unsigned int)*size;
  unsigned int space = *room > UINT_MAX ? UINT_MAX : (unsigned int)*room;
  *size = 0;
  *room = 0;
  if (gunzip->between_members) {
    if (given == 0) return 1;
    if (z.inflateReset(stream) != ZLIB_OK) return -1;
    gunzip->between_members = 0;
  }
  stream->next_in = bytes;
  stream->avail_in = given;
  stream->next_out = out;
  stream->avail_out = space;
  int status = z.inflate(stream, 0);
  *size = given - stream->avail_in;
  *room = space - stream->avail_out;
  if (status == ZLIB_STREAM_END) {
    gunzip->between_members = 1;
    return stream->avail_in == 0 ? 1 : 0;
  }
  if (status == ZLIB_OK) return 0;
  // No progress was possible: fine when there was nothing to read, damage when there was room and input.
  if (status == ZLIB_BUFFER_ERROR && (given == 0 || space == 0)) return 0;
  return -1;
}
