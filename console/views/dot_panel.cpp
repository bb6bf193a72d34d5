#include "console/views/dot_panel.h"

#include <wx/intl.h>
#include <wx/sizer.h>

#include "console/widgets/page_base.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

DotPanel::DotPanel(wxWindow* parent, const wxString& name, const wxString& title, const wxString& proofLabel,
                   Strip strip)
    : wxPanel(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxTAB_TRAVERSAL, name) {
    auto* column = new wxBoxSizer(wxVERTICAL);
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    auto* head = new wxStaticText(this, wxID_ANY, title);
    head->SetFont(headFont(this));
    mark_ = new StatusMark(this, Mark::Unknown, {});
    proof_ = iconButton(this, _("Show proof..."), "proof", _("What was tried, when, and what came back"));
    setAccessibleName(proof_, proofLabel);
    row->Add(head, wxSizerFlags().CentreVertical());
    row->Add(mark_, wxSizerFlags(1).CentreVertical().Border(wxLEFT, gap(this, 2)));
    sentence_ = new WrapText(this, {}, 240);
    times_ = new wxStaticText(this, wxID_ANY, {}, wxDefaultPosition, wxDefaultSize, wxST_ELLIPSIZE_END);
    times_->SetFont(smallFont(this));
    theme().watch(times_, [this] { times_->SetForegroundColour(theme().colour(Theme::Ink::Muted)); });
    column->Add(row, wxSizerFlags().Expand());
    column->Add(sentence_, wxSizerFlags().Expand().Border(wxTOP, halfGap(this)));
    auto* foot = new wxBoxSizer(wxHORIZONTAL);
    foot->Add(times_, wxSizerFlags(1).CentreVertical());
    foot->Add(proof_, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(this)));
    column->Add(foot, wxSizerFlags().Expand().Border(wxTOP, halfGap(this)));
    if (strip == Strip::Shown) {
        strip_ = new DotStrip(this, name + ".strip", wxString::Format(_("%s, the last 24 hours"), title));
        column->Add(strip_, wxSizerFlags().Expand().Border(wxTOP, gap(this)));
    }
    SetSizer(column);
    onPress(proof_, [this] {
        if (onProof) onProof();
    });
}

void DotPanel::set(const DotView& view) {
    mark_->set(view.mark, toWx(view.word));
    mark_->setProof(toWx(view.sentence));
    sentence_->setText(toWx(view.sentence));
    const wxString times = escapedLabel(toWx(view.times));
    if (times_->GetLabel() != times) times_->SetLabel(times);
}

void DotPanel::setStrip(std::vector<StripPart> parts) {
    if (strip_) strip_->set(std::move(parts));
}

}  // namespace causeway::console
