#include <sql.h>
#include <sqlext.h>

#include <algorithm>
#include <cstdint>

#include "service/auth/sql_link.h"
#include "service/net/event_loop.h"
#include "shared/base/text.h"

namespace causeway::auth {

namespace {

SQLULEN secondsUntil(TimePoint deadline) {
    const auto left = (deadline - net::EventLoop::now()).count();
    return static_cast<SQLULEN>(std::max<std::int64_t>(1, (left + 999) / 1000));
}

SQLPOINTER numberOption(SQLULEN value) {
    return reinterpret_cast<SQLPOINTER>(static_cast<std::uintptr_t>(value));  // NOLINT: how ODBC passes numbers
}

SQLCHAR* bytesOf(std::string& text) {
    return reinterpret_cast<SQLCHAR*>(text.data());
}

bool isFine(SQLRETURN outcome) {
    return SQL_SUCCEEDED(outcome);
}

/// "{...}" with closing braces doubled: how a connection text carries any value.
std::string braced(const std::string& value) {
    std::string out = "{";
    for (const char c : value) {
        if (c == '}') out += '}';
        out += c;
    }
    return out + "}";
}

class OdbcLink final : public SqlLink {
public:
    OdbcLink() = default;
    ~OdbcLink() override {
        if (connection_ != SQL_NULL_HDBC) {
            if (isConnected_) SQLDisconnect(connection_);
            SQLFreeHandle(SQL_HANDLE_DBC, connection_);
        }
        if (environment_ != SQL_NULL_HENV) SQLFreeHandle(SQL_HANDLE_ENV, environment_);
    }
    OdbcLink(const OdbcLink&) = delete;
    OdbcLink& operator=(const OdbcLink&) = delete;

    SqlMarks marks() const override { return SqlMarks::Question; }

    Result<void> open(const SqlPlan& plan, TimePoint deadline) {
        if (!isFine(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment_)) ||
            !isFine(SQLSetEnvAttr(environment_, SQL_ATTR_ODBC_VERSION, numberOption(SQL_OV_ODBC3), 0)) ||
            !isFine(SQLAllocHandle(SQL_HANDLE_DBC, environment_, &connection_))) {
            return Error{Code::Internal, "ODBC could not be started.", "", "Check the ODBC packages of this machine."};
        }
        SQLSetConnectAttr(connection_, SQL_ATTR_LOGIN_TIMEOUT, numberOption(secondsUntil(deadline)), 0);
        SQLSetConnectAttr(connection_, SQL_ATTR_CONNECTION_TIMEOUT, numberOption(secondsUntil(deadline)), 0);
        SQLSetConnectAttr(connection_, SQL_ATTR_ACCESS_MODE, numberOption(SQL_MODE_READ_ONLY), 0);
        auto text = std::string(trimmed(plan.connection));
        if (!plan.password.empty()) {
            if (!text.ends_with(';')) text += ';';
            // FreeTDS takes a braced password literally, so braces only where they are needed.
            const auto& password = plan.password.reveal();
            const bool isPlain = password.find_first_of("[]{}(),;?*=!@ ") == std::string::npos;
            text += "PWD=" + (isPlain ? password : braced(password)) + ";";
        }
        const auto outcome =
            SQLDriverConnect(connection_, nullptr, bytesOf(text), static_cast<SQLSMALLINT>(text.size()), nullptr, 0,
                             nullptr, SQL_DRIVER_NOPROMPT);
        const Secret wiped{std::move(text)};
        if (!isFine(outcome)) return connectError();
        isConnected_ = true;
        return {};
    }

    Result<std::size_t> ask(const SqlQuestion& question, const std::function<bool(const SqlRow&)>& take,
                            TimePoint deadline) override {
        SQLHSTMT made = SQL_NULL_HSTMT;
        if (!isFine(SQLAllocHandle(SQL_HANDLE_STMT, connection_, &made)))
            return errorOf(SQL_HANDLE_DBC, connection_, deadline);
        const std::unique_ptr<void, void (*)(void*)> statement{
            made, [](void* handle) { SQLFreeHandle(SQL_HANDLE_STMT, handle); }};
        SQLSetStmtAttr(made, SQL_ATTR_QUERY_TIMEOUT, numberOption(secondsUntil(deadline)), 0);
        auto text = question.text;
        auto values = question.values;
        std::vector<SQLLEN> sizes(values.size());
        if (!isFine(SQLPrepare(made, bytesOf(text), static_cast<SQLINTEGER>(text.size())))) {
            return errorOf(SQL_HANDLE_STMT, made, deadline);
        }
        for (std::size_t i = 0; i < values.size(); ++i) {
            sizes[i] = static_cast<SQLLEN>(values[i].size());
            const auto width = std::max<SQLULEN>(1, values[i].size());
            if (!isFine(SQLBindParameter(made, static_cast<SQLUSMALLINT>(i + 1), SQL_PARAM_INPUT, SQL_C_CHAR,
                                         SQL_VARCHAR, width, 0, values[i].data(), static_cast<SQLLEN>(values[i].size()),
                                         &sizes[i]))) {
                return errorOf(SQL_HANDLE_STMT, made, deadline);
            }
        }
        const auto done = SQLExecute(made);
        if (!isFine(done) && done != SQL_NO_DATA) return errorOf(SQL_HANDLE_STMT, made, deadline);
        return readRows(made, take, deadline);
    }

    Result<SqlRights> rights(TimePoint) override {
        return SqlRights{false, false, "ODBC has no question for the rights of an account."};
    }

private:
    Result<std::size_t> readRows(SQLHSTMT statement, const std::function<bool(const SqlRow&)>& take,
                                 TimePoint deadline) {
        SQLSMALLINT fields = 0;
        if (!isFine(SQLNumResultCols(statement, &fields)) || fields <= 0) {
            return Error{Code::BadInput, "The query gives no rows.", "", "Write a SELECT."};
        }
        std::vector<std::string> columns;
        for (SQLSMALLINT i = 1; i <= fields; ++i) {
            SQLCHAR name[256] = {};
            SQLSMALLINT size = 0;
            SQLDescribeCol(statement, static_cast<SQLUSMALLINT>(i), name, sizeof name, &size, nullptr, nullptr, nullptr,
                           nullptr);
            columns.push_back(lowerAscii(reinterpret_cast<const char*>(name)));
        }
        std::size_t count = 0;
        while (true) {
            const auto outcome = SQLFetch(statement);
            if (outcome == SQL_NO_DATA) return count;
            if (!isFine(outcome)) return errorOf(SQL_HANDLE_STMT, statement, deadline);
            SqlRow row{columns, {}};
            for (SQLSMALLINT i = 1; i <= fields; ++i) {
                auto value = readValue(statement, static_cast<SQLUSMALLINT>(i), deadline);
                if (!value) return value.error();
                row.values.push_back(std::move(*value));
            }
            ++count;
            if (!take(row)) return count;
        }
    }

    Result<std::optional<std::string>> readValue(SQLHSTMT statement, SQLUSMALLINT column, TimePoint deadline) {
        std::string value;
        while (true) {
            char room[4096] = {};
            SQLLEN size = 0;
            const auto outcome = SQLGetData(statement, column, SQL_C_CHAR, room, sizeof room, &size);
            if (outcome == SQL_NO_DATA) return std::optional<std::string>(value);
            if (!isFine(outcome)) return errorOf(SQL_HANDLE_STMT, statement, deadline);
            if (size == SQL_NULL_DATA) return std::optional<std::string>{};
            const bool isCut =
                outcome == SQL_SUCCESS_WITH_INFO && (size == SQL_NO_TOTAL || size >= static_cast<SQLLEN>(sizeof room));
            value.append(room, isCut ? sizeof room - 1 : static_cast<std::size_t>(std::max<SQLLEN>(0, size)));
            if (value.size() > kMostSqlValueBytes) {
                return Error{Code::TooLong, "A column is too long.", "It has more than 64 kB.", "Check the query."};
            }
            if (!isCut) return std::optional<std::string>(value);
        }
    }

    struct Diagnosis {
        std::string state;
        std::string text;
    };
    static Diagnosis diagnosisOf(SQLSMALLINT kind, SQLHANDLE handle) {
        SQLCHAR state[6] = {};
        SQLCHAR message[1024] = {};
        SQLINTEGER native = 0;
        SQLSMALLINT size = 0;
        SQLGetDiagRec(kind, handle, 1, state, &native, message, sizeof message, &size);
        return {reinterpret_cast<const char*>(state),
                "The ODBC driver says: " + cleanUtf8(cutUtf8(reinterpret_cast<const char*>(message), 300)) + "."};
    }
    Error connectError() const {
        const auto found = diagnosisOf(SQL_HANDLE_DBC, connection_);
        if (found.state == "28000") {
            return Error{Code::Denied, "The database refused the account.", found.text, "Check UID and the password."};
        }
        if (found.state == "IM002" || found.state == "IM003" || found.state == "01000") {
            return Error{Code::NotFound, "The ODBC driver cannot be loaded.", found.text,
                         "Check DRIVER= against the names that \"odbcinst -q -d\" lists."};
        }
        if (found.state.starts_with("HYT")) {
            return Error{Code::Timeout, "The database did not answer in time.", found.text,
                         "Check whether the server hangs, and that it is a database that speaks the language of the "
                         "driver."};
        }
        return Error{Code::Unavailable, "The database cannot be reached.", found.text,
                     "Check the server, the port and the other words of the connection text."};
    }
    static Error errorOf(SQLSMALLINT kind, SQLHANDLE handle, TimePoint deadline) {
        const auto found = diagnosisOf(kind, handle);
        if (found.state.starts_with("HYT") || net::EventLoop::now() >= deadline) {
            return Error{Code::Timeout, "The database did not answer in time.", found.text,
                         "Check whether the server hangs."};
        }
        if (found.state.starts_with("08")) {
            return Error{Code::Unavailable, "The connection to the database broke.", found.text,
                         "Check the server's log."};
        }
        return Error{Code::BadInput, "The database refuses the query.", found.text,
                     "Check the query, and the rights of the account."};
    }

    SQLHENV environment_ = SQL_NULL_HENV;
    SQLHDBC connection_ = SQL_NULL_HDBC;
    bool isConnected_ = false;
};

}  // namespace

Result<std::unique_ptr<SqlLink>> openOdbc(const SqlPlan& plan, TimePoint deadline) {
    auto link = std::make_unique<OdbcLink>();
    if (auto opened = link->open(plan, deadline); !opened) return opened.error();
    return std::unique_ptr<SqlLink>(std::move(link));
}

}  // namespace causeway::auth
