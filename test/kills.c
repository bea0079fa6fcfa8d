/* Ends a program by SIGKILL just before its k-th change to files whose path holds a text, or lets that change fail: loaded by
 * LD_PRELOAD.
 *   ARCLET_KILL_UNDER    the text
 *   ARCLET_KILL_AT       k, from 1; none is met by 0
 *   ARCLET_KILL_MARK     a file that is made before, so that it is known that a program, or one that it started, met it
 *   ARCLET_KILL_KIND     "rename" counts renames alone; anything else counts files made, written, renamed and removed
 *   ARCLET_KILL_HOW      ENOSPC, EIO or EINTR: the change fails so; with a plus (ENOSPC+) so do all that follow and need room
 *   ARCLET_KILL_COPIES   a folder: before each change, that which ARCLET_KILL_UNDER names is copied there, under the change's
 *                        number; it is what a program that was killed then would have left
 *   ARCLET_KILL_COUNTER  a file in which all programs count together, else each counts its own: eight bytes of the count, eight
 *                        of k and sixteen of how, which stand for those above where they are not zero, so that they may change
 *                        while a program runs */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NEEDS_ROOM, OTHER, RENAME };

struct shared { long count, at; char how[16]; };
static struct shared own;
static struct shared *seen = &own;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("ARCLET_KILL_COUNTER");
  if (path == NULL) return;
  int file = syscall(SYS_open, path, O_RDWR, 0600);
  void *shared = file < 0 ? MAP_FAILED : mmap(NULL, sizeof own, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (shared != MAP_FAILED) seen = shared;
  if (file >= 0) syscall(SYS_close, file);
}

static pthread_mutex_t copying = PTHREAD_MUTEX_INITIALIZER;

static void copy(const char *from, const char *to, long count) {
  char target[4096];
  snprintf(target, sizeof target, "%s/%ld", to, count);
  char *words[] = {"cp", "-a", (char *)from, target, NULL}, *path[] = {"PATH=/usr/bin:/bin", NULL};
  pid_t child;
  if (posix_spawnp(&child, "cp", NULL, NULL, words, path) == 0) waitpid(child, NULL, 0);
}

/* Says how a change fails: an error's number, or 0 where it may go on. */
static int change(const char *path, int what) {
  const char *under = getenv("ARCLET_KILL_UNDER"), *at = getenv("ARCLET_KILL_AT"), *kind = getenv("ARCLET_KILL_KIND");
  if (under == NULL || at == NULL || path == NULL || strstr(path, under) == NULL) return 0;
  if (kind != NULL && strcmp(kind, "rename") == 0 && what != RENAME) return 0;
  const char *how = seen->how[0] ? seen->how : getenv("ARCLET_KILL_HOW"), *mark = getenv("ARCLET_KILL_MARK");
  const char *copies = getenv("ARCLET_KILL_COPIES");
  int kept = errno;
  if (copies != NULL) pthread_mutex_lock(&copying);
  long count = __sync_add_and_fetch(&seen->count, 1), chosen = seen->at ? seen->at : atol(at);
  if (copies != NULL) {
    copy(under, copies, count);
    pthread_mutex_unlock(&copying);
  }
  errno = kept;
  int goes_on = how != NULL && strchr(how, '+') != NULL && what == NEEDS_ROOM && chosen > 0 && count > chosen;
  if (count != chosen && !goes_on) return 0;
  if (mark != NULL) {
    int file = syscall(SYS_open, mark, O_CREAT | O_WRONLY, 0600);
    if (file >= 0) syscall(SYS_close, file);
  }
  if (how == NULL) kill(getpid(), SIGKILL);
  return strncmp(how, "ENOSPC", 6) == 0 ? ENOSPC : strncmp(how, "EINTR", 5) == 0 ? EINTR : EIO;
}

static int absolute(const char *path, int what) {
  if (path == NULL || path[0] == '/') return change(path, what);
  char folder[4096], whole[8400];
  if (getcwd(folder, sizeof folder) == NULL) return change(path, what);
  snprintf(whole, sizeof whole, "%s/%s", folder, path);
  return change(whole, what);
}

static int change_of(int file, int what) {
  char link[64], path[4096];
  int kept = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  errno = kept;
  if (length < 0) return 0;
  path[length] = 0;
  return change(path, what);
}

#define REAL(name) __typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define OR_FAIL(problem) do { int failed = (problem); if (failed) { errno = failed; return -1; } } while (0)

ssize_t write(int f, const void *b, size_t n) { REAL(write); OR_FAIL(change_of(f, NEEDS_ROOM)); return real(f, b, n); }
ssize_t pwrite(int f, const void *b, size_t n, off_t o) { REAL(pwrite); OR_FAIL(change_of(f, NEEDS_ROOM)); return real(f, b, n, o); }
ssize_t pwrite64(int f, const void *b, size_t n, off64_t o) { REAL(pwrite64); OR_FAIL(change_of(f, NEEDS_ROOM)); return real(f, b, n, o); }
ssize_t writev(int f, const struct iovec *v, int n) { REAL(writev); OR_FAIL(change_of(f, NEEDS_ROOM)); return real(f, v, n); }
ssize_t pwritev(int f, const struct iovec *v, int n, off_t o) { REAL(pwritev); OR_FAIL(change_of(f, NEEDS_ROOM)); return real(f, v, n, o); }
ssize_t pwritev64(int f, const struct iovec *v, int n, off64_t o) { REAL(pwritev64); OR_FAIL(change_of(f, NEEDS_ROOM)); return real(f, v, n, o); }
int ftruncate(int f, off_t n) { REAL(ftruncate); OR_FAIL(change_of(f, n > 0 ? NEEDS_ROOM : OTHER)); return real(f, n); }
int ftruncate64(int f, off64_t n) { REAL(ftruncate64); OR_FAIL(change_of(f, n > 0 ? NEEDS_ROOM : OTHER)); return real(f, n); }
int fallocate(int f, int m, off_t o, off_t n) { REAL(fallocate); OR_FAIL(change_of(f, NEEDS_ROOM)); return real(f, m, o, n); }
int fsync(int f) { REAL(fsync); OR_FAIL(change_of(f, OTHER)); return real(f); }
int fdatasync(int f) { REAL(fdatasync); OR_FAIL(change_of(f, OTHER)); return real(f); }
int rename(const char *a, const char *b) { REAL(rename); OR_FAIL(absolute(a, RENAME)); return real(a, b); }
int unlink(const char *a) { REAL(unlink); OR_FAIL(absolute(a, OTHER)); return real(a); }
int rmdir(const char *a) { REAL(rmdir); OR_FAIL(absolute(a, OTHER)); return real(a); }
int symlink(const char *a, const char *b) { REAL(symlink); OR_FAIL(absolute(b, NEEDS_ROOM)); return real(a, b); }
int link(const char *a, const char *b) { REAL(link); OR_FAIL(absolute(b, NEEDS_ROOM)); return real(a, b); }
int mkdir(const char *a, mode_t m) { REAL(mkdir); OR_FAIL(absolute(a, NEEDS_ROOM)); return real(a, m); }

static int made(const char *path, int flags) {
  if (!(flags & O_CREAT)) return 0;
  return absolute(path, access(path, F_OK) == 0 ? OTHER : NEEDS_ROOM);
}

int open(const char *a, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  int mode = va_arg(rest, int);
  va_end(rest);
  REAL(open);
  OR_FAIL(made(a, flags));
  return real(a, flags, mode);
}
int open64(const char *a, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  int mode = va_arg(rest, int);
  va_end(rest);
  REAL(open64);
  OR_FAIL(made(a, flags));
  return real(a, flags, mode);
}

/* The C library's own buffers: what they write goes past its write. */
FILE *fopen(const char *a, const char *mode) {
  REAL(fopen);
  int failed = strpbrk(mode, "wa+") == NULL ? 0 : absolute(a, NEEDS_ROOM);
  if (failed) { errno = failed; return NULL; }
  return real(a, mode);
}
FILE *fopen64(const char *a, const char *mode) {
  REAL(fopen64);
  int failed = strpbrk(mode, "wa+") == NULL ? 0 : absolute(a, NEEDS_ROOM);
  if (failed) { errno = failed; return NULL; }
  return real(a, mode);
}
size_t fwrite(const void *b, size_t size, size_t n, FILE *f) {
  REAL(fwrite);
  int failed = f == stdout || f == stderr ? 0 : change_of(fileno(f), NEEDS_ROOM);
  if (failed) { errno = failed; return 0; }
  return real(b, size, n, f);
}
