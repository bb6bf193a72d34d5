#include <errmsg.h>
#include <mysql.h>

#include <algorithm>

#include "service/auth/sql_link.h"
#include "service/net/event_loop.h"
#include "service/net/reach.h"
#include "shared/base/text.h"

namespace causeway::auth {

namespace {

/// "SELECT (name, password), UPDATE" -> "SELECT , UPDATE": a right may be given for single columns.
std::string withoutColumns(const std::string& rights) {
    std::string out;
    int depth = 0;
    for (const char c : rights) {
        if (c == '(') ++depth;
        if (depth == 0) out += c;
        if (c == ')') --depth;
    }
    return out;
}

constexpr unsigned kAccessDenied = 1045;
constexpr unsigned kNoDatabase = 1049;
constexpr unsigned kDatabaseDenied = 1044;
constexpr unsigned kTableDenied = 1142;
constexpr unsigned kStatementTimeout = 1969;

unsigned secondsUntil(TimePoint deadline) {
    const auto left = (deadline - net::EventLoop::now()).count();
    return static_cast<unsigned>(std::max<std::int64_t>(1, (left + 999) / 1000));
}

class MariadbLink final : public SqlLink {
public:
    MariadbLink() = default;
    ~MariadbLink() override {
        if (handle_) mysql_close(handle_);
    }
    MariadbLink(const MariadbLink&) = delete;
    MariadbLink& operator=(const MariadbLink&) = delete;

    SqlMarks marks() const override { return SqlMarks::Question; }

    Result<void> open(const SqlPlan& plan, TimePoint deadline) {
        static const int isStarted = mysql_server_init(0, nullptr, nullptr);  // once, before other threads
        if (isStarted == 0) handle_ = mysql_init(nullptr);
        if (!handle_) return Error{Code::Internal, "The MariaDB library could not be started.", "", ""};
        const auto seconds = secondsUntil(deadline);
        const my_bool yes = 1;
        const my_bool no = 0;
        const unsigned off = 0;
        const unsigned tcp = MYSQL_PROTOCOL_TCP;
        mysql_optionsv(handle_, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
        mysql_optionsv(handle_, MYSQL_OPT_READ_TIMEOUT, &seconds);
        mysql_optionsv(handle_, MYSQL_OPT_WRITE_TIMEOUT, &seconds);
        mysql_optionsv(handle_, MYSQL_OPT_RECONNECT, &no);
        mysql_optionsv(handle_, MYSQL_OPT_LOCAL_INFILE, &off);  // a server could ask for our files otherwise
        mysql_optionsv(handle_, MYSQL_OPT_PROTOCOL, &tcp);
        mysql_optionsv(handle_, MYSQL_SET_CHARSET_NAME, "utf8mb4");
        if (plan.withTls) {
            mysql_optionsv(handle_, MYSQL_OPT_SSL_ENFORCE, &yes);
            mysql_optionsv(handle_, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
            if (!plan.caPath.empty()) mysql_optionsv(handle_, MYSQL_OPT_SSL_CA, plan.caPath.c_str());
        } else {
            mysql_optionsv(handle_, MYSQL_OPT_SSL_ENFORCE, &no);
            mysql_optionsv(handle_, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &no);
        }
        if (!mysql_real_connect(handle_, plan.host.c_str(), plan.login.c_str(), plan.password.reveal().c_str(),
                                plan.database.c_str(), plan.port == 0 ? 3306 : plan.port, nullptr, 0)) {
            return connectError();
        }
        // Whatever the account may do: this connection only reads. The limit is MariaDB's; MySQL does not know it.
        const std::string limit = "SET SESSION max_statement_time = " + std::to_string(std::max(seconds, 5U));
        mysql_query(handle_, "SET SESSION TRANSACTION READ ONLY");
        mysql_query(handle_, limit.c_str());
        return {};
    }

    Result<std::size_t> ask(const SqlQuestion& question, const std::function<bool(const SqlRow&)>& take,
                            TimePoint deadline) override {
        const net::WatchedSocket watched{static_cast<int>(mysql_get_socket(handle_)), deadline};
        const std::unique_ptr<MYSQL_STMT, my_bool (*)(MYSQL_STMT*)> statement{mysql_stmt_init(handle_),
                                                                              mysql_stmt_close};
        auto* native = statement.get();
        if (!native) return queryError(nullptr, deadline);
        if (mysql_stmt_prepare(native, question.text.data(), question.text.size()) != 0)
            return queryError(native, deadline);
        if (mysql_stmt_param_count(native) != question.values.size()) {
            return Error{Code::BadInput, "The query has a question mark of its own.", "",
                         "Write values with placeholders."};
        }
        auto values = question.values;
        std::vector<MYSQL_BIND> bound(values.size());
        for (std::size_t i = 0; i < values.size(); ++i) {
            bound[i].buffer_type = MYSQL_TYPE_STRING;
            bound[i].buffer = values[i].data();
            bound[i].buffer_length = static_cast<unsigned long>(values[i].size());
        }
        if (!bound.empty() && mysql_stmt_bind_param(native, bound.data()) != 0) return queryError(native, deadline);
        if (mysql_stmt_execute(native) != 0) return queryError(native, deadline);
        const auto fields = mysql_stmt_field_count(native);
        if (fields == 0) return Error{Code::BadInput, "The query gives no rows.", "", "Write a SELECT."};
        return readRows(native, fields, take, deadline);
    }

    Result<SqlRights> rights(TimePoint deadline) override {
        SqlRights rights;
        const auto count = ask(
            {"SHOW GRANTS", {}},
            [&](const SqlRow& row) {
                const auto grant = row.values.at(0).value_or("");
                const auto on = grant.find(" ON ");
                if (!grant.starts_with("GRANT ") || on == std::string::npos) return true;  // a role
                const auto rightsOnly = withoutColumns(grant.substr(6, on - 6));
                for (const auto word : split(rightsOnly, ',')) {
                    const auto right = trimmed(word);
                    if (right == "USAGE" || right == "SELECT" || right == "SHOW VIEW" || right == "EXECUTE") continue;
                    rights.mayWrite = true;
                    rights.text = "It has the right " + cleanUtf8(right) + ".";
                }
                return true;
            },
            deadline);
        if (!count) return count.error();
        rights.isKnown = true;
        if (!rights.mayWrite) rights.text = "It may only read.";
        return rights;
    }

private:
    Result<std::size_t> readRows(MYSQL_STMT* statement, unsigned fields, const std::function<bool(const SqlRow&)>& take,
                                 TimePoint deadline) {
        std::vector<std::string> columns;
        const std::unique_ptr<MYSQL_RES, void (*)(MYSQL_RES*)> names{mysql_stmt_result_metadata(statement),
                                                                     mysql_free_result};
        for (unsigned i = 0; i < fields && names; ++i)
            columns.push_back(lowerAscii(mysql_fetch_field_direct(names.get(), i)->name));
        std::vector<std::string> rooms(fields, std::string(kMostSqlValueBytes, '\0'));
        std::vector<unsigned long> sizes(fields);
        std::vector<my_bool> nulls(fields);
        std::vector<MYSQL_BIND> bound(fields);
        for (unsigned i = 0; i < fields; ++i) {
            bound[i].buffer_type = MYSQL_TYPE_STRING;
            bound[i].buffer = rooms[i].data();
            bound[i].buffer_length = static_cast<unsigned long>(rooms[i].size());
            bound[i].length = &sizes[i];
            bound[i].is_null = &nulls[i];
        }
        if (mysql_stmt_bind_result(statement, bound.data()) != 0) return queryError(statement, deadline);
        std::size_t count = 0;
        while (true) {
            const int outcome = mysql_stmt_fetch(statement);
            if (outcome == MYSQL_NO_DATA) return count;
            if (outcome != 0 && outcome != MYSQL_DATA_TRUNCATED) return queryError(statement, deadline);
            SqlRow row{columns, {}};
            for (unsigned i = 0; i < fields; ++i) {
                if (nulls[i] != 0) {
                    row.values.emplace_back();
                } else if (sizes[i] > rooms[i].size()) {
                    return Error{Code::TooLong, "The column " + columns[i] + " is too long.", "It has more than 64 kB.",
                                 "Check the query."};
                } else {
                    row.values.emplace_back(rooms[i].substr(0, sizes[i]));
                }
            }
            ++count;
            if (!take(row)) return count;
        }
    }

    static std::string said(const char* text) { return "MariaDB says: " + cleanUtf8(cutUtf8(text, 300)) + "."; }

    Error connectError() const {
        const auto code = mysql_errno(handle_);
        const auto text = said(mysql_error(handle_));
        const auto lower = lowerAscii(text);
        if (code == kAccessDenied || code == kDatabaseDenied) {
            return Error{Code::Denied, "The MariaDB server refused the database account.", text,
                         "Check its name and password, and from which host it may connect."};
        }
        if (code == kNoDatabase) {
            return Error{Code::NotFound, "There is no such database.", text, "Check the name of the database."};
        }
        if (code == CR_SSL_CONNECTION_ERROR || lower.find("tls") != std::string::npos ||
            lower.find("certificate") != std::string::npos) {
            return Error{Code::Unavailable, "The connection to the MariaDB server could not be encrypted.", text,
                         "Check the certificate of the server and the trusted certificate here."};
        }
        return Error{Code::Unavailable, "The MariaDB server cannot be reached.", text,
                     "Check that it runs, its port, and bind-address."};
    }
    Error queryError(MYSQL_STMT* statement, TimePoint deadline) const {
        const auto code = statement ? mysql_stmt_errno(statement) : mysql_errno(handle_);
        const auto text = said(statement ? mysql_stmt_error(statement) : mysql_error(handle_));
        if (code == kStatementTimeout || net::EventLoop::now() >= deadline) {
            return Error{Code::Timeout, "The MariaDB server did not answer in time.", text,
                         "Check whether the server hangs, and add an index on the name."};
        }
        if (code == kTableDenied || code == kDatabaseDenied) {
            return Error{Code::Denied, "The database account may not read the table.", text,
                         "Grant it SELECT on the table."};
        }
        if (code >= CR_MIN_ERROR) {
            return Error{Code::Unavailable, "The connection to the MariaDB server broke.", text,
                         "Check the server's log."};
        }
        return Error{Code::BadInput, "The database refuses the query.", text, "Check the query."};
    }

    MYSQL* handle_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<SqlLink>> openMariadb(const SqlPlan& plan, TimePoint deadline) {
    auto link = std::make_unique<MariadbLink>();
    if (auto opened = link->open(plan, deadline); !opened) return opened.error();
    return std::unique_ptr<SqlLink>(std::move(link));
}

}  // namespace causeway::auth
