// SPDX-License-Identifier: Apache-2.0
#include "dataplane/inspect/http_field_name.h"

#include <algorithm>

#include "dataplane/inspect/http_text.h"

namespace sallyport::dp::inspect {
namespace {

struct Known {
    std::string_view text;
    FieldName name;
    bool frames = true;  // two servers must read it alike
};

constexpr std::array kKnown{
    Known{"host", FieldName::Host},
    Known{"content-length", FieldName::ContentLength},
    Known{"transfer-encoding", FieldName::TransferEncoding},
    Known{"connection", FieldName::Connection},
    Known{"upgrade", FieldName::Upgrade},
    Known{"expect", FieldName::Expect},
    Known{"http2-settings", FieldName::Http2Settings},
    Known{"user-agent", FieldName::UserAgent, false},
    Known{"x-request-id", FieldName::RequestId, false},
};

constexpr std::array<std::string_view, 27> kNoTrailers{
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "proxy-connection",
    "trailer",
    "te",
    "upgrade",
    "http2-settings",
    "expect",
    "max-forwards",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "location",
    "authorization",
    "proxy-authorization",
    "www-authenticate",
    "proxy-authenticate",
    "cookie",
    "set-cookie",
    "content-encoding",
    "content-type",
    "content-range",
    "range",
};

}  // namespace

void FoldedName::add(char c) {
    if (length_ >= kMax) {
        length_ = kMax + 1;
        return;
    }
    const bool is_kept = is_alphanumeric(c) || c == '-';
    is_respelt_ = is_respelt_ || !is_kept;
    octets_[length_++] = is_kept ? lower(c) : '-';
}

FieldName identify(std::string_view name) {
    FoldedName folded;
    for (const char c : name) folded.add(c);
    for (const Known& known : kKnown) {
        if (known.text != folded.view()) continue;
        if (!folded.is_respelt()) return known.name;
        return known.frames ? FieldName::LookAlike : FieldName::Other;
    }
    return FieldName::Other;
}

bool may_be_trailer(const FoldedName& name) {
    return std::find(kNoTrailers.begin(), kNoTrailers.end(), name.view()) == kNoTrailers.end();
}

}  // namespace sallyport::dp::inspect
