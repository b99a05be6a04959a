/* cbor.h - as much of CBOR (RFC 8949) as a snowmaker provider needs. C11 and C++17, no dependencies.
 *
 * Reading: cbor_check once for the whole request; then cbor_get, cbor_text and the others walk it without copying. They
 * are only safe on what was checked. A part that is not there is CBOR_NONE, of which everything answers "not there".
 * Writing: cbor_map, cbor_list and so on append to a buffer that grows; cbor_free gives it back. The writer counts for
 * you: write a map's or list's number of entries first, then exactly so many. */
#ifndef CBOR_H
#define CBOR_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Deeper documents are refused. */
#define CBOR_DEPTH 64

/* One value inside a checked document; `at` is NULL for none. */
typedef struct cbor_value {
  const uint8_t *at;
  const uint8_t *end;
} cbor_value;

#define CBOR_NONE ((cbor_value){NULL, NULL})

/* The head of a value: major type, argument, and where what follows begins. False when the bytes end before. */
static inline bool cbor_head(const uint8_t *at, const uint8_t *end, uint8_t *major, uint64_t *argument,
                             const uint8_t **next) {
  if (at == NULL || at >= end) return false;
  uint8_t low = *at & 31;
  *major = *at >> 5;
  if (low < 24) {
    *argument = low;
    *next = at + 1;
    return true;
  }
  if (low > 27) return false; /* indefinite lengths are not used here */
  size_t size = (size_t)1 << (low - 24);
  if ((size_t)(end - at) <= size) return false;
  uint64_t value = 0;
  for (size_t index = 1; index <= size; index++) value = value << 8 | at[index];
  *argument = value;
  *next = at + 1 + size;
  return true;
}

/* Whether the bytes are UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
static inline bool cbor_utf8(const uint8_t *at, size_t count) {
  for (size_t index = 0; index < count;) {
    uint8_t first = at[index++];
    if (first < 0x80) continue;
    int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    if (first < 0xc2 || first > 0xf4 || count - index < (size_t)more) return false;
    uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (at[index] < low || at[index] > high) return false;
    for (index++; --more > 0; index++)
      if (at[index] < 0x80 || at[index] > 0xbf) return false;
  }
  return true;
}

/* Where the value at `at` ends, everything in it checked; NULL when it is not well-formed. */
static inline const uint8_t *cbor_end(const uint8_t *at, const uint8_t *end, int depth) {
  uint8_t major = 0;
  uint64_t argument = 0;
  const uint8_t *next = NULL;
  if (depth > CBOR_DEPTH || !cbor_head(at, end, &major, &argument, &next)) return NULL;
  switch (major) {
    case 0: case 1: return next;
    case 2: case 3:
      if (argument > (uint64_t)(end - next) || (major == 3 && !cbor_utf8(next, (size_t)argument))) return NULL;
      return next + argument;
    case 4: case 5:
      if (argument > (uint64_t)(end - next)) return NULL;
      for (uint64_t index = 0; index < argument; index++) {
        if (major == 5 && (next >= end || *next >> 5 != 3)) return NULL; /* keys are text */
        if (major == 5 && (next = cbor_end(next, end, depth + 1)) == NULL) return NULL;
        if ((next = cbor_end(next, end, depth + 1)) == NULL) return NULL;
      }
      return next;
    case 7: return next; /* false, true, null, undefined, floats */
    default: return NULL; /* tags */
  }
}

/* The document in these bytes; CBOR_NONE when they are not exactly one well-formed value. */
static inline cbor_value cbor_check(const uint8_t *bytes, size_t count) {
  if (bytes == NULL || count == 0) return CBOR_NONE;
  return cbor_end(bytes, bytes + count, 0) == bytes + count ? (cbor_value){bytes, bytes + count} : CBOR_NONE;
}

static inline bool cbor_is(cbor_value value, uint8_t wanted, uint64_t *argument, const uint8_t **next) {
  uint8_t major = 0;
  return cbor_head(value.at, value.end, &major, argument, next) && major == wanted;
}

static inline bool cbor_is_map(cbor_value value) { return value.at != NULL && *value.at >> 5 == 5; }
static inline bool cbor_is_null(cbor_value value) { return value.at != NULL && *value.at == 0xf6; }

/* The text of a value; false when it is none. Not NUL-terminated. */
static inline bool cbor_text(cbor_value value, const char **text, size_t *length) {
  uint64_t argument = 0;
  const uint8_t *next = NULL;
  if (!cbor_is(value, 3, &argument, &next)) return false;
  *text = (const char *)next;
  *length = (size_t)argument;
  return true;
}

/* Whether a value is this text. */
static inline bool cbor_is_text(cbor_value value, const char *wanted) {
  const char *text = NULL;
  size_t length = 0;
  return cbor_text(value, &text, &length) && length == strlen(wanted) && memcmp(text, wanted, length) == 0;
}

/* The whole number of a value; false when it is none that fits. */
static inline bool cbor_int(cbor_value value, int64_t *number) {
  uint64_t argument = 0;
  const uint8_t *next = NULL;
  bool negative = cbor_is(value, 1, &argument, &next);
  if (!negative && !cbor_is(value, 0, &argument, &next)) return false;
  if (argument > INT64_MAX) return false;
  *number = negative ? -1 - (int64_t)argument : (int64_t)argument;
  return true;
}

/* How many elements a list has; 0 when it is none. */
static inline size_t cbor_count(cbor_value list) {
  uint64_t argument = 0;
  const uint8_t *next = NULL;
  return cbor_is(list, 4, &argument, &next) ? (size_t)argument : 0;
}

/* The elements of a list, one after the other: begin with *next = NULL. False after the last. */
static inline bool cbor_next(cbor_value list, const uint8_t **next, size_t *index, cbor_value *element) {
  uint64_t count = 0;
  const uint8_t *first = NULL;
  if (!cbor_is(list, 4, &count, &first)) return false;
  if (*next == NULL) {
    *next = first;
    *index = 0;
  } else {
    *index += 1;
  }
  if (*index >= count) return false;
  element->at = *next;
  element->end = *next = cbor_end(*next, list.end, 0);
  return true;
}

/* An element of a list; CBOR_NONE when there is none. */
static inline cbor_value cbor_at(cbor_value list, size_t wanted) {
  const uint8_t *next = NULL;
  size_t index = 0;
  cbor_value element = CBOR_NONE;
  while (cbor_next(list, &next, &index, &element))
    if (index == wanted) return element;
  return CBOR_NONE;
}

/* The value under a key of a map; CBOR_NONE when there is none. */
static inline cbor_value cbor_get(cbor_value map, const char *key) {
  uint64_t count = 0;
  const uint8_t *next = NULL;
  if (!cbor_is(map, 5, &count, &next)) return CBOR_NONE;
  for (uint64_t index = 0; index < count; index++) {
    cbor_value name = {next, cbor_end(next, map.end, 0)};
    cbor_value value = {name.end, cbor_end(name.end, map.end, 0)};
    if (cbor_is_text(name, key)) return value;
    next = value.end;
  }
  return CBOR_NONE;
}

/* Whether two values are written alike. */
static inline bool cbor_same(cbor_value left, cbor_value right) {
  size_t length = (size_t)(left.end - left.at);
  return left.at != NULL && right.at != NULL && length == (size_t)(right.end - right.at) &&
         memcmp(left.at, right.at, length) == 0;
}

/* What is being written. Begin with all zeros. When memory runs out, `failed` is set and nothing more is written. */
typedef struct cbor_writer {
  uint8_t *bytes;
  size_t count;
  size_t room;
  bool failed;
} cbor_writer;

static inline void cbor_free(cbor_writer *out) {
  free(out->bytes);
  *out = (cbor_writer){NULL, 0, 0, false};
}

static inline void cbor_put(cbor_writer *out, const void *bytes, size_t count) {
  if (out->failed) return;
  if (out->room - out->count < count) {
    size_t room = (out->room + count) * 2;
    uint8_t *more = (uint8_t *)realloc(out->bytes, room);
    if (more == NULL) {
      out->failed = true;
      return;
    }
    out->bytes = more;
    out->room = room;
  }
  if (count > 0) memcpy(out->bytes + out->count, bytes, count);
  out->count += count;
}

static inline void cbor_put_head(cbor_writer *out, uint8_t major, uint64_t argument) {
  uint8_t head[9] = {(uint8_t)(major << 5 | (argument < 24 ? argument : 27))};
  for (int index = 0; index < 8; index++) head[1 + index] = (uint8_t)(argument >> (56 - 8 * index));
  cbor_put(out, head, argument < 24 ? 1 : 9);
}

/* The head of a map: `count` keys and values follow. */
static inline void cbor_map(cbor_writer *out, size_t count) { cbor_put_head(out, 5, count); }
/* The head of a list: `count` elements follow. */
static inline void cbor_list(cbor_writer *out, size_t count) { cbor_put_head(out, 4, count); }
static inline void cbor_null(cbor_writer *out) { cbor_put(out, "\xf6", 1); }

static inline void cbor_int64(cbor_writer *out, int64_t number) {
  if (number < 0) cbor_put_head(out, 1, (uint64_t)(-1 - number));
  else cbor_put_head(out, 0, (uint64_t)number);
}

static inline void cbor_bytes(cbor_writer *out, const char *text, size_t length) {
  cbor_put_head(out, 3, length);
  cbor_put(out, text, length);
}

/* Text that ends with a NUL. */
static inline void cbor_string(cbor_writer *out, const char *text) { cbor_bytes(out, text, strlen(text)); }

/* A value as it is. */
static inline void cbor_copy(cbor_writer *out, cbor_value value) {
  if (value.at == NULL) cbor_put(out, "\xf7", 1); /* undefined: not known */
  else cbor_put(out, value.at, (size_t)(value.end - value.at));
}
#endif
