// SPDX-License-Identifier: BSD-2-Clause
//
// Preloaded into a program, does what some do to themselves:
//
//   SIGUSR1            the main thread leaves, the others go on
//   SIGUSR2            the code moves to memory without a file, as it does on its way to huge pages
//   SIGHUP             it forks: the child does nothing, and ends with the thread that forked
//   MOVE_CODE_AT_START in the environment: the latter before main()
#define _GNU_SOURCE
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const uintptr_t kPage = 4096;

// From the file: what stands in memory may have breakpoints.
static void move_segment(int file, const ElfW(Phdr) * segment, uintptr_t bias) {
  const uintptr_t begin = (bias + segment->p_vaddr) & ~(kPage - 1);
  const uintptr_t end = (bias + segment->p_vaddr + segment->p_memsz + kPage - 1) & ~(kPage - 1);
  const off_t offset = (off_t)(segment->p_offset & ~(kPage - 1));
  void* copy = mmap(NULL, end - begin, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (copy == MAP_FAILED || pread(file, copy, end - begin, offset) <= 0) abort();
  if (mprotect(copy, end - begin, PROT_READ | PROT_EXEC) != 0) abort();
  if (mremap(copy, end - begin, end - begin, MREMAP_MAYMOVE | MREMAP_FIXED, (void*)begin) ==
      MAP_FAILED) {
    abort();
  }
}

// Of the first one, the program itself, alone.
static int move_code_of(struct dl_phdr_info* object, size_t size, void* unused) {
  (void)size;
  (void)unused;
  const int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (file < 0) abort();
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr)* segment = &object->dlpi_phdr[i];
    if (segment->p_type == PT_LOAD && (segment->p_flags & PF_X) != 0) {
      move_segment(file, segment, object->dlpi_addr);
    }
  }
  close(file);
  return 1;
}

static void move_code(int signal_number) {
  (void)signal_number;
  dl_iterate_phdr(move_code_of, NULL);
}

static void leave(int signal_number) {
  if (syscall(SYS_gettid) != getpid()) {
    syscall(SYS_tgkill, getpid(), getpid(), signal_number);
    return;
  }
  syscall(SYS_exit, 0);
}

// Past libc, whose locks a handler may have interrupted.
static void fork_one(int signal_number) {
  (void)signal_number;
  if (syscall(SYS_fork) != 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (;;) pause();
}

__attribute__((constructor)) static void begin(void) {
  signal(SIGHUP, fork_one);
  signal(SIGUSR1, leave);
  signal(SIGUSR2, move_code);
  if (getenv("MOVE_CODE_AT_START") != NULL) move_code(0);
}
