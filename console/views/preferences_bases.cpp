#include "console/views/preferences_bases.h"

#include <wx/intl.h>
#include <wx/msgdlg.h>
#include <wx/sizer.h>
#include <wx/textctrl.h>

#include "console/presenters/words.h"
#include "console/views/form_dialog.h"
#include "console/widgets/page_base.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

namespace {

class BaseDialog : public FormDialog {
public:
    BaseDialog(wxWindow* parent, BasesPresenter& presenter, BaseForm form)
        : FormDialog(parent, "dialog.base", form.id == 0 ? _("Add a base") : _("Change a base"), _("&Save")),
          presenter_(presenter),
          form_(std::move(form)) {
        const auto text = [](const std::string& value, long style = 0, wxSize size = wxDefaultSize) {
            return [=](wxWindow* parentOfField) -> wxWindow* {
                return new wxTextCtrl(parentOfField, wxID_ANY, toWx(value), wxDefaultPosition, size, style);
            };
        };
        const auto name = this->form().row(_("&Name:"), text(form_.name), _("The site, as administrators call it."));
        const auto segments = this->form().row(
            _("Se&gments:"), text(form_.segments, wxTE_MULTILINE, FromDIP(wxSize(280, 90))),
            _("Networks with their real masks, such as 10.1.0.0/24; one a line or separated by commas."));
        const auto note = this->form().row(_("N&ote:"), text(form_.note));
        nameField_ = static_cast<wxTextCtrl*>(name.control);
        segmentsField_ = static_cast<wxTextCtrl*>(segments.control);
        noteField_ = static_cast<wxTextCtrl*>(note.control);
        addField("name", name);
        addField("segments", segments);
        addField("note", note);
        finish(nameField_);
    }

private:
    std::vector<FieldText> check() override {
        form_.name = fromWx(nameField_->GetValue());
        form_.segments = fromWx(segmentsField_->GetValue());
        form_.note = fromWx(noteField_->GetValue());
        return presenter_.check(form_);
    }
    void save(Answer answer) override { presenter_.save(form_, std::move(answer)); }

    BasesPresenter& presenter_;
    BaseForm form_;
    wxTextCtrl* nameField_;
    wxTextCtrl* segmentsField_;
    wxTextCtrl* noteField_;
};

}  // namespace

BasesPreferences::BasesPreferences(wxWindow* parent, AppContext& app)
    : wxPanel(parent, wxID_ANY), app_(app), presenter_(app.session) {
    SetName("preferences.bases");
    auto* sizer = new wxBoxSizer(wxVERTICAL);
    banner_ = new Banner(this);
    sizer->Add(banner_, wxSizerFlags().Expand().Border(wxBOTTOM, gap(this)));
    sizer->Add(new WrapText(this, _("A base is a site of the company. Give each its segments with their real masks, so "
                                    "that users are shown under the right base and in the right segment.")),
               wxSizerFlags().Expand().Border(wxBOTTOM, gap(this)));
    list_ = new PlainList(this, "preferences.bases.list", _("Bases"),
                          {{_("Base"), 160}, {_("Segments"), 300}, {_("Note"), 220}});
    list_->onSelectionChanged = [this] { update(); };
    list_->onActivated = [this](std::uint64_t id) {
        if (presenter_.isEditable()) edit(presenter_.formOf(id));
    };
    sizer->Add(list_, wxSizerFlags(1).Expand());
    empty_ = new wxStaticText(this, wxID_ANY, wxEmptyString);
    sizer->Add(empty_, wxSizerFlags().Border(wxTOP, gap(this)));

    auto* buttons = new wxBoxSizer(wxHORIZONTAL);
    const auto button = [&](const wxString& label, const wxString& picture, const std::function<void()>& action) {
        auto* made = iconButton(this, label, picture);
        onPress(made, action);
        buttons->Add(made, wxSizerFlags().Border(wxRIGHT, gap(this)));
        return made;
    };
    add_ = button(_("Add &base..."), "add", [this] { edit(BaseForm{}); });
    change_ = button(_("&Change..."), "edit", [this] {
        if (const auto id = list_->selectedId()) edit(presenter_.formOf(*id));
    });
    remove_ = button(_("Re&move"), "delete", [this] { removeSelected(); });
    sizer->Add(buttons, wxSizerFlags().Border(wxTOP, gap(this)));

    auto* outer = new wxBoxSizer(wxVERTICAL);
    outer->Add(sizer, wxSizerFlags(1).Expand().Border(wxALL, gap(this)));
    SetSizer(outer);
    presenter_.onChanged = [this] { update(); };
    update();
    presenter_.resync();
}

void BasesPreferences::update() {
    std::vector<PlainList::Row> rows;
    for (const auto& base : presenter_.bases()) {
        rows.push_back({base.id, false, {toWx(base.name), toWx(BasesPresenter::segmentsText(base)), toWx(base.note)}});
    }
    const bool isEmpty = rows.empty();
    list_->setRows(std::move(rows));
    const auto text = isEmpty ? toWx(presenter_.emptyText()) : wxString();
    if (empty_->GetLabel() != escapedLabel(text)) {
        empty_->SetLabel(escapedLabel(text));
        Layout();
    }
    const bool mayEdit = presenter_.isEditable();
    const bool hasChoice = list_->selectedId().has_value();
    add_->Enable(mayEdit);
    change_->Enable(mayEdit && hasChoice);
    remove_->Enable(mayEdit && hasChoice);

    const int state = presenter_.problem() ? 2 : mayEdit ? 0 : 1;
    if (state == bannerState_) return;
    bannerState_ = state;
    if (state == 0) {
        banner_->hide();
    } else {
        banner_->show(state == 2 ? Banner::Kind::Warning : Banner::Kind::Info,
                      toWx(state == 2 ? errorLines(*presenter_.problem()) : presenter_.whyReadOnly()));
    }
}

void BasesPreferences::edit(const BaseForm& form) {
    BaseDialog dialog(wxGetTopLevelParent(this), presenter_, form);
    dialog.ShowModal();
    list_->SetFocus();
}

void BasesPreferences::removeSelected() {
    const auto id = list_->selectedId();
    if (!id) return;
    const auto form = presenter_.formOf(*id);
    wxMessageDialog question(wxGetTopLevelParent(this), wxString::Format(_("Remove the base \"%s\"?"), toWx(form.name)),
                             _("Remove a base"), wxYES_NO | wxNO_DEFAULT | wxICON_QUESTION);
    question.SetExtendedMessage(_("Its users stay; they are then shown without a base, under an assumed segment."));
    question.SetYesNoLabels(_("Remove"), _("Keep"));
    if (question.ShowModal() != wxID_YES) return;
    presenter_.remove(*id, [this](const Result<void>& result) {
        if (!result) app_.tell(result.error());
    });
}

}  // namespace causeway::console
