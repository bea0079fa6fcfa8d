// Conversion between JavaScript and C++ values. A refusal says what the value must be ("must be a number"); `naming` puts
// the value's name in front.
#pragma once

#include "refusal.h"

#include <node_api.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace arclet {

// Throws Refusal if a call of Node-API failed.
void check(napi_env env, napi_status status);

// ---- from JavaScript ----
bool is_nullish(napi_env env, napi_value value);
std::string text_of(napi_env env, napi_value value);
double number_of(napi_env env, napi_value value);  // a BigInt that fits 64 bits too
int64_t whole_of(napi_env env, napi_value value, int64_t least, int64_t most);
bool bool_of(napi_env env, napi_value value);
uint32_t list_length(napi_env env, napi_value list);  // at most 2^24
napi_value list_item(napi_env env, napi_value list, uint32_t index);
napi_value property(napi_env env, napi_value object, const char* name);
std::vector<std::string> texts_of(napi_env env, napi_value value);
std::vector<int64_t> wholes_of(napi_env env, napi_value value, int64_t least, int64_t most);

// ---- to JavaScript ----
napi_value js_null(napi_env env);
napi_value js_text(napi_env env, const std::string& utf8);  // bytes that are not UTF-8 become U+FFFD
napi_value js_latin1(napi_env env, const std::string& bytes);
napi_value js_number(napi_env env, double number);
napi_value js_bool(napi_env env, bool flag);
napi_value js_object(napi_env env);
napi_value js_list(napi_env env, size_t length);
void set(napi_env env, napi_value object, const char* name, napi_value value);
void set(napi_env env, napi_value list, size_t index, napi_value value);

template <class Numbers>
napi_value js_numbers(napi_env env, const Numbers& numbers) {
  napi_value list = js_list(env, numbers.size());
  for (size_t i = 0; i < numbers.size(); ++i) set(env, list, i, js_number(env, static_cast<double>(numbers[i])));
  return list;
}

// The same refusal, preceded by the name of the refused value.
Refusal named(const std::string& name, const Refusal& refusal);

// The result of `body`; its refusals are about the value of this name.
template <class F>
auto naming(const char* name, F body) {
  try {
    return body();
  } catch (const Refusal& refusal) {
    throw named(name, refusal);
  }
}

// A property, converted by `convert(env, value)`.
template <class Convert>
auto field(napi_env env, napi_value object, const char* name, Convert convert) {
  napi_value value = property(env, object, name);
  return naming(name, [&] { return convert(env, value); });
}

}  // namespace arclet
