#include "expose/profile_json.h"

#include <string>
#include <string_view>
#include <utility>

#include "base/utf8.h"
#include "expose/call_tree.h"
#include "expose/profile_words.h"

namespace expose {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kNsPerSecond = 1e9;

double seconds(std::uint64_t ns) {
  return static_cast<double>(ns) / kNsPerSecond;
}

Json seconds_if_known(const model::Count& ns) {
  return ns ? Json(seconds(*ns)) : Json(nullptr);
}

std::string_view kind_name(model::FunctionKind kind) {
  switch (kind) {
    case model::FunctionKind::kNative:
      return "native";
    case model::FunctionKind::kLisp:
      return "lisp";
    case model::FunctionKind::kCollector:
      return "gc";
    case model::FunctionKind::kKernel:
      return "kernel";
    case model::FunctionKind::kMarker:
      return "marker";
  }
  return {};
}

Json threads_json(const model::Profile& profile) {
  Json threads = Json::array();
  for (const model::ProfileThread& thread : profile.threads) {
    threads.push_back({base::valid_utf8(thread.name), thread.number});
  }
  return threads;
}

Json frames_json(const CallTree& tree) {
  Json frames = Json::array();
  for (const Frame& frame : tree.frames) {
    frames.push_back({frame.name, kind_name(frame.kind), frame.module, frame.file});
  }
  return frames;
}

// Many numbers in few characters: parents by how far they stand before their children.
void add_tree(Json& json, const CallTree& tree) {
  Json parents = Json::array();
  Json frame_of_node = Json::array();
  for (std::size_t i = 1; i < tree.nodes.size(); ++i) {
    parents.push_back(i - tree.nodes[i].parent);
    frame_of_node.push_back(tree.nodes[i].frame);
  }
  Json ends = Json::array();
  for (const CallTree::End& end : tree.ends) {
    ends.push_back(end.node);
    ends.push_back(end.thread);
    ends.push_back(static_cast<int>(end.phase));
    ends.push_back(end.samples);
  }
  json["frames"] = frames_json(tree);
  json["parents"] = std::move(parents);
  json["frame_of_node"] = std::move(frame_of_node);
  json["ends"] = std::move(ends);
}

}  // namespace

Json profile_json(const model::Profile& profile) {
  Json json = {{"process", base::valid_utf8(profile.process)},
               {"pid", profile.pid},
               {"exe", base::valid_utf8(profile.exe)},
               {"build_id", profile.build_id},
               {"version", profile.exporter_version},
               {"begun_unix_ms", profile.begun_unix_ns / 1'000'000},
               {"seconds", seconds(profile.duration_ns)},
               {"hz", profile.hz},
               {"cpu_seconds", seconds_if_known(profile.cpu_ns)},
               {"samples", profile.counts.samples},
               {"truncated", profile.counts.truncated},
               {"failed", profile.counts.failed},
               {"lost", profile.counts.lost},
               {"caveats", caveats(profile)},
               {"time",
                {{"running", seconds_if_known(profile.time.running_ns)},
                 {"queued", seconds_if_known(profile.time.queued_ns)},
                 {"paused", seconds_if_known(profile.time.paused_ns)},
                 {"polling", seconds_if_known(profile.time.polling_ns)},
                 {"blocked", seconds_if_known(profile.time.blocked_ns)}}},
               {"threads", threads_json(profile)}};
  add_tree(json, call_tree(profile));
  return json;
}

}  // namespace expose
