#pragma once

#include <functional>

#include "service/trace/domain_world.h"
#include "shared/model/trace_report.h"

namespace causeway::trace {

/// Runs the steps of one domain trace in order, fills the evidence, and has it judged. Blocks; one thread. A step that
/// cannot be measured is "not measured" with the reason; a failed step stops nothing but what cannot be asked without
/// it. The password is used once and never part of the report.
class DomainRunner {
public:
    struct Clock {
        std::function<TimePoint()> now;
        std::function<bool()> isStopped;
    };
    /// `told` gets the report after each change, on the same thread.
    DomainRunner(DomainWorld& world, Clock clock, TraceReport report, Secret password,
                 std::function<void(const TraceReport&)> told);

    /// The finished report; its state is Finished or Stopped.
    TraceReport run();
    const DomainEvidence& evidence() const { return evidence_; }

private:
    void measure(TraceRow& row);
    void known(TraceRow& row);
    void records(TraceRow& row);
    void addresses(TraceRow& row);
    void servers(TraceRow& row);
    void fromServers(TraceRow& row);
    void directory(TraceRow& row);
    void person(TraceRow& row);

    DomainWorld& world_;
    Clock clock_;
    TraceReport report_;
    Secret password_;
    std::function<void(const TraceReport&)> told_;
    DomainEvidence evidence_;
    std::string serversMissing_;  ///< why the supernodes were not measured
};

/// "alice@chat.example.com" of what was typed; empty user: a domain alone.
struct DomainTarget {
    std::string user;
    std::string domain;
};
DomainTarget domainTargetOf(const TraceRequest& request);

}  // namespace causeway::trace
