#pragma once

#include <wx/notebook.h>
#include <wx/timer.h>

#include "console/presenters/domains_presenter.h"
#include "console/views/dot_panel.h"
#include "console/views/fact_list.h"
#include "console/views/fingerprint_row.h"
#include "console/views/mark_line.h"
#include "console/views/pages.h"
#include "console/views/plain_list.h"
#include "console/widgets/banner.h"
#include "console/widgets/empty_state.h"
#include "console/widgets/filter_box.h"
#include "console/widgets/page_base.h"
#include "console/widgets/status_mark.h"
#include "console/widgets/table_view.h"
#include "console/widgets/thin_splitter.h"

namespace causeway::console {

class ProofDialog;

/// Chat domains with both registration dots; the proof, supernodes, history and facts of the selected one below.
class DomainsPage : public PageBase {
public:
    DomainsPage(wxWindow* parent, AppContext& app);
    ~DomainsPage() override;
    void shown() override;
    void hidden() override;
    wxWindow* firstFocus() override;
    void refresh() override;
    /// The id of a domain, or "new".
    void show(const std::string& part) override;

private:
    wxPanel* makeDetails(wxWindow* parent);
    wxWindow* makeState(wxWindow* parent);
    wxWindow* makeSupernodes(wxWindow* parent);
    wxWindow* makeCertificate(wxWindow* parent);
    void update();
    void updateDetails();
    void updateBanner();
    void updateCertificate();
    void updateProof();
    void selectionChanged();
    void selectWanted();
    void fillMenu(wxMenu& menu);
    void openAssistant();
    void edit();
    void checkNow();
    void switchEnabled();
    void deleteDomain();
    void openAccounts();
    void testLogin();
    void openProof(DotKind kind);
    void editSupernode(SupernodeForm form);
    void removeSupernode();
    Done telling(const wxString& said = {});

    AppContext& app_;
    DomainsPresenter& presenter_;
    Banner* banner_;
    FilterBox* filter_;
    wxButton* new_;
    ThinSplitter* splitter_;
    wxPanel* upper_;
    TableView* table_;
    EmptyState* empty_;
    wxPanel* details_ = nullptr;
    wxStaticText* name_ = nullptr;
    wxButton* edit_ = nullptr;
    wxButton* check_ = nullptr;
    wxButton* accounts_ = nullptr;
    wxButton* test_ = nullptr;
    wxButton* enable_ = nullptr;
    wxButton* delete_ = nullptr;
    wxNotebook* book_ = nullptr;
    DotPanel* directory_ = nullptr;
    DotPanel* supernode_ = nullptr;
    StatusMark* login_ = nullptr;
    PlainList* nodes_ = nullptr;
    wxButton* addNode_ = nullptr;
    wxButton* editNode_ = nullptr;
    wxButton* removeNode_ = nullptr;
    MarkLine* certificateLine_ = nullptr;
    FactList* certificateFacts_ = nullptr;
    FingerprintRow* fingerprint_ = nullptr;
    WrapText* forClients_ = nullptr;
    std::size_t certificatePage_ = 0;
    PlainList* history_ = nullptr;
    FactList* facts_ = nullptr;
    wxTimer timer_;
    wxString bannerText_;
    std::optional<std::uint64_t> wanted_;
    ProofDialog* proof_ = nullptr;
    DotKind proofKind_ = DotKind::Directory;
};

}  // namespace causeway::console
