// How uprobes are attached on this kernel.
#pragma once

#include <string_view>

namespace probe {

// kPerfEvent: a perf event for each site; every kernel has it. Taking them out waits for each other
// (about 80 ms a site, in the kernel, under one lock).
// kUprobeMulti: one BPF link for all sites of a process, but for groups with something at returns,
// which have links of their own; many go side by side, in the time that one takes.
enum class AttachMethod { kPerfEvent, kUprobeMulti };

// The best method of a kernel, by its release such as "6.18.44-cloud-amd64". uprobe_multi exists
// since 6.6, but before 6.10 (and its stable fixes) it took a pid for a thread: asked for a
// process, it lost the hits of all other threads. From 6.11 on every kernel has it right.
AttachMethod best_attach_method(std::string_view kernel_release);

// The same for the running kernel.
AttachMethod best_attach_method();

std::string_view name_of(AttachMethod method);

}  // namespace probe
