#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "console/presenters/domains_presenter.h"
#include "console/presenters/presenter.h"
#include "console/presenters/row_table.h"

namespace causeway::console {

enum class DnsColumn { Domain, Supernode, View, Directory, SupernodeMark, State, Ttl, Queries, LastQuery, Serial };

/// One supernode of a domain as seen from one side, with the marks of its domain.
struct DnsLine {
    api::DnsRow row;
    std::string shown;  ///< name of the domain as people read it
    ProofState directory = ProofState::Unknown;
    ProofState supernode = ProofState::Unknown;
    bool isServed = true;  ///< chat DNS listens
};

class DnsTable final : public RecordTable<DnsLine> {
public:
    DnsTable(Executor& executor, std::function<TimePoint()> clockOfService);
    const std::vector<Column>& columns() const override;
    std::string cell(std::size_t row, std::size_t column) const override;
    Mark mark(std::size_t row, std::size_t column) const override;

protected:
    std::string keyOf(Slot slot, std::size_t column) const override;
    std::string searchTextOf(Slot slot) const override;

private:
    std::string textOfCell(const DnsLine& line, std::size_t column) const;
    std::function<TimePoint()> now_;
};

/// One row of a live check.
struct DnsCheckLine {
    Mark mark = Mark::Unknown;
    std::string resolver;  ///< only in the first row of each
    std::string record;    ///< "_xmpp-client._tcp.chat.example.com SRV"
    std::string result;
    std::string wanted;
    std::string found;
    std::string why;
    std::string todo;
};

/// "lan" and "internet" in words.
std::string viewText(const std::string& view);
/// Verdict of a live check in words.
std::string verdictText(const std::string& verdict);

/// Chat DNS: what it serves, records for other servers, live check, secondaries and keys.
class DnsPresenter final : public Presenter {
public:
    DnsPresenter(Session& session, DomainsPresenter& domains);
    ~DnsPresenter() override;

    DnsTable& table() { return table_; }
    bool isLoaded() const { return isLoaded_; }
    const std::optional<Error>& problem() const { return problem_; }
    const api::DnsOverview& overview() const { return overview_; }
    std::string statusText() const;  ///< "listens on 0.0.0.0:53, 2 domains, 1,204 queries"
    /// Why it does not listen, and what it could not serve; empty if all is fine.
    std::string troubleText() const;
    std::string emptyText() const;
    bool isEditable() const { return session_.mayChange(); }
    void load();

    /// Domain and side that records and check are about.
    struct Choice {
        std::string name;   ///< ASCII form
        std::string shown;  ///< as people read it
    };
    std::vector<Choice> domains() const;
    void choose(const std::string& domain, const std::string& view);
    const std::string& domain() const { return domain_; }
    const std::string& view() const { return view_; }

    // Records for other servers
    static const std::vector<std::string>& forms();        ///< "bind", "windows", "dnsmasq", "unbound"
    static std::string formText(const std::string& form);  ///< "BIND and other zone files"
    static std::string formHelp(const std::string& form);  ///< where to paste it
    void setForm(const std::string& form, const std::string& zone);
    const std::string& form() const { return form_; }
    const std::string& zone() const { return zone_; }
    /// The text, or why there is none.
    const std::string& recordsText() const { return text_; }
    bool hasRecords() const { return hasText_; }
    std::function<void()> onRecords;

    // Live check
    /// Resolvers by hand, separated by blanks, commas or lines; empty if fine, else the sentence.
    std::string resolversProblem(const std::string& text) const;
    void check(const std::string& resolvers);
    bool isChecking() const { return isChecking_; }
    LoginLine checkLine() const;
    std::vector<DnsCheckLine> checkLines() const;
    std::function<void()> onCheck;

    // Secondaries and keys
    std::vector<std::vector<std::string>> secondaries() const;  ///< domain, server, notice, taken
    void addKey(const std::string& name, std::function<void(const Result<void>&, const std::vector<FieldText>&)> done);
    /// Of the key that was just made; shown once.
    const Secret& newKey() const { return newKey_; }
    void forgetNewKey() { newKey_ = {}; }
    void removeKey(const std::string& name, Done done);

    void connectionChanged() override;
    void resync() override { load(); }
    void dnsChanged() override { load(); }
    void take(api::DnsOverview overview);
    void takeCheck(std::vector<api::DnsCheckReport> reports);

private:
    void join();
    void loadRecords();
    std::vector<std::string> resolversOf(const std::string& text) const;

    DomainsPresenter& domains_;
    int follower_ = 0;
    DnsTable table_;
    bool isLoaded_ = false;
    std::optional<Error> problem_;
    api::DnsOverview overview_;
    std::map<std::string, std::uint64_t> ids_;
    std::string domain_;
    std::string view_ = "lan";
    std::string form_ = "bind";
    std::string zone_;
    std::string text_;
    bool hasText_ = false;
    std::uint64_t textRun_ = 0;
    bool isChecking_ = false;
    std::uint64_t checkRun_ = 0;
    std::optional<std::vector<api::DnsCheckReport>> reports_;
    std::optional<Error> checkProblem_;
    Secret newKey_;
};

}  // namespace causeway::console
