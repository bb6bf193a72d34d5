#include "console/views/preferences_page.h"

#include <wx/intl.h>
#include <wx/msgdlg.h>
#include <wx/statline.h>

#include "console/presenters/words.h"
#include "console/views/preferences_bases.h"
#include "console/views/preferences_general.h"
#include "console/widgets/icons.h"
#include "console/widgets/strings.h"

namespace causeway::console {

PreferencesPage::PreferencesPage(wxWindow* parent, AppContext& app)
    : PageBase(parent, "page.preferences", _("Preferences")), app_(app), settings_(app.session), ranges_(app.session) {
    banner_ = new Banner(this);
    content()->Add(banner_, wxSizerFlags().Expand().Border(wxBOTTOM, gap(this)));

    auto* middle = new wxBoxSizer(wxHORIZONTAL);
    tree_ = new wxDataViewTreeCtrl(this, wxID_ANY, wxDefaultPosition, FromDIP(wxSize(176, -1)),
                                   wxDV_SINGLE | wxDV_NO_HEADER);
    tree_->SetName("preferences.tree");
    setAccessibleName(tree_, _("Pages of the preferences"));
    middle->Add(tree_, wxSizerFlags().Expand().Border(wxRIGHT, gap(this)));

    book_ = new wxSimplebook(this, wxID_ANY);
    book_->SetName("preferences.book");
    general_ = createGeneralForm(book_, settings_);
    network_ = new NetworkPreferences(book_, app, settings_, ranges_);
    auto* bases = new BasesPreferences(book_, app);
    chat_ = createChatForm(book_, settings_);
    security_ = createSecurityForm(book_, settings_);
    admins_ = new AdminsPreferences(book_, app);
    retention_ = createRetentionForm(book_, settings_);
    for (wxWindow* page :
         {static_cast<wxWindow*>(general_), static_cast<wxWindow*>(network_), static_cast<wxWindow*>(bases),
          static_cast<wxWindow*>(chat_), static_cast<wxWindow*>(security_), static_cast<wxWindow*>(admins_),
          static_cast<wxWindow*>(retention_)}) {
        book_->AddPage(page, page->GetName());
    }
    middle->Add(book_, wxSizerFlags(1).Expand());
    content()->Add(middle, wxSizerFlags(1).Expand());

    content()->Add(new wxStaticLine(this), wxSizerFlags().Expand().Border(wxTOP, gap(this)));
    auto* bottom = new wxBoxSizer(wxHORIZONTAL);
    state_ = new wxStaticText(this, wxID_ANY, wxEmptyString, wxDefaultPosition, wxDefaultSize, wxST_ELLIPSIZE_END);
    state_->SetName("preferences.state");
    bottom->Add(state_, wxSizerFlags(1).CentreVertical());
    revert_ = iconButton(this, _("&Revert"), "undo", _("Take back what is not applied yet"));
    apply_ = iconButton(this, _("Appl&y"), "apply", _("Apply all changes, or none if one is wrong"));
    bottom->Add(revert_, wxSizerFlags().Border(wxLEFT, gap(this)));
    bottom->Add(apply_, wxSizerFlags().Border(wxLEFT, gap(this)));
    content()->Add(bottom, wxSizerFlags().Expand().Border(wxTOP, gap(this)));
    onPress(revert_, [this] { revert(); });
    onPress(apply_, [this] { apply(); });

    wxVector<wxBitmapBundle> pictures;
    for (const auto* name : {"general", "network", "base", "domain", "certificate", "administrators", "history"})
        pictures.push_back(icon(name));
    tree_->SetImages(pictures);
    // The picture of a page has the page's number. All are containers: the store would put those before the others.
    const auto add = [this](const std::string& id, const wxString& title, int page, const wxDataViewItem& above) {
        const auto item = tree_->AppendContainer(above, title, page, page);
        parts_.push_back({id, item, page});
        return item;
    };
    const wxDataViewItem root;
    add("general", _("General"), 0, root);
    add("network", _("Network"), 1, root);
    add("bases", _("Bases"), 2, root);
    add("chat", _("Chat domains"), 3, root);
    const auto security = add("security", _("Security"), 4, root);
    add("administrators", _("Administrators"), 5, security);
    add("retention", _("Retention"), 6, root);
    tree_->Expand(security);
    tree_->Bind(wxEVT_DATAVIEW_SELECTION_CHANGED, [this](wxDataViewEvent&) { openSelected(); });

    settings_.onChanged = [this] { update(); };
    ranges_.onChanged = [this] { update(); };
    open("general");
    update();
    // Made while the service is connected already: nobody else tells these to begin.
    settings_.resync();
    ranges_.resync();
}

wxWindow* PreferencesPage::firstFocus() {
    return tree_;  // so that arrow keys choose a page at once
}

void PreferencesPage::refresh() {
    if (settings_.isDirty() || ranges_.isDirty()) return;  // what was typed is not thrown away by F5
    settings_.resync();
    ranges_.reload();
    admins_->opened();
}

void PreferencesPage::show(const std::string& part) {
    if (part.empty()) return;
    // "network/ranges" and "ranges" are the second half of the network page.
    const bool isRanges = part.find("ranges") != std::string::npos;
    const auto name = isRanges ? std::string("network") : part.substr(part.rfind('/') + 1);
    open(name == "admins" ? "administrators" : name);
    if (isRanges) {
        network_->openRanges();
        network_->editor().focusText();
    }
}

bool PreferencesPage::mayLeave() {
    if (!settings_.isDirty() && !ranges_.isDirty()) return true;
    wxMessageDialog question(wxGetTopLevelParent(this), stateText(), _("Preferences"),
                             wxYES_NO | wxCANCEL | wxICON_QUESTION);
    question.SetExtendedMessage(_("Apply applies all of it. Discard takes it back."));
    question.SetYesNoCancelLabels(_("Apply"), _("Discard"), _("Stay here"));
    switch (question.ShowModal()) {
        case wxID_YES:
            apply();
            return false;  // applying takes a moment; the user sees here how it went
        case wxID_NO:
            revert();
            return true;
        default:
            return false;
    }
}

void PreferencesPage::open(const std::string& id) {
    for (const auto& part : parts_) {
        if (part.id != id) continue;
        tree_->Select(part.item);
        tree_->SetCurrentItem(part.item);
        openSelected();
        return;
    }
}

void PreferencesPage::openSelected() {
    const auto item = tree_->GetSelection();
    for (const auto& part : parts_) {
        if (part.item != item || book_->GetSelection() == part.page) continue;
        book_->ChangeSelection(static_cast<std::size_t>(part.page));
        if (part.id == "administrators") admins_->opened();
    }
}

wxString PreferencesPage::stateText() const {
    if (isApplying_) return _("Applying...");
    wxString text;
    const auto add = [&text](const wxString& more) {
        if (!more.empty()) text << (text.empty() ? "" : "  ") << more;
    };
    if (settings_.isDirty()) add(toWx(settings_.stateText()));
    if (ranges_.isDirty()) add(_("The remote ranges are changed and not applied yet."));
    if (text.empty()) return _("Everything is applied.");
    // One reason at a time; the first that stands in the way.
    if (settings_.isDirty() && !settings_.canApply()) {
        add(toWx(settings_.whyNotApply()));
    } else if (ranges_.isDirty() && !ranges_.canSave()) {
        add(toWx(ranges_.whyNotSave()));
    }
    return text;
}

void PreferencesPage::update() {
    for (auto* form : {general_, &network_->form(), security_, retention_})
        form->update();
    network_->editor().update();

    const bool isDirty = settings_.isDirty() || ranges_.isDirty();
    const auto text = stateText();
    if (state_->GetLabel() != escapedLabel(text)) {
        state_->SetLabel(escapedLabel(text));
        state_->SetToolTip(text);
    }
    revert_->Enable(isDirty && !isApplying_);
    apply_->Enable(isDirty && !isApplying_);

    wxString banner;
    auto kind = Banner::Kind::Info;
    if (settings_.isOutdated()) {
        banner =
            _("Somebody else changed a setting that you are changing too. Apply overwrites it, Revert shows the "
              "new value.");
        kind = Banner::Kind::Warning;
    } else if (settings_.problem()) {
        banner = toWx(errorLines(*settings_.problem()));
        kind = Banner::Kind::Warning;
    } else if (!settings_.needsRestart().empty()) {
        banner = toWx(settings_.restartText());
    }
    if (banner == bannerText_) return;
    bannerText_ = banner;
    if (banner.empty()) {
        banner_->hide();
    } else {
        banner_->show(kind, banner);
    }
}

void PreferencesPage::goToProblem() {
    const std::vector<std::pair<SettingsForm*, std::string>> forms{{general_, "general"},
                                                                   {&network_->form(), "network"},
                                                                   {chat_, "chat"},
                                                                   {security_, "security"},
                                                                   {retention_, "retention"}};
    for (const auto& key : settings_.changedKeys()) {
        const auto view = settings_.setting(key);
        if (!view || view->problem.empty()) continue;
        for (const auto& [form, id] : forms) {
            if (SettingsPresenter::groupId(SettingsPresenter::groupOf(key)) != id) continue;
            open(id);
            if (id == "network") network_->openSettings();
            if (form->focusProblem()) return;
        }
    }
    if (ranges_.isDirty() && !ranges_.problems().empty()) {
        open("network");
        network_->openRanges();
        network_->editor().goToProblem();
    }
}

void PreferencesPage::apply() {
    // Both are checked before either is sent, so that it is all or nothing.
    const bool areSettingsFine = !settings_.isDirty() || settings_.canApply();
    const bool areRangesFine = !ranges_.isDirty() || ranges_.canSave();
    if (!areSettingsFine || !areRangesFine) {
        goToProblem();
        return;
    }
    isApplying_ = true;
    update();
    if (!settings_.isDirty()) {
        applyRanges();
        return;
    }
    settings_.apply([this](const Result<void>& result) {
        if (result) {
            applyRanges();
            return;
        }
        isApplying_ = false;
        update();
        goToProblem();
        app_.tell(result.error());
    });
}

void PreferencesPage::applyRanges() {
    if (!ranges_.isDirty()) {
        isApplying_ = false;
        update();
        app_.say(_("Applied."));
        return;
    }
    ranges_.save([this](RangesSave outcome, const std::optional<Error>& error) { rangesSaved(outcome, error); });
}

void PreferencesPage::rangesSaved(RangesSave outcome, const std::optional<Error>& error) {
    isApplying_ = false;
    update();
    if (outcome == RangesSave::Saved) {
        app_.say(_("Applied."));
        return;
    }
    open("network");
    network_->openRanges();
    if (outcome == RangesSave::Failed) {
        if (error) app_.tell(*error);
        network_->editor().goToProblem();
        return;
    }
    wxMessageDialog question(wxGetTopLevelParent(this), toWx(ranges_.conflictText()), _("Remote ranges"),
                             wxYES_NO | wxCANCEL | wxNO_DEFAULT | wxICON_WARNING);
    question.SetYesNoCancelLabels(_("Overwrite"), _("Read again"), _("Keep editing"));
    switch (question.ShowModal()) {
        case wxID_YES:
            isApplying_ = true;
            update();
            ranges_.overwrite(
                [this](RangesSave again, const std::optional<Error>& trouble) { rangesSaved(again, trouble); });
            break;
        case wxID_NO:
            ranges_.reload();
            break;
        default:
            break;
    }
}

void PreferencesPage::revert() {
    settings_.revertAll();
    ranges_.revert();
    update();
}

wxWindow* createPreferencesPage(wxWindow* parent, AppContext& app) {
    return new PreferencesPage(parent, app);
}

}  // namespace causeway::console
