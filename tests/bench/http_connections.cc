// SPDX-License-Identifier: Apache-2.0
// Whole HTTP connections.
#include <array>

#include "dataplane/session/http_pages.h"
#include "tests/bench/connections.h"
#include "tests/bench/http_dialogue.h"

namespace sallyport::bench {
namespace {

using wire::kAck, wire::kFin;

class HttpDenied : public Connections {
   public:
    explicit HttpDenied(Rig& rig) : Connections(rig, kHttpPort) {}

   private:
    void talk(Crowd& crowd, Sample& sample) override {
        pages_.assign(crowd.size(), {});
        open_clients(crowd, sample);
        ask(crowd, denied_name, sample);
        crowd.all_clients_send(kAck | kFin);
        crowd.exchange(sample);
        for (std::uint32_t i = 0; i < crowd.size(); ++i) {
            const Endpoint& client = crowd.client(i);
            pages_[i] = client.received();
            expect(client.peer_closed(), "a denied connection was not closed");
            expect(client.all_acknowledged(), "a denied client's FIN was not acknowledged");
            expect(!client.was_reset(), "a denied client was reset");
        }
        expect(crowd.outside_frames() == 0, "something of a denied request left");
    }
    bool is_right(const dp::AccessRecord& record) const override {
        return record.decision == dp::policy::Decision::Deny &&
               record.reason == dp::Reason::HostNotAllowed && !record.has_server && record.http &&
               record.http->code == 403 && record.http->own_answer &&
               record.http->path.view() == kPath && has_its_page(record);
    }
    // Whether the client got the page that this record is about, octet by octet.
    bool has_its_page(const dp::AccessRecord& record) const {
        std::array<char, dp::kPageMax> octets;
        const dp::HttpPage page{.reason = record.reason,
                                .host = record.name(),
                                .request_id = record.http->request_id.view()};
        Digest expected;
        expected.add(octets_of(dp::write_page(page, octets)));
        return pages_[client_number(record.client.src.v4()) % pages_.size()] == expected;
    }
    void check_counters(const dp::Counters& counters) const override {
        expect(counters.verdicts_deny.value() == done(), "not every request was denied");
        expect(counters.sessions_opened.value() == 0, "a server leg was begun");
        expect(counters.of(dp::Reason::Closed) == done(), "not every connection was closed");
    }

    std::vector<Digest> pages_;  // what each client of the crowd has got
};

}  // namespace

std::unique_ptr<Benchmark> make_http_denied(Rig& rig) {
    return std::make_unique<HttpDenied>(rig);
}

}  // namespace sallyport::bench
