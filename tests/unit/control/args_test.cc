// SPDX-License-Identifier: Apache-2.0
#include "control/args.h"

#include <gtest/gtest.h>

#include <vector>

namespace sallyport::ctl {
namespace {

using Paths = std::vector<std::string>;

Result<Args, std::string> parsed(std::vector<const char*> words) {
    words.insert(words.begin(), "sallyport");
    return parse_args(static_cast<int>(words.size()), words.data());
}

TEST(Args, RunsTheDefaultConfiguration) {
    const auto args = parsed({});
    ASSERT_TRUE(args);
    EXPECT_EQ(args->mode, Mode::Run);
    EXPECT_EQ(args->config, Paths{"/etc/sallyport/sallyport.yaml"});
    EXPECT_FALSE(args->last_good);
}

TEST(Args, TakesAConfigurationToRunOrToCheck) {
    EXPECT_EQ(parsed({"--config", "a.yaml"})->config, Paths{"a.yaml"});
    EXPECT_EQ(parsed({"--config", "a.yaml", "--config", "dir"})->config, (Paths{"a.yaml", "dir"}));
    EXPECT_EQ(parsed({"--config=a.yaml"})->mode, Mode::Run);
    EXPECT_EQ(parsed({"--check", "b.yaml"})->config, Paths{"b.yaml"});
    EXPECT_EQ(parsed({"--check", "b.yaml"})->mode, Mode::Check);
}

TEST(Args, LastGoodHasTheUsualDirectory) {
    EXPECT_EQ(parsed({"--config", "a.yaml", "--last-good"})->last_good, "/var/lib/sallyport");
    EXPECT_EQ(parsed({"--last-good=/srv/state"})->last_good, "/srv/state");
}

TEST(Args, TellsItself) {
    EXPECT_EQ(parsed({"--help"})->mode, Mode::Help);
    EXPECT_EQ(parsed({"--help-config"})->mode, Mode::HelpConfig);
    EXPECT_EQ(parsed({"--version"})->mode, Mode::Version);
}

TEST(Args, RefusesWhatItDoesNotKnow) {
    for (const auto& words :
         std::vector<std::vector<const char*>>{{"--nope"},
                                               {"--conf", "a"},
                                               {"a.yaml"},
                                               {"--config"},
                                               {"--check"},
                                               {"--check", "a", "--config", "b"},
                                               {"--check", "a", "--last-good"},
                                               {"-x"}}) {
        const auto args = parsed(words);
        ASSERT_FALSE(args) << words[0];
        EXPECT_FALSE(args.error().empty());
    }
    EXPECT_NE(parsed({"--nope"}).error().find("--nope"), std::string::npos);
}

TEST(Args, HelpNamesEveryExitCode) {
    const std::string text = help_text();
    for (const char* part : {"--config", "--check", "0 stopped", "1 the start failed",
                             "2 wrong usage", "5 the configuration"})
        EXPECT_NE(text.find(part), std::string::npos) << part;
}

}  // namespace
}  // namespace sallyport::ctl
