#include "http/profile_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "base/gzip.h"
#include "base/utf8.h"
#include "expose/flame_page.h"
#include "expose/folded.h"
#include "expose/kept_profiles_json.h"
#include "expose/pprof.h"
#include "expose/speedscope.h"
#include "http/timeline_routes.h"

namespace http {
namespace {

using base::Result;

constexpr std::uint64_t kPprofSeconds = 30;  // as Go's own has it
constexpr std::uint64_t kFlameGraphSeconds = 10;
constexpr std::uint64_t kDefaultHz = 99;
constexpr std::size_t kMaxJsonBytes = 64 * 1024 * 1024;
constexpr const char* kPprofType = "application/octet-stream";
constexpr std::string_view kProfile = "/profile";
constexpr std::string_view kPprofOfKept = "/pprof";
constexpr std::string_view kFlameGraphOfKept = "/flamegraph";
constexpr std::string_view kNew = "/new";

constexpr const char* kIndex =
    R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Profiles</title>
<style>body{font-family:sans-serif;max-width:40em;margin:2em auto;padding:0 1em}</style>
</head>
<body>
<h1>Profiles</h1>
<p>Where the processor time of a watched process goes, by its Lisp functions and its own code. Each
link takes a profile now and answers when it is done.</p>
<ul>
<li><a href="../flamegraph?seconds=10">Flame graph</a> of 10 s</li>
<li><a href="profile?seconds=10">profile</a> of 10 s, for go tool pprof and profile stores</li>
<li><a href="profile?seconds=10&amp;format=folded">Folded stacks</a></li>
<li><a href="profile?seconds=10&amp;format=speedscope">speedscope</a></li>
<li><a href="../profiles">Those that were kept</a> of the last hour, as JSON</li>
</ul>
<p>Further parameters: <code>process=NAME</code> of several processes, <code>hz=N</code> samples a
second. An idle process has no samples: only who runs is sampled.</p>
</body>
</html>
)";

// X-Go-Pprof: so that go tool pprof shows the text.
void respond(Response& response, int status, const std::string& text) {
  response.status = status;
  response.body = base::valid_utf8(text) + "\n";
  response.content_type = kPlainText;
  response.fields.emplace_back("X-Go-Pprof", "1");
  response.fields.emplace_back("Cache-Control", "no-store");
}

void set_download(Response& response, std::string body, const char* content_type,
                  const std::string& name) {
  response.body = std::move(body);
  response.content_type = content_type;
  response.fields.emplace_back("Content-Disposition",
                               fmt::format("attachment; filename=\"{}\"", name));
  response.fields.emplace_back("Cache-Control", "no-store");
}

void set_flame_page(Response& response, const Result<std::string>& page) {
  if (!page) return respond(response, 500, page.error().message);
  response.body = *page;
  response.content_type = "text/html; charset=utf-8";
  response.fields.emplace_back("Content-Security-Policy", std::string(expose::flame_page_policy()));
  response.fields.emplace_back("Cache-Control", "no-store");
}

Result<std::uint64_t> parse(const Request& request, const char* name, std::uint64_t otherwise,
                            std::uint64_t most) {
  const auto text = parameter_of(request, name);
  if (!text) return otherwise;
  const auto number = parse_number(*text);
  if (number && *number >= 1 && *number <= most) return *number;
  return base::fail("{} \"{}\": use a number from 1 to {}", name, base::valid_utf8(*text), most);
}

Result<model::ProfileRequest> parse_request(const Sources& sources, const Request& request,
                                            std::uint64_t seconds) {
  constexpr auto kMost = static_cast<std::uint64_t>(model::kMaxProfileDuration.count());
  const auto duration = parse(request, "seconds", seconds, kMost);
  if (!duration) return base::pass_on(duration);
  const std::uint64_t otherwise = std::min<std::uint64_t>(kDefaultHz, sources.max_profile_hz);
  const auto hz = parse(request, "hz", otherwise, sources.max_profile_hz);
  if (!hz) return base::pass_on(hz);
  return model::ProfileRequest{parameter_of(request, "process"), std::chrono::seconds(*duration),
                               static_cast<std::uint32_t>(*hz)};
}

// None: the response says why.
std::optional<model::Profile> take(const Sources& sources, const Request& request,
                                   std::uint64_t seconds, Response& response) {
  const auto wanted = parse_request(sources, request, seconds);
  if (!wanted) {
    respond(response, 400, wanted.error().message);
    return std::nullopt;
  }
  if (request.head.method == Method::kHead) return model::Profile{};  // nobody looks at it
  auto answer = sources.profile(*wanted, request.client_left);
  if (!answer) {
    const bool is_gone = answer.error().cause == base::Cause::kGone;
    respond(response, is_gone ? 404 : 503, answer.error().message);
    return std::nullopt;
  }
  if (const auto* const busy = std::get_if<model::ProfilerBusy>(&*answer)) {
    response.fields.emplace_back("Retry-After", std::to_string(busy->seconds_left));
    respond(response, 503, fmt::format("{}; try again in {} s", busy->reason, busy->seconds_left));
    return std::nullopt;
  }
  return std::move(std::get<model::Profile>(*answer));
}

// A name that no target chose.
std::string file_name_of(const model::Profile& profile) {
  return fmt::format("profile-{}-{}", profile.pid, profile.begun_unix_ns / 1'000'000'000);
}

void set_pprof(Response& response, const model::Profile& profile) {
  auto pprof = expose::write_pprof(profile);
  if (!pprof) return respond(response, 500, "write the profile: out of memory");
  set_download(response, std::move(*pprof), kPprofType, file_name_of(profile) + ".pb.gz");
}

void answer_profile(const Sources& sources, const Request& request, Response& response) {
  constexpr std::array<std::string_view, 3> kFormats{"pprof", "folded", "speedscope"};
  const std::string format = parameter_of(request, "format").value_or("pprof");
  if (std::find(kFormats.begin(), kFormats.end(), format) == kFormats.end()) {
    return respond(response, 400,
                   fmt::format("format \"{}\": use pprof, folded or speedscope", format));
  }
  const auto profile = take(sources, request, kPprofSeconds, response);
  if (!profile) return;
  const std::string name = file_name_of(*profile);
  if (format == "folded") {
    return set_download(response, expose::write_folded(*profile, expose::ThreadFrame::kFirst),
                        kPlainText, name + ".folded");
  }
  if (format == "speedscope") {
    return set_download(response, expose::write_speedscope(*profile), "application/json",
                        name + ".speedscope.json");
  }
  set_pprof(response, *profile);
}

struct Kept {
  model::ProfileFiles files;
  std::string name;  // for people
};

// Of a capture or of a minute that was kept.
std::optional<Kept> find_kept(const Sources& sources, std::string_view id) {
  for (const auto& kept : sources.kept_profiles()) {
    if (kept->id == id) return Kept{kept->files, "profile " + kept->id};
  }
  for (const auto& capture : sources.captures().captures) {
    if (capture->facts.id != id) continue;
    if (auto files = profile_of(*capture))
      return Kept{std::move(*files), "capture " + capture->facts.id};
  }
  return std::nullopt;
}

// What the page is to compare with. Fails where there is no such profile.
Result<void> add_base(const Sources& sources, const Request& request, expose::FlameExtras& extras) {
  const auto id = parameter_of(request, "compare");
  if (!id) return {};
  const auto kept = find_kept(sources, *id);
  if (!kept) {
    return base::fail(
        "compare \"{}\": no profile of that name is kept; /debug/profiles and /debug/captures list "
        "them",
        base::valid_utf8(*id));
  }
  auto json = base::gunzip(kept->files.json_gz, kMaxJsonBytes);
  if (!json) return base::fail("compare \"{}\": what was kept of it is damaged", *id);
  extras.base = std::move(*json);
  extras.base_name = kept->name;
  return {};
}

void answer_new_profile(const Sources& sources, const Request& request, Response& response) {
  const auto profile = take(sources, request, kFlameGraphSeconds, response);
  if (!profile) return;
  response.content_type = "application/json";
  response.fields.emplace_back("Cache-Control", "no-store");
  if (request.head.method == Method::kHead) return;  // it asked whether this is served
  const auto kept = sources.keep_profile(*profile);
  if (!kept) return respond(response, 500, "keep the profile: out of memory");
  response.body = expose::write_kept_profile_json(*kept);
}

}  // namespace

std::optional<model::ProfileFiles> profile_of(const model::Capture& capture) {
  const model::Attachment* const pprof = capture.find(model::kPprofAttachment);
  const model::Attachment* const json = capture.find(model::kProfileAttachment);
  if (pprof == nullptr || json == nullptr) return std::nullopt;
  return model::ProfileFiles{pprof->content, json->content};
}

void answer_pprof(const Sources& sources, const Request& request, std::string_view rest,
                  Response& response) {
  if (rest == kProfile) return answer_profile(sources, request, response);
  if (rest.empty()) {  // its links are relative
    response.fields.emplace_back("Location", "pprof/");
    return respond(response, 308, "see pprof/");
  }
  if (rest != "/") {
    return respond(response, 404, "only a profile of the processor is here: /debug/pprof/profile");
  }
  response.body = kIndex;
  response.content_type = "text/html; charset=utf-8";
}

void answer_flame_graph(const Sources& sources, const Request& request, Response& response) {
  expose::FlameExtras extras;
  if (auto added = add_base(sources, request, extras); !added) {
    return respond(response, 404, added.error().message);
  }
  const auto profile = take(sources, request, kFlameGraphSeconds, response);
  if (!profile) return;
  const std::string name = file_name_of(*profile);
  if (const auto pprof = expose::write_pprof(*profile)) {
    extras.links.push_back({"pprof", expose::inline_file(kPprofType, *pprof), name + ".pb.gz"});
  }
  const std::string folded = expose::write_folded(*profile, expose::ThreadFrame::kFirst);
  extras.links.push_back({"folded", expose::inline_file("text/plain", folded), name + ".folded"});
  extras.links.push_back(
      {"speedscope", expose::inline_file("application/json", expose::write_speedscope(*profile)),
       name + ".speedscope.json"});
  set_flame_page(response, expose::write_flame_page(expose::write_profile_json(*profile), extras));
}

void answer_kept_flame_graph(const Sources& sources, const Request& request,
                             const model::ProfileFiles& files, const std::string& name,
                             Response& response) {
  expose::FlameExtras extras;
  if (auto added = add_base(sources, request, extras); !added) {
    return respond(response, 404, added.error().message);
  }
  const auto json = base::gunzip(files.json_gz, kMaxJsonBytes);
  if (!json) return respond(response, 500, "what was kept of the profile is damaged");
  extras.links.push_back({"pprof", expose::inline_file(kPprofType, files.pprof), name + ".pb.gz"});
  set_flame_page(response, expose::write_flame_page(*json, extras));
}

void answer_kept_pprof(const model::ProfileFiles& files, const std::string& name,
                       Response& response) {
  set_download(response, files.pprof, kPprofType, name + ".pb.gz");
}

void answer_profiles(const Sources& sources, const Request& request, std::string_view rest,
                     Response& response) {
  if (rest == kNew) return answer_new_profile(sources, request, response);
  const model::KeptProfiles kept = sources.kept_profiles();
  if (rest.empty() || rest == "/") {
    response.body = expose::write_kept_profiles_json(kept);
    response.content_type = "application/json";
    response.fields.emplace_back("Cache-Control", "no-store");
    return;
  }
  for (const std::string_view form : {kPprofOfKept, kFlameGraphOfKept}) {
    if (!rest.ends_with(form) || rest.size() <= form.size()) continue;
    const std::string_view id = rest.substr(1, rest.size() - form.size() - 1);
    const auto found =
        std::find_if(kept.begin(), kept.end(), [&](const auto& one) { return one->id == id; });
    if (found == kept.end()) break;
    const std::string name = "profile-" + (*found)->id;
    if (form == kPprofOfKept) return answer_kept_pprof((*found)->files, name, response);
    return answer_kept_flame_graph(sources, request, (*found)->files, name, response);
  }
  respond(response, 404,
          "no profile of that name is kept; /debug/profiles lists those that are, and each is at "
          "/debug/profiles/ID/flamegraph and /debug/profiles/ID/pprof");
}

}  // namespace http
