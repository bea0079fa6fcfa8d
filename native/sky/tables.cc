// Reading FITS binary tables: their columns listed, then one column at a time (FITS standard 4.0, section 7.3).
#include "ascii.h"
#include "cfitsio.h"
#include "reading.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace arclet {
namespace {

// The largest catalogue that memory should hold; a table of empty rows takes no space in its file.
constexpr int64_t kMostRows = int64_t{1} << 27;
constexpr int64_t kMostWidth = int64_t{1} << 40;

// A TFORM: a type, and how many of it.
struct Form {
  int64_t repeat = 1;
  char letter = ' ';
  int64_t part = 0;  // characters of one text, if the column holds several per row
  int64_t bytes = 0;
};

Form form_of(const std::string& text, const std::string& where) {
  Form form;
  size_t at = text.find_first_not_of(' ');
  if (at == std::string::npos) throw Refusal(Code::broken, where + " is empty");
  size_t digits = at;
  while (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at]))) ++at;
  if (at - digits > 15 || at == text.size()) throw Refusal(Code::broken, where + " is " + text);
  if (at > digits) form.repeat = std::stoll(text.substr(digits, at - digits));
  form.letter = static_cast<char>(std::toupper(static_cast<unsigned char>(text[at])));
  static const char kLetters[] = "LXBIJKAEDCMPQSUVW";
  static constexpr int kSizes[] = {1, 0, 1, 2, 4, 8, 1, 4, 8, 8, 16, 8, 16, 1, 2, 4, 8};
  const char* found = std::strchr(kLetters, form.letter);
  if (found == nullptr || *found == '\0') throw Refusal(Code::broken, where + " is " + text);
  if (form.repeat > kMostWidth) throw Refusal(Code::broken, where + " is " + text);
  form.bytes = form.letter == 'X' ? (form.repeat + 7) / 8 : form.repeat * kSizes[found - kLetters];
  if (form.letter == 'A') {
    size_t from = ++at;
    while (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at]))) ++at;
    if (at - from > 15) throw Refusal(Code::broken, where + " is " + text);
    if (at > from) form.part = std::stoll(text.substr(from, at - from));
  }
  return form;
}

struct Column {
  std::string name, unit, kind;  // kind is empty if we can't read it: arrays, bits, complex numbers
  Form form;
  int64_t first = 0;  // byte within the row
  int equivalent = 0;  // CFITSIO's type, scaling applied
  int64_t offset = 0;  // TZERO of 64-bit integers that CFITSIO would read as doubles
  bool shifted = false;
};

struct Layout {
  int64_t rows = 0, width = 0;
  std::vector<Column> columns;
};

std::string key_text(fitsfile* fits, const char* stem, int column) {
  char value[FLEN_VALUE] = "";
  int status = 0;
  std::string key = stem + std::to_string(column);
  fits_read_key(fits, TSTRING, key.c_str(), value, nullptr, &status);
  if (status == KEY_NO_EXIST || status == VALUE_UNDEFINED) {
    fits_clear_errmsg();
    return "";
  }
  fits_check(status);
  return value;
}

// Whether a column is of 64-bit integers with a whole TZERO: CFITSIO takes it for doubles, which would round them.
bool shifted_by(fitsfile* fits, int place, const Column& column, int64_t* offset) {
  if (column.form.letter != 'K' || column.form.repeat != 1 || column.equivalent != TDOUBLE) return false;
  std::string scale = key_text(fits, "TSCAL", place), zero = key_text(fits, "TZERO", place);
  if (!scale.empty() && std::strtod(scale.c_str(), nullptr) != 1) return false;
  char* end = nullptr;
  errno = 0;
  *offset = std::strtoll(zero.c_str(), &end, 10);
  if (errno != 0 || end == zero.c_str()) return false;
  if (*end == '.') end += 1 + std::strspn(end + 1, "0");
  return *end == '\0';
}

std::string kind_of(const Form& form, int equivalent) {
  if (form.letter == 'A') return form.repeat > 0 && (form.part == 0 || form.part >= form.repeat) ? "text" : "";
  if (form.repeat != 1) return "";
  switch (equivalent) {
    case TLOGICAL: return "yes/no";
    case TBYTE:
    case TSBYTE:
    case TSHORT:
    case TUSHORT:
    case TINT:
    case TUINT:
    case TLONG:
    case TULONG:
    case TLONGLONG:
    case TULONGLONG: return "whole";
    case TFLOAT:
    case TDOUBLE: return "number";
    default: return "";
  }
}

// The table's columns, checked against the width of its rows.
Layout table_of(File& file, const Hdu& hdu) {
  if (hdu.kind != Hdu::kTable) throw Refusal(Code::argument, "the HDU is an image, not a table");
  int status = 0, compressed = 0, count = 0;
  fits_read_key(file.fits, TLOGICAL, "ZTABLE", &compressed, nullptr, &status);
  if (status != 0) {
    status = 0;
    fits_clear_errmsg();
  }
  if (compressed) throw Refusal(Code::unsupported, "is a compressed table (ZTABLE); unpack it with funpack first");
  Layout table;
  if (hdu.axes.size() != 2)
    throw Refusal(Code::broken, "a table must have 2 axes, got " + std::to_string(hdu.axes.size()));
  table.width = hdu.axes[0];
  table.rows = hdu.axes[1];
  if (table.rows > kMostRows)
    throw Refusal(Code::too_large, "has " + std::to_string(table.rows) + " rows, at most " +
                                       std::to_string(kMostRows) + " are read");
  fits_get_num_cols(file.fits, &count, &status);
  fits_check(status);
  int64_t at = 0;
  for (int i = 1; i <= count; ++i) {
    Column column;
    column.form = form_of(key_text(file.fits, "TFORM", i), "TFORM" + std::to_string(i));
    column.first = at;
    if (column.form.bytes > table.width - at)
      throw Refusal(Code::broken, "its columns are wider than its rows of " + std::to_string(table.width) + " bytes");
    at += column.form.bytes;
    column.name = key_text(file.fits, "TTYPE", i);
    column.unit = key_text(file.fits, "TUNIT", i);
    LONGLONG repeat = 0, width = 0;
    fits_get_eqcoltypell(file.fits, i, &column.equivalent, &repeat, &width, &status);
    fits_check(status);
    column.shifted = shifted_by(file.fits, i, column, &column.offset);
    column.kind = column.shifted ? "whole" : kind_of(column.form, column.equivalent);
    table.columns.push_back(std::move(column));
  }
  if (at != table.width)
    throw Refusal(Code::broken, "its columns are " + std::to_string(at) + " bytes wide, its rows " +
                                    std::to_string(table.width));
  return table;
}

// tableColumns(file, hdu) -> { rows, columns: [{ name, unit, kind }] }; an ASCII table's as ascii_columns gives them
napi_value table_columns(napi_env env, Arguments& in) {
  File& file = files().at(in);
  const Hdu& hdu = moved_to(file, in);
  if (hdu.kind == Hdu::kAsciiTable) return ascii_columns(env, file, hdu);
  Layout table = table_of(file, hdu);
  napi_value out = js_object(env), list = js_list(env, table.columns.size());
  for (size_t i = 0; i < table.columns.size(); ++i) {
    napi_value one = js_object(env);
    set(env, one, "name", js_latin1(env, table.columns[i].name));
    set(env, one, "unit", js_latin1(env, table.columns[i].unit));
    set(env, one, "kind", js_latin1(env, table.columns[i].kind));
    set(env, list, i, one);
  }
  set(env, out, "rows", js_number(env, static_cast<double>(table.rows)));
  set(env, out, "columns", list);
  return out;
}

// Texts, without blanks at their ends; a NUL ends one. Empty ones are null.
napi_value texts(napi_env env, File& file, const Layout& table, const Column& column) {
  napi_value list = js_list(env, static_cast<size_t>(table.rows)), none = js_null(env);
  int64_t at_once = std::max<int64_t>(1, (int64_t{1} << 20) / table.width);
  std::vector<unsigned char> bytes(static_cast<size_t>(std::min(at_once, table.rows) * table.width));
  for (int64_t from = 0; from < table.rows; from += at_once) {
    int64_t count = std::min(at_once, table.rows - from);
    int status = 0;
    fits_read_tblbytes(file.fits, from + 1, 1, count * table.width, bytes.data(), &status);
    fits_check(status);
    napi_handle_scope scope;
    check(env, napi_open_handle_scope(env, &scope));
    for (int64_t i = 0; i < count; ++i) {
      const char* start = reinterpret_cast<const char*>(bytes.data()) + i * table.width + column.first;
      std::string text(start, strnlen(start, static_cast<size_t>(column.form.repeat)));
      text.erase(text.find_last_not_of(' ') + 1);
      napi_value value = none;
      // some programs write UTF-8 when the standard's ASCII won't do
      if (!text.empty()) value = js_text(env, text);
      set(env, list, static_cast<size_t>(from + i), value);
    }
    check(env, napi_close_handle_scope(env, scope));
  }
  return list;
}

// readColumn(file, hdu, column) -> texts, or { values, empty }: a Float64Array, BigInt64Array, BigUint64Array or
// Uint8Array, and a Uint8Array that is 1 where a value is undefined (TNULL, NaN). TSCAL and TZERO are applied. An ASCII
// table's columns are texts, whatever they stand for.
napi_value read_column(napi_env env, Arguments& in) {
  File& file = files().at(in);
  const Hdu& hdu = moved_to(file, in);
  if (hdu.kind == Hdu::kAsciiTable)
    return ascii_fields(env, file, hdu, static_cast<size_t>(in.whole("column", 0, int64_t{1} << 31)));
  Layout table = table_of(file, hdu);
  auto place = static_cast<size_t>(in.whole("column", 0, int64_t{1} << 31));
  if (place >= table.columns.size())
    throw Refusal(Code::absent, "has no column " + std::to_string(place) + "; it has " +
                                    std::to_string(table.columns.size()));
  const Column& column = table.columns[place];
  if (column.kind.empty()) throw Refusal(Code::unsupported, "column " + column.name + " holds arrays");
  if (column.kind == "text") return texts(env, file, table, column);
  int type = TDOUBLE;
  napi_typedarray_type kind = napi_float64_array;
  if (column.kind == "yes/no") type = TLOGICAL, kind = napi_uint8_array;
  else if (column.kind == "whole" && column.equivalent == TULONGLONG) type = TULONGLONG, kind = napi_biguint64_array;
  else if (column.kind == "whole") type = TLONGLONG, kind = napi_bigint64_array;
  void *values = nullptr, *empty = nullptr;
  napi_value out = js_object(env), list = new_array(env, kind, static_cast<size_t>(table.rows), &values);
  napi_value flags = new_array(env, napi_uint8_array, static_cast<size_t>(table.rows), &empty);
  int status = 0, any = 0;
  if (column.shifted) fits_set_tscale(file.fits, static_cast<int>(place) + 1, 1, 0, &status);
  if (table.rows > 0)
    fits_read_colnull(file.fits, type, static_cast<int>(place) + 1, 1, 1, table.rows, values,
                      static_cast<char*>(empty), &any, &status);
  fits_check(status);
  if (column.shifted) {
    // As it was, for whoever reads the column again.
    fits_set_tscale(file.fits, static_cast<int>(place) + 1, 1, static_cast<double>(column.offset), &status);
    auto* wholes = static_cast<int64_t*>(values);
    for (int64_t i = 0; i < table.rows; ++i)
      if (!static_cast<char*>(empty)[i] && __builtin_add_overflow(wholes[i], column.offset, &wholes[i]))
        throw Refusal(Code::unsupported, "column " + column.name + " has whole numbers beyond 64 bits (TZERO " +
                                             std::to_string(column.offset) + ")");
  }
  set(env, out, "values", list);
  set(env, out, "empty", flags);
  return out;
}

}  // namespace

void add_tables(napi_env env, napi_value exports) {
  define(env, exports, "tableColumns", guarded<table_columns>);
  define(env, exports, "readColumn", guarded<read_column>);
}

}  // namespace arclet
