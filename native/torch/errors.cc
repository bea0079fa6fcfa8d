// C++ exceptions on their way to JavaScript: one line each, and none goes further.
#include "door.h"

#include <c10/util/Exception.h>

#include <cstring>
#include <new>

namespace arclet {
namespace {

// libtorch's sentence without what it adds below it (lists of every registered kernel, stack traces).
std::string one_line(std::string text) {
  constexpr size_t kLongest = 1200;
  size_t end = text.find("\n\n");
  if (end != std::string::npos && end > 0) text.resize(end);
  for (const char* below : {"\nException raised from", "\nCPU: registered at"}) {
    end = text.find(below);
    if (end != std::string::npos) text.resize(end);
  }
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  for (char& letter : text)
    if (letter == '\n') letter = ' ';
  if (text.size() > kLongest) text = text.substr(0, kLongest) + " …";
  return text;
}

// libtorch's own refusals: what it says by the error's type; else only that it was libtorch.
const char* code_of(const c10::Error& error) {
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) return name_of(Code::too_large);
  if (dynamic_cast<const c10::NotImplementedError*>(&error) != nullptr) return name_of(Code::unsupported);
  // The CPU's allocator throws a plain error.
  if (std::strstr(error.what_without_backtrace(), "can't allocate memory") != nullptr) return name_of(Code::too_large);
  return "LIBTORCH";
}

}  // namespace

void check(napi_env env, napi_status status) {
  if (status == napi_ok) return;
  const napi_extended_error_info* info = nullptr;
  napi_get_last_error_info(env, &info);
  throw Refusal(Code::argument, info != nullptr && info->error_message != nullptr ? info->error_message : "Node-API call failed");
}

void throw_current(napi_env env, const std::string& where, const std::string& after) {
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (pending) return;  // thrown by JavaScript itself: a getter, a proxy, an allocation
  auto text = [&](const char* sentence) { return where + ": " + one_line(sentence) + after; };
  try {
    throw;
  } catch (const Refusal& error) {
    napi_throw_type_error(env, name_of(error.code), text(error.what()).c_str());
  } catch (const c10::Error& error) {
    napi_throw_error(env, code_of(error), text(error.what_without_backtrace()).c_str());
  } catch (const std::bad_alloc&) {
    napi_throw_error(env, name_of(Code::too_large), text("out of memory").c_str());
  } catch (const std::exception& error) {
    napi_throw_error(env, "LIBTORCH", text(error.what()).c_str());
  } catch (...) {
    napi_throw_error(env, "LIBTORCH", text("unknown native error").c_str());
  }
}

void define(napi_env env, napi_value exports, const char* name, napi_callback callback) {
  napi_value function;
  check(env, napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, const_cast<char*>(name), &function));
  check(env, napi_set_named_property(env, exports, name, function));
}

}  // namespace arclet
