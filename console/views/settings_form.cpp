#include "console/views/settings_form.h"

#include <algorithm>
#include <set>

#include <wx/button.h>
#include <wx/checkbox.h>
#include <wx/choice.h>
#include <wx/intl.h>
#include <wx/panel.h>
#include <wx/textctrl.h>

#include "console/widgets/page_base.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

namespace {

/// Units as the service names them, so that their texts are gathered for translation.
[[maybe_unused]] constexpr const char* kUnits[] = {wxTRANSLATE("s"), wxTRANSLATE("min"), wxTRANSLATE("days"),
                                                   wxTRANSLATE("bytes"), wxTRANSLATE("packets/s")};

wxString helpOf(const SettingView& view) {
    wxString text = translated(view.sentence);
    const auto add = [&text](const wxString& more) {
        if (!more.empty()) text << (text.empty() ? "" : "\n") << more;
    };
    if (view.isReadOnly) {
        add(toWx(view.readOnlyText));
        return text;
    }
    wxString bounds = toWx(view.rangeText);
    if (view.needsRestart) bounds << (bounds.empty() ? "" : " ") << _("Needs a restart of the service.");
    add(bounds);
    return text;
}

}  // namespace

SettingsForm::SettingsForm(wxWindow* parent, const wxString& name, SettingsPresenter& presenter, SettingsGroup group,
                           std::vector<Section> sections, const wxString& rest)
    : wxScrolledWindow(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxVSCROLL | wxTAB_TRAVERSAL),
      presenter_(presenter),
      group_(group),
      sections_(std::move(sections)),
      rest_(rest) {
    SetName(name);
    SetScrollRate(0, gap(this));
    update();
}

void SettingsForm::update() {
    if (!presenter_.isLoaded()) return;
    if (rows_.empty()) build();
    isFilling_ = true;
    for (auto& row : rows_) {
        if (const auto view = presenter_.setting(row.key)) fill(row, *view);
    }
    isFilling_ = false;
}

bool SettingsForm::focusProblem() {
    for (const auto& row : rows_) {
        if (row.shownProblem.empty()) continue;
        row.input->SetFocus();
        return true;
    }
    return false;
}

void SettingsForm::build() {
    auto* outer = new wxBoxSizer(wxVERTICAL);
    FormGrid form(this);
    std::set<std::string> done;
    const auto views = presenter_.settings(group_);
    for (const auto& section : sections_) {
        bool hasHead = section.title.empty();
        for (const auto& key : section.keys) {
            const auto at =
                std::find_if(views.begin(), views.end(), [&key](const SettingView& view) { return view.key == key; });
            if (at == views.end()) continue;
            if (!hasHead) form.head(section.title);
            hasHead = true;
            addRow(form, *at);
            done.insert(key);
        }
    }
    bool hasHead = rest_.empty();
    for (const auto& view : views) {
        if (done.contains(view.key)) continue;
        if (!hasHead) form.head(rest_);
        hasHead = true;
        addRow(form, view);
    }
    outer->Add(form.sizer(), wxSizerFlags().Expand().Border(wxALL, gap(this)));
    SetSizer(outer);
    FitInside();
    Layout();
}

void SettingsForm::addRow(FormGrid& form, const SettingView& view) {
    Row row;
    row.key = view.key;
    row.type = view.type;
    const auto label = toWx(view.label);
    const auto windowName = toWx("setting." + view.key);
    const auto key = view.key;
    const auto make = [&](wxWindow* parent) -> wxWindow* {
        auto* panel = new wxPanel(parent, wxID_ANY);
        auto* line = new wxBoxSizer(wxHORIZONTAL);
        bool isWide = false;
        if (view.type == SettingType::Flag) {
            auto* box = new wxCheckBox(panel, wxID_ANY, escapedLabel(label));
            box->Bind(wxEVT_CHECKBOX,
                      [this, key](wxCommandEvent& event) { typed(key, event.IsChecked() ? "true" : "false"); });
            row.input = box;
        } else if (view.type == SettingType::Choice) {
            auto* choice = new wxChoice(panel, wxID_ANY);
            leaveWheelToForm(choice);
            for (const auto& word : view.choices)
                choice->Append(toWx(word));
            choice->Bind(wxEVT_CHOICE, [this, key](wxCommandEvent& event) { typed(key, fromWx(event.GetString())); });
            row.input = choice;
        } else {
            isWide = view.type == SettingType::Text;
            auto* text = new wxTextCtrl(panel, wxID_ANY);
            text->SetInitialSize(text->GetSizeFromTextSize(text->GetTextExtent(wxString('0', isWide ? 28 : 18)).x));
            text->Bind(wxEVT_TEXT, [this, key, text](wxCommandEvent&) { typed(key, fromWx(text->GetValue())); });
            row.input = text;
        }
        line->Add(row.input, wxSizerFlags(isWide ? 1 : 0).CentreVertical());
        if (!view.unit.empty()) {
            line->Add(new wxStaticText(panel, wxID_ANY, escapedLabel(translated(view.unit))),
                      wxSizerFlags().CentreVertical().Border(wxLEFT, gap(this)));
        }
        row.toDefault = iconButton(panel, wxEmptyString, "undo", wxString::Format(_("Back to the default: %s"), label));
        row.toDefault->Hide();
        row.toDefault->Bind(wxEVT_BUTTON, [this, key, input = row.input](wxCommandEvent&) {
            // The button hides itself; the keyboard goes back to the field.
            input->SetFocus();
            presenter_.setToDefault(key);
            update();
        });
        line->Add(row.toDefault, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(this)));
        panel->SetSizer(line);
        return panel;
    };
    row.shownHelp = helpOf(view);
    row.field = view.type == SettingType::Flag ? form.plain(make, row.shownHelp)
                                               : form.row(escapedLabel(label) + ":", make, row.shownHelp);
    row.input->SetName(windowName);
    setAccessibleName(row.input, label);
    setAccessibleDescription(row.input, row.shownHelp);
    rows_.push_back(std::move(row));
}

void SettingsForm::fill(Row& row, const SettingView& view) {
    const auto value = toWx(view.value);
    const bool mayEdit = !view.isReadOnly;
    if (auto* box = dynamic_cast<wxCheckBox*>(row.input)) {
        if (box->GetValue() != (view.value == "true")) box->SetValue(view.value == "true");
        box->Enable(mayEdit);
    } else if (auto* choice = dynamic_cast<wxChoice*>(row.input)) {
        if (choice->GetStringSelection() != value) choice->SetStringSelection(value);
        choice->Enable(mayEdit);
    } else if (auto* text = dynamic_cast<wxTextCtrl*>(row.input)) {
        // Where the user is typing, the field is right; the presenter holds what he typed.
        if (text->GetValue() != value && !(text->HasFocus() && view.isChanged)) text->ChangeValue(value);
        if (text->IsEditable() != mayEdit) {
            text->SetEditable(mayEdit);
            // Readable and copyable, but plainly no field to type into.
            text->SetBackgroundColour(mayEdit ? wxNullColour : theme().colour(Theme::Ink::Window));
        }
    }
    bool isMoved = false;
    if (const bool isOffered = mayEdit && !view.isDefault; row.toDefault->IsShown() != isOffered) {
        row.toDefault->Show(isOffered);
        isMoved = true;
    }
    if (const auto help = helpOf(view); help != row.shownHelp && row.field.help != nullptr) {
        row.shownHelp = help;
        row.field.help->setText(help);
        isMoved = true;
    }
    if (const auto problem = toWx(view.problem); problem != row.shownProblem) {
        row.shownProblem = problem;
        row.field.setError(problem);
        setAccessibleDescription(row.input, problem.empty() ? row.shownHelp : problem);
        FitInside();
    }
    if (isMoved) row.toDefault->GetParent()->Layout();
}

void SettingsForm::typed(const std::string& key, const std::string& text) {
    if (isFilling_) return;
    presenter_.set(key, text);
    update();
}

}  // namespace causeway::console
