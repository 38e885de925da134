#include "http/event_streams.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "expose/event_stream.h"
#include "http/timeline_routes.h"

namespace http {
namespace {

constexpr const char* kEventStream = "text/event-stream; charset=utf-8";
// A reader who is further behind has enough to read.
constexpr std::size_t kEnoughBytes = 64 * 1024;
constexpr std::size_t kBatchEvents = 128;
// Events of a tick that one follower gets at most: a replay must not keep the others waiting.
constexpr int kBatchesOfATick = 16;

void set_stream_head(Response& response) {
  response.content_type = kEventStream;
  response.fields.emplace_back("Cache-Control", "no-store, no-transform");
  response.fields.emplace_back("X-Accel-Buffering", "no");  // nginx would hold events back
}

void refuse_busy(const Request& request, Response& response) {
  if (parameter_of(request, "strict") == "1") {
    response.status = 503;
    response.content_type = kPlainText;
    response.fields.emplace_back("Retry-After", "15");
    response.body = "all places for followers are taken; /debug/gc-events can be asked instead\n";
    return;
  }
  set_stream_head(response);
  response.body = expose::kStreamBusy;
}

// The first sequence to tell. Who knows nothing yet has the past from /debug/gc-events; who knows
// another life's events, or more than there are, or what is kept no more, begins anew.
std::uint64_t begin(const std::optional<Since>& since, const model::TimelinePart& now,
                    Stream& stream) {
  if (!since) return now.next;
  const bool is_known = (since->epoch.empty() || since->epoch == now.epoch) &&
                        since->sequence < now.next && since->sequence + 1 >= now.first;
  if (is_known) return since->sequence + 1;
  stream.write(expose::write_reset(now.epoch, now.first, now.next));
  return now.first;
}

// Of a stream that was cut, or of a page that opens it anew. None: of neither.
base::Result<std::optional<Since>> since_of(const Request& request) {
  std::string text = request.head.last_event_id;
  if (text.empty()) text = parameter_of(request, "since").value_or("");
  if (text.empty()) return std::optional<Since>();
  auto since = parse_since(text);
  if (!since) return base::pass_on(since);
  return std::optional(std::move(*since));
}

}  // namespace

// Registered under the lock that tells events, so that none is missed in between.
void EventStreams::answer(const Request& request, Response& response) {
  const auto since = since_of(request);
  if (!since) return refuse(response, since.error().message);
  if (request.head.method == Method::kHead) return set_stream_head(response);
  const std::lock_guard lock(mutex_);
  drop_gone();
  if (followers_.size() >= kMaxFollowers || is_ended_) return refuse_busy(request, response);
  set_stream_head(response);
  response.stream = request.stream;
  Follower follower{request.stream, 0, parameter_of(request, "process")};
  const model::TimelinePart now = events_(0, 0, std::nullopt);
  const static model::Snapshot nothing_yet;
  follower.stream->write(std::string(expose::kStreamBegin));
  follower.stream->write(expose::write_hello(last_ ? *last_ : nothing_yet, now.epoch, now.next));
  follower.next = begin(*since, now, *follower.stream);
  std::vector<Batch> batches;
  tell(follower, batches);
  followers_.push_back(std::move(follower));
}

void EventStreams::tell_events() {
  const std::lock_guard lock(mutex_);
  drop_gone();
  std::vector<Batch> batches;
  for (Follower& follower : followers_) tell(follower, batches);
}

void EventStreams::tell(Follower& follower, std::vector<Batch>& batches) const {
  for (int i = 0; i < kBatchesOfATick; ++i) {
    if (follower.stream->waiting_bytes() > kEnoughBytes) return;
    const Batch& batch = batch_of(follower, batches);
    if (!batch.text.empty() && follower.stream->write(batch.text) != Stream::Put::kTaken) return;
    follower.next = batch.next;
    if (batch.is_last) return;
  }
}

// Most followers stand at the same place: its text is made once.
const EventStreams::Batch& EventStreams::batch_of(const Follower& follower,
                                                  std::vector<Batch>& batches) const {
  const auto made = std::find_if(batches.begin(), batches.end(), [&](const Batch& batch) {
    return batch.from == follower.next && batch.process == follower.process;
  });
  if (made != batches.end()) return *made;
  const model::TimelinePart part = events_(follower.next, kBatchEvents, follower.process);
  Batch batch{follower.next, follower.process, {}, part.next, part.events.size() < kBatchEvents};
  for (const model::TimelineEvent& event : part.events) {
    if (batch.text.size() > kEnoughBytes) {
      batch.next = event.sequence;
      batch.is_last = false;
      break;
    }
    batch.text += expose::write_timeline_event(event, part.epoch);
    if (!batch.is_last) batch.next = event.sequence + 1;
  }
  batches.push_back(std::move(batch));
  return batches.back();
}

void EventStreams::tell_snapshot(std::shared_ptr<const model::Snapshot> snapshot) {
  const std::lock_guard lock(mutex_);
  last_ = std::move(snapshot);
  drop_gone();
  std::vector<std::pair<std::optional<std::string>, std::string>> texts;
  for (Follower& follower : followers_) {
    if (follower.stream->waiting_bytes() > kEnoughBytes) continue;
    auto made = std::find_if(texts.begin(), texts.end(),
                             [&](const auto& text) { return text.first == follower.process; });
    if (made == texts.end()) {
      const std::string* const process = follower.process ? &*follower.process : nullptr;
      texts.emplace_back(follower.process, expose::write_snapshot_event(*last_, process));
      made = std::prev(texts.end());
    }
    follower.stream->write(made->second);
  }
}

void EventStreams::end() {
  const std::lock_guard lock(mutex_);
  is_ended_ = true;
  for (const Follower& follower : followers_) {
    follower.stream->write(std::string(expose::kStreamBye));
    follower.stream->end();
  }
  followers_.clear();
}

std::size_t EventStreams::followers() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count_if(
      followers_.begin(), followers_.end(),
      [](const Follower& follower) { return !follower.stream->left().stop_requested(); }));
}

void EventStreams::drop_gone() {
  std::erase_if(followers_,
                [](const Follower& follower) { return follower.stream->left().stop_requested(); });
}

}  // namespace http
