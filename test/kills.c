/* Ends a program by SIGKILL just before its k-th change to files whose path holds a text: loaded by LD_PRELOAD.
 *   ARCLET_KILL_UNDER  the text
 *   ARCLET_KILL_AT     k, from 1
 *   ARCLET_KILL_MARK   a file that is made before, so that it is known that a program, or one that it started, was ended
 *   ARCLET_KILL_KIND   "rename" counts renames alone; anything else counts files made, written, renamed and removed */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static int seen;

static void change(const char *path, int is_rename) {
  const char *under = getenv("ARCLET_KILL_UNDER"), *at = getenv("ARCLET_KILL_AT"), *kind = getenv("ARCLET_KILL_KIND");
  if (under == NULL || at == NULL || path == NULL || strstr(path, under) == NULL) return;
  if (kind != NULL && strcmp(kind, "rename") == 0 && !is_rename) return;
  if (__sync_add_and_fetch(&seen, 1) != atoi(at)) return;
  if (getenv("ARCLET_KILL_MARK") != NULL) syscall(SYS_open, getenv("ARCLET_KILL_MARK"), O_CREAT | O_WRONLY, 0600);
  kill(getpid(), SIGKILL);
}

static void change_of(int file) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return;
  path[length] = 0;
  change(path, 0);
}

#define REAL(name) __typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

ssize_t write(int f, const void *b, size_t n) { REAL(write); change_of(f); return real(f, b, n); }
ssize_t pwrite(int f, const void *b, size_t n, off_t o) { REAL(pwrite); change_of(f); return real(f, b, n, o); }
ssize_t pwrite64(int f, const void *b, size_t n, off64_t o) { REAL(pwrite64); change_of(f); return real(f, b, n, o); }
ssize_t writev(int f, const struct iovec *v, int n) { REAL(writev); change_of(f); return real(f, v, n); }
int ftruncate(int f, off_t n) { REAL(ftruncate); change_of(f); return real(f, n); }
int ftruncate64(int f, off64_t n) { REAL(ftruncate64); change_of(f); return real(f, n); }
int fsync(int f) { REAL(fsync); change_of(f); return real(f); }
int fdatasync(int f) { REAL(fdatasync); change_of(f); return real(f); }
int rename(const char *a, const char *b) { REAL(rename); change(a, 1); return real(a, b); }
int unlink(const char *a) { REAL(unlink); change(a, 0); return real(a); }
int rmdir(const char *a) { REAL(rmdir); change(a, 0); return real(a); }
int symlink(const char *a, const char *b) { REAL(symlink); change(b, 0); return real(a, b); }
int link(const char *a, const char *b) { REAL(link); change(b, 0); return real(a, b); }
int mkdir(const char *a, mode_t m) { REAL(mkdir); change(a, 0); return real(a, m); }

int open(const char *a, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  int mode = va_arg(rest, int);
  va_end(rest);
  REAL(open);
  if (flags & O_CREAT) change(a, 0);
  return real(a, flags, mode);
}
int open64(const char *a, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  int mode = va_arg(rest, int);
  va_end(rest);
  REAL(open64);
  if (flags & O_CREAT) change(a, 0);
  return real(a, flags, mode);
}
