#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "target/place.h"

namespace {

using target::parse_place;

const std::string kId = "3f2a9c0d1e4b5a69788796a5b4c3d2e1f00112233445566778899aabbccddeef";
const std::string kShort = kId.substr(0, 12);
const std::string kUid = "0a1b2c3d-1111-2222-3333-0123456789ab";

std::string unit_of(std::string_view path) {
  return parse_place("0::" + std::string(path) + "\n").unit;
}
std::string container_of(std::string_view path) {
  return parse_place("0::" + std::string(path) + "\n").container;
}
std::string pod_of(std::string_view path) {
  return parse_place("0::" + std::string(path) + "\n").pod;
}

TEST(ParsePlace, AUnitIsTheInnermostService) {
  EXPECT_EQ(unit_of("/system.slice/shop.service"), "shop");
  EXPECT_EQ(unit_of("/system.slice/system-valk.slice/valk@a.service"), "valk@a");
  EXPECT_EQ(unit_of("/system.slice/shop.service/workers/7"), "shop") << "Delegate=";
  EXPECT_EQ(unit_of("/system.slice/outer.service/inner.service"), "inner");
  EXPECT_EQ(unit_of("/system.slice/shop.service/libpod-payload-" + kId), "shop") << "quadlet";
}

TEST(ParsePlace, AUsersManagerIsNoUnitButItsServicesAre) {
  const std::string manager = "0::/user.slice/user-1000.slice/user@1000.service";
  EXPECT_EQ(parse_place(manager + "/app.slice/foo.service\n").unit, "foo");
  EXPECT_TRUE(parse_place(manager + "/app.slice/foo.service\n").is_unit_of_user);
  EXPECT_FALSE(parse_place("0::/system.slice/foo.service").is_unit_of_user);
  EXPECT_EQ(parse_place(manager + "/app.slice/x.scope").unit, "");
  EXPECT_FALSE(parse_place(manager + "/app.slice/x.scope").is_unit_of_user);
}

TEST(ParsePlace, ReadsTheEscapesOfUnits) {
  EXPECT_EQ(unit_of("/system.slice/web\\x2dshop.service"), "web-shop");
  EXPECT_EQ(unit_of("/system.slice/valk@a\\x20b.service"), "valk@a\\x20b") << "not printed";
  EXPECT_EQ(unit_of("/system.slice/valk@a\\x2fb\\x0a\\xzz\\x.service"),
            "valk@a\\x2fb\\x0a\\xzz\\x");
  EXPECT_EQ(unit_of("/system.slice/_cpu.service"), "cpu")
      << "as systemd keeps off the kernel's names";
  EXPECT_EQ(unit_of("/system.slice/\xff.service"), "\xEF\xBF\xBD");
}

TEST(ParsePlace, ScopesAndSlicesAreNoUnits) {
  for (const char* text : {"", "\n", ":", "0:", "0::", "0::/", "0::/..", "0::/../..", "x::y",
                           "0::/user.slice/user-0.slice/session-1.scope", "0::/.service",
                           "0::/_.service", "0::/a.slice"}) {
    EXPECT_EQ(parse_place(text).unit, "") << text;
    EXPECT_EQ(parse_place(text).container, "") << text;
  }
}

TEST(ParsePlace, AContainerIsKnownByItsId) {
  for (const std::string& path :
       {"/system.slice/docker-" + kId + ".scope", "/docker/" + kId,
        "/user.slice/user-0.slice/user@0.service/user.slice/libpod-" + kId + ".scope/container",
        "/machine.slice/libpod-" + kId + ".scope", "/x.slice/libpod-payload-" + kId,
        "/system.slice/cri-containerd-" + kId + ".scope", "/crio-" + kId + ".scope/container",
        "/system.slice/nerdctl-" + kId + ".scope", "/../docker-" + kId + ".scope",
        "/docker/" + kId + "/init.scope"}) {
    EXPECT_EQ(container_of(path), kShort) << path;
  }
  EXPECT_EQ(container_of("/machine.slice/libpod-conmon-" + kId + ".scope"), "") << "beside it";
  EXPECT_EQ(container_of("/docker/" + kId.substr(1)), "");
  EXPECT_EQ(container_of("/docker/x" + kId.substr(1)), "");
  EXPECT_EQ(container_of("/machine-libpod_pod_" + kId + ".slice"), "");
}

TEST(ParsePlace, AContainerIsKnownByItsNameWhereTheTreeHasIt) {
  EXPECT_EQ(container_of("/lxc.payload.web-1/system.slice"), "web-1");
  EXPECT_EQ(container_of("/lxc/101/ns"), "101");
  EXPECT_EQ(container_of("/lxc.monitor.web-1"), "");
  EXPECT_EQ(container_of("/machine.slice/machine-web\\x2d1.scope/payload"), "web-1");
  EXPECT_EQ(container_of("/machine.slice/systemd-nspawn@web.service/payload"), "web");
  EXPECT_EQ(unit_of("/machine.slice/systemd-nspawn@web.service/payload"), "") << "its engine";
  EXPECT_EQ(unit_of("/machine.slice/machine-web.scope/payload/system.slice/shop.service"), "shop");
}

TEST(ParsePlace, TheInnermostContainerCounts) {
  const std::string inner(64, 'a');
  EXPECT_EQ(container_of("/docker/" + kId + "/docker/" + inner), "aaaaaaaaaaaa");
  EXPECT_EQ(container_of("/lxc.payload.a/docker-" + inner + ".scope"), "aaaaaaaaaaaa");
}

TEST(ParsePlace, AnEngineIsNotTheUnitOfWhatItRuns) {
  EXPECT_EQ(unit_of("/system.slice/docker.service/docker/" + kId), "");
  EXPECT_EQ(unit_of("/system.slice/containerd.service/kubepods-pod" + kUid +
                    ".slice:cri-containerd:" + kId),
            "");
  EXPECT_EQ(unit_of("/system.slice/docker.service"), "docker") << "itself";
}

// As containers are on hosts with hierarchies of both versions.
TEST(ParsePlace, AnEngineInAnotherHierarchyIsNotTheUnitEither) {
  const target::Place docker =
      parse_place("1:name=systemd:/docker/" + kId + "\n0::/system.slice/containerd.service\n");
  EXPECT_EQ(docker.unit, "");
  EXPECT_EQ(docker.container, kShort);
  const target::Place pod = parse_place("1:name=systemd:/kubepods/burstable/pod" + kUid + "/" +
                                        kId + "\n0::/system.slice/some.service\n");
  EXPECT_EQ(pod.unit, "");
  EXPECT_EQ(pod.pod, kUid);
}

TEST(ParsePlace, SaysWhereAUnitStandsInAContainerOrBelowAnother) {
  const auto is_nested = [](const std::string& path) {
    return parse_place("0::" + path).is_unit_nested;
  };
  EXPECT_FALSE(is_nested("/system.slice/shop.service"));
  EXPECT_FALSE(is_nested("/system.slice/shop.service/libpod-payload-" + kId)) << "its own";
  EXPECT_TRUE(is_nested("/machine.slice/machine-box.scope/payload/system.slice/shop.service"));
  EXPECT_TRUE(is_nested("/system.slice/builds.service/shop.service"));
}

TEST(ParsePlace, KnowsTheDifferentWaysToWriteAPod) {
  const std::string underscores = "0a1b2c3d_1111_2222_3333_0123456789ab";
  for (const std::string& path :
       {"/kubepods/burstable/pod" + kUid + "/" + kId,
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + underscores +
            ".slice/cri-containerd-" + kId + ".scope",
        "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod" + underscores +
            ".slice/crio-" + kId + ".scope",
        "/system.slice/containerd.service/kubepods-besteffort-pod" + underscores +
            ".slice:cri-containerd:" + kId,
        "/../../pod" + kUid + "/" + kId}) {
    EXPECT_EQ(pod_of(path), kUid) << path;
    EXPECT_EQ(container_of(path), kShort) << path;
    EXPECT_EQ(unit_of(path), "") << path;
  }
  EXPECT_EQ(pod_of("/kubepods/pod0a1b2c3d111122223333012345678 9ab"), "");
  EXPECT_EQ(pod_of("/kubepods/pod00112233445566778899aabbccddeeff/x"),
            "00112233445566778899aabbccddeeff");
  EXPECT_EQ(pod_of("/kubepods/tripod" + kUid), "");
  EXPECT_EQ(pod_of("/pods/podium"), "");
}

TEST(ParsePlace, TakesTheBestOfSeveralHierarchies) {
  const target::Place place = parse_place("12:cpuset:/\n9:memory:/docker/" + kId +
                                          "\n2:name=systemd:/system.slice/shop.service\n0::/\n");
  EXPECT_EQ(place.unit, "shop");
  EXPECT_EQ(place.container, kShort);
  EXPECT_EQ(place.cgroup, "/system.slice/shop.service");
  const target::Place unified =
      parse_place("2:name=systemd:/system.slice/old.service\n0::/system.slice/new.service\n");
  EXPECT_EQ(unified.unit, "new");
  EXPECT_EQ(unified.cgroup, "/system.slice/new.service");
}

TEST(ParsePlace, AGroupThatWasRemovedStillHasItsName) {
  EXPECT_EQ(unit_of("/system.slice/shop.service (deleted)"), "shop");
}

TEST(ReadPlace, IsEmptyWhereThereIsNoProcess) {
  EXPECT_EQ(target::read_place("/proc", 1 << 30), target::Place{});
}

}  // namespace
