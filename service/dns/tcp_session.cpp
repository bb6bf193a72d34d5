#include "service/dns/tcp_session.h"

#include "shared/base/bytes.h"

namespace causeway::dns {

std::string_view TcpSession::framed(std::span<Byte> room, std::size_t size) const {
    room[0] = static_cast<Byte>(size >> 8);
    room[1] = static_cast<Byte>(size & 0xFFU);
    return textOf(room.first(size + 2));
}

std::string_view TcpSession::next(std::span<Byte> room, TimePoint now) {
    while (!isBroken_) {
        if (transfer_) {
            const auto size = transfer_->next(room.subspan(2), now);
            if (size != 0) return framed(room, size);
            transferred_(*transfer_);
            transfer_.reset();
        }
        const auto rest = std::string_view{input_}.substr(used_);
        const std::size_t size = rest.size() < 2 ? 0
                                                 : (std::size_t{static_cast<unsigned char>(rest[0])} << 8) |
                                                       static_cast<unsigned char>(rest[1]);
        if (rest.size() < 2 || rest.size() < size + 2) {
            input_.erase(0, used_);
            used_ = 0;
            // An idle connection holds no memory.
            if (input_.empty()) input_.shrink_to_fit();
            return {};
        }
        used_ += size + 2;
        const auto query = rest.substr(2, size);
        ++answered_;
        const Asker asker{peer_, Transport::Tcp, now};
        if (ZoneTransfer::isAsked(query)) {
            transfer_.emplace(query, asker, responder_.snapshots().keep());
            continue;
        }
        const auto answer = responder_.answer(query, asker, room.subspan(2));
        if (answer != 0) return framed(room, answer);
        isBroken_ = true;
    }
    return {};
}

}  // namespace causeway::dns
