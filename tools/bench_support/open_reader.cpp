#include "bench_support/open_reader.h"

#include "bench_support/value_of.h"
#include "layout/layouts.h"
#include "probe/contract.h"
#include "state/known_layouts.h"
#include "target/memory_map.h"

namespace bench {

std::unique_ptr<state::Reader> open_reader(pid_t pid, const std::string& cache_directory) {
  const auto program = value_of(target::read_program(
      value_of(target::open_executable_of("/proc", pid)), {std::string(probe::kProvider), {}}));
  auto layouts = value_of(layout::Layouts::open({cache_directory, {}, {}}));
  auto found = value_of(layouts.find(program));
  const auto maps = value_of(target::read_maps("/proc", pid));
  const auto bias = value_of(target::find_load_bias(maps, program.executable, program.segments));
  return value_of(state::make_reader(std::move(found.layout), bias));
}

}  // namespace bench
