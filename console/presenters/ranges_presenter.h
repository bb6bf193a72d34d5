#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "console/presenters/presenter.h"

namespace causeway::console {

/// What the editor shows beside a line of its text.
struct RangeLineState {
    std::size_t line = 0;  ///< 1-based
    Mark mark = Mark::None;
    std::string text;                   ///< "254 addresses; answered 12, 3 h ago", or the sentence of the problem
    std::optional<std::size_t> column;  ///< of the problem, 0-based
    std::uint64_t rangeId = 0;          ///< 0 = not stored (new, changed, blank)
    bool isEnabled = true;
};

enum class RangesSave { Saved, Conflict, Failed };

/// Settings > Application Preferences > Network > Broadcast settings other than local network: all remote ranges, one
/// a line. Kept as text until saved as a whole.
class RangesPresenter final : public Presenter {
public:
    explicit RangesPresenter(Session& session);

    const std::string& text() const { return text_; }
    /// The user typed; problems and the preview of this computer are there at once, that of the service a moment later.
    void setText(const std::string& text);
    bool isDirty() const { return text_ != savedText_; }
    /// Read-only for viewers and operators, with the reason.
    bool isEditable() const;
    std::string whyReadOnly() const;

    const std::vector<RangeLineProblem>& problems() const { return preview_.problems; }
    const RangePreview& preview() const { return preview_; }
    bool isPreviewOfService() const { return isPreviewOfService_; }
    std::string previewText() const;  ///< "1,020 addresses in 3 networks, 12 s for a sweep"
    std::vector<RangeLineState> lines() const;
    const api::RangeList& stored() const { return stored_; }

    bool canSave() const;
    std::string whyNotSave() const;
    /// Stored only if nobody changed the list since it was read; on a conflict the page asks: reload() or overwrite().
    void save(std::function<void(RangesSave, const std::optional<Error>&)> done);
    void overwrite(std::function<void(RangesSave, const std::optional<Error>&)> done);
    void revert();  ///< back to what is stored
    void reload();  ///< reads again; unsaved text is lost
    /// Somebody else changed the list while the text was being edited.
    bool isOutdated() const { return isOutdated_; }
    std::string conflictText() const;
    /// On or off for a stored range, at once.
    void setEnabled(std::uint64_t rangeId, bool isEnabled, Done done);
    std::string exportText() const { return text_; }
    std::optional<Error> problem() const { return problem_; }

    /// The page calls this now and then (4 times a second is enough): sends the delayed preview.
    void tick();

    void connectionChanged() override;
    void resync() override;
    void rangesChanged(const api::RangeList& list) override;
    void statusChanged(const api::ServiceStatus& status) override;
    void settingsChanged(const api::SettingsEvent& event) override;

private:
    void takeStored(const api::RangeList& list);
    void previewHere();
    void previewAtService();
    void loadSettings();
    void send(std::optional<std::uint64_t> revision, std::function<void(RangesSave, const std::optional<Error>&)> done);

    std::string text_;
    std::string savedText_;
    api::RangeList stored_;
    std::uint64_t editedRevision_ = 0;  ///< that the text was made from
    bool isOutdated_ = false;
    bool isSaving_ = false;
    RangePreview preview_;
    bool isPreviewOfService_ = false;
    std::uint64_t edit_ = 0;  ///< grows with each setText, so that late previews are dropped
    std::optional<TimePoint> previewDue_;
    std::vector<Network4> ownSegments_;
    bool allowsLoopback_ = false;
    std::uint32_t packetsPerSecond_ = 200;
    std::optional<Error> problem_;
};

}  // namespace causeway::console
