#pragma once

#include <optional>
#include <string>
#include <vector>

#include "console/presenters/presenter.h"

namespace causeway::console {

/// A base as typed: segments one a line or separated by commas.
struct BaseForm {
    std::uint64_t id = 0;  ///< 0 = new
    std::string name;
    std::string segments;
    std::string note;
};

/// Names and segments of the company's sites.
class BasesPresenter final : public Presenter {
public:
    explicit BasesPresenter(Session& session);

    const std::vector<BaseSite>& bases() const { return bases_; }
    bool isLoaded() const { return isLoaded_; }
    bool isEditable() const;
    std::string whyReadOnly() const;
    std::string emptyText() const;
    static std::string segmentsText(const BaseSite& base);  ///< "10.1.0.0/24, 10.1.1.0/24"
    BaseForm formOf(std::uint64_t id) const;
    /// Sentence per wrong field ("name", "segments"); empty = may be saved.
    std::vector<FieldText> check(const BaseForm& form) const;
    /// Field problems of the service come with the error.
    void save(const BaseForm& form, std::function<void(const Result<void>&, const std::vector<FieldText>&)> done);
    void remove(std::uint64_t id, Done done);
    std::optional<Error> problem() const { return problem_; }

    // Links to the services of other bases.
    /// State as mark and word for a base; an empty word: not linked.
    struct LinkWords {
        Mark mark = Mark::None;
        std::string word;
        std::string clock;     ///< "3 ms ahead (to 1 ms)"; may be empty
        std::string version;   ///< of its program
        std::string sentence;  ///< what the state means and what to do next
    };
    LinkWords linkOf(std::uint64_t base) const;
    bool isLinked(std::uint64_t base) const;  ///< there is a link or an open invitation
    /// Why no other service can connect to this one; empty if it can.
    std::string listenTrouble() const;
    void invite(const std::string& name, const std::string& address,
                std::function<void(const Result<LinkInvitation>&)> done);
    void link(const std::string& invitation, const std::string& name,
              std::function<void(const Result<BaseLink>&)> done);
    void unlink(std::uint64_t base, Done done);

    void connectionChanged() override;
    void resync() override;
    void basesChanged() override;
    void take(std::vector<BaseSite> bases);
    void takeLinks(LinkHouse house);

private:
    void load();
    std::vector<BaseSite> bases_;
    LinkHouse house_;
    bool isLoaded_ = false;
    std::optional<Error> problem_;
};

}  // namespace causeway::console
