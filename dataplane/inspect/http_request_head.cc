// SPDX-License-Identifier: Apache-2.0
#include "dataplane/inspect/http_head.h"

#include "dataplane/inspect/http_fields.h"
#include "dataplane/inspect/http_framing.h"
#include "dataplane/inspect/http_request_line.h"
#include "dataplane/inspect/http_text.h"

namespace sallyport::dp::inspect {
namespace {

// Reads on after a reason to refuse was found, since the log wants the rest; the first one counts.
class RequestReader {
   public:
    explicit RequestReader(RequestHead& out) : out_(out) {}
    Reason read(std::string_view head);

   private:
    void refuse_if(bool condition, Reason reason) {
        if (condition && reason_ == Reason::None) reason_ = reason;
    }
    void read_line(std::string_view& rest);
    void read_fields(std::string_view section);
    void note(const Field& field);
    void note_host(std::string_view value);
    void note_expect(std::string_view value);
    void conclude_host();
    void conclude_body();
    void conclude_upgrade();

    RequestHead& out_;
    Reason reason_ = Reason::None;
    RequestLine line_;
    HeadFraming framing_;
    bool has_host_ = false, has_expect_ = false;
};

// Servers differ in whether they keep a tab, so that such a field may say something else there.
bool may_have_tabs_around(FieldName name) {
    return name == FieldName::Other || name == FieldName::UserAgent || name == FieldName::RequestId;
}

void keep_first(std::string_view& kept, std::string_view value) {
    if (kept.data() == nullptr) kept = value;
}

Reason RequestReader::read(std::string_view head) {
    out_ = {};
    refuse_if(head.size() > kRequestHeadMax, Reason::RequestHeadTooLarge);
    skip_empty_line(head);
    read_line(head);
    read_fields(head);
    conclude_host();
    conclude_body();
    conclude_upgrade();
    out_.keep_alive = framing_.is_persistent(out_.minor);
    return reason_;
}

void RequestReader::read_line(std::string_view& rest) {
    std::string_view line;
    if (!take_line(rest, line)) {
        line = rest;
        rest = behind(rest, rest.size());
        refuse_if(true, Reason::HttpAmbiguous);
    }
    const Reason reason = parse_request_line(line, line_);
    refuse_if(reason != Reason::None, reason);
    out_.method = line_.method;
    out_.target = line_.target_text;
    out_.minor = line_.minor;
    out_.is_head = line_.method == "HEAD";
}

void RequestReader::read_fields(std::string_view section) {
    FieldWalk walk(section);
    Field field;
    for (std::uint32_t count = 1; walk.next(field); ++count) {
        if (count > kFieldsMax) return refuse_if(true, Reason::RequestHeadTooLarge);
        refuse_if(!field.is_valid, Reason::HttpAmbiguous);
        note(field);
    }
    refuse_if(!walk.is_complete(), Reason::HttpAmbiguous);
}

void RequestReader::note(const Field& field) {
    const FieldName name = identify(field.name);
    refuse_if(field.has_tabs_around && !may_have_tabs_around(name), Reason::HttpAmbiguous);
    refuse_if(name == FieldName::LookAlike, Reason::HttpAmbiguous);
    refuse_if(name == FieldName::Http2Settings, Reason::UpgradeDenied);  // RFC 7540 section 3.2.1
    if (name == FieldName::Host) note_host(field.value);
    if (name == FieldName::Expect) note_expect(field.value);
    if (name == FieldName::UserAgent) keep_first(out_.user_agent, field.value);
    if (name == FieldName::RequestId) keep_first(out_.request_id, field.value);
    const bool is_good = framing_.note(name, field.value);
    const bool is_upgrade = name == FieldName::Upgrade;
    refuse_if(!is_good, is_upgrade ? Reason::UpgradeDenied : Reason::HttpAmbiguous);
}

void RequestReader::note_host(std::string_view value) {
    refuse_if(has_host_, Reason::HostInvalid);
    if (!has_host_) out_.authority = value;
    has_host_ = true;
}

// RFC 9110 section 10.1.1: the only expectation there is. HTTP/1.0 has none.
void RequestReader::note_expect(std::string_view value) {
    const bool is_continue = equals_ignoring_case(value, "100-continue");
    refuse_if(has_expect_ || !is_continue, Reason::HttpAmbiguous);
    has_expect_ = true;
    out_.expect_continue = is_continue && out_.minor == 1;
}

void RequestReader::conclude_host() {
    if (out_.authority.empty()) return refuse_if(true, Reason::NoHost);
    Authority authority;
    const Reason reason = parse_authority(out_.authority, authority);
    refuse_if(reason != Reason::None, reason);
    out_.host = authority.host;
    out_.port = authority.port;
    // The target would win over Host (RFC 9112 section 3.2.2), were it not for servers that do not
    // look at it.
    const bool names_another =
        line_.target.form == TargetForm::Absolute && !is_same(line_.target.authority, authority);
    refuse_if(names_another, Reason::HttpAmbiguous);
}

void RequestReader::conclude_body() {
    refuse_if(!framing_.body(out_.minor, out_.body), Reason::HttpAmbiguous);
    refuse_if(framing_.lists_no_token(), Reason::HttpAmbiguous);
    // Content of these has no meaning (RFC 9110 section 9.3), and servers that leave it unread take
    // it for the next request.
    const bool has_body = out_.body.kind == BodyKind::Chunked || out_.body.length > 0;
    const bool has_none = out_.method == "GET" || out_.method == "HEAD" || out_.method == "TRACE";
    refuse_if(has_body && has_none, Reason::HttpAmbiguous);
}

// RFC 6455 section 4.1. Who upgrades without being asked properly would read octets of a body, or
// of the next request, as those of another protocol.
void RequestReader::conclude_upgrade() {
    refuse_if(framing_.has_upgrade() != framing_.lists_upgrade(), Reason::HttpAmbiguous);
    if (!framing_.has_upgrade()) return;
    const bool has_body = out_.body.kind == BodyKind::Chunked || out_.body.length > 0;
    const bool may_ask = out_.method == "GET" && out_.minor == 1 && !has_body;
    refuse_if(!may_ask, Reason::HttpAmbiguous);
    out_.websocket = reason_ == Reason::None && framing_.is_websocket();
}

}  // namespace

Reason parse_request_head(std::span<const std::uint8_t> head, RequestHead& out) {
    return RequestReader(out).read(text_of(head));
}

}  // namespace sallyport::dp::inspect
