// Reading FITS ASCII tables (FITS standard 4.0, section 7.2): rows of text, columns at fixed places. The fields are cut
// out here; what they mean as numbers is up to the caller.
#include "ascii.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace arclet {
namespace {

constexpr int64_t kMostRows = int64_t{1} << 27;
constexpr int64_t kMostWidth = int64_t{1} << 24;

struct Field {
  std::string name, unit, kind, null;
  int64_t first = 0, width = 0;  // characters within the row
  int decimals = 0;
  double scale = 1, zero = 0;
};

std::string text_key(fitsfile* fits, const char* stem, size_t column) {
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

double number_key(fitsfile* fits, const char* stem, size_t column, double otherwise) {
  std::string text = text_key(fits, stem, column);
  std::replace_if(text.begin(), text.end(), [](char sign) { return sign == 'D' || sign == 'd'; }, 'E');
  return text.empty() ? otherwise : std::atof(text.c_str());
}

std::string trimmed(const std::string& text) {
  size_t from = text.find_first_not_of(' ');
  return from == std::string::npos ? "" : text.substr(from, text.find_last_not_of(' ') - from + 1);
}

// `A12`, `I6`, `F8.3`, `E15.7`, `D25.17`
void take_form(const std::string& form, const std::string& where, Field& field) {
  std::string text = trimmed(form);
  char letter = text.empty() ? ' ' : static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  size_t point = std::min(text.find('.'), text.size());
  auto digits = [&](size_t from, size_t to) {
    return from < to && to - from < 9 && text.find_first_not_of("0123456789", from) >= to;
  };
  bool real = letter == 'F' || letter == 'E' || letter == 'D';
  bool known = (real || letter == 'A' || letter == 'I') && digits(1, point) &&
               (point == text.size() || digits(point + 1, text.size()));
  if (!known) throw Refusal(Code::broken, where + " is " + (text.empty() ? "empty" : text.substr(0, 30)));
  field.kind = letter == 'A' ? "text" : real ? "number" : "whole";
  field.width = std::atoll(text.c_str() + 1);
  if (real && point < text.size()) field.decimals = std::atoi(text.c_str() + point + 1);
}

std::vector<Field> fields_of(File& file, const Hdu& hdu) {
  if (hdu.axes.size() != 2)
    throw Refusal(Code::broken, "a table must have 2 axes, got " + std::to_string(hdu.axes.size()));
  if (hdu.axes[1] > kMostRows || hdu.axes[0] > kMostWidth)
    throw Refusal(Code::too_large, "has " + std::to_string(hdu.axes[1]) + " rows of " + std::to_string(hdu.axes[0]) +
                                       " bytes; at most " + std::to_string(kMostRows) + " of " +
                                       std::to_string(kMostWidth) + " are read");
  if (hdu.axes[0] == 0 && hdu.axes[1] > 0) throw Refusal(Code::broken, "its rows are empty");
  int count = 0, status = 0;
  fits_get_num_cols(file.fits, &count, &status);
  fits_check(status);
  std::vector<Field> fields;
  for (size_t i = 1; i <= static_cast<size_t>(count); ++i) {
    Field field;
    take_form(text_key(file.fits, "TFORM", i), "TFORM" + std::to_string(i), field);
    field.first = std::atoll(text_key(file.fits, "TBCOL", i).c_str()) - 1;
    if (field.first < 0 || field.first > hdu.axes[0] || field.width > hdu.axes[0] - field.first)
      throw Refusal(Code::broken, "column " + std::to_string(i) + " lies outside its rows of " +
                                      std::to_string(hdu.axes[0]) + " bytes");
    field.name = text_key(file.fits, "TTYPE", i);
    field.unit = text_key(file.fits, "TUNIT", i);
    field.null = trimmed(text_key(file.fits, "TNULL", i));
    field.scale = number_key(file.fits, "TSCAL", i, 1);
    field.zero = number_key(file.fits, "TZERO", i, 0);
    if (field.kind == "whole" && (field.scale != 1 || field.zero != 0)) field.kind = "number";
    fields.push_back(field);
  }
  return fields;
}

}  // namespace

napi_value ascii_columns(napi_env env, File& file, const Hdu& hdu) {
  std::vector<Field> fields = fields_of(file, hdu);
  napi_value out = js_object(env), list = js_list(env, fields.size());
  for (size_t i = 0; i < fields.size(); ++i) {
    napi_value one = js_object(env);
    set(env, one, "name", js_latin1(env, fields[i].name));
    set(env, one, "unit", js_latin1(env, fields[i].unit));
    set(env, one, "kind", js_latin1(env, fields[i].kind));
    set(env, one, "decimals", js_number(env, fields[i].decimals));
    set(env, one, "scale", js_number(env, fields[i].scale));
    set(env, one, "zero", js_number(env, fields[i].zero));
    set(env, list, i, one);
  }
  set(env, out, "rows", js_number(env, static_cast<double>(hdu.axes[1])));
  set(env, out, "columns", list);
  return out;
}

napi_value ascii_fields(napi_env env, File& file, const Hdu& hdu, size_t column) {
  std::vector<Field> fields = fields_of(file, hdu);
  if (column >= fields.size())
    throw Refusal(Code::absent, "has no column " + std::to_string(column) + "; it has " + std::to_string(fields.size()));
  const Field& field = fields[column];
  int64_t width = hdu.axes[0], rows = hdu.axes[1];
  napi_value list = js_list(env, static_cast<size_t>(rows)), none = js_null(env);
  int64_t at_once = std::max<int64_t>(1, (int64_t{1} << 20) / std::max<int64_t>(1, width));
  std::vector<unsigned char> bytes(static_cast<size_t>(std::min(at_once, rows) * width));
  for (int64_t from = 0; from < rows; from += at_once) {
    int64_t count = std::min(at_once, rows - from);
    int status = 0;
    fits_read_tblbytes(file.fits, from + 1, 1, count * width, bytes.data(), &status);
    fits_check(status);
    napi_handle_scope scope;
    check(env, napi_open_handle_scope(env, &scope));
    for (int64_t i = 0; i < count; ++i) {
      const char* start = reinterpret_cast<const char*>(bytes.data()) + i * width + field.first;
      std::string text = trimmed(std::string(start, static_cast<size_t>(field.width)).c_str());
      bool empty = text.empty() || (!field.null.empty() && text == field.null);
      set(env, list, static_cast<size_t>(from + i), empty ? none : js_text(env, text));
    }
    check(env, napi_close_handle_scope(env, scope));
  }
  return list;
}

}  // namespace arclet
