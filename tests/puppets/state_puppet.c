// SPDX-License-Identifier: BSD-2-Clause
//
// Has memory like minivalk's, and does to it what no honest runtime does. A line on stdin, "done"
// on stdout:
//
//   cycles N        says that there were N collections
//   used N          says that N bytes of the heap are in use
//   systems N       says that there are N systems
//   random SEED     fills all of it with random bytes, counts included
//   honest          makes it one system, one server, one client, all numbers small
//   unmap           takes the first page away
//   map             gives it back, as zeros
//   hang            whoever reads the first page waits, as for a disk that doesn't answer
//   go-on           until now
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "minivalk/counters.h"

#define PAGE 4096

_Alignas(PAGE) struct minivalk_runtime minivalk_runtime;
_Static_assert(sizeof minivalk_runtime > 2 * PAGE, "its first page is its own");

static int fault_fd = -1;

static void be_honest(void) {
  memset(&minivalk_runtime, 0, sizeof minivalk_runtime);
  minivalk_runtime.system_count = 1;
  minivalk_runtime.server_count = 1;
  minivalk_runtime.client_count = 1;
  minivalk_runtime.gc.heap_used_bytes = 1;
  minivalk_runtime.gc.heap_total_bytes = 4;
  strcpy(minivalk_runtime.systems[0].name, "main");
  strcpy(minivalk_runtime.servers[0].host, "127.0.0.1");
  strcpy(minivalk_runtime.servers[0].protocol, "http");
  minivalk_runtime.servers[0].port = 8080;
  strcpy(minivalk_runtime.clients[0].name, "cache");
  strcpy(minivalk_runtime.clients[0].type, "Cache");
}

static void be_random(unsigned seed) {
  unsigned char* bytes = (unsigned char*)&minivalk_runtime;
  srandom(seed);
  for (size_t i = 0; i < sizeof minivalk_runtime; ++i) bytes[i] = (unsigned char)(random() >> 8);
  // So that there is something to see of it.
  if (seed % 2 == 0) {
    minivalk_runtime.system_count = SYSTEMS_MAX;
    minivalk_runtime.server_count = SERVERS_MAX;
    minivalk_runtime.client_count = CLIENTS_MAX;
  }
}

static void map_zeros(void) {
  if (mmap(&minivalk_runtime, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
           -1, 0) == MAP_FAILED)
    abort();
}

static void hang(void) {
  struct uffdio_api api = {.api = UFFD_API};
  struct uffdio_register region = {.range = {(unsigned long)&minivalk_runtime, PAGE},
                                   .mode = UFFDIO_REGISTER_MODE_MISSING};
  map_zeros();
  fault_fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
  if (fault_fd < 0 || ioctl(fault_fd, UFFDIO_API, &api) != 0 ||
      ioctl(fault_fd, UFFDIO_REGISTER, &region) != 0)
    abort();
}

static void go_on(void) {
  struct uffdio_zeropage page = {.range = {(unsigned long)&minivalk_runtime, PAGE}};
  if (ioctl(fault_fd, UFFDIO_ZEROPAGE, &page) != 0) abort();
  close(fault_fd);
}

static void obey(const char* command, unsigned long number) {
  if (strcmp(command, "cycles") == 0) minivalk_runtime.gc.cycles_total = number;
  if (strcmp(command, "used") == 0) minivalk_runtime.gc.heap_used_bytes = number;
  if (strcmp(command, "systems") == 0) minivalk_runtime.system_count = (uint32_t)number;
  if (strcmp(command, "random") == 0) be_random((unsigned)number);
  if (strcmp(command, "honest") == 0) be_honest();
  if (strcmp(command, "unmap") == 0) munmap(&minivalk_runtime, PAGE);
  if (strcmp(command, "map") == 0) map_zeros();
  if (strcmp(command, "hang") == 0) hang();
  if (strcmp(command, "go-on") == 0) go_on();
}

int main(void) {
  char line[256];
  char command[32];
  setvbuf(stdout, NULL, _IOLBF, 0);
  be_honest();
  puts("ready");
  while (fgets(line, sizeof line, stdin) != NULL) {
    unsigned long number = 0;
    if (sscanf(line, "%31s %lu", command, &number) < 1) continue;
    obey(command, number);
    VALKYRIA_LOOP_TURN(1, "main", 2000000);
    VALKYRIA_CLIENT_CACHE(1, "cache", "Cache", 1);
    puts("done");
  }
  return 0;
}
