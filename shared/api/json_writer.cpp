#include "shared/api/json_writer.h"

#include <cmath>

#include "shared/base/text.h"

namespace causeway::api {

namespace {

/// Appends valid UTF-8 with what JSON wants escaped.
void appendEscaped(std::string& out, std::string_view text) {
    std::size_t plain = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
        out.append(text, plain, i - plain);
        plain = i + 1;
        switch (byte) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default: {
                constexpr std::string_view kDigits = "0123456789abcdef";
                out += "\\u00";
                out += kDigits[byte >> 4];
                out += kDigits[byte & 15];
            }
        }
    }
    out.append(text, plain);
}

bool isAscii(std::string_view text) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) >= 0x80) return false;
    }
    return true;
}

/// Two digits with a leading zero, without snprintf: five times are written for each user.
void putTwo(char* at, unsigned number) {
    at[0] = static_cast<char>('0' + number / 10 % 10);
    at[1] = static_cast<char>('0' + number % 10);
}

}  // namespace

void JsonWriter::key(std::string_view name) {
    comma();
    out_ += '"';
    out_ += name;
    out_ += "\":";
    needsComma_ = false;
}

void JsonWriter::value(std::string_view text) {
    comma();
    out_ += '"';
    if (isAscii(text) || isValidUtf8(text)) {
        appendEscaped(out_, text);
    } else {
        appendEscaped(out_, cleanUtf8(text));
    }
    out_ += '"';
}

void JsonWriter::value(bool flag) {
    comma();
    out_ += flag ? "true" : "false";
}

void JsonWriter::value(double number) {
    if (!std::isfinite(number)) {
        null();
        return;
    }
    comma();
    char digits[32];
    const auto [end, status] = std::to_chars(digits, digits + sizeof digits, number);
    static_cast<void>(status);
    out_.append(digits, end);
}

void JsonWriter::value(TimePoint when) {
    const auto day = std::chrono::floor<std::chrono::days>(when);
    const std::chrono::year_month_day date{day};
    const int year = static_cast<int>(date.year());
    if (year < 0 || year > 9999) {
        value(isoText(when));
        return;
    }
    const auto millis = static_cast<unsigned>((when - day).count());
    char text[] = "0000-00-00T00:00:00.000Z";
    putTwo(text, static_cast<unsigned>(year) / 100);
    putTwo(text + 2, static_cast<unsigned>(year) % 100);
    putTwo(text + 5, static_cast<unsigned>(date.month()));
    putTwo(text + 8, static_cast<unsigned>(date.day()));
    putTwo(text + 11, millis / 3'600'000);
    putTwo(text + 14, millis / 60'000 % 60);
    putTwo(text + 17, millis / 1000 % 60);
    text[20] = static_cast<char>('0' + millis / 100 % 10);
    putTwo(text + 21, millis % 100);
    comma();
    out_ += '"';
    out_.append(text, sizeof text - 1);
    out_ += '"';
}

void JsonWriter::null() {
    comma();
    out_ += "null";
}

void JsonWriter::raw(std::string_view json) {
    comma();
    out_ += json;
}

void JsonWriter::fieldOrNever(std::string_view name, TimePoint when) {
    key(name);
    if (when == TimePoint{}) {
        null();
    } else {
        value(when);
    }
}

void writeTexts(JsonWriter& out, std::string_view name, const std::vector<std::string>& texts) {
    out.key(name);
    out.beginArray();
    for (const auto& text : texts)
        out.value(text);
    out.endArray();
}

void writeCursor(JsonWriter& out, const std::string& next) {
    out.key("next");
    if (next.empty()) {
        out.null();
    } else {
        out.value(next);
    }
}

}  // namespace causeway::api
