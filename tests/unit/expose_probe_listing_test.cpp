#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "expose/probe_listing.h"

namespace {

using model::Attachability;

model::ProcessProbes listed() {
  model::ProbeListing good{"gc__end",      "light", "gc", Attachability::kAttachable,
                           "uprobe_multi", {},      {},   {"valk_gc_cycles_total"}};
  good.sites.push_back({0x18ae, 0x5555555558ae, {"8@%rdi", "8@%rsi"}});
  good.semaphores.push_back({0x555555558000, 3});
  good.semaphores.push_back({0x1000, std::nullopt});
  model::ProbeListing refused{
      "overload", "medium", "http", Attachability::kRefused, "argument 0 is \x1b[2J", {}, {}, {}};
  model::ProbeListing absent{
      "loop__stall",        "light", "loop", Attachability::kAbsent,
      "not in this binary", {},      {},     {"valk_loop_stall_duration_seconds"}};
  model::ProbeListing uncounted{"gc__arrive",         "light", "", Attachability::kUncounted,
                                "no group counts it", {},      {}, {}};
  return {42,
          "valk\n",
          "/usr/bin/valk",
          {good, refused, absent, uncounted},
          {"minivalk", "the cache", {"valk_eval_total"}}};
}

TEST(ProbesText, SaysOfEachProbeHowItAttachesOrWhyNot) {
  EXPECT_EQ(expose::write_probes_text(listed()),
            "pid 42 (valk\xEF\xBF\xBD): /usr/bin/valk\n"
            "gc__end      light   gc          attaches by uprobe_multi\n"
            "    site 0x18ae in the file, 0x5555555558ae in memory: 8@%rdi 8@%rsi\n"
            "    semaphore at 0x555555558000: 3\n"
            "    semaphore at 0x1000: unreadable\n"
            "    gives valk_gc_cycles_total\n"
            "overload     medium  http        REFUSED: argument 0 is \xEF\xBF\xBD[2J\n"
            "loop__stall  light   loop        absent: not in this binary\n"
            "gc__arrive   light   -           not attached: no group counts it\n"
            "memory is read by the layout minivalk from the cache\n"
            "    gives valk_eval_total\n");
}

TEST(ProbesText, TellsThePriceOfAHitWhereItIsKnown) {
  model::ProcessProbes priced = listed();
  priced.hit_cost_ns = 1640;
  EXPECT_EQ(expose::write_probes_text(priced),
            expose::write_probes_text(listed()) +
                "a hit costs 1.6 us of CPU on this machine (calibrated)\n");
}

TEST(ProbesJson, TellsThePriceOfAHitOrNull) {
  model::ProcessProbes priced = listed();
  EXPECT_TRUE(nlohmann::json::parse(expose::write_probes_json(priced)).at("hit_cost_ns").is_null());
  priced.hit_cost_ns = 1640;
  EXPECT_EQ(nlohmann::json::parse(expose::write_probes_json(priced)).at("hit_cost_ns"), 1640);
}

TEST(ProbesJson, HasEveryProbe) {
  const auto json = nlohmann::json::parse(expose::write_probes_json(listed()));
  EXPECT_EQ(json.at("pid"), 42);
  ASSERT_EQ(json.at("probes").size(), 4u);
  const auto& good = json["probes"][0];
  EXPECT_EQ(good.at("state"), "attachable");
  EXPECT_EQ(good.at("sites")[0].at("address"), "0x5555555558ae");
  EXPECT_EQ(good.at("sites")[0].at("operands").size(), 2u);
  EXPECT_EQ(good.at("semaphores")[0].at("value"), 3);
  EXPECT_TRUE(good.at("semaphores")[1].at("value").is_null());
  EXPECT_EQ(json["probes"][1].at("state"), "refused");
  EXPECT_EQ(json["probes"][2].at("state"), "absent");
  EXPECT_TRUE(json["probes"][3].at("group").is_null());
  EXPECT_EQ(json.at("state").at("layout"), "minivalk");
  EXPECT_EQ(json["state"].at("families")[0], "valk_eval_total");
}

}  // namespace
