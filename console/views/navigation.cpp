#include "console/views/navigation.h"

#include "console/views/pages.h"
#include "console/widgets/icons.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

namespace {

enum NavigationColumn : unsigned { Title, Count };

wxString groupTitle(PageGroup group) {
    if (group == PageGroup::Chat) return _("Chat domains");
    return group == PageGroup::Lan ? _("LAN") : _("Server");
}

const char* groupIcon(PageGroup group) {
    if (group == PageGroup::Chat) return "chat";
    return group == PageGroup::Lan ? "network" : "server";
}

}  // namespace

/// Items are pointers to nodes that live as long as the model.
class Navigation::Model : public wxDataViewModel {
public:
    struct Node {
        const PageRow* page = nullptr;  ///< null for a group
        PageGroup group = PageGroup::Top;
        std::string count;
        Mark mark = Mark::None;
    };

    Model() {
        for (const PageGroup group : {PageGroup::Top, PageGroup::Lan, PageGroup::Chat, PageGroup::Server}) {
            if (group != PageGroup::Top) nodes_.push_back(std::make_unique<Node>(Node{nullptr, group, {}, Mark::None}));
            for (const PageRow& row : pageRows()) {
                if (row.group == group) nodes_.push_back(std::make_unique<Node>(Node{&row, group, {}, Mark::None}));
            }
        }
    }

    static Node* nodeOf(const wxDataViewItem& item) { return static_cast<Node*>(item.GetID()); }
    static wxDataViewItem itemOf(Node* node) { return wxDataViewItem(node); }
    Node* find(const std::string& page) const {
        for (const auto& node : nodes_) {
            if (node->page && page == node->page->id) return node.get();
        }
        return nullptr;
    }
    Node* groupNode(PageGroup group) const {
        for (const auto& node : nodes_) {
            if (!node->page && node->group == group) return node.get();
        }
        return nullptr;
    }

    void GetValue(wxVariant& value, const wxDataViewItem& item, unsigned column) const override {
        const Node* node = nodeOf(item);
        if (column == Count) {
            value = toWx(node->count);
            return;
        }
        if (!node->page) {
            // GTK measures the place for pictures at the rows that have none, too: every row has one.
            value << wxDataViewIconText(groupTitle(node->group), icon(groupIcon(node->group), 16, Theme::Ink::Muted));
            return;
        }
        value << wxDataViewIconText(translated(node->page->title), icon(node->page->icon, 16));
    }
    bool SetValue(const wxVariant&, const wxDataViewItem&, unsigned) override { return false; }
    bool GetAttr(const wxDataViewItem& item, unsigned column, wxDataViewItemAttr& attr) const override {
        const Node* node = nodeOf(item);
        if (!node->page) {
            attr.SetBold(true);
            attr.SetColour(theme().colour(Theme::Ink::Muted));
            return true;
        }
        if (column == Count) {
            attr.SetColour(theme().colour(node->mark == Mark::None ? Theme::Ink::Muted : Theme::Ink::Text));
            if (node->mark == Mark::Broken) attr.SetBold(true);
            return true;
        }
        return false;
    }
    wxDataViewItem GetParent(const wxDataViewItem& item) const override {
        const Node* node = item.IsOk() ? nodeOf(item) : nullptr;
        if (!node || !node->page || node->group == PageGroup::Top) return {};
        return itemOf(groupNode(node->group));
    }
    bool IsContainer(const wxDataViewItem& item) const override { return !item.IsOk() || !nodeOf(item)->page; }
    bool HasContainerColumns(const wxDataViewItem&) const override { return true; }
    unsigned GetChildren(const wxDataViewItem& parent, wxDataViewItemArray& children) const override {
        for (const auto& node : nodes_) {
            const bool isTop = !node->page || node->group == PageGroup::Top;
            if (parent.IsOk() ? (node->page && node->group == nodeOf(parent)->group) : isTop) {
                children.push_back(itemOf(node.get()));
            }
        }
        return static_cast<unsigned>(children.size());
    }

private:
    std::vector<std::unique_ptr<Node>> nodes_;
};

Navigation::Navigation(wxWindow* parent)
    : wxDataViewCtrl(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxDV_SINGLE | wxDV_NO_HEADER | wxBORDER_NONE,
                     wxDefaultValidator, "navigation"),
      model_(new Model) {
    AssociateModel(model_.get());
    auto* title =
        new wxDataViewColumn(_("Page"), new wxDataViewIconTextRenderer(), Title, FromDIP(172), wxALIGN_LEFT, 0);
    auto* count =
        new wxDataViewColumn(_("Count"), new wxDataViewTextRenderer("string", wxDATAVIEW_CELL_INERT, wxALIGN_RIGHT),
                             Count, FromDIP(56), wxALIGN_RIGHT, 0);
    AppendColumn(title);
    AppendColumn(count);
    SetExpanderColumn(title);
    SetIndent(0);
    for (const PageGroup group : {PageGroup::Lan, PageGroup::Chat, PageGroup::Server})
        Expand(Model::itemOf(model_->groupNode(group)));
    SetMinSize(FromDIP(wxSize(180, 200)));
    setAccessibleName(this, _("Pages"));

    Bind(wxEVT_DATAVIEW_SELECTION_CHANGED, [this](wxDataViewEvent&) {
        const wxDataViewItem item = GetSelection();
        if (!item.IsOk()) return;
        const auto* node = Model::nodeOf(item);
        if (!node->page) {
            // A group is no page: the mark goes back to the one that is shown.
            CallAfter([this] { choose(chosen_); });
            return;
        }
        if (chosen_ == node->page->id) return;
        if (onChosen) onChosen(node->page->id);
    });
    Bind(wxEVT_DATAVIEW_ITEM_COLLAPSING, [](wxDataViewEvent& event) { event.Veto(); });
}

void Navigation::choose(const std::string& page) {
    chosen_ = page;
    if (auto* node = model_->find(page)) {
        const wxDataViewItem item = Model::itemOf(node);
        if (GetSelection() != item) Select(item);
        SetCurrentItem(item);
    }
}

void Navigation::setCount(const std::string& page, const std::string& count, Mark mark) {
    auto* node = model_->find(page);
    if (!node || (node->count == count && node->mark == mark)) return;
    node->count = count;
    node->mark = mark;
    model_->ItemChanged(Model::itemOf(node));
}

}  // namespace causeway::console
