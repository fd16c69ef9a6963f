#include "csimdjson.h"

#include <algorithm>
#include <new>

#include <simdjson.h>

static_assert(CSIMDJSON_PADDING_BYTES >= simdjson::SIMDJSON_PADDING, "simdjson reads further than the header says");

struct csimdjson_parser {
    simdjson::dom::parser dom;
    // simdjson refuses at its limit, not above it.
    size_t depth_limit;
    size_t capacity_bytes = 0;

    explicit csimdjson_parser(size_t depth_max) noexcept : depth_limit(depth_max + 1) {}
};

namespace {

/// Buffers begin at this size, so that a process of many small documents stays small.
constexpr size_t capacity_bytes_initial = 64 * 1024;

/// Gives the parser and its document room for `count` bytes, doubling, so that growth is paid once per size.
bool grow(csimdjson_parser &parser, size_t count) noexcept {
    size_t capacity = std::max(parser.capacity_bytes, capacity_bytes_initial);
    while (capacity < count) { capacity *= 2; }
    // A partial failure leaves the capacity at zero, so that the next parse tries again instead of trusting it.
    parser.capacity_bytes = 0;
    if (parser.dom.allocate(capacity, parser.depth_limit) != simdjson::SUCCESS) { return false; }
    if (parser.dom.doc.allocate(capacity) != simdjson::SUCCESS) { return false; }
    parser.capacity_bytes = capacity;
    return true;
}

}  // namespace

extern "C" csimdjson_parser *csimdjson_parser_create(size_t depth_max) {
    csimdjson_parser *parser = new (std::nothrow) csimdjson_parser(depth_max);
    if (parser == nullptr) { return nullptr; }
    if (!grow(*parser, capacity_bytes_initial)) {
        delete parser;
        return nullptr;
    }
    return parser;
}

extern "C" void csimdjson_parser_destroy(csimdjson_parser *parser) { delete parser; }

extern "C" enum csimdjson_status csimdjson_parse(
    csimdjson_parser *parser, const uint8_t *bytes, size_t count, csimdjson_document *document) {
    if (count > parser->capacity_bytes && !grow(*parser, count)) { return csimdjson_out_of_memory; }
    // `false`: the caller vouches for the padding, so simdjson need not copy.
    const simdjson::error_code error = parser->dom.parse(bytes, count, false).error();
    if (error == simdjson::MEMALLOC) { return csimdjson_out_of_memory; }
    if (error != simdjson::SUCCESS) { return csimdjson_invalid; }
    document->tape = parser->dom.doc.tape.get();
    document->strings = parser->dom.doc.string_buf.get();
    document->structurals = parser->dom.implementation->structural_indexes.get();
    document->structurals_count = parser->dom.implementation->n_structural_indexes;
    return csimdjson_ok;
}

extern "C" size_t csimdjson_minify(const uint8_t *bytes, size_t count, uint8_t *target) {
    size_t written = 0;
    const simdjson::error_code error = simdjson::minify(
        reinterpret_cast<const char *>(bytes), count, reinterpret_cast<char *>(target), written);
    return error == simdjson::SUCCESS ? written : SIZE_MAX;
}
