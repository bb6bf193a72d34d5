#include "console/views/overview_page.h"

#include <cmath>

#include <wx/dcbuffer.h>
#include <wx/menu.h>
#include <wx/wrapsizer.h>

#include "console/presenters/text_format.h"
#include "console/widgets/icons.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

namespace {

/// A panel with the background of lists and a hair line around.
class Card : public wxPanel {
public:
    Card(wxWindow* parent, Mark mark) : wxPanel(parent, wxID_ANY), mark_(mark) {
        SetBackgroundStyle(wxBG_STYLE_PAINT);
        theme().watch(this, [this] {
            SetBackgroundColour(theme().colour(Theme::Ink::Base));
            SetForegroundColour(theme().colour(Theme::Ink::Text));
            Refresh();
        });
        Bind(wxEVT_PAINT, [this](wxPaintEvent&) {
            wxAutoBufferedPaintDC dc(this);
            const wxSize size = GetClientSize();
            dc.SetPen(
                wxPen(theme().colour(HasFocus() ? Theme::Ink::Accent : Theme::Ink::Line), HasFocus() ? FromDIP(2) : 1));
            dc.SetBrush(wxBrush(theme().colour(Theme::Ink::Base)));
            dc.DrawRectangle(0, 0, size.x, size.y);
            if (mark_ == Mark::None) return;
            dc.SetPen(*wxTRANSPARENT_PEN);
            dc.SetBrush(wxBrush(theme().colour(mark_)));
            dc.DrawRectangle(0, 0, FromDIP(4), size.y);
        });
        const auto redraw = [this](wxEvent& event) {
            event.Skip();
            Refresh();
        };
        Bind(wxEVT_SIZE, redraw);
        Bind(wxEVT_SET_FOCUS, redraw);
        Bind(wxEVT_KILL_FOCUS, redraw);
    }

private:
    Mark mark_;
};

wxStaticText* mutedText(wxWindow* parent, const wxString& label) {
    auto* text = new wxStaticText(parent, wxID_ANY, label);
    theme().watch(text, [text] { text->SetForegroundColour(theme().colour(Theme::Ink::Muted)); });
    return text;
}

}  // namespace

wxWindow* createOverviewPage(wxWindow* parent, AppContext& app) {
    return new OverviewPage(parent, app);
}

OverviewPage::OverviewPage(wxWindow* parent, AppContext& app)
    : PageBase(parent, "page.overview", _("Overview")), app_(app), presenter_(app.overview) {
    scroll_ = new wxScrolledWindow(this, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxVSCROLL | wxTAB_TRAVERSAL,
                                   "overview.scroll");
    scroll_->SetScrollRate(0, FromDIP(8));
    setAccessibleName(scroll_, _("Overview"));
    column_ = new wxBoxSizer(wxVERTICAL);

    auto* headRow = new wxBoxSizer(wxHORIZONTAL);
    headMark_ = new wxStaticBitmap(scroll_, wxID_ANY, markIcon(Mark::Unknown, 24));
    headline_ = new wxStaticText(scroll_, wxID_ANY, {});
    headline_->SetFont(GetFont().Scaled(1.2F));
    headRow->Add(headMark_, wxSizerFlags().CentreVertical());
    headRow->Add(headline_, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(this)));
    column_->Add(headRow, wxSizerFlags().Expand());
    cards_ = new wxBoxSizer(wxVERTICAL);
    column_->Add(cards_, wxSizerFlags().Expand());

    column_->Add(makeHead(_("Now")), wxSizerFlags().Border(wxTOP, gap(this, 3)));
    tileGrid_ = new wxGridSizer(4, wxSize(gap(this), gap(this)));
    column_->Add(tileGrid_, wxSizerFlags().Expand().Border(wxTOP, gap(this)));

    column_->Add(makeHead(_("The last minutes")), wxSizerFlags().Border(wxTOP, gap(this, 3)));
    chartRow_ = new wxBoxSizer(wxHORIZONTAL);
    column_->Add(chartRow_, wxSizerFlags().Expand().Border(wxTOP, gap(this)));

    column_->Add(makeHead(_("Where the service listens")), wxSizerFlags().Border(wxTOP, gap(this, 3)));
    listeners_ = new FactList(scroll_, "overview.listeners", _("Where the service listens"));
    column_->Add(listeners_, wxSizerFlags().Expand().Border(wxTOP, gap(this)));
    segmentsHead_ = makeHead(_("Own segments"));
    column_->Add(segmentsHead_, wxSizerFlags().Border(wxTOP, gap(this, 2)));
    interfaces_ = new FactList(scroll_, "overview.interfaces", _("Own segments"));
    column_->Add(interfaces_, wxSizerFlags().Expand().Border(wxTOP | wxBOTTOM, gap(this)));

    scroll_->SetSizer(column_);
    content()->Add(scroll_, wxSizerFlags(1).Expand());
    theme().watch(this, [this] { headMark_->SetBitmap(markIcon(presenter_.headlineMark(), 24)); });
    scroll_->Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        event.Skip();
        arrangeTiles();
    });
    presenter_.onChanged = [this] { update(); };
    presenter_.onProblems = [this] { update(); };
    presenter_.onCharts = [this] { updateCharts(); };
    update();
    updateCharts();
}

OverviewPage::~OverviewPage() {
    presenter_.onChanged = nullptr;
    presenter_.onProblems = nullptr;
    presenter_.onCharts = nullptr;
}

wxStaticText* OverviewPage::makeHead(const wxString& text) {
    auto* head = new wxStaticText(scroll_, wxID_ANY, text);
    head->SetFont(headFont(this));
    return head;
}

void OverviewPage::shown() {
    update();
    updateCharts();
}

void OverviewPage::refresh() {
    presenter_.resync();
}

void OverviewPage::update() {
    const wxString headline = escapedLabel(toWx(presenter_.headline()));
    if (headline_->GetLabel() != headline) headline_->SetLabel(headline);
    headMark_->SetBitmap(markIcon(presenter_.headlineMark(), 24));
    updateProblems();
    updateFigures();
    const auto put = [](FactList* list, const std::vector<Fact>& facts) {
        list->set(facts);
        const int height = list->GetSizer() ? list->GetSizer()->GetMinSize().y : 0;
        list->SetMinSize(wxSize(-1, std::max(height, 1)));
    };
    put(listeners_, presenter_.listeners());
    const auto interfaces = presenter_.interfaces();
    put(interfaces_, interfaces);
    segmentsHead_->Show(!interfaces.empty());
    interfaces_->Show(!interfaces.empty());
    scroll_->FitInside();
    scroll_->Layout();
}

void OverviewPage::updateProblems() {
    std::vector<std::string> wanted;
    for (const ProblemCard& card : presenter_.problems()) {
        wanted.push_back(card.id + "|" + card.what + "|" + card.why + "|" + card.todo + "|" + card.sinceText + "|" +
                         card.mutedText);
    }
    if (wanted == shownCards_) return;
    shownCards_ = std::move(wanted);
    // A button that has the focus goes with its card: the page takes it, so that Tab continues here.
    const wxWindow* focus = wxWindow::FindFocus();
    const bool hadFocus = focus && focus->GetParent() && dynamic_cast<const Card*>(focus->GetParent());
    cards_->Clear(true);
    for (const ProblemCard& card : presenter_.problems()) {
        cards_->Add(makeCard(card), wxSizerFlags().Expand().Border(wxTOP, gap(this)));
    }
    if (hadFocus) scroll_->SetFocus();
}

wxWindow* OverviewPage::makeCard(const ProblemCard& card) {
    auto* panel = new Card(scroll_, card.isMuted ? Mark::Unknown : card.mark);
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    auto* picture = new wxStaticBitmap(panel, wxID_ANY, markIcon(card.isMuted ? Mark::Unknown : card.mark, 20));
    row->Add(picture, wxSizerFlags().Top().Border(wxALL, gap(this, 2)));
    auto* words = new wxBoxSizer(wxVERTICAL);
    auto* what = new WrapText(panel, toWx(card.what), 480);
    what->SetFont(headFont(this));
    words->Add(what, wxSizerFlags().Expand());
    wxString more = toWx(card.why);
    if (!card.todo.empty()) more += (more.empty() ? "" : "\n") + toWx(card.todo);
    if (!more.empty()) words->Add(new WrapText(panel, more, 480), wxSizerFlags().Expand().Border(wxTOP, halfGap(this)));
    wxString small = toWx(card.severity) + ", " + toWx(card.sinceText);
    if (card.isMuted) small += ", " + toWx(card.mutedText);
    auto* since = mutedText(panel, escapedLabel(small));
    since->SetToolTip(toWx(card.sinceExact));
    words->Add(since, wxSizerFlags().Border(wxTOP, halfGap(this)));
    row->Add(words, wxSizerFlags(1).Expand().Border(wxTOP | wxBOTTOM | wxRIGHT, gap(this, 3) / 2));
    auto* buttons = new wxBoxSizer(wxVERTICAL);
    if (!card.page.empty()) {
        const std::string page = card.page;
        auto* open = iconButton(panel, _("Next step"), "next", _("Open the page where this is put right"));
        open->Bind(wxEVT_BUTTON, [this, page](wxCommandEvent&) { app_.go(page); });
        buttons->Add(open, wxSizerFlags().Expand());
        setAccessibleDescription(open, toWx(card.what));
    }
    auto* quiet = iconButton(panel, _("Mute"), "mute", _("Leave this out of the count for some time"));
    quiet->Enable(app_.session.mayOperate());
    onPress(quiet, [this, quiet, id = card.id, isMuted = card.isMuted] { muteMenu(quiet, id, isMuted); });
    setAccessibleDescription(quiet, toWx(card.what));
    buttons->Add(quiet, wxSizerFlags().Expand().Border(wxTOP, card.page.empty() ? 0 : halfGap(this)));
    row->Add(buttons, wxSizerFlags().CentreVertical().Border(wxALL, gap(this)));
    panel->SetSizer(row);
    setAccessibleName(panel, toWx(card.what));
    return panel;
}

void OverviewPage::muteMenu(wxWindow* button, const std::string& id, bool isMuted) {
    wxMenu menu;
    const auto add = [&](const wxString& label, std::optional<Duration> time) {
        auto* item = menu.Append(wxID_ANY, label);
        // The card of the button may be made anew while the menu is open.
        menu.Bind(
            wxEVT_MENU,
            [this, id, time](wxCommandEvent&) {
                mute(id, time ? std::optional(app_.session.now() + *time) : std::nullopt);
            },
            item->GetId());
    };
    add(_("For an &hour"), 1h);
    add(_("For a &day"), 24h);
    add(_("For a &week"), 24h * 7);
    if (isMuted) add(_("Do &not mute"), std::nullopt);
    button->PopupMenu(&menu, 0, button->GetSize().y);
}

void OverviewPage::mute(const std::string& id, std::optional<TimePoint> until) {
    presenter_.mute(id, until, [alive = life().token(), this](const Result<void>& result) {
        if (!alive.expired() && !result) app_.tell(result.error());
    });
}

OverviewPage::Tile OverviewPage::makeTile() {
    Tile tile{};
    tile.panel = new Card(scroll_, Mark::None);
    auto* column = new wxBoxSizer(wxVERTICAL);
    tile.label = mutedText(tile.panel, {});
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    tile.mark = new wxStaticBitmap(tile.panel, wxID_ANY, markIcon(Mark::Unknown));
    tile.value = new wxStaticText(tile.panel, wxID_ANY, {});
    tile.value->SetFont(GetFont().Scaled(1.25F).Bold());
    row->Add(tile.mark, wxSizerFlags().CentreVertical().Border(wxRIGHT, halfGap(this)));
    row->Add(tile.value, wxSizerFlags(1).CentreVertical());
    column->Add(tile.label, wxSizerFlags().Expand().Border(wxLEFT | wxTOP | wxRIGHT, gap(this)));
    column->Add(row, wxSizerFlags().Expand().Border(wxLEFT | wxBOTTOM | wxRIGHT, gap(this)));
    tile.panel->SetSizer(column);
    const std::size_t at = tiles_.size();
    const auto open = [this, at] {
        if (at < figures_.size() && !figures_[at].page.empty()) app_.go(figures_[at].page);
    };
    for (wxWindow* part : {static_cast<wxWindow*>(tile.panel), static_cast<wxWindow*>(tile.label),
                           static_cast<wxWindow*>(tile.value), static_cast<wxWindow*>(tile.mark)}) {
        part->Bind(wxEVT_LEFT_UP, [open](wxMouseEvent&) { open(); });
    }
    tile.panel->Bind(wxEVT_KEY_DOWN, [open](wxKeyEvent& event) {
        if (event.GetKeyCode() == WXK_RETURN || event.GetKeyCode() == WXK_SPACE) {
            open();
        } else {
            event.Skip();
        }
    });
    return tile;
}

void OverviewPage::updateFigures() {
    figures_ = presenter_.figures();
    while (tiles_.size() < figures_.size()) {
        tiles_.push_back(makeTile());
        tileGrid_->Add(tiles_.back().panel, wxSizerFlags().Expand());
    }
    for (std::size_t at = 0; at < tiles_.size(); ++at) {
        Tile& tile = tiles_[at];
        const bool isUsed = at < figures_.size();
        tile.panel->Show(isUsed);
        if (!isUsed) continue;
        const Figure& figure = figures_[at];
        const auto put = [](wxStaticText* text, const std::string& value) {
            const wxString label = escapedLabel(toWx(value));
            if (text->GetLabel() != label) text->SetLabel(label);
        };
        put(tile.label, figure.label);
        put(tile.value, figure.value);
        tile.mark->Show(figure.mark != Mark::None);
        if (figure.mark != Mark::None) tile.mark->SetBitmap(markIcon(figure.mark));
        const wxString hint = toWx(figure.hint);
        for (wxWindow* part : {static_cast<wxWindow*>(tile.panel), static_cast<wxWindow*>(tile.label),
                               static_cast<wxWindow*>(tile.value)}) {
            if (part->GetToolTipText() != hint) part->SetToolTip(hint);
        }
        tile.panel->SetCursor(figure.page.empty() ? wxNullCursor : wxCursor(wxCURSOR_HAND));
        tile.panel->SetCanFocus(!figure.page.empty());
        setAccessibleName(tile.panel, toWx(figure.label + ": " + figure.value));
        tile.panel->Layout();
    }
    arrangeTiles();
}

void OverviewPage::arrangeTiles() {
    const int columns = std::clamp(scroll_->GetClientSize().x / FromDIP(200), 2, 6);
    if (columns == tileColumns_) return;
    tileColumns_ = columns;
    tileGrid_->SetCols(columns);
    tileGrid_->SetRows(0);
    scroll_->FitInside();
    scroll_->Layout();
}

void OverviewPage::updateCharts() {
    if (!IsShown()) return;
    bool isNew = false;
    for (const ChartSeries& series : presenter_.charts()) {
        LineChart*& chart = charts_[series.key];
        if (!chart) {
            chart = new LineChart(scroll_, toWx("overview.chart." + series.key), toWx(series.label));
            chartRow_->Add(chart, wxSizerFlags(1).Expand().Border(wxLEFT, charts_.size() > 1 ? gap(this) : 0));
            isNew = true;
        }
        std::vector<LineChart::Point> points;
        for (std::size_t at = 0; at < series.values.size(); ++at) {
            points.push_back({static_cast<double>(epochMillis(series.at[at])) / 1000.0, series.values[at]});
        }
        wxString latest;
        wxString left;
        if (!points.empty()) {
            const double last = points.back().value;
            latest = toWx(countText(static_cast<std::uint64_t>(std::max(0.0, std::round(last)))) + " " + series.unit);
            const auto age = Duration(static_cast<std::int64_t>((points.back().at - points.front().at) * 1000));
            left = wxString::Format(_("%s ago"), toWx(durationText(std::chrono::round<std::chrono::seconds>(age))));
        }
        chart->setPoints(std::move(points), left, _("now"), latest);
    }
    if (isNew) {
        scroll_->FitInside();
        scroll_->Layout();
    }
}

}  // namespace causeway::console
