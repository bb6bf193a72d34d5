#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "console/presenters/presenter.h"
#include "console/presenters/row_table.h"

namespace causeway::console {

enum class ProviderColumn { Name, Kind, Address, State, AnswerTime, LastError, UsedBy };

class ProvidersTable final : public RecordTable<ProviderView> {
public:
    ProvidersTable(Executor& executor, std::function<TimePoint()> clockOfService);
    const std::vector<Column>& columns() const override;
    std::string cell(std::size_t row, std::size_t column) const override;
    Mark mark(std::size_t row, std::size_t column) const override;

protected:
    std::string keyOf(Slot slot, std::size_t column) const override;
    std::string searchTextOf(Slot slot) const override;

private:
    std::string textOfCell(const ProviderView& view, std::size_t column) const;
    std::function<TimePoint()> now_;
};

/// A change that goes back by itself unless somebody keeps it.
struct WaitingChange {
    std::uint64_t id = 0;  ///< of the provider or domain
    std::string name;
    TimePoint at{};
    std::string sentence;
    /// "The change of "AD" goes back in 1 min 20 s: ..."
    std::string text(TimePoint now) const;
};

/// Authentication providers; kept by events. Shared by the pages Providers and Domains.
class ProvidersPresenter final : public Presenter {
public:
    explicit ProvidersPresenter(Session& session);

    ProvidersTable& table() { return table_; }
    const ProvidersTable& table() const { return table_; }
    bool isLoaded() const { return isLoaded_; }
    const std::optional<Error>& problem() const { return problem_; }
    std::string stateText() const;  ///< "3 providers, 1 is not asked now"
    std::string emptyText() const;
    std::string whyReadOnly() const;  ///< empty: changes may be made
    bool isEditable() const { return whyReadOnly().empty(); }
    std::uint64_t troubleCount() const { return troubles_; }

    const ProviderView* find(std::uint64_t id) const { return table_.find(id); }
    /// Of all providers, by name, with their ids.
    std::vector<std::pair<std::uint64_t, std::string>> names() const;
    std::string nameOf(std::uint64_t id) const;

    void select(std::optional<std::uint64_t> id);
    std::optional<std::uint64_t> selected() const { return selected_; }
    std::vector<Fact> details() const;
    /// Warnings about the selected provider, one a line.
    std::string warnings() const;

    std::optional<WaitingChange> waiting() const;  ///< the one that goes back first
    void keep(std::uint64_t id, Done done);
    void undo(std::uint64_t id, Done done);

    /// What a deletion means; and why it is not possible, if it is not.
    std::string lossText(std::uint64_t id) const;
    void remove(std::uint64_t id, Done done);
    void setEnabled(std::uint64_t id, bool isEnabled, Done done);
    /// At most `most` people of the directory behind a provider.
    void people(std::uint64_t id, const std::string& filter, std::function<void(const Result<api::PeopleList>&)> done);
    static constexpr std::size_t kMostPeople = 500;

    /// Others that show names of providers.
    std::function<void()> onNames;

    void connectionChanged() override;
    void resync() override { load(); }
    void providersChanged(const api::ProvidersEvent& event) override;
    /// Who asks a provider, and how its last test went, changes with the domains.
    void domainsChanged(const api::DomainsEvent& event) override;
    void take(std::vector<ProviderView> all);
    void load();

private:
    void put(std::vector<ProviderView> changed, const std::vector<std::uint64_t>& removed, bool areNews);

    ProvidersTable table_;
    bool isLoaded_ = false;
    std::optional<Error> problem_;
    std::optional<std::uint64_t> selected_;
    std::uint64_t troubles_ = 0;
};

}  // namespace causeway::console
