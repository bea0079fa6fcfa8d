// Work on another thread, as a promise.
#include "promises.h"

namespace arclet {
namespace {

struct Promised {
  const char* name;
  std::function<void()> work;
  std::exception_ptr thrown;
  napi_deferred deferred = nullptr;
  napi_async_work handle = nullptr;
};

void run(napi_env, void* data) {
  auto* own = static_cast<Promised*>(data);
  try {
    own->work();
  } catch (...) {
    own->thrown = std::current_exception();
  }
}

// What was thrown, as a JavaScript error.
napi_value error_of(napi_env env, const Promised& own) {
  napi_value error = nullptr;
  try {
    std::rethrow_exception(own.thrown);
  } catch (...) {
    throw_current(env, own.name);
  }
  napi_get_and_clear_last_exception(env, &error);
  return error;
}

void settle(napi_env env, napi_status, void* data) {
  std::unique_ptr<Promised> own(static_cast<Promised*>(data));
  napi_value undefined;
  if (own->thrown != nullptr) napi_reject_deferred(env, own->deferred, error_of(env, *own));
  else if (napi_get_undefined(env, &undefined) == napi_ok) napi_resolve_deferred(env, own->deferred, undefined);
  napi_delete_async_work(env, own->handle);
}

}  // namespace

napi_value promised(napi_env env, const char* name, std::function<void()> work) {
  auto own = std::make_unique<Promised>();
  own->name = name;
  own->work = std::move(work);
  napi_value promise, label;
  check(env, napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &label));
  check(env, napi_create_promise(env, &own->deferred, &promise));
  check(env, napi_create_async_work(env, nullptr, label, run, settle, own.get(), &own->handle));
  check(env, napi_queue_async_work(env, own->handle));
  own.release();
  return promise;
}

}  // namespace arclet
