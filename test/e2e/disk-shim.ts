// A disk that fails or hangs on demand, under the real SQLite of the real writer process and under nobody
// else: a library between program and libc, compiled here. Tests touch a file to break the disk, remove it
// to mend it.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';

export interface DiskShim {
  /** For `env` in front of the daemon's command line; children inherit it. */
  readonly variables: readonly string[];
  /** `eio`: syncs fail. `hang`: syncs and writes do not return until the disk is mended. */
  breakDisk(how: 'eio' | 'hang'): void;
  mendDisk(): void;
}

const SOURCE = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int in_writer = -1;

static int is_broken(const char *how) {
  char path[4096];
  const char *stem = getenv("GV_SHIM");
  if (in_writer < 0) {
    char words[4096] = "";
    int file = open("/proc/self/cmdline", O_RDONLY);
    ssize_t length = read(file, words, sizeof words - 1);
    close(file);
    in_writer = length > 0 && memmem(words, length, "writer-process", 14) != NULL;
  }
  if (!in_writer || stem == NULL) return 0;
  snprintf(path, sizeof path, "%s.%s", stem, how);
  return access(path, F_OK) == 0;
}

static void hang(void) {
  while (is_broken("hang")) usleep(20000);
}

static int sync_by(const char *name, int file) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  hang();
  if (is_broken("eio")) { errno = EIO; return -1; }
  return real(file);
}

int fsync(int file) { return sync_by("fsync", file); }
int fdatasync(int file) { return sync_by("fdatasync", file); }

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
  ssize_t (*real)(int, const void *, size_t, off64_t) =
      (ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
  hang();
  return real(file, bytes, count, offset);
}
ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
  return pwrite64(file, bytes, count, offset);
}
`;

/** Compiles it to `stem`.so; needs gcc (Debian: build-essential). */
export function compileDiskShim(stem: string): DiskShim {
  writeFileSync(`${stem}.c`, SOURCE);
  execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-o', `${stem}.so`, `${stem}.c`, '-ldl']);
  return {
    variables: [`LD_PRELOAD=${stem}.so`, `GV_SHIM=${stem}`],
    breakDisk: (how) => writeFileSync(`${stem}.${how}`, ''),
    mendDisk: () => {
      for (const how of ['eio', 'hang']) rmSync(`${stem}.${how}`, { force: true });
    },
  };
}
