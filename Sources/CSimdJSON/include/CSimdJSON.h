#pragma once

// simdjson's on-demand reader behind C, for the benchmark that compares it with our own reader. Nothing else uses it.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A cell's bytes, decoded; NULL stands for JSON's null. Valid until the reader reads again.
typedef struct {
  const char *bytes;
  size_t size;
} csimdjson_cell;

typedef struct csimdjson_reader csimdjson_reader;
/// NULL when memory is out.
csimdjson_reader *csimdjson_new(void);
void csimdjson_free(csimdjson_reader *reader);

/// Reads `[["a",null],["b","c"]]` of `size` bytes; `capacity` is the size of the buffer, at least 64 bytes more. Writes
/// at most `limit` cells and their number and that of the rows. 0, or -1 for what is no such text or holds more cells.
int csimdjson_rows(
    csimdjson_reader *reader, const char *text, size_t size, size_t capacity, csimdjson_cell *cells, size_t limit,
    size_t *cell_count, size_t *row_count);

#ifdef __cplusplus
}
#endif
