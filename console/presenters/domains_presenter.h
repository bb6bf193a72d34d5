#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "console/presenters/certificate_words.h"
#include "console/presenters/domain_words.h"
#include "console/presenters/presenter.h"
#include "console/presenters/providers_presenter.h"
#include "console/presenters/row_table.h"

namespace causeway::console {

enum class DomainColumn { Name, Where, EndToEnd, Directory, Supernode, Providers, People, Logins };

class DomainsTable final : public RecordTable<api::DomainRow> {
public:
    DomainsTable(Executor& executor, std::function<TimePoint()> clockOfService, const ProvidersPresenter& providers);
    const std::vector<Column>& columns() const override;
    std::string cell(std::size_t row, std::size_t column) const override;
    Mark mark(std::size_t row, std::size_t column) const override;

protected:
    std::string keyOf(Slot slot, std::size_t column) const override;
    std::string searchTextOf(Slot slot) const override;

private:
    std::string textOfCell(const api::DomainRow& row, std::size_t column) const;
    const ProvidersPresenter& providers_;
};

/// Whether people can log in to a domain now, and if not, what is missing.
LoginLine loginLineOf(const api::DomainRow& row);

/// One dot as the detail pane shows it.
struct DotView {
    Mark mark = Mark::Unknown;
    std::string word;
    std::string sentence;
    std::string times;  ///< "since 12:03:11, checked 20 s ago"
};

/// What colour a dot had, for the history strip.
struct StripPart {
    TimePoint from{};
    TimePoint to{};
    Mark mark = Mark::Unknown;
};
/// The last `span` before now, oldest first, without gaps; before the first known change it is Unknown.
std::vector<StripPart> stripOf(const std::vector<DotChange>& newestFirst, DotKind kind, const Dot& now, TimePoint at,
                               Duration span);

/// A domain as it is edited.
struct DomainForm {
    std::uint64_t id = 0;
    std::uint64_t revision = 0;
    std::string name;
    DomainReach reach = DomainReach::Lan;
    EndToEnd endToEnd = EndToEnd::Required;
    std::vector<std::uint64_t> providers;
    CertificateSource certificate = CertificateSource::SelfSigned;
    std::string certificateFile;
    std::string keyFile;
    std::string ttl = "300";
    std::string extraRecords;
    std::string note;
};
struct SupernodeForm {
    std::uint64_t id = 0;
    std::uint64_t domain = 0;
    SupernodeOrigin origin = SupernodeOrigin::Hand;
    std::string name;
    bool isEnabled = true;
    std::string lanAddress;
    std::string internetAddress;
    std::string port = "5222";
    std::string tlsPort = "5223";
    std::string priority = "10";
    std::string weight = "10";
};
struct SupernodeLine {
    std::uint64_t id = 0;
    SupernodeOrigin origin = SupernodeOrigin::Hand;
    std::vector<std::string> cells;  ///< name, origin, state, LAN address, Internet address, ports, priority, weight
};

/// A provider in the chain of a domain.
struct ChainEntry {
    std::uint64_t id = 0;
    std::string name;
    std::string hint;  ///< kind and address
    bool isChosen = false;
};

/// Chat domains with their dots; kept by events. Shared by the pages Domains and Chat DNS.
class DomainsPresenter final : public Presenter {
public:
    using SaveDone = std::function<void(const Result<void>&, const std::vector<FieldText>&)>;

    DomainsPresenter(Session& session, ProvidersPresenter& providers);
    ~DomainsPresenter() override;

    DomainsTable& table() { return table_; }
    const DomainsTable& table() const { return table_; }
    bool isLoaded() const { return isLoaded_; }
    const std::optional<Error>& problem() const { return problem_; }
    std::string stateText() const;
    std::string emptyText() const;
    std::string whyReadOnly() const;
    bool isEditable() const { return whyReadOnly().empty(); }
    /// Enabled domains with a dot that is not fine.
    std::uint64_t troubleCount() const { return troubles_; }
    std::uint64_t count() const { return table_.totalCount(); }
    const api::DomainRow* find(std::uint64_t id) const { return table_.find(id); }
    const api::DomainRow* findByName(const std::string& name) const;  ///< ASCII form
    std::vector<std::uint64_t> idsByName() const;                     ///< of all, by shown name

    // The selected domain
    /// Loads proofs and history of the domain.
    void select(std::optional<std::uint64_t> id);
    std::optional<std::uint64_t> selected() const { return selected_; }
    const api::DomainRow* selectedRow() const { return selected_ ? find(*selected_) : nullptr; }
    DotView dot(DotKind kind) const { return dotOf(selected_.value_or(0), kind); }
    LoginLine login() const { return loginOf(selected_.value_or(0)); }
    DotView dotOf(std::uint64_t id, DotKind kind) const;
    LoginLine loginOf(std::uint64_t id) const;
    CertificateView certificate() const { return certificateOf(selected_.value_or(0)); }
    CertificateView certificateOf(std::uint64_t id) const;
    std::vector<Fact> facts() const;
    std::vector<SupernodeLine> supernodes() const;
    /// Newest first: label = time, value = "Directory: Not registered, ...", mark of the state.
    std::vector<Fact> history() const;
    const std::vector<DotChange>& changes() const { return changes_; }
    std::vector<StripPart> strip(DotKind kind) const;
    static constexpr Duration kStripSpan = 24h;
    std::function<void()> onDetails;

    // Proofs: of the selected domain, or of another one that is watched (the assistant)
    const ProofStep* proof(std::uint64_t id, DotKind kind) const;
    /// Keeps the proofs of one more domain up to date; 0 ends that.
    void watch(std::uint64_t id);

    // Actions
    void checkNow(std::uint64_t id, Done done);
    /// Tries a name and a password through the whole chain; a failure counts as that of a client.
    using LoginTested = std::function<void(const Result<LoginTrail>&)>;
    void testLogin(std::uint64_t id, const std::string& name, Secret password, LoginTested done);
    void setEnabled(std::uint64_t id, bool isEnabled, Done done);
    /// Everything that a deletion takes away, in sentences.
    std::string lossText(std::uint64_t id) const;
    /// Is the typed text the name of the domain?
    bool isTypedName(std::uint64_t id, const std::string& typed) const;
    void remove(std::uint64_t id, const std::string& typed, Done done);
    std::optional<WaitingChange> waiting() const;
    void keep(std::uint64_t id, Done done);
    void undo(std::uint64_t id, Done done);

    DomainForm formOf(std::uint64_t id) const;
    /// All providers, those of the chain first and in its order.
    std::vector<ChainEntry> chainOf(const std::vector<std::uint64_t>& chosen) const;
    std::vector<FieldText> check(const DomainForm& form) const;
    void save(const DomainForm& form, SaveDone done);

    SupernodeForm formOfSupernode(std::uint64_t id) const;
    std::vector<FieldText> check(const SupernodeForm& form) const;
    /// The token of a new supernode that registers itself stays in newToken() until it is forgotten.
    void saveSupernode(const SupernodeForm& form, SaveDone done);
    const Secret& newToken() const { return newToken_; }
    void forgetNewToken() { newToken_ = {}; }
    void removeSupernode(std::uint64_t id, Done done);

    const ProvidersPresenter& providers() const { return providers_; }
    /// Others that show domains: called after every change. The key is for unfollow().
    int follow(std::function<void()> follower);
    void unfollow(int key) { followers_.erase(key); }

    void connectionChanged() override;
    void resync() override { load(); }
    void domainsChanged(const api::DomainsEvent& event) override;
    void take(std::vector<api::DomainRow> all);
    void takeDetails(const api::DomainRow& row, std::vector<DotChange> changes);
    void load();

private:
    void put(std::vector<api::DomainRow> rows, const std::vector<std::uint64_t>& removed, bool areNews);
    void loadDetails(std::uint64_t id);
    void chainNamesChanged();
    void tellFollowers() const;

    struct Proofs {
        std::uint64_t id = 0;
        ProofStep directory;
        ProofStep supernode;
    };
    const Proofs* proofsOf(std::uint64_t id) const;

    ProvidersPresenter& providers_;
    DomainsTable table_;
    bool isLoaded_ = false;
    std::optional<Error> problem_;
    std::optional<std::uint64_t> selected_;
    std::uint64_t watched_ = 0;
    std::vector<DotChange> changes_;
    std::vector<Proofs> proofs_;  ///< of the selected and the watched domain
    std::uint64_t troubles_ = 0;
    Secret newToken_;
    std::map<int, std::function<void()>> followers_;
    int lastFollower_ = 0;
};

/// Sentences at fields from what the service answered, one entry a field: several of one field, such as bad lines of
/// the extra records, are lines of one text, at most six.
std::vector<FieldText> fieldTexts(const api::ErrorDocument& details);

}  // namespace causeway::console
