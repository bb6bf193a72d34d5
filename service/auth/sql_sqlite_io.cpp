#include <sqlite3.h>

#include "service/auth/sql_link.h"
#include "service/net/event_loop.h"
#include "shared/base/text.h"

namespace causeway::auth {

namespace {

class SqliteLink final : public SqlLink {
public:
    SqliteLink() = default;
    ~SqliteLink() override { sqlite3_close_v2(database_); }
    SqliteLink(const SqliteLink&) = delete;
    SqliteLink& operator=(const SqliteLink&) = delete;

    SqlMarks marks() const override { return SqlMarks::Question; }

    Result<void> open(const std::string& file) {
        const int outcome =
            sqlite3_open_v2(file.c_str(), &database_, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
        if (outcome == SQLITE_OK) {
            sqlite3_extended_result_codes(database_, 1);
            // Counts steps of the engine, so that a query cannot run beyond its deadline.
            sqlite3_progress_handler(database_, 1000, isTooLate, this);
            return {};
        }
        return Error{Code::NotFound, "The file " + cleanUtf8(file) + " cannot be opened.", said() + ".",
                     "Check its path, and that the user of the service may read it and its folder."};
    }

    Result<std::size_t> ask(const SqlQuestion& question, const std::function<bool(const SqlRow&)>& take,
                            TimePoint deadline) override {
        deadline_ = deadline;
        const auto left = std::max<std::int64_t>(1, (deadline - net::EventLoop::now()).count());
        sqlite3_busy_timeout(database_, static_cast<int>(left));
        sqlite3_stmt* made = nullptr;
        if (const int outcome = sqlite3_prepare_v2(database_, question.text.data(),
                                                   static_cast<int>(question.text.size()), &made, nullptr);
            outcome != SQLITE_OK) {
            return errorOf(outcome);
        }
        const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement{made, sqlite3_finalize};
        if (!made || sqlite3_stmt_readonly(made) == 0) {
            return Error{Code::BadInput, "The query is not one that only reads.", "", "Write a SELECT."};
        }
        for (std::size_t i = 0; i < question.values.size(); ++i) {
            const auto& value = question.values[i];
            sqlite3_bind_text(made, static_cast<int>(i + 1), value.data(), static_cast<int>(value.size()),
                              SQLITE_TRANSIENT);
        }
        std::vector<std::string> columns;
        for (int i = 0; i < sqlite3_column_count(made); ++i)
            columns.push_back(lowerAscii(sqlite3_column_name(made, i)));
        std::size_t count = 0;
        while (true) {
            const int outcome = sqlite3_step(made);
            if (outcome == SQLITE_DONE) return count;
            if (outcome != SQLITE_ROW) return errorOf(outcome);
            SqlRow row{columns, {}};
            for (int i = 0; i < sqlite3_column_count(made); ++i) {
                if (sqlite3_column_type(made, i) == SQLITE_NULL) {
                    row.values.emplace_back();
                    continue;
                }
                const auto* text = sqlite3_column_text(made, i);
                const auto size = static_cast<std::size_t>(sqlite3_column_bytes(made, i));
                if (size > kMostSqlValueBytes) {
                    return Error{Code::TooLong, "The column " + columns[static_cast<std::size_t>(i)] + " is too long.",
                                 "It has more than 64 kB.", "Check the query."};
                }
                row.values.emplace_back(std::string(reinterpret_cast<const char*>(text), size));
            }
            ++count;
            if (!take(row)) return count;
        }
    }

    Result<SqlRights> rights(TimePoint) override {
        return SqlRights{true, false, "The file is opened for reading only."};
    }

private:
    static int isTooLate(void* self) {
        return net::EventLoop::now() >= static_cast<SqliteLink*>(self)->deadline_ ? 1 : 0;
    }
    std::string said() const { return "SQLite says: " + cleanUtf8(sqlite3_errmsg(database_)); }
    Error errorOf(int outcome) const {
        switch (outcome & 0xff) {
            case SQLITE_INTERRUPT:
            case SQLITE_BUSY:
            case SQLITE_LOCKED:
                return Error{Code::Timeout, "The database did not answer in time.", said() + ".",
                             "Check what else writes into the file, and add an index on the name."};
            case SQLITE_CANTOPEN:
            case SQLITE_IOERR:
            case SQLITE_PERM:
                return Error{Code::Unavailable, "The database file cannot be read.", said() + ".",
                             "Check the file, its folder and their rights."};
            case SQLITE_NOTADB:
            case SQLITE_CORRUPT:
                return Error{Code::Unavailable, "The file is no sound SQLite database.", said() + ".",
                             "Check the path."};
            default:
                return Error{Code::BadInput, "The database refuses the query.", said() + ".", "Check the query."};
        }
    }

    sqlite3* database_ = nullptr;
    TimePoint deadline_ = TimePoint::max();
};

}  // namespace

Result<std::unique_ptr<SqlLink>> openSqlite(const SqlPlan& plan, TimePoint) {
    auto link = std::make_unique<SqliteLink>();
    if (auto opened = link->open(plan.file); !opened) return opened.error();
    return std::unique_ptr<SqlLink>(std::move(link));
}

}  // namespace causeway::auth
