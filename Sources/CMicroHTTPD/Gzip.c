#include "CMicroHTTPD.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

extern char cmhd_error_text[256];

static struct {
  __typeof__(&deflateInit2_) deflate_init;
  __typeof__(&deflateBound) deflate_bound;
  __typeof__(&deflate) deflate;
  __typeof__(&deflateEnd) deflate_end;
  __typeof__(&inflateInit2_) inflate_init;
  __typeof__(&inflate) inflate;
  __typeof__(&inflateEnd) inflate_end;
} z;

static pthread_once_t zlib_once = PTHREAD_ONCE_INIT;
static int zlib_loaded = 0;

static void load_zlib(void) {
  void *library = dlopen("libz.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(cmhd_error_text, sizeof cmhd_error_text, "%s", dlerror());
    return;
  }
  z.deflate_init = (__typeof__(z.deflate_init))dlsym(library, "deflateInit2_");
  z.deflate_bound = (__typeof__(z.deflate_bound))dlsym(library, "deflateBound");
  z.deflate = (__typeof__(z.deflate))dlsym(library, "deflate");
  z.deflate_end = (__typeof__(z.deflate_end))dlsym(library, "deflateEnd");
  z.inflate_init = (__typeof__(z.inflate_init))dlsym(library, "inflateInit2_");
  z.inflate = (__typeof__(z.inflate))dlsym(library, "inflate");
  z.inflate_end = (__typeof__(z.inflate_end))dlsym(library, "inflateEnd");
  zlib_loaded = z.deflate_init && z.deflate_bound && z.deflate && z.deflate_end && z.inflate_init && z.inflate &&
                z.inflate_end;
}

int cmhd_gzip(const uint8_t *bytes, size_t length, int level, uint8_t **out, size_t *out_length) {
  pthread_once(&zlib_once, load_zlib);
  if (!zlib_loaded) return CMHD_GZIP_NO_LIBRARY;
  if (length > UINT32_MAX / 2) return CMHD_GZIP_TOO_LARGE;
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  // 15 + 16: the largest window, with a gzip header.
  if (z.deflate_init(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, sizeof stream) != Z_OK)
    return CMHD_GZIP_NO_MEMORY;
  size_t capacity = z.deflate_bound(&stream, length);
  uint8_t *buffer = malloc(capacity);
  if (!buffer) {
    z.deflate_end(&stream);
    return CMHD_GZIP_NO_MEMORY;
  }
  stream.next_in = (Bytef *)bytes;
  stream.avail_in = (uInt)length;
  stream.next_out = buffer;
  stream.avail_out = (uInt)capacity;
  int status = z.deflate(&stream, Z_FINISH);
  *out_length = stream.total_out;
  z.deflate_end(&stream);
  if (status != Z_STREAM_END) {
    free(buffer);
    return CMHD_GZIP_BAD_DATA;
  }
  *out = buffer;
  return CMHD_GZIP_OK;
}

int cmhd_gunzip(const uint8_t *bytes, size_t length, size_t limit, uint8_t **out, size_t *out_length) {
  pthread_once(&zlib_once, load_zlib);
  if (!zlib_loaded) return CMHD_GZIP_NO_LIBRARY;
  if (length > UINT32_MAX / 2 || limit > UINT32_MAX / 2) return CMHD_GZIP_TOO_LARGE;
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  // 15 + 32: gzip or zlib header, whichever is there.
  if (z.inflate_init(&stream, 15 + 32, ZLIB_VERSION, sizeof stream) != Z_OK) return CMHD_GZIP_NO_MEMORY;
  size_t capacity = length * 4 + 1024;
  if (capacity > limit) capacity = limit;
  uint8_t *buffer = malloc(capacity ? capacity : 1);
  int result = buffer ? CMHD_GZIP_BAD_DATA : CMHD_GZIP_NO_MEMORY;
  stream.next_in = (Bytef *)bytes;
  stream.avail_in = (uInt)length;
  while (buffer) {
    stream.next_out = buffer + stream.total_out;
    stream.avail_out = (uInt)(capacity - stream.total_out);
    int status = z.inflate(&stream, Z_NO_FLUSH);
    if (status == Z_STREAM_END) {
      if (stream.avail_in == 0) result = CMHD_GZIP_OK;
      break;
    }
    if (status != Z_OK && status != Z_BUF_ERROR) break;
    if (stream.avail_out > 0) break;  // wants more input than there is
    if (capacity >= limit) {
      result = CMHD_GZIP_TOO_LARGE;
      break;
    }
    capacity = capacity > limit / 2 ? limit : capacity * 2;
    uint8_t *grown = realloc(buffer, capacity);
    if (!grown) {
      result = CMHD_GZIP_NO_MEMORY;
      break;
    }
    buffer = grown;
  }
  *out_length = stream.total_out;
  z.inflate_end(&stream);
  if (result != CMHD_GZIP_OK) {
    free(buffer);
    return result;
  }
  *out = buffer;
  return CMHD_GZIP_OK;
}
