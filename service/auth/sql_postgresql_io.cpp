#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>

#include "service/auth/sql_link.h"
#include "service/net/event_loop.h"
#include "shared/base/text.h"

namespace causeway::auth {

namespace {

constexpr std::size_t kMostRowsKept = 1'000'000;

struct ResultFreer {
    void operator()(PGresult* it) const { PQclear(it); }
};
using ResultPointer = std::unique_ptr<PGresult, ResultFreer>;

Error late() {
    return Error{Code::Timeout, "The PostgreSQL server did not answer in time.", "",
                 "Check whether the server hangs, and add an index on the name."};
}

/// libpq without its blocking calls: each wait is ours and ends at the deadline.
class PostgresqlLink final : public SqlLink {
public:
    PostgresqlLink() = default;
    ~PostgresqlLink() override { PQfinish(connection_); }
    PostgresqlLink(const PostgresqlLink&) = delete;
    PostgresqlLink& operator=(const PostgresqlLink&) = delete;

    SqlMarks marks() const override { return SqlMarks::Dollar; }

    Result<void> open(const SqlPlan& plan, TimePoint deadline) {
        const auto port = std::to_string(plan.port == 0 ? 5432 : plan.port);
        std::vector<const char*> keys{"host",    "port",       "dbname",         "user", "password", "application_name",
                                      "sslmode", "gssencmode", "client_encoding"};
        std::vector<const char*> values{plan.host.c_str(),
                                        port.c_str(),
                                        plan.database.c_str(),
                                        plan.login.c_str(),
                                        plan.password.reveal().c_str(),
                                        "causeway",
                                        plan.withTls ? "verify-full" : "disable",
                                        "disable",
                                        "UTF8"};
        if (plan.withTls && !plan.caPath.empty()) {
            keys.push_back("sslrootcert");
            values.push_back(plan.caPath.c_str());
        }
        keys.push_back(nullptr);
        values.push_back(nullptr);
        connection_ = PQconnectStartParams(keys.data(), values.data(), 0);
        if (!connection_) return Error{Code::Internal, "The PostgreSQL library could not be started.", "", ""};
        auto wanted = PGRES_POLLING_WRITING;
        while (wanted != PGRES_POLLING_OK) {
            if (PQstatus(connection_) == CONNECTION_BAD || wanted == PGRES_POLLING_FAILED) return connectError();
            if (!waitFor(wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline)) return late();
            wanted = PQconnectPoll(connection_);
        }
        PQsetnonblocking(connection_, 1);
        const auto left = std::max<std::int64_t>(100, (deadline - net::EventLoop::now()).count());
        // Whatever the account may do: this connection only reads, and not for longer than a login lasts.
        for (const auto& setting : {std::string("SET default_transaction_read_only = on"),
                                    "SET statement_timeout = " + std::to_string(std::max<std::int64_t>(left, 5000))}) {
            const auto done = ask(
                {setting, {}}, [](const SqlRow&) { return true; }, deadline);
            if (!done) return done.error();
        }
        return {};
    }

    Result<std::size_t> ask(const SqlQuestion& question, const std::function<bool(const SqlRow&)>& take,
                            TimePoint deadline) override {
        std::vector<const char*> values;
        for (const auto& value : question.values) {
            // A NUL cannot be in a text of PostgreSQL, so nothing there can be equal to it.
            if (value.find('\0') != std::string::npos) return std::size_t{0};
            values.push_back(value.c_str());
        }
        if (PQsendQueryParams(connection_, question.text.c_str(), static_cast<int>(values.size()), nullptr,
                              values.data(), nullptr, nullptr, 0) != 1) {
            return lost();
        }
        PQsetSingleRowMode(connection_);
        while (true) {
            const int left = PQflush(connection_);
            if (left == 0) break;
            if (left < 0) return lost();
            if (!waitFor(POLLOUT, deadline)) return late();
        }
        std::size_t count = 0;
        std::vector<std::string> columns;
        std::optional<Error> trouble;
        bool goesOn = true;
        while (true) {
            while (PQisBusy(connection_) != 0) {
                if (!waitFor(POLLIN, deadline)) return late();
                if (PQconsumeInput(connection_) != 1) return lost();
            }
            const ResultPointer result{PQgetResult(connection_)};
            if (!result) break;
            const auto status = PQresultStatus(result.get());
            if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) continue;
            if (status != PGRES_SINGLE_TUPLE) {
                if (!trouble) trouble = queryError(result.get());
                continue;
            }
            if (trouble || !goesOn) {
                if (++count > kMostRowsKept) return lost();
                continue;  // the rest has to be read before the next question
            }
            if (columns.empty()) {
                for (int i = 0; i < PQnfields(result.get()); ++i)
                    columns.push_back(lowerAscii(PQfname(result.get(), i)));
            }
            SqlRow row{columns, {}};
            for (int i = 0; i < PQnfields(result.get()); ++i) {
                if (PQgetisnull(result.get(), 0, i) == 1) {
                    row.values.emplace_back();
                    continue;
                }
                const auto size = static_cast<std::size_t>(PQgetlength(result.get(), 0, i));
                if (size > kMostSqlValueBytes) {
                    trouble =
                        Error{Code::TooLong, "The column " + columns[static_cast<std::size_t>(i)] + " is too long.",
                              "It has more than 64 kB.", "Check the query."};
                    break;
                }
                row.values.emplace_back(std::string(PQgetvalue(result.get(), 0, i), size));
            }
            if (trouble) continue;
            ++count;
            goesOn = take(row);
        }
        if (trouble) return *trouble;
        return count;
    }

    Result<SqlRights> rights(TimePoint deadline) override {
        SqlRights rights;
        std::string names;
        const SqlQuestion question{
            "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r','p') AND n.nspname NOT IN ('pg_catalog','information_schema') "
            "AND has_table_privilege(c.oid, 'INSERT,UPDATE,DELETE,TRUNCATE') LIMIT 3",
            {}};
        const auto count = ask(
            question,
            [&](const SqlRow& row) {
                names += (names.empty() ? "" : ", ") + cleanUtf8(row.values.at(0).value_or(""));
                return true;
            },
            deadline);
        if (!count) return count.error();
        rights.isKnown = true;
        rights.mayWrite = *count > 0;
        rights.text = rights.mayWrite ? "It may write into " + names + "." : "It may only read.";
        return rights;
    }

private:
    bool waitFor(short events, TimePoint deadline) {
        const auto left = (deadline - net::EventLoop::now()).count();
        pollfd watched{PQsocket(connection_), events, 0};
        return left > 0 && watched.fd >= 0 && ::poll(&watched, 1, static_cast<int>(left)) > 0;
    }
    std::string said() const {
        const auto text = trimmed(PQerrorMessage(connection_));
        return "PostgreSQL says: " + cleanUtf8(cutUtf8(text, 400));
    }
    Error lost() {
        return Error{Code::Unavailable, "The connection to the PostgreSQL server broke.", said() + ".",
                     "Check the server's log."};
    }
    Error connectError() {
        const auto text = said();
        const auto lower = lowerAscii(text);
        const auto has = [&](const char* word) { return lower.find(word) != std::string::npos; };
        if (has("certificate") || has("ssl")) {
            return Error{
                Code::Unavailable, "The connection to the PostgreSQL server could not be encrypted.", text + ".",
                "Check the certificate of the server, the trusted certificate here, and ssl in postgresql.conf."};
        }
        if (has("password authentication failed") || has("no pg_hba.conf entry") || has("role")) {
            return Error{Code::Denied, "The PostgreSQL server refused the database account.", text + ".",
                         "Check its name and password, and the line for this machine in pg_hba.conf."};
        }
        if (has("database") && has("does not exist")) {
            return Error{Code::NotFound, "There is no such database.", text + ".", "Check the name of the database."};
        }
        return Error{Code::Unavailable, "The PostgreSQL server cannot be reached.", text + ".",
                     "Check that it runs, its port, and listen_addresses."};
    }
    static Error queryError(const PGresult* result) {
        const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
        const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
        const std::string code = state ? state : "";
        const std::string said =
            "PostgreSQL says: " + cleanUtf8(cutUtf8(message ? message : "", 300)) + " (" + code + ").";
        if (code == "57014") return late();
        if (code == "42501") {
            return Error{Code::Denied, "The database account may not read the table.", said,
                         "Grant it SELECT on the table."};
        }
        if (code.starts_with("57P") || code.starts_with("08")) {
            return Error{Code::Unavailable, "The PostgreSQL server ends the connection.", said, "Check the server."};
        }
        return Error{Code::BadInput, "The database refuses the query.", said, "Check the query."};
    }

    PGconn* connection_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<SqlLink>> openPostgresql(const SqlPlan& plan, TimePoint deadline) {
    auto link = std::make_unique<PostgresqlLink>();
    if (auto opened = link->open(plan, deadline); !opened) return opened.error();
    return std::unique_ptr<SqlLink>(std::move(link));
}

}  // namespace causeway::auth
