#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <wx/panel.h>

#include "console/presenters/domains_presenter.h"
#include "console/views/plain_list.h"

class wxButton;

namespace causeway::console {

/// Which providers a domain asks, and in which order: ticked rows stand first.
class ProviderChain : public wxPanel {
public:
    ProviderChain(wxWindow* parent, const wxString& name);
    void set(std::vector<ChainEntry> entries);
    std::vector<std::uint64_t> chosen() const;
    std::optional<std::uint64_t> selected() const { return list_->selectedId(); }
    std::function<void()> onChanged;
    std::function<void()> onSelected;

private:
    void fill();
    void move(int step);
    void update();
    PlainList* list_;
    wxButton* up_;
    wxButton* down_;
    std::vector<ChainEntry> entries_;
};

}  // namespace causeway::console
