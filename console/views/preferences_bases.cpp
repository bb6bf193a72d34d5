#include "console/views/preferences_bases.h"

#include <wx/intl.h>
#include <wx/msgdlg.h>
#include <wx/sizer.h>
#include <wx/textctrl.h>

#include "console/presenters/words.h"
#include "console/views/form_dialog.h"
#include "console/views/text_tools.h"
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

/// Asks for the base that is invited.
class InviteDialog : public FormDialog {
public:
    InviteDialog(wxWindow* parent, BasesPresenter& presenter, const std::string& name)
        : FormDialog(parent, "dialog.invite", _("Invite the service of another base"), _("&Invite")),
          presenter_(presenter) {
        const auto text = [](const std::string& value) {
            return [=](wxWindow* parentOfField) -> wxWindow* {
                return new wxTextCtrl(parentOfField, wxID_ANY, toWx(value));
            };
        };
        const auto base =
            form().row(_("&Base:"), text(name), _("Which base is invited; it is added if there is none."));
        const auto address = form().row(_("&Address of this service:"), text({}),
                                        _("Under which the other side reaches it; empty: as this service knows it."));
        base_ = static_cast<wxTextCtrl*>(base.control);
        address_ = static_cast<wxTextCtrl*>(address.control);
        addField("name", base);
        addField("address", address);
        finish(base_);
    }
    LinkInvitation made;

private:
    std::vector<FieldText> check() override {
        if (!fromWx(base_->GetValue()).empty()) return {};
        return {{"name", fromWx(_("Name the base, such as the town of its site."))}};
    }
    void save(Answer answer) override {
        presenter_.invite(fromWx(base_->GetValue()), fromWx(address_->GetValue()),
                          [this, answer](const Result<LinkInvitation>& invitation) {
                              if (invitation) made = *invitation;
                              answer(invitation ? Result<void>{} : Result<void>{invitation.error()}, {});
                          });
    }

    BasesPresenter& presenter_;
    wxTextCtrl* base_;
    wxTextCtrl* address_;
};

/// Takes the invitation of the other side.
class LinkDialog : public FormDialog {
public:
    LinkDialog(wxWindow* parent, BasesPresenter& presenter)
        : FormDialog(parent, "dialog.link", _("Link with the service of another base"), _("&Link")),
          presenter_(presenter) {
        const auto field = [this](long style, wxSize size) {
            return [=](wxWindow* parentOfField) -> wxWindow* {
                return new wxTextCtrl(parentOfField, wxID_ANY, wxEmptyString, wxDefaultPosition, size, style);
            };
        };
        const auto line = form().row(_("&Invitation:"), field(wxTE_MULTILINE, FromDIP(wxSize(380, 80))),
                                     _("The line that the administrator of the other side got; it begins with "
                                       "causeway-link://."));
        const auto name =
            form().row(_("&Name of its base here:"), field(0, wxDefaultSize), _("Empty: as the other side calls it."));
        line_ = static_cast<wxTextCtrl*>(line.control);
        name_ = static_cast<wxTextCtrl*>(name.control);
        addField("invitation", line);
        addField("name", name);
        finish(line_);
    }

private:
    std::vector<FieldText> check() override {
        if (!fromWx(line_->GetValue()).empty()) return {};
        return {{"invitation", fromWx(_("Paste the invitation of the other side."))}};
    }
    void save(Answer answer) override {
        presenter_.link(fromWx(line_->GetValue()), fromWx(name_->GetValue()), [answer](const Result<BaseLink>& linked) {
            answer(linked ? Result<void>{} : Result<void>{linked.error()}, {});
        });
    }

    BasesPresenter& presenter_;
    wxTextCtrl* line_;
    wxTextCtrl* name_;
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
                          {{_("Base"), 140},
                           {_("Link"), 110},
                           {_("Version"), 80},
                           {_("Clock"), 150},
                           {_("Segments"), 240},
                           {_("Note"), 160}});
    list_->onSelectionChanged = [this] { update(); };
    list_->onActivated = [this](std::uint64_t id) {
        if (presenter_.isEditable()) edit(presenter_.formOf(id));
    };
    sizer->Add(list_, wxSizerFlags(1).Expand());
    empty_ = new wxStaticText(this, wxID_ANY, wxEmptyString);
    sizer->Add(empty_, wxSizerFlags().Border(wxTOP, gap(this)));
    auto* linkLine = new wxBoxSizer(wxHORIZONTAL);
    mark_ = new StatusMark(this, Mark::None, wxEmptyString);
    mark_->SetName("preferences.bases.link");
    linkText_ = new WrapText(this, wxEmptyString);
    linkLine->Add(mark_, wxSizerFlags().Border(wxRIGHT, gap(this)));
    linkLine->Add(linkText_, wxSizerFlags(1).Expand());
    sizer->Add(linkLine, wxSizerFlags().Expand().Border(wxTOP, gap(this)));

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
    invite_ = button(_("Invi&te..."), "add", [this] { invite(); });
    link_ = button(_("Link &with..."), "edit", [this] { link(); });
    unlink_ = button(_("Unlin&k"), "delete", [this] { unlinkSelected(); });
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
        const auto link = presenter_.linkOf(base.id);
        rows.push_back({base.id,
                        false,
                        {toWx(base.name), link.word.empty() ? _("not linked") : toWx(link.word), toWx(link.version),
                         toWx(link.clock), toWx(BasesPresenter::segmentsText(base)), toWx(base.note)}});
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
    const auto chosen = hasChoice ? presenter_.linkOf(*list_->selectedId()) : BasesPresenter::LinkWords{};
    mark_->set(chosen.mark, toWx(chosen.word));
    mark_->Show(!chosen.word.empty());
    linkText_->setText(toWx(chosen.sentence));
    Layout();
    invite_->Enable(mayEdit);
    link_->Enable(mayEdit);
    unlink_->Enable(mayEdit && hasChoice && presenter_.isLinked(*list_->selectedId()));

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

void BasesPreferences::invite() {
    if (const auto trouble = presenter_.listenTrouble(); !trouble.empty()) {
        wxMessageBox(toWx(trouble), _("Invite the service of another base"), wxOK | wxICON_INFORMATION,
                     wxGetTopLevelParent(this));
        return;
    }
    const auto id = list_->selectedId();
    InviteDialog dialog(wxGetTopLevelParent(this), presenter_, id ? presenter_.formOf(*id).name : std::string());
    if (dialog.ShowModal() == wxID_OK && !dialog.made.text.empty()) {
        showSecretOnce(wxGetTopLevelParent(this), app_, _("Invitation"),
                       _("Give this line to the administrator of the other base. It is good once and for an hour; "
                         "whoever has it can use it, so send it as you send passwords."),
                       toWx(dialog.made.text));
    }
    list_->SetFocus();
}

void BasesPreferences::link() {
    LinkDialog dialog(wxGetTopLevelParent(this), presenter_);
    dialog.ShowModal();
    list_->SetFocus();
}

void BasesPreferences::unlinkSelected() {
    const auto id = list_->selectedId();
    if (!id) return;
    wxMessageDialog question(wxGetTopLevelParent(this),
                             wxString::Format(_("Unlink the base \"%s\"?"), toWx(presenter_.formOf(*id).name)),
                             _("Unlink a base"), wxYES_NO | wxNO_DEFAULT | wxICON_QUESTION);
    question.SetExtendedMessage(
        _("Packet traces to that base are then measured from this side only. To link again, a new invitation is "
          "needed."));
    question.SetYesNoLabels(_("Unlink"), _("Keep"));
    if (question.ShowModal() != wxID_YES) return;
    presenter_.unlink(*id, [this](const Result<void>& result) {
        if (!result) app_.tell(result.error());
    });
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
