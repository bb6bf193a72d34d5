#pragma once

#include "service/app/chat.h"
#include "service/store/store_port.h"
#include "service/trace/domain_world.h"
#include "service/trace/trace_io.h"

namespace causeway::app {

/// Gives domain traces what the chat domains know: the same checks as the marks and the pages of the console.
class ChatDomainWorld final : public trace::DomainWorld {
public:
    ChatDomainWorld(Chat& chat, store::StorePort& store, const Settings& settings)
        : chat_(chat), store_(store), settings_(settings) {}

    Result<trace::DomainFacts> domain(const std::string& name) override;
    Result<std::vector<trace::ResolverFacts>> resolvers(const std::string& domain,
                                                        const std::vector<std::string>& others) override;
    Result<ProofStep> supernodes(const std::string& domain) override;
    Result<ProofStep> directory(const std::string& domain) override;
    Result<trace::PersonFacts> person(const std::string& domain, const std::string& user) override;
    Result<LoginTrail> login(const std::string& domain, const std::string& user, const Secret& password) override;

private:
    /// NotFound if this service has no such domain.
    Result<domains::DomainView> viewOf(const std::string& name);

    Chat& chat_;
    store::StorePort& store_;
    const Settings& settings_;
};

/// For traces where the LAN directory is off: domains can be traced, users cannot.
class NoChatLine final : public trace::ChatLine {
public:
    Result<State> state() override;
    Result<std::vector<LanUser>> users() override { return std::vector<LanUser>{}; }
    Result<Sent> send(const trace::ChatProbe&) override { return off(); }
    Result<Sent> broadcast(const LanInterface&) override { return off(); }
    Result<void> readList(Ip4) override { return off(); }

private:
    static Error off();
};

}  // namespace causeway::app
