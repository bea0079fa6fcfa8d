// Calls from JavaScript: their arguments and errors. Any exception leaves a door as a JavaScript error of one line.
#pragma once

#include "arrays.h"

#include <exception>
#include <optional>

namespace arclet {

// The arguments of a call, taken one after another; each refusal names its argument. Missing ones are undefined.
class Arguments {
 public:
  Arguments(napi_env env, const napi_value* values, size_t count) : env_(env), values_(values), count_(count) {}

  // How many have not been taken yet.
  size_t left() const { return count_ - next_; }

  // The next one, unconverted.
  napi_value next();

  // The next one, converted by `convert(env, value)`.
  template <class Convert>
  auto take(const char* name, Convert convert) {
    napi_value value = next();
    return naming(name, [&] { return convert(env_, value); });
  }

  // The same, or none if it is null or undefined.
  template <class Convert>
  auto maybe(const char* name, Convert convert) -> std::optional<decltype(convert(napi_env(), napi_value()))> {
    napi_value value = next();
    if (is_nullish(env_, value)) return std::nullopt;
    return naming(name, [&] { return convert(env_, value); });
  }

  std::string text(const char* name) { return take(name, text_of); }
  double number(const char* name) { return take(name, number_of); }
  bool flag(const char* name) { return take(name, bool_of); }
  int64_t whole(const char* name, int64_t least, int64_t most) {
    return take(name, [=](napi_env env, napi_value value) { return whole_of(env, value, least, most); });
  }
  std::vector<std::string> texts(const char* name) { return take(name, texts_of); }
  Span<uint8_t> bytes(const char* name) { return take(name, span_of<uint8_t>); }
  Span<float> floats(const char* name) { return take(name, span_of<float>); }
  Span<double> doubles(const char* name) { return take(name, span_of<double>); }

 private:
  napi_env env_;
  const napi_value* values_;
  size_t count_, next_ = 0;
};

// An exception, as shown to JavaScript.
struct Told {
  const char* code;  // none: nullptr
  std::string text;
};

// How a door's errors look; each door defines its own.
struct ErrorForm {
  bool named;      // errors begin with the function's name
  bool type_error;  // refusals are TypeErrors
  Told (*told)(const std::exception& error);  // for exceptions of its libraries
};
extern const ErrorForm kErrorForm;

// Turns the current exception into a JavaScript error of one line that ends in `after`.
void throw_current(napi_env env, const char* where, const std::string& after = "");

constexpr size_t kMaxArguments = 40;
using Body = napi_value (*)(napi_env env, Arguments& in);

// Runs `body`; whatever it throws becomes a JavaScript error.
template <Body body>
napi_value guarded(napi_env env, napi_callback_info info) {
  void* name = nullptr;
  try {
    napi_value values[kMaxArguments];
    size_t count = kMaxArguments;
    check(env, napi_get_cb_info(env, info, &count, values, nullptr, &name));
    if (count > kMaxArguments) throw Refusal(Code::argument, "too many arguments");
    Arguments in(env, values, count);
    return body(env, in);
  } catch (...) {
    throw_current(env, static_cast<const char*>(name));
    return nullptr;
  }
}

// Adds a function to the module; `name` must live as long as the program.
void define(napi_env env, napi_value exports, const char* name, napi_callback callback);

}  // namespace arclet
