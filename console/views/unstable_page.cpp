#include "console/views/unstable_page.h"

#include <wx/datetime.h>
#include <wx/menu.h>

#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

wxWindow* createUnstablePage(wxWindow* parent, AppContext& app) {
    return new UnstablePage(parent, app);
}

UnstablePage::UnstablePage(wxWindow* parent, AppContext& app)
    : PageBase(parent, "page.unstable", _("Unstable users")), app_(app), presenter_(app.unstable) {
    showsIgnored_ = new wxCheckBox(this, wxID_ANY, _("Show i&gnored"));
    addToTitleRow(showsIgnored_);
    filter_ = new FilterBox(this, "unstable.filter", _("Filter unstable users"));
    addToTitleRow(filter_);

    splitter_ = new ThinSplitter(this, "unstable.splitter");
    upper_ = new wxPanel(splitter_);
    auto* upperSizer = new wxBoxSizer(wxVERTICAL);
    table_ = new TableView(upper_, "unstable.table", _("Unstable users"), presenter_.table(), wxDV_ROW_LINES);
    empty_ = new EmptyState(upper_, "unstable", _("Nobody to show"), {});
    upperSizer->Add(table_, wxSizerFlags(1).Expand());
    upperSizer->Add(empty_, wxSizerFlags(1).Expand());
    upper_->SetSizer(upperSizer);
    details_ = makeDetails(splitter_);
    splitter_->SetMinimumPaneSize(FromDIP(140));
    splitter_->SetSashGravity(1.0);
    splitter_->Initialize(upper_);
    details_->Hide();
    content()->Add(splitter_, wxSizerFlags(1).Expand());

    filter_->onFilter = [this](const std::string& text) { presenter_.table().setFilter(text); };
    filter_->onArrowDown = [this] { table_->SetFocus(); };
    showsIgnored_->Bind(wxEVT_CHECKBOX, [this](wxCommandEvent& event) {
        presenter_.table().showIgnored(event.IsChecked());
        update();
    });
    table_->onSelectionChanged = [this] { selectionChanged(); };
    table_->onActivated = [this](std::uint64_t id) { app_.go("users/" + std::to_string(id)); };
    table_->onCountChanged = [this] { update(); };
    table_->onContextMenu = [this](wxMenu& menu) {
        const auto add = [&menu](const wxString& label, std::function<void()> action) {
            auto* item = menu.Append(wxID_ANY, label);
            menu.Bind(
                wxEVT_MENU, [action = std::move(action)](wxCommandEvent&) { action(); }, item->GetId());
            return item;
        };
        add(_("Open in &Users"), [this] {
            if (const auto id = presenter_.selected()) app_.go("users/" + std::to_string(*id));
        });
        add(_("&Trace to him"), [this] {
            if (const auto id = presenter_.selected()) app_.go("trace/to/" + std::to_string(*id));
        });
        for (const auto& [label, howLong] :
             {std::pair{_("Ignore for an &hour"), IgnoreFor::Hour}, std::pair{_("Ignore for a &day"), IgnoreFor::Day},
              std::pair{_("Ignore for a &week"), IgnoreFor::Week}, std::pair{_("Do &not ignore"), IgnoreFor::Stop}}) {
            const IgnoreFor how = howLong;
            add(label, [this, how] { ignore(how); })->Enable(app_.session.mayOperate());
        }
    };
    presenter_.onChanged = [this] { update(); };
    presenter_.onDetails = [this] { updateDetails(); };
    update();
}

UnstablePage::~UnstablePage() {
    presenter_.onChanged = nullptr;
    presenter_.onDetails = nullptr;
}

wxPanel* UnstablePage::makeDetails(wxWindow* parent) {
    auto* panel = new wxPanel(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxTAB_TRAVERSAL, "unstable.details");
    auto* column = new wxBoxSizer(wxVERTICAL);
    auto* titleRow = new wxBoxSizer(wxHORIZONTAL);
    name_ = new wxStaticText(panel, wxID_ANY, {}, wxDefaultPosition, wxDefaultSize, wxST_ELLIPSIZE_END);
    name_->SetFont(GetFont().Scaled(1.15F).Bold());
    titleRow->Add(name_, wxSizerFlags(1).CentreVertical());
    open_ = iconButton(panel, _("Open in Use&rs"), "users", _("Show this user with all facts on the page Users"));
    trace_ = iconButton(panel, _("&Trace"), "trace",
                        _("Find out why somebody does not see him: opens Packet trace with him as To"));
    ignore_ = iconButton(panel, _("Ignore"), "mute", _("Leave this user out of the list for some time"));
    titleRow->Add(open_, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(this)));
    titleRow->Add(trace_, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(this)));
    titleRow->Add(ignore_, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(this)));
    auto* body = new wxBoxSizer(wxHORIZONTAL);
    auto* words = new wxBoxSizer(wxVERTICAL);
    reason_ = new WrapText(panel, {});
    reason_->SetFont(headFont(this));
    explanation_ = new WrapText(panel, {});
    auto* day = new wxStaticText(panel, wxID_ANY, _("The last 24 hours"));
    timeline_ = new Timeline24(panel, "unstable.timeline");
    timelineText_ = new WrapText(panel, {});
    theme().watch(panel, [this, day] {
        day->SetForegroundColour(theme().colour(Theme::Ink::Muted));
        timelineText_->SetForegroundColour(theme().colour(Theme::Ink::Muted));
    });
    words->Add(reason_, wxSizerFlags().Expand());
    words->Add(explanation_, wxSizerFlags().Expand().Border(wxTOP, halfGap(this)));
    words->Add(day, wxSizerFlags().Border(wxTOP, gap(this)));
    words->Add(timeline_, wxSizerFlags().Expand().Border(wxTOP, halfGap(this)));
    words->Add(timelineText_, wxSizerFlags().Expand().Border(wxTOP, halfGap(this)));
    facts_ = new FactList(panel, "unstable.facts", _("Facts"));
    body->Add(words, wxSizerFlags(3).Expand());
    body->AddSpacer(gap(this, 3));
    body->Add(facts_, wxSizerFlags(2).Expand());
    column->Add(titleRow, wxSizerFlags().Expand().Border(wxTOP | wxBOTTOM, gap(this)));
    column->Add(body, wxSizerFlags(1).Expand());
    panel->SetSizer(column);
    open_->Bind(wxEVT_BUTTON, [this](wxCommandEvent&) {
        if (const auto id = presenter_.selected()) app_.go("users/" + std::to_string(*id));
    });
    trace_->Bind(wxEVT_BUTTON, [this](wxCommandEvent&) {
        if (const auto id = presenter_.selected()) app_.go("trace/to/" + std::to_string(*id));
    });
    onPress(ignore_, [this] { ignoreMenu(); });
    return panel;
}

void UnstablePage::shown() {
    update();
    updateDetails();
}

wxWindow* UnstablePage::firstFocus() {
    if (table_->IsShownOnScreen()) return table_;
    return filter_;
}

void UnstablePage::refresh() {
    app_.users.reload();
}

void UnstablePage::update() {
    setSubtitle(presenter_.count() + presenter_.ignoredCount() > 0 ? toWx(presenter_.stateText()) : wxString());
    const bool isEmpty = presenter_.table().rowCount() == 0;
    if (isEmpty) {
        const bool isCalm = presenter_.count() + presenter_.ignoredCount() == 0;
        empty_->set(isCalm ? _("Everybody is stable") : _("Nobody to show"), toWx(presenter_.emptyText()));
    }
    if (empty_->IsShown() == isEmpty && table_->IsShown() != isEmpty) return;
    empty_->Show(isEmpty);
    table_->Show(!isEmpty);
    upper_->Layout();
}

void UnstablePage::selectionChanged() {
    const auto id = table_->selectedId();
    presenter_.select(id);
    if (id.has_value() != splitter_->IsSplit()) {
        if (id) {
            splitter_->SplitHorizontally(upper_, details_, -FromDIP(248));
        } else {
            splitter_->Unsplit(details_);
        }
    }
    updateDetails();
}

void UnstablePage::updateDetails() {
    const auto id = presenter_.selected();
    const auto* row = id ? app_.users.user(*id) : nullptr;
    if (!row || !splitter_->IsSplit()) return;
    name_->SetLabel(escapedLabel(toWx(row->user.displayName())));
    reason_->setText(toWx(presenter_.reasonTitle()));
    explanation_->setText(toWx(presenter_.reasonExplanation()));
    facts_->set(presenter_.details());
    const auto& line = presenter_.timeline();
    const std::time_t now = std::chrono::system_clock::to_time_t(app_.session.now());
    timeline_->setBuckets(line ? line->counts : Timeline24::Buckets{}, wxDateTime(now).GetHour(),
                          line ? toWx(line->text) : wxString());
    timelineText_->setText(line ? toWx(line->text) : _("Loading ..."));
    ignore_->Enable(app_.session.mayOperate());
    details_->Layout();
}

void UnstablePage::ignore(IgnoreFor howLong) {
    const auto id = presenter_.selected();
    if (!id) return;
    presenter_.ignore(*id, howLong, [alive = life().token(), this, howLong](const Result<void>& result) {
        if (alive.expired()) return;
        if (!result) {
            app_.tell(result.error());
        } else {
            app_.say(howLong == IgnoreFor::Stop ? _("The user is watched again.")
                                                : _("The user is ignored for this time."));
        }
    });
}

void UnstablePage::ignoreMenu() {
    wxMenu menu;
    for (const auto& [label, howLong] :
         {std::pair{_("For an &hour"), IgnoreFor::Hour}, std::pair{_("For a &day"), IgnoreFor::Day},
          std::pair{_("For a &week"), IgnoreFor::Week}, std::pair{_("Do &not ignore"), IgnoreFor::Stop}}) {
        const IgnoreFor how = howLong;
        auto* item = menu.Append(wxID_ANY, label);
        menu.Bind(
            wxEVT_MENU, [this, how](wxCommandEvent&) { ignore(how); }, item->GetId());
    }
    ignore_->PopupMenu(&menu, 0, ignore_->GetSize().y);
}

}  // namespace causeway::console
