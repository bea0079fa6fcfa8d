// CFITSIO's statuses as refusals: its sentence, what its error stack adds, and the status's code.
#include "cfitsio.h"

namespace arclet {
namespace {

Code code_of(int status, Code otherwise) {
  switch (status) {
    case FILE_NOT_OPENED:
    case FILE_NOT_CREATED:
    case WRITE_ERROR:
    case FILE_NOT_CLOSED:
    case SEEK_ERROR: return code_of_errno(errno);
    case END_OF_FILE:
    case READ_ERROR: return Code::truncated;
    case TOO_MANY_FILES:
    case ARRAY_TOO_BIG:
    case MEMORY_ALLOCATION: return Code::too_large;
    case UNKNOWN_EXT:
    case NO_MATCHING_DRIVER: return Code::unsupported;
    default: return otherwise;
  }
}

}  // namespace

void fits_check(int status, Code otherwise) {
  if (status == 0) return;
  Code code = code_of(status, otherwise);
  char text[FLEN_STATUS] = "", line[FLEN_ERRMSG] = "";
  fits_get_errstatus(status, text);
  std::string sentence = text, more;
  for (int lines = 0; fits_read_errmsg(line) != 0; ++lines)
    if (lines < 3 && line[0] != '\0') more += (more.empty() ? "" : "; ") + std::string(line);
  throw Refusal(code, sentence + (more.empty() ? "" : " (" + more + ")") + ", CFITSIO status " + std::to_string(status));
}

}  // namespace arclet
