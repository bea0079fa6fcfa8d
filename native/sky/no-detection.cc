// The functions of detection.cc where SEP was not found when the door was built.
#ifdef ARCLET_WITHOUT_SEP
#include "door.h"

namespace arclet {
namespace {

napi_value refused(napi_env, Arguments&) {
  throw Refusal(Code::unsupported,
                "Arclet was built without SEP, which finds and measures sources: install it (Debian's libsep-dev, or "
                "its source into a folder that ARCLET_PREFIX names), then set up again");
}

}  // namespace

void add_detection(napi_env env, napi_value exports) {
  for (const char* name : {"background", "extract", "sumCircles", "kronRadii", "sumEllipses", "fluxRadii"})
    define(env, exports, name, guarded<refused>);
}

}  // namespace arclet
#endif
