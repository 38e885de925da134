#include "http/dashboard.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/gzip.h"
#include "http/negotiation.h"
#include "web/files.h"

namespace http {
namespace {

constexpr std::string_view kPrefix = "/debug/";
constexpr std::string_view kAssets = "assets/";
constexpr std::string_view kLicences = "licences";

// Script, style and data of our own, and nothing else: whatever a label holds, it can't run.
constexpr const char* kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
constexpr const char* kNoPage =
    "this exporter was built without its page (VALKYRIA_DASHBOARD=OFF); "
    "the same numbers are at /debug/metrics and /metrics\n";

void respond(Response& response, int status, std::string text) {
  response.status = status;
  response.content_type = kPlainText;
  response.body = std::move(text);
}

// As it is stored for who takes that, and inflated for everybody else.
void set_contents(const Request& request, const web::File& file, Response& response) {
  const std::string_view stored(reinterpret_cast<const char*>(file.gzipped.data()),
                                file.gzipped.size());
  response.content_type = file.content_type;
  response.fields.emplace_back("Vary", "Accept-Encoding");
  if (accepts_gzip(request.head.accept_encoding)) {
    response.fields.emplace_back("Content-Encoding", "gzip");
    response.body = stored;
    return;
  }
  auto plain = base::gunzip(stored, file.bytes);
  if (!plain) return respond(response, 500, "inflate the page: no memory for it\n");
  response.body = std::move(*plain);
}

}  // namespace

bool is_of_dashboard(std::string_view path) {
  if (!path.starts_with(kPrefix)) return false;
  path.remove_prefix(kPrefix.size());
  return path.empty() || path == kLicences || path.starts_with(kAssets);
}

void answer_dashboard(const Request& request, Response& response) {
  const auto files = web::files();
  if (files.empty()) return respond(response, 404, kNoPage);
  const std::string_view name = std::string_view(request.path).substr(kPrefix.size());
  const auto file = std::find_if(files.begin(), files.end(),
                                 [&](const web::File& one) { return one.path == name; });
  if (file == files.end()) {
    return respond(response, 404, "no such file of the page: load the page again\n");
  }
  const bool is_kept = name.starts_with(kAssets);
  response.fields.emplace_back("Cache-Control",
                               is_kept ? "public, max-age=31536000, immutable" : "no-store");
  response.fields.emplace_back("Referrer-Policy", "no-referrer");
  if (name.empty()) {
    response.fields.emplace_back("Content-Security-Policy", kContentSecurityPolicy);
  }
  set_contents(request, *file, response);
}

}  // namespace http
