// A refusal: what a door throws instead of an answer. It becomes a JavaScript error with its sentence and a `code` for
// the kind of error, so that nobody has to guess it from the sentence.
#pragma once

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

namespace arclet {

enum class Code {
  truncated,    // cut short: the file, stream or tile ends before what its header promises
  absent,       // no such file, HDU, column, coordinates, operator
  unreadable,   // there, but the system won't let us read it
  unsupported,  // valid, but not supported
  broken,       // damaged, or contradicts itself
  too_large,    // beyond our limits, or beyond memory
  argument,     // the caller's value is wrong
  conflict,     // things that do not go together
  failed,       // work that failed although its input was fine
};

// The code in JavaScript.
inline const char* name_of(Code code) {
  switch (code) {
    case Code::truncated: return "truncated";
    case Code::absent: return "absent";
    case Code::unreadable: return "unreadable";
    case Code::unsupported: return "unsupported";
    case Code::broken: return "broken";
    case Code::too_large: return "too-large";
    case Code::argument: return "argument";
    case Code::conflict: return "conflict";
    case Code::failed: return "failed";
  }
  return "broken";
}

struct Refusal : std::runtime_error {
  Refusal(Code code, const std::string& sentence) : std::runtime_error(sentence), code(code) {}
  Code code;
};

// The code for a system error number.
inline Code code_of_errno(int number) {
  if (number == ENOENT) return Code::absent;
  return number == ENOMEM || number == EFBIG || number == EOVERFLOW ? Code::too_large : Code::unreadable;
}

// The refusal for `errno`.
inline Refusal system_refusal() {
  int number = errno;
  return Refusal(code_of_errno(number), number == ENOENT ? "no such file" : std::strerror(number));
}

}  // namespace arclet
