#include "console/views/search_page.h"

#include <algorithm>

#include <wx/intl.h>
#include <wx/splitter.h>
#include <wx/statline.h>

#include "console/presenters/text_format.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"
#include "shared/base/cursor.h"

namespace causeway::console {

namespace {

void put(wxStaticText* label, const wxString& text) {
    if (label->GetLabel() != escapedLabel(text)) {
        label->SetLabel(escapedLabel(text));
        label->SetToolTip(text);
    }
}

}  // namespace

SearchPage::SearchPage(wxWindow* parent, AppContext& app)
    : PageBase(parent, "page.search", _("External user search")), app_(app), presenter_(app.session) {
    banner_ = new Banner(this);
    content()->Add(banner_, wxSizerFlags().Expand().Border(wxBOTTOM, gap(this)));
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    row->Add(createLeft(this), wxSizerFlags().Expand());
    row->Add(new wxStaticLine(this, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxLI_VERTICAL),
             wxSizerFlags().Expand().Border(wxLEFT | wxRIGHT, gap(this)));
    row->Add(createRight(this), wxSizerFlags(1).Expand());
    content()->Add(row, wxSizerFlags(1).Expand());

    presenter_.onChanged = [this] { update(); };
    presenter_.onRanges = [this] { updateRanges(); };
    presenter_.onHistory = [this] { updateHistory(); };
    updateRanges();
    updateHistory();
    update();
    presenter_.resync();
}

SearchPage::~SearchPage() {
    presenter_.onChanged = nullptr;
    presenter_.onRanges = nullptr;
    presenter_.onHistory = nullptr;
}

wxWindow* SearchPage::firstFocus() {
    for (wxRadioButton* button : {byRanges_, byAddresses_, byClient_}) {
        if (button->GetValue()) return button;
    }
    return byRanges_;
}

void SearchPage::refresh() {
    presenter_.resync();
}

void SearchPage::show(const std::string& part) {
    if (const auto id = parseUnsigned(part)) presenter_.open(*id);
}

wxWindow* SearchPage::createLeft(wxWindow* parent) {
    auto* panel = new wxPanel(parent, wxID_ANY);
    panel->SetMinSize(FromDIP(wxSize(392, -1)));
    auto* sizer = new wxBoxSizer(wxVERTICAL);
    auto* head = new wxStaticText(panel, wxID_ANY, _("What to ask"));
    head->SetFont(headFont(panel));
    sizer->Add(head);

    byRanges_ = new wxRadioButton(panel, wxID_ANY, _("&Remote ranges"), wxDefaultPosition, wxDefaultSize, wxRB_GROUP);
    byAddresses_ = new wxRadioButton(panel, wxID_ANY, _("Addresses"));
    byClient_ = new wxRadioButton(panel, wxID_ANY, _("&Through one client's list"));
    byRanges_->SetValue(true);
    for (auto* button : {byRanges_, byAddresses_, byClient_})
        sizer->Add(button, wxSizerFlags().Border(wxTOP, halfGap(panel)));
    byRanges_->Bind(wxEVT_RADIOBUTTON, [this](wxCommandEvent&) { setMode(SearchMode::Ranges); });
    byAddresses_->Bind(wxEVT_RADIOBUTTON, [this](wxCommandEvent&) { setMode(SearchMode::Addresses); });
    byClient_->Bind(wxEVT_RADIOBUTTON, [this](wxCommandEvent&) { setMode(SearchMode::ViaClient); });

    what_ = new wxSimplebook(panel, wxID_ANY);
    const auto page = [this, panel](const std::function<void(wxWindow*, wxBoxSizer*)>& build) {
        auto* inside = new wxPanel(what_, wxID_ANY);
        auto* column = new wxBoxSizer(wxVERTICAL);
        build(inside, column);
        inside->SetSizer(column);
        what_->AddPage(inside, wxEmptyString);
    };
    page([this](wxWindow* inside, wxBoxSizer* column) {
        ranges_ = new PlainList(inside, "search.ranges", _("Remote ranges to search"),
                                {{_("Range"), 144}, {_("Last result"), 190}}, PlainList::Switches::Shown, _("Ask"));
        ranges_->onSwitch = [this](std::uint64_t id, bool isOn) { presenter_.choose(id, isOn); };
        column->Add(ranges_, wxSizerFlags(1).Expand());
        rangesHint_ = new WrapText(inside, wxEmptyString, 300);
        rangesHint_->Hide();
        column->Add(rangesHint_, wxSizerFlags().Expand().Border(wxTOP, gap(inside)));
        auto* buttons = new wxBoxSizer(wxHORIZONTAL);
        const auto button = [&](const wxString& label, const std::function<void()>& action) {
            auto* made = new wxButton(inside, wxID_ANY, label);
            onPress(made, action);
            buttons->Add(made, wxSizerFlags().Border(wxRIGHT, gap(inside)));
        };
        button(_("All"), [this] { presenter_.chooseAll(true); });
        button(_("None"), [this] { presenter_.chooseAll(false); });
        button(_("Edit ran&ges..."), [this] { app_.go("preferences/network/ranges"); });
        column->Add(buttons, wxSizerFlags().Border(wxTOP, gap(inside)));
    });
    page([this](wxWindow* inside, wxBoxSizer* column) {
        column->Add(new wxStaticText(inside, wxID_ANY, _("One address or ran&ge a line:")));
        addresses_ = new wxTextCtrl(inside, wxID_ANY, wxEmptyString, wxDefaultPosition, wxDefaultSize,
                                    wxTE_MULTILINE | wxTE_DONTWRAP);
        addresses_->SetName("search.addresses");
        setAccessibleName(addresses_, _("One address or range a line"));
        addresses_->Bind(wxEVT_TEXT,
                         [this](wxCommandEvent&) { presenter_.setAddresses(fromWx(addresses_->GetValue())); });
        column->Add(addresses_, wxSizerFlags(1).Expand().Border(wxTOP, halfGap(inside)));
        addressProblem_ = new WrapText(inside, wxEmptyString, 300);
        column->Add(addressProblem_, wxSizerFlags().Expand().Border(wxTOP, halfGap(inside)));
    });
    page([this](wxWindow* inside, wxBoxSizer* column) {
        column->Add(new wxStaticText(inside, wxID_ANY, _("Address of the client:")));
        client_ = new wxTextCtrl(inside, wxID_ANY);
        client_->SetName("search.client");
        setAccessibleName(client_, _("Address of the client"));
        client_->Bind(wxEVT_TEXT, [this](wxCommandEvent&) { presenter_.setViaClient(fromWx(client_->GetValue())); });
        column->Add(client_, wxSizerFlags().Expand().Border(wxTOP, halfGap(inside)));
        clientProblem_ = new WrapText(inside, wxEmptyString, 300);
        column->Add(clientProblem_, wxSizerFlags().Expand().Border(wxTOP, halfGap(inside)));
        column->Add(new WrapText(inside,
                                 _("Asks one client of another segment for the users that it sees there. Works with "
                                   "clients that give lists (IP Messenger for Windows), where a firewall lets only one "
                                   "computer through."),
                                 300),
                    wxSizerFlags().Expand().Border(wxTOP, gap(inside)));
    });
    for (auto* text : {addressProblem_, clientProblem_}) {
        app_.theme.watch(
            text, [text, &colours = app_.theme] { text->SetForegroundColour(colours.colour(Theme::Ink::ErrorText)); });
    }
    sizer->Add(what_, wxSizerFlags(1).Expand().Border(wxTOP, gap(panel)));

    plan_ = new WrapText(panel, wxEmptyString, 300);
    plan_->SetName("search.plan");
    sizer->Add(plan_, wxSizerFlags().Expand().Border(wxTOP, gap(panel)));
    auto* buttons = new wxBoxSizer(wxHORIZONTAL);
    start_ = iconButton(panel, _("Start sear&ch"), "start");
    start_->Bind(wxEVT_BUTTON, [this](wxCommandEvent&) { start(); });
    buttons->Add(start_, wxSizerFlags(1));
    stop_ = iconButton(panel, _("Stop"), "stop");
    stop_->Bind(wxEVT_BUTTON, [this](wxCommandEvent&) { stop(); });
    buttons->Add(stop_, wxSizerFlags().Border(wxLEFT, gap(panel)));
    sizer->Add(buttons, wxSizerFlags().Expand().Border(wxTOP, gap(panel)));
    panel->SetSizer(sizer);
    return panel;
}

wxWindow* SearchPage::createRight(wxWindow* parent) {
    auto* panel = new wxPanel(parent, wxID_ANY);
    auto* sizer = new wxBoxSizer(wxVERTICAL);

    auto* top = new wxFlexGridSizer(2, halfGap(panel), gap(panel));
    top->AddGrowableCol(1);
    const auto choice = [&](const wxString& label, const wxString& name) {
        top->Add(new wxStaticText(panel, wxID_ANY, label), wxSizerFlags().CentreVertical());
        // A list that is wider than the page would push it wide: the choice gets the room that is there.
        auto* made = new wxChoice(panel, wxID_ANY, wxDefaultPosition, FromDIP(wxSize(120, -1)));
        made->SetName(name);
        setAccessibleName(made, wxControl::RemoveMnemonics(label));
        top->Add(made, wxSizerFlags().Expand());
        return made;
    };
    history_ = choice(_("Sho&wn:"), "search.history");
    history_->Bind(wxEVT_CHOICE, [this](wxCommandEvent&) {
        const int at = history_->GetSelection();
        if (at >= 0 && static_cast<std::size_t>(at) < historyIds_.size())
            presenter_.open(historyIds_[static_cast<std::size_t>(at)]);
    });
    compare_ = choice(_("Co&mpare with:"), "search.compare");
    compare_->Bind(wxEVT_CHOICE, [this](wxCommandEvent&) {
        const int at = compare_->GetSelection();
        if (at <= 0) {
            presenter_.endCompare();
        } else if (static_cast<std::size_t>(at) <= compareIds_.size()) {
            presenter_.compareWith(compareIds_[static_cast<std::size_t>(at) - 1]);
        }
    });
    sizer->Add(top, wxSizerFlags().Expand());

    gauge_ =
        new wxGauge(panel, wxID_ANY, 100, wxDefaultPosition, FromDIP(wxSize(-1, 6)), wxGA_HORIZONTAL | wxGA_SMOOTH);
    gauge_->SetName("search.gauge");
    setAccessibleName(gauge_, _("Progress of the search"));
    sizer->Add(gauge_, wxSizerFlags().Expand().Border(wxTOP, gap(panel)));
    progress_ = new wxStaticText(panel, wxID_ANY, wxEmptyString, wxDefaultPosition, wxDefaultSize, wxST_ELLIPSIZE_END);
    progress_->SetName("search.progress");
    sizer->Add(progress_, wxSizerFlags().Expand().Border(wxTOP, halfGap(panel)));
    auto* line = new wxBoxSizer(wxHORIZONTAL);
    summary_ = new wxStaticText(panel, wxID_ANY, wxEmptyString, wxDefaultPosition, wxDefaultSize, wxST_ELLIPSIZE_END);
    summary_->SetName("search.summary");
    summary_->SetFont(headFont(panel));
    line->Add(summary_, wxSizerFlags(1).CentreVertical());
    filter_ = new FilterBox(panel, "search.filter", _("Filter the answers"));
    filter_->SetMinSize(FromDIP(wxSize(186, -1)));
    filter_->onFilter = [this](const std::string& text) {
        presenter_.table().setFilter(text);
        presenter_.compareTable().setFilter(text);
    };
    filter_->onArrowDown = [this] { (presenter_.isComparing() ? compared_ : rows_)->SetFocus(); };
    line->Add(filter_, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(panel)));
    sizer->Add(line, wxSizerFlags().Expand().Border(wxTOP, halfGap(panel)));

    book_ = new wxSimplebook(panel, wxID_ANY);
    rows_ = new TableView(book_, "search.table", _("Answers"), presenter_.table());
    const auto openUser = [this](std::uint64_t id) {
        const auto* row = presenter_.table().find(id);
        if (row != nullptr && row->user != 0) app_.go("users/" + std::to_string(row->user));
    };
    rows_->onActivated = openUser;
    rows_->onContextMenu = [this, openUser](wxMenu& menu) {
        auto* item = menu.Append(wxID_ANY, _("&Show among the users"));
        menu.Bind(
            wxEVT_MENU,
            [this, openUser](wxCommandEvent&) {
                if (const auto id = rows_->selectedId()) openUser(*id);
            },
            item->GetId());
    };
    compared_ = new TableView(book_, "search.compare.table", _("Compared answers"), presenter_.compareTable());
    empty_ = new EmptyState(book_, "search-external", _("Nobody here yet"), wxEmptyString);
    book_->AddPage(rows_, "rows");
    book_->AddPage(compared_, "compared");
    book_->AddPage(empty_, "empty");
    sizer->Add(book_, wxSizerFlags(1).Expand().Border(wxTOP, gap(panel)));
    panel->SetSizer(sizer);
    return panel;
}

void SearchPage::setMode(SearchMode mode) {
    what_->ChangeSelection(static_cast<std::size_t>(mode));
    presenter_.setMode(mode);
    update();
}

void SearchPage::updateRanges() {
    std::vector<PlainList::Row> rows;
    for (const auto& range : presenter_.ranges()) {
        auto text = toWx(range.text);
        if (!range.comment.empty() && text.Find('#') == wxNOT_FOUND) text << "  # " << toWx(range.comment);
        rows.push_back({range.id, range.isChosen, {text, toWx(range.result)}});
    }
    const bool isEmpty = rows.empty();
    ranges_->setRows(std::move(rows));
    if (rangesHint_->IsShown() != isEmpty) {
        rangesHint_->setText(
            _("There are no remote ranges yet. Add the segments of the other offices under "
              "\"Edit ranges\"."));
        rangesHint_->Show(isEmpty);
        what_->GetCurrentPage()->Layout();
    }
}

void SearchPage::updateHistory() {
    historyIds_.clear();
    compareIds_.clear();
    wxArrayString shown;
    wxArrayString others;
    int at = wxNOT_FOUND;
    others.Add(_("nothing"));
    for (const auto& search : presenter_.history()) {
        const auto text = toWx(presenter_.historyText(search));
        const bool isShown = presenter_.shown() && presenter_.shown()->id == search.id;
        if (isShown) at = static_cast<int>(historyIds_.size());
        historyIds_.push_back(search.id);
        shown.Add(text);
        if (isShown) continue;
        compareIds_.push_back(search.id);
        others.Add(text);
    }
    if (shown != history_->GetStrings()) history_->Set(shown);
    history_->SetSelection(at);
    history_->Enable(!shown.empty());
    const int chosen = compare_->GetSelection();
    if (others != compare_->GetStrings()) {
        compare_->Set(others);
        compare_->SetSelection(presenter_.isComparing() ? std::max(0, chosen) : 0);
    }
    if (!presenter_.isComparing()) compare_->SetSelection(0);
    compare_->Enable(!compareIds_.empty());
}

void SearchPage::update() {
    updateHistory();
    const auto progress = presenter_.progress();
    if (gauge_->GetValue() != progress.percent) gauge_->SetValue(progress.percent);
    put(progress_, progress.isRunning || progress.total > 0 ? toWx(progress.text) : toWx(presenter_.shownTitle()));
    put(summary_, presenter_.isComparing() ? toWx(presenter_.compareText()) : toWx(progress.summary));

    wxString wrong;
    for (const auto& problem : presenter_.addressProblems()) {
        if (!wrong.empty()) wrong << "\n";
        wrong << (problem.line == 0
                      ? toWx(problem.text)
                      : wxString::Format(_("Line %s: %s"), toWx(countText(problem.line)), toWx(problem.text)));
    }
    const auto show = [](WrapText* field, const wxString& text) {
        if (field->GetToolTipText() == text) return;
        field->SetToolTip(text);
        field->setText(text);
        field->GetParent()->Layout();
    };
    show(addressProblem_, wrong);
    show(clientProblem_, client_->IsEmpty() ? wxString() : toWx(presenter_.viaClientProblem()));

    const bool mayStart = presenter_.canStart();
    start_->Enable(mayStart);
    stop_->Enable(presenter_.isRunning());
    show(plan_, toWx(mayStart ? presenter_.planText() : presenter_.whyNotStart()));

    const bool isEmpty = !presenter_.isComparing() && presenter_.table().totalCount() == 0;
    book_->ChangeSelection(presenter_.isComparing() ? 1 : isEmpty ? 2 : 0);
    if (isEmpty) {
        const auto title = presenter_.isLoadingRows() ? _("Loading the answers...")
                           : presenter_.isRunning()   ? _("Searching...")
                           : presenter_.shown()       ? _("Nobody answered")
                                                      : _("No search yet");
        empty_->set(title, toWx(presenter_.emptyText()));
    }

    wxString banner;
    if (presenter_.problem()) banner = toWx(errorLines(*presenter_.problem()));
    if (banner != bannerText_) {
        bannerText_ = banner;
        if (banner.empty()) {
            banner_->hide();
        } else {
            banner_->show(Banner::Kind::Warning, banner);
        }
    }
}

void SearchPage::start() {
    const bool hadFocus = start_->HasFocus();
    presenter_.start([this, hadFocus](const Result<void>& result) {
        if (!result) {
            app_.tell(result.error());
            return;
        }
        update();
        if (hadFocus && stop_->IsEnabled()) stop_->SetFocus();
    });
    update();
}

void SearchPage::stop() {
    presenter_.stop([this](const Result<void>& result) {
        if (!result) app_.tell(result.error());
    });
}

wxWindow* createSearchPage(wxWindow* parent, AppContext& app) {
    return new SearchPage(parent, app);
}

}  // namespace causeway::console
