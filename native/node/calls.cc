// Calls from JavaScript, and C++ exceptions on their way back to it.
#include "calls.h"

#include <new>

namespace arclet {
namespace {

// A sentence without what libtorch adds after it (lists of all registered kernels, stack traces).
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

}  // namespace

napi_value Arguments::next() {
  if (next_ < count_) return values_[next_++];
  napi_value undefined;
  check(env_, napi_get_undefined(env_, &undefined));
  return undefined;
}

void throw_current(napi_env env, const char* where, const std::string& after) {
  bool pending = false, refused = false;
  napi_is_exception_pending(env, &pending);
  if (pending) return;  // thrown by JavaScript itself: a getter, a proxy, an allocation
  Told told{nullptr, "unknown native error"};
  try {
    throw;
  } catch (const Refusal& refusal) {
    refused = true;
    told = {name_of(refusal.code), refusal.what()};
  } catch (const std::bad_alloc&) {
    told = {name_of(Code::too_large), "out of memory"};
  } catch (const std::exception& error) {
    told = kErrorForm.told(error);
  } catch (...) {  // has no message
  }
  bool name = kErrorForm.named && where != nullptr;
  std::string text = (name ? std::string(where) + ": " : "") + one_line(told.text) + after;
  if (refused && kErrorForm.type_error) napi_throw_type_error(env, told.code, text.c_str());
  else napi_throw_error(env, told.code, text.c_str());
}

void define(napi_env env, napi_value exports, const char* name, napi_callback callback) {
  napi_value function;
  check(env, napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, const_cast<char*>(name), &function));
  set(env, exports, name, function);
}

}  // namespace arclet
