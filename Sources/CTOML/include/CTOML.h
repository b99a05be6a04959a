#pragma once

// toml++ behind a C interface: a text in, its values out as a flat list, a table before what it holds, by name.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ctoml_document ctoml_document;

enum ctoml_kind {
  /// A table; it has no value, but tells that the table exists even when it is empty.
  CTOML_TABLE = 0,
  CTOML_STRING = 1,
  CTOML_INTEGER = 2,
  CTOML_FLOAT = 3,
  CTOML_BOOLEAN = 4,
  /// A date, a time or both; `text` as TOML writes it.
  CTOML_TIME = 5,
  /// An array; `text` is its TOML text, or for an array of texts these with commas between.
  CTOML_ARRAY = 6,
};

/// One value. The pointers live as long as the document; texts are UTF-8 and end with a zero byte, which their sizes do
/// not count.
typedef struct {
  int kind;
  /// The line and column of the value, from 1.
  uint32_t line;
  uint32_t column;
  /// The names of the tables around the value and its own, outermost first.
  const char *const *path;
  const size_t *path_sizes;
  size_t path_count;
  /// The value as text; "" for tables.
  const char *text;
  size_t text_size;
} ctoml_value;

/// Parses `size` bytes. Never returns NULL except when memory is out; ask ctoml_error whether it worked.
ctoml_document *ctoml_parse(const char *text, size_t size);
void ctoml_free(ctoml_document *document);

/// The error's message, or NULL when the text was parsed. `line` and `column` count from 1.
const char *ctoml_error(const ctoml_document *document, uint32_t *line, uint32_t *column);
size_t ctoml_count(const ctoml_document *document);
/// The value at `index`, or NULL beyond the end.
const ctoml_value *ctoml_at(const ctoml_document *document, size_t index);

#ifdef __cplusplus
}
#endif
