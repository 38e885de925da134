#include "http/landing_page.h"

#include <fmt/format.h>

#include <iterator>

#include "base/utf8.h"

namespace http {
namespace {

constexpr std::string_view kHead =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<title>valkyria_exporter</title>\n"
    "<style>body{font-family:sans-serif;max-width:40em;margin:2em auto;padding:0 1em}</style>\n"
    "</head>\n<body>\n<h1>valkyria_exporter</h1>\n";

constexpr std::string_view kDebugNotServed =
    "<li>/debug/ is not served to you here: it is on loopback, and elsewhere over TLS to who has "
    "authenticated, or to everybody with --web.enable-debug</li>\n";

void append_target(std::string& page, const model::TargetMetrics& target, bool is_debug_served) {
  const std::string name = target.process.empty() ? fmt::format("process {}", target.id.pid)
                                                  : html_escaped(target.process);
  const std::string query =
      target.process.empty() ? "" : "process=" + query_escaped(target.process);
  fmt::format_to(std::back_inserter(page), "<li>{} (pid {}, {})", name, target.id.pid,
                 target.up ? "up" : "down");
  if (is_debug_served) {
    fmt::format_to(std::back_inserter(page), ": <a href=\"./debug/metrics{}{}\">JSON</a>",
                   query.empty() ? "" : "?", query);
  }
  if (is_debug_served && target.up) {
    fmt::format_to(std::back_inserter(page),
                   ", <a href=\"./debug/flamegraph?seconds=10{}{}\">flame graph</a> (takes 10 s)",
                   query.empty() ? "" : "&amp;", query);
  }
  page += "</li>\n";
}

void append_unwatched(std::string& page, const std::vector<model::TargetCount>& counts) {
  for (const model::TargetCount& count : counts) {
    if (count.count == 0 || count.state == model::kTargetWatched) continue;
    fmt::format_to(std::back_inserter(page), "<p>{} more {}; the log says which.</p>\n",
                   count.count,
                   count.state == model::kTargetNoRoom ? "wait for a place (--max-targets)"
                                                       : "can't be watched, or not be looked at");
  }
}

void append_snapshot(std::string& page, const model::Snapshot& snapshot, bool is_debug_served) {
  page += "<p>Version " + html_escaped(snapshot.exporter.version) + "</p>\n";
  page += "<h2>Watched processes</h2>\n";
  if (!snapshot.exporter.selection.empty()) {
    page += "<p>Selected: <code>" + html_escaped(snapshot.exporter.selection) + "</code></p>\n";
  }
  append_unwatched(page, snapshot.exporter.targets);
  if (snapshot.targets.empty()) {
    page += "<p>None yet.</p>\n";
    return;
  }
  page += "<ul>\n";
  for (const auto& target : snapshot.targets) append_target(page, target, is_debug_served);
  page += "</ul>\n";
}

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : base::valid_utf8(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string query_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      escaped += c;
    } else {
      fmt::format_to(std::back_inserter(escaped), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return escaped;
}

// The links are relative: a proxy may serve the page under a prefix.
std::string write_landing_page(const base::Result<model::Snapshot>& snapshot,
                               std::string_view telemetry_path, bool is_debug_served) {
  std::string page(kHead);
  page += "<ul>\n";
  if (is_debug_served) {
    page +=
        "<li><a href=\"./debug/\">Live</a>: what happens now</li>\n"
        "<li><a href=\"./debug/pprof/\">Profiles</a>: where the time goes</li>\n"
        "<li><a href=\"./debug/metrics\">Metrics</a> as JSON</li>\n";
  } else {
    page += kDebugNotServed;
  }
  fmt::format_to(std::back_inserter(page),
                 "<li><a href=\".{}\">Metrics</a> for Prometheus</li>\n"
                 "<li><a href=\"./-/healthy\">Healthy?</a></li>\n"
                 "<li><a href=\"./-/ready\">Ready?</a></li>\n</ul>\n",
                 html_escaped(telemetry_path));
  if (snapshot) {
    append_snapshot(page, *snapshot, is_debug_served);
  } else {
    page += "<p>No snapshot: " + html_escaped(snapshot.error().message) + "</p>\n";
  }
  page += "</body>\n</html>\n";
  return page;
}

}  // namespace http
