// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/connections.h"

#include "tests/bench/dialogue.h"

namespace sallyport::bench {

Sample Connections::repeat(std::uint32_t turns) {
    Sample sample;
    if (done_ == 0) meet_neighbors();
    for (std::uint32_t t = 0; t < turns; ++t) {
        crowd_.renew();
        Sample batch;
        talk(crowd_, batch);
        done_ += kAtOnce;
        take_records();
        if (batch.discarded == 0)
            batch.units = kAtOnce;
        else
            batch.cycles = 0;
        sample.add(batch);
    }
    return sample;
}

void Connections::finish() {
    rig_.settle();
    const dp::Counters& counters = rig_.counters();
    expect(records_ == done_, "there is not one record for each connection");
    expect(counters.sessions_active.value() == 0, "a session is left");
    expect(counters.setups_in_use.value() == 0, "a set-up is left");
    expect(counters.hold_chunks_in_use.value() == 0, "held octets are left");
    expect(counters.embryos_in_use.value() == 0, "an embryo is left");
    expect(counters.requests_in_use.value() == 0, "a request is left");
    expect(counters.relay_chunks_in_use.value() == 0, "relayed octets are left");
    check_counters(counters);
}

// One connection alone, for which the gate asks its neighbours' addresses.
void Connections::meet_neighbors() {
    Crowd first(rig_, 1, true, port_);
    Sample none;
    talk(first, none);
    ++done_;
    take_records();
    crowd_.renew();  // the first client is taken
}

void Connections::take_records() {
    for (const dp::AccessRecord& record : rig_.records()) {
        expect(is_right(record), "a connection ended for the wrong reason");
        ++records_;
    }
}

namespace {

using wire::kAck, wire::kFin;

class Denied : public Connections {
   public:
    explicit Denied(Rig& rig) : Connections(rig, kTlsPort) {}

   private:
    void talk(Crowd& crowd, Sample& sample) override {
        open_clients(crowd, sample);
        say_hello(crowd, denied_name, sample);
        crowd.all_clients_send(kAck | kFin);
        crowd.exchange(sample);
        for (std::uint32_t i = 0; i < crowd.size(); ++i) {
            constexpr std::uint64_t kAlert = 7;  // a record with an alert, RFC 8446 section 6
            expect(crowd.client(i).received().count() == kAlert && crowd.client(i).peer_closed(),
                   "a denied client did not get its alert");
            expect(crowd.client(i).all_acknowledged(),
                   "a denied client's FIN was not acknowledged");
        }
        expect(crowd.outside_frames() == 0, "something of a denied session left");
    }
    bool is_right(const dp::AccessRecord& record) const override {
        return record.decision == dp::policy::Decision::Deny &&
               record.reason == dp::Reason::SniNotAllowed && !record.has_server;
    }
    void check_counters(const dp::Counters& counters) const override {
        expect(counters.verdicts_deny.value() == done(), "not every connection was denied");
        expect(counters.sessions_opened.value() == 0, "a server leg was begun");
    }
};

class Allowed : public Connections {
   public:
    explicit Allowed(Rig& rig) : Connections(rig, kTlsPort) {}

   private:
    void talk(Crowd& crowd, Sample& sample) override {
        open_clients(crowd, sample);
        say_hello(crowd, allowed_name, sample);
        join(crowd, sample);
        ask_and_answer(crowd, sample);
        close_both(crowd, sample);
        expect(crowd.streams_agree(), "the spliced octets are not those that were sent");
        for (std::uint32_t i = 0; i < crowd.size(); ++i)
            expect(crowd.client(i).peer_closed() && crowd.server(i).peer_closed(),
                   "a connection was not closed");
    }
    bool is_right(const dp::AccessRecord& record) const override {
        return record.decision == dp::policy::Decision::Allow &&
               record.reason == dp::Reason::Closed && record.has_server;
    }
    void check_counters(const dp::Counters& counters) const override {
        expect(counters.sessions_spliced.value() == done(), "not every connection was spliced");
        expect(counters.of(dp::Reason::Closed) == done(), "not every connection was closed");
    }
};

}  // namespace

std::unique_ptr<Benchmark> make_denied(Rig& rig) {
    return std::make_unique<Denied>(rig);
}

std::unique_ptr<Benchmark> make_allowed(Rig& rig) {
    return std::make_unique<Allowed>(rig);
}

}  // namespace sallyport::bench
