#include "CTOML.h"

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 1
#include <toml++/toml.h>

#include <deque>
#include <new>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct Entry {
  std::vector<std::string> path;
  std::vector<const char *> pointers;
  std::vector<size_t> sizes;
  std::string text;
  ctoml_value value;
};

std::string text_of(const toml::array &array) {
  std::ostringstream out;
  if (!array.is_homogeneous<std::string>()) {
    out << array;
    return out.str();
  }
  for (size_t index = 0; index < array.size(); index++) {
    out << (index == 0 ? "" : ",") << array[index].as_string()->get();
  }
  return out.str();
}

std::string text_of(const toml::node &node, int &kind) {
  std::ostringstream out;
  switch (node.type()) {
    case toml::node_type::string: kind = CTOML_STRING; return node.as_string()->get();
    case toml::node_type::integer: kind = CTOML_INTEGER; return std::to_string(node.as_integer()->get());
    case toml::node_type::floating_point: kind = CTOML_FLOAT; out << *node.as_floating_point(); break;
    case toml::node_type::boolean: kind = CTOML_BOOLEAN; return node.as_boolean()->get() ? "true" : "false";
    case toml::node_type::date: kind = CTOML_TIME; out << *node.as_date(); break;
    case toml::node_type::time: kind = CTOML_TIME; out << *node.as_time(); break;
    case toml::node_type::date_time: kind = CTOML_TIME; out << *node.as_date_time(); break;
    case toml::node_type::array: kind = CTOML_ARRAY; return text_of(*node.as_array());
    default: kind = CTOML_TABLE; return "";
  }
  return out.str();
}

}  // namespace

struct ctoml_document {
  std::deque<Entry> entries;
  bool failed = false;
  std::string message;
  uint32_t line = 0;
  uint32_t column = 0;

  void add(const toml::node &node, const std::vector<std::string> &path) {
    Entry &entry = entries.emplace_back();
    entry.path = path;
    int kind = CTOML_TABLE;
    entry.text = text_of(node, kind);
    for (const std::string &part : entry.path) {
      entry.pointers.push_back(part.c_str());
      entry.sizes.push_back(part.size());
    }
    entry.value.kind = kind;
    entry.value.line = node.source().begin.line;
    entry.value.column = node.source().begin.column;
    entry.value.path = entry.pointers.data();
    entry.value.path_sizes = entry.sizes.data();
    entry.value.path_count = entry.path.size();
    entry.value.text = entry.text.c_str();
    entry.value.text_size = entry.text.size();
  }

  // The parser bounds the depth of tables (256), so that this recursion is bounded too.
  void flatten(const toml::table &table, std::vector<std::string> &path) {
    for (const auto &[key, node] : table) {
      path.emplace_back(key.str());
      add(node, path);
      if (const toml::table *inner = node.as_table()) flatten(*inner, path);
      path.pop_back();
    }
  }
};

ctoml_document *ctoml_parse(const char *text, size_t size) {
  ctoml_document *document = new (std::nothrow) ctoml_document;
  if (document == nullptr) return nullptr;
  toml::parse_result result = toml::parse(std::string_view(text, size));
  if (!result) {
    document->failed = true;
    document->message = std::string(result.error().description());
    document->line = result.error().source().begin.line;
    document->column = result.error().source().begin.column;
    return document;
  }
  std::vector<std::string> path;
  document->flatten(result.table(), path);
  return document;
}

void ctoml_free(ctoml_document *document) { delete document; }

const char *ctoml_error(const ctoml_document *document, uint32_t *line, uint32_t *column) {
  if (!document->failed) return nullptr;
  if (line != nullptr) *line = document->line;
  if (column != nullptr) *column = document->column;
  return document->message.c_str();
}

size_t ctoml_count(const ctoml_document *document) { return document->entries.size(); }

const ctoml_value *ctoml_at(const ctoml_document *document, size_t index) {
  return index < document->entries.size() ? &document->entries[index].value : nullptr;
}
