#include "syscall_counter.h"

#include <stdexcept>

#include "syscalls.skel.h"

namespace bench {

void SyscallCounter::Destroy::operator()(syscalls_bpf* skeleton) const {
  syscalls_bpf__destroy(skeleton);
}

SyscallCounter::SyscallCounter(pid_t pid) : skeleton_(syscalls_bpf__open()) {
  if (!skeleton_) throw std::runtime_error("open the BPF program that counts system calls");
  skeleton_->rodata->watched_pid = static_cast<__u32>(pid);
  if (syscalls_bpf__load(skeleton_.get()) != 0 || syscalls_bpf__attach(skeleton_.get()) != 0) {
    throw std::runtime_error("load and attach the BPF program that counts system calls");
  }
}

std::uint64_t SyscallCounter::calls() const {
  return __atomic_load_n(&skeleton_->bss->calls, __ATOMIC_RELAXED);
}

}  // namespace bench
