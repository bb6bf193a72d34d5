#pragma once

#include <functional>
#include <vector>

#include <wx/notebook.h>
#include <wx/panel.h>
#include <wx/stattext.h>

#include "console/presenters/presenter.h"
#include "console/views/fact_list.h"
#include "console/views/plain_list.h"

namespace causeway::console {

/// Below a table: who is selected, what can be done with him, and his facts, addresses and history.
class DetailPane : public wxPanel {
public:
    DetailPane(wxWindow* parent, const wxString& name);
    void setTitle(const wxString& title);
    wxButton* addAction(const wxString& label, const wxString& iconName, std::function<void()> action,
                        const wxString& tooltip);
    void setFacts(const std::vector<Fact>& facts) { facts_->set(facts); }
    void setAddresses(const std::vector<Fact>& addresses);
    void setHistory(const std::vector<Fact>& history, const wxString& none);
    wxString asText() const;
    bool isHistoryShown() const { return book_->GetSelection() == 2; }
    std::function<void()> onHistoryShown;
    std::function<void()> onClose;

private:
    wxStaticText* title_;
    wxBoxSizer* titleRow_;
    wxNotebook* book_;
    FactList* facts_;
    PlainList* addresses_;
    PlainList* history_;
};

}  // namespace causeway::console
