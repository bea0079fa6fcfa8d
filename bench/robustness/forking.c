/* fork() for a program of Node that has no threads of its own: loaded as an addon by forking-program.mjs. */
#include <node_api.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int uv_loop_fork(void *loop);
void *uv_default_loop(void);

static napi_value number(napi_env env, int value) {
  napi_value made;
  napi_create_int32(env, value, &made);
  return made;
}

/* 0 in the child, which leads a group; the child's process in the parent. */
static napi_value fork_here(napi_env env, napi_callback_info info) {
  (void)info;
  pid_t child = fork();
  if (child == 0) {
    setpgid(0, 0);
    uv_loop_fork(uv_default_loop());
  } else if (child > 0) setpgid(child, child);
  return number(env, child);
}

/* Waits for any child. Its exit code, or 1000 and the signal that ended it. */
static napi_value wait_here(napi_env env, napi_callback_info info) {
  (void)info;
  int status = 0;
  while (waitpid(-1, &status, 0) < 0) {}
  return number(env, WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status));
}

static int argument(napi_env env, napi_callback_info info, int at) {
  size_t count = 2;
  napi_value given[2];
  int value = 0;
  napi_get_cb_info(env, info, &count, given, NULL, NULL);
  napi_get_value_int32(env, given[at], &value);
  return value;
}

static napi_value dup2_here(napi_env env, napi_callback_info info) {
  return number(env, dup2(argument(env, info, 0), argument(env, info, 1)));
}

static napi_value exit_here(napi_env env, napi_callback_info info) {
  _exit(argument(env, info, 0));
}

static napi_value pid_here(napi_env env, napi_callback_info info) {
  (void)info;
  return number(env, getpid());
}

NAPI_MODULE_INIT() {
  const struct { const char *name; napi_callback call; } all[] = {
      {"fork", fork_here}, {"wait", wait_here}, {"dup2", dup2_here}, {"exit", exit_here}, {"pid", pid_here}};
  for (int k = 0; k < 5; k++) {
    napi_value made;
    napi_create_function(env, all[k].name, NAPI_AUTO_LENGTH, all[k].call, NULL, &made);
    napi_set_named_property(env, exports, all[k].name, made);
  }
  return exports;
}
