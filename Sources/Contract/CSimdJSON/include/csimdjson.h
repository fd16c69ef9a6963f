// A C door to simdjson's DOM parser: one call per document, none per value.
//
// After a successful parse the caller walks simdjson's tape itself (its format is described in simdjson's
// doc/tape.md): 64-bit words whose top 8 bits are the type. No exception crosses this header.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// How many bytes behind a document's end must be readable. Their content does not matter.
#define CSIMDJSON_PADDING_BYTES 64

/// Why a call failed. Whether a document is valid is all the parser says; the reason is found elsewhere.
enum csimdjson_status {
    csimdjson_ok = 0,
    csimdjson_invalid = 1,
    csimdjson_out_of_memory = 2,
};

/// A parser with its buffers. Use it from one thread at a time.
typedef struct csimdjson_parser csimdjson_parser;

/// What a successful parse left behind. The memory belongs to the parser and is valid until its next parse.
typedef struct {
    /// Word 0 is the root mark, word 1 the first word of the document's value.
    const uint64_t *tape;
    /// Per string: its length as a 32-bit native integer, its bytes, and a zero byte.
    const uint8_t *strings;
    /// Offsets in the document of every bracket, comma and colon, and of the first byte of every scalar.
    const uint32_t *structurals;
    uint32_t structurals_count;
} csimdjson_document;

/// A parser for documents nested at most `depth_max` non-empty arrays and objects deep.
/// Its buffers start small and grow with the largest document seen. NULL when there is no memory.
csimdjson_parser *csimdjson_parser_create(size_t depth_max);

void csimdjson_parser_destroy(csimdjson_parser *parser);

/// Parses `count` bytes at `bytes`, which must be readable for CSIMDJSON_PADDING_BYTES more.
/// The caller keeps `count` between 1 and UINT32_MAX - 64. `document` is written only on success.
enum csimdjson_status csimdjson_parse(
    csimdjson_parser *parser, const uint8_t *bytes, size_t count, csimdjson_document *document);

/// Copies JSON text without its insignificant whitespace; `target` has room for `count` + CSIMDJSON_PADDING_BYTES.
/// The number of bytes written, or SIZE_MAX when a string of the text does not end.
size_t csimdjson_minify(const uint8_t *bytes, size_t count, uint8_t *target);

#ifdef __cplusplus
}
#endif
