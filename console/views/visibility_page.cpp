#include "console/views/visibility_page.h"

#include <algorithm>
#include <array>

#include <wx/intl.h>

#include "console/presenters/text_format.h"
#include "console/widgets/icons.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

namespace {

enum Shown : int { Empty, Content };

void put(wxStaticText* label, const wxString& text) {
    if (label->GetLabel() == escapedLabel(text)) return;
    label->SetLabel(escapedLabel(text));
    label->SetToolTip(text);
}

wxStaticText* line(wxWindow* parent, const wxString& name) {
    auto* text = new wxStaticText(parent, wxID_ANY, wxEmptyString, wxDefaultPosition, wxDefaultSize,
                                  wxST_ELLIPSIZE_END | wxST_NO_AUTORESIZE);
    text->SetName(name);
    return text;
}

wxVariant iconCell(const std::string& text, Mark mark) {
    wxVariant cell;
    cell << wxDataViewIconText(toWx(text), markIcon(mark));
    return cell;
}

struct Head {
    wxString title;
    int width;  ///< DIP
    bool isRight = false;
};

wxDataViewListCtrl* list(wxWindow* parent, const wxString& name, const wxString& accessibleName,
                         const std::vector<Head>& heads) {
    auto* made = new wxDataViewListCtrl(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxDV_SINGLE);
    made->SetName(name);
    setAccessibleName(made, accessibleName);
    for (std::size_t at = 0; at < heads.size(); ++at) {
        const auto width = made->FromDIP(heads[at].width);
        if (at == 0) {
            made->AppendIconTextColumn(heads[at].title, wxDATAVIEW_CELL_INERT, width, wxALIGN_LEFT,
                                       wxDATAVIEW_COL_RESIZABLE);
        } else {
            made->AppendTextColumn(heads[at].title, wxDATAVIEW_CELL_INERT, width,
                                   heads[at].isRight ? wxALIGN_RIGHT : wxALIGN_LEFT, wxDATAVIEW_COL_RESIZABLE);
        }
    }
    return made;
}

}  // namespace

VisibilityPage::VisibilityPage(wxWindow* parent, AppContext& app)
    : PageBase(parent, "page.visibility", _("Visibility")), app_(app), presenter_(app.session) {
    collect_ = addAction(
        _("&Collect"), "start", [this] { presenter_.collect(told()); },
        _("Asks the chat programs whom they show, one after the other, each at most once in 10 minutes"));
    stop_ = addAction(
        _("Stop"), "stop", [this] { presenter_.stop(told()); }, _("Asks nobody else; what came is judged"));
    auto* stateRow = new wxBoxSizer(wxHORIZONTAL);
    state_ = line(this, "visibility.state");
    gauge_ =
        new wxGauge(this, wxID_ANY, 1000, wxDefaultPosition, FromDIP(wxSize(160, 10)), wxGA_HORIZONTAL | wxGA_SMOOTH);
    setAccessibleName(gauge_, _("Progress"));
    stateRow->Add(state_, wxSizerFlags(1).CentreVertical());
    stateRow->Add(gauge_, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(this)).ReserveSpaceEvenIfHidden());
    content()->Add(stateRow, wxSizerFlags().Expand());
    banner_ = new Banner(this);
    content()->Add(banner_, wxSizerFlags().Expand().Border(wxTOP, gap(this)));

    book_ = new wxSimplebook(this, wxID_ANY);
    empty_ = new EmptyState(book_, "visibility", _("Nothing was collected yet"), {});
    book_->AddPage(empty_, "empty");
    auto* halves = new ThinSplitter(book_, "visibility.splitter");
    auto* upper = new ThinSplitter(halves, "visibility.upper");
    auto* map = makeMap(upper);
    auto* card = makeCard(upper);
    upper->SetMinimumPaneSize(FromDIP(220));
    upper->SetSashGravity(0.66);
    upper->SplitVertically(map, card);
    auto* below = makeBelow(halves);
    halves->SetMinimumPaneSize(FromDIP(96));
    halves->SetSashGravity(0.7);
    halves->SplitHorizontally(upper, below);
    halves->Bind(wxEVT_SIZE, [this, halves, upper](wxSizeEvent& event) {
        event.Skip();
        if (isArranged_ || event.GetSize().y < FromDIP(240)) return;
        isArranged_ = true;
        CallAfter([this, halves, upper] {
            const auto size = halves->GetClientSize();
            halves->SetSashPosition(size.y - std::clamp(size.y / 3, FromDIP(110), FromDIP(200)));
            upper->SetSashPosition(size.x - std::clamp(size.x * 2 / 5, FromDIP(240), FromDIP(360)));
        });
    });
    book_->AddPage(halves, "content");
    content()->Add(book_, wxSizerFlags(1).Expand().Border(wxTOP, gap(this)));

    Bind(wxEVT_CHAR_HOOK, [this](wxKeyEvent& event) {
        // From anywhere on the page: there is only one row of tabs.
        const bool isForward = event.GetKeyCode() == WXK_PAGEDOWN;
        if (event.GetModifiers() == wxMOD_CONTROL && (isForward || event.GetKeyCode() == WXK_PAGEUP)) {
            below_->AdvanceSelection(isForward);
            return;
        }
        event.Skip();
    });
    presenter_.onChanged = [this] { update(); };
    presenter_.onMap = [this] { updateMap(); };
    updateMap();
    update();
    presenter_.resync();
}

VisibilityPage::~VisibilityPage() {
    presenter_.onChanged = nullptr;
    presenter_.onMap = nullptr;
}

wxWindow* createVisibilityPage(wxWindow* parent, AppContext& app) {
    return new VisibilityPage(parent, app);
}

wxWindow* VisibilityPage::makeMap(wxWindow* parent) {
    auto* panel = new wxPanel(parent);
    auto* column = new wxBoxSizer(wxVERTICAL);
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    up_ = iconButton(panel, {}, "up", _("Back to the map above (Backspace)"));
    onPress(up_, [this] {
        presenter_.goUp();
        map_->SetFocus();
    });
    place_ = line(panel, "visibility.place");
    place_->SetFont(headFont(panel));
    before_ = iconButton(panel, {}, "back", _("Rows before"));
    onPress(before_, [this] { presenter_.turnPage(-1); });
    pageText_ = new wxStaticText(panel, wxID_ANY, wxEmptyString);
    after_ = iconButton(panel, {}, "forward", _("Rows behind"));
    onPress(after_, [this] { presenter_.turnPage(1); });
    auto* smaller = iconButton(panel, {}, "remove", _("Smaller squares (-)"));
    onPress(smaller, [this] { map_->zoom(0.8); });
    auto* larger = iconButton(panel, {}, "add", _("Larger squares (+)"));
    onPress(larger, [this] { map_->zoom(1.25); });
    row->Add(up_, wxSizerFlags().CentreVertical());
    row->Add(place_, wxSizerFlags(1).CentreVertical().Border(wxLEFT | wxRIGHT, gap(panel)));
    for (wxWindow* part :
         {static_cast<wxWindow*>(before_), static_cast<wxWindow*>(pageText_), static_cast<wxWindow*>(after_),
          static_cast<wxWindow*>(smaller), static_cast<wxWindow*>(larger)})
        row->Add(part, wxSizerFlags().CentreVertical().Border(wxLEFT, halfGap(panel)));
    column->Add(row, wxSizerFlags().Expand());
    map_ = new HeatMap(panel, "visibility.map", _("Map of who sees whom"));
    map_->onChosen = [this](HeatPlace place) { presenter_.select(place); };
    map_->onOpened = [this](HeatPlace place) { presenter_.open(place); };
    map_->onUp = [this] { presenter_.goUp(); };
    column->Add(map_, wxSizerFlags(1).Expand().Border(wxTOP, halfGap(panel)));
    column->Add(new HeatLegend(panel, "visibility.legend"), wxSizerFlags().Border(wxTOP, halfGap(panel)));
    observers_ = line(panel, "visibility.observers");
    observers_->SetFont(smallFont(panel));
    theme().watch(observers_, [this] { observers_->SetForegroundColour(theme().colour(Theme::Ink::Muted)); });
    column->Add(observers_, wxSizerFlags().Expand().Border(wxTOP | wxBOTTOM, halfGap(panel)));
    panel->SetSizer(column);
    return panel;
}

wxWindow* VisibilityPage::makeCard(wxWindow* parent) {
    auto* panel = new wxPanel(parent);
    auto* outer = new wxBoxSizer(wxHORIZONTAL);
    auto* column = new wxBoxSizer(wxVERTICAL);
    card_ = new VisibilityCardView(panel, "visibility.card");
    column->Add(card_, wxSizerFlags(1).Expand());
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    trace_ = iconButton(panel, _("&Trace this block"), "trace",
                        _("Opens Packet trace with two users of this block who do not see each other"));
    onPress(trace_, [this] {
        if (const auto part = presenter_.tracePart(); !part.empty()) app_.go("trace/" + part);
    });
    retest_ =
        iconButton(panel, _("&Retest"), "refresh", _("Asks the clients of this block again, and probes its users"));
    onPress(retest_, [this] { presenter_.retest(told()); });
    row->Add(trace_, wxSizerFlags().Border(wxRIGHT, gap(panel)));
    row->Add(retest_, wxSizerFlags());
    column->Add(row, wxSizerFlags().Border(wxTOP | wxBOTTOM, gap(panel)));
    outer->Add(column, wxSizerFlags(1).Expand().Border(wxLEFT, gap(panel, 2)));
    panel->SetSizer(outer);
    return panel;
}

wxWindow* VisibilityPage::makeBelow(wxWindow* parent) {
    below_ = new wxNotebook(parent, wxID_ANY);
    below_->SetName("visibility.below");
    turnPagesByKey(below_);
    findings_ = list(
        below_, "visibility.findings", _("Findings"),
        {{_("Finding"), 190}, {_("Where"), 260}, {_("Seen first"), 150}, {_("Fine before"), 150}, {_("State"), 160}});
    blocks_ = list(below_, "visibility.blocks", _("Blocks of the map"),
                   {{_("State"), 160},
                    {_("Who looks"), 200},
                    {_("At whom"), 260},
                    {_("Pairs seen"), 110, true},
                    {_("Observers"), 130}});
    below_->AddPage(findings_, _("Findings"));
    below_->AddPage(blocks_, _("Map as a list"));
    findings_->Bind(wxEVT_DATAVIEW_SELECTION_CHANGED, [this](wxDataViewEvent&) {
        const int row = findings_->GetSelectedRow();
        if (isFilling_ || row < 0) return;
        presenter_.selectFinding(findingLines_[static_cast<std::size_t>(row)].id);
    });
    blocks_->Bind(wxEVT_DATAVIEW_SELECTION_CHANGED, [this](wxDataViewEvent&) {
        const int row = blocks_->GetSelectedRow();
        if (isFilling_ || row < 0) return;
        presenter_.select(blockLines_[static_cast<std::size_t>(row)].place);
    });
    blocks_->Bind(wxEVT_DATAVIEW_ITEM_ACTIVATED, [this](wxDataViewEvent&) {
        const int row = blocks_->GetSelectedRow();
        if (row < 0) return;
        CallAfter([this, place = blockLines_[static_cast<std::size_t>(row)].place] { presenter_.open(place); });
    });
    return below_;
}

Done VisibilityPage::told() {
    return [this, alive = life().token()](const Result<void>& result) {
        if (!alive.expired() && !result) app_.tell(result.error());
    };
}

void VisibilityPage::refresh() {
    presenter_.reload();
}

void VisibilityPage::shown() {
    presenter_.reload();
}

wxWindow* VisibilityPage::firstFocus() {
    if (map_->IsShownOnScreen()) return map_;
    return collect_;
}

void VisibilityPage::updateMap() {
    map_->set(presenter_.grid(), presenter_.selected());
    updateLists();
}

void VisibilityPage::updateLists() {
    isFilling_ = true;
    // Rows are made anew only if they differ: this is called from the selection of the very same lists.
    if (auto findings = presenter_.findings(); findings != findingLines_) {
        findings_->DeleteAllItems();
        for (const auto& each : findings) {
            wxVector<wxVariant> cells;
            cells.push_back(iconCell(each.what, each.mark));
            for (const auto& text : {each.where, each.since, each.lastFine, each.state})
                cells.push_back(wxVariant(toWx(text)));
            findings_->AppendItem(cells);
        }
        findingLines_ = std::move(findings);
    }
    if (auto blocks = presenter_.lines(); blocks != blockLines_) {
        blocks_->DeleteAllItems();
        for (const auto& each : blocks) {
            wxVector<wxVariant> cells;
            cells.push_back(iconCell(each.state, each.mark));
            for (const auto& text : {each.from, each.to, each.seen, each.observers})
                cells.push_back(wxVariant(toWx(text)));
            blocks_->AppendItem(cells);
        }
        blockLines_ = std::move(blocks);
    }
    const auto choose = [](wxDataViewListCtrl* rows, const auto& lines, const auto& isChosen) {
        const auto at = std::find_if(lines.begin(), lines.end(), isChosen);
        if (at == lines.end()) {
            if (rows->GetSelectedRow() != wxNOT_FOUND) rows->UnselectAll();
            return;
        }
        const auto row = static_cast<unsigned>(at - lines.begin());
        if (rows->GetSelectedRow() != static_cast<int>(row)) rows->SelectRow(row);
    };
    choose(findings_, findingLines_,
           [chosen = presenter_.selectedFinding()](const FindingLine& each) { return chosen == each.id; });
    choose(blocks_, blockLines_,
           [chosen = presenter_.selected()](const HeatLine& each) { return chosen == each.place; });
    isFilling_ = false;
}

void VisibilityPage::update() {
    const auto& status = presenter_.status();
    const bool isEmpty = presenter_.isEmpty();
    if (isEmpty) {
        empty_->set(toWx(presenter_.emptyTitle()), toWx(presenter_.emptyText()));
        empty_->setButton(presenter_.mayCollect() ? _("Collect now") : wxString(),
                          [this] { presenter_.collect(told()); });
    }
    const int shown = isEmpty ? Shown::Empty : Shown::Content;
    if (book_->GetSelection() != shown) {
        wxWindow* focus = FindFocus();
        const bool hasKeyboard = focus != nullptr && IsDescendant(focus);
        book_->ChangeSelection(static_cast<std::size_t>(shown));
        if (hasKeyboard && IsShownOnScreen()) firstFocus()->SetFocus();
    }
    put(state_, toWx(presenter_.stateText()));
    const auto progress = presenter_.progress();
    gauge_->Show(progress.has_value());
    if (progress) gauge_->SetValue(static_cast<int>(*progress * 1000));
    // Before the first answer, too: the page needs something that takes the keyboard.
    collect_->Enable(app_.session.mayOperate() && !status.isCollecting);
    stop_->Enable(status.isCollecting && app_.session.mayOperate());
    up_->Enable(presenter_.canGoUp());
    put(place_, toWx(presenter_.placeText()));
    const auto page = toWx(presenter_.pageText());
    if (pageText_->GetLabel() != page) {
        pageText_->SetLabel(page);
        pageText_->GetParent()->Layout();
    }
    for (auto* button : {before_, after_})
        button->Show(!page.empty());
    before_->Enable(presenter_.hasPage(-1));
    after_->Enable(presenter_.hasPage(1));
    put(observers_, toWx(presenter_.observersText()));
    const auto card = presenter_.card();
    card_->set(card);
    trace_->Enable(card.canTrace);
    retest_->Enable(card.canRetest);
    setSubtitle(presenter_.openFindings() == 0
                    ? wxString()
                    : toWx(trn("%1 open finding", "%1 open findings", presenter_.openFindings())));
    wxString banner;
    if (const auto& problem = presenter_.problem(); problem && !isEmpty) banner = toWx(errorLines(*problem));
    if (banner != bannerText_) {
        bannerText_ = banner;
        if (banner.empty()) {
            banner_->hide();
        } else {
            banner_->show(Banner::Kind::Warning, banner);
        }
    }
}

}  // namespace causeway::console
