#include "console/views/ranges_editor.h"

#include <algorithm>

#include <wx/intl.h>
#include <wx/sizer.h>

#include "console/presenters/text_format.h"
#include "console/views/iptux_dialog.h"
#include "console/widgets/page_base.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

namespace {

constexpr int kTickMs = 250;

wxString resultOf(const RemoteRange& range, TimePoint now) {
    if (!range.problem.empty()) return toWx(range.problem);
    if (!range.lastRun) return _("not searched yet");
    if (range.silentSince) {
        return wxString::Format(_("silent since %s"), toWx(relativeTime(*range.silentSince, now)));
    }
    return range.lastAnswer ? wxString::Format(_("last answer %s"), toWx(relativeTime(*range.lastAnswer, now)))
                            : wxString();
}

}  // namespace

RangesEditor::RangesEditor(wxWindow* parent, AppContext& app, RangesPresenter& presenter)
    : wxPanel(parent, wxID_ANY), app_(app), presenter_(presenter), timer_(this) {
    SetName("preferences.ranges");
    auto* sizer = new wxBoxSizer(wxVERTICAL);

    banner_ = new Banner(this);
    sizer->Add(banner_, wxSizerFlags().Expand().Border(wxBOTTOM, halfGap(this)));

    auto* label = new wxStaticText(this, wxID_ANY, _("Re&mote ranges, one a line:"));
    sizer->Add(label, wxSizerFlags().Border(wxBOTTOM, halfGap(this)));
    text_ = new wxTextCtrl(this, wxID_ANY, wxEmptyString, wxDefaultPosition, wxDefaultSize,
                           wxTE_MULTILINE | wxTE_DONTWRAP | wxTE_RICH2 | wxTE_NOHIDESEL);
    text_->SetName("preferences.ranges.text");
    setAccessibleName(text_, _("Remote ranges, one a line"));
    wxFont fixed = text_->GetFont();
    fixed.SetFamily(wxFONTFAMILY_TELETYPE);
    text_->SetFont(fixed);
    text_->SetMinSize(wxSize(-1, text_->GetCharHeight() * 6));
    sizer->Add(text_, wxSizerFlags(3).Expand());

    auto* help = new WrapText(this, _("192.168.1.7, 192.168.1.*, 10.1.0.0/23, 192.168.1.10-99, a DNS name, or "
                                      "\"broadcast 192.168.1.255\". \"!\" in front takes addresses out, \"#\" begins a "
                                      "comment."));
    help->SetFont(smallFont(this));
    app_.theme.watch(help, [help, &theme = app_.theme] { help->SetForegroundColour(theme.colour(Theme::Ink::Muted)); });
    sizer->Add(help, wxSizerFlags().Expand().Border(wxTOP, halfGap(this)));

    preview_ = new wxStaticText(this, wxID_ANY, wxEmptyString, wxDefaultPosition, wxDefaultSize, wxST_ELLIPSIZE_END);
    preview_->SetName("preferences.ranges.preview");
    preview_->SetFont(headFont(this));
    sizer->Add(preview_, wxSizerFlags().Expand().Border(wxTOP, gap(this)));

    problems_ = new PlainList(this, "preferences.ranges.problems", _("Problems in the ranges"),
                              {{_("Line"), 56, true}, {_("Problem"), 620}});
    problems_->SetMinSize(FromDIP(wxSize(-1, 96)));
    problems_->Hide();
    const auto open = [this] {
        const auto row = problems_->selectedId();
        if (!row || *row >= presenter_.problems().size()) return;
        const auto& problem = presenter_.problems()[static_cast<std::size_t>(*row)];
        if (problem.line > 0) goTo(problem.line, problem.column);
    };
    problems_->onActivated = [open](std::uint64_t) { open(); };
    // One click goes there; moving through the list by keyboard must not throw the keyboard out of it.
    problems_->Bind(wxEVT_DATAVIEW_SELECTION_CHANGED, [open](wxDataViewEvent& event) {
        if (wxGetMouseState().LeftIsDown()) open();
        event.Skip();
    });
    sizer->Add(problems_, wxSizerFlags(1).Expand().Border(wxTOP, halfGap(this)));

    resultsLabel_ = new wxStaticText(this, wxID_ANY, _("What came of the last sear&ch:"));
    sizer->Add(resultsLabel_, wxSizerFlags().Border(wxTOP, gap(this)));
    results_ = new PlainList(this, "preferences.ranges.results", _("Results of the ranges"),
                             {{_("Range"), 190},
                              {_("Addresses"), 96, true},
                              {_("Answers"), 84, true},
                              {_("Last run"), 84},
                              {_("Result"), 150},
                              {_("Comment"), 110}},
                             PlainList::Switches::Shown, _("On"));
    results_->SetMinSize(FromDIP(wxSize(-1, 96)));
    results_->onSwitch = [this](std::uint64_t id, bool isOn) {
        presenter_.setEnabled(id, isOn, [this](const Result<void>& result) {
            if (!result) app_.tell(result.error());
            update();
        });
    };
    sizer->Add(results_, wxSizerFlags(2).Expand().Border(wxTOP, halfGap(this)));

    iptuxNote_ = new Banner(this);
    sizer->Add(iptuxNote_, wxSizerFlags().Expand().Border(wxTOP, gap(this)));

    auto* outer = new wxBoxSizer(wxVERTICAL);
    outer->Add(sizer, wxSizerFlags(1).Expand().Border(wxALL, gap(this)));
    SetSizer(outer);

    text_->Bind(wxEVT_TEXT, [this](wxCommandEvent&) {
        if (!isFilling_) presenter_.setText(fromWx(text_->GetValue()));
    });
    Bind(wxEVT_TIMER, [this](wxTimerEvent&) { presenter_.tick(); });
    timer_.Start(kTickMs);
    app_.session.add(*this);
    update();
}

RangesEditor::~RangesEditor() {
    app_.session.remove(*this);
}

void RangesEditor::update() {
    if (const auto wanted = toWx(presenter_.text()); text_->GetValue() != wanted) {
        isFilling_ = true;
        text_->ChangeValue(wanted);
        isFilling_ = false;
        markedLines_.clear();
    }
    if (text_->IsEditable() != presenter_.isEditable()) text_->SetEditable(presenter_.isEditable());
    if (const auto sentence = toWx(presenter_.previewText()); preview_->GetLabel() != escapedLabel(sentence)) {
        preview_->SetLabel(escapedLabel(sentence));
        preview_->SetToolTip(sentence);
    }
    showProblems();
    showResults();
    showNotes();
    markLines();
}

void RangesEditor::showProblems() {
    std::vector<PlainList::Row> rows;
    for (std::size_t at = 0; at < presenter_.problems().size(); ++at) {
        const auto& problem = presenter_.problems()[at];
        const auto line = problem.line == 0 ? wxString() : toWx(countText(problem.line));
        rows.push_back({at, false, {line, toWx(problem.text)}});
    }
    const bool isShown = !rows.empty();
    problems_->setRows(std::move(rows));
    if (problems_->IsShown() != isShown) {
        problems_->Show(isShown);
        Layout();
    }
}

void RangesEditor::showResults() {
    const auto now = app_.session.now();
    std::vector<PlainList::Row> rows;
    for (const auto& item : presenter_.stored().items) {
        if (item.kind == RangeKind::Blank) continue;
        const auto& range = item.range;
        // The text without its comment, which has a column of its own.
        const auto hash = range.text.find('#');
        auto text = toWx(range.text.substr(0, hash)).Trim().Trim(false);
        const bool hasRun = range.lastRun.has_value();
        rows.push_back({range.id,
                        range.isEnabled,
                        {text, hasRun ? toWx(countText(range.addressCount)) : wxString(),
                         hasRun && !item.isExclusion ? toWx(countText(range.answers)) : wxString(),
                         hasRun ? toWx(relativeTime(*range.lastRun, now)) : wxString(),
                         item.isExclusion ? _("left out") : resultOf(range, now), toWx(item.comment)}});
    }
    results_->setRows(std::move(rows));
}

void RangesEditor::showNotes() {
    // 0 = nothing, 1 = may not change, 2 = changed by somebody else meanwhile
    const int state = !presenter_.isEditable() ? 1 : presenter_.isOutdated() ? 2 : 0;
    if (state == bannerState_) return;
    bannerState_ = state;
    if (state == 0) {
        banner_->hide();
    } else if (state == 1) {
        banner_->setButton({}, {});
        banner_->show(Banner::Kind::Info, toWx(presenter_.whyReadOnly()));
    } else {
        banner_->setButton(_("Read again"), [this] { presenter_.reload(); });
        banner_->show(Banner::Kind::Warning, toWx(presenter_.conflictText()));
    }
}

void RangesEditor::statusChanged(const api::ServiceStatus& status) {
    const int state = !status.lan.introductionsOn ? 1 : !status.lan.canIntroduce ? 2 : 0;
    if (state == iptuxState_) return;
    iptuxState_ = state;
    if (state == 0) {
        iptuxNote_->hide();
        return;
    }
    iptuxNote_->setButton(_("Settings for iptux..."), [this] { openIptux(); });
    iptuxNote_->show(
        Banner::Kind::Info,
        state == 1
            ? _("Introductions are off, so users of iptux see external users only if their own iptux scans these "
                "ranges.")
            : _("This service may not send introductions here, so users of iptux see external users only if "
                "their own iptux scans these ranges."));
}

void RangesEditor::markLines() {
    std::vector<std::size_t> wrong;
    for (const auto& problem : presenter_.problems()) {
        if (problem.line > 0) wrong.push_back(problem.line - 1);
    }
    if (wrong == markedLines_) return;
    markedLines_ = wrong;
    isFilling_ = true;
    const auto plain = text_->GetForegroundColour();
    text_->SetStyle(0, text_->GetLastPosition(), wxTextAttr(plain));
    for (const auto line : wrong) {
        if (static_cast<int>(line) >= text_->GetNumberOfLines()) continue;
        const long from = text_->XYToPosition(0, static_cast<long>(line));
        const long to = from + text_->GetLineLength(static_cast<long>(line));
        text_->SetStyle(from, to, wxTextAttr(app_.theme.colour(Theme::Ink::ErrorText)));
    }
    isFilling_ = false;
}

bool RangesEditor::goToProblem() {
    for (const auto& problem : presenter_.problems()) {
        if (problem.line == 0) continue;
        goTo(problem.line, problem.column);
        return true;
    }
    return false;
}

void RangesEditor::goTo(std::size_t line, std::size_t column) {
    const long row = static_cast<long>(line) - 1;
    if (row >= text_->GetNumberOfLines()) return;
    // Columns count bytes of the line as the service sees it; the caret counts characters.
    const auto bytes = fromWx(text_->GetLineText(row));
    const auto characters = toWx(bytes.substr(0, std::min(column, bytes.size()))).length();
    const long start = text_->XYToPosition(0, row);
    text_->SetFocus();
    text_->SetInsertionPoint(start + static_cast<long>(characters));
    text_->ShowPosition(start);
}

void RangesEditor::openIptux() {
    const auto scan = iptuxScanOf(presenter_.text(), /*allowLoopback=*/true);
    if (!scan) {
        app_.tell(scan.error());
        return;
    }
    IptuxDialog dialog(wxGetTopLevelParent(this), app_, *scan);
    dialog.ShowModal();
}

}  // namespace causeway::console
