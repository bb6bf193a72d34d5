#include "service/auth/sql_link.h"

#include <algorithm>

#include "shared/model/template_text.h"

namespace causeway::auth {

std::string SqlRow::named(std::string_view column) const {
    const auto at = std::find(columns.begin(), columns.end(), column);
    if (at == columns.end()) return {};
    const auto index = static_cast<std::size_t>(at - columns.begin());
    return index < values.size() ? values[index].value_or("") : std::string{};
}

SqlQuestion makeQuestion(std::string_view query, SqlMarks marks,
                         const std::function<std::string(std::string_view name)>& valueOf) {
    SqlQuestion question;
    question.text = fillTemplate(query, [&](std::string_view name) {
        question.values.push_back(valueOf(name));
        return marks == SqlMarks::Dollar ? "$" + std::to_string(question.values.size()) : std::string("?");
    });
    return question;
}

}  // namespace causeway::auth
