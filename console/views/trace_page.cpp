#include "console/views/trace_page.h"

#include <algorithm>
#include <array>

#include <wx/intl.h>
#include <wx/menu.h>
#include <wx/msgdlg.h>

#include "console/presenters/text_format.h"
#include "console/views/text_tools.h"
#include "console/widgets/icons.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"
#include "shared/base/cursor.h"

namespace causeway::console {

namespace {

enum CommandColumn : unsigned { Number, Title, Help, Outcome, Time };
enum HistoryColumn : unsigned { When, From, To, Found, By };
enum Tab : std::size_t { Evidence, Path, About, Earlier };

constexpr std::array kCommandWidths{32, 132, 32, 236, 64};  ///< DIP
constexpr std::array<std::uint32_t, 5> kRepeatMinutes{0, 5, 15, 60, 480};

void put(wxStaticText* label, const wxString& text) {
    if (label->GetLabel() == escapedLabel(text)) return;
    label->SetLabel(escapedLabel(text));
    label->SetToolTip(text);
}

void put(wxTextCtrl* field, const wxString& text) {
    if (field->GetValue() != text) field->ChangeValue(text);
}

wxStaticText* hintText(wxWindow* parent, const wxString& name) {
    auto* text = new wxStaticText(parent, wxID_ANY, wxEmptyString, wxDefaultPosition, wxDefaultSize,
                                  wxST_ELLIPSIZE_END | wxST_NO_AUTORESIZE);
    text->SetName(name);
    text->SetFont(smallFont(parent));
    theme().watch(text, [text] { text->SetForegroundColour(theme().colour(Theme::Ink::Muted)); });
    return text;
}

wxVariant iconCell(const wxString& text, const wxBitmapBundle& picture) {
    wxVariant cell;
    cell << wxDataViewIconText(text, picture);
    return cell;
}

/// Without a mark a hollow nothing keeps the texts below each other.
wxBitmapBundle pictureOf(Mark mark) {
    if (mark != Mark::None) return markIcon(mark);
    static const wxBitmapBundle none = wxBitmapBundle::FromSVG(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"16\" height=\"16\"></svg>", wxSize(16, 16));
    return none;
}

}  // namespace

TracePage::TracePage(wxWindow* parent, AppContext& app)
    : PageBase(parent, "page.trace", _("Packet trace")), app_(app), presenter_(app.session, app.users) {
    makeEnds();
    quick_ = addAction(
        _("Run quic&k"), "start", [this] { run(TraceExtent::Quick); }, _("The commands that tell most, about 15 s"));
    all_ = addAction(
        _("&Run all"), "start", [this] { run(TraceExtent::All); },
        _("All commands; never stops at one that fails. About a minute and a half"));
    stop_ = addAction(
        _("Stop"), "stop", [this] { presenter_.stop(told()); },
        _("Ends the trace at its next packet; what was measured stays"));
    makeOptions();
    banner_ = new Banner(this);
    content()->Add(banner_, wxSizerFlags().Expand().Border(wxTOP, gap(this)));

    auto* halves = new ThinSplitter(this, "trace.splitter");
    auto* upper = new ThinSplitter(halves, "trace.upper");
    auto* commands = makeCommands(upper);
    auto* verdict = makeVerdict(upper);
    upper->SetMinimumPaneSize(FromDIP(240));
    upper->SetSashGravity(0.56);
    upper->SplitVertically(commands, verdict);
    auto* below = makeEvidence(halves);
    halves->SetMinimumPaneSize(FromDIP(96));
    halves->SetSashGravity(0.72);
    halves->SplitHorizontally(upper, below);
    // The first time that there is a size: the verdict gets room for its buttons, the evidence for some lines.
    halves->Bind(wxEVT_SIZE, [this, halves, upper, verdict](wxSizeEvent& event) {
        event.Skip();
        if (isArranged_ || event.GetSize().y < FromDIP(240)) return;
        isArranged_ = true;
        CallAfter([this, halves, upper, verdict] {
            const auto size = halves->GetClientSize();
            halves->SetSashPosition(size.y - FromDIP(std::clamp(ToDIP(size.y) / 3, 110, 190)));
            upper->SetSashPosition(size.x - std::max(verdict->GetBestSize().x + FromDIP(8), size.x * 2 / 5));
        });
    });
    content()->Add(halves, wxSizerFlags(1).Expand().Border(wxTOP, gap(this)));

    clock_.SetOwner(this);
    Bind(
        wxEVT_TIMER, [this](wxTimerEvent&) { updateCommands(); }, clock_.GetId());
    Bind(wxEVT_CHAR_HOOK, [this](wxKeyEvent& event) {
        if (event.GetKeyCode() == WXK_F1 && event.GetModifiers() == wxMOD_NONE) {
            helpWanted();
            return;
        }
        // From anywhere on the page: there is only one row of tabs.
        const bool isForward = event.GetKeyCode() == WXK_PAGEDOWN;
        if (event.GetModifiers() == wxMOD_CONTROL && (isForward || event.GetKeyCode() == WXK_PAGEUP)) {
            below_->AdvanceSelection(isForward);
            return;
        }
        event.Skip();
    });
    presenter_.onChanged = [this] { update(); };
    presenter_.onEnds = [this] { updateEnds(); };
    presenter_.onHistory = [this] { updateHistory(); };
    fillCommands();
    updateHistory();
    update();
    presenter_.resync();
}

TracePage::~TracePage() {
    presenter_.onChanged = nullptr;
    presenter_.onEnds = nullptr;
    presenter_.onHistory = nullptr;
}

wxWindow* createTracePage(wxWindow* parent, AppContext& app) {
    return new TracePage(parent, app);
}

// Building

void TracePage::makeEnds() {
    auto* grid = new wxFlexGridSizer(5, halfGap(this), gap(this));
    grid->AddGrowableCol(1, 1);
    grid->AddGrowableCol(4, 1);
    const auto field = [this](TraceEnd end, const wxString& name, const wxString& title, const wxString& hint) {
        auto* made = new SuggestField(this, name, title, hint);
        made->suggest = [this](const wxString& text) {
            std::vector<wxString> entries;
            for (const auto& each : presenter_.suggestions(fromWx(text)))
                entries.push_back(toWx(each));
            return entries;
        };
        made->onText = [this, end](const wxString& text) { presenter_.setEnd(end, fromWx(text)); };
        return made;
    };
    grid->Add(new wxStaticText(this, wxID_ANY, _("Fro&m:")), wxSizerFlags().CentreVertical());
    from_ = field(TraceEnd::From, "trace.from", _("From"), _("This service"));
    grid->Add(from_, wxSizerFlags().Expand());
    auto* swap = iconButton(this, {}, "swap", _("Swap From and To"));
    swap->Bind(wxEVT_BUTTON, [this](wxCommandEvent&) { presenter_.swapEnds(); });
    grid->Add(swap, wxSizerFlags().CentreVertical());
    grid->Add(new wxStaticText(this, wxID_ANY, _("&To:")), wxSizerFlags().CentreVertical());
    to_ = field(TraceEnd::To, "trace.to", _("To"), _("Who is not seen"));
    grid->Add(to_, wxSizerFlags().Expand());
    fromHint_ = hintText(this, "trace.from.hint");
    toHint_ = hintText(this, "trace.to.hint");
    grid->AddSpacer(0);
    grid->Add(fromHint_, wxSizerFlags().Expand());
    grid->AddSpacer(0);
    grid->AddSpacer(0);
    grid->Add(toHint_, wxSizerFlags().Expand());
    content()->Add(grid, wxSizerFlags().Expand());
}

void TracePage::makeOptions() {
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    only_ = iconButton(this, _("Run this"), "start");
    onPress(only_, [this] {
        wasChosen_ = true;
        presenter_.runOnly(chosenStep(), told());
    });
    downTo_ = iconButton(this, _("Run from top"), "down",
                         _("All commands from the first down to the chosen one, then the verdict"));
    onPress(downTo_, [this] {
        wasChosen_ = false;
        presenter_.runDownTo(chosenStep(), told());
    });
    auto* help = iconButton(this, {}, "help", _("Help for the chosen command (F1)"));
    onPress(help, [this] { helpWanted(); });
    for (auto* button : {only_, downTo_, help})
        row->Add(button, wxSizerFlags().CentreVertical().Border(wxRIGHT, gap(this)));
    row->AddStretchSpacer();
    lists_ = new wxCheckBox(this, wxID_ANY, _("Read &both user lists"));
    lists_->SetName("trace.lists");
    lists_->SetToolTip(
        _("Consent to the command \"Whom do they see\", for the next run: asks both chat programs for the lists that "
          "their users see. It is logged."));
    lists_->Bind(wxEVT_CHECKBOX, [this](wxCommandEvent& event) { presenter_.setReadLists(event.IsChecked()); });
    row->Add(lists_, wxSizerFlags().CentreVertical().Border(wxRIGHT, gap(this, 2)));
    row->Add(new wxStaticText(this, wxID_ANY, _("Repeat for:")), wxSizerFlags().CentreVertical());
    wxArrayString lengths;
    for (const auto minutes : kRepeatMinutes)
        lengths.Add(minutes == 0 ? _("not") : toWx(durationText(std::chrono::minutes{minutes})));
    repeat_ = new wxChoice(this, wxID_ANY, wxDefaultPosition, wxDefaultSize, lengths);
    repeat_->SetName("trace.repeat");
    repeat_->SetSelection(0);
    repeat_->SetToolTip(_("For faults that come and go: how long the command Repeat asks again, with Run all"));
    setAccessibleName(repeat_, _("Repeat for"));
    repeat_->Bind(wxEVT_CHOICE, [this](wxCommandEvent& event) {
        const auto at = static_cast<std::size_t>(std::max(0, event.GetSelection()));
        presenter_.setRepeatMinutes(kRepeatMinutes[std::min(at, kRepeatMinutes.size() - 1)]);
    });
    row->Add(repeat_, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(this)));
    content()->Add(row, wxSizerFlags().Expand().Border(wxTOP, gap(this)));
    state_ = new wxStaticText(this, wxID_ANY, wxEmptyString, wxDefaultPosition, wxDefaultSize,
                              wxST_ELLIPSIZE_END | wxST_NO_AUTORESIZE);
    state_->SetName("trace.state");
    content()->Add(state_, wxSizerFlags().Expand().Border(wxTOP, gap(this)));
}

wxWindow* TracePage::makeCommands(wxWindow* parent) {
    auto* panel = new wxPanel(parent);
    auto* column = new wxBoxSizer(wxVERTICAL);
    commands_ = new wxDataViewListCtrl(panel, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxDV_SINGLE);
    commands_->SetName("trace.commands");
    setAccessibleName(commands_, _("Commands"));
    commands_->AppendTextColumn("#", wxDATAVIEW_CELL_INERT, FromDIP(kCommandWidths[Number]), wxALIGN_RIGHT, 0);
    commands_->AppendTextColumn(_("Command"), wxDATAVIEW_CELL_INERT, FromDIP(kCommandWidths[Title]), wxALIGN_LEFT,
                                wxDATAVIEW_COL_RESIZABLE);
    commands_->AppendIconTextColumn("?", wxDATAVIEW_CELL_INERT, FromDIP(kCommandWidths[Help]), wxALIGN_LEFT, 0);
    commands_->AppendIconTextColumn(_("Result"), wxDATAVIEW_CELL_INERT, FromDIP(kCommandWidths[Outcome]), wxALIGN_LEFT,
                                    wxDATAVIEW_COL_RESIZABLE);
    commands_->AppendTextColumn(_("Took"), wxDATAVIEW_CELL_INERT, FromDIP(kCommandWidths[Time]), wxALIGN_RIGHT,
                                wxDATAVIEW_COL_RESIZABLE);
    // GTK gives spare room to the last column; here the results need it.
    commands_->Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        event.Skip();
        CallAfter([this] {
            int room = commands_->GetClientSize().x - FromDIP(20);
            for (unsigned each = 0; each < commands_->GetColumnCount(); ++each)
                if (each != CommandColumn::Outcome) room -= FromDIP(kCommandWidths[each]);
            commands_->GetColumn(CommandColumn::Outcome)->SetWidth(std::max(room, FromDIP(120)));
        });
    });
    commands_->Bind(wxEVT_DATAVIEW_SELECTION_CHANGED, [this](wxDataViewEvent&) {
        if (isFilling_) return;
        wasChosen_ = true;
        updateChosen();
    });
    commands_->Bind(wxEVT_DATAVIEW_ITEM_ACTIVATED,
                    [this](wxDataViewEvent&) { below_->ChangeSelection(Tab::Evidence); });
    commands_->Bind(wxEVT_LEFT_UP, [this](wxMouseEvent& event) {
        event.Skip();
        wxDataViewItem item;
        wxDataViewColumn* hit = nullptr;
        commands_->HitTest(event.GetPosition(), item, hit);
        if (item.IsOk() && hit != nullptr && hit->GetModelColumn() == CommandColumn::Help)
            CallAfter([this] { helpWanted(); });
    });
    commands_->Bind(wxEVT_DATAVIEW_ITEM_CONTEXT_MENU, [this](wxDataViewEvent&) {
        CallAfter([this] {
            wxMenu menu;
            const auto add = [&menu](const wxString& label, bool isEnabled, std::function<void()> action) {
                auto* item = menu.Append(wxID_ANY, label);
                item->Enable(isEnabled);
                menu.Bind(
                    wxEVT_MENU, [action = std::move(action)](wxCommandEvent&) { action(); }, item->GetId());
            };
            add(_("Run &this"), only_->IsEnabled(), [this] { presenter_.runOnly(chosenStep(), told()); });
            add(_("Run from top to &here"), downTo_->IsEnabled(),
                [this] { presenter_.runDownTo(chosenStep(), told()); });
            menu.AppendSeparator();
            add(_("&About this command\tF1"), true, [this] { helpWanted(); });
            commands_->PopupMenu(&menu);
        });
    });
    column->Add(commands_, wxSizerFlags(1).Expand());
    panel->SetSizer(column);
    return panel;
}

wxWindow* TracePage::makeVerdict(wxWindow* parent) {
    auto* panel = new wxPanel(parent);
    auto* outer = new wxBoxSizer(wxHORIZONTAL);
    auto* column = new wxBoxSizer(wxVERTICAL);
    card_ = new TraceCardView(panel, app_, "trace.card");
    column->Add(card_, wxSizerFlags(1).Expand());
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    retest_ = iconButton(panel, _("Retest"), "refresh",
                         _("The same trace again; the matter is closed only if the new verdict is OK"));
    onPress(retest_, [this] {
        wasChosen_ = false;
        presenter_.retest(told());
    });
    report_ =
        iconButton(panel, _("Report..."), "export", _("Save the trace for reading (HTML) or for programs (JSON)"));
    onPress(report_, [this] { saveReport(); });
    packets_ = iconButton(panel, _("pcapn&g..."), "export",
                          _("Save the packets of the trace; Wireshark opens the file, each packet names its command"));
    onPress(packets_, [this] { savePackets(); });
    for (auto* button : {retest_, report_, packets_})
        row->Add(button, wxSizerFlags().Border(wxRIGHT, gap(panel)));
    column->Add(row, wxSizerFlags().Border(wxTOP | wxBOTTOM, gap(panel)));
    outer->Add(column, wxSizerFlags(1).Expand().Border(wxLEFT, gap(panel, 2)));
    panel->SetSizer(outer);
    return panel;
}

wxWindow* TracePage::makeEvidence(wxWindow* parent) {
    below_ = new wxNotebook(parent, wxID_ANY);
    below_->SetName("trace.below");
    turnPagesByKey(below_);
    const auto text = [this](const wxString& name, const wxString& title) {
        auto* made = new wxTextCtrl(below_, wxID_ANY, wxEmptyString, wxDefaultPosition, wxDefaultSize,
                                    wxTE_MULTILINE | wxTE_READONLY | wxTE_BESTWRAP | wxBORDER_NONE);
        made->SetName(name);
        setAccessibleName(made, title);
        return made;
    };
    evidence_ = text("trace.evidence", _("Evidence of the chosen command"));
    below_->AddPage(evidence_, _("Evidence"));

    pathBook_ = new wxSimplebook(below_, wxID_ANY);
    path_ = new PlainList(pathBook_, "trace.path", _("Routers on the way"),
                          {{_("Hop"), 48, true}, {"ICMP", 220}, {"UDP 2425", 220}, {"TCP 2425", 220}});
    auto* hintPanel = new wxPanel(pathBook_);
    auto* hintSizer = new wxBoxSizer(wxVERTICAL);
    pathHint_ = new WrapText(hintPanel, wxEmptyString, 600);
    theme().watch(pathHint_, [this] { pathHint_->SetForegroundColour(theme().colour(Theme::Ink::Muted)); });
    hintSizer->Add(pathHint_, wxSizerFlags().Expand().Border(wxALL, gap(hintPanel)));
    hintPanel->SetSizer(hintSizer);
    pathBook_->AddPage(hintPanel, "hint");
    pathBook_->AddPage(path_, "path");
    below_->AddPage(pathBook_, _("Path"));

    help_ = text("trace.help", _("About the chosen command"));
    below_->AddPage(help_, _("About this command"));

    auto* panel = new wxPanel(below_);
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    history_ = new wxDataViewListCtrl(panel, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxDV_SINGLE);
    history_->SetName("trace.history");
    setAccessibleName(history_, _("Earlier traces"));
    const auto append = [this](const wxString& title, int width) {
        history_->AppendTextColumn(title, wxDATAVIEW_CELL_INERT, FromDIP(width), wxALIGN_LEFT,
                                   wxDATAVIEW_COL_RESIZABLE);
    };
    append(_("When"), 150);
    append(_("From"), 150);
    append(_("To"), 150);
    history_->AppendIconTextColumn(_("Verdict"), wxDATAVIEW_CELL_INERT, FromDIP(240), wxALIGN_LEFT,
                                   wxDATAVIEW_COL_RESIZABLE);
    append(_("By"), 90);
    const auto selected = [this]() -> std::optional<std::uint64_t> {
        const int at = history_->GetSelectedRow();
        if (at < 0 || static_cast<std::size_t>(at) >= historyRows_.size()) return std::nullopt;
        return historyRows_[static_cast<std::size_t>(at)].id;
    };
    history_->Bind(wxEVT_DATAVIEW_ITEM_ACTIVATED, [this, selected](wxDataViewEvent&) {
        if (const auto id = selected()) openTrace(*id);
    });
    history_->Bind(wxEVT_DATAVIEW_SELECTION_CHANGED, [this](wxDataViewEvent&) { update(); });
    row->Add(history_, wxSizerFlags(1).Expand());
    auto* buttons = new wxBoxSizer(wxVERTICAL);
    open_ = iconButton(panel, _("Open"), "history", _("Show this trace above and fill in its From and To"));
    onPress(open_, [this, selected] {
        if (const auto id = selected()) openTrace(*id);
    });
    remove_ = iconButton(panel, _("Delete"), "delete", _("Remove this trace from the list, for everybody"));
    onPress(remove_, [this] { removeTrace(); });
    buttons->Add(open_, wxSizerFlags().Expand());
    buttons->Add(remove_, wxSizerFlags().Expand().Border(wxTOP, gap(panel)));
    row->Add(buttons, wxSizerFlags().Border(wxALL, gap(panel)));
    panel->SetSizer(row);
    below_->AddPage(panel, _("Earlier traces"));
    return below_;
}

void TracePage::fillCommands() {
    appendCommands();
    theme().watch(commands_, [this] {
        for (unsigned row = 0; row < lines_.size(); ++row) {
            commands_->SetValue(iconCell(wxEmptyString, icon("help", 16)), row, CommandColumn::Help);
            const auto& line = lines_[row];
            commands_->SetValue(iconCell(toWx(line.result), pictureOf(line.mark)), row, CommandColumn::Outcome);
        }
    });
}

void TracePage::appendCommands() {
    isFilling_ = true;
    lines_ = presenter_.lines();
    for (std::size_t at = 0; at < lines_.size(); ++at) {
        const auto& line = lines_[at];
        wxVector<wxVariant> cells;
        cells.push_back(wxVariant(toWx(countText(at))));
        cells.push_back(wxVariant(toWx(line.title)));
        cells.push_back(iconCell(wxEmptyString, icon("help", 16)));
        cells.push_back(iconCell(toWx(line.result), pictureOf(line.mark)));
        cells.push_back(wxVariant(toWx(line.time)));
        commands_->AppendItem(cells);
    }
    commands_->SelectRow(0);
    isFilling_ = false;
}

// Showing

void TracePage::refresh() {
    presenter_.resync();
}

void TracePage::shown() {
    update();
}

wxWindow* TracePage::firstFocus() {
    return to_;
}

void TracePage::show(const std::string& part) {
    const auto slash = part.find('/');
    if (const auto second = part.rfind('/'); part.starts_with("pair/") && second != slash) {
        // Number 0 is this service.
        const auto from = parseUnsigned(part.substr(slash + 1, second - slash - 1));
        const auto to = parseUnsigned(part.substr(second + 1));
        if (!from || !to) return;
        if (*from != 0) {
            presenter_.setUser(TraceEnd::From, *from);
        } else {
            presenter_.setEnd(TraceEnd::From, {});
        }
        presenter_.setUser(TraceEnd::To, *to);
        updateEnds();
        return;
    }
    const auto id = parseUnsigned(part.substr(slash == std::string::npos ? 0 : slash + 1));
    if (!id) return;
    if (slash == std::string::npos) {
        openTrace(*id);
    } else if (part.substr(0, slash) == "from") {
        presenter_.setUser(TraceEnd::From, *id);
    } else if (part.substr(0, slash) == "to") {
        presenter_.setUser(TraceEnd::To, *id);
    }
}

void TracePage::openTrace(std::uint64_t id) {
    wasChosen_ = false;
    presenter_.open(id);
    below_->ChangeSelection(Tab::Evidence);
}

TraceStep TracePage::chosenStep() const {
    const int row = commands_->GetSelectedRow();
    return row < 0 || static_cast<std::size_t>(row) >= lines_.size() ? TraceStep::Verdict
                                                                     : lines_[static_cast<std::size_t>(row)].step;
}

void TracePage::chooseStep(TraceStep step) {
    const auto at =
        std::find_if(lines_.begin(), lines_.end(), [step](const TraceLine& line) { return line.step == step; });
    if (at == lines_.end()) return;
    const auto row = static_cast<unsigned>(at - lines_.begin());
    if (commands_->GetSelectedRow() == static_cast<int>(row)) return;
    isFilling_ = true;
    commands_->SelectRow(row);
    commands_->EnsureVisible(commands_->RowToItem(static_cast<int>(row)));
    isFilling_ = false;
}

void TracePage::helpWanted() {
    below_->ChangeSelection(Tab::About);
    updateChosen();
}

void TracePage::updateEnds() {
    from_->put(toWx(presenter_.endText(TraceEnd::From)));
    to_->put(toWx(presenter_.endText(TraceEnd::To)));
    update();
}

void TracePage::updateCommands() {
    auto lines = presenter_.lines();
    // The trace of a login has other commands than one between users.
    if (lines.size() != lines_.size() || lines.front().step != lines_.front().step) {
        isFilling_ = true;
        commands_->DeleteAllItems();
        appendCommands();
    }
    for (unsigned row = 0; row < lines.size(); ++row) {
        const auto& now = lines[row];
        const auto& old = lines_[row];
        if (now.mark != old.mark || now.result != old.result)
            commands_->SetValue(iconCell(toWx(now.result), pictureOf(now.mark)), row, CommandColumn::Outcome);
        if (now.time != old.time) commands_->SetValue(wxVariant(toWx(now.time)), row, CommandColumn::Time);
    }
    lines_ = std::move(lines);
    const auto& trace = presenter_.shown();
    if (!trace || wasChosen_) return;
    if (trace->state != TraceState::Running) {
        // What proves it, so that the rows that were just read stay where they are.
        const auto* verdict = trace->verdict();
        chooseStep(verdict == nullptr || verdict->proofs.empty() ? TraceStep::Verdict : verdict->proofs.front().step);
        return;
    }
    for (const auto& row : trace->rows) {
        if (row.grade == TraceGrade::Running) chooseStep(row.step);
    }
}

void TracePage::updateChosen() {
    const auto step = chosenStep();
    put(evidence_, toWx(presenter_.evidence(step)));
    put(help_, toWx(helpText(step)));
    const auto why = presenter_.whyNotRunOnly(step);
    only_->Enable(why.empty());
    only_->SetToolTip(why.empty() ? _("The chosen command alone") : toWx(why));
    downTo_->Enable(presenter_.canRun());
}

void TracePage::update() {
    const bool isRunning = presenter_.isRunning();
    if (isRunning != clock_.IsRunning()) {
        if (isRunning)
            clock_.Start(500);
        else
            clock_.Stop();
    }
    put(fromHint_, toWx(presenter_.endHint(TraceEnd::From)));
    put(toHint_, toWx(presenter_.endHint(TraceEnd::To)));
    if (lists_->GetValue() != presenter_.readsLists()) lists_->SetValue(presenter_.readsLists());
    const auto why = presenter_.whyNotRun();
    for (auto* button : {quick_, all_})
        if (button->IsEnabled() != why.empty()) button->Enable(why.empty());
    stop_->Enable(presenter_.shown() && presenter_.shown()->state == TraceState::Running);
    const auto state = presenter_.stateText();
    put(state_, toWx(state.empty() ? why : state + (why.empty() || isRunning ? "" : ".  " + why)));
    updateCommands();
    card_->set(presenter_.card(), presenter_.retestMark(), presenter_.retestText());
    const bool mayExport = presenter_.canExport();
    retest_->Enable(presenter_.canRetest());
    report_->Enable(mayExport);
    packets_->Enable(mayExport);

    std::vector<PlainList::Row> hops;
    for (const auto& hop : presenter_.hops())
        hops.push_back({hop.hop, false, {toWx(countText(hop.hop)), toWx(hop.icmp), toWx(hop.udp), toWx(hop.tcp)}});
    pathBook_->ChangeSelection(hops.empty() ? 0 : 1);
    if (hops.empty()) pathHint_->setText(toWx(presenter_.hopsHint()));
    path_->setRows(std::move(hops));
    updateChosen();

    const bool hasRow = history_->GetSelectedRow() != wxNOT_FOUND;
    open_->Enable(hasRow);
    remove_->Enable(hasRow && app_.session.mayOperate());
    const auto banner = presenter_.problem() ? toWx(errorLines(*presenter_.problem())) : wxString();
    if (banner == bannerText_) return;
    bannerText_ = banner;
    if (banner.empty()) {
        banner_->hide();
    } else {
        banner_->show(Banner::Kind::Warning, banner);
    }
}

void TracePage::updateHistory() {
    auto rows = presenter_.historyRows();
    if (rows == historyRows_) return;
    const int before = history_->GetSelectedRow();
    const auto chosen = before >= 0 && static_cast<std::size_t>(before) < historyRows_.size()
                            ? historyRows_[static_cast<std::size_t>(before)].id
                            : 0;
    const bool isSameShape = rows.size() == historyRows_.size() &&
                             history_->GetItemCount() == static_cast<int>(rows.size()) &&
                             std::equal(rows.begin(), rows.end(), historyRows_.begin(),
                                        [](const auto& left, const auto& right) { return left.id == right.id; });
    if (!isSameShape) history_->DeleteAllItems();
    for (unsigned at = 0; at < rows.size(); ++at) {
        const auto& row = rows[at];
        wxVector<wxVariant> cells;
        for (const auto& text : {row.when, row.from, row.to})
            cells.push_back(wxVariant(toWx(text)));
        cells.push_back(iconCell(toWx(row.verdict), pictureOf(row.mark)));
        cells.push_back(wxVariant(toWx(row.by)));
        if (!isSameShape) {
            history_->AppendItem(cells);
            if (row.id == chosen) history_->SelectRow(at);
        } else if (!(row == historyRows_[at])) {
            for (unsigned column = HistoryColumn::When; column <= HistoryColumn::By; ++column)
                history_->SetValue(cells[column], at, column);
        }
    }
    historyRows_ = std::move(rows);
}

// Doing

Done TracePage::told() {
    return [alive = life().token(), this](const Result<void>& result) {
        if (!alive.expired() && !result) app_.tell(result.error());
    };
}

void TracePage::run(TraceExtent extent) {
    wasChosen_ = false;
    auto* pressed = extent == TraceExtent::Quick ? quick_ : all_;
    const bool hadFocus = pressed->HasFocus();
    presenter_.run(extent, [alive = life().token(), this, hadFocus](const Result<void>& result) {
        if (alive.expired()) return;
        if (!result) {
            app_.tell(result.error());
            return;
        }
        below_->ChangeSelection(Tab::Evidence);
        update();
        if (hadFocus && stop_->IsEnabled()) stop_->SetFocus();
    });
}

void TracePage::removeTrace() {
    const int at = history_->GetSelectedRow();
    if (at < 0 || static_cast<std::size_t>(at) >= historyRows_.size()) return;
    const auto row = historyRows_[static_cast<std::size_t>(at)];
    wxMessageDialog question(wxGetTopLevelParent(this), wxString::Format(_("Delete the trace of %s?"), toWx(row.when)),
                             _("Delete trace"), wxYES_NO | wxNO_DEFAULT | wxICON_QUESTION);
    question.SetExtendedMessage(_("Its verdict, evidence and packets go, for every administrator."));
    question.SetYesNoLabels(_("&Delete"), _("&Keep"));
    if (question.ShowModal() == wxID_YES) presenter_.remove(row.id, told());
}

void TracePage::saveReport() {
    wxMenu menu;
    const auto add = [&menu](const wxString& label, std::function<void()> action) {
        auto* item = menu.Append(wxID_ANY, label);
        menu.Bind(
            wxEVT_MENU, [action = std::move(action)](wxCommandEvent&) { action(); }, item->GetId());
    };
    add(_("For reading (&HTML)..."), [this] {
        CallAfter([this] {
            saveText(this, app_, _("Save the report"), toWx(presenter_.fileName("html")),
                     _("Web pages (*.html)|*.html"), presenter_.reportHtml());
        });
    });
    add(_("For programs (&JSON)..."), [this] {
        CallAfter([this] {
            saveText(this, app_, _("Save the report"), toWx(presenter_.fileName("json")),
                     _("JSON files (*.json)|*.json"), presenter_.reportJson());
        });
    });
    report_->PopupMenu(&menu, 0, report_->GetSize().y);
}

void TracePage::savePackets() {
    const auto name = presenter_.fileName("pcapng");
    packets_->Disable();
    presenter_.packets([alive = life().token(), this, name](const Result<std::string>& bytes) {
        if (alive.expired()) return;
        packets_->Enable(presenter_.canExport());
        if (!bytes) {
            app_.tell(bytes.error());
            return;
        }
        CallAfter([this, name, bytes = *bytes] {
            saveText(this, app_, _("Save the packets"), toWx(name), _("Packet captures (*.pcapng)|*.pcapng"), bytes);
        });
    });
}

}  // namespace causeway::console
