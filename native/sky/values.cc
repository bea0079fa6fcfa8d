// JavaScript values to ours and back, errors, and the module itself.
#include "door.h"

#include <cmath>
#include <new>

namespace arclet {

void check(napi_env env, napi_status status) {
  if (status == napi_ok) return;
  const napi_extended_error_info* info = nullptr;
  napi_get_last_error_info(env, &info);
  throw Refusal(Code::argument, info != nullptr && info->error_message != nullptr ? info->error_message : "Node-API call failed");
}

std::string text_of(napi_env env, napi_value value, const char* what) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok)
    throw Refusal(Code::argument, std::string(what) + " must be a text");
  std::string text(length, '\0');
  check(env, napi_get_value_string_utf8(env, value, &text[0], length + 1, &length));
  return text;
}

double number_of(napi_env env, napi_value value, const char* what) {
  double number = 0;
  if (napi_get_value_double(env, value, &number) != napi_ok) throw Refusal(Code::argument, std::string(what) + " must be a number");
  return number;
}

int64_t whole_of(napi_env env, napi_value value, const char* what, int64_t least, int64_t most) {
  double number = number_of(env, value, what);
  if (!(number >= static_cast<double>(least) && number <= static_cast<double>(most)) || std::trunc(number) != number)
    throw Refusal(Code::argument, std::string(what) + " must be a whole number from " + std::to_string(least) + " to " +
                  std::to_string(most));
  return static_cast<int64_t>(number);
}

bool is_nullish(napi_env env, napi_value value) {
  napi_valuetype type;
  check(env, napi_typeof(env, value, &type));
  return type == napi_undefined || type == napi_null;
}

std::vector<int64_t> wholes_of(napi_env env, napi_value value, const char* what, int64_t least, int64_t most) {
  bool is = false;
  uint32_t length = 0;
  check(env, napi_is_array(env, value, &is));
  if (!is) throw Refusal(Code::argument, std::string(what) + " must be a list");
  check(env, napi_get_array_length(env, value, &length));
  if (length > 1000) throw Refusal(Code::argument, std::string(what) + " must be at most 1000 long");
  std::vector<int64_t> values(length);
  for (uint32_t i = 0; i < length; ++i) {
    napi_value item;
    check(env, napi_get_element(env, value, i, &item));
    values[i] = whole_of(env, item, what, least, most);
  }
  return values;
}

napi_value property(napi_env env, napi_value object, const char* name) {
  napi_value value;
  if (napi_get_named_property(env, object, name, &value) != napi_ok)
    throw Refusal(Code::argument, std::string(name) + " must be there");
  return value;
}

napi_value js_text(napi_env env, const std::string& latin1) {
  napi_value value;
  check(env, napi_create_string_latin1(env, latin1.data(), latin1.size(), &value));
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
napi_value js_list(napi_env env, size_t length) {
  napi_value value;
  check(env, napi_create_array_with_length(env, length, &value));
  return value;
}
napi_value js_wholes(napi_env env, const std::vector<int64_t>& values) {
  napi_value list = js_list(env, values.size());
  for (size_t i = 0; i < values.size(); ++i)
    check(env, napi_set_element(env, list, static_cast<uint32_t>(i), js_number(env, static_cast<double>(values[i]))));
  return list;
}
void set(napi_env env, napi_value object, const char* name, napi_value value) {
  check(env, napi_set_named_property(env, object, name, value));
}

size_t element_size(napi_typedarray_type type) {
  static constexpr size_t kSizes[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8};
  if (static_cast<size_t>(type) >= sizeof(kSizes) / sizeof(kSizes[0])) throw Refusal(Code::argument, "unknown kind of typed array");
  return kSizes[type];
}

Array array_of(napi_env env, napi_value value, const char* what) {
  Array array;
  bool is = false;
  check(env, napi_is_typedarray(env, value, &is));
  if (!is) throw Refusal(Code::argument, std::string(what) + " must be a typed array");
  check(env, napi_get_typedarray_info(env, value, &array.type, &array.length, &array.data, nullptr, nullptr));
  return array;
}

Array array_of(napi_env env, napi_value value, const char* what, napi_typedarray_type type) {
  Array array = array_of(env, value, what);
  if (array.type != type) throw Refusal(Code::argument, std::string(what) + " is of the wrong kind of typed array");
  return array;
}

// By JavaScript's own constructor: where memory is short it throws a RangeError, while Node-API's ends the process.
napi_value new_array(napi_env env, napi_typedarray_type type, size_t length, void** data) {
  napi_value global, constructor, size, buffer, array;
  size_t made = 0;
  size_t bytes = length * element_size(type);
  check(env, napi_get_global(env, &global));
  check(env, napi_get_named_property(env, global, "ArrayBuffer", &constructor));
  check(env, napi_create_double(env, static_cast<double>(bytes), &size));
  check(env, napi_new_instance(env, constructor, 1, &size, &buffer));
  check(env, napi_get_arraybuffer_info(env, buffer, data, &made));
  if (made != bytes) throw Refusal(Code::argument, "ArrayBuffer is not JavaScript's own");
  check(env, napi_create_typedarray(env, type, length, buffer, 0, &array));
  return array;
}

void throw_current(napi_env env) {
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (pending) return;  // thrown by JavaScript itself: a getter, an allocation
  try {
    throw;
  } catch (const Refusal& refusal) {
    napi_throw_error(env, name_of(refusal.code), refusal.what());
  } catch (const std::bad_alloc&) {
    napi_throw_error(env, name_of(Code::too_large), "out of memory");
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  } catch (...) {
    napi_throw_error(env, nullptr, "unknown native error");
  }
}

void define(napi_env env, napi_value exports, const char* name, napi_callback callback) {
  napi_value function;
  check(env, napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function));
  check(env, napi_set_named_property(env, exports, name, function));
}

namespace {
napi_value init(napi_env env, napi_value exports) {
  try {
    add_reading(env, exports);
    add_tables(env, exports);
    add_batch(env, exports);
    add_writing(env, exports);
    add_wcs(env, exports);
    add_detection(env, exports);
  } catch (...) {
    throw_current(env);
  }
  return exports;
}
}  // namespace

}  // namespace arclet

NAPI_MODULE(sky, arclet::init)
