// The door to CFITSIO, WCSLIB and SEP: what its files share. Every function works at once on the calling thread and
// answers by a value or a JavaScript error; nothing in a file may end the process.
#pragma once

#include "../node/refusal.h"

#include <node_api.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace arclet {

// ---- values.cc: JavaScript values and ours; each refuses by saying what the value must be ----
void check(napi_env env, napi_status status);
std::string text_of(napi_env env, napi_value value, const char* what);
double number_of(napi_env env, napi_value value, const char* what);
int64_t whole_of(napi_env env, napi_value value, const char* what, int64_t least, int64_t most);
bool is_nullish(napi_env env, napi_value value);
std::vector<int64_t> wholes_of(napi_env env, napi_value value, const char* what, int64_t least, int64_t most);
napi_value property(napi_env env, napi_value object, const char* name);
napi_value js_text(napi_env env, const std::string& latin1);
napi_value js_number(napi_env env, double number);
napi_value js_bool(napi_env env, bool flag);
napi_value js_list(napi_env env, size_t length);
napi_value js_wholes(napi_env env, const std::vector<int64_t>& values);
void set(napi_env env, napi_value object, const char* name, napi_value value);

// A typed array's memory. It stays where it is until JavaScript runs again.
struct Array {
  void* data = nullptr;
  size_t length = 0;  // elements
  napi_typedarray_type type = napi_uint8_array;
};
size_t element_size(napi_typedarray_type type);
Array array_of(napi_env env, napi_value value, const char* what);
Array array_of(napi_env env, napi_value value, const char* what, napi_typedarray_type type);
// A new typed array and its memory.
napi_value new_array(napi_env env, napi_typedarray_type type, size_t length, void** data);

// Things that JavaScript holds by number. A number is never given twice.
template <class T>
class Shelf {
 public:
  explicit Shelf(const char* what) : what_(what) {}
  double keep(std::unique_ptr<T> thing) {
    things_.emplace(++last_, std::move(thing));
    return static_cast<double>(last_);
  }
  T& at(napi_env env, napi_value value) {
    auto found = things_.find(static_cast<uint64_t>(whole_of(env, value, what_, 0, int64_t{1} << 52)));
    if (found == things_.end()) throw Refusal(Code::argument, std::string(what_) + " is closed");
    return *found->second;
  }
  void drop(napi_env env, napi_value value) {
    things_.erase(static_cast<uint64_t>(whole_of(env, value, what_, 0, int64_t{1} << 52)));
  }
  size_t size() const { return things_.size(); }

 private:
  const char* what_;
  uint64_t last_ = 0;
  std::unordered_map<uint64_t, std::unique_ptr<T>> things_;
};

// ---- calls ----
constexpr size_t kMaxArguments = 16;
using Body = napi_value (*)(napi_env env, napi_value* args);

// Turns the exception in flight into a JavaScript error.
void throw_current(napi_env env);

// Runs `body`; whatever it throws becomes a JavaScript error. Arguments that are left out read as undefined.
template <Body body>
napi_value guarded(napi_env env, napi_callback_info info) {
  try {
    napi_value args[kMaxArguments];
    size_t count = kMaxArguments;
    check(env, napi_get_cb_info(env, info, &count, args, nullptr, nullptr));
    return body(env, args);
  } catch (...) {
    throw_current(env);
    return nullptr;
  }
}

void define(napi_env env, napi_value exports, const char* name, napi_callback callback);

// ---- one `add_…` a file ----
void add_reading(napi_env env, napi_value exports);
void add_tables(napi_env env, napi_value exports);
void add_batch(napi_env env, napi_value exports);
void add_writing(napi_env env, napi_value exports);
void add_wcs(napi_env env, napi_value exports);
void add_detection(napi_env env, napi_value exports);

}  // namespace arclet
