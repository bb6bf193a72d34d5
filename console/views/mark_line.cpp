#include "console/views/mark_line.h"

#include <wx/sizer.h>

#include "console/widgets/icons.h"
#include "console/widgets/page_base.h"
#include "console/widgets/strings.h"

namespace causeway::console {

MarkLine::MarkLine(wxWindow* parent, int firstWidth) : wxPanel(parent) {
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    picture_ = new wxStaticBitmap(this, wxID_ANY, markIcon(Mark::Unknown));
    text_ = new WrapText(this, {}, firstWidth);
    row->Add(picture_, wxSizerFlags().Border(wxRIGHT, gap(this)));
    row->Add(text_, wxSizerFlags(1).Expand());
    SetSizer(row);
}

void MarkLine::set(const LoginLine& line) {
    if (mark_ != line.mark) {
        mark_ = line.mark;
        picture_->SetBitmap(markIcon(line.mark));
    }
    picture_->Show(line.mark != Mark::None);
    text_->setText(toWx(line.text));
    Layout();
}

}  // namespace causeway::console
