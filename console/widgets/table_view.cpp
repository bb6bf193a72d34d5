#include "console/widgets/table_view.h"

#include <algorithm>
#include <chrono>

#include <wx/clipbrd.h>
#include <wx/config.h>
#include <wx/menu.h>

#ifdef __WXGTK__
#include <gtk/gtk.h>
#endif

#include "console/widgets/icons.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

namespace {

constexpr unsigned kFewRows = 256;
constexpr unsigned kRowsAtOnce = 16;
constexpr auto kGrowFor = std::chrono::milliseconds(6);
/// A drawing of all rows that show takes 20 to 30 ms.
constexpr auto kDrawEvery = std::chrono::milliseconds(100);
/// wx's own drawing of everything, of which only the rows far below are new.
constexpr auto kDrawAllEvery = std::chrono::milliseconds(500);

}  // namespace

/// Rows by index, texts on demand: nothing is copied out of the table but what is on the screen.
class TableView::Model : public wxDataViewVirtualListModel {
public:
    explicit Model(const Table& table)
        : wxDataViewVirtualListModel(std::min(static_cast<unsigned>(table.rowCount()), kFewRows)), table_(table) {}

    void GetValueByRow(wxVariant& value, unsigned row, unsigned column) const override {
        if (row >= table_.rowCount() || column >= table_.columns().size()) return;
        const wxString text = toWx(table_.cell(row, column));
        if (!table_.columns()[column].hasMark) {
            value = text;
            return;
        }
        const Mark mark = table_.mark(row, column);
        value << wxDataViewIconText(text, mark == Mark::None ? wxBitmapBundle() : markIcon(mark));
    }
    bool SetValueByRow(const wxVariant&, unsigned, unsigned) override { return false; }
    bool GetAttrByRow(unsigned row, unsigned, wxDataViewItemAttr& attr) const override {
        if (row >= table_.rowCount() || !table_.isFresh(row)) return false;
        attr.SetBackgroundColour(theme().colour(Theme::Ink::Fresh));
        return true;
    }

private:
    const Table& table_;
};

TableView::TableView(wxWindow* parent, const wxString& name, const wxString& accessibleName, Table& table, long style)
    : wxDataViewCtrl(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, style, wxDefaultValidator, name),
      table_(table),
      name_(name),
      model_(new Model(table)),
      fade_(this),
      draw_(this, wxWindow::NewControlId()) {
    AssociateModel(model_.get());
    buildColumns();
    setAccessibleName(this, accessibleName);
    table_.onRowsChanged = [this] { rowsChanged(); };
    table_.onReset = [this] { tableReset(); };

    Bind(wxEVT_DATAVIEW_COLUMN_HEADER_CLICK, [this](wxDataViewEvent& event) {
        if (auto* column = event.GetDataViewColumn()) sortBy(column->GetModelColumn());
    });
    Bind(wxEVT_DATAVIEW_COLUMN_HEADER_RIGHT_CLICK, [this](wxDataViewEvent&) {
        wxMenu menu;
        appendColumnsMenu(menu);
        PopupMenu(&menu);
    });
    Bind(wxEVT_DATAVIEW_SELECTION_CHANGED, [this](wxDataViewEvent&) {
        if (isRestoring_) return;
        selected_ = selectedIds();
        if (onSelectionChanged) onSelectionChanged();
    });
    Bind(wxEVT_DATAVIEW_ITEM_ACTIVATED, [this](wxDataViewEvent& event) {
        const unsigned row = model_->GetRow(event.GetItem());
        if (onActivated && row < table_.rowCount()) onActivated(table_.idAt(row));
    });
    Bind(wxEVT_DATAVIEW_ITEM_CONTEXT_MENU, &TableView::onContext, this);
    Bind(wxEVT_CHAR_HOOK, [this](wxKeyEvent& event) {
        if (event.GetKeyCode() == 'C' && event.GetModifiers() == wxMOD_CONTROL) {
            copySelection();
        } else if (event.GetKeyCode() == 'A' && event.GetModifiers() == wxMOD_CONTROL && HasFlag(wxDV_MULTIPLE)) {
            growTo(static_cast<unsigned>(table_.rowCount()));
            SelectAll();
            selected_ = selectedIds();
            if (onSelectionChanged) onSelectionChanged();
        } else {
            event.Skip();
        }
    });
    Bind(wxEVT_IDLE, [this](wxIdleEvent& event) {
        event.Skip();
        keepPlace();
        // One more turn after the last portion: it draws.
        const bool wasGrowing = isGrowing();
        if (growSome() || wasGrowing) event.RequestMore();
    });
    Bind(
        wxEVT_TIMER, [this](wxTimerEvent&) { refreshVisible(); }, fade_.GetId());
    Bind(
        wxEVT_TIMER, [this](wxTimerEvent&) { refreshVisible(); }, draw_.GetId());
    Bind(wxEVT_SYS_COLOUR_CHANGED, [this](wxSysColourChangedEvent& event) {
        event.Skip();
        Refresh();
    });
}

TableView::~TableView() {
    remember();
    table_.onRowsChanged = nullptr;
    table_.onReset = nullptr;
}

void TableView::buildColumns() {
    const auto& columns = table_.columns();
    std::vector<std::size_t> order;
    if (auto* config = wxConfigBase::Get(false)) {
        wxString saved;
        if (config->Read(configPath() + "order", &saved)) {
            for (const wxString& key : wxSplit(saved, ',')) {
                for (std::size_t at = 0; at < columns.size(); ++at) {
                    if (toWx(columns[at].key) == key) order.push_back(at);
                }
            }
        }
    }
    for (std::size_t at = 0; at < columns.size(); ++at) {
        if (std::find(order.begin(), order.end(), at) == order.end()) order.push_back(at);
    }
    for (const std::size_t at : order) {
        const Column& column = columns[at];
        wxDataViewRenderer* renderer = nullptr;
        if (column.hasMark) {
            renderer = new wxDataViewIconTextRenderer();
        } else {
            renderer = new wxDataViewTextRenderer("string", wxDATAVIEW_CELL_INERT,
                                                  column.isRightAligned ? wxALIGN_RIGHT : wxALIGN_LEFT);
            renderer->EnableEllipsize(wxELLIPSIZE_END);
        }
        long width = column.width;
        bool isShown = column.isShownFirst;
        if (auto* config = wxConfigBase::Get(false)) {
            width = config->ReadLong(configPath() + "width." + toWx(column.key), width);
            isShown = config->ReadBool(configPath() + "shown." + toWx(column.key), isShown);
        }
        const int flags = wxDATAVIEW_COL_RESIZABLE | wxDATAVIEW_COL_REORDERABLE | (isShown ? 0 : wxDATAVIEW_COL_HIDDEN);
        auto* made = new wxDataViewColumn(translated(column.title), renderer, static_cast<unsigned>(at),
                                          FromDIP(static_cast<int>(std::clamp(width, 24L, 2000L))),
                                          column.isRightAligned ? wxALIGN_RIGHT : wxALIGN_LEFT, flags);
        AppendColumn(made);
    }
    showSortMark();
}

void TableView::showSortMark() {
    for (unsigned at = 0; at < GetColumnCount(); ++at) {
        wxDataViewColumn* column = GetColumn(at);
        const bool isSorted = column->GetModelColumn() == table_.sortColumn();
#ifdef __WXGTK__
        // Only the arrow: wx's own sorting would order the rows again, which the presenter has done.
        auto* native = GTK_TREE_VIEW_COLUMN(column->GetGtkHandle());
        gtk_tree_view_column_set_sort_indicator(native, isSorted);
        gtk_tree_view_column_set_sort_order(native, table_.isAscending() ? GTK_SORT_ASCENDING : GTK_SORT_DESCENDING);
#else
        if (isSorted) {
            column->SetSortOrder(table_.isAscending());
        } else if (column->IsSortKey()) {
            column->UnsetAsSortKey();
        }
#endif
    }
}

void TableView::sortBy(std::size_t column) {
    const bool isAscending = table_.sortColumn() == column ? !table_.isAscending() : true;
    const bool hadSelection = !selected_.empty();
    top_.reset();
    table_.sortBy(column, isAscending);
    showSortMark();
    if (hadSelection) {
        if (const auto row = table_.rowOf(selected_.front())) {
            growTo(static_cast<unsigned>(*row) + 1);
            EnsureVisible(model_->GetItem(static_cast<unsigned>(*row)));
        }
    } else if (table_.rowCount() > 0) {
        EnsureVisible(model_->GetItem(0));
    }
}

void TableView::keepPlace() {
    // Remembered while nothing changes, because after a change the row no longer tells which id it was.
    const wxDataViewItem item = table_.rowCount() > 0 ? GetTopItem() : wxDataViewItem();
    const unsigned row = item.IsOk() ? model_->GetRow(item) : 0;
    if (row > 0 && row < table_.rowCount()) {
        top_ = table_.idAt(row);
    } else {
        top_.reset();
    }
}

void TableView::rowsChanged() {
    if (hasPendingChange_) return;
    hasPendingChange_ = true;
    // Several changes of one batch of events make one drawing.
    wxTheApp->CallAfter([this, alive = life_.token()] {
        if (alive.expired()) return;
        hasPendingChange_ = false;
        refreshVisible();
    });
}

void TableView::refreshSoon() {
    if (draw_.IsRunning()) return;
    const auto since = std::chrono::steady_clock::now() - refreshedAt_;
    if (since >= kDrawEvery) {
        refreshVisible();
    } else {
        const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(kDrawEvery - since);
        draw_.StartOnce(static_cast<int>(rest.count()) + 1);
    }
}

void TableView::refreshVisible() {
    refreshedAt_ = std::chrono::steady_clock::now();
    if (!IsShownOnScreen() || table_.rowCount() == 0) return;
    const wxDataViewItem top = GetTopItem();
    if (!top.IsOk()) return;
    const unsigned first = model_->GetRow(top);
    const auto count = std::min(static_cast<unsigned>(table_.rowCount()), model_->GetCount());
    const unsigned last = std::min(count, first + static_cast<unsigned>(std::max(GetCountPerPage(), 1)) + 2);
    bool isAnyFresh = false;
    for (unsigned row = first; row < last; ++row) {
        model_->RowChanged(row);
        isAnyFresh = isAnyFresh || table_.isFresh(row);
    }
    if (isAnyFresh) fade_.StartOnce(1000);
}

void TableView::tableReset() {
    const auto before = model_->GetCount();
    const auto now = static_cast<unsigned>(table_.rowCount());
    const auto top = top_;
    isRestoring_ = true;
    if (before > now && before - now <= kFewRows) {
        for (unsigned row = before; row > now; --row)
            model_->RowDeleted(row - 1);
    } else if (before > now) {
        UnselectAll();
        model_->Reset(std::min(now, kFewRows));
    }
    growTo(std::min(now, kFewRows));
    refreshSoon();
    restoreSelection();
    if (top) {
        if (const auto row = table_.rowOf(*top)) {
            growTo(static_cast<unsigned>(*row) + kFewRows);
#ifdef __WXGTK__
            // To the top edge, so that what the user reads stays where it is.
            GtkTreePath* path = gtk_tree_path_new_from_indices(static_cast<int>(*row), -1);
            gtk_tree_view_scroll_to_cell(GTK_TREE_VIEW(GtkGetTreeView()), path, nullptr, TRUE, 0.0F, 0.0F);
            gtk_tree_path_free(path);
#else
            EnsureVisible(model_->GetItem(static_cast<unsigned>(*row)));
#endif
        }
    }
    isRestoring_ = false;
    showSortMark();
    if (onCountChanged) onCountChanged();
    if (model_->GetCount() < now) wxWakeUpIdle();
}

void TableView::growTo(unsigned count) {
    count = std::min(count, static_cast<unsigned>(table_.rowCount()));
    while (model_->GetCount() < count)
        model_->RowAppended();
}

bool TableView::isGrowing() const {
    return model_->GetCount() < table_.rowCount();
}

void TableView::OnInternalIdle() {
    const auto now = std::chrono::steady_clock::now();
    if (isGrowing() && now - idledAt_ < kDrawAllEvery) {
        wxWindow::OnInternalIdle();
        return;
    }
    idledAt_ = now;
    wxDataViewCtrl::OnInternalIdle();
}

bool TableView::growSome() {
    const auto count = static_cast<unsigned>(table_.rowCount());
    const auto until = std::chrono::steady_clock::now() + kGrowFor;
    while (model_->GetCount() < count && std::chrono::steady_clock::now() < until)
        growTo(model_->GetCount() + kRowsAtOnce);
    return isGrowing();
}

void TableView::restoreSelection() {
    if (selected_.empty() && !HasSelection()) return;
    wxDataViewItemArray items;
    std::vector<std::uint64_t> kept;
    for (const std::uint64_t id : selected_) {
        if (const auto row = table_.rowOf(id)) {
            growTo(static_cast<unsigned>(*row) + 1);
            items.push_back(model_->GetItem(static_cast<unsigned>(*row)));
            kept.push_back(id);
        }
    }
    UnselectAll();
    if (!items.empty()) {
        if (HasFlag(wxDV_MULTIPLE)) {
            SetSelections(items);
        } else {
            Select(items.front());
        }
    }
    if (kept == selected_) return;
    selected_ = std::move(kept);
    if (onSelectionChanged) onSelectionChanged();
}

std::optional<std::uint64_t> TableView::selectedId() const {
    if (selected_.empty()) return std::nullopt;
    return selected_.front();
}

std::vector<std::uint64_t> TableView::selectedIds() const {
    if (isRestoring_) return selected_;
    wxDataViewItemArray items;
    GetSelections(items);
    std::vector<std::uint64_t> ids;
    ids.reserve(items.size());
    for (const wxDataViewItem& item : items) {
        const unsigned row = model_->GetRow(item);
        if (row < table_.rowCount()) ids.push_back(table_.idAt(row));
    }
    return ids;
}

bool TableView::selectId(std::uint64_t id) {
    const auto row = table_.rowOf(id);
    if (!row) return false;
    growTo(static_cast<unsigned>(*row) + 1);
    const wxDataViewItem item = model_->GetItem(static_cast<unsigned>(*row));
    isRestoring_ = true;
    UnselectAll();
    Select(item);
    SetCurrentItem(item);
    isRestoring_ = false;
    EnsureVisible(item);
    selected_ = {id};
    if (onSelectionChanged) onSelectionChanged();
    return true;
}

void TableView::clearSelection() {
    UnselectAll();
    selected_.clear();
    if (onSelectionChanged) onSelectionChanged();
}

std::vector<wxDataViewColumn*> TableView::shownOrder() const {
    std::vector<wxDataViewColumn*> columns;
    for (unsigned at = 0; at < GetColumnCount(); ++at) {
        if (!GetColumn(at)->IsHidden()) columns.push_back(GetColumn(at));
    }
    std::sort(columns.begin(), columns.end(),
              [this](auto* a, auto* b) { return GetColumnPosition(a) < GetColumnPosition(b); });
    return columns;
}

wxString TableView::asText() const {
    const auto columns = shownOrder();
    wxString text;
    for (const auto* column : columns)
        text += (text.empty() ? "" : "\t") + column->GetTitle();
    text += "\n";
    const auto addRow = [&](std::size_t row) {
        bool isFirst = true;
        for (const auto* column : columns) {
            if (!isFirst) text += "\t";
            text += toWx(table_.cell(row, column->GetModelColumn()));
            isFirst = false;
        }
        text += "\n";
    };
    if (selected_.empty()) {
        for (std::size_t row = 0; row < table_.rowCount(); ++row)
            addRow(row);
        return text;
    }
    for (const std::uint64_t id : selected_) {
        if (const auto row = table_.rowOf(id)) addRow(*row);
    }
    return text;
}

void TableView::copySelection() {
    wxClipboardLocker lock;
    if (!!lock) wxTheClipboard->SetData(new wxTextDataObject(asText()));
}

void TableView::onContext(wxDataViewEvent& event) {
    if (event.GetItem().IsOk() && !IsSelected(event.GetItem())) {
        const unsigned row = model_->GetRow(event.GetItem());
        if (row < table_.rowCount()) selectId(table_.idAt(row));
    }
    wxMenu menu;
    if (!selected_.empty() && onContextMenu) onContextMenu(menu);
    if (menu.GetMenuItemCount() > 0) menu.AppendSeparator();
    auto* copy = menu.Append(wxID_COPY, _("&Copy\tCtrl+C"));
    menu.Bind(
        wxEVT_MENU, [this](wxCommandEvent&) { copySelection(); }, copy->GetId());
    auto* columns = new wxMenu;
    appendColumnsMenu(*columns);
    menu.AppendSubMenu(columns, _("C&olumns and sorting"));
    PopupMenu(&menu);
}

void TableView::appendColumnsMenu(wxMenu& menu) {
    auto* sorting = new wxMenu;
    for (const wxDataViewColumn* column : shownOrder()) {
        const unsigned at = column->GetModelColumn();
        auto* item = sorting->AppendRadioItem(wxID_ANY, escapedLabel(column->GetTitle()));
        if (at == table_.sortColumn()) item->Check();
        sorting->Bind(
            wxEVT_MENU, [this, at](wxCommandEvent&) { sortBy(at); }, item->GetId());
    }
    menu.AppendSubMenu(sorting, _("&Sort by"));
    menu.AppendSeparator();
    for (std::size_t at = 0; at < table_.columns().size(); ++at) {
        auto* item = menu.AppendCheckItem(wxID_ANY, escapedLabel(translated(table_.columns()[at].title)));
        for (unsigned n = 0; n < GetColumnCount(); ++n) {
            if (GetColumn(n)->GetModelColumn() == at) item->Check(!GetColumn(n)->IsHidden());
        }
        if (at == 0) item->Enable(false);  // the first column names the row
        menu.Bind(
            wxEVT_MENU, [this, at, item](wxCommandEvent&) { showColumn(at, item->IsChecked()); }, item->GetId());
    }
}

void TableView::showColumn(std::size_t column, bool isShown) {
    for (unsigned at = 0; at < GetColumnCount(); ++at) {
        if (GetColumn(at)->GetModelColumn() == column) GetColumn(at)->SetHidden(!isShown);
    }
    remember();
}

void TableView::remember() const {
    auto* config = wxConfigBase::Get(false);
    if (!config) return;
    std::vector<wxDataViewColumn*> all;
    for (unsigned at = 0; at < GetColumnCount(); ++at)
        all.push_back(GetColumn(at));
    std::sort(all.begin(), all.end(), [this](auto* a, auto* b) { return GetColumnPosition(a) < GetColumnPosition(b); });
    wxString order;
    for (const auto* column : all) {
        const wxString key = toWx(table_.columns()[column->GetModelColumn()].key);
        order += (order.empty() ? "" : ",") + key;
        config->Write(configPath() + "shown." + key, !column->IsHidden());
        const int width = column->GetWidth();
        if (!column->IsHidden() && width > 0)
            config->Write(configPath() + "width." + key, static_cast<long>(ToDIP(width)));
    }
    config->Write(configPath() + "order", order);
}

}  // namespace causeway::console
