#include "shared/proto/dns/wire_reader.h"

namespace causeway::dns {

namespace {

constexpr int kMaxPointers = 64;
constexpr unsigned kPointer = 0xC0;

unsigned byteOf(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}

}  // namespace

std::uint8_t WireReader::u8() {
    const auto bytes = in_.take(1);
    return bytes.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(bytes[0]);
}

std::uint16_t WireReader::u16() {
    const auto bytes = in_.take(2);
    if (bytes.empty()) return 0;
    return static_cast<std::uint16_t>((byteOf(bytes, 0) << 8) | byteOf(bytes, 1));
}

std::uint32_t WireReader::u32() {
    const std::uint32_t high = u16();
    return (high << 16) | u16();
}

Name WireReader::name() {
    const auto failed = [this] {
        fail();
        return Name{};
    };
    if (!ok()) return {};
    std::string wire;
    std::size_t at = position();
    std::size_t start = at;  // of the part that is being read
    std::size_t end = 0;     // behind the name where it stands; 0 = not yet known
    for (int pointers = 0;;) {
        if (at >= message_.size()) return failed();
        const auto length = byteOf(message_, at);
        if (length == 0) {
            if (end == 0) end = at + 1;
            break;
        }
        if ((length & kPointer) == kPointer) {
            if (at + 1 >= message_.size()) return failed();
            if (end == 0) end = at + 2;
            const std::size_t target = ((length & 0x3FU) << 8) | byteOf(message_, at + 1);
            if (target >= start || ++pointers > kMaxPointers) return failed();
            start = at = target;
            continue;
        }
        // One byte must remain for the root.
        if (length > kMaxLabel || length >= message_.size() - at || wire.size() + 1 + length >= kMaxName) {
            return failed();
        }
        wire += message_.substr(at, 1 + length);
        at += 1 + length;
    }
    wire += '\0';
    in_.take(end - position());
    return Name{std::move(wire)};
}

}  // namespace causeway::dns
