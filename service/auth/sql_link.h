#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/secret.h"
#include "shared/base/time.h"

namespace causeway::auth {

/// One row; a missing value is NULL. Column names in lower case.
struct SqlRow {
    const std::vector<std::string>& columns;
    std::vector<std::optional<std::string>> values;

    /// The value of the column of that name; empty if it is missing or NULL.
    std::string named(std::string_view column) const;
};

/// A question with bound values: the text has one mark for each of them.
struct SqlQuestion {
    std::string text;
    std::vector<std::string> values;
};

enum class SqlMarks {
    Question,  ///< ?
    Dollar,    ///< $1, $2 ...
};
/// Each placeholder of the query becomes a mark; nothing of a value ever gets into the text.
SqlQuestion makeQuestion(std::string_view query, SqlMarks marks,
                         const std::function<std::string(std::string_view name)>& valueOf);

/// What is known of the rights of the database account.
struct SqlRights {
    bool isKnown = false;
    bool mayWrite = false;
    std::string text;  ///< what it may do that it should not
};

constexpr std::size_t kMostSqlValueBytes = 64U << 10;

/// A connection to a database. One thread at a time. After Unavailable or Timeout it is of no use any more.
class SqlLink {
public:
    virtual ~SqlLink() = default;
    virtual SqlMarks marks() const = 0;
    /// Gives rows to `take` until it returns false. Errors: BadInput (the database refuses the query), Denied,
    /// Unavailable, Timeout, TooLong (a value over 64 kB).
    virtual Result<std::size_t> ask(const SqlQuestion& question, const std::function<bool(const SqlRow&)>& take,
                                    TimePoint deadline) = 0;
    virtual Result<SqlRights> rights(TimePoint deadline) = 0;

    TimePoint lastUse{};
    bool wasUsedBefore = false;
};

struct SqlPlan {
    std::string engine;  ///< "sqlite", "postgresql", "mariadb", "odbc"
    std::string file;
    std::string host;
    std::uint16_t port = 0;  ///< 0 = the usual one
    std::string database;
    std::string connection;
    std::string login;
    Secret password;
    bool withTls = true;
    std::string caPath;
};

/// Errors: NotFound (no such file or database), Denied (name, password, certificate), Unavailable, Timeout.
Result<std::unique_ptr<SqlLink>> openSqlite(const SqlPlan& plan, TimePoint deadline);
Result<std::unique_ptr<SqlLink>> openPostgresql(const SqlPlan& plan, TimePoint deadline);
Result<std::unique_ptr<SqlLink>> openMariadb(const SqlPlan& plan, TimePoint deadline);
Result<std::unique_ptr<SqlLink>> openOdbc(const SqlPlan& plan, TimePoint deadline);

}  // namespace causeway::auth
