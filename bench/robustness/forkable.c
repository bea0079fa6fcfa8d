/* V8 keeps its memory from forked processes; here they are to have it. Loaded by LD_PRELOAD. */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int madvise(void *from, size_t bytes, int advice) {
  return advice == MADV_DONTFORK ? 0 : syscall(SYS_madvise, from, bytes, advice);
}
