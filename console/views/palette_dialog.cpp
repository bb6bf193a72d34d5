#include "console/views/palette_dialog.h"

#include <wx/sizer.h>
#include <wx/stattext.h>

#include "console/widgets/icons.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

PaletteDialog::PaletteDialog(wxWindow* parent, AppContext& app)
    : wxDialog(parent, wxID_ANY, _("Search"), wxDefaultPosition, wxDefaultSize,
               wxDEFAULT_DIALOG_STYLE | wxRESIZE_BORDER, "palette"),
      app_(app) {
    setAccessibleDialog(this);
    auto* column = new wxBoxSizer(wxVERTICAL);
    auto* label = new wxStaticText(this, wxID_ANY, _("&Users, pages and settings:"));
    text_ = new wxTextCtrl(this, wxID_ANY, {}, wxDefaultPosition, wxDefaultSize, wxTE_PROCESS_ENTER, wxDefaultValidator,
                           "palette.text");
    text_->SetHint(_("Some letters of a name, an address, a page or a setting"));
    setAccessibleName(text_, _("Users, pages and settings"));
    list_ = new wxDataViewListCtrl(this, wxID_ANY, wxDefaultPosition, FromDIP(wxSize(560, 320)),
                                   wxDV_SINGLE | wxDV_NO_HEADER);
    setAccessibleName(list_, _("Found"));
    list_->AppendIconTextColumn(_("Name"), wxDATAVIEW_CELL_INERT, FromDIP(240));
    list_->AppendTextColumn(_("What it is"), wxDATAVIEW_CELL_INERT, FromDIP(300));
    auto* keys = new wxStaticText(this, wxID_ANY, _("Up and Down choose, Enter opens, Escape closes."));
    keys->SetFont(smallFont(this));
    theme().watch(keys, [keys] { keys->SetForegroundColour(theme().colour(Theme::Ink::Muted)); });
    column->Add(label, wxSizerFlags().Border(wxLEFT | wxTOP | wxRIGHT, gap(this, 2)));
    column->AddSpacer(halfGap(this));
    column->Add(text_, wxSizerFlags().Expand().Border(wxLEFT | wxRIGHT, gap(this, 2)));
    column->AddSpacer(gap(this));
    column->Add(list_, wxSizerFlags(1).Expand().Border(wxLEFT | wxRIGHT, gap(this, 2)));
    column->Add(keys, wxSizerFlags().Border(wxALL, gap(this, 2)));
    SetSizerAndFit(column);
    CentreOnParent();
    text_->SetFocus();

    text_->Bind(wxEVT_TEXT, [this](wxCommandEvent&) { find(); });
    text_->Bind(wxEVT_TEXT_ENTER, [this](wxCommandEvent&) { open(list_->GetSelectedRow()); });
    text_->Bind(wxEVT_KEY_DOWN, [this](wxKeyEvent& event) {
        switch (event.GetKeyCode()) {
            case WXK_DOWN:
                move(1);
                break;
            case WXK_UP:
                move(-1);
                break;
            case WXK_PAGEDOWN:
                move(10);
                break;
            case WXK_PAGEUP:
                move(-10);
                break;
            default:
                event.Skip();
        }
    });
    list_->Bind(wxEVT_DATAVIEW_ITEM_ACTIVATED,
                [this](wxDataViewEvent& event) { open(list_->ItemToRow(event.GetItem())); });
    Bind(wxEVT_CHAR_HOOK, [this](wxKeyEvent& event) {
        if (event.GetKeyCode() == WXK_ESCAPE) {
            EndModal(wxID_CANCEL);
        } else {
            event.Skip();
        }
    });
    find();
}

void PaletteDialog::find() {
    hits_ = app_.palette.find(fromWx(text_->GetValue()));
    list_->DeleteAllItems();
    for (const PaletteHit& hit : hits_) {
        const char* name = "user";
        if (hit.kind == HitKind::Setting) name = "preferences";
        if (hit.kind == HitKind::Page) {
            const PageRow* row = findPage(hit.page);
            name = row ? row->icon : "next";
        }
        wxVector<wxVariant> cells;
        wxVariant title;
        title << wxDataViewIconText(toWx(hit.title), icon(name, 16));
        cells.push_back(title);
        cells.push_back(toWx(hit.hint));
        list_->AppendItem(cells);
    }
    if (!hits_.empty()) list_->SelectRow(0);
}

void PaletteDialog::move(int step) {
    if (hits_.empty()) return;
    const int row = std::clamp(list_->GetSelectedRow() + step, 0, static_cast<int>(hits_.size()) - 1);
    list_->SelectRow(static_cast<unsigned>(row));
    list_->EnsureVisible(list_->RowToItem(row));
}

void PaletteDialog::open(int row) {
    if (row < 0 || row >= static_cast<int>(hits_.size())) return;
    const PaletteHit& hit = hits_[static_cast<std::size_t>(row)];
    chosen_ = hit.page;
    if (hit.kind == HitKind::User) chosen_ = "users/" + std::to_string(hit.user);
    EndModal(wxID_OK);
}

}  // namespace causeway::console
