// The flame graph's page: its data, and that nothing in it can be more than data. What it shows is
// tested in a browser.
#include "expose/flame_page.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "expose/call_tree.h"
#include "support/profiles.h"

namespace {

using json = nlohmann::json;

std::uint64_t samples_of(const expose::CallTree& tree) {
  std::uint64_t samples = 0;
  for (const expose::CallTree::End& end : tree.ends) samples += end.samples;
  return samples;
}

TEST(CallTree, HasWhatStacksBeginWithOnce) {
  const expose::CallTree tree = expose::call_tree(test::ProfileMaker()
                                                      .add({"main", "λ a", "b"}, 3)
                                                      .add({"main", "λ a", "c"}, 2)
                                                      .add({"main", "λ a"}, 1)
                                                      .take());
  ASSERT_EQ(tree.nodes.size(), 5u);
  EXPECT_EQ(tree.frames.size(), 4u);
  EXPECT_EQ(samples_of(tree), 6u);
  for (std::size_t i = 1; i < tree.nodes.size(); ++i) EXPECT_LT(tree.nodes[i].parent, i);
}

TEST(CallTree, OpensWhatWasPutIntoOneAnother) {
  const expose::CallTree tree =
      expose::call_tree(test::ProfileMaker().add({"main", "read|copy"}, 3).take());
  ASSERT_EQ(tree.nodes.size(), 4u);
  EXPECT_EQ(tree.frames[tree.nodes[2].frame].name, "read");
  EXPECT_EQ(tree.frames[tree.nodes[3].frame].name, "copy");
  EXPECT_EQ(tree.nodes[3].parent, 2u);
}

TEST(CallTree, MergesSmallNodesWhereThereAreTooMany) {
  test::ProfileMaker maker;
  maker.add({"main", "large"}, 10'000);
  maker.add({"main", "s1", "s2"}, 2);
  maker.add({"main", "s3"}, 1);
  maker.add({"main", "s3"}, 1, model::GcPhase::kPaused);
  const expose::CallTree tree = expose::call_tree(maker.take(), 4);
  ASSERT_EQ(tree.nodes.size(), 4u);
  EXPECT_EQ(tree.frames[tree.nodes[3].frame].name, "(3 small)");
  EXPECT_EQ(tree.frames[tree.nodes[3].frame].kind, model::FunctionKind::kMarker);
  EXPECT_EQ(samples_of(tree), 10'004u);
  EXPECT_EQ(tree.ends.size(), 3u) << "phases stay apart";
}

TEST(CallTree, StaysSmallOfALargeProfile) {
  const model::Profile profile = test::large_profile();
  const expose::CallTree tree = expose::call_tree(profile);
  EXPECT_LT(tree.nodes.size(), 6'000u);
  EXPECT_EQ(samples_of(tree), profile.counts.samples);
}

TEST(InlineFile, IsTheBytesInBase64) {
  const auto file = [](std::string_view bytes) { return expose::inline_file("text/plain", bytes); };
  EXPECT_EQ(file(""), "data:text/plain;base64,");
  EXPECT_EQ(file("f"), "data:text/plain;base64,Zg==");
  EXPECT_EQ(file("fo"), "data:text/plain;base64,Zm8=");
  EXPECT_EQ(file("foo\xff"), "data:text/plain;base64,Zm9v/w==");
}

// What stands in the element that holds the data.
std::string data_of(const std::string& html) {
  const std::string begin = R"(<script type="application/json" id="data">)";
  const std::size_t at = html.find(begin) + begin.size();
  return html.substr(at, html.find("</script>", at) - at);
}

// A build without the page fails with a sentence; there is nothing more to be tested.
#define REQUIRE_PAGE(page)                                                               \
  if (!(page)) {                                                                         \
    EXPECT_NE((page).error().message.find("VALKYRIA_DASHBOARD=OFF"), std::string::npos); \
    GTEST_SKIP() << (page).error().message;                                              \
  }

TEST(WriteFlamePage, HoldsTheProfileAndWhatItIsComparedWith) {
  const model::Profile busy = test::busy_profile();
  const model::Profile changed = test::changed_profile();
  const auto page = expose::write_flame_page(expose::write_profile_json(busy),
                                             {expose::write_profile_json(changed),
                                              "capture 12",
                                              {{"pprof", "profile?capture=12", "a.pb.gz"}}});
  REQUIRE_PAGE(page);
  const json data = json::parse(data_of(*page));
  EXPECT_EQ(data["profile"]["samples"], busy.counts.samples);
  EXPECT_EQ(data["base"]["samples"], changed.counts.samples);
  EXPECT_EQ(data["base_name"], "capture 12");
  EXPECT_EQ(data["links"][0]["href"], "profile?capture=12");
  const json& profile = data["profile"];
  EXPECT_EQ(profile["parents"].size(), profile["frame_of_node"].size());
  EXPECT_EQ(profile["threads"], json::parse(R"([["main", 100], ["worker", 101]])"));
  std::uint64_t samples = 0;
  for (std::size_t i = 3; i < profile["ends"].size(); i += 4) {
    samples += profile["ends"][i].get<std::uint64_t>();
  }
  EXPECT_EQ(samples, busy.counts.samples);
  EXPECT_EQ(profile["time"]["polling"], 9.6);
}

TEST(WriteFlamePage, LetsNoNameOutOfItsData) {
  const auto page = expose::write_flame_page(expose::write_profile_json(test::hostile_profile()));
  const auto plain = expose::write_flame_page(expose::write_profile_json(test::busy_profile()));
  REQUIRE_PAGE(page);
  const std::string data = data_of(*page);
  EXPECT_EQ(data.find_first_of("<>&"), std::string::npos);
  EXPECT_EQ(data.find("\u2028"), std::string::npos);
  const json frames = json::parse(data)["profile"]["frames"];
  EXPECT_EQ(frames[1][0], "</script><script>window.ran=1</script>");
  // All but the data is the same for all profiles.
  EXPECT_EQ(page->size() - data.size(), plain->size() - data_of(*plain).size());
}

TEST(WriteFlamePage, ComesWithAPolicyThatLetsOnlyItsOwnScriptRun) {
  const auto page = expose::write_flame_page(expose::write_profile_json(test::empty_profile()));
  REQUIRE_PAGE(page);
  const std::string policy(expose::flame_page_policy());
  EXPECT_EQ(policy.find("default-src 'none'; script-src 'sha256-"), 0u);
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  const std::string inside = policy.substr(0, policy.find("; frame-ancestors"));
  EXPECT_NE(page->find("content=\"" + inside + '"'), std::string::npos) << "also from disk";
  EXPECT_NE(page->find("0 samples: the process used 0.02 CPU s in 10 s"), std::string::npos);
}

}  // namespace
