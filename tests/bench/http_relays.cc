// SPDX-License-Identifier: Apache-2.0
// HTTP connections that stay: many requests on each, or one response without end.
#include "tests/bench/benchmark.h"
#include "tests/bench/http_dialogue.h"

namespace sallyport::bench {
namespace {

using wire::kAck, wire::kFin, wire::kPsh;

bool is_right(const dp::AccessRecord& record) {
    return record.decision == dp::policy::Decision::Allow && record.reason == dp::Reason::None &&
           record.has_server && record.http && record.http->code == 200 &&
           !record.http->own_answer && record.http->path.view() == kPath &&
           record.http->authority.view() == record.name();
}

// All connections were closed and have left nothing, but for what is kept for late packets.
void expect_all_closed(Rig& rig, std::uint64_t connections) {
    rig.settle();
    const dp::Counters& counters = rig.counters();
    expect(counters.of(dp::Reason::Closed) == connections, "not every connection was closed");
    expect(counters.sessions_relayed.value() == connections, "not every connection was relayed");
    expect(counters.sessions_active.value() == 0, "a session is left");
    expect(counters.setups_in_use.value() == 0, "a set-up is left");
    expect(counters.requests_in_use.value() == 0, "a request is left");
    expect(counters.relay_chunks_in_use.value() == 0, "relayed octets are left");
    expect(counters.relays_in_use.value() == counters.session_slots_used.value(),
           "a relay is left without its session");
}

// What was discarded counts for nothing.
Sample counted(Sample sample, std::uint64_t units) {
    if (sample.discarded == 0)
        sample.units = units;
    else
        sample.cycles = 0;
    return sample;
}

class HttpRequests : public Benchmark {
   public:
    explicit HttpRequests(Rig& rig) : rig_(rig), crowd_(rig, kConnections, true, kHttpPort) {
        Crowd first(rig, 1, true, kHttpPort);
        begin(first);  // the gate asks its neighbours' addresses
        Sample none;
        close_both(first, none);
        crowd_.renew();  // the first client is taken
        begin(crowd_);
    }

    Sample repeat(std::uint32_t turns) override {
        Sample sample;
        for (std::uint32_t t = 0; t < turns; ++t) {
            Sample batch;
            ask(crowd_, allowed_name, batch);
            answer(crowd_, batch);
            sample.add(counted(batch, kConnections));
        }
        return sample;
    }

    void finish() override {
        Sample none;
        close_both(crowd_, none);
        for (std::uint32_t i = 0; i < crowd_.size(); ++i)
            expect(crowd_.client(i).peer_closed() && crowd_.server(i).peer_closed(),
                   "a connection was not closed");
        expect_all_closed(rig_, kConnections + 1);
        expect(rig_.records().empty(), "there is a record too many");
        expect(rig_.counters().verdicts_allow.value() == asked_, "not every request was judged");
        expect(rig_.counters().sessions_opened.value() == kConnections + 1,
               "a server leg was not kept");
    }

   private:
    static constexpr std::uint32_t kConnections = 32;

    void begin(Crowd& crowd) {
        Sample none;
        open_clients(crowd, none);
        ask(crowd, allowed_name, none);
        accept_legs(crowd, none);
        answer(crowd, none);
    }
    // Clients wait before they ask again, so their acknowledgement is a segment of its own.
    void answer(Crowd& crowd, Sample& sample) {
        crowd.all_servers_send(kAck | kPsh, octets_of(response(turn_++)));
        crowd.exchange(sample);
        crowd.all_clients_send(kAck);
        crowd.exchange(sample);
        asked_ += crowd.size();
        expect(crowd.streams_agree(), "the relayed octets are not those that were sent");
        const std::span<const dp::AccessRecord> records = rig_.records();
        expect(records.size() == crowd.size(), "there is not one record for each request");
        for (const dp::AccessRecord& record : records)
            expect(is_right(record) && record.bytes_sent == kBodyLength, "a record is wrong");
    }

    Rig& rig_;
    Crowd crowd_;
    std::uint64_t asked_ = 0;
    std::uint32_t turn_ = 0;
};

// Responses whose bodies end with the connection (RFC 9112 section 6.3), so that they can be as
// long as the measuring takes and still end well.
class RelayLarge : public Benchmark {
   public:
    explicit RelayLarge(Rig& rig) : rig_(rig), crowd_(rig, kConnections, false, kHttpPort) {
        crowd_.let_clients_acknowledge();
        Crowd first(rig, 1, false, kHttpPort);
        begin(first);  // the gate asks its neighbours' addresses
        end(first);
        crowd_.renew();  // the first client is taken
        begin(crowd_);
    }

    Sample repeat(std::uint32_t turns) override {
        Sample sample;
        for (std::uint32_t t = 0; t < turns; ++t) sample.add(one_turn());
        expect(crowd_.streams_agree(), "the relayed octets are not those that were sent");
        return sample;
    }

    void finish() override {
        end(crowd_);
        expect_all_closed(rig_, kConnections + 1);
    }

   private:
    static constexpr std::uint32_t kConnections = 16;
    static constexpr std::size_t kPayload = 1342;
    static constexpr std::string_view kHead =
        "HTTP/1.1 200 OK\r\nServer: bench\r\nConnection: close\r\n\r\n";

    static void begin(Crowd& crowd) {
        Sample none;
        open_clients(crowd, none);
        ask(crowd, allowed_name, none);
        accept_legs(crowd, none);
        crowd.all_servers_send(kAck | kPsh, octets_of(kHead));
        crowd.exchange(none);
        crowd.all_clients_send(kAck);
        crowd.exchange(none);
    }
    // The body's end is the server's FIN; the client's follows.
    void end(Crowd& crowd) {
        Sample none;
        crowd.all_servers_send(kAck | kFin);
        crowd.exchange(none);
        crowd.all_clients_send(kAck | kFin);
        crowd.exchange(none);
        crowd.all_servers_send(kAck);
        crowd.exchange(none);
        expect(crowd.streams_agree(), "the relayed octets are not those that were sent");
        const std::span<const dp::AccessRecord> records = rig_.records();
        expect(records.size() == crowd.size(), "there is not one record for each request");
        for (const dp::AccessRecord& record : records)
            expect(is_right(record) &&
                       record.bytes_sent == crowd.server(0).sent().count() - kHead.size(),
                   "a record is wrong");
    }
    Sample one_turn() {
        constexpr std::uint32_t kEach = dp::kBurstMax / kConnections;
        const Octets payload(kPayload, static_cast<std::uint8_t>(++turn_));
        for (std::uint32_t k = 0; k < kEach; ++k) crowd_.all_servers_send(kAck | kPsh, payload);
        Sample turn;
        crowd_.exchange(turn);
        return counted(turn, std::uint64_t{kEach} * kConnections);
    }

    Rig& rig_;
    Crowd crowd_;
    std::uint32_t turn_ = 0;
};

}  // namespace

std::unique_ptr<Benchmark> make_http_request(Rig& rig) {
    return std::make_unique<HttpRequests>(rig);
}

std::unique_ptr<Benchmark> make_relay_large(Rig& rig) {
    return std::make_unique<RelayLarge>(rig);
}

}  // namespace sallyport::bench
