// libtorch's exceptions as JavaScript errors. One that no other code fits has the code LIBTORCH.
#include "door.h"

#include <cstring>

namespace arclet {
namespace {

constexpr const char* kLibtorch = "LIBTORCH";

const char* code_of(const c10::Error& error) {
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) return name_of(Code::too_large);
  if (dynamic_cast<const c10::NotImplementedError*>(&error) != nullptr) return name_of(Code::unsupported);
  // The CPU's allocator throws a plain error.
  if (std::strstr(error.what_without_backtrace(), "can't allocate memory") != nullptr) return name_of(Code::too_large);
  return kLibtorch;
}

struct Rethrown : std::runtime_error {
  Rethrown(const char* code, const std::string& sentence) : std::runtime_error(sentence), code(code) {}
  const char* code;
};

Told told_of(const std::exception& error) {
  if (auto* own = dynamic_cast<const c10::Error*>(&error)) return {code_of(*own), own->what_without_backtrace()};
  if (auto* again = dynamic_cast<const Rethrown*>(&error)) return {again->code, again->what()};
  return {kLibtorch, error.what()};
}

}  // namespace

const ErrorForm kErrorForm = {/*named=*/true, /*type_error=*/true, told_of};

void rethrow(const c10::Error& error, const std::string& after) {
  throw Rethrown(code_of(error), error.what_without_backtrace() + after);
}

}  // namespace arclet
