#include "expose/flame_page.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/utf8.h"
#include "expose/json_text.h"
#include "expose/profile_json.h"
#include "web/flame_template.h"

namespace expose {
namespace {

using Json = nlohmann::ordered_json;

// What could end the element that holds it, or a line of it, is written as the number of its
// character. Outside of strings JSON has none of these.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kEscapes{{
    {"<", "\\u003c"},
    {">", "\\u003e"},
    {"&", "\\u0026"},
    {"\u2028", "\\u2028"},
    {"\u2029", "\\u2029"},
}};

std::string inside_html(std::string_view json) {
  std::string text;
  text.reserve(json.size());
  while (!json.empty()) {
    std::size_t length = 1;
    std::string_view written = json.substr(0, 1);
    for (const auto& [character, escape] : kEscapes) {
      if (!json.starts_with(character)) continue;
      length = character.size();
      written = escape;
    }
    text += written;
    json.remove_prefix(length);
  }
  return text;
}

Json links_json(const std::vector<FlameLink>& links) {
  Json json = Json::array();
  for (const FlameLink& link : links) {
    json.push_back({{"name", link.name}, {"href", link.href}, {"file", link.file_name}});
  }
  return json;
}

}  // namespace

std::string inline_file(std::string_view content_type, std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text = "data:" + std::string(content_type) + ";base64,";
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t three = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const bool is_there = at + i < bytes.size();
      three = three << 8U | (is_there ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    }
    const std::size_t there = bytes.size() - at;
    for (std::size_t i = 0; i < 4; ++i) {
      text += i > there ? '=' : kDigits[three >> (18U - 6U * i) & 63U];
    }
  }
  return text;
}

std::string write_profile_json(const model::Profile& profile) {
  return json_text(profile_json(profile));
}

base::Result<std::string> write_flame_page(std::string_view profile_json,
                                           const FlameExtras& extras) {
  const web::FlameTemplate html = web::flame_template();
  if (html.before_data.empty()) {
    return base::fail(
        "draw the flame graph: this exporter was built without its pages (VALKYRIA_DASHBOARD=OFF); "
        "take the profile as pprof, folded or speedscope");
  }
  if (!Json::accept(profile_json) || (!extras.base.empty() && !Json::accept(extras.base))) {
    return base::fail("draw the flame graph: what was kept of the profile is damaged");
  }
  std::string text(html.before_data);
  text += R"({"profile":)" + inside_html(profile_json);
  text += R"(,"base":)" + (extras.base.empty() ? "null" : inside_html(extras.base));
  text += R"(,"base_name":)" + inside_html(json_text(base::valid_utf8(extras.base_name)));
  text += R"(,"links":)" + inside_html(json_text(links_json(extras.links))) + '}';
  text += html.after_data;
  return text;
}

std::string_view flame_page_policy() {
  return web::flame_template().policy;
}

}  // namespace expose
