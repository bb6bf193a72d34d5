#include "service/store/database.h"

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/SQLiteException.h>
#include <Poco/Data/SQLite/Utility.h>

#include <exception>
#include <mutex>

namespace causeway::store {

namespace {

namespace sqlite = Poco::Data::SQLite;

Poco::Data::Session openSession(const std::string& path) {
    static std::once_flag registered;
    std::call_once(registered, [] { sqlite::Connector::registerConnector(); });
    return {sqlite::Connector::KEY, path};
}

}  // namespace

SqlStatement::SqlStatement(sqlite3* connection, const char* sql) : connection_(connection) {
    check(sqlite3_prepare_v3(connection, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr));
}

SqlStatement::~SqlStatement() {
    sqlite3_finalize(statement_);
}

void SqlStatement::reset() {
    sqlite3_reset(statement_);  // its result repeats the error of the last step, which was thrown already
    sqlite3_clear_bindings(statement_);
}

void SqlStatement::check(int outcome) {
    if (outcome != SQLITE_OK) sqlite::Utility::throwException(connection_, outcome);
}

void SqlStatement::bind(int place, std::string_view value) {
    // An empty view may have no address, which SQLite would take for NULL.
    const char* begin = value.data() == nullptr ? "" : value.data();
    check(sqlite3_bind_text64(statement_, place, begin, value.size(), SQLITE_STATIC, SQLITE_UTF8));
}

bool SqlStatement::next() {
    const int outcome = sqlite3_step(statement_);
    if (outcome == SQLITE_ROW) return true;
    sqlite3_reset(statement_);
    if (outcome != SQLITE_DONE) sqlite::Utility::throwException(connection_, outcome);
    return false;
}

void SqlStatement::run() {
    while (next()) {
    }
}

std::string SqlStatement::text(int column) const {
    const auto* begin = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    if (begin == nullptr) return {};
    return {begin, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<TimePoint> SqlStatement::maybeTime(int column) const {
    if (isNull(column)) return std::nullopt;
    return time(column);
}

std::optional<Duration> SqlStatement::maybeDuration(int column) const {
    if (isNull(column)) return std::nullopt;
    return Duration{number(column)};
}

std::optional<Ip4> SqlStatement::maybeIp(int column) const {
    if (isNull(column)) return std::nullopt;
    return ip(column);
}

Database::Database(const std::string& path, Duration busyPatience)
    : session_(openSession(path)), connection_(sqlite::Utility::dbHandle(session_)) {
    // Poco's default is to wait for a minute.
    sqlite3_busy_timeout(connection_, static_cast<int>(busyPatience.count()));
    execute("PRAGMA foreign_keys=ON");
}

Database::~Database() {
    kept_.clear();  // before the connection that they belong to
}

SqlStatement& Database::prepared(const char* sql) {
    auto& kept = kept_[sql];
    if (!kept) kept = std::make_unique<SqlStatement>(connection_, sql);
    return *kept;
}

void Database::execute(const std::string& script) {
    const int outcome = sqlite3_exec(connection_, script.c_str(), nullptr, nullptr, nullptr);
    if (outcome != SQLITE_OK) sqlite::Utility::throwException(connection_, outcome);
}

std::int64_t Database::number(const std::string& query) {
    SqlStatement statement{connection_, query.c_str()};
    return statement.next() ? statement.number(0) : 0;
}

std::string Database::text(const std::string& query) {
    SqlStatement statement{connection_, query.c_str()};
    return statement.next() ? statement.text(0) : std::string{};
}

void Database::leaveFileAlone() {
    sqlite3_db_config(connection_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

Error errorOfCurrentException(const std::string& what) {
    try {
        throw;
    } catch (const sqlite::DatabaseFullException&) {
        return {Code::Unavailable, what, "The disk with the data folder is full.",
                "Free some space on that disk; the service goes on by itself."};
    } catch (const sqlite::ReadOnlyException&) {
        return {Code::Unavailable, what, "The store file cannot be written.",
                "Give the user of the service write access to the data folder and its files."};
    } catch (const sqlite::CorruptImageException&) {
        return {Code::Corrupt, what, "The store file is damaged.",
                "Stop the service, keep a copy of the data folder, and restore the store from a backup."};
    } catch (const sqlite::IOErrorException& error) {
        return {Code::Unavailable, what, "The disk with the data folder failed: " + error.message() + ".",
                "Look at the free space and the health of that disk; the service goes on by itself."};
    } catch (const sqlite::CantOpenDBFileException&) {
        return {Code::Unavailable, what, "The store file cannot be opened.",
                "Give the user of the service access to the data folder and its files."};
    } catch (const sqlite::DBLockedException&) {
        return {Code::Busy, what, "Another program holds the store file locked.",
                "End the program that has it open, such as an SQLite tool."};
    } catch (const sqlite::TableLockedException&) {
        return {Code::Busy, what, "Another program holds the store file locked.",
                "End the program that has it open, such as an SQLite tool."};
    } catch (const sqlite::ConstraintViolationException& error) {
        return {Code::Conflict, what, "It contradicts what is stored: " + error.message() + ".",
                "Choose another name."};
    } catch (const Poco::Exception& error) {
        return {Code::Unavailable, what, "The store answered: " + error.displayText() + ".",
                "Look at the disk with the data folder. If it is fine, report this text."};
    } catch (const std::exception& error) {
        return {Code::Internal, what, std::string("An error inside the service: ") + error.what() + ".",
                "Please report this text."};
    }
}

FailureKind kindOfCurrentException() {
    try {
        throw;
    } catch (const sqlite::CorruptImageException&) {
        return FailureKind::Damaged;
    } catch (const sqlite::ConstraintViolationException&) {
        return FailureKind::Row;
    } catch (const sqlite::DataTypeMismatchException&) {
        return FailureKind::Row;
    } catch (const sqlite::RowTooBigException&) {
        return FailureKind::Row;
    } catch (const sqlite::InvalidSQLStatementException&) {
        return FailureKind::Row;
    } catch (const sqlite::SQLiteException& error) {
        // Poco has no class of its own for SQLITE_NOTADB; the text is SQLite's.
        return error.message().find("not a database") != std::string::npos ? FailureKind::Damaged : FailureKind::Disk;
    } catch (const Poco::Exception&) {
        return FailureKind::Disk;
    } catch (const std::exception&) {
        return FailureKind::Row;
    }
}

}  // namespace causeway::store
