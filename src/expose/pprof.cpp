#include "expose/pprof.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/gzip.h"
#include "base/utf8.h"
#include "expose/profile_words.h"
#include "expose/protobuf_writer.h"

namespace expose {
namespace {

// The fields' numbers in the messages of pprof's profile.proto.
namespace field {
enum Profile : std::uint32_t {
  kSampleType = 1,
  kSample = 2,
  kMapping = 3,
  kLocation = 4,
  kFunction = 5,
  kStringTable = 6,
  kTimeNanos = 9,
  kDurationNanos = 10,
  kPeriodType = 11,
  kPeriod = 12,
  kComment = 13,
  kDefaultSampleType = 14,
};
enum ValueType : std::uint32_t { kType = 1, kUnit = 2 };
enum Sample : std::uint32_t { kLocationId = 1, kValue = 2, kLabel = 3 };
enum Label : std::uint32_t { kKey = 1, kText = 2, kNumber = 3 };
enum Mapping : std::uint32_t {
  kMappingId = 1,
  kMemoryStart = 2,
  kMemoryLimit = 3,
  kFileOffset = 4,
  kMappingFile = 5,
  kBuildId = 6,
  kHasFunctions = 7,
  kHasFileNames = 8,
  kHasLineNumbers = 9,
  kHasInlineFrames = 10,
};
enum Location : std::uint32_t { kId = 1, kMappingOf = 2, kAddress = 3, kLine = 4 };
enum Line : std::uint32_t { kFunctionId = 1, kLineNumber = 2 };
enum Function : std::uint32_t { kFunctionNumber = 1, kName = 2, kSystemName = 3, kFileName = 4 };
}  // namespace field

// Texts are said once and referred to by number. The first is empty, as the format wants it.
class StringTable {
 public:
  StringTable() { number_of(""); }

  std::uint64_t number_of(std::string_view text) {
    const auto [at, is_new] = numbers_.try_emplace(base::valid_utf8(text), numbers_.size());
    if (is_new) texts_.push_back(&at->first);
    return at->second;
  }

  void write_to(ProtobufWriter& profile) const {
    for (const std::string* text : texts_) profile.text(field::kStringTable, *text);
  }

 private:
  std::unordered_map<std::string, std::uint64_t> numbers_;
  std::vector<const std::string*> texts_;
};

// What is known of a mapping's places: whoever reads the file looks nothing up that is there.
struct Symbols {
  bool has_places = false;
  bool functions = true;  // of all of them
  bool files = true;
  bool lines = true;
  bool inlined = false;  // of any
};

// Messages refer to each other by numbers from 1 on, which are our indices plus one.
std::uint64_t id_of(std::size_t index) {
  return index + 1;
}

class Writer {
 public:
  explicit Writer(const model::Profile& profile) : profile_(profile), period_(period_ns(profile)) {}

  std::string write() {
    write_types();
    for (const model::ProfileStack& stack : profile_.stacks) write_sample(stack);
    write_mappings();
    for (std::size_t i = 0; i < profile_.locations.size(); ++i) write_location(i);
    for (std::size_t i = 0; i < profile_.functions.size(); ++i) write_function(i);
    out_.number(field::kTimeNanos, profile_.begun_unix_ns);
    out_.number(field::kDurationNanos, profile_.duration_ns);
    write_comments();
    texts_.write_to(out_);
    return out_.bytes();
  }

 private:
  ProtobufWriter value_type(std::string_view type, std::string_view unit) {
    ProtobufWriter message;
    message.number(field::kType, texts_.number_of(type));
    message.number(field::kUnit, texts_.number_of(unit));
    return message;
  }

  void write_types() {
    out_.message(field::kSampleType, value_type("samples", "count"));
    out_.message(field::kSampleType, value_type("cpu", "nanoseconds"));
    out_.number(field::kDefaultSampleType, texts_.number_of("cpu"));
    out_.message(field::kPeriodType, value_type("cpu", "nanoseconds"));
    out_.number(field::kPeriod, period_);
  }

  ProtobufWriter text_label(std::string_view key, std::string_view text) {
    ProtobufWriter label;
    label.number(field::kKey, texts_.number_of(key));
    label.number(field::kText, texts_.number_of(text));
    return label;
  }

  ProtobufWriter number_label(std::string_view key, std::uint64_t number) {
    ProtobufWriter label;
    label.number(field::kKey, texts_.number_of(key));
    label.number(field::kNumber, number);
    return label;
  }

  void write_sample(const model::ProfileStack& stack) {
    std::vector<std::uint64_t> locations;
    for (const std::size_t location : stack.locations) locations.push_back(id_of(location));
    const model::ProfileThread& thread = profile_.threads[stack.thread];
    ProtobufWriter sample;
    sample.packed(field::kLocationId, locations);
    sample.packed(field::kValue, {stack.samples, stack.samples * period_});
    sample.message(field::kLabel, text_label("thread", thread.name));
    sample.message(field::kLabel, number_label("tid", thread.number));
    sample.message(field::kLabel, text_label("gc_phase", phase_name(stack.phase)));
    out_.message(field::kSample, sample);
  }

  std::vector<Symbols> symbols_of_mappings() const {
    std::vector<Symbols> all(profile_.mappings.size());
    for (const model::ProfileLocation& location : profile_.locations) {
      if (!location.mapping) continue;
      Symbols& symbols = all[*location.mapping];
      symbols.has_places = true;
      symbols.functions &= !location.lines.empty();
      symbols.inlined |= location.lines.size() > 1;
      for (const model::ProfileLine& line : location.lines) {
        symbols.files &= !profile_.functions[line.function].file.empty();
        symbols.lines &= line.line != 0;
      }
    }
    return all;
  }

  // The program itself first: that one readers take for the name of the whole.
  void write_mappings() {
    const std::vector<Symbols> symbols = symbols_of_mappings();
    for (const bool is_program : {true, false}) {
      for (std::size_t i = 0; i < profile_.mappings.size(); ++i) {
        if ((profile_.mappings[i].file == profile_.exe) != is_program) continue;
        write_mapping(i, symbols[i]);
      }
    }
  }

  void write_mapping(std::size_t index, const Symbols& symbols) {
    const model::ProfileMapping& mapping = profile_.mappings[index];
    const bool has_functions = symbols.has_places && symbols.functions;
    ProtobufWriter message;
    message.number(field::kMappingId, id_of(index));
    message.number(field::kMemoryStart, mapping.begin);
    message.number(field::kMemoryLimit, mapping.end);
    message.number(field::kFileOffset, mapping.offset);
    message.number(field::kMappingFile, texts_.number_of(mapping.file));
    message.number(field::kBuildId, texts_.number_of(mapping.build_id));
    message.number(field::kHasFunctions, has_functions);
    message.number(field::kHasFileNames, has_functions && symbols.files);
    message.number(field::kHasLineNumbers, has_functions && symbols.lines);
    message.number(field::kHasInlineFrames, has_functions && symbols.inlined);
    out_.message(field::kMapping, message);
  }

  void write_location(std::size_t index) {
    const model::ProfileLocation& location = profile_.locations[index];
    ProtobufWriter message;
    message.number(field::kId, id_of(index));
    if (location.mapping) message.number(field::kMappingOf, id_of(*location.mapping));
    message.number(field::kAddress, location.address);
    for (const model::ProfileLine& line : location.lines) {
      ProtobufWriter written;
      written.number(field::kFunctionId, id_of(line.function));
      written.number(field::kLineNumber, line.line);
      message.message(field::kLine, written);
    }
    out_.message(field::kLocation, message);
  }

  void write_function(std::size_t index) {
    const model::ProfileFunction& function = profile_.functions[index];
    ProtobufWriter message;
    message.number(field::kFunctionNumber, id_of(index));
    message.number(field::kName, texts_.number_of(frame_name(function)));
    message.number(field::kSystemName, texts_.number_of(function.system_name));
    message.number(field::kFileName, texts_.number_of(function.file));
    out_.message(field::kFunction, message);
  }

  void write_comments() {
    std::vector<std::uint64_t> comments;
    comments.push_back(texts_.number_of("valkyria_exporter " + profile_.exporter_version));
    for (const std::string& sentence : caveats(profile_)) {
      comments.push_back(texts_.number_of(sentence));
    }
    if (const std::string time = thread_time_words(profile_.time); !time.empty()) {
      comments.push_back(texts_.number_of(time));
    }
    out_.packed(field::kComment, comments);
  }

  const model::Profile& profile_;
  std::uint64_t period_;
  StringTable texts_;
  ProtobufWriter out_;
};

}  // namespace

std::optional<std::string> write_pprof(const model::Profile& profile) {
  return base::gzip(Writer(profile).write());
}

}  // namespace expose
