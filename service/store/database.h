#pragma once

#include <Poco/Data/Session.h>
#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "shared/base/ip.h"
#include "shared/base/result.h"
#include "shared/base/time.h"

namespace causeway::store {

/// A kept, prepared statement on the connection of a Poco session: for the tables with many rows, where Poco's own
/// statements cost two to three times as much and cut text at a NUL. Errors: throws Poco::Data::SQLite exceptions.
class SqlStatement {
public:
    SqlStatement(sqlite3* connection, const char* sql);
    ~SqlStatement();
    SqlStatement(const SqlStatement&) = delete;
    SqlStatement& operator=(const SqlStatement&) = delete;

    /// Starts over with these values for ?1, ?2 ...; text must live until the statement has run.
    template <class... Values>
    SqlStatement& with(const Values&... values) {
        reset();
        int place = 0;
        (bind(++place, values), ...);
        return *this;
    }
    bool next();  ///< the next row; false at the end, which also ends the read
    void run();   ///< to the end, rows are not looked at

    std::int64_t number(int column) const { return sqlite3_column_int64(statement_, column); }
    std::uint32_t number32(int column) const { return static_cast<std::uint32_t>(number(column)); }
    bool flag(int column) const { return number(column) != 0; }
    std::string text(int column) const;
    bool isNull(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
    TimePoint time(int column) const { return fromEpochMillis(number(column)); }
    std::optional<TimePoint> maybeTime(int column) const;
    std::optional<Duration> maybeDuration(int column) const;
    std::optional<Ip4> maybeIp(int column) const;
    Ip4 ip(int column) const { return Ip4{number32(column)}; }

private:
    void reset();
    void check(int outcome);
    void bind(int place, std::int64_t value) { check(sqlite3_bind_int64(statement_, place, value)); }
    void bind(int place, std::uint64_t value) { bind(place, static_cast<std::int64_t>(value)); }
    void bind(int place, std::uint32_t value) { bind(place, static_cast<std::int64_t>(value)); }
    void bind(int place, std::uint16_t value) { bind(place, static_cast<std::int64_t>(value)); }
    void bind(int place, int value) { bind(place, static_cast<std::int64_t>(value)); }
    void bind(int place, bool value) { bind(place, static_cast<std::int64_t>(value)); }
    void bind(int place, std::string_view value);
    void bind(int place, const std::string& value) { bind(place, std::string_view{value}); }
    void bind(int place, const char* value) { bind(place, std::string_view{value}); }
    void bind(int place, TimePoint value) { bind(place, epochMillis(value)); }
    void bind(int place, Duration value) { bind(place, static_cast<std::int64_t>(value.count())); }
    void bind(int place, Ip4 value) { bind(place, value.value); }
    template <class T>
    void bind(int place, const std::optional<T>& value) {
        if (value) {
            bind(place, *value);
        } else {
            check(sqlite3_bind_null(statement_, place));
        }
    }

    sqlite3* connection_;
    sqlite3_stmt* statement_ = nullptr;
};

/// One connection: a Poco session with our pragmas. One thread at a time. Everything throws Poco exceptions, which
/// stop in sqlite_store.cpp.
class Database {
public:
    /// Opens or creates; `busyPatience` is how long a locked database is waited for.
    explicit Database(const std::string& path, Duration busyPatience = 5s);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    Poco::Data::Session& session() { return session_; }
    /// Kept for the life of the connection; `sql` is a literal, whose address is the key.
    SqlStatement& prepared(const char* sql);
    void execute(const std::string& script);  ///< one or more statements without values
    std::int64_t number(const std::string& query);
    std::string text(const std::string& query);
    bool isInTransaction() const { return sqlite3_get_autocommit(connection_) == 0; }
    std::int64_t lastInsertId() const { return sqlite3_last_insert_rowid(connection_); }
    int changedRows() const { return sqlite3_changes(connection_); }
    /// Nothing is copied from the log into the file when this connection closes; for a file that is not to be touched.
    void leaveFileAlone();

private:
    Poco::Data::Session session_;
    sqlite3* connection_;
    std::unordered_map<const char*, std::unique_ptr<SqlStatement>> kept_;
};

/// Error of a failed call, from the exception that is being handled; `what` is the first sentence. Only in a catch.
Error errorOfCurrentException(const std::string& what);

enum class FailureKind {
    Disk,     ///< the disk is full, read-only, damaged or locked: the same may work later
    Row,      ///< these values cannot be stored, now or later
    Damaged,  ///< the file is no sound database
};
FailureKind kindOfCurrentException();

}  // namespace causeway::store
