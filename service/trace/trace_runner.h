#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "service/trace/trace_world.h"
#include "shared/model/trace_report.h"

namespace causeway::trace {

/// Runs the steps of one trace in order, fills the evidence, and has it judged. Blocks; one thread. A step that cannot
/// be measured is "not measured" with the reason, and the trace goes on; a failed step stops nothing.
class TraceRunner {
public:
    /// `told` gets the report after each change, on the same thread.
    TraceRunner(TraceWorld& world, TraceReport report, std::function<void(const TraceReport&)> told);

    /// UDP and TCP port of a target that is no user of the directory; before run().
    void setPort(std::uint16_t port) { port_ = port; }
    /// The finished report; its state is Finished, Stopped or Failed (no address to trace to).
    TraceReport run();
    /// What was measured; for tests and the export.
    const TracePair& evidence() const { return pair_; }

private:
    struct Target {
        std::string name;
        Ip4 address;
        std::uint16_t port = 2425;
        std::optional<LanUser> user;
        std::optional<std::vector<Ip4>> dns;
        bool isNoName = false;  ///< what was typed can be no name
    };

    bool isWanted(TraceStep step) const;
    bool findEnds();
    std::optional<Target> find(const std::string& typed, UserId id);
    /// Why a trace to it makes no sense; empty if it does.
    std::string whyNotOneComputer(const Target& target);
    std::vector<TraceLeg> legs() const;
    const Target& targetOf(TraceLeg leg) const { return leg == TraceLeg::AToX || leg == TraceLeg::BToX ? *x_ : y_; }
    /// Legs that the linked service measures, or that lie between both services; empty without a link.
    std::vector<TraceLeg> peerLegs(TraceStep step) const;
    void layRows();
    void beginAtPeer();
    void takeFromPeer(TraceRow& row);
    void takeCounts(TraceRow& row);
    void count();
    /// Waits for what the linked service still measures, and takes its evidence.
    void endAtPeer();
    void noPeer(TraceRow& row, const std::string& why);
    TraceEvidence& evidenceOf(TraceLeg leg) { return pair_.legOf(leg); }

    void measure(TraceRow& row);
    void selfCheck(TraceRow& row);
    void whoIsWho(TraceRow& row, TraceLeg leg);
    void segment(TraceRow& row, TraceLeg leg);
    void neighbour(TraceRow& row, TraceLeg leg);
    void echo(TraceRow& row, TraceLeg leg);
    void chatProbe(TraceRow& row, TraceLeg leg);
    void joinProbe(TraceRow& row, TraceLeg leg);
    void filePort(TraceRow& row, TraceLeg leg);
    void path(TraceRow& row, TraceLeg leg);
    void pathBack(TraceRow& row, TraceLeg leg);
    void sizes(TraceRow& row, TraceLeg leg);
    void nat(TraceRow& row, TraceLeg leg);
    void broadcast(TraceRow& row);
    void lists(TraceRow& row);
    void repeat(TraceRow& row, TraceLeg leg);
    void mates(TraceLeg leg);
    void lookAgain();
    void askAgain(TraceLeg leg);

    ProbeFacts ask(TraceStep which, const Target& target, ChatQuestion question, unsigned tries, Duration patience,
                   std::vector<std::string>& details);
    void askIdentity(NameFacts& facts, std::vector<std::string>& details);
    MateFacts askMates(const std::vector<LanUser>& mates, bool isOwnSegment);
    PathColumn column(TraceLeg leg, TraceProtocol protocol, std::vector<std::string>& details);
    ChatQuestion questionFor(const Target& target) const;
    void hear(const std::vector<Heard>& all);
    /// What came from there so far answers none of the next questions.
    void forget(Ip4 target);
    /// Waits for the answer of `target` to that question, or an error; everything else is kept for what was heard by
    /// itself.
    std::optional<Heard> waitFor(Ip4 target, ChatQuestion question, Duration patience);

    TraceWorld& world_;
    TraceReport report_;
    std::function<void(const TraceReport&)> told_;
    TracePair pair_;
    std::uint16_t port_ = 2425;
    std::optional<Target> x_;
    Target y_;
    std::vector<LanUser> users_;
    std::map<TraceLeg, std::vector<IcmpError>> late_;
    std::vector<Heard> waiting_;  ///< answers and errors that no step has taken yet
    std::shared_ptr<TracePeer> peer_;
    std::string peerTrouble_;                   ///< why it cannot measure now
    std::map<TraceLeg, std::uint32_t> remote_;  ///< what it measures for this trace
    std::map<TraceLeg, std::string> remoteTrouble_;
    std::optional<Result<PeerCounts>> counts_;
};

}  // namespace causeway::trace
