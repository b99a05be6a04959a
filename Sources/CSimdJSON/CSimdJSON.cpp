#include "CSimdJSON.h"

#include <simdjson.h>

#include <new>

struct csimdjson_reader {
  simdjson::ondemand::parser parser;
};

csimdjson_reader *csimdjson_new(void) { return new (std::nothrow) csimdjson_reader; }
void csimdjson_free(csimdjson_reader *reader) { delete reader; }

int csimdjson_rows(
    csimdjson_reader *reader, const char *text, size_t size, size_t capacity, csimdjson_cell *cells, size_t limit,
    size_t *cell_count, size_t *row_count) {
  simdjson::ondemand::document document;
  if (reader->parser.iterate(text, size, capacity).get(document)) return -1;
  simdjson::ondemand::array rows;
  if (document.get_array().get(rows)) return -1;
  size_t cell = 0;
  size_t row_number = 0;
  for (auto row_result : rows) {
    simdjson::ondemand::array row;
    if (row_result.get_array().get(row)) return -1;
    for (auto value_result : row) {
      simdjson::ondemand::value value;
      simdjson::ondemand::json_type type;
      if (value_result.get(value) || value.type().get(type) || cell == limit) return -1;
      if (type == simdjson::ondemand::json_type::null) {
        if (!value.is_null()) return -1;
        cells[cell++] = {nullptr, 0};
        continue;
      }
      std::string_view found;
      if (value.get_string().get(found)) return -1;
      cells[cell++] = {found.data(), found.size()};
    }
    row_number++;
  }
  *cell_count = cell;
  *row_count = row_number;
  return 0;
}
