// SPDX-License-Identifier: Apache-2.0
#include "config/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/support.h"

namespace sallyport::cfg::test {
namespace {

TEST(Reference, IsTheOneInTheRepository) {
    EXPECT_EQ(reference(), file_text(SP_SOURCE_ROOT "/config/REFERENCE.md"))
        << "write the output of sallyport --help-config to config/REFERENCE.md";
}

TEST(Reference, HasEveryKeyAndEveryFinding) {
    const std::string text = reference();
    for (const Field& field : kFields)
        EXPECT_THAT(text, ::testing::HasSubstr("| `" + std::string(field.path) + "` |"));
    for (const FindingKind& kind : finding_kinds())
        EXPECT_THAT(text, ::testing::HasSubstr("| " + std::string(kind.code) + " |"));
}

}  // namespace
}  // namespace sallyport::cfg::test
