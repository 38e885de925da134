#include "probe/own_site.h"

#include <fcntl.h>
#include <link.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

// In assembly, since each site has twelve given registers and a name, and since a compiler may make
// one function of two that are the same. The names are local to this file; the operands stand in
// the order of the contract, by eight bytes, at the address in %rdi. Sites in lines of the cache of
// their own: nothing but the site is fetched with them.
asm(R"(
  .pushsection .text
  .macro VALKYRIA_OWN_SITE function, site
  .balign 64
  .type \function, @function
\function:
  .cfi_startproc
  push %rbx
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset %rbx, 0
  push %r12
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset %r12, 0
  push %r13
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset %r13, 0
  mov 8(%rdi), %rsi
  mov 16(%rdi), %rdx
  mov 24(%rdi), %rcx
  mov 32(%rdi), %r8
  mov 40(%rdi), %r9
  mov 48(%rdi), %rax
  mov 56(%rdi), %r10
  mov 64(%rdi), %r11
  mov 72(%rdi), %rbx
  mov 80(%rdi), %r12
  mov 88(%rdi), %r13
  mov (%rdi), %rdi
\site:
  nop
  pop %r13
  .cfi_adjust_cfa_offset -8
  .cfi_restore %r13
  pop %r12
  .cfi_adjust_cfa_offset -8
  .cfi_restore %r12
  pop %rbx
  .cfi_adjust_cfa_offset -8
  .cfi_restore %rbx
  ret
  .cfi_endproc
  .size \function, . - \function
  .endm
  VALKYRIA_OWN_SITE own_site_function, own_site
  VALKYRIA_OWN_SITE bare_site_function, bare_site
  .popsection
)");

extern "C" {
[[gnu::visibility("hidden")]] void own_site_function(const std::uint64_t* arguments);
[[gnu::visibility("hidden")]] void bare_site_function(const std::uint64_t* arguments);
[[gnu::visibility("hidden")]] extern const std::uint8_t kOwnSite[] asm("own_site");
}

namespace probe {
namespace {

using base::fail;
using base::Result;

// Where an address of ours stands in the file that it was loaded from.
struct InFile {
  std::uintptr_t address = 0;
  std::string path;
  std::optional<std::uint64_t> offset;
};

int look_into(dl_phdr_info* object, std::size_t, void* wanted) {
  auto& in_file = *static_cast<InFile*>(wanted);
  for (const auto& header : std::span(object->dlpi_phdr, object->dlpi_phnum)) {
    const std::uintptr_t begin = object->dlpi_addr + header.p_vaddr;
    if (header.p_type != PT_LOAD || in_file.address < begin ||
        in_file.address - begin >= header.p_filesz) {
      continue;
    }
    in_file.path = *object->dlpi_name != '\0' ? object->dlpi_name : "/proc/self/exe";
    in_file.offset = in_file.address - begin + header.p_offset;
    return 1;
  }
  return 0;
}

}  // namespace

void reach_own_site(const SiteArguments& arguments) {
  own_site_function(arguments.data());
}

void reach_bare_site(const SiteArguments& arguments) {
  bare_site_function(arguments.data());
}

// Started by the dynamic loader as its argument, /proc/self/exe is the loader's file.
Result<OwnSite> find_own_site() {
  InFile in_file{reinterpret_cast<std::uintptr_t>(kOwnSite), {}, std::nullopt};
  ::dl_iterate_phdr(look_into, &in_file);
  if (!in_file.offset) return fail("find our own probe site: it is in no loaded segment");
  OwnSite site{base::UniqueFd(::open(in_file.path.c_str(), O_RDONLY | O_CLOEXEC)), *in_file.offset,
               kOwnSite};
  if (!site.executable) {
    return fail("open {} for our own probe site: {}", in_file.path, base::errno_text(errno));
  }
  // Nearly the whole function, by which it is told.
  const auto* const function = reinterpret_cast<const std::uint8_t*>(&own_site_function);
  const auto before = static_cast<std::size_t>(kOwnSite - function);
  std::vector<std::uint8_t> bytes(before + 1);
  const auto length = ::pread(site.executable.get(), bytes.data(), bytes.size(),
                              static_cast<off_t>(site.file_offset - before));
  if (length != static_cast<ssize_t>(bytes.size()) ||
      std::memcmp(bytes.data(), function, bytes.size()) != 0) {
    return fail("find our own probe site in {}: the file is another program's", in_file.path);
  }
  return site;
}

}  // namespace probe
