// Profiles over HTTP: taken while somebody waits, and those that are kept.
#pragma once

#include <string>
#include <string_view>

#include "http/exchange.h"
#include "http/sources.h"
#include "model/kept_profile.h"

namespace http {

// /debug/pprof/, and /debug/pprof/profile?seconds=&hz=&process=&format=: `rest` is what follows the
// first part.
void answer_pprof(const Sources& sources, const Request& request, std::string_view rest,
                  Response& response);

// /debug/flamegraph?seconds=&hz=&process=&compare=
void answer_flame_graph(const Sources& sources, const Request& request, Response& response);

// /debug/profiles, /debug/profiles/ID/pprof and /debug/profiles/ID/flamegraph?compare=, and
// /debug/profiles/new?seconds=&hz=&process=, which takes one, keeps it, and answers with its row of
// the list: for the dashboard, which tells how far it is meanwhile.
void answer_profiles(const Sources& sources, const Request& request, std::string_view rest,
                     Response& response);

// A profile that is kept, as its flame graph or as pprof. `name` is what it is saved as, without an
// ending.
void answer_kept_flame_graph(const Sources& sources, const Request& request,
                             const model::ProfileFiles& files, const std::string& name,
                             Response& response);
void answer_kept_pprof(const model::ProfileFiles& files, const std::string& name,
                       Response& response);

// The one of a capture; none: it has none.
std::optional<model::ProfileFiles> profile_of(const model::Capture& capture);

}  // namespace http
