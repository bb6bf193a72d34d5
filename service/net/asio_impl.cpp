// The one place that compiles Boost.Asio (BOOST_ASIO_SEPARATE_COMPILATION is set for the whole tree).
#include <boost/asio/impl/src.hpp>
