#include "http/connection.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "http/scrape_deadline.h"

namespace http {
namespace {

using std::chrono::milliseconds;

// What a client may send ahead while it is answered. More stays in the socket.
constexpr std::size_t kMaxInputBytes = 16 * 1024;
// Of one client in one turn: the others want theirs, too.
constexpr int kMaxReceives = 4;
// A client is judged by its speed no sooner than that.
constexpr milliseconds kMinJudged{1'000};

short events_for(Moved::State wait) {
  return wait == Moved::State::kWaitWritable ? POLLOUT : POLLIN;
}

std::string chunk_of(const std::string& bytes) {
  return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
}

}  // namespace

Connection::Connection(std::unique_ptr<Transport> transport, const Limits& limits, TimePoint now)
    : transport_(std::move(transport)), limits_(limits), since_(now) {}

Connection::~Connection() {
  gone_.request_stop();
  abandon();
}

void Connection::abandon() {
  left_.request_stop();
  is_last_ = true;
  if (!stream_) return;
  // What is in it may still go; that it is incomplete shows by the end that is missing.
  take_from_stream(since_);
  if (stream_) stream_->close();
  stream_.reset();
}

void Connection::enter(Phase phase, TimePoint now) {
  phase_ = phase;
  since_ = now;
}

bool Connection::wants_input() const {
  if (is_input_ended_ || phase_ == Phase::kOver) return false;
  if (!is_last_) return input_.size() < kMaxInputBytes;
  return thrown_bytes_ < limits_.lingering_bytes;
}

short Connection::events() const {
  int events = 0;
  if (wants_input()) events |= events_for(receive_wait_);
  if (!output_.is_empty() || is_ending_) events |= events_for(send_wait_);
  // Also told where no input is wanted.
  if (!is_input_ended_ && !left_.stop_requested()) events |= POLLRDHUP;
  return static_cast<short>(events);
}

Connection::TimePoint Connection::deadline() const {
  switch (phase_) {
    case Phase::kReading:
      return since_ + (reader_.has_begun() || !is_known_ ? limits_.request : limits_.idle);
    case Phase::kWriting: {
      // What was written to a stream before its head was here woke the loop too early.
      if (output_.is_empty()) return has_stream_part() ? TimePoint::min() : TimePoint::max();
      const auto all =
          milliseconds(1'000 * (sent_bytes_ + output_.bytes()) / limits_.min_bytes_per_s);
      return std::min(progress_ + patience_, since_ + patience_ + all);
    }
    case Phase::kLingering:
      return since_ + limits_.lingering;
    case Phase::kComputing:
    case Phase::kOver:
      return TimePoint::max();
  }
  return TimePoint::max();
}

Connection::Next Connection::advance(short ready, TimePoint now) {
  if ((ready & (POLLERR | POLLNVAL)) != 0) phase_ = Phase::kOver;
  // While it lingers, both ends have ended sending, and what is still to be read must be read.
  if ((ready & POLLHUP) != 0 && phase_ != Phase::kLingering) phase_ = Phase::kOver;
  if ((ready & POLLRDHUP) != 0) left_.request_stop();
  if (ready != 0 && wants_input()) receive();
  if (phase_ == Phase::kWriting) send(now);
  if (is_ending_ && phase_ == Phase::kLingering) end_sending();
  if (phase_ == Phase::kLingering && !wants_input() && !is_ending_) phase_ = Phase::kOver;
  if (phase_ == Phase::kOver) return Next::kClose;
  // What has come counts, also where we were late to look.
  const Next next = phase_ == Phase::kReading ? read_head(now) : Next::kWait;
  return next == Next::kWait && now >= deadline() ? expire(now) : next;
}

void Connection::receive() {
  std::array<char, 16 * 1024> chunk;  // receive() fills it
  for (int i = 0; i < kMaxReceives && wants_input(); ++i) {
    const Moved moved = transport_->receive(chunk.data(), chunk.size());
    switch (moved.state) {
      case Moved::State::kMoved:
        take_input({chunk.data(), moved.bytes});
        break;
      case Moved::State::kWaitReadable:
      case Moved::State::kWaitWritable:
        receive_wait_ = moved.state;
        return;
      case Moved::State::kEnded:
        is_input_ended_ = true;
        left_.request_stop();
        return;
      case Moved::State::kBroken:
        phase_ = Phase::kOver;
        return;
    }
  }
}

void Connection::take_input(std::string_view bytes) {
  if (!is_last_) {
    input_ += bytes;
    return;
  }
  thrown_bytes_ += bytes.size();
}

Connection::Next Connection::read_head(TimePoint now) {
  const bool had_begun = reader_.has_begun();
  input_.erase(0, reader_.read(input_));
  if (!had_begun && reader_.has_begun()) since_ = now;
  switch (reader_.state()) {
    case HeadReader::State::kWhole:
      return Next::kCompute;
    case HeadReader::State::kRefused:
      refusal_ = reader_.refusal();
      return Next::kRefuse;
    case HeadReader::State::kPartial:
      if (!is_input_ended_) return Next::kWait;
      phase_ = Phase::kOver;
      return Next::kClose;
  }
  return Next::kWait;
}

RequestHead Connection::take_head(bool is_last) {
  phase_ = Phase::kComputing;
  RequestHead head = reader_.head();
  head.keep_alive = head.keep_alive && !is_last;
  patience_ = std::max(limits_.unread,
                       parse_scrape_timeout(head.scrape_timeout).value_or(milliseconds::zero()));
  is_last_ = is_last_ || !head.keep_alive || head.has_body;
  if (is_last_) input_.clear();
  return head;
}

Connection::Next Connection::answer(Answer answer, TimePoint now) {
  if (phase_ != Phase::kComputing) patience_ = limits_.unread;
  enter(Phase::kWriting, now);
  progress_ = now;
  sent_bytes_ = delivered_bytes_ = 0;
  reader_ = HeadReader();
  is_last_ = is_last_ || !answer.keep_alive;
  if (is_last_) input_.clear();
  is_chunked_ = answer.is_chunked;
  stream_ = std::move(answer.stream);
  output_.push(std::move(answer.head));
  output_.push(std::move(answer.body));
  return advance(0, now);
}

void Connection::send(TimePoint now) {
  take_from_stream(now);
  const std::size_t before = sent_bytes_;
  const Moved::State state = output_.send(*transport_, sent_bytes_);
  if (sent_bytes_ != before) progress_ = now;
  switch (state) {
    case Moved::State::kMoved:
      if (!stream_) finish_answer(now);
      return;
    case Moved::State::kWaitReadable:
    case Moved::State::kWaitWritable:
      send_wait_ = state;
      return;
    case Moved::State::kEnded:
    case Moved::State::kBroken:
      phase_ = Phase::kOver;
  }
}

// What a stream holds back is limited there; only one part of it is here at a time.
void Connection::take_from_stream(TimePoint now) {
  if (!stream_ || !output_.is_empty()) return;
  Stream::Part part = stream_->take();
  if (!part.bytes.empty()) {
    // The last part was taken: the client has all its time for this one.
    since_ = progress_ = now;
    sent_bytes_ = delivered_bytes_ = 0;
    output_.push(is_chunked_ ? chunk_of(part.bytes) : std::move(part.bytes));
  }
  if (!part.is_last) return;
  if (is_chunked_) output_.push("0\r\n\r\n");
  stream_->close();
  stream_.reset();
}

void Connection::finish_answer(TimePoint now) {
  is_known_ = true;
  if (!is_last_) {
    left_ = std::stop_source();
    if (is_input_ended_) left_.request_stop();
    enter(Phase::kReading, now);
  } else {
    enter(Phase::kLingering, now);
    end_sending();
  }
}

void Connection::end_sending() {
  const Moved::State state = transport_->end_sending();
  switch (state) {
    case Moved::State::kWaitReadable:
    case Moved::State::kWaitWritable:
      is_ending_ = true;
      send_wait_ = state;
      return;
    case Moved::State::kMoved:
    case Moved::State::kEnded:
      is_ending_ = false;
      return;
    case Moved::State::kBroken:
      phase_ = Phase::kOver;
  }
}

Connection::Next Connection::expire(TimePoint now) {
  switch (phase_) {
    case Phase::kReading:
      if (!reader_.has_begun()) break;
      refusal_ = {408, "the head of the request did not come in time"};
      return Next::kRefuse;
    case Phase::kWriting:
      if (output_.is_empty()) return Next::kWait;
      // The socket may be full and its client read all the same.
      if (has_delivered_more()) {
        delivered_bytes_ = sent_bytes_ - std::min(sent_bytes_, transport_->undelivered_bytes());
        progress_ = now;
        if (now < deadline()) return Next::kWait;
      }
      phase_ = Phase::kOver;
      return Next::kTooSlow;
    case Phase::kComputing:
    case Phase::kLingering:
    case Phase::kOver:
      break;
  }
  phase_ = Phase::kOver;
  return Next::kClose;
}

bool Connection::has_delivered_more() const {
  return sent_bytes_ > delivered_bytes_ + transport_->undelivered_bytes();
}

std::size_t Connection::waiting_bytes() const {
  return output_.bytes() + (stream_ ? stream_->waiting_bytes() : 0);
}

double Connection::bytes_per_s(TimePoint now) const {
  const auto delivered = sent_bytes_ - std::min(sent_bytes_, transport_->undelivered_bytes());
  const std::chrono::duration<double> taken =
      std::max<TimePoint::duration>(now - since_, kMinJudged);
  return static_cast<double>(delivered) / taken.count();
}

}  // namespace http
