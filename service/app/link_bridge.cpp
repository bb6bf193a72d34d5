#include "service/app/link_bridge.h"

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <set>
#include <sstream>

#include "service/app/process.h"
#include "service/net/reach.h"
#include "service/store/private_file.h"
#include "shared/base/text.h"

namespace causeway::app {

namespace {

constexpr Duration kDutyPatience = 15s;
constexpr Duration kAnswerPatience = 8s;
constexpr Duration kStragglers = 400ms;
constexpr unsigned kChatDatagrams = 10;
constexpr std::size_t kMarkBytes = 12;
constexpr std::uint16_t kChatPort = 2425;

std::string readAll(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    std::ostringstream text;
    text << in.rdbuf();
    return text.str().substr(0, 65536);
}

Error damagedIdentity(const std::string& why) {
    return {Code::Corrupt, "This service cannot be linked with others.", why,
            "Put back link.crt and link.key in the data folder. If they are lost, remove both, restart, and link every "
            "base anew: the others know this service by them."};
}

/// What `here` sent and `there` counted, for one kind of port.
std::optional<trace::PeerPort> pairUp(const std::vector<link::PortCount>& here,
                                      const std::vector<link::PortCount>& there, link::CountKind kind,
                                      std::optional<std::uint16_t> port = {}) {
    trace::PeerPort found;
    const auto isIt = [&](const link::PortCount& each) { return each.kind == kind && (!port || each.port == *port); };
    const auto sent = std::find_if(here.begin(), here.end(),
                                   [&](const link::PortCount& each) { return isIt(each) && each.sent > 0; });
    if (sent == here.end()) return std::nullopt;
    found.port = sent->port;
    found.sent = sent->sent;
    for (const auto& each : there) {
        if (!isIt(each) || each.arrived == 0) continue;
        found.arrived = std::min<unsigned>(each.arrived, found.sent);
        found.source = each.source;
        found.sourcePort = each.sourcePort;
    }
    return found;
}

trace::PeerDirection direction(const std::vector<link::PortCount>& here, const std::vector<link::PortCount>& there) {
    trace::PeerDirection way;
    way.chat = pairUp(here, there, link::CountKind::Chat);
    way.link = pairUp(here, there, link::CountKind::Link);
    std::set<std::uint16_t> ports;
    for (const auto& each : here)
        if (each.kind == link::CountKind::Voice && each.sent > 0) ports.insert(each.port);
    for (const auto port : ports)
        if (auto found = pairUp(here, there, link::CountKind::Voice, port)) way.voice.push_back(*found);
    return way;
}

link::PortCount chatCount(unsigned sent, const trace::TraceIo::Counted& counted) {
    link::PortCount count;
    count.kind = link::CountKind::Chat;
    count.port = kChatPort;
    count.sent = static_cast<std::uint16_t>(sent);
    count.arrived = static_cast<std::uint16_t>(counted.arrived);
    count.source = counted.source;
    count.sourcePort = counted.sourcePort;
    return count;
}

}  // namespace

Result<net::TlsIdentity> prepareLinkIdentity(const std::filesystem::path& dataFolder, const std::string& name) {
    const auto certificate = dataFolder / "link.crt";
    const auto key = dataFolder / "link.key";
    std::error_code ignored;
    const bool hasCertificate = std::filesystem::exists(certificate, ignored);
    const bool hasKey = std::filesystem::exists(key, ignored);
    if (hasCertificate != hasKey)
        return damagedIdentity(std::string(hasKey ? "link.crt" : "link.key") + " is missing in the data folder.");
    if (!hasKey) {
        auto made = net::makeTlsIdentity("causeway link " + name);
        if (!made) return made.error();
        if (auto written = store::writeNewPrivateFile(key.string(), made->keyPem.reveal()); !written)
            return written.error();
        if (auto written = writeWholeFile(certificate, made->certificatePem); !written) {
            std::filesystem::remove(key, ignored);
            return written.error();
        }
        return *made;
    }
    net::TlsIdentity kept;
    kept.certificatePem = readAll(certificate);
    kept.keyPem = Secret{readAll(key)};
    auto fingerprint = net::fingerprintOf(kept.certificatePem);
    if (!fingerprint) return damagedIdentity("link.crt holds no certificate.");
    kept.fingerprint = *fingerprint;
    if (auto fits = net::TlsContext::pinned(net::TlsRole::Client, {kept.certificatePem, kept.keyPem, {}}); !fits)
        return damagedIdentity(fits.error().why);
    store::takeRightsFromOthers(key.string());
    return kept;
}

std::pair<std::uint16_t, std::uint16_t> voicePortsOf(const std::string& setting) {
    const auto dash = setting.find('-');
    const auto first = parseUnsigned(trimmed(std::string_view{setting}.substr(0, dash))).value_or(0);
    const auto last = dash == std::string::npos
                          ? first
                          : parseUnsigned(trimmed(std::string_view{setting}.substr(dash + 1))).value_or(0);
    if (first < 1024 || last < first || last > 65535 || last - first >= links::CountPorts::kMostVoicePorts)
        return {0, 0};
    return {static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last)};
}

Result<void> StoreLinkKeeper::redeem(const std::string& tokenHash, TimePoint now, const LinkRecord& link,
                                     const std::vector<Network4>& segments) {
    if (auto redeemed = store_.redeem(tokenHash, now, link); !redeemed) return redeemed;
    // The link stands; without segments it only measures less, so what fails here is no error of it.
    const auto all = bases_.bases().value_or({});
    const auto base = std::find_if(all.begin(), all.end(), [&](const BaseSite& each) { return each.id == link.base; });
    if (base == all.end() || !base->segments.empty()) return {};
    auto filled = *base;
    for (const auto& segment : segments) {
        const bool isTaken = std::any_of(all.begin(), all.end(), [&](const BaseSite& each) {
            return std::find(each.segments.begin(), each.segments.end(), segment) != each.segments.end();
        });
        if (!isTaken) filled.segments.push_back(segment);
    }
    if (!filled.segments.empty() && bases_.saveBase(filled)) basesChanged_();
    return {};
}

/// One linked service, for one trace.
class LinkBridge::Peer final : public trace::TracePeer {
public:
    Peer(LinkBridge& bridge, links::LinksIo::Found found) : bridge_(bridge), found_(std::move(found)) {}

    std::string name() override { return "the service of base " + found_.baseName; }
    std::string trouble() override {
        return found_.link.state == LinkState::Linked ? std::string()
                                                      : name() + " cannot measure. " + found_.link.sentence;
    }

    Result<std::uint32_t> measure(Ip4 target, std::uint16_t port, const std::vector<TraceStep>& steps) override {
        auto work = std::make_shared<Work>();
        link::Measure wish;
        wish.target = target;
        wish.port = port;
        wish.steps = steps;
        auto asked = bridge_.links_.ask(found_.link.base, wish, [work](Result<link::Message> message) {
            const std::lock_guard hold{work->lock};
            if (!message) {
                work->trouble = message.error().what;
            } else if (auto* row = std::get_if<link::Row>(&*message)) {
                work->rows[row->row.step] = std::move(row->row);
            } else if (auto* measured = std::get_if<link::Measured>(&*message)) {
                work->evidence = std::move(measured->evidence);
            } else {
                work->trouble = "the other service answered something else";
            }
            work->wake.notify_all();
        });
        if (!asked) return asked.error();
        work_[*asked] = work;
        return *asked;
    }
    trace::PeerProgress progress(std::uint32_t id, TraceStep step, Duration patience) override {
        const auto at = work_.find(id);
        trace::PeerProgress progress;
        if (at == work_.end()) {
            progress.trouble = "it was not asked";
            return progress;
        }
        auto& work = *at->second;
        std::unique_lock hold{work.lock};
        const auto isOver = [&work] { return work.evidence || !work.trouble.empty(); };
        work.wake.wait_for(hold, patience, [&] { return isOver() || work.rows.contains(step); });
        if (const auto row = work.rows.find(step); row != work.rows.end()) progress.row = row->second;
        progress.evidence = work.evidence;
        progress.trouble = work.trouble;
        return progress;
    }
    void stop(std::uint32_t id) override { bridge_.links_.tell(found_.link.base, link::StopMeasure{id}); }

    Result<trace::PeerCounts> count(bool withVoice, const std::function<void(Duration)>& pause) override {
        auto& links = bridge_.links_;
        auto& traces = bridge_.traces_;
        const auto base = found_.link.base;
        trace::PeerCounts counts;
        counts.ownAddress = links.ownAddressFor(base);
        const auto mark = hexText(net::randomBytes(kMarkBytes));
        auto [first, last] = withVoice ? bridge_.voicePorts_() : std::pair<std::uint16_t, std::uint16_t>{0, 0};
        const bool hasChat = traces.hasChatPort() && traces.beginCount(mark);
        auto open = links.openCounts(mark, first, last);
        if (!open && first == 0) {
            (void)traces.takeCount(mark);
            return open.error();
        }
        if (!open) {
            counts.voiceTrouble = "here: " + open.error().what + " " + open.error().why;
            first = last = 0;
        }
        const auto end = [&] {
            (void)traces.takeCount(mark);
            (void)links.takeCounts(mark);
        };
        const auto ready = askOne<link::CountReady>(link::CountOpen{0, mark, first, last});
        if (!ready) {
            end();
            return ready.error();
        }
        if (!links.isOfBase(base, ready->address)) {
            end();
            return Error{
                Code::Denied,
                name() + " names " + ready->address.text() + " as its address, which is in no segment of its base", "",
                "Write the segments of that base down."};
        }
        counts.peerAddress = ready->address;
        if (!ready->voiceTrouble.empty() && counts.voiceTrouble.empty())
            counts.voiceTrouble = "there: " + ready->voiceTrouble;
        const bool hasVoice = first != 0 && ready->voiceTrouble.empty();
        const bool isChatTested = hasChat && ready->hasChatPort;
        const auto chatSent = isChatTested ? traces.sendCount(mark, ready->address, kChatDatagrams) : 0U;
        (void)links.sendCounts(mark, ready->address, ready->linkPort, hasVoice);
        pause(kStragglers);
        const auto result = askOne<link::CountResult>(
            link::CountTurn{0, mark, counts.ownAddress, isChatTested, links.linkPort(), hasVoice});
        if (!result) {
            end();
            return result.error();
        }
        pause(kStragglers);
        auto own = links.takeCounts(mark).value_or({});
        own.push_back(chatCount(chatSent, traces.takeCount(mark)));
        counts.there = direction(own, result->ports);
        counts.back = direction(result->ports, own);
        return counts;
    }

private:
    struct Work {
        std::mutex lock;
        std::condition_variable wake;
        std::map<TraceStep, TraceRow> rows;
        std::optional<TraceEvidence> evidence;
        std::string trouble;
    };
    template <class T>
    Result<T> askOne(link::Message request) {
        auto promise = std::make_shared<std::promise<Result<link::Message>>>();
        auto answer = promise->get_future();
        auto asked = bridge_.links_.ask(found_.link.base, std::move(request), [promise](Result<link::Message> message) {
            promise->set_value(std::move(message));
        });
        if (!asked) return asked.error();
        if (answer.wait_for(kAnswerPatience) != std::future_status::ready)
            return Error{Code::Timeout, name() + " did not answer in time", "", ""};
        auto message = answer.get();
        if (!message) return message.error();
        if (auto* wanted = std::get_if<T>(&*message)) return std::move(*wanted);
        return Error{Code::BadInput, name() + " answered something else", "", ""};
    }

    LinkBridge& bridge_;
    const links::LinksIo::Found found_;
    std::map<std::uint32_t, std::shared_ptr<Work>> work_;
};

LinkBridge::LinkBridge(links::LinksIo& links, trace::TraceIo& traces, VoicePorts voicePorts, Log& log)
    : links_(links), traces_(traces), voicePorts_(std::move(voicePorts)) {
    net::WorkPoolLimits limits;
    limits.threads = 4;
    work_ = std::make_unique<net::WorkPool>("link duty", limits, log);
}

LinkBridge::~LinkBridge() {
    work_.reset();
}

std::shared_ptr<trace::TracePeer> LinkBridge::peerOf(Ip4 target) {
    auto found = links_.linkOf(target);
    if (!found) return nullptr;
    return std::make_shared<Peer>(*this, std::move(*found));
}

/// Runs on a worker: what speaks with the LAN directory may wait.
template <class F>
void LinkBridge::later(std::uint64_t base, std::uint32_t id, const Answer& answer, F work) {
    const auto submitted =
        work_->submit("base " + std::to_string(base), net::EventLoop::now() + kDutyPatience, std::move(work),
                      [answer, id](const Result<void>& done) {
                          if (!done) answer(link::Refused{id, "The other service is too busy.", "Try again soon."});
                      });
    if (!submitted) answer(link::Refused{id, "The other service is too busy.", "Try again soon."});
}

void LinkBridge::measure(std::uint64_t base, const link::Measure& wish, Answer answer) {
    later(base, wish.id, answer, [this, base, wish, answer] {
        const auto key = std::pair{base, wish.id};
        running_.with([&](auto& all) { all[key] = 0; });
        trace::TraceIo::Help told;
        told.row = [answer, id = wish.id](const TraceRow& row) { answer(link::Row{id, row}); };
        told.done = [this, key, answer, id = wish.id](Result<TraceEvidence> evidence) {
            running_.with([&](auto& all) { all.erase(key); });
            if (evidence) {
                answer(link::Measured{id, std::move(*evidence)});
            } else {
                answer(link::Refused{id, "The other service could not measure: " + evidence.error().what, ""});
            }
        };
        const auto begun = traces_.help(wish.target, wish.port, wish.steps, told);
        if (!begun) {
            running_.with([&](auto& all) { all.erase(key); });
            answer(link::Refused{wish.id, begun.error().what, begun.error().todo});
            return;
        }
        running_.with([&](auto& all) {
            if (const auto at = all.find(key); at != all.end()) at->second = *begun;
        });
    });
}

void LinkBridge::stop(std::uint64_t base, std::uint32_t id) {
    const auto running = running_.with([&](auto& all) {
        const auto at = all.find({base, id});
        return at == all.end() ? std::uint64_t{0} : at->second;
    });
    if (running != 0) traces_.stopHelp(running);
}

void LinkBridge::gone(std::uint64_t base) {
    const auto running = running_.with([&](auto& all) {
        std::vector<std::uint64_t> ids;
        for (const auto& [key, id] : all)
            if (key.first == base && id != 0) ids.push_back(id);
        return ids;
    });
    for (const auto id : running)
        traces_.stopHelp(id);
}

void LinkBridge::openCount(std::uint64_t base, const link::CountOpen& wish, Answer answer) {
    later(base, wish.id, answer, [this, base, wish, answer] {
        link::CountReady ready;
        ready.id = wish.id;
        ready.address = links_.ownAddressFor(base);
        auto open = links_.openCounts(wish.mark, wish.firstVoicePort, wish.lastVoicePort);
        if (!open && wish.firstVoicePort == 0) {
            answer(link::Refused{wish.id, open.error().what, open.error().todo});
            return;
        }
        if (!open) ready.voiceTrouble = open.error().what + " " + open.error().why;
        ready.hasChatPort = traces_.hasChatPort() && traces_.beginCount(wish.mark);
        ready.linkPort = links_.linkPort();
        answer(ready);
    });
}

void LinkBridge::turnCount(std::uint64_t base, const link::CountTurn& wish, Answer answer) {
    later(base, wish.id, answer, [this, wish, answer] {
        const auto chatArrived = traces_.takeCount(wish.mark);
        const auto chatSent = wish.hasChatPort ? traces_.sendCount(wish.mark, wish.address, kChatDatagrams) : 0U;
        (void)links_.sendCounts(wish.mark, wish.address, wish.linkPort, wish.hasVoice);
        link::CountResult result;
        result.id = wish.id;
        result.ports = links_.takeCounts(wish.mark).value_or({});
        result.ports.push_back(chatCount(chatSent, chatArrived));
        answer(std::move(result));
    });
}

}  // namespace causeway::app
