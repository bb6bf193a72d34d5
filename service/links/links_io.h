#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "service/links/count_io.h"
#include "service/links/duty_rules.h"
#include "service/links/invitations.h"
#include "service/links/link_health.h"
#include "service/links/links_port.h"
#include "service/net/event_loop.h"
#include "service/net/tcp_listener.h"
#include "service/net/tls.h"
#include "service/net/work_pool.h"
#include "shared/base/log.h"
#include "shared/model/base_site.h"

namespace causeway::links {

/// Links on disk; service/app connects it with the store. Any thread but a loop; may block for one query.
class LinkKeeper {
public:
    virtual ~LinkKeeper() = default;
    virtual Result<std::vector<LinkRecord>> links() = 0;
    virtual Result<std::vector<InvitationRecord>> invitations() = 0;
    virtual Result<void> saveLink(const LinkRecord& link) = 0;
    virtual Result<void> removeLink(std::uint64_t base) = 0;
    virtual Result<void> addInvitation(const InvitationRecord& invitation, TimePoint forgetBefore) = 0;
    /// `segments`: of the other side, as it says; a base for which the administrator wrote none down gets them.
    virtual Result<void> redeem(const std::string& tokenHash, TimePoint now, const LinkRecord& link,
                                const std::vector<Network4>& segments) = 0;
};

/// Measures for a linked service what DutyRules allowed. Called on the loop of the links; must not block. `answer` may
/// be called on any thread, several times for rows; the last answer is Measured, CountReady, CountResult or Refused.
class LinkDuty {
public:
    using Answer = std::function<void(link::Message)>;
    virtual ~LinkDuty() = default;
    virtual void measure(std::uint64_t base, const link::Measure& wish, Answer answer) = 0;
    virtual void stop(std::uint64_t base, std::uint32_t id) = 0;
    virtual void openCount(std::uint64_t base, const link::CountOpen& wish, Answer answer) = 0;
    virtual void turnCount(std::uint64_t base, const link::CountTurn& wish, Answer answer) = 0;
    /// The connection of that base ended: what was measured for it is stopped.
    virtual void gone(std::uint64_t base) = 0;
};

/// The connections to the services of other bases: one TCP connection with mutual TLS a link, which one side makes and
/// both use. Everything happens on a loop of its own.
class LinksIo final : public LinksPort {
public:
    struct Options {
        net::TlsIdentity identity;
        std::string version;
        /// How far the wall clock of this computer is from net::EventLoop::now().
        std::function<Duration()> wallClockOffset = [] { return Duration{0}; };
    };
    LinksIo(LinkKeeper& keeper, Options options, Log& log);
    ~LinksIo() override;
    LinksIo(const LinksIo&) = delete;
    LinksIo& operator=(const LinksIo&) = delete;

    void setObserver(LinksObserver* observer);      ///< any thread; nullptr takes it away and waits for the loop
    void setDuty(LinkDuty* duty) { duty_ = duty; }  ///< before start()
    /// Reads what is kept and begins. `listen`: "0.0.0.0:8426", empty: nobody connects to this side.
    Result<void> start(const std::string& listen);
    /// Says goodbye and ends every connection and every question; new ones get errors. Before those are stopped that
    /// use the links.
    void hangUp();
    void stop();
    void setListen(const std::string& listen);  ///< any thread
    void setOwn(OwnSide own);                   ///< any thread
    /// The bases that the administrator wrote down; a link whose base went is dropped. Any thread.
    void setBases(std::vector<BaseSite> bases);

    // LinksPort:
    LinkHouse links() override;
    Result<LinkInvitation> invite(std::uint64_t base, const std::string& baseName, Duration lifetime,
                                  const std::string& host) override;
    Result<Meeting> meet(const std::string& invitation) override;
    Result<BaseLink> keep(std::uint64_t base, const Meeting& meeting) override;
    Result<void> unlink(std::uint64_t base) override;

    // For the packet trace; any thread but the loop.
    /// The link whose base holds the address: by the segments of the base, else by those that the other side tells.
    /// Nothing: it is an address of our own, or no linked base holds it.
    struct Found {
        BaseLink link;
        std::string baseName;
        Ip4 address;  ///< of the other service
    };
    std::optional<Found> linkOf(Ip4 address);
    /// Sends a request; its number is set here. `told` gets every answer on the loop, with an error as the last one if
    /// the connection ends. Errors: Unavailable with the state of the link.
    Result<std::uint32_t> ask(std::uint64_t base, link::Message request,
                              std::function<void(Result<link::Message>)> told);
    void tell(std::uint64_t base, link::Message message);
    /// Under which address that service reaches us.
    Ip4 ownAddressFor(std::uint64_t base);
    /// The address is in a segment of that base as our administrator wrote it down, or that of the connection.
    bool isOfBase(std::uint64_t base, Ip4 address);
    /// Counts of datagrams at our own end, see CountPorts.
    Result<void> openCounts(const std::string& mark, std::uint16_t firstVoice, std::uint16_t lastVoice);
    std::uint16_t linkPort();
    /// Sends and waits until all are on their way.
    Result<void> sendCounts(const std::string& mark, Ip4 to, std::uint16_t linkPort, bool hasVoice);
    Result<std::vector<link::PortCount>> takeCounts(const std::string& mark);

private:
    class Session;
    class Meet;
    struct Link {
        LinkHealth health;
        std::shared_ptr<Session> session;
        bool isDialling = false;
        std::uint64_t toldRevision = 0;
    };
    template <class F>
    auto onLoop(const char* name, F work) {
        return loop_->ask(name, Duration{3000}, std::move(work));
    }

    // On the loop:
    void listen(const std::string& listen);
    bool acceptsFingerprint(const std::string& fingerprint);
    Link* linkWith(const std::string& fingerprint);
    const BaseSite* baseOf(std::uint64_t id) const;
    /// As the administrator wrote them down: what the other side says of itself must not widen what it may ask for.
    std::vector<Network4> segmentsOf(std::uint64_t base) const;
    /// The same and the address of the connection.
    std::vector<Network4> placesOf(std::uint64_t base) const;
    void tick();
    void dial(std::uint64_t base);
    void dialTo(std::uint64_t base, const std::string& address);
    void adopted(const std::shared_ptr<Session>& session);
    void ended(const std::shared_ptr<Session>& session, const net::CloseReport& report);
    void request(const std::shared_ptr<Session>& session, const link::Message& message);
    void redeem(const std::shared_ptr<Session>& session, const std::string& token);
    void redeemed(const std::shared_ptr<Session>& session, const LinkRecord& record, const Result<void>& saved);
    void putLink(const LinkRecord& record);
    void dropLink(std::uint64_t base, bool tellOther);
    void notify();
    link::Hello hello(Ip4 towards) const;
    TimePoint wallNow() const;

    LinkKeeper& keeper_;
    Options options_;
    Log& log_;
    LinkDuty* duty_ = nullptr;
    LinksObserver* observer_ = nullptr;
    std::unique_ptr<net::EventLoop> loop_;
    std::unique_ptr<net::WorkPool> work_;
    std::unique_ptr<net::LoopTimer> timer_;
    std::shared_ptr<const net::TlsContext> serverTls_;
    std::shared_ptr<const net::TlsContext> clientTls_;
    std::unique_ptr<net::TcpListener> listener_;
    std::unique_ptr<CountPorts> counts_;
    std::string listen_;
    std::string listenProblem_;
    OwnSide own_;
    std::vector<BaseSite> bases_;
    std::map<std::uint64_t, Link> links_;
    std::vector<InvitationRecord> invitations_;
    StrangerThrottle strangers_;
    DutyRules rules_;
    std::vector<std::shared_ptr<Session>> sessions_;  ///< all, linked or not yet
    std::uint32_t lastId_ = 0;
    bool isRunning_ = false;
};

}  // namespace causeway::links
