// Conversion between JavaScript and C++ values through Node-API; the status of every call is checked.
#include "values.h"

#include <cmath>

namespace arclet {

void check(napi_env env, napi_status status) {
  if (status == napi_ok) return;
  const napi_extended_error_info* info = nullptr;
  napi_get_last_error_info(env, &info);
  throw Refusal(Code::argument,
                info != nullptr && info->error_message != nullptr ? info->error_message : "Node-API call failed");
}

bool is_nullish(napi_env env, napi_value value) {
  napi_valuetype type;
  check(env, napi_typeof(env, value, &type));
  return type == napi_undefined || type == napi_null;
}

std::string text_of(napi_env env, napi_value value) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok)
    throw Refusal(Code::argument, "must be a string");
  std::string text(length, '\0');
  check(env, napi_get_value_string_utf8(env, value, &text[0], length + 1, &length));
  return text;
}

double number_of(napi_env env, napi_value value) {
  double number = 0;
  if (napi_get_value_double(env, value, &number) == napi_ok) return number;
  bool lossless = false;
  int64_t big = 0;
  if (napi_get_value_bigint_int64(env, value, &big, &lossless) == napi_ok && lossless) return static_cast<double>(big);
  throw Refusal(Code::argument, "must be a number");
}

int64_t whole_of(napi_env env, napi_value value, int64_t least, int64_t most) {
  double number = number_of(env, value);
  if (!(number >= static_cast<double>(least) && number <= static_cast<double>(most)) || std::trunc(number) != number)
    throw Refusal(Code::argument,
                  "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return static_cast<int64_t>(number);
}

bool bool_of(napi_env env, napi_value value) {
  bool flag = false;
  if (napi_get_value_bool(env, value, &flag) != napi_ok) throw Refusal(Code::argument, "must be true or false");
  return flag;
}

uint32_t list_length(napi_env env, napi_value list) {
  constexpr uint32_t kLongest = 1 << 24;
  bool array = false;
  check(env, napi_is_array(env, list, &array));
  if (!array) throw Refusal(Code::argument, "must be a list");
  uint32_t length = 0;
  check(env, napi_get_array_length(env, list, &length));
  if (length > kLongest) throw Refusal(Code::argument, "must be a list of at most 2^24 items");
  return length;
}

napi_value list_item(napi_env env, napi_value list, uint32_t index) {
  napi_value item;
  check(env, napi_get_element(env, list, index, &item));
  return item;
}

napi_value property(napi_env env, napi_value object, const char* name) {
  napi_value value;
  if (napi_get_named_property(env, object, name, &value) != napi_ok)
    throw Refusal(Code::argument, std::string(name) + " must be a property of an object");
  return value;
}

std::vector<std::string> texts_of(napi_env env, napi_value value) {
  uint32_t length = list_length(env, value);
  std::vector<std::string> texts;
  texts.reserve(length);
  for (uint32_t i = 0; i < length; ++i) texts.push_back(text_of(env, list_item(env, value, i)));
  return texts;
}

std::vector<int64_t> wholes_of(napi_env env, napi_value value, int64_t least, int64_t most) {
  uint32_t length = list_length(env, value);
  std::vector<int64_t> wholes;
  for (uint32_t i = 0; i < length; ++i) wholes.push_back(whole_of(env, list_item(env, value, i), least, most));
  return wholes;
}

napi_value js_null(napi_env env) {
  napi_value value;
  check(env, napi_get_null(env, &value));
  return value;
}

napi_value js_text(napi_env env, const std::string& utf8) {
  napi_value value;
  check(env, napi_create_string_utf8(env, utf8.data(), utf8.size(), &value));
  return value;
}

napi_value js_latin1(napi_env env, const std::string& bytes) {
  napi_value value;
  check(env, napi_create_string_latin1(env, bytes.data(), bytes.size(), &value));
  return value;
}

napi_value js_number(napi_env env, double number) {
  napi_value value;
  check(env, napi_create_double(env, number, &value));
  return value;
}

napi_value js_bool(napi_env env, bool flag) {
  napi_value value;
  check(env, napi_get_boolean(env, flag, &value));
  return value;
}

napi_value js_object(napi_env env) {
  napi_value value;
  check(env, napi_create_object(env, &value));
  return value;
}

napi_value js_list(napi_env env, size_t length) {
  napi_value value;
  check(env, napi_create_array_with_length(env, length, &value));
  return value;
}

void set(napi_env env, napi_value object, const char* name, napi_value value) {
  check(env, napi_set_named_property(env, object, name, value));
}

void set(napi_env env, napi_value list, size_t index, napi_value value) {
  check(env, napi_set_element(env, list, static_cast<uint32_t>(index), value));
}

Refusal named(const std::string& name, const Refusal& refusal) {
  std::string text = refusal.what();
  return Refusal(refusal.code, name + (text.rfind("must ", 0) == 0 ? " " : ": ") + text);
}

}  // namespace arclet
