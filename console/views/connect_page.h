#pragma once

#include <functional>

#include <wx/combobox.h>
#include <wx/textctrl.h>

#include "console/presenters/session.h"
#include "console/views/pages.h"
#include "console/widgets/form_grid.h"
#include "console/widgets/page_base.h"
#include "console/widgets/status_mark.h"

namespace causeway::console {

/// Shown while there is no service: what was tried, why it did not work, what to do; the way to another computer.
class ConnectPage : public PageBase {
public:
    ConnectPage(wxWindow* parent, AppContext& app, std::function<client::ClientOptions()> makeOptions);
    /// `isChosen`: the user came here himself while a service is connected, so he can go back.
    void update(bool isChosen);
    void focusFirst();
    void refresh() override;
    std::function<void()> onCancel;
    std::function<void()> onConnecting;

private:
    void connectRemote();
    void connectLocal();
    void rememberAddress(const wxString& address);

    AppContext& app_;
    std::function<client::ClientOptions()> makeOptions_;
    StatusMark* state_ = nullptr;
    WrapText* why_ = nullptr;
    WrapText* todo_ = nullptr;
    wxStaticText* startLabel_ = nullptr;
    wxTextCtrl* start_ = nullptr;
    wxButton* copy_ = nullptr;
    wxButton* again_ = nullptr;
    wxButton* cancel_ = nullptr;
    wxComboBox* address_ = nullptr;
    FormField addressField_;
    wxButton* connect_ = nullptr;
    wxPanel* inner_ = nullptr;
};

}  // namespace causeway::console
