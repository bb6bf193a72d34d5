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

    void connectionChanged() override;
    void resync() override;
    void basesChanged() override;
    void take(std::vector<BaseSite> bases);

private:
    void load();
    std::vector<BaseSite> bases_;
    bool isLoaded_ = false;
    std::optional<Error> problem_;
};

}  // namespace causeway::console
